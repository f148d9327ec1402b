"""A thread is never run for ever: what stops it, where, and what is left alone."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Object,
    Outcome,
    Thread,
    Verdict,
    at_end,
    atomic,
    choose,
    never,
    operation,
    require,
    required,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.model import Model, System
from locking.programs import guard
from locking.programs.guard import Runaway, guarded, limited
from locking.programs.run import Run
from locking.report.sentences import diagnosis
from locking.verdicts import Options
from tests.systems import report, threads

x, y, seen = Cell("x", 0), Cell("y", 0), Cell("seen", 0)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limit is reached soon."""
    monkeypatch.setattr(guard, "LIMIT", 0.1)
    yield
    assert guard.watchdog.running is None


async def loops() -> None:
    await x.read()
    while True:
        pass


async def loops_at_once() -> None:
    while True:
        pass


async def grows() -> None:
    kept = []
    for each in count():
        kept.append(each)


async def replaces() -> None:
    try:
        while True:
            pass
    finally:
        raise ValueError("another")


async def awaits_on_the_way_out() -> None:
    try:
        while True:
            pass
    finally:
        await x.read()


async def calls() -> None:
    sum(iter(lambda: 1, 2))


@pytest.mark.parametrize(
    "program", [loops, loops_at_once, grows, replaces, calls], ids=lambda each: each.__name__
)
def test_a_thread_that_runs_on_is_stopped_with_its_line(program: Any) -> None:
    with pytest.raises(ModelError) as raised:
        report([x], threads(program))
    text = str(raised.value)
    assert "thread a ran for more than 0.1 seconds of processor time without an await, at " in text
    assert __file__ in text
    first = program.__code__.co_firstlineno
    where = int(re.findall(r"py:(\d+)", text)[-1])
    assert first < where < first + 7


def test_a_thread_that_awaits_when_it_is_stopped_is_stopped_all_the_same() -> None:
    with pytest.raises(ModelError, match="thread a ran for more than"):
        report([x], threads(awaits_on_the_way_out))


def test_code_that_swallows_it_once_is_stopped_all_the_same() -> None:
    def once() -> str:
        with suppress(BaseException):
            while True:
                pass
        return "done"

    with pytest.raises(Runaway):
        guarded(once)


def wait_until(end: float) -> None:
    """Use the processor until then."""
    while time.thread_time() < end:
        pass


def test_nothing_is_raised_once_the_stretch_has_ended() -> None:
    """Stretches that end at about the limit are stopped in themselves or not at all."""
    with limited(0.01):
        for _ in range(50):
            until = time.thread_time() + 0.02
            with suppress(Runaway):
                guarded(
                    lambda until=until: [0 for _ in iter(lambda: time.thread_time() < until, False)]
                )
    for _ in range(100_000):
        pass


TRACED_AFTERWARDS = """
import sys
from locking.programs.guard import Runaway, guarded, limited

def loops():
    while True:
        pass

try:
    with limited(0.1):
        guarded(loops)
except Runaway:
    sys.settrace(lambda *_: None)
    (lambda: None)()
    sys.settrace(None)
    print("went on")
"""


def test_what_runs_after_a_stretch_that_was_stopped_can_be_traced() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRACED_AFTERWARDS], capture_output=True, text=True, timeout=600
    )
    assert done.stdout == "went on\n"


def test_a_thread_that_sleeps_uses_no_processor_time() -> None:
    async def work() -> None:
        time.sleep(0.4)  # as if the machine were busy
        await x.read()

    assert report([x], threads(work)).states == 2


def test_a_stretch_inside_another_has_a_limit_of_its_own() -> None:
    assert guarded(lambda: guarded(lambda: 1) + 1) == 2
    with pytest.raises(Runaway):
        guarded(lambda: guarded(lambda: [None for _ in count()]))


class Turning(Object):
    """A lock whose rule does not end."""

    @operation
    def turn(self, state: Any, me: str) -> Outcome:
        while True:
            pass


def test_a_rule_that_runs_on_is_named() -> None:
    turning = Turning("t")

    async def work() -> None:
        await turning.turn()

    with pytest.raises(ModelError, match=r"rule of turn\(t\), in state None, ran for more than"):
        report([turning], threads(work))


def test_a_predicate_that_runs_on_is_named() -> None:
    async def work() -> None:
        await x.read()

    with pytest.raises(ModelError, match="property 'p': its predicate ran for more than"):
        report([x], threads(work), [never("p", lambda s: all(True for _ in count(s[x])))])


def test_a_build_that_runs_on_is_named() -> None:
    def build(_: Any) -> System:
        while True:
            pass

    with pytest.raises(ModelError, match=r"build\(\) ran for more than 0.1 seconds"):
        check(Model("test", "", build).case("only", None))


def test_a_run_that_is_closed_in_a_loop_is_let_go() -> None:
    async def work() -> None:
        try:
            await x.read()
        finally:
            while True:
                pass

    Run(Thread("a", work)).close()


# --- results that no run has ----------------------------------------------------------------------


async def writer(most: int) -> None:
    """Writes one number to y, some time before it writes it to x."""
    k = await choose(*range(1, most + 1))
    await y.WRITE_ONCE(k)
    await seen.READ_ONCE()
    await x.WRITE_ONCE(k)


async def reader() -> None:
    """Counts up from x to y, which ends as x is never beyond y."""
    low = await x.READ_ONCE()
    high = await y.READ_ONCE()
    while low != high:
        low += 1
    await seen.WRITE_ONCE(1)


async def other(cell: Cell) -> None:
    for _ in range(8):
        await cell.READ_ONCE()


def counting(most: int) -> System:
    """A system in which merged threads are run with results that no run has."""
    noise = [Cell(f"noise{at}", 0) for at in range(2)]
    running = [Thread("writer", writer, (most,)), Thread("reader", reader)]
    running += [Thread(cell.name, other, (cell,)) for cell in noise]
    return System([x, y, seen, *noise], running, [at_end("end", lambda s: s[seen] == 1)])


WALKS = [
    ("reference", "merge"),
    *(
        pytest.param(*each, marks=pytest.mark.slow)
        for each in [
            ("compiled", "merge"),
            *(("reference", name) for name in REDUCTIONS if name != "merge"),
        ]
    ),
]


@pytest.fixture
def no_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches that merge before random runs have learned what parts the threads again."""
    monkeypatch.setattr("locking.explore.search.rehearse", lambda _: None)


@pytest.mark.usefixtures("no_rehearsal")
@pytest.mark.parametrize(("engine", "reduction"), WALKS)
def test_a_thread_that_only_merging_makes_run_on_is_judged_unmerged(
    engine: str, reduction: str
) -> None:
    case = Model("test", "", lambda _: counting(30)).case("only", None)
    found = check(case, options=Options(engine=engine, reduction=reduction))
    assert [each.verdict for each in found.results] == [Verdict.HOLDS]


def test_a_diagnosis_asks_no_thread_for_ever() -> None:
    async def write() -> None:
        for value in (3, 5):
            await y.WRITE_ONCE(value)
            await x.WRITE_ONCE(value)

    async def read() -> None:
        low = await x.READ_ONCE()
        high = await y.READ_ONCE()
        while low != high:
            low += 1
        require(await x.READ_ONCE() <= high, "fresh")

    property_ = required("fresh")
    running = [Thread("writer", write), Thread("reader", read)]
    system = System([x, y], running, [property_])
    model = Model("test", "", lambda _: system)
    (result,) = check(model.case("only", None)).results
    assert result.verdict is Verdict.FAILS
    assert result.choices is not None
    said = diagnosis(model.case("only", None), "fresh", result.choices)
    assert said.startswith("reader fails requirement fresh")


@pytest.mark.usefixtures("no_rehearsal")
def test_that_thread_is_really_run_with_such_results_once() -> None:
    """Or the test above would show nothing."""
    overran = []
    case = Model("test", "", lambda _: counting(30)).case("only", None)
    check(case, look=lambda all_: overran.extend(each.overran for each in all_.product.automata))
    assert overran == [False, True, False, False]


@pytest.mark.parametrize("engine", ["reference", pytest.param("compiled", marks=pytest.mark.slow)])
def test_an_outcome_that_no_number_of_64_bits_writes_is_refused_with_its_line(engine: str) -> None:
    gone = Completion("gone")

    async def guess(times: int) -> None:
        async with atomic():
            for _ in range(times):
                if await choose(*range(128)) != 127:
                    await gone.wait_for_completion()
            await x.write(1)

    for times, fits in ((9, True), (10, False)):
        running = [Thread("a", guess, (times,))]
        properties = [at_end("end", lambda s: s[x] == 1)]
        system = System([x, gone], running, properties)
        case = Model("test", "", lambda _, s=system: s).case("only", None)
        if fits:
            (result,) = check(case, options=Options(engine=engine)).results
            assert result.verdict is Verdict.HOLDS
            continue
        with pytest.raises(ModelError, match=r"test_guard.py:\d+: the choices of one atomic"):
            check(case, options=Options(engine=engine))
