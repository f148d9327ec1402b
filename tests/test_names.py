"""Names are checked where they are given, and what has the name of something else is told apart."""

from collections.abc import Callable
from enum import StrEnum

import pytest

from locking import (
    Cell,
    Misuse,
    Model,
    Mutex,
    Object,
    Outcome,
    Parameter,
    Placement,
    Rcu,
    Record,
    RwSem,
    Scenario,
    Step,
    System,
    Thread,
    at_end,
    deadlock_free,
    never,
    operation,
    require,
    section,
)
from locking.errors import ModelError
from locking.names import names_sorted
from locking.traces.forms.page import Page
from locking.traces.forms.to_json import render as to_json
from locking.traces.forms.to_text import condition
from locking.traces.rerun import rerun


async def nothing() -> None:
    """A thread that takes no step."""


def system(name: object) -> System:
    """A system whose property has a name."""
    return System([], [Thread("a", nothing)], [deadlock_free(name)])  # type: ignore[arg-type]


STEP = Step("STEP", lambda _: nothing())

NAMED: dict[str, Callable[..., object]] = {
    "thread": lambda name: Thread(name, nothing),
    "object": lambda name: Cell(name, 0),
    "record": lambda name: Record(name),
    "section": section,
    "requirement": lambda name: require(True, name),
    "property": system,
    "scenario": lambda name: Scenario(name),
    "placement": lambda name: Placement(name, role=[STEP]),
    "parameter": lambda name: Parameter(name, 1, ""),
    "step": lambda name: Step(name, lambda _: nothing()),
    "model": lambda name: Model(name, "", system),
    "role": lambda name: Model("m", "", system, steps={name: ()}),
}


class Colour(StrEnum):
    """Strings that are none: they look like others and are not."""

    RED = "red"


BAD = [
    "",
    " ",
    "\t",
    "a\n",
    " a",
    "a ",
    "a\x1bb",
    "a\u200bb",
    "\u202ea",
    "\ud800",
    1,
    None,
    b"a",
    Colour.RED,
]


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_what_can_name_nothing_is_refused(kind: str, name: object) -> None:
    with pytest.raises(ModelError, match=f"the name of an? {kind}"):
        NAMED[kind](name)


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize(
    "name", ["a:b", "50%", "a b", "größe", "<b>", "a~b", "-", "a+b", "x" * 500]
)
def test_any_signs_that_show_may_be_in_a_name(kind: str, name: str) -> None:
    NAMED[kind](name)


def two(kind: str) -> Model | System:
    """Two things of one kind that share a name."""
    threads, scenario, step_ = [Thread("a", nothing)], Scenario("s"), Step("A", lambda _: nothing())
    match kind:
        case "objects":
            return System([Cell("x", 0), Mutex("x")], threads, [])
        case "threads":
            return System([], threads * 2, [])
        case "properties":
            return System([], threads, [deadlock_free(), deadlock_free()])
        case "scenarios":
            return Model("m", "", system, scenarios=(scenario, Scenario("s", "another")))
        case "placements":
            return Model("m", "", system, placements=[Placement("p", r=[STEP]) for _ in range(2)])
        case "parameters":
            return Model("m", "", system, parameters=[Parameter("n", 1, "") for _ in range(2)])
    return Model("m", "", system, steps={"role": [step_, step_]})


@pytest.mark.parametrize(
    "kind",
    ["objects", "threads", "properties", "scenarios", "placements", "parameters", "steps of role"],
)
def test_two_of_a_kind_do_not_share_a_name(kind: str) -> None:
    with pytest.raises(ModelError, match=f"two {kind} are called"):
        two(kind)


@pytest.mark.parametrize(
    "name",
    ["call", "step", "access", "name", "start", "holders", "show", "rename", "__init__", "__eq__"],
)
def test_an_operation_is_not_called_as_a_part_of_every_object(name: str) -> None:
    def rule(_: Object, state: object, __: str) -> Outcome:
        return state, None

    with pytest.raises(ModelError, match=f"class Thing: an operation is called '{name}'.*rename"):
        type("Thing", (Object,), {name: operation(rule)})


def test_an_operation_of_a_class_beside_object_is_refused_as_well() -> None:
    class Rules:
        @operation
        def show(self, state: object, me: str) -> Outcome:
            return state, None

    with pytest.raises(ModelError, match="class Thing: an operation is called 'show'"):

        class Thing(Rules, Object):
            pass


def test_an_attribute_does_not_hide_an_operation() -> None:
    class Thing(Object):
        def __init__(self) -> None:
            super().__init__("thing", 0)
            self.limit = 3

        @operation
        def limit(self, state: int, me: str) -> Outcome:
            return state, None

    with pytest.raises(ModelError, match="class Thing: attribute 'limit' hides the operation"):
        Thing()


def test_a_plain_method_does_not_hide_an_operation() -> None:
    with pytest.raises(ModelError, match="class Thing: 'mutex_lock' hides the operation"):

        class Thing(Mutex):
            def mutex_lock(self) -> None:  # type: ignore[assignment]
                pass


def test_methods_of_every_object_may_be_overridden() -> None:
    class Thing(Object):
        def __init__(self, name: str, most: int) -> None:
            super().__init__(name, 0)
            self.most = most

        @operation
        def add(self, state: int, me: str) -> Outcome:
            return Misuse("full") if state == self.most else (state + 1, None)

        def holders(self, state: int) -> tuple[()]:
            return ()

        def show(self, state: int) -> str:
            return f"{state} of {self.most}"

        def rename(self, state: int, names: object) -> int:
            return state

    assert Thing("t", 2).step("add", 2, "a", ()) == Misuse("full")


def told(property_name: str) -> object:
    """The run of a system in which a cell, a lock and a thread have one name."""
    x, a, b = Cell("x", 0), Cell("a", 0), Mutex("b")

    async def work() -> None:
        await x.WRITE_ONCE(1)
        await a.WRITE_ONCE(1)
        await b.mutex_lock()

    async def wait() -> None:
        await b.mutex_lock()

    properties = [
        never("differ", lambda s: s[x] == 1 and s[a] == 1, "x and a differ"),
        deadlock_free(),
    ]
    threads = [Thread("a", work), Thread("b", wait)]
    case = Model("m", "", lambda _: System([x, a, b], threads, properties)).case("only", None)
    return rerun(case, property_name, ((0, 0),) * (2 if property_name == "differ" else 3))


def test_what_a_condition_looks_at_is_shown_though_a_thread_has_its_name() -> None:
    run = told("differ")
    text = condition(run, Page(80))  # type: ignore[attr-defined]
    assert [line.strip() for line in text] == ["Violated: x and a differ", "x = 1", "a = 1"]


def test_in_what_threads_wait_is_no_value_of_an_object_of_their_name() -> None:
    run = told("deadlock-free")
    assert run.finding.objects == frozenset()  # type: ignore[attr-defined]
    assert run.finding.waits == (("b", "waits in mutex_lock(b)"),)  # type: ignore[attr-defined]
    assert "waits in mutex_lock(b)" in to_json(run, Page(80))  # type: ignore[arg-type]
    lines = condition(run, Page(80))  # type: ignore[attr-defined]
    assert len(lines) == 1


def test_a_default_outside_of_its_range_is_refused() -> None:
    with pytest.raises(ModelError, match="the default of parameter 'n': --n 20: impossible"):
        Parameter("n", 20, "")


@pytest.mark.parametrize("field", ["scenarios", "placements", "parameters", "expected"])
def test_what_is_no_part_of_a_model_is_refused_with_its_field(field: str) -> None:
    with pytest.raises(ModelError, match=f"model 'm': {field}: 'one' is no "):
        Model("m", "", system, **{field: ["one"]})  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=f"model 'm': {field}: 'one' is no sequence"):
        Model("m", "", system, **{field: "one"})  # type: ignore[arg-type]


def test_lists_do_as_well_as_tuples() -> None:
    one = Model("m", "", system, scenarios=[Scenario("s", roles=["a"])], steps={"a": [STEP]})  # type: ignore[arg-type]
    assert (one.scenarios, one.steps) == ((Scenario("s", roles=("a",)),), {"a": (STEP,)})


@pytest.mark.parametrize(
    ("starts", "says"),
    [
        ({Cell("y", 0): 1}, "which is none of the objects: lock"),
        ({"lock": 1}, "which is none of the objects: lock"),
    ],
)
def test_a_start_is_of_an_object_of_the_system(starts: dict[Object, int], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        System([Mutex("lock")], [Thread("a", nothing)], [], starts)


@pytest.mark.parametrize("state", [5, " ", ("a",)])
def test_a_lock_starts_in_no_state_that_is_none(state: object) -> None:
    lock = Mutex("lock")
    with pytest.raises(ModelError, match="which is no state of it"):
        System([lock], [Thread("a", nothing)], [at_end("e", lambda _: True)], {lock: state})  # type: ignore[dict-item]


def test_names_are_sorted_with_their_numbers_as_numbers() -> None:
    assert names_sorted(["t10", "t2", "a", "t2b", "10", "9"]) == [
        "9",
        "10",
        "a",
        "t2",
        "t2b",
        "t10",
    ]


def test_holders_are_shown_in_the_order_of_their_numbers() -> None:
    readers = tuple(sorted(["adder-10", "adder-2", "adder-2"]))
    names = "read adder-2, read adder-2, read adder-10"
    lock, rcu = RwSem("lock"), Rcu("rcu")
    assert lock.show(lock.start._replace(readers=readers)) == names
    assert rcu.show(rcu.start._replace(readers=readers)) == names
