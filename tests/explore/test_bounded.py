"""The walk with few preemptions goes through exactly the runs that have no more of them."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from locking import Cell, System, Thread
from locking.explore import bounded as module
from locking.explore.bounded import bounded
from locking.explore.graph import INTERRUPTED
from tests.explore.compare import explored
from tests.explore.systems import Recipe, placements, programs

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

MANY = 100


def walk(system, preemptions, *, minimise=False, watch=lambda *_: None):
    """The walk, with the choices that led to each state that was met."""
    paths = {}

    def visit(walk, at):
        if walk is not paths.get("walk"):
            paths.clear()
            paths["walk"] = walk
        paths[walk.arrivals[at][0]] = walk.path(at)

    found = bounded(system.product(), preemptions, watch, visit, minimise=minimise)
    del paths["walk"]
    return found, paths


def preemptions_of(product, path):
    """How often a run leaves a thread that could go on, and where it ends."""
    state, last, count = product.initial, None, 0
    for choice in path:
        moves = product.moves(state)
        count += last != choice[0] and any(move[0] == last for move in moves)
        state = next(move[2] for move in moves if move[:2] == choice)
        last = choice[0]
    return count, state


def by_force(graph, most):
    """The states of all runs with at most so many preemptions."""
    found, met = set(), set()
    pending = [(0, None, 0)]
    while pending:
        at, last, used = pending.pop()
        if (at, last, used) in met:
            continue
        met.add((at, last, used))
        found.add(graph.states[at])
        edges = list(graph.edges(at))
        can = last in [thread for (thread, _), _ in edges]
        for (thread, _), target in edges:
            needed = used + (1 if can and thread != last else 0)
            if needed <= most:
                pending.append((target, thread, needed))
    return found


def compared(recipe, most):
    """Compare the walk with one that keeps every number of preemptions apart."""
    _, graph = explored(recipe.build()[0], minimise=False)
    assume(len(graph.states) < 1_500)
    expected = by_force(graph, most)
    system = recipe.build()[0]
    found, paths = walk(system, most)
    assert len(found.states) == len(expected)
    assert found.refused or len(expected) == len(graph.states)
    fresh = system.product()
    for path in list(paths.values())[:200]:
        assert preemptions_of(fresh, path)[0] <= most


@settings(EXAMPLES, max_examples=30)
@given(st.one_of(programs(), placements()), st.integers(0, 3))
def test_the_walk_meets_what_runs_within_the_bound_meet(recipe: Recipe, most: int) -> None:
    compared(recipe, most)


@settings(EXAMPLES, max_examples=20)
@given(st.one_of(programs(), placements()))
def test_a_bound_that_leaves_nothing_out_is_the_whole_search(recipe: Recipe) -> None:
    _, graph = explored(recipe.build()[0], minimise=False)
    assume(len(graph.states) < 1_500)
    found, _ = walk(recipe.build()[0], MANY)
    assert (len(found.states), found.refused) == (len(graph.states), False)


def private(count, steps):
    """Threads that each write their own cell."""
    cells = [Cell(f"c{at}", 0) for at in range(count)]

    async def program(cell):
        for value in range(1, steps + 1):
            await cell.write(value)

    threads = [Thread(f"t{at}", program, (cell,)) for at, cell in enumerate(cells)]
    return System(cells, threads, [])


def test_without_preemptions_threads_run_one_after_the_other():
    found, paths = walk(private(2, 3), 0)
    assert len(found.states) == 1 + 2 * 3 + 2 * 3 - 1
    for path in paths.values():
        turns = [thread for thread, _ in path]
        assert sum(a != b for a, b in pairwise(turns)) <= 1


def test_one_preemption_meets_more_and_not_all():
    sizes = [len(walk(private(3, 3), bound)[0].states) for bound in range(8)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[1] < sizes[-1] == 4**3


def test_paths_have_the_fewest_preemptions_and_then_the_fewest_steps():
    system = private(2, 2)
    _, paths = walk(system, 3)
    product = system.product()
    for state, path in paths.items():
        others = [other for at, other in walk(system, 3)[1].items() if at == state]
        count = preemptions_of(product, path)[0]
        assert count == min(preemptions_of(product, other)[0] for other in others)
        assert len(path) == sum(product.value(cell, state) for cell in system.objects)


def test_a_limit_ends_the_walk_and_is_its_cause():
    found, _ = walk(private(3, 3), 5, watch=lambda met, _: "enough" if met > 20 else None)
    assert (found.cause, len(found.states)) == ("enough", 21)


def test_ctrl_c_ends_the_walk_and_keeps_what_was_met():
    def interrupt(met, _):
        if met > 20:
            raise KeyboardInterrupt

    found, _ = walk(private(3, 3), 5, watch=interrupt)
    assert (found.cause, len(found.states)) == (INTERRUPTED, 21)


@pytest.mark.parametrize(
    "planted",
    [
        lambda push: lambda heap, entry: None if entry[0] and entry[1] > 2 else push(heap, entry),
        lambda push: lambda heap, entry: push(heap, (0, *entry[1:])),
    ],
    ids=["a late preemption is forgotten", "preemptions are not counted"],
)
def test_a_planted_mistake_is_found_by_the_comparison(monkeypatch, planted):
    monkeypatch.setattr(module, "heappush", planted(module.heappush))

    @settings(EXAMPLES, max_examples=120, phases=[Phase.generate])
    @given(st.one_of(programs(), placements()), st.integers(0, 3))
    def run(recipe: Recipe, most: int) -> None:
        compared(recipe, most)

    with pytest.raises(AssertionError):
        run()
