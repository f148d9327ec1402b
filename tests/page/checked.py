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
    Scenario,
    System,
    Thread,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    perform,
    section,
    sometimes,
    step,
)
from locking.check import check
from locking.durations.costs import Cost, cost_of
from locking.durations.table import Duration, Durations
from locking.verdicts import Limits, Options, Report
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
