"""Mutexes of one class: who would close a circle backs off, and the oldest comes through."""

from errno import EALREADY, EDEADLK
from typing import Any

import pytest

from locking import (
    WAIT,
    Cell,
    Holding,
    Misuse,
    Queue,
    System,
    Verdict,
    WwClass,
    WwContext,
    WwState,
    array,
    at_end,
    deadlock_free,
    happens_before_race_free,
    never_together,
    no_misuse,
    retry,
    section,
    sometimes,
)
from locking.errors import ModelError
from tests.objects.every_way import answer
from tests.systems import ask, threads

wound_wait = WwClass("class", ("a", "b"))
wait_die = WwClass("class", ("a", "b"), wait_die=True)
both = pytest.mark.parametrize("kind", [wound_wait, wait_die], ids=["wound-wait", "wait-die"])
NOBODY = frozenset[str]()
OLD, YOUNG = WwContext("old"), WwContext("young")


def state(a: str | None, b: str | None, *contexts: WwContext, waiting: Any = NOBODY) -> WwState:
    """A class whose locks these own; `waiting` are who waits for `a`."""
    return WwState(contexts or (OLD, YOUNG), (a, b), (waiting, NOBODY))


@both
def test_a_context_is_older_than_those_that_begin_later(kind: WwClass) -> None:
    found: Any = kind.start
    for each in ("x", "y"):
        found, _ = ask(kind, found, "ww_acquire_init", each)
    assert [each.thread for each in found.contexts] == ["x", "y"]
    found, _ = ask(kind, found, "ww_acquire_fini", "x")
    assert found.contexts == (WwContext("y"),)


@both
@pytest.mark.parametrize(
    ("given", "call", "after", "result"),
    [
        (state(None, None), "ww_mutex_lock", state("young", None), 0),
        (state(None, None), "ww_mutex_trylock", state("young", None), True),
        (state("old", None), "ww_mutex_trylock", state("old", None), False),
        (state("young", None), "ww_mutex_lock", state("young", None), -EALREADY),
        (state("young", "young"), "ww_mutex_unlock", state(None, "young"), None),
    ],
)
def test_a_lock_is_taken_and_let_go(
    kind: WwClass, given: WwState, call: str, after: WwState, result: object
) -> None:
    assert ask(kind, given, call, "young", "a") == (after, result)


@both
def test_who_holds_nothing_of_the_class_waits(kind: WwClass) -> None:
    for owner, me in (("old", "young"), ("young", "old")):
        outcome: Any = ask(kind, state(owner, None), "ww_mutex_lock", me, "a")
        assert outcome is WAIT or isinstance(outcome, Queue)


def test_wait_die_refuses_the_younger_at_once_and_lets_the_older_wait() -> None:
    refused = state("old", "young", OLD, YOUNG._replace(contending=0))
    assert ask(wait_die, state("old", "young"), "ww_mutex_lock", "young", "a") == (
        refused,
        -EDEADLK,
    )
    waits = state("young", "old", waiting=frozenset({"old"}))
    assert ask(wait_die, state("young", "old"), "ww_mutex_lock", "old", "a") == Queue(waits)
    assert ask(wait_die, waits, "ww_mutex_lock", "old", "a") is WAIT


def test_wait_die_refuses_who_would_stand_behind_an_older_one() -> None:
    younger = WwContext("younger")
    given = state("younger", "young", OLD, YOUNG, younger, waiting=frozenset({"old"}))
    _, result = ask(wait_die, given, "ww_mutex_lock", "young", "a")  # type: ignore[misc]
    assert result == -EDEADLK


def test_wound_wait_wounds_the_younger_holder_which_backs_off_when_it_must_wait() -> None:
    wounded = state("young", "old", OLD, YOUNG._replace(wounded=True))
    assert ask(wound_wait, state("young", "old"), "ww_mutex_lock", "old", "a") == Queue(wounded)
    assert ask(wound_wait, wounded, "ww_mutex_lock", "old", "a") is WAIT
    after: Any = ask(wound_wait, wounded, "ww_mutex_lock", "young", "b")
    assert after[1] == -EDEADLK
    free = wounded._replace(owners=("young", None))
    assert ask(wound_wait, free, "ww_mutex_lock", "young", "b")[1] == 0  # type: ignore[index]


def test_wound_wait_lets_the_younger_wait_and_wounds_for_nobody_who_holds_nothing() -> None:
    assert ask(wound_wait, state("old", "young"), "ww_mutex_lock", "young", "a") is WAIT
    assert ask(wound_wait, state("young", None), "ww_mutex_lock", "old", "a") is WAIT


def test_a_wound_is_forgotten_once_nothing_is_held() -> None:
    wounded = state("young", "old", OLD, YOUNG._replace(wounded=True))
    assert ask(wound_wait, wounded, "ww_mutex_unlock", "young", "a") == (state(None, "old"), None)


@both
def test_the_lock_that_was_refused_is_waited_for_slowly(kind: WwClass) -> None:
    refused = YOUNG._replace(contending=0)
    assert ask(kind, state("old", None, OLD, refused), "ww_mutex_lock_slow", "young", "a") is WAIT
    free = state(None, None, OLD, refused)
    assert ask(kind, free, "ww_mutex_lock_slow", "young", "a") == (state("young", None), None)
    assert ask(kind, free, "ww_mutex_lock", "young", "a") == (state("young", None), 0)


REFUSED = YOUNG._replace(contending=0)


@both
@pytest.mark.parametrize(
    ("given", "call", "args", "reason"),
    [
        (state(None, None), "ww_acquire_init", (), "young has a context of class already"),
        (state("young", None), "ww_acquire_fini", (), "young ends its context of class, and holds"),
        (state(None, None, OLD), "ww_acquire_fini", (), "young has no context of class"),
        (state(None, None, OLD), "ww_acquire_done", (), "young has no context of class that still"),
        (state(None, None, OLD), "ww_mutex_lock", ("a",), "young has no context of class"),
        (state("old", None), "ww_mutex_unlock", ("a",), "young unlocks a of class, which it does"),
        (
            state(None, None, YOUNG._replace(done=True)),
            "ww_mutex_lock",
            ("a",),
            "young asks for a of class, and said that it takes no more",
        ),
        (
            state("old", "young", OLD, REFUSED),
            "ww_mutex_lock",
            ("a",),
            "young asks for a of class, and was refused it; it must release all that it holds",
        ),
        (
            state("old", "young", OLD, REFUSED),
            "ww_mutex_lock_slow",
            ("a",),
            "young asks for a of class, and was refused it; it must release all that it holds",
        ),
        (
            state("old", None, OLD, REFUSED),
            "ww_mutex_lock",
            ("b",),
            "young asks for b of class, and was refused a; that comes first",
        ),
        (
            state(None, None),
            "ww_mutex_lock_slow",
            ("a",),
            "young takes a of class slowly, and was not told to back off",
        ),
    ],
)
def test_a_misuse_says_who_did_what(
    kind: WwClass, given: WwState, call: str, args: Any, reason: str
) -> None:
    outcome = ask(kind, given, call, "young", *args)
    assert isinstance(outcome, Misuse)
    assert outcome.reason.startswith(reason)


def test_a_lock_that_is_none_of_the_class_is_an_error() -> None:
    with pytest.raises(ModelError, match="class 'class' has no lock 'c'; it has a, b"):
        ask(wound_wait, state(None, None), "ww_mutex_lock", "old", "c")


@pytest.mark.parametrize("locks", ["ab", ("a", "a"), ("",), (1,)])
def test_the_locks_of_a_class_have_names(locks: Any) -> None:
    with pytest.raises(ModelError):
        WwClass("class", locks)


def test_the_state_is_shown_with_the_contexts() -> None:
    wounded = state("young", None, OLD, YOUNG._replace(wounded=True))
    assert wound_wait.show(wounded) == "a held by young; oldest first old, young (wounded)"
    assert wound_wait.show(wound_wait.start) == "free"
    assert wound_wait.holders(wounded) == (Holding("young", "a held by"),)


def test_threads_are_renamed_and_locks_are_not() -> None:
    named_as_a_thread = WwClass("class", ("x", "y"))
    given = WwState((WwContext("x"),), ("x", None), (frozenset({"x"}), NOBODY))
    assert named_as_a_thread.rename(given, {"x": "z"}) == WwState(
        (WwContext("z"),), ("z", None), (frozenset({"z"}), NOBODY)
    )
    assert named_as_a_thread.holders(given) == (Holding("x", "x held by"),)


def movers(wait_die: bool, backs_off: str = "rightly") -> System:
    """Two threads that lock both buffers, each beginning with another one, and write to them."""
    buffers, data = WwClass("buffers", ("a", "b"), wait_die), array(Cell, "data", 2, 0)

    async def lock_both(first: str, second: str) -> None:
        await buffers.ww_mutex_lock(first)

        async def attempt(held: str, wanted: str) -> Any:
            if await buffers.ww_mutex_lock(wanted) != -EDEADLK:
                return True
            if backs_off == "never":
                return True
            await buffers.ww_mutex_unlock(held)
            await buffers.ww_mutex_lock_slow(wanted)
            return False

        if not await attempt(first, second):
            await retry(again, second, first, attempt)

    async def again(held: str, wanted: str, attempt: Any) -> Any:
        while not await attempt(held, wanted):
            held, wanted = wanted, held
        return True

    async def move(first: str, second: str) -> None:
        await buffers.ww_acquire_init()
        await lock_both(first, second)
        async with section("both"):
            for each in data:
                await each.write(await each.read() + 1)
        await buffers.ww_mutex_unlock("a")
        await buffers.ww_mutex_unlock("b")
        await buffers.ww_acquire_fini()

    async def up() -> None:
        await move("a", "b")

    async def down() -> None:
        await move("b", "a")

    properties = [
        deadlock_free(),
        no_misuse(),
        never_together("alone", "both", "both"),
        happens_before_race_free(),
        at_end("two", lambda s: all(s[each] == 2 for each in data)),
        sometimes("refused", lambda s: any(c.contending is not None for c in s[buffers].contexts)),
    ]
    return System([buffers, data], threads(up, down), properties)


BOTH_RULES = pytest.mark.parametrize(
    "wait_die",
    [
        pytest.param(False, id="wound-wait"),
        pytest.param(True, id="wait-die", marks=pytest.mark.slow),
    ],
)


@BOTH_RULES
def test_who_backs_off_as_it_is_told_comes_through(wait_die: bool) -> None:
    found = [verdict for verdict, _ in answer(lambda: movers(wait_die))]
    assert found == [Verdict.HOLDS] * 6


@BOTH_RULES
def test_who_does_not_look_at_the_result_writes_what_another_holds(wait_die: bool) -> None:
    found = [v for v, _ in answer(lambda: movers(wait_die, backs_off="never"))]
    assert found[1] is Verdict.FAILS


def test_letting_go_of_one_lock_orders_nothing_for_another_of_the_class() -> None:
    """Else what is no promise of the class would hide a race: the flag is passed in no order."""
    locks, flag, data = WwClass("class", ("a", "b")), Cell("flag", 0), Cell("data", 0)

    def build(lock: str) -> System:
        async def write() -> None:
            await locks.ww_acquire_init()
            await data.write(1)
            await locks.ww_mutex_lock("a")
            await flag.WRITE_ONCE(1)
            await locks.ww_mutex_unlock("a")
            await locks.ww_acquire_fini()

        async def read() -> None:
            await locks.ww_acquire_init()
            if await flag.READ_ONCE():
                await locks.ww_mutex_lock(lock)
                await data.read()
                await locks.ww_mutex_unlock(lock)
            await locks.ww_acquire_fini()

        return System([locks, flag, data], threads(write, read), [happens_before_race_free()])

    found = [answer(lambda lock=lock: build(lock))[0][0] for lock in "ab"]  # type: ignore[misc]
    assert found == [Verdict.HOLDS, Verdict.FAILS]
