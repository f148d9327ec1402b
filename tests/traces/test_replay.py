"""Replay: the real threads and locks, step by step, and never a step that can't be taken."""

from collections.abc import Callable, Coroutine
from time import perf_counter_ns
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from locking import (
    Cell,
    Mutex,
    Object,
    Outcome,
    System,
    Thread,
    atomic,
    choose,
    operation,
    section,
)
from locking.errors import NotDeterministic, PathError
from locking.explore.graph import shortest
from locking.explore.product import Product
from locking.traces.path import decode_choices
from locking.traces.replay import Trace, replay
from locking.traces.replay_to_end import replay_to_end
from tests.explore.compare import explored
from tests.explore.systems import Recipe, programs


def run(system: System, turns: str) -> Trace:
    """The trace of the choices in `turns`."""
    return replay(Product(system.objects, system.threads), decode_choices(turns, turns))


def locked() -> System:
    """Two threads that write under one lock, and one that chooses."""
    lock, x = Mutex("m"), Cell("x", 0)

    async def write(value: int) -> None:
        async with section("writing"), lock.hold():
            await x.write(value)

    async def pick() -> None:
        async with atomic():
            await x.write(await choose(5, 6) + await choose(10, 20))

    threads = [Thread("one", write, (1,)), Thread("two", write, (2,)), Thread("pick", pick)]
    return System([lock, x], threads, [])


def test_a_trace_has_every_operation_with_its_result() -> None:
    """An atomic block has several in one step; its outcome is its choices, the first lowest."""
    trace = run(locked(), "a3.c~2")
    assert [(event.number, event.thread, event.call, event.result) for event in trace.events] == [
        (1, 0, "mutex_lock(m)", None),
        (2, 0, "write(x, 1)", None),
        (3, 0, "mutex_unlock(m)", None),
        (4, 2, "choose", 5),
        (4, 2, "choose", 20),
        (4, 2, "write(x, 25)", None),
    ]
    changes = [(event.change.old, event.change.new) for event in trace.events if event.change]
    assert changes == [("free", "held by one"), ("0", "1"), ("held by one", "free"), ("1", "25")]


def test_a_read_gives_what_it_says_even_none() -> None:
    """A write and an unlock return None as well, and give nothing."""
    cell = Cell("root", None)

    async def look() -> None:
        await cell.read()
        await cell.write(1)
        await cell.READ_ONCE()

    trace = run(System([cell], [Thread("one", look)], []), "a3")
    assert [(event.result, event.gave) for event in trace.events] == [
        (None, True),
        (None, False),
        (1, True),
    ]
    assert not any(event.gave for event in run(locked(), "a3").events)


def test_sections_are_those_before_and_after_the_step() -> None:
    """A section is entered and left between steps."""
    events = run(locked(), "a3").events
    assert [(event.inside, event.inside_after) for event in events] == [
        (("writing",), ("writing",)),
        (("writing",), ("writing",)),
        (("writing",), ()),
    ]


def test_a_run_of_no_steps_ends_where_it_began() -> None:
    """Nothing has happened."""
    trace = run(locked(), "-")
    assert trace.events == ()
    assert trace.end == trace.product.initial


@pytest.mark.parametrize(
    ("turns", "says"),
    [
        ("a1.b1", r"step 2: two can't take it; it waits in mutex_lock\(m\)"),
        ("a4", r"step 4: one can't take it; it has ended"),
        ("a1.d1", r"step 2: there is no thread number 4"),
        ("a~1", r"step 1: one can't take it; mutex_lock\(m\) has no outcome 1"),
        ("c~4", r"step 1: pick can't take it"),
        ("a3.zzzzzz1", r"step 4: there is no thread number"),
    ],
)
def test_an_impossible_step_is_named(turns: str, says: str) -> None:
    """With its number, the thread, and why it can't be taken."""
    with pytest.raises(PathError, match=says):
        run(locked(), turns)


def test_a_misuse_is_in_the_trace_and_ends_the_run() -> None:
    """With its reason; no thread goes on after it."""
    lock = Mutex("m")

    async def bad() -> None:
        await lock.mutex_unlock()

    system = System([lock], [Thread("bad", bad), Thread("other", bad)], [])
    (event,) = run(system, "a1").events
    assert event.misuse == "bad unlocks m, which nobody holds"
    with pytest.raises(PathError, match="step 2: other can't take it"):
        run(system, "a1.b1")


def test_a_thread_that_shares_more_than_objects_is_refused() -> None:
    """It was learned to do one thing and does another."""
    x, y = Cell("x", 0), Cell("y", 0)
    box: list[int] = []

    async def sharing() -> None:
        await x.read()
        box.append(1)
        await (x if len(box) < 3 else y).write(1)

    system = System([x, y], [Thread("a", sharing), Thread("b", sharing)], [])
    with pytest.raises(NotDeterministic, match="changes the variable 'box', which is no object"):
        run(system, "a1.b2.a1")


class Fickle(Object):
    """A lock whose rule is no function of its state."""

    @operation
    def poke(self, _: int, me: str) -> Outcome:
        """Another state every time."""
        return perf_counter_ns(), None


def test_an_object_that_is_no_state_machine_is_refused() -> None:
    """Its state is not as the tables say."""
    fickle = Fickle("f", 0)

    async def poke() -> None:
        await fickle.poke()

    with pytest.raises(NotDeterministic, match="step 1: f is not as the tables say"):
        run(System([fickle], [Thread("a", poke)], []), "a1")


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_replay_ends_where_the_tables_do(recipe: Recipe) -> None:
    """For every end of random systems: the same values, and threads in the same positions."""
    system: System = recipe.build()[0]
    product, graph = explored(system, minimise=True)
    for goal in list(graph.ends())[:10]:
        choices = shortest(graph, {goal})
        trace = replay(Product(system.objects, system.threads), choices)
        again = replay_to_end(Product(system.objects, system.threads), choices)
        assert (again.end, again.states) == (trace.end, trace.states)
        assert values(trace.product, trace.end) == values(product, graph.states[goal])
        assert ends(trace.product, trace.end) == ends(product, graph.states[goal])


def values(product: Product, state: Any) -> list[str]:
    """The state of every object, as text."""
    return [repr(product.value(each, state)) for each in product.objects]


def ends(product: Product, state: Any) -> list[Any]:
    """What every thread does next, and how it failed."""
    positions = [product.position(thread, state) for thread in range(len(product.threads))]
    return [(at.next, at.inside, at.failure and at.failure.kind) for at in positions]


def test_variables_of_loops_and_of_functions_around_are_not_shown_beside_a_step() -> None:
    cell = Cell("moved", 0)

    def made(around: int) -> Callable[[], Coroutine[Any, Any, None]]:
        async def thread() -> None:
            for turn, _ in [(0, "a"), (1, "b")]:
                seen = await cell.read()
                total = seen + around + turn
                await cell.write(total)

        return thread

    events = run(System([cell], [Thread("a", made(5))], []), "a4").events
    assert [dict(event.locals) for event in events] == [
        {"seen": "0", "total": "5"},
        {},
        {"seen": "5", "total": "11"},
        {},
    ]
