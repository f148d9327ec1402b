"""What a running kernel has seen of its locks: /proc/lockdep, /proc/lockdep_chains, and reports.

Kernel: l_show(), lc_show() and print_name(), kernel/locking/lockdep_proc.c; get_usage_chars() and
print_lock_name(), kernel/locking/lockdep.c; v6.12. /proc/lockdep begins with a headline. Each class
of locks has a line, with its key, counts, usage and name, and below it a line for each class that
was taken next while one of it was held. /proc/lockdep_chains has the classes that a task or a
handler held at once, outermost first, one chain after another; one that was had by a trylock is
there too. In the log a report names classes with their usage, as `(name){+.+.}-{3:3}`, and those of
a cycle with their numbers.

Left out: of the usage, that of contexts other than hard and soft interrupts; wait types.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from locking.errors import UsageError

LOCKDEP, CHAINS = "all lock classes:", "all lock chains:"
"""The first lines of the two files."""

CLASS = re.compile(
    r"\S+( OPS:\s*\d+)?( FD:\s*\d+)?( BD:\s*\d+)? (?P<usage>[-+?.]+): (?P<name>.*\S)\s*"
)
NEXT = re.compile(r" -> \[\S+\] (?P<name>.*\S)\s*")
CONTEXT = re.compile(r"irq_context: (?P<context>0|hardirq|softirq|hardirq\|softirq)\s*")
LINK = re.compile(r"\[\S+\] (?P<name>.*\S)\s*")
REPORTED = re.compile(r"\((?P<name>\S.*?)\)\{(?P<usage>[-+?.]{4,})\}")
IN_CYCLE = re.compile(r"-> #(?P<number>\d+) \((?P<name>\S.*?)\)\{[-+?.]{4,}\}")

COLUMNS = ("HARDIRQ-W", "HARDIRQ-R", "SOFTIRQ-W", "SOFTIRQ-R")
"""What the four signs of a usage are about, in their order."""


@dataclass
class KernelLocks:
    """What a file of a kernel says of classes of locks, by name.

    `taken_next` are the direct successors of each. `usages` are how each was used, as lockdep names
    it: `IN-HARDIRQ-W`, `SOFTIRQ-ON-R`. Without `modes` the file does not say whether that was for
    writing, and has only what is used in handlers: `IN-HARDIRQ`.
    """

    taken_next: dict[str, set[str]] = field(default_factory=dict)
    usages: dict[str, set[str]] = field(default_factory=dict)
    modes: bool = True

    def add(self, name: str, usages: Iterable[str] = ()) -> None:
        """Know a class, and that it is used so."""
        self.taken_next.setdefault(name, set())
        self.usages.setdefault(name, set()).update(usages)

    def follow(self, outer: str, inner: str) -> None:
        """Know that one class was taken while another was held."""
        self.add(outer)
        self.add(inner)
        self.taken_next[outer].add(inner)


def read_kernel_locks(text: str, file: str) -> KernelLocks:
    """What a copy of /proc/lockdep or of /proc/lockdep_chains says, or a log with a report.

    Errors: `UsageError`, with the line, for what such a file does not have.
    """
    first = (text.splitlines() or [""])[0].strip()
    if first == LOCKDEP:
        return read_lockdep(text, file)
    if first.removeprefix("(buggered) ") == CHAINS:
        return read_chains(text, file)
    if REPORTED.search(text):
        return read_report(text)
    raise UsageError(
        f"{file}, line 1: a copy of /proc/lockdep begins with {LOCKDEP!r}, one of "
        f"/proc/lockdep_chains with {CHAINS!r}, and a report names locks as in "
        f"'(name){{+.+.}}-{{3:3}}'; a kernel with CONFIG_PROVE_LOCKING has these"
    )


def read_lockdep(text: str, file: str) -> KernelLocks:
    """What a /proc/lockdep says. Errors: `UsageError`, with the line."""
    found = KernelLocks()
    last = ""
    for number, line in enumerate(text.splitlines()[1:], 2):
        follows, of_class = NEXT.fullmatch(line), CLASS.fullmatch(line)
        if follows and last:
            found.follow(last, follows["name"])
        elif of_class and not follows:
            last = of_class["name"]
            found.add(last, marks_of(of_class["usage"]))
        elif line.strip():
            raise UsageError(
                f"{file}, line {number}: {line.strip()[:60]!r} is neither a class, such as "
                f"'ffffffff81000000 FD:    1 BD:    1 +.+.: name', nor, below one, ' -> [key] name'"
            )
    return found


def read_chains(text: str, file: str) -> KernelLocks:
    """What a /proc/lockdep_chains says. Errors: `UsageError`, with the line."""
    found = KernelLocks(modes=False)
    context, last = None, ""
    for number, line in enumerate(text.splitlines()[1:], 2):
        begins, link = CONTEXT.fullmatch(line), LINK.fullmatch(line)
        if begins:
            context, last = begins["context"], ""
        elif link and context is not None:
            name = link["name"]
            found.add(name, (f"IN-{each.upper()}" for each in context.split("|") if each != "0"))
            if last:
                found.follow(last, name)
            last = name
        elif line.strip():
            raise UsageError(
                f"{file}, line {number}: {line.strip()[:60]!r} is neither 'irq_context: 0', nor, "
                f"below one, a class, such as '[ffffffff81000000] name'"
            )
    return found


def read_report(text: str) -> KernelLocks:
    """What the reports in a log say: usages, and the order that goes round in a cycle.

    Of a cycle, each was taken while that of the next lower number was held, and the lowest while
    that of the highest was.
    """
    found = KernelLocks()
    for each in REPORTED.finditer(text):
        found.add(each["name"], marks_of(each["usage"]))
    cycle: list[str] = []
    for link in IN_CYCLE.finditer(text):
        cycle.append(link["name"])
        if int(link["number"]) == 0:
            for inner, outer in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
                found.follow(outer, inner)
            cycle = []
    return found


def marks_of(usage: str) -> Iterator[str]:
    """What four signs stand for: `-` is in a handler, `+` with handlers let in, `?` is both."""
    for sign, column in zip(usage, COLUMNS, strict=False):
        context, _, mode = column.partition("-")
        if sign in "-?":
            yield f"IN-{context}-{mode}"
        if sign in "+?":
            yield f"{context}-ON-{mode}"
