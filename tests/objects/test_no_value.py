"""An object, an operation, or the name of one, where a model asks for a value."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from locking import (
    Atomic,
    Cell,
    Completion,
    Latch,
    ManualResetEvent,
    Mutex,
    Object,
    Outcome,
    Record,
    Refcount,
    Semaphore,
    System,
    Thread,
    Verdict,
    access,
    always,
    at_end,
    deadlock_free,
    eventually,
    never,
    require,
    sometimes,
)
from locking.errors import ModelError
from locking.objects import no_value
from tests.explore.compare import checked

Program = Callable[..., Awaitable[Any]]


class Register(Object):
    """Memory of the user's own."""

    @access(writes=False)
    def load(self, value: int, me: str) -> Outcome:
        """The value."""
        return value, value


x, y = Cell("x", 0), Cell("y", 0)
lock, semaphore = Mutex("lock"), Semaphore("semaphore", 1)
pair = Record("pair", first=0, second=0)
counter, references = Atomic("counter", 0), Refcount("references")
event, latch, done = ManualResetEvent("event"), Latch("latch", 1), Completion("done")
register = Register("register", 0)
EVERYTHING = [
    *(x, y, lock, semaphore, pair, counter, references),
    *(event, latch, done, register),
]

READ_BY = {
    x: "read",
    pair.first: "read",
    counter: "atomic_read",
    references: "refcount_read",
    event: "try_wait",
    latch: "try_wait",
    done: "try_wait_for_completion",
    register: "load",
}


def refusal(program: Program, *given: Any) -> str:
    made = System(EVERYTHING, [Thread("a", program, given)], [deadlock_free()])
    with pytest.raises(ModelError) as raised:
        checked(made)
    return str(raised.value)


async def asks_for_its_truth(object_: Any) -> None:
    if not object_:
        await y.write(1)
    await y.read()


@pytest.mark.parametrize("object_", READ_BY, ids=lambda each: each.name)
def test_an_object_is_not_taken_for_its_value(object_: Object) -> None:
    message = refusal(asks_for_its_truth, object_)
    assert f"{object_!r} itself is always true, whatever its value is" in message
    assert f"write `await {object_.name}.{READ_BY[object_]}()`" in message
    assert f"`{object_.name} is not None`, to ask whether there is one" in message
    assert __file__ in message


@pytest.mark.parametrize("object_", [lock, semaphore, pair, None], ids=str)
def test_what_has_no_value_may_be_asked_whether_it_is_there(object_: Any) -> None:
    made = System(EVERYTHING, [Thread("a", asks_for_its_truth, (object_,))], [deadlock_free()])
    assert [each.verdict for each in checked(made).results] == [Verdict.HOLDS]


async def compared(object_: Any, value: Any) -> None:
    if object_ == value:
        await y.write(1)
    await y.read()


@pytest.mark.parametrize("object_", [*READ_BY, lock, semaphore, pair], ids=lambda each: each.name)
@pytest.mark.parametrize("value", [1, "free", False, (0, 0)], ids=repr)
def test_nothing_that_is_no_value_is_compared_with_one(object_: Object, value: Any) -> None:
    message = refusal(compared, object_, value)
    assert f"{object_!r} itself is never equal to {value!r}" in message
    assert __file__ in message


async def in_words() -> None:
    match x:
        case 1:
            await y.write(1)
    await y.read()


async def among() -> None:
    assert x not in (1, 2)
    await y.read()


async def required() -> None:
    require(x, "it is there")
    await y.read()


async def spun_on() -> None:
    while 1 != x:  # noqa: SIM300 - the order is what is tried
        await y.read()


async def answer_of_a_helper() -> None:
    async def is_up() -> Any:
        return x

    if await is_up():
        await y.read()


@pytest.mark.parametrize(
    "program",
    [in_words, among, required, spun_on, answer_of_a_helper],
    ids=lambda each: each.__name__,
)
def test_an_object_is_refused_wherever_a_thread_asks_for_a_value(program: Program) -> None:
    assert "Cell('x') itself is " in refusal(program)


async def not_called() -> None:
    if x.read:
        await y.read()


async def not_called_and_compared() -> None:
    if x.read == 1:
        await y.read()


async def a_trylock_that_is_not_called() -> None:
    if lock.mutex_trylock:
        await lock.mutex_unlock()


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (not_called, "x.read"),
        (not_called_and_compared, "x.read"),
        (a_trylock_that_is_not_called, "lock.mutex_trylock"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_an_operation_that_is_not_called_has_no_result(program: Program, name: str) -> None:
    assert f"{name} is not called; write `await {name}(...)`" in refusal(program)


async def asks_whether_there_is_one(optional: Any) -> None:
    if optional is not None and optional != y and optional in (y, x) and optional != None:  # noqa: E711
        await optional.write(1)


def test_objects_are_told_apart_and_from_none() -> None:
    made = System(
        [x, y],
        [Thread("a", asks_whether_there_is_one, (x,))],
        [at_end("written", lambda s: s[x] == 1)],
    )
    assert [each.verdict for each in checked(made).results] == [Verdict.HOLDS]


def test_outside_of_threads_an_object_is_as_any_other() -> None:
    assert x
    assert x == x
    assert x != y
    assert x != 0
    assert len({x, y, x}) == 2


async def writes_and_reads() -> None:
    await x.write(1)
    await y.read()


PREDICATES = {
    "bare": lambda _: x,
    "compared": lambda _: x == 3,
    "beside a value": lambda s: s[y] == 0 and x,
    "not": lambda s: s[y] == 1 or not x,
    "of a list": lambda s: [s[y], x] == [0, 1],
    "with a value": lambda s: s[y] == x,
    "of a record": lambda s: s[y] == 0 and pair == (0, 0),
    "of a lock": lambda s: s[y] == 0 and lock == "a",
    "an operation": lambda s: s[y] == 0 and x.read() == 0,
    "not called": lambda s: s[y] == 0 and x.read == 0,
}


@pytest.mark.parametrize("predicate", PREDICATES.values(), ids=PREDICATES)
@pytest.mark.parametrize("kind", [always, never, at_end, sometimes, eventually])
def test_a_predicate_that_takes_an_object_for_its_value_is_refused(
    kind: Any, predicate: Any
) -> None:
    made = System(EVERYTHING, [Thread("a", writes_and_reads)], [kind("p", predicate)])
    with pytest.raises(ModelError, match=r"its predicate \(.*test_no_value.py:\d+\): .* is "):
        checked(made)


def test_a_predicate_that_returns_a_lock_is_refused() -> None:
    with pytest.raises(ModelError, match="`lock` is an object, which is always true"):
        always("p", lambda _: lock)


def test_without_this_a_predicate_that_compares_an_object_would_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(no_value, "asked_by_model", lambda: False)
    properties = [never("p", lambda s: s[y] == 0 and x == 1)]
    made = System([x, y], [Thread("a", writes_and_reads)], properties)
    assert [each.verdict for each in checked(made).results] == [Verdict.HOLDS]
