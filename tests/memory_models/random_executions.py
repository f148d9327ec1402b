"""Random candidate executions of small programs in the vocabulary of the Linux-kernel model.

Each location is coherent by itself: its accesses are taken one after the other, in some merging of
the orders of its threads. Locations are merged apart, so all else may be out of order.
"""

from random import Random

from locking.memory_models.candidate import Candidate
from tests.memory_models.executions import execution

FENCES = (
    *("Mb", "Mb", "Rmb", "Wmb", "Barrier", "Before-atomic", "After-atomic", "After-spinlock"),
    *("After-unlock-lock", "After-srcu-read-unlock", "Sync-rcu", "Sync-rcu"),
)
MARKED = (("Once", "Acquire"), ("Once", "Release"))
MIXED = (("Once", "Acquire", ""), ("Once", "Release", ""))
"""Tags of reads and of writes; what has none is plain."""

Unit = list[str]
"""Events of one location that nothing comes between, such as a read-modify-write."""


class Program:
    """The events of threads, and what relates them, drawn one by one."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.reads, self.writes = random.choice((MARKED, MIXED))
        self.places = random.choice(("xy", "xyz"))
        self.units: dict[str, list[list[Unit]]] = {}
        self.related: dict[str, list[str]] = {"addr": [], "data": [], "ctrl": [], "rmw": []}
        self.count = 0

    def thread(self, events: int) -> str:
        """The events of a thread."""
        for threads in self.units.values():
            threads.append([])
        said: list[str] = []
        reads: list[str] = []
        while len(said) < events:
            said += self.some_events(reads)
            if self.random.random() < 0.5:
                said.append(f"{self.label()} F {self.random.choice(FENCES)}")
        return "; ".join(said)

    def some_events(self, reads: list[str]) -> list[str]:
        """One event, or those of a read-modify-write or a section."""
        random = self.random
        form, place = random.randrange(14), random.choice(self.places)
        if form < 4:
            return [self.read(place, random.choice(self.reads), reads)]
        if form < 7:
            return [self.write(place, random.choice(self.writes), reads)]
        if form < 9:
            return [f"{self.label()} F {random.choice(FENCES)}"]
        if form == 9:
            tag = random.choice(("Once", "Acquire", "Noreturn"))
            return self.pair(place, f"R RMW {tag}", f"W RMW {random.choice(('Once', 'Release'))}")
        if form < 11:
            return self.section(reads, "F Rcu-lock", "F Rcu-unlock")
        if form == 11:
            return [f"{self.label()} SRCU Sync-srcu @s"]
        return self.spinlock(reads) if form == 12 else self.srcu(reads)

    def label(self) -> str:
        """A new label."""
        self.count += 1
        return f"e{self.count}"

    def event(self, place: str, tags: str) -> str:
        """An access that is a unit of its own."""
        said = f"{self.label()} {tags} @{place}"
        self.at(place).append([said])
        return said

    def at(self, place: str) -> list[Unit]:
        """The units of this thread at a location."""
        return self.units.setdefault(place, [[]])[-1]

    def read(self, place: str, tag: str, reads: list[str]) -> str:
        """A read, perhaps at an address that another read gave."""
        said = self.event(place, f"R {tag}")
        if reads and self.random.random() < 0.3:
            self.related["addr"].append(f"{self.random.choice(reads)} {said.split()[0]}")
        reads.append(said.split()[0])
        return said

    def write(self, place: str, tag: str, reads: list[str]) -> str:
        """A write, perhaps dependent on a read."""
        said = self.event(place, f"W {tag}")
        if reads and self.random.random() < 0.5:
            kind = self.random.choice(("addr", "data", "ctrl"))
            self.related[kind].append(f"{self.random.choice(reads)} {said.split()[0]}")
        return said

    def pair(self, place: str, first: str, second: str) -> list[str]:
        """A read-modify-write."""
        said = [f"{self.label()} {tags} @{place}" for tags in (first, second)]
        self.at(place).append(list(said))
        self.related["rmw"].append(" ".join(each.split()[0] for each in said))
        return said

    def section(self, reads: list[str], begin: str, end: str) -> list[str]:
        """Two accesses with fences round them."""
        inside = [
            self.read(self.random.choice(self.places), "Once", reads),
            self.write(self.random.choice(self.places), "Once", reads)
            if self.random.random() < 0.5
            else self.read(self.random.choice(self.places), "Once", reads),
        ]
        return [f"{self.label()} {begin}", *inside, f"{self.label()} {end}"]

    def spinlock(self, reads: list[str]) -> list[str]:
        """A critical section, which is one unit of its lock."""
        taken = self.pair("l", "R LKR", "W LKW")
        inside = self.read(self.random.choice(self.places), self.reads[-1], reads)
        last = f"{self.label()} W UL @l"
        self.at("l")[-1].append(last)
        return [*taken, inside, last]

    def srcu(self, reads: list[str]) -> list[str]:
        """A section of SRCU."""
        first = self.event("s", "R Srcu-lock")
        inside = self.read(self.random.choice(self.places), "Once", reads)
        last = self.event("s", "W Srcu-unlock")
        self.related["data"].append(f"{first.split()[0]} {last.split()[0]}")
        return [first, inside, last]

    def merged(self, place: str) -> list[str]:
        """The accesses of a location in some order that keeps those of its threads."""
        queues = [[*units] for units in self.units[place] if units]
        said: list[str] = []
        while queues:
            queue = self.random.choice(queues)
            said += queue.pop(0)
            queues = [each for each in queues if each]
        return said


def random_execution(seed: int) -> Candidate:
    """A candidate of two to four threads."""
    random = Random(seed)
    program = Program(random)
    threads = [program.thread(random.randint(2, 6)) for _ in range(random.randint(2, 4))]
    seen, orders = [], []
    for place in program.units:
        last, order = place, []
        for label, kind, *_ in map(str.split, program.merged(place)):
            if kind == "W":
                last = label
                order.append(label)
            else:
                seen.append(f"{last} {label}")
        orders += [" ".join(order)] if order else []
    related = {name: ", ".join(pairs) for name, pairs in program.related.items()}
    return execution(*threads, rf=", ".join(seen), co=", ".join(orders), **related)[0]
