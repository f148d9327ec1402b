"""RCU: readers never wait, a grace period waits for those before it and for nobody else."""

import pytest

from locking import (
    WAIT,
    Cell,
    Holding,
    Misuse,
    Queue,
    Rcu,
    RcuState,
    Srcu,
    System,
    Thread,
    Verdict,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    require,
    required,
    run_callbacks,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.objects.rcu import Callback, Updater
from locking.verdicts import Options, Report
from tests.engines import ENGINES
from tests.explore.compare import case_of, checked
from tests.systems import ask

rcu = Rcu("rcu")
READ_BY_A = RcuState(readers=("a",))


def after(state, *calls):
    """The state once threads have asked for operations, each a thread, a name and arguments."""
    for me, name, *args in calls:
        got = ask(rcu, state, name, me, *args)
        state = got.state if isinstance(got, Queue) else got[0]
    return state


# --- readers and grace periods --------------------------------------------------------------------


def test_a_reader_never_waits_and_may_nest():
    waited_for = RcuState(("a",), (Updater("u", ("a",)),))
    assert ask(rcu, waited_for, "rcu_read_lock", "b")[0].readers == ("a", "b")
    assert ask(rcu, READ_BY_A, "rcu_read_lock", "a")[0].readers == ("a", "a")


def test_only_a_reader_ends_a_read():
    reason = "b ends a read of rcu that it did not begin"
    assert ask(rcu, READ_BY_A, "rcu_read_unlock", "b") == Misuse(reason)


def test_with_no_reader_a_grace_period_is_over_at_once():
    assert ask(rcu, rcu.start, "synchronize_rcu") == (RcuState(), None)


def test_an_updater_waits_until_who_was_inside_has_left_with_its_outermost_read():
    asked = ask(rcu, RcuState(("a", "a", "b")), "synchronize_rcu", "u")
    assert asked == Queue(RcuState(("a", "a", "b"), (Updater("u", ("a", "b")),)))
    inner = after(asked.state, ("a", "rcu_read_unlock"), ("b", "rcu_read_unlock"))
    assert ask(rcu, inner, "synchronize_rcu", "u") is WAIT
    outer = after(inner, ("a", "rcu_read_unlock"))
    assert ask(rcu, outer, "synchronize_rcu", "u") == (RcuState(), None)


def test_later_readers_are_not_waited_for():
    state = after(READ_BY_A, ("u", "synchronize_rcu"), ("b", "rcu_read_lock"))
    left_and_back = after(state, ("a", "rcu_read_unlock"), ("a", "rcu_read_lock"))
    assert ask(rcu, left_and_back, "synchronize_rcu", "u") == (RcuState(("a", "b")), None)


def test_every_updater_has_a_grace_period_of_its_own():
    state = after(
        READ_BY_A,
        ("u", "synchronize_rcu"),
        ("b", "rcu_read_lock"),
        ("v", "synchronize_rcu"),
        ("a", "rcu_read_unlock"),
    )
    assert ask(rcu, state, "synchronize_rcu", "v") is WAIT
    assert ask(rcu, state, "synchronize_rcu", "u")[0].updaters == (Updater("v", ("b",)),)


def test_a_reader_that_waits_for_readers_is_a_misuse():
    reason = "a waits for the readers of rcu, and is one of them"
    assert ask(rcu, READ_BY_A, "synchronize_rcu", "a") == Misuse(reason)


# --- callbacks ------------------------------------------------------------------------------------


def test_a_callback_is_due_once_who_was_inside_has_left():
    state = after(READ_BY_A, ("u", "call_rcu", "x"))
    assert ask(rcu, state, "begin_callback", "softirq") is WAIT
    state = after(state, ("b", "rcu_read_lock"), ("a", "rcu_read_unlock"))
    assert ask(rcu, state, "begin_callback", "softirq")[1] == "x"


def test_of_those_that_are_due_the_first_is_run_first():
    state = after(rcu.start, ("u", "call_rcu", "x"), ("u", "call_rcu", "y"))
    state, what = ask(rcu, state, "begin_callback", "softirq")
    assert (what, ask(rcu, state, "begin_callback", "other")[1]) == ("x", "y")
    assert ask(rcu, state, "end_callback", "softirq")[0].callbacks == (Callback("y", ()),)


def test_one_that_is_due_passes_one_that_is_not():
    state = after(READ_BY_A, ("u", "call_rcu", "x"), ("a", "rcu_read_unlock"))
    state = after(state, ("b", "rcu_read_lock"), ("u", "call_rcu", "y"))
    assert ask(rcu, state, "begin_callback", "softirq")[1] == "x"


def test_who_runs_no_callback_ends_none():
    reason = "me ends a callback of rcu that it did not begin"
    assert ask(rcu, rcu.start, "end_callback") == Misuse(reason)


def test_a_barrier_waits_until_the_callbacks_before_it_were_run_and_for_no_later_ones():
    assert ask(rcu, rcu.start, "rcu_barrier", "u") == (rcu.start, None)
    state = after(rcu.start, ("u", "call_rcu", "x"), ("u", "rcu_barrier"), ("v", "call_rcu", "y"))
    assert ask(rcu, state, "rcu_barrier", "u") is WAIT
    state = after(state, ("softirq", "begin_callback"))
    assert ask(rcu, state, "rcu_barrier", "u") is WAIT
    state = after(state, ("softirq", "end_callback"))
    assert ask(rcu, state, "rcu_barrier", "u")[0] == RcuState(callbacks=(Callback("y", ()),))


# --- words and names ------------------------------------------------------------------------------


def test_readers_are_told_and_who_waits_for_them():
    state = after(READ_BY_A, ("u", "synchronize_rcu"), ("v", "call_rcu", "x"))
    assert rcu.holders(state) == (Holding("a", "read"),)
    assert rcu.show(state) == "read a, u waits for a, callback x after a"
    assert rcu.show(rcu.start) == "no reader"


def test_other_names_are_sorted_again():
    state = after(RcuState(("a", "b")), ("u", "synchronize_rcu"), ("v", "call_rcu", "x"))
    swapped = {"a": "b", "b": "a"}
    assert rcu.rename(state, swapped) == state
    assert rcu.rename(state, {"b": "0"}).updaters == (Updater("u", ("0", "a")),)


# --- in a system ----------------------------------------------------------------------------------

P, OLD = Cell("p", "old"), Cell("old", 1)


async def read():
    async with rcu.read():
        if await P.rcu_dereference() == "old":
            require(await OLD.read() == 1, "live")


async def synchronize():
    await P.rcu_assign_pointer("new")
    await rcu.synchronize_rcu()
    await OLD.write(0)


async def defer():
    await P.rcu_assign_pointer("new")
    await rcu.call_rcu("old")


async def hurry():
    """Free before the readers have left."""
    await P.rcu_assign_pointer("new")
    await OLD.write(0)


async def too_early():
    """Wait for those who can still find it."""
    await rcu.synchronize_rcu()
    await P.rcu_assign_pointer("new")
    await OLD.write(0)


async def free(what):
    require(what == "old", "live")
    await OLD.write(0)


def listed(update) -> System:
    """Two readers, and an updater that frees what they may read."""
    threads = [Thread("updater", update), Thread("one", read), Thread("other", read)]
    if update is defer:
        threads.append(Thread("softirq", run_callbacks, (rcu, free), daemon=True))
    properties = [required("live"), deadlock_free(), data_race_free(), happens_before_race_free()]
    return System([rcu, P, OLD], threads, properties)


def failing(report: Report) -> set[str]:
    return {each.claim.name for each in report.results if each.verdict is Verdict.FAILS}


@pytest.mark.parametrize(
    "reduction",
    [
        pytest.param(name, marks=[] if name == "merge" else [pytest.mark.slow])
        for name in REDUCTIONS
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("update", "fails"),
    [
        (synchronize, set()),
        (defer, set()),
        (hurry, {"live", "data-race", "happens-before-race"}),
        (too_early, {"live", "data-race", "happens-before-race"}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_readers_may_hold_is_freed_after_a_grace_period(update, fails, engine, reduction):
    report = check(case_of(listed(update)), (), Options(engine, reduction=reduction))
    assert failing(report) == fails


def test_the_readers_of_another_domain_are_not_waited_for():
    mine, other = Srcu("mine"), Srcu("other")

    async def read():
        async with mine.read():
            require(await OLD.read() == 1, "live")

    async def update():
        await other.synchronize_srcu()
        await OLD.write(0)

    system = System(
        [mine, other, OLD],
        [Thread("reader", read), Thread("updater", update)],
        [required("live")],
    )
    assert failing(checked(system)) == {"live"}


def test_to_begin_to_read_is_not_ordered_after_call_rcu():
    flag = Cell("flag", 0)

    async def update():
        await OLD.write(0)
        await rcu.call_rcu("x")
        await flag.WRITE_ONCE(1)

    async def read():
        if await flag.READ_ONCE():
            async with rcu.read():
                await OLD.read()

    system = System(
        [rcu, flag, OLD],
        [Thread("updater", update), Thread("reader", read)],
        [happens_before_race_free()],
    )
    assert failing(checked(system)) == {"happens-before-race"}


def test_who_waits_for_a_reader_that_waits_for_it_is_a_deadlock():
    done = Cell("done", 0)
    sleepy = Srcu("sleepy")

    async def read():
        async with sleepy.read():
            await sleepy.srcu_barrier()
            await done.WRITE_ONCE(1)

    async def update():
        await sleepy.call_srcu("old")
        await sleepy.synchronize_srcu()

    system = System(
        [sleepy, done, OLD],
        [
            Thread("reader", read),
            Thread("updater", update),
            Thread("softirq", run_callbacks, (sleepy, free), daemon=True),
        ],
        [deadlock_free()],
    )
    assert failing(checked(system)) == {"deadlock-free"}


def test_callbacks_are_run_by_an_async_def():
    threads = [Thread("softirq", run_callbacks, (rcu, "free"), daemon=True), Thread("a", read)]
    with pytest.raises(ModelError, match="write an `async def` of one argument"):
        checked(System([rcu, P, OLD], threads, [deadlock_free()]))
