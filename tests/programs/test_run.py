"""Driving one thread: what it is refused for, and how the error says where."""

import asyncio
import gc
import os
import re
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from locking import (
    Atomic,
    Cell,
    Mutex,
    Object,
    Seqlock,
    Thread,
    Verdict,
    assertions,
    at_end,
    atomic,
    choose,
    operation,
    procedure,
    require,
    required,
    retry,
    section,
    sometimes,
    traces,
)
from locking import check as checking
from locking.errors import ModelError, NotDeterministic
from locking.explore.product import Undeclared
from locking.programs.constructs import RequirementFailed
from locking.programs.keys import typed
from locking.programs.run import Run
from tests.systems import report, threads, verdict

x, y, lock = Cell("x", 0), Cell("y", 0), Mutex("lock")


def line(program, text):
    """Where `text` stands in the source of `program`, as errors write it."""
    code = program.__code__
    lines = Path(code.co_filename).read_text("utf-8").splitlines()
    after = code.co_firstlineno - 1
    number = next(at for at in range(after, len(lines)) if text in lines[at]) + 1
    return f"{code.co_filename}:{number}"


def refusal(program, *objects, error=ModelError):
    """The message with which a thread of `program` is refused."""
    with pytest.raises(error) as raised:
        report([x, y, lock, *objects], threads(program))
    assert type(raised.value) is error
    message = str(raised.value)
    assert message.startswith("test: ")  # the case comes first
    return message.removeprefix("test: ")


# --- what is no step ------------------------------------------------------------------------------


def test_a_forgotten_await_of_an_operation_is_refused():
    async def work():
        await x.read()
        lock.mutex_lock()
        await y.read()

    message = refusal(work)
    assert message.startswith("thread a: mutex_lock(lock) was made but not awaited")
    assert line(work, "await y.read()") in message
    assert "write `await` in front of it" in message


def test_a_forgotten_await_is_noticed_before_an_equal_operation_that_is_awaited():
    async def work():
        lock.mutex_lock()
        await lock.mutex_lock()

    assert "mutex_lock(lock) was made but not awaited" in refusal(work)


def test_a_forgotten_await_at_the_very_end_is_noticed():
    async def work():
        await lock.mutex_lock()
        lock.mutex_unlock()

    assert "mutex_unlock(lock) was made but not awaited" in refusal(work)


def test_a_forgotten_await_of_a_coroutine_is_refused():
    async def helper():
        await y.read()

    async def work():
        await x.read()
        helper()
        await y.read()

    message = refusal(work)
    assert "helper' was never awaited" in message
    assert line(work, "await y.read()") in message


def test_a_coroutine_may_be_made_first_and_awaited_later():
    async def work():
        later = y.read, choose(1, 2)
        await x.read()
        await later[1]

    assert report([x, y], threads(work, work)).interleavings == 24


def test_a_warning_of_the_model_itself_is_no_forgotten_await():
    async def work():
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        await x.read()

    assert report([x], threads(work)).states == 2


@pytest.mark.parametrize("seconds", [0, 1])
def test_what_another_library_awaits_is_refused(seconds):
    async def work():
        await x.read()
        await asyncio.sleep(seconds)

    message = refusal(work)
    assert "thread a" in message
    assert line(work, "asyncio.sleep") in message


def test_a_future_is_refused():
    class Foreign:
        def __await__(self):
            yield "something"

    async def work():
        await Foreign()

    message = refusal(work)
    assert "awaits str, which is no step of a model" in message
    assert f"{__file__}:" in message


def test_a_program_is_an_async_def():
    def work():
        return x.read()

    assert re.fullmatch(
        r"thread a: its program work \(.*test_run.py:\d+\) is not an `async def`; "
        r"write `async def work`",
        refusal(work),
    )


def test_a_program_that_does_not_take_its_arguments_is_refused():
    async def work():
        await x.read()

    with pytest.raises(ModelError, match=r"thread a can't be started: .* takes 0 positional"):
        report([x], [Thread("a", work, (1,))])


def test_an_object_that_is_not_the_models_is_refused():
    stranger = Cell("stranger", 0)

    async def work():
        await stranger.read()

    message = refusal(work, error=Undeclared)
    assert "thread a uses Cell('stranger')" in message
    assert line(work, "stranger.read") in message
    assert "add it there" in message


# --- exceptions -----------------------------------------------------------------------------------


class Talkative(Object):
    """A lock whose rule returns three things."""

    @operation
    def tell(self, state, me):
        return state, "one", "two"


def test_a_rule_that_returns_what_is_no_outcome_is_refused():
    talkative = Talkative("t")

    async def work():
        await talkative.tell()

    message = refusal(work, talkative)
    assert "the rule of tell(t) returned (None, 'one', 'two'), in state None; it returns" in message


def test_an_exception_names_the_thread_the_line_and_the_run():
    async def work():
        zero = await x.read()
        await y.write(1 // zero)

    message = refusal(work)
    where = line(work, "1 // zero")
    assert message == (
        f"after 1 step, thread a raised ZeroDivisionError: integer division or modulo by zero "
        f"({where}); a run fails by `assert` or `require(...)`, and by no other exception"
    )


def test_an_exception_that_no_run_comes_to_is_none():
    async def work():
        if await x.read() == 1:
            raise KeyError("never")

    assert report([x], threads(work)).states == 2


def test_an_exception_inside_pythons_own_library_is_laid_to_the_models_line():
    async def work():
        await x.write(re.compile("("))

    assert f"({line(work, 're.compile')})" in refusal(work)


def test_an_exception_that_is_caught_inside_is_the_models_own_affair():
    async def work():
        try:
            await x.write({}[await x.read()])
        except KeyError:
            await x.write("caught")

    caught = at_end("caught", lambda s: s[x] == "caught")
    assert verdict([x], threads(work), caught) is Verdict.HOLDS


def test_what_no_exception_handler_catches_is_refused_too():
    for stop in (SystemExit, asyncio.CancelledError, GeneratorExit):

        async def work(stop=stop):
            await x.read()
            raise stop(0)

        assert f"thread a raised {stop.__name__}: 0" in refusal(work)


def test_a_requirement_that_is_caught_has_failed_all_the_same():
    async def work():
        try:
            require(await x.read() == 1, "one")
        except RequirementFailed:
            await x.write(7)

    assert verdict([x], threads(work), required("one")) is Verdict.FAILS
    assert verdict([x], threads(work), sometimes("on", lambda s: s[x] == 7)) is Verdict.FAILS


def test_a_requirement_may_be_raised_again_later():
    async def work():
        try:
            require(await x.read() == 1, "one")
        except AssertionError as error:
            await y.read()
            raise error

    (result,) = report([x, y], threads(work), [required("one")]).results
    assert (result.verdict, len(result.choices)) == (Verdict.FAILS, 1)


class Local:
    """Its `repr` has an address."""

    def __init__(self, value):
        self.value = value


def test_a_failure_that_speaks_of_an_object_of_the_run_fails_the_same_every_time():
    async def asserting():
        kept = [Local(0), Local(await x.read())]
        assert kept[1].value == 1, f"{kept} holds nothing"

    async def requiring(stop):
        local = Local(await x.read())
        require(local.value == 1, "one", stop=stop, local=local)
        await x.read()

    assert verdict([x], threads(asserting, asserting), assertions()) is Verdict.FAILS
    for stop in (True, False):
        running = [Thread(name, requiring, (stop,)) for name in "ab"]
        (result,) = report([x], running, [required("one")]).results
        assert result.verdict is Verdict.FAILS
        (operand,) = result.finding.operands
        assert operand[0] == "local"
        assert operand[1].endswith("Local object>")


BLOCKS = {"region": lock.hold, "atomic": atomic, "section": lambda: section("s")}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_that_an_exception_leaves_is_left(block):
    async def work():
        with suppress(KeyError):
            async with block():
                await x.write({}[await x.read()])
        require(await lock.mutex_trylock(), "free")
        await lock.mutex_unlock()

    run = Run(Thread("a", work))
    seen = []
    while run.position.next:
        step = run.position.next
        seen.append((step.name, run.position.inside, run.position.bound))
        run.give(True if step.name == "mutex_trylock" else 0)
    assert run.position.failure is None
    assert seen[-2:] == [("mutex_trylock", (), False), ("mutex_unlock", (), False)]


# --- histories ------------------------------------------------------------------------------------


def test_an_unbounded_history_names_the_line_and_the_loops_to_use():
    async def work():
        while await x.READ_ONCE() == 0:
            pass

    message = refusal(work)
    assert "thread a took 1000 steps without an end" in message
    assert line(work, "while await") in message
    assert "await retry(attempt)" in message
    assert "await forever(body)" in message


def test_a_thread_that_reads_a_clock_is_not_deterministic():
    async def work():
        await choose("p", "q")
        await choose(0, time.monotonic_ns())

    message = refusal(work, error=NotDeterministic)
    assert message.startswith("thread a is not a function of what its steps returned")
    assert "Threads may share nothing but objects" in message


def test_a_failure_that_the_replay_does_not_meet_is_not_deterministic(monkeypatch):

    async def work():
        await choose("p", "q")
        require("REPLAYED" in os.environ, "only-replayed")

    def replay_to_end(*given):
        monkeypatch.setenv("REPLAYED", "yes")
        return traces.replay_to_end.replay_to_end(*given)

    monkeypatch.setattr(checking, "replay_to_end", replay_to_end)
    with pytest.raises(NotDeterministic, match="was learned to be where it fails"):
        report([], threads(work), [required("only-replayed")])


def test_a_procedure_that_leaks_through_nonlocal_is_not_deterministic():
    async def work():
        secret = None

        @procedure
        async def peek():
            nonlocal secret
            secret = await choose(1, 2)

        await peek()
        await (x if secret == 1 else y).read()

    message = refusal(work, error=NotDeterministic)
    assert "the variable 'secret' is 2 then, but 1 in a run with the same history" in message
    assert "a procedure may tell the rest of its thread nothing but what it returns" in message


def test_a_leak_that_shows_only_later_is_found():
    async def work():
        secret = None

        @procedure
        async def peek():
            nonlocal secret
            secret = await choose(1, 2)

        await peek()
        await x.read()
        await (x if secret == 1 else y).read()

    refusal(work, error=NotDeterministic)


# --- values ---------------------------------------------------------------------------------------


def test_what_is_written_must_be_a_value():
    async def work():
        await x.write([1])

    message = refusal(work)
    assert "thread a" in message
    assert line(work, "x.write") in message
    assert "[1] is shared, passed or returned, but is no value: use a tuple" in message


def test_an_argument_must_be_a_value():
    seq = Seqlock("seq")

    async def work():
        await seq.read_seqretry([1])

    assert "[1] is shared, passed or returned, but is no value" in refusal(work, seq)


def test_an_option_must_be_a_value():
    async def work():
        await choose([1], [2])

    assert "[1] is shared, passed or returned, but is no value" in refusal(work)


def test_what_a_procedure_returns_must_be_a_value():
    @procedure
    async def pick():
        return [await x.read()]

    async def work():
        await pick()

    message = refusal(work)
    assert "thread a" in message
    assert "[0] is shared, passed or returned, but is no value" in message


@dataclass(frozen=True)
class Box:
    value: object


@dataclass(frozen=True)
class Note:
    value: int
    text: str = field(compare=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        ((1, "x"), (True, "x")),
        (((1,),), ((True,),)),
        (frozenset({1}), frozenset({True})),
        (Box(1), Box(True)),
        (Box((1,)), Box((True,))),
        (0.0, -0.0),
        ((0.0,), (-0.0,)),
        (Note(1, "one"), Note(1, "other")),
    ],
    ids=str,
)
@pytest.mark.parametrize("turned", [False, True])
def test_equal_values_of_other_types_are_kept_apart(one, other, turned):
    assert typed(one) != typed(other)
    assert typed(one) == typed(one)

    async def work():
        value = await choose(*((other, one) if turned else (one, other)))
        await choose("p", "q")
        await x.write(value)
        require(await x.read() is value, "same")

    assert verdict([x], threads(work), required("same")) is Verdict.HOLDS
    for wanted in (one, other):
        goal = sometimes("goal", lambda s, wanted=wanted: s[x] is wanted)
        assert verdict([x], threads(work), goal) is Verdict.HOLDS
    assert report([x], threads(work), minimise=False).states == 1 + 2 + 4 + 4 + 4


@pytest.mark.parametrize("value", [float("nan"), Box(float("nan")), y], ids=str)
def test_what_does_not_equal_itself_and_an_object_are_values_too(value):
    async def work():
        await x.write(value)

    assert verdict([x], threads(work), sometimes("it", lambda s: s[x] is value)) is Verdict.HOLDS


# --- closing --------------------------------------------------------------------------------------


def finishing(program):
    """A search that closes threads of `program` in every place; warnings are errors."""
    return report([x, y, lock], threads(program, program))


def test_a_finally_block_is_a_step_where_the_run_comes_to_it():
    async def work():
        await lock.mutex_lock()
        try:
            await x.write(1)
        finally:
            await lock.mutex_unlock()

    assert finishing(work).interleavings == 2


def test_a_finally_block_of_a_closed_thread_does_nothing():
    async def work():
        try:
            await choose(1, 2)
        finally:
            seen = await x.read()
            await x.write(seen + 1)
            assert seen is not None

    assert finishing(work).cause is None


def test_a_finally_block_that_raises_is_not_heard_of_when_its_thread_is_closed():
    async def work():
        ended = False
        try:
            await choose(1, 2)
            ended = True
        finally:
            assert ended

    assert finishing(work).cause is None


def test_a_loop_in_a_finally_block_ends_when_its_thread_is_closed():
    async def unlock():
        return await lock.mutex_trylock() or None

    async def work():
        try:
            await choose(1, 2)
        finally:
            await retry(unlock)
            await lock.mutex_unlock()

    assert finishing(work).cause is None


def test_what_is_asked_while_a_thread_is_closed_is_not_asked_of_another():
    made = Atomic("made")
    kept = []

    async def closed():
        try:
            await made.atomic_inc()
        finally:
            require(False, "never")

    async def work():
        kept.pop().close()
        await x.read()

    kept.append(Run(Thread("closed", closed)))
    run = Run(Thread("work", work))
    assert str(run.position.next) == "read(x)"
    assert "never" not in run.required
    run.close()


def test_a_run_that_is_dropped_is_closed():
    async def work():
        try:
            await x.read()
        finally:
            await y.read()

    assert str(Run(Thread("a", work)).position.next) == "read(x)"


def test_a_coroutine_that_others_left_behind_is_not_the_threads() -> None:
    """It is in a cycle of references, and would be collected while the thread runs."""

    class Kept:
        pass

    async def nothing() -> None:
        pass

    async def work() -> None:
        assert len([[each] for each in range(10_000)]) == 10_000

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
        kept: Any = Kept()
        kept.own, kept.coroutine = kept, nothing()
        del kept
        assert Run(Thread("a", work)).position.failure is None
        gc.collect()
