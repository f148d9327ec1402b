"""The specification allows exactly the histories that some order of effects explains."""

import itertools
import random
from typing import Any, NamedTuple

import pytest

from locking import (
    WAIT,
    Fairness,
    Misuse,
    Mutex,
    Object,
    PercpuRwSem,
    Queue,
    RwSem,
    Specification,
    Spinlock,
)
from locking.errors import ModelError


class Event(NamedTuple):
    """A call of an operation by a thread, or the return of one."""

    thread: str
    operation: str | None
    result: Any = None


def called(thread: str, operation: str) -> Event:
    return Event(thread, operation)


def returned(thread: str, result: Any = None) -> Event:
    return Event(thread, None, result)


def allowed(specification: Specification, history: tuple[Event, ...]) -> bool:
    """Whether the specification can be seen to do what the history says."""
    state = specification.start
    for event in history:
        if event.operation:
            outcome = specification.step("called", state, event.thread, (event.operation, ()))
        else:
            outcome = specification.step("returned", state, event.thread, (event.result,))
        if isinstance(outcome, Misuse):
            return False
        assert isinstance(outcome, tuple)
        state, result = outcome
        if result is False:
            return False
    return True


LOCK, UNLOCK, TRY = "mutex_lock", "mutex_unlock", "mutex_trylock"


def mutex() -> Specification:
    return Specification(Mutex("m"))


def test_a_lock_returns_to_one_and_then_to_the_other() -> None:
    history = (called("a", LOCK), called("b", LOCK), returned("b"), called("b", UNLOCK))
    assert allowed(mutex(), (*history, returned("a"), returned("b")))


def test_a_lock_that_is_held_returns_to_nobody_else() -> None:
    assert not allowed(
        mutex(), (called("a", LOCK), called("b", LOCK), returned("a"), returned("b"))
    )


def test_an_attempt_may_fail_while_another_call_may_have_the_lock() -> None:
    assert allowed(mutex(), (called("a", LOCK), called("b", TRY), returned("b", False)))


def test_an_attempt_may_not_fail_where_nobody_can_have_the_lock() -> None:
    history = (called("b", TRY), returned("b", False))
    assert not allowed(mutex(), history)
    assert allowed(Specification(Mutex("m"), may_fail="mutex_trylock"), history)


def test_what_may_fail_may_also_succeed_and_never_gives_a_lock_that_is_held() -> None:
    weak = Specification(Mutex("m"), may_fail=["mutex_trylock"])
    assert allowed(weak, (called("a", TRY), returned("a", True)))
    held = (called("a", LOCK), returned("a"), called("b", TRY))
    assert not allowed(weak, (*held, returned("b", True)))


def test_a_result_is_compared_by_kind_too() -> None:
    assert not allowed(mutex(), (called("a", TRY), returned("a", 1)))


def test_a_lock_that_failed_once_is_not_held() -> None:
    first = (called("a", LOCK), called("b", TRY), returned("b", False))
    assert allowed(mutex(), (*first, called("b", TRY), returned("a")))
    assert not allowed(mutex(), (*first, called("b", TRY), returned("b", True), returned("a")))


def test_what_breaks_the_contract_of_the_lock_is_a_misuse() -> None:
    specification = mutex()
    outcome = specification.step("called", specification.start, "a", (UNLOCK, ()))
    assert outcome == Misuse("a unlocks m, which nobody holds")


@pytest.mark.parametrize(
    ("operation", "args"),
    [("called", (LOCK, ())), ("returned", (None,))],
)
def test_a_thread_has_one_call_at_a_time(operation: str, args: tuple[Any, ...]) -> None:
    specification = mutex()
    state = specification.start
    if operation == "called":
        state, _ = specification.step("called", state, "a", args)
    assert isinstance(specification.step(operation, state, "a", args), Misuse)


def test_an_operation_that_the_lock_lacks_is_a_misuse() -> None:
    specification = mutex()
    outcome = specification.step("called", specification.start, "a", ("spin_lock", ()))
    assert outcome == Misuse("Mutex('m') has no operation 'spin_lock'")


def test_an_operation_is_given_what_it_takes() -> None:
    specification = mutex()
    outcome = specification.step("called", specification.start, "a", (LOCK, (1,)))
    assert outcome == Misuse("mutex_lock of Mutex('m') takes 0 arguments, not (1,)")


def test_what_is_no_lock_is_refused() -> None:
    with pytest.raises(ModelError, match="give it an object"):
        Specification("m")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="no operation 'spin_trylock' that may fail"):
        Specification(Mutex("m"), may_fail=["spin_trylock"])


def test_the_states_that_the_lock_may_be_in_are_shown() -> None:
    specification = mutex()
    state, _ = specification.step("called", specification.start, "a", (LOCK, ()))
    assert specification.show(state) == "free or held by a"


def test_threads_are_renamed_everywhere() -> None:
    specification = Specification(RwSem("s", Fairness.WRITER_BLOCKS_READERS))

    def state_of(order: str) -> Any:
        state = specification.start
        for thread in order:
            state, _ = specification.step("called", state, thread, ("down_read", ()))
            state, _ = specification.step("returned", state, thread, (None,))
        state, _ = specification.step("called", state, "w", ("down_write", ()))
        return state

    names = {"a": "b", "b": "a"}
    assert specification.rename(state_of("ab"), names) == state_of("ba")


# --- compared with every order of effects, tried one by one ---------------------------------------


def explained(lock: Object, may_fail: tuple[str, ...], history: tuple[Event, ...]) -> bool:
    """Whether some order of the effects explains the history: depth first, with no sets of states.

    Between two events any calls that last may take effect, or queue up, in any order.
    """

    def search(at: int, state: Any, lasting: dict[str, tuple[str, tuple[Any, ...]]], depth: int):
        if at == len(history):
            return True
        event = history[at]
        if event.operation:
            asked = {**lasting, event.thread: (event.operation, ())}
            if search(at + 1, state, asked, 0):
                return True
        else:
            _, result = lasting[event.thread]
            rest = {name: each for name, each in lasting.items() if name != event.thread}
            right = result and type(result[0]) is type(event.result) and result[0] == event.result
            if right and search(at + 1, state, rest, 0):
                return True
        if depth > 2 * len(lasting):
            return False
        for name, (operation, done) in lasting.items():
            if done:
                continue
            outcome = lock.step(operation, state, name, ())
            after: list[tuple[Any, tuple[Any, ...]]] = []
            if operation in may_fail:
                after.append((state, (False,)))
            if isinstance(outcome, Queue):
                after.append((outcome.state, ()))
            elif outcome is not WAIT:
                assert not isinstance(outcome, Misuse)
                after.append((outcome[0], (outcome[1],)))
            for new, result in after:
                if search(at, new, {**lasting, name: (operation, result)}, depth + 1):
                    return True
        return False

    return bool(search(0, lock.start, {}, 0))


class Kind(NamedTuple):
    """A lock, with which operations may follow which: None is the start of a thread."""

    lock: Object
    follows: dict[str | None, tuple[str, ...]]
    may_fail: tuple[str, ...] = ()


KINDS = [
    Kind(Mutex("m"), {None: (LOCK, TRY), LOCK: (UNLOCK,), TRY: (UNLOCK,), UNLOCK: (LOCK, TRY)}),
    Kind(
        Mutex("m"),
        {None: (LOCK, TRY), LOCK: (UNLOCK,), TRY: (UNLOCK,), UNLOCK: (LOCK, TRY)},
        (TRY,),
    ),
    *(
        Kind(
            RwSem("s", fairness),
            {
                None: ("down_read", "down_write", "down_read_trylock", "down_write_trylock"),
                "down_read": ("up_read",),
                "down_read_trylock": ("up_read",),
                "down_write": ("up_write", "downgrade_write"),
                "down_write_trylock": ("up_write", "downgrade_write"),
                "downgrade_write": ("up_read",),
                "up_read": ("down_read", "down_write"),
                "up_write": ("down_read", "down_write_trylock"),
            },
        )
        for fairness in Fairness
    ),
    Kind(
        PercpuRwSem("p"),
        {
            None: ("percpu_down_read", "percpu_down_write", "percpu_down_read_trylock"),
            "percpu_down_read": ("percpu_up_read",),
            "percpu_down_read_trylock": ("percpu_up_read",),
            "percpu_down_write": ("percpu_up_write",),
            "percpu_up_read": ("percpu_down_write",),
            "percpu_up_write": ("percpu_down_read",),
        },
    ),
    Kind(Spinlock("l"), {None: ("spin_lock",), "spin_lock": ("spin_unlock",), "spin_unlock": ()}),
]


def drawn(kind: Kind, draw: random.Random) -> tuple[Event, ...]:
    """A random history of three threads, in which nobody breaks the contract of the lock."""
    history: list[Event] = []
    last: dict[str, str | None] = dict.fromkeys("abc")
    lasting: set[str] = set()
    for _ in range(draw.randrange(2, 9)):
        thread = draw.choice("abc")
        name = last[thread]
        if thread in lasting:
            assert name
            tries = name.endswith("trylock")
            result = draw.random() < 0.5 if tries else None
            history.append(returned(thread, result))
            lasting.discard(thread)
            if result is False:
                last[thread] = None
        elif kind.follows.get(name):
            last[thread] = draw.choice(kind.follows[name])
            history.append(called(thread, str(last[thread])))
            lasting.add(thread)
    return tuple(history)


def prefixes_agree(kind: Kind, make: type[Specification], history: tuple[Event, ...]) -> bool:
    """Whether both judges agree on every beginning, up to the first that is not allowed."""
    for length in range(1, len(history) + 1):
        beginning = history[:length]
        right = explained(kind.lock, kind.may_fail, beginning)
        if right != allowed(make(kind.lock, kind.may_fail), beginning):
            return False
        if not right:
            return True
    return True


def compared(make: type[Specification], count: int, seed: int = 1) -> tuple[bool, int]:
    """Whether both judges agree on random histories, and how many of these are not allowed."""
    draw, forbidden = random.Random(seed), 0
    for kind in itertools.islice(itertools.cycle(KINDS), count):
        history = drawn(kind, draw)
        if not prefixes_agree(kind, make, history):
            return False, forbidden
        forbidden += not allowed(make(kind.lock, kind.may_fail), history)
    return True, forbidden


def test_random_histories_are_judged_as_by_brute_force() -> None:
    agree, forbidden = compared(Specification, 300)
    assert agree
    assert 50 < forbidden < 250


@pytest.mark.slow
def test_many_random_histories_are_judged_as_by_brute_force() -> None:
    assert compared(Specification, 3_000, seed=2)[0]
