"""Runs to be told in every form: all failing cells of the default check, and small ones."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from locking import (
    Cell,
    Completion,
    Fairness,
    Model,
    Mutex,
    RwSem,
    System,
    Thread,
    assertions,
    atomic,
    catalogue,
    choose,
    deadlock_free,
    no_misuse,
    require,
    required,
    section,
    sometimes,
)
from locking.check import check
from locking.model import Case
from locking.models.memory_hotplug import MODEL
from locking.properties.explored import Property, Verdict
from locking.traces.path import decode_choices
from locking.traces.rerun import rerun
from locking.traces.shown_run import ShownRun


def shown(case: Case, verdicts: Sequence[Verdict] = (Verdict.FAILS,)) -> Iterator[ShownRun]:
    """The run of every property of a case that has one of these verdicts."""
    for result in check(case).results:
        if result.choices is not None and result.verdict in verdicts:
            yield rerun(case, result.claim.name, result.choices)


def cases(model: Model) -> Iterator[Case]:
    """Every case of a model, at its default scope."""
    for placement in model.placements or (None,):
        for scenario in model.scenarios:
            yield model.case(scenario, placement)


def of_system(
    system: System,
    choices: str | Sequence[tuple[int, int]],
    name: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> ShownRun:
    """The run of `choices`, which must show the property called `name`, or the first one."""
    case = Model("system", "", lambda _: system, notes=notes or {}).case("only", None)
    taken = decode_choices("", choices) if isinstance(choices, str) else choices
    return rerun(case, name or system.properties[0].name, taken)


@cache
def failing_cells() -> list[ShownRun]:
    """The run of every failing cell of the default check."""
    return [told for case in cases(MODEL) for told in shown(case)]


@cache
def textbook() -> list[ShownRun]:
    """Every run that the textbook models show, the witnesses too."""
    models = [
        catalogue.model(name) for name in catalogue.model_names() if name.startswith("textbook.")
    ]
    both = (Verdict.FAILS, Verdict.HOLDS)
    return [told for model in models for case in cases(model) for told in shown(case, both)]


x = Cell("x", 0)
done = Completion("done")
a, b, c = Mutex("a"), Mutex("b"), Mutex("c")
fair, passing = RwSem("fair", Fairness.FIFO), RwSem("passing")


def one(property_: Property, *threads: Thread, objects: Sequence[object] = ()) -> ShownRun:
    """The run that a small system shows of a property."""
    system = System([x, done, a, b, c, fair, passing, *objects], threads, [property_])
    case = Model("small", "", lambda _: system).case("only", None)
    [told] = [run for run in shown(case, [*Verdict]) if run.claim is property_]
    return told


async def configure() -> None:
    """A choice and a write in an atomic block, within sections that end and begin in it."""
    async with section("outer"):
        async with section("configure"), atomic():
            size = await choose(4, None, -4)
            await x.write(size)
            async with section("late"):
                await x.read()
        seen = await x.read()
        assert seen is not None and seen > 0


async def go_on() -> None:
    """A requirement that is not met, after which the thread goes on."""
    seen = await x.read()
    require(seen == 1, "one", stop=False, seen=seen)
    await x.write(2)


async def unlock() -> None:
    """The misuse of a lock."""
    await a.mutex_unlock()


async def twice() -> None:
    """A lock that is taken again, a misuse as well."""
    async with a.hold(), a.hold():
        pass


async def take(*locks: Mutex) -> None:
    """Locks in an order."""
    async with locks[0].hold(), locks[1].hold():
        await x.read()


async def under(how: str) -> None:
    """A mutex under a semaphore."""
    async with getattr(passing, how)(), a.hold():
        pass


async def over(how: str) -> None:
    """A semaphore under a mutex."""
    async with a.hold(), getattr(passing, how)():
        pass


async def read_fairly() -> None:
    """A semaphore for reading, twice."""
    async with fair.read(), fair.read():
        pass


async def write_fairly() -> None:
    """A semaphore for writing."""
    async with fair.write():
        pass


async def wait_under_lock() -> None:
    """A completion that is waited for with a lock held."""
    async with a.hold():
        await done.wait_for_completion()


async def try_second() -> None:
    """Two locks the wrong way round, the second only if it is free."""
    async with b.hold():
        if await a.mutex_trylock():
            await a.mutex_unlock()


async def wait() -> None:
    """A completion that is waited for from the start."""
    await done.wait_for_completion()


async def complete() -> None:
    """The other side."""
    await done.complete()


async def complete_under_lock() -> None:
    """The other side, which needs the same lock."""
    async with a.hold():
        await done.complete()


@cache
def small() -> dict[str, ShownRun]:
    """A run of each kind that the models have none of."""
    ended = sometimes("end", lambda s: s.finished, "all end")
    ab, ba, bc, ca = ((a, b), (b, a), (b, c), (c, a))
    both_read = [Thread("one", under, ("read",)), Thread("two", over, ("read",))]
    one_writes = [Thread("one", under, ("read",)), Thread("two", over, ("write",))]
    return {
        "atomic": one(assertions(), Thread("chooser", configure)),
        "requirement": one(required("one"), Thread("reader", go_on), Thread("other", go_on)),
        "misuse": one(no_misuse(), Thread("thief", unlock)),
        "twice": one(no_misuse(), Thread("taker", twice)),
        "three": one(
            deadlock_free(),
            *(Thread(n, take, pair) for n, pair in zip("pqr", (ab, bc, ca), strict=True)),
        ),
        "ends well": one(ended, Thread("one", take, ab), Thread("two", take, ba)),
        "queue": one(deadlock_free(), Thread("r", read_fairly), Thread("w", write_fairly)),
        "completion": one(
            deadlock_free(), Thread("w", wait_under_lock), Thread("c", complete_under_lock)
        ),
        "trylock": one(ended, Thread("one", take, ab), Thread("two", try_second)),
        "readers": one(ended, *both_read),
        "writer": one(ended, *one_writes),
        "deadlock": one(deadlock_free(), *one_writes),
        "at once": one(ended, Thread("w", wait), Thread("c", complete)),
        "no step": one(sometimes("now", lambda s: s[x] == 0), Thread("idle", go_on)),
    }
