"""Threads that know their name, come in pools, and are started and joined."""

import pytest

from locking import (
    WAIT,
    Atomic,
    Cell,
    Child,
    Lifetime,
    Misuse,
    Stage,
    System,
    Thread,
    Verdict,
    always,
    assertions,
    current,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    join,
    never,
    no_misuse,
    require,
    required,
    sometimes,
    start,
    wait_until,
    workers,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.explore.compare import case_of, checked
from tests.systems import ask

LAST, TOTAL, DATA = Cell("last", None), Atomic("total"), Cell("data", 0)
life = Lifetime("child")


def failing(system: System, options: Options | None = None) -> set[str]:
    report = check(case_of(system), (), options or Options())
    return {each.claim.name for each in report.results if each.verdict is Verdict.FAILS}


EVERY_WAY = pytest.mark.parametrize(
    "options",
    [Options(engine, reduction=each) for engine in ENGINES for each in REDUCTIONS],
    ids=lambda each: f"{each.engine}-{each.reduction}",
)


# --- names and pools ------------------------------------------------------------------------------


async def sign():
    await LAST.WRITE_ONCE(current())


@EVERY_WAY
def test_every_worker_knows_its_own_name(options):
    system = System(
        [LAST],
        workers(3, sign),
        [
            never("w1", lambda s: s[LAST] == "w1"),
            sometimes("w2", lambda s: s[LAST] == "w2"),
            always("one-of-them", lambda s: s[LAST] in (None, "w0", "w1", "w2")),
        ],
    )
    assert failing(system, options) == {"w1"}


def test_a_pool_has_threads_of_one_program_and_arguments():
    made = workers(2, sign, 1, 2, name="reader", daemon=True)
    assert made == (
        Thread("reader0", sign, (1, 2), True),
        Thread("reader1", sign, (1, 2), True),
    )


@pytest.mark.parametrize("count", [0, -1, True, "2"])
def test_a_pool_has_at_least_one_thread(count):
    with pytest.raises(ModelError, match="how many first"):
        workers(count, sign)


def test_nobody_is_current_outside_of_a_thread():
    checked(System([LAST], workers(1, sign), [assertions()]))
    with pytest.raises(ModelError, match="outside of a thread"):
        current()


# --- starting and joining -------------------------------------------------------------------------


def test_a_thread_is_started_once_and_joined_once():
    assert ask(life, Stage.NEW, "begin_thread", "child") is WAIT
    assert ask(life, Stage.NEW, "start_thread") == (Stage.STARTED, None)
    assert ask(life, Stage.STARTED, "begin_thread", "child") == (Stage.STARTED, None)
    assert ask(life, Stage.STARTED, "join_thread") is WAIT
    assert ask(life, Stage.STARTED, "end_thread", "child") == (Stage.ENDED, None)
    assert ask(life, Stage.ENDED, "join_thread") == (Stage.JOINED, None)
    assert life.show(Stage.ENDED) == "ended"


@pytest.mark.parametrize(
    ("call", "stage", "me", "reason"),
    [
        ("start_thread", Stage.ENDED, "me", "me starts child, which is ended already"),
        ("join_thread", Stage.NEW, "me", "me joins child, which is not started"),
        ("join_thread", Stage.JOINED, "me", "me joins child, which is joined"),
        ("join_thread", Stage.STARTED, "child", "child joins itself"),
    ],
)
def test_anything_else_is_a_misuse(call, stage, me, reason):
    assert ask(life, stage, call, me) == Misuse(reason)


async def add(amount):
    require(await DATA.read() == 1, "seen")
    await TOTAL.atomic_add(amount)


CHILDREN = (Child("one", add, (1,)), Child("other", add, (1,)), Child("spare", add, (5,)))


async def start_and_join():
    await DATA.write(1)
    for child in CHILDREN[:2]:
        await start(child)
    for child in CHILDREN[:2]:
        await join(child)
    require(await TOTAL.atomic_read() == 2, "sum")
    await DATA.write(2)


async def join_one():
    """Forget to join the other."""
    await DATA.write(1)
    for child in CHILDREN[:2]:
        await start(child)
    await join(CHILDREN[0])
    require(await TOTAL.atomic_read() == 2, "sum")


async def start_too_early():
    await start(CHILDREN[0])
    await DATA.write(1)
    await join(CHILDREN[0])


def family(main) -> System:
    """A thread that starts two of three others."""
    properties = [
        required("sum"),
        required("seen"),
        no_misuse(),
        deadlock_free(),
        data_race_free(),
        happens_before_race_free(),
        never("spare-runs", lambda s: s[TOTAL] >= 5),
    ]
    return System([DATA, TOTAL], [Thread("main", main), *CHILDREN], properties)


@EVERY_WAY
@pytest.mark.parametrize(
    ("main", "fails"),
    [
        (start_and_join, set()),
        (join_one, {"sum"}),
        (start_too_early, {"seen", "data-race", "happens-before-race"}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_is_joined_has_been_done(main, fails, options):
    assert failing(family(main), options) == fails


def test_who_joins_a_thread_that_waits_for_good_is_stuck():
    async def wait():
        await wait_until(lambda data: data == 3, DATA)

    child = Child("child", wait)

    async def main():
        await start(child)
        await join(child)

    system = System([DATA], [Thread("main", main), child], [deadlock_free()])
    assert failing(system) == {"deadlock-free"}


def test_a_child_that_nobody_starts_waits_for_nothing():
    system = System([DATA, TOTAL], [*CHILDREN, Thread("main", sign_nothing)], [deadlock_free()])
    assert failing(system) == set()


async def sign_nothing():
    await DATA.read()


@pytest.mark.parametrize("step", [start, join])
def test_only_a_child_is_started_or_joined(step):
    with pytest.raises(ModelError, match="declare it as Child"):
        step(Thread("a", sign))


def test_a_child_that_can_not_be_run_is_refused_where_it_is_made():
    with pytest.raises(ModelError, match="is no program"):
        Child("a", 1)
