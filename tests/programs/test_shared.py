"""Python values that threads share: whoever changes one is refused, however it is reached."""

import functools
import itertools
import logging
import random
import sys
import types
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from locking import Cell, Thread, always, deadlock_free, together
from locking.errors import NotDeterministic
from locking.programs import reach, shared, watched
from locking.programs.shared import Shared
from tests.systems import report, threads
from tests.testing import bodies

x = Cell("x", 0)

COUNT = 0
LOG = logging.getLogger("tests.of.threads")


@dataclass
class Box:
    """Something with attributes."""

    count: Any = 0
    inside: dict[str, list[int]] = field(default_factory=lambda: {"errors": []})

    async def work(self) -> None:
        """A thread that is a method."""
        self.count = await x.read() + 1


class Slotted:
    """Something without a dictionary."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class Listed(list[int]):
    """A list with more to it."""


class Counting(Cell):
    """An object that a thread can write on."""

    count = 0


HELD = Box()

MODULE = types.ModuleType("module_of_a_model")
MODULE.__dict__.update(count=0, errors=[])


def calling(change: Callable[[], object]) -> Any:
    """A thread that calls `change` between two steps."""

    async def work() -> None:
        await x.read()
        change()
        await x.write(1)

    return work


def assign_global() -> None:
    """A variable of the module."""
    global COUNT
    COUNT = COUNT + 1


def assign_new_global() -> None:
    """Assign a global variable that was not there before."""
    global NEW
    NEW = 1


def through_a_module() -> None:
    """Change an attribute of another module."""
    MODULE.count += 1


def through_a_list_of_a_module() -> None:
    """Change a list that an attribute of another module holds."""
    MODULE.errors.append(1)


def through_an_instance() -> None:
    """Change a list that a variable of the module holds."""
    HELD.inside["errors"].append(1)


def through_the_class() -> None:
    """Change an attribute of a class."""
    Counting.count += 1


def own_attribute() -> None:
    """Change an attribute of the function itself."""
    own_attribute.count = getattr(own_attribute, "count", 0) + 1  # type: ignore[attr-defined]


def default(errors: Any = []) -> None:  # noqa: B006
    """Change the default of an argument."""
    errors.append(1)


def keyword_default(*, errors: Any = {}) -> None:  # noqa: B006
    """Change the default of a keyword argument."""
    errors[len(errors)] = 1


@functools.cache
def remembered() -> list[int]:
    """A list that a cache keeps."""
    return []


def through_a_cache() -> None:
    """There is one list for all."""
    remembered().append(1)


GLOBALS = {
    assign_global: "COUNT",
    assign_new_global: "NEW",
    through_a_module: "MODULE.count",
    through_a_list_of_a_module: "MODULE.errors",
    through_an_instance: "HELD.inside['errors']",
    through_the_class: "Counting.count",
    own_attribute: "change.count",
    default: "errors",
    keyword_default: "errors",
    through_a_cache: "remembered",
}


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test changes here is put back."""
    for name in ("COUNT", "HELD"):
        monkeypatch.setattr(sys.modules[__name__], name, {"COUNT": 0, "HELD": Box()}[name])
    monkeypatch.delitem(globals(), "NEW", raising=False)
    monkeypatch.setattr(Counting, "count", 0)
    monkeypatch.setattr(MODULE, "count", 0)
    monkeypatch.setattr(MODULE, "errors", [])
    monkeypatch.setattr(default, "__defaults__", ([],))
    monkeypatch.setattr(keyword_default, "__kwdefaults__", {"errors": {}})
    monkeypatch.delitem(vars(own_attribute), "count", raising=False)
    remembered.cache_clear()


def refusal(program: Any, *args: Any) -> str:
    """The message with which a model of one such thread is refused."""
    with pytest.raises(NotDeterministic) as raised:
        report([x], [Thread("a", program, args), Thread("b", program, args)], [deadlock_free()])
    return str(raised.value)


@pytest.mark.parametrize("change", GLOBALS, ids=lambda each: each.__name__)
def test_what_a_thread_changes_of_its_module_is_refused_by_name(change: Any) -> None:
    message = refusal(calling(change))
    assert f"thread a changes the variable {GLOBALS[change]!r}, which is no object" in message
    assert f"on its way to {__file__}:" in message
    assert "use a Cell" in message


def bump(each: Any) -> None:
    """Change an attribute."""
    each.count += 1


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "list": (list, lambda each: each.append(1)),
    "list of equal length": (lambda: [1], lambda each: each.__setitem__(0, True)),
    "dictionary": (dict, lambda each: each.update(a=1)),
    "value of a dictionary": (lambda: {"a": 1}, lambda each: each.update(a=True)),
    "order of a dictionary": (lambda: {1: 1, 2: 2}, lambda each: each.update({1: each.pop(1)})),
    "list in a dictionary": (lambda: {"a": [[]]}, lambda each: each["a"][0].append(1)),
    "list in a tuple": (lambda: ([],), lambda each: each[0].append(1)),
    "set": (set, lambda each: each.add(1)),
    "deque": (deque, lambda each: each.append(1)),
    "array": (lambda: array("q"), lambda each: each.append(1)),
    "bytes": (lambda: bytearray(1), lambda each: each.__setitem__(0, 1)),
    "memory": (lambda: memoryview(bytearray(1)), lambda each: each.__setitem__(0, 1)),
    "counter": (Counter, lambda each: each.update("a")),
    "ordered dictionary": (lambda: OrderedDict(a=1, b=1), lambda each: each.move_to_end("a")),
    "default dictionary": (lambda: defaultdict(list), lambda each: each["a"]),
    "list with more to it": (Listed, lambda each: each.append(1)),
    "attribute of a list": (Listed, lambda each: setattr(each, "count", 1)),
    "instance": (Box, bump),
    "instance with slots": (Slotted, bump),
    "namespace": (lambda: types.SimpleNamespace(count=0), bump),
    "object": (lambda: Counting("y"), bump),
    "iterator": (lambda: iter([1, 2]), next),
    "count": (itertools.count, next),
    "generator": (lambda: (each for each in [1, 2]), next),
    "chance": (lambda: random.Random(1), lambda each: each.random()),
    "what a partial holds": (lambda: functools.partial(list.append, []), lambda each: each(1)),
    "what a method holds": (lambda: [].append, lambda each: each(1)),
    "cell of a closure": (lambda: closed(), lambda each: each()),
}


def closed() -> Callable[[], None]:
    """A function with a variable of its own."""
    count = 0

    def add() -> None:
        nonlocal count
        count += 1

    return add


@pytest.mark.parametrize("name", CHANGES)
def test_an_argument_that_a_thread_changes_is_refused(name: str) -> None:
    make, change = CHANGES[name]

    async def work(held: Any) -> None:
        await x.read()
        change(held)
        await x.write(1)

    message = refusal(work, make())
    assert "thread a changes the variable" in message
    assert "held" in message or name == "cell of a closure"


@pytest.mark.parametrize("name", CHANGES)
def test_a_variable_around_that_a_thread_of_a_test_changes_is_refused(name: str) -> None:
    make, change = CHANGES[name]

    async def body() -> None:
        cell, held = Cell("cell", 0), make()

        async def work() -> None:
            await cell.read()
            change(held)
            await cell.write(1)

        await together(work, work)

    with pytest.raises(NotDeterministic, match="changes the variable"):
        bodies.report(body)


def test_a_change_before_the_first_step_is_refused() -> None:
    async def work() -> None:
        assign_global()
        await x.write(COUNT)

    assert "'COUNT', which is no object, from 0 to 1" in refusal(work)


def test_a_change_by_what_only_makes_the_coroutine_is_refused() -> None:
    seen: list[int] = []

    async def inner() -> None:
        await x.read()

    def work() -> Any:
        seen.append(1)
        return inner()

    assert "'seen', which is no object, from [] to [1]" in refusal(work)


def test_a_change_that_is_taken_back_is_refused() -> None:
    """Other threads would see it between two steps."""
    held = Box()

    async def work() -> None:
        held.count = 1
        await x.read()
        held.count = 0

    assert "'held.count', which is no object, from 0 to 1" in refusal(work)


def test_a_change_after_the_last_step_is_refused() -> None:
    held = Box()

    async def work() -> None:
        await x.read()
        held.count = 1

    assert "'held.count'" in refusal(work)


def test_a_method_that_writes_on_its_own_instance_is_refused() -> None:
    assert "'self.count', which is no object, from 0 to 1" in refusal(Box().work)


def test_a_variable_that_is_deleted_is_refused() -> None:
    held: Any = [1]

    async def work() -> None:
        nonlocal held
        await x.read()
        del held

    assert "'held', which is no object, from [1] to nothing" in refusal(work)


def test_what_is_put_in_place_of_its_equal_is_refused_if_it_could_be_changed() -> None:
    held = [[1]]

    async def work() -> None:
        await x.read()
        held[0] = [1]

    assert "'held[0]'" in refusal(work)


def test_what_threads_only_read_is_not_refused() -> None:
    held, steps = Box(), [1, 2, (3.5, float("nan"))]

    @functools.cache
    def pure(number: int) -> tuple[int, ...]:
        return (number,)

    async def work() -> None:
        for step in range(len(steps)):
            await x.write(pure(step)[0] + held.count)
        LOG.debug("written")
        held.count = len("")  # as before

    found = report([x], threads(work, work), [always("small", lambda s: s[x] < 3)])
    assert found.cause is None


def test_a_value_that_stands_for_its_equal_is_not_refused() -> None:
    held = {"last": (1000, "a")}

    async def work() -> None:
        await x.read()
        held["last"] = (int("1000"), "a")

    assert report([x], threads(work, work)).cause is None


async def append(held: Any) -> None:
    """A program that changes what it is given, where that is a list."""
    await x.read()
    if held is not None:
        held.append(1)


async def act(does: Callable[[], None]) -> None:
    """A program that does what it is given."""
    await x.read()
    does()
    await x.write(1)


def test_what_another_threads_code_reaches_is_not_taken_for_that_of_this_one() -> None:
    assert report([x], [Thread("a", act, (len_of_nothing,))], [deadlock_free()]).cause is None
    assert "'count', which is no object, from 0 to 1" in refusal(act, closed())


def test_what_another_thread_was_given_is_not_taken_for_what_this_one_was() -> None:
    assert report([x], [Thread("a", append, (None,))], [deadlock_free()]).cause is None
    assert "'held', which is no object, from [1] to [1, 1]" in refusal(append, [1])
    assert "'held', which is no object, from [2] to [2, 1]" in refusal(append, [2])


def test_threads_are_told_apart_by_their_names_and_by_the_types_of_what_they_are_given() -> None:
    key = shared.key_of_thread
    assert key(Thread("a", act, (1,))) == key(Thread("a", act, (1,)))
    assert key(Thread("a", act, (1,))) != key(Thread("b", act, (1,)))
    assert key(Thread("a", act, (1,))) != key(Thread("a", act, (True,)))
    assert key(Thread("a", act, ([],))) != key(Thread("a", act, ([],)))


def len_of_nothing() -> None:
    """What changes nothing."""


def test_what_changed_between_two_searches_is_no_change_of_a_thread() -> None:
    held = Box()

    async def work() -> None:
        await x.write(held.count)

    for count in (0, 1, 2):
        held.count, held.inside = count, {"errors": [count]}
        found = report([x], threads(work), [always("as it is held", lambda s: s[x] <= held.count)])
        assert found.cause is None


def test_what_was_put_in_place_between_two_searches_is_looked_at() -> None:
    held = Box()
    change = False

    async def work() -> None:
        await x.read()
        if change:
            held.inside["errors"].append(1)

    assert report([x], threads(work), [deadlock_free()]).cause is None
    held.inside, change = {"errors": []}, True
    assert "held.inside['errors']" in refusal(work).replace("\\", "")


def test_what_was_put_in_place_of_its_equal_is_looked_at_in_the_next_search() -> None:
    """Nothing tells it from what was there, but it holds lists of its own."""
    held = {"last": ([1], "a")}
    replaced = False

    async def work() -> None:
        await x.read()
        if replaced:
            held["last"][0].append(2)

    async def replace() -> None:
        await x.read()
        held["last"] = ([1], "a")
        len(held)

    assert report([x], threads(replace), [deadlock_free()]).cause is None
    replaced = True
    assert "is no object" in refusal(work)


def test_a_threads_own_variables_are_its_own() -> None:
    async def work() -> None:
        own = Box()
        for _ in range(2):
            own.inside["errors"].append(await x.read())
            own.count += 1

    assert report([x], threads(work, work)).cause is None


# --- planted errors -------------------------------------------------------------------------------


def refused() -> set[str]:
    """The arguments that are still refused if a thread changes them."""
    found = set()
    shared.KEPT_CODE.clear()
    for name, (make, change) in CHANGES.items():

        async def work(held: Any, change: Any = change) -> None:
            await x.read()
            change(held)

        try:
            report([x], [Thread("a", work, (make(),))], [deadlock_free()])
        except NotDeterministic:
            found.add(name)
    return found


def test_taking_code_by_its_program_alone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "key_of", lambda code: id(code[0].value))
    shared.KEPT_CODE.clear()
    assert report([x], [Thread("a", act, (len_of_nothing,))], [deadlock_free()]).cause is None
    assert report([x], [Thread("a", act, (closed(),))], [deadlock_free()]).cause is None


def test_taking_threads_by_their_names_and_programs_alone_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "key_of_thread", lambda thread: (thread.name, thread.program))
    shared.KEPT_SHARED.clear()

    for held in (None, [2]):
        assert report([x], [Thread("a", append, (held,))], [deadlock_free()]).cause is None


def test_forgetting_closures_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = reach.Reach.inside
    monkeypatch.setattr(
        reach.Reach,
        "inside",
        lambda self, value, way: (
            () if isinstance(value, types.FunctionType) else inside(self, value, way)
        ),
    )
    assert refused() == CHANGES.keys() - {"cell of a closure"}


def test_comparing_by_equality_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "is_", lambda one, other: one == other)
    assert {"list of equal length", "value of a dictionary"} & (CHANGES.keys() - refused())


def test_forgetting_what_can_only_be_asked_as_a_whole_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched, "is_closed", lambda _: False)
    assert {"array", "bytes", "chance"} <= CHANGES.keys() - refused()


def test_forgetting_where_one_value_ends_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What moves from the end of one list to the begin of the next."""

    def stands(held: tuple[Any, ...]) -> bool:
        async def work(*_: Any) -> None:
            await x.read()

        seen = Shared(Thread("a", work, held))
        held[1].append(held[0].pop())
        return seen.stands()

    assert not stands(([1, 1], [1]))
    monkeypatch.setattr(watched, "END", 1)
    assert stands(([1, 1], [1]))
