"""Checks whose pages are tested: of a toy with placements, of small systems, of hostile names."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from locking import (
    Cell,
    Model,
    Mutex,
    PercpuRwSem,
    Placement,
    RwSem,
    Scenario,
    System,
    Thread,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    never,
    perform,
    section,
    sometimes,
    step,
)
from locking.check import check
from locking.durations.costs import Cost, cost_of
from locking.durations.table import Duration, Durations
from locking.explore.graph import Choice
from locking.models.textbook.livelock import MODEL as LIVELOCK
from locking.properties.explored import Verdict
from locking.system import called
from locking.traces.replay import replay
from locking.traces.rerun import shown_by
from locking.verdicts import Limits, Options, Report, Result
from tests.studies.toy import MODEL

HOSTILE = (
    "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
    "<!-- & \" ' {{style}} \u2028\x1b[31m\u202e\x00"
)
"""A text that would break a page which takes it for anything but text; a name has what shows."""

PRINTABLE = "".join(filter(str.isprintable, HOSTILE))
"""What a name can have of it."""


@cache
def toy(limit: int | None = None) -> tuple[Report, ...]:
    """The toy's whole check, or as much as so many states let it see."""
    options = Options(limits=Limits(states=limit))
    return tuple(
        check(MODEL.case(scenario, placement), options=options)
        for placement in MODEL.placements
        for scenario in MODEL.scenarios
    )


def small(system: System, name: str = "small") -> tuple[Report]:
    """The check of one system."""
    return (check(Model(name, "", lambda _: system).case("only", None)),)


def abba() -> tuple[Report]:
    """Two locks, taken in two orders."""
    one, other = Mutex("one"), Mutex("other")

    async def both(first: Mutex, second: Mutex) -> None:
        async with first.hold(), second.hold():
            pass

    threads = [Thread("a", both, (one, other)), Thread("b", both, (other, one))]
    return small(System([one, other], threads, [deadlock_free()]), "abba")


def told(
    system: System, name: str, choices: Sequence[Choice], model: str = "told"
) -> tuple[Report]:
    """The report of a run that shows the property called `name`, without a search for it."""
    case = Model(model, "", lambda _: system).case("only", None)
    claim = called(system, name)
    trace = replay(system.product(), choices)
    again = shown_by(case, claim, choices, trace)
    assert again
    shown = Verdict.HOLDS if claim.wanted else Verdict.FAILS
    result = Result(claim, shown, None, choices=tuple(choices), path=again.path)
    return (Report(case, (result,), 1, 1, 1, 1, None, "reference", 0.0, None, frozenset()),)


def ring(threads: int) -> tuple[Report]:
    """Threads, each of which has its own lock and waits for that of the next."""
    locks = [Mutex(f"fork[{number}]") for number in range(threads)]

    async def both(first: Mutex, second: Mutex) -> None:
        async with first.hold(), second.hold():
            pass

    users = [
        Thread(f"philosopher-{number}", both, (locks[number], locks[(number + 1) % threads]))
        for number in range(threads)
    ]
    system = System(locks, users, [deadlock_free()])
    return told(system, "deadlock-free", [(number, 0) for number in range(threads)], "ring")


def readers(threads: int) -> tuple[Report]:
    """Readers that hold a lock and wait for a mutex, whose holder waits to write."""
    lock, mutex = RwSem("lock"), Mutex("mutex")

    async def read() -> None:
        async with lock.read(), mutex.hold():
            pass

    async def write() -> None:
        async with mutex.hold(), lock.write():
            pass

    users = [*(Thread(f"reader-{number}", read) for number in range(threads)), Thread("w", write)]
    system = System([lock, mutex], users, [deadlock_free()])
    steps = range(threads + 1)
    return told(system, "deadlock-free", [(each, 0) for each in steps], "readers")


def named_long() -> tuple[Report]:
    """A deadlock of threads with names that a narrow column has no room for."""
    lock, inner = RwSem("journal_lock"), Mutex("mutex")

    async def read() -> None:
        async with lock.read(), inner.hold():
            pass

    async def checkpoint() -> None:
        async with inner.hold(), lock.write():
            pass

    users = [Thread(f"commit-handle-{number}", read) for number in range(3)]
    system = System([lock, inner], [*users, Thread("checkpoint", checkpoint)], [deadlock_free()])
    return told(system, "deadlock-free", [(each, 0) for each in range(4)], "journal")


def crowded(threads: int, steps: int) -> tuple[Report]:
    """A run of many threads, each of which takes many steps, and one turn after the other."""
    count = Cell("count", 0)

    async def work() -> None:
        for number in range(steps):
            await count.WRITE_ONCE(number)

    users = [Thread(f"worker-{number}", work) for number in range(threads)]
    claims = [never("last", lambda s: s[count] == steps - 1, "the last is not written")]
    turns = [thread for _ in range(steps // 2 - 1) for thread in range(threads) for _ in "ab"]
    return told(
        System([count], users, claims), "last", [(each, 0) for each in [*turns, 0, 0]], "crowded"
    )


def many(properties: int) -> tuple[Report]:
    """Properties of which every second one fails, which nobody expects."""
    x = Cell("x", 0)

    async def work() -> None:
        await x.write(1)

    claims = [
        at_end(f"way-{number:03}", lambda s, odd=number % 2: s[x] != odd, "x is not odd")
        for number in range(properties)
    ]
    return small(System([x], [Thread("a", work), Thread("b", work)], claims), "many")


def livelock() -> tuple[Report]:
    """A run that never ends: two threads take and give back, in step with each other."""
    return (check(LIVELOCK.case("only", None)),)


def block() -> tuple[Report]:
    """A run with an atomic block of two operations, which a witness shows."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def work() -> None:
        async with atomic():
            await x.write(1)
            await y.write(2)
        await x.write(3)

    return small(System([x, y], [Thread("a", work)], [sometimes("seen", lambda s: s[x] == 3)]))


def long(steps: int) -> tuple[Report]:
    """A failing run of about so many steps."""
    lock, count = Mutex("lock"), Cell("count", 0)

    async def work() -> None:
        for number in range(steps // 3):
            async with lock.hold():
                await count.write(number)

    async def look() -> None:
        await count.READ_ONCE()

    claims = [at_end("never", lambda s: s[count] < 0, "it never ends")]
    return small(System([lock, count], [Thread("a", work), Thread("b", look)], claims), "long")


def hostile() -> tuple[Report, ...]:
    """A check in which everything that has a name has a hostile one, and every text."""
    name, text = PRINTABLE, HOSTILE
    lock, cell = Mutex(f"lock {name}"), Cell(f"cell {name}", text)

    async def add(_: Any) -> None:
        async with section(f"section {name}"):
            await cell.read()
            await cell.write(f"new {text}")

    work = step(f"step {name}", kernel=text)(add)
    placements = (
        Placement(f"bare {name}", about=text, worker=[work]),
        Placement(f"held {name}", about=text, worker=[lock.hold(work)]),
    )

    def build(case: Any) -> System:
        trees = case.placement.roles["worker"]
        threads = [Thread(f"{who} {name}", perform, (trees, None)) for who in "ab"]
        return System([lock, cell], threads, [data_race_free(f"race {name}")])

    scenarios = (Scenario(f"one {name}", text), Scenario(f"two {name}", text))
    model = Model(
        name,
        text,
        build,
        scenarios=scenarios,
        placements=placements,
        steps={"worker": (work,)},
        notes={f"section {name}": text, f"step {name}": text},
    )
    return tuple(
        check(model.case(scenario, placement)) for placement in placements for scenario in scenarios
    )


def runs(shown: Any) -> Sequence[Any]:
    """The results of a document that have a run."""
    return [result for result in shown["results"] if "run" in result]


def costs(name: str = "") -> list[Cost]:
    """The costs of a lock that two threads work under, one of which rests at its end.

    `name` is part of every name.
    """
    lock, cell = PercpuRwSem(f"lock{name}"), Cell(f"cell{name}", 0)

    async def work() -> None:
        async with lock.write(), section(f"work{name}"):
            await cell.READ_ONCE()

    async def rest() -> None:
        await work()
        async with section(f"rest{name}"):
            await cell.READ_ONCE()

    def build(_: Any) -> System:
        threads = [Thread(f"a{name}", work), Thread(f"b{name}", rest)]
        return System([lock, cell], threads, [])

    taken = (Duration(f"work{name}", Fraction(3)), Duration(f"rest{name}", Fraction(1, 2)))
    durations = Durations({each.step: each for each in taken})
    model = Model("costly", name, build)
    return [cost_of(model.case("only", None), durations)]
