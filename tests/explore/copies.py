"""Random systems of copies: threads of one program, some with cells of their own, some with names.

And the comparison: under every reduction, all that is said of a system is what is said without.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from locking import Cell, Fairness, System, Thread, at_end, forever, never, retry, sometimes
from locking.check import check
from locking.errors import LockingError
from locking.model import Case
from locking.verdicts import Options, Report
from tests.explore.compare import case_of
from tests.explore.systems import (
    FAIRNESS,
    MODES,
    TRIES,
    Instruction,
    Objects,
    claims,
    cut,
    execute,
    programs,
)

REDUCED = ("symmetry", "partial-order", "all")

CELLS = st.sampled_from(["x", "y", "own", "own"])

PLAIN = st.one_of(
    st.tuples(st.just("read"), CELLS),
    st.tuples(st.just("write"), CELLS, st.sampled_from([0, 1, 2])),
    st.tuples(st.just("write"), CELLS, st.sampled_from([0, 1, 2])),
    st.tuples(st.just("store"), CELLS, st.sampled_from([0, 1])),
    st.tuples(st.just("copy"), CELLS),
    st.tuples(st.just("choose"), st.sampled_from([(0, 1), (1, 2)])),
    st.just(("inc",)),
    st.tuples(st.just("raw"), MODES, st.sampled_from([0, 1, 2])),
)


def nested(inner: st.SearchStrategy[Instruction]) -> st.SearchStrategy[Instruction]:
    """Instructions with a body."""
    body = st.lists(inner, max_size=2).map(tuple)
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.tuples(st.just("hold"), MODES, some),
        st.tuples(st.just("hold"), MODES, some),
        st.tuples(st.just("downgrade"), body, body),
        st.tuples(st.just("try"), TRIES, body, body),
        st.tuples(st.just("section"), st.sampled_from("pq"), some),
        st.tuples(st.just("atomic"), some),
        st.tuples(st.just("if"), st.sampled_from([0, 1]), body, body),
    )


LOOPS = st.sampled_from(["", "poll x", "poll own", "spin x", "spin own", "spin own"])

PROGRAMS = st.lists(st.recursive(PLAIN, nested, max_leaves=4), min_size=1, max_size=3).map(tuple)


class Mine(Objects):
    """What the threads share, and a cell that only one of them uses."""

    def __init__(self, shared: Objects, own: Cell) -> None:
        self.__dict__.update(vars(shared))
        self.own = own


async def work(items: tuple[Instruction, ...], o: Mine, last: Any, loop: str) -> None:
    """A thread, which may first wait for a cell, or at last read one for ever."""
    if loop.startswith("poll"):
        cell = getattr(o, loop.removeprefix("poll "))

        async def attempt() -> int | None:
            return await cell.READ_ONCE() or None

        await retry(attempt)
    await execute(items, o, last)
    if loop.startswith("spin"):
        await forever(getattr(o, loop.removeprefix("spin ")).READ_ONCE)


@dataclass(frozen=True)
class Crowd:
    """For every program, how many threads run it; `named` threads know their names.

    All threads use one cell as their own if `common`. `loops` says what thread does what for ever.
    """

    programs: tuple[tuple[Instruction, ...], ...]
    fairness: Fairness
    named: bool
    common: bool
    daemon: bool
    loops: tuple[str, ...]

    def build(self) -> tuple[System, None]:
        """The system."""
        o = Objects(self.fairness)
        own = [Cell(f"own-{at}", 0) for at in range(len(self.programs))]
        threads = []
        for at, items in enumerate(self.programs):
            cell = own[0 if self.common else at]
            last = "tuvw"[at] if self.named else 0
            daemon = self.daemon and items == self.programs[-1]
            threads.append(
                Thread("tuvw"[at], work, (items, Mine(o, cell), last, self.loops[at]), daemon)
            )
        properties = [
            each for each in claims(o)[0] if not self.named or each.name not in ("x-not-y", "end-a")
        ]
        properties += [
            never("own-first", lambda s: s[own[0]] == 1),
            never("any-own", lambda s: any(s[each] == 1 and s.inside("p") for each in own)),
            sometimes("t-inside", lambda s: "t" in s.inside("p") and "u" not in s.inside("p")),
            sometimes("t-signs", lambda s: s[o.x] == "t"),
            never("next", lambda s: bool(s.about_to(own[-1], "write")) and s[o.x] != 0),
            at_end("own-at-end", lambda s: s[own[0]] == s[own[-1]]),
        ]
        return System((*o.all, *own), threads, properties), None


@st.composite
def crowds(draw: Any) -> Crowd:
    """Two to four threads, most of them copies."""
    counts = draw(st.sampled_from([(2,), (2,), (3,), (3,), (2, 1), (1, 2), (2, 2), (4,)]))
    threads = [items for count in counts for items in [draw(PROGRAMS)] * count]
    short = cut(threads)
    if len(set(short)) > len(counts):  # cutting has made copies differ
        short = tuple(min(short, key=len) for _ in short)
    return Crowd(
        short,
        draw(FAIRNESS),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([False, False, False, True])),
        loops_of(draw, short),
    )


def loops_of(draw: Any, threads: Sequence[Any]) -> tuple[str, ...]:
    """The loop of every thread: none, mostly; copies have the same."""
    if draw(st.integers(0, 3)):
        return ("",) * len(threads)
    loops = {items: draw(LOOPS) for items in dict.fromkeys(threads)}
    return tuple(loops[items] for items in threads)


SYSTEMS = crowds() | crowds() | programs()


def outcome(case: Case, reduction: str) -> Report | type[LockingError]:
    """The report, or the kind of the error that the model is refused with."""
    try:
        return check(case, (), Options(engine="reference", reduction=reduction))
    except LockingError as error:
        return type(error)


def differences(recipe: Any, reductions: Iterable[str] = REDUCED) -> list[str]:
    """What is said otherwise of a system under a reduction: empty, unless there is a mistake."""
    return compared(case_of(recipe.build()[0]), reductions)


def compared(case: Case, reductions: Iterable[str]) -> list[str]:
    """What is said otherwise of a case under `reductions`."""
    plain = outcome(case, "merge")
    found = []
    for reduction in reductions:
        reduced = outcome(case, reduction)
        if isinstance(plain, Report) and isinstance(reduced, Report):
            found += [f"{reduction}: {each}" for each in told_otherwise(plain, reduced)]
        elif plain != reduced:
            found.append(f"{reduction}: {reduced} for {plain}")
    return found


def told_otherwise(plain: Report, reduced: Report) -> Iterator[str]:
    """What one report says and the other does not, but for states and transitions."""
    if len(plain.results) != len(reduced.results):  # failures that only one has seen
        yield "results"
        return
    for one, other in zip(plain.results, reduced.results, strict=True):
        for what in ("verdict", "at_once", "choices", "cause"):
            if getattr(one, what) != getattr(other, what):
                yield f"{what} of {one.claim.name}"
    if reduced.lines != plain.lines:
        yield "lines"
    if reduced.counted and (plain.interleavings, plain.depth) != (
        reduced.interleavings,
        reduced.depth,
    ):
        yield "interleavings or depth"
