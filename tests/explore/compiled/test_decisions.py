"""Judging packed states by what is seen of them: the same verdicts and paths as state by state.

The reference engine judges by whole places and values of a few slots; the comparison here is with
a judgement that looks at all of a state, and asks of every one.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, find, settings
from hypothesis.errors import NoSuchExample

from locking import (
    Cell,
    Spinlock,
    System,
    Thread,
    Verdict,
    atomic,
    choose,
    data_race_free,
    deadlock_free,
    require,
    required,
    sometimes_together,
)
from locking.check import check
from locking.errors import NotDeterministic
from locking.explore.compiled import decisions
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.graph import Packed
from locking.explore.graph import Graph
from locking.models.textbook import hotplug_shape
from locking.properties import race
from locking.verdicts import Options
from tests.explore.compare import case_of
from tests.explore.compiled.test_engine import product, said, shape
from tests.explore.systems import Recipe, programs


def state_by_state(self: Graph, _: Any, ask: Callable[[Any], Any], among: Any = None) -> Any:
    """The states of which `ask` is true, asked of each, whatever it `looks` at."""
    numbers = range(len(self.states)) if among is None else among
    yield from (at for at in numbers if ask(self.states[at]))


def judged(system: System) -> list[Any]:
    """What the compiled engine's report says of `system`, unmerged."""
    return said(check(case_of(system), options=Options("compiled", reduction="none")))


def same_judgements(build: Callable[[], System]) -> bool:
    """Whether judging by what is seen says what judging state by state does."""
    found = judged(build())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Packed, "pick", state_by_state)
        return found == judged(build())


def colliding() -> System:
    """Three threads, of which two race late, one may fail first, and a block decides by a lock."""
    x, y, lock = Cell("x", 0), Cell("y", 0), Spinlock("s")

    async def first() -> None:
        value = await choose(0, 1)
        require(value < 1, "small")
        await y.WRITE_ONCE(value)

    async def tries() -> None:
        async with atomic():
            if await lock.spin_trylock():
                await lock.spin_unlock()
            else:
                await x.write(2)

    async def holds() -> None:
        async with lock.hold():
            await y.READ_ONCE()
        await x.write(1)

    threads = [Thread("f", first), Thread("t", tries), Thread("h", holds), Thread("k", holds)]
    properties = [
        data_race_free(),
        required("small"),
        deadlock_free(),
    ]
    return System([x, y, lock], threads, properties)


BUILDS = {"shape": shape(3, 1), "colliding": colliding}


@pytest.mark.parametrize("name", BUILDS)
def test_states_are_judged_together_as_each_alone_is(name):
    assert same_judgements(BUILDS[name])


def test_blocks_of_any_length_give_the_same_answers(monkeypatch):
    monkeypatch.setattr("locking.explore.compiled.graph.BLOCK", 7)
    assert all(same_judgements(build) for build in BUILDS.values())


def test_more_answers_than_there_was_room_for_are_all_kept():
    """Every page of every thread is looked at: an answer for each of 256 combinations."""
    case = hotplug_shape.MODEL.case("only", None, {"threads": "2", "pages": "4"})
    graph = compiled.explore(product(case.build()), lambda *_: None)
    slots = range(len(graph.states[0]))
    asked: list[Any] = []
    found = graph.pick(lambda: [(slot, None) for slot in slots], lambda s: asked.append(s) or True)
    assert list(found) == list(range(len(graph.states)))
    assert asked == list(graph.states)


def test_of_some_states_the_order_is_kept():
    graph = compiled.explore(product(shape(2, 1)()), lambda *_: None)
    among = [5, 3, 8, 3]
    assert list(graph.pick(list, lambda _: True, among)) == among
    assert list(graph.pick(list, lambda _: True, [])) == []


def test_a_property_is_asked_once_for_all_that_it_sees():
    """Two sets of places, whatever the places are: not an answer for every place."""
    graph = compiled.explore(product(shape(3, 2)()), lambda *_: None)
    asked = []
    looks = [(0, lambda place: place > 3), (1, lambda _: None)]
    list(graph.pick(lambda: looks, lambda state: asked.append(state[0] > 3)))
    assert sorted(asked) == [False, True]


def test_a_property_is_not_asked_for_what_it_does_not_go_on_to_look_at():
    """In a decision tree, one answer stands for all that comes after a first look that decides."""
    graph = compiled.explore(product(shape(3, 2)()), lambda *_: None)
    looked: list[Any] = []
    asked = []

    def ask(state: Any) -> bool:
        looked[:] = [(0, None), (1, None)] if state[0] < 2 else [(0, None)]
        asked.append(tuple(state[slot] for slot, _ in looked))
        return state[0] == 0 and state[1] > 3

    found = list(graph.pick(lambda: looked, ask))
    assert found == [at for at, state in enumerate(graph.states) if state[0] == 0 and state[1] > 3]
    assert len(asked) == len(set(asked))
    assert {len(each) for each in asked} == {1, 2}


def without_the_last(self: Any, words: Any, at: int, entry: int, looks: Any, answer: Any) -> None:
    """An answer, as if the last look did not matter."""
    learn(self, words, at, entry, looks[: max(1, len(looks) - 1)], answer)


def two_as_one(values: Sequence[Any], look: Any) -> list[int]:
    """Values that are taken for one another."""
    return [min(rank, 1) for rank in ranks_of_values(values, look)]


learn, ranks_of_values = decisions.PackedDecisions.learn, decisions.ranks_of_values

PLANTED = {
    "a look forgotten": (decisions.PackedDecisions, "learn", without_the_last),
    "values taken for one": (decisions, "ranks_of_values", two_as_one),
}


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "values taken for one" else [])
        for name in PLANTED
    ],
)
def test_a_planted_error_is_found_in_random_systems(error, monkeypatch):
    monkeypatch.setattr(*PLANTED[error])
    assert found_within(2_000, differs)


def differs(recipe: Recipe) -> bool:
    """Whether the judgements of a random system differ, or the replay refuses a path."""
    try:
        return not same_judgements(lambda: recipe.build()[0])
    except NotDeterministic:
        return True


def found_within(most: int, wrong: Callable[[Recipe], bool]) -> bool:
    """Whether one of so many random systems is `wrong`."""
    quick = settings(
        max_examples=most,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=["generate"],
    )
    try:
        find(programs(), wrong, settings=quick)
    except NoSuchExample:
        return False
    return True


def racing(system: System) -> list[Any]:
    """What both engines say of races; they must agree."""
    found = [
        said(check(case_of(system), ["data-race"], Options(engine, reduction="none")))
        for engine in ("reference", "compiled")
    ]
    assert found[0] == found[1]
    return found[0]


def test_a_pair_of_threads_races_whichever_it_is():
    """The second and the third of four, and nobody else."""
    x = Cell("x", 0)

    async def idle() -> None:
        await choose(0, 1)

    async def write() -> None:
        await choose(0)
        await x.write(1)

    threads = [Thread(name, idle if name in "ad" else write) for name in "abcd"]
    report = racing(System([x], threads, [data_race_free()]))
    ((verdict, _, choices, _),) = report[-1]
    assert (verdict, choices) == (Verdict.FAILS, ((1, 0), (2, 0)))


def test_a_block_races_only_where_what_it_looks_at_lets_it():
    """Another thread has the lock: then the block writes."""
    report = racing(colliding())
    ((verdict, _, choices, _),) = report[-1]
    assert verdict is Verdict.FAILS
    assert choices == ((2, 0), (2, 0), (2, 0), (3, 0))


def test_where_another_thread_has_failed_nothing_races():
    """The run broke off before the two came to their accesses."""
    x = Cell("x", 0)

    async def fails() -> None:
        require(await x.READ_ONCE() > 0, "set")

    async def write() -> None:
        await x.WRITE_ONCE(0)
        await x.write(1)

    def build(failing: bool) -> System:
        threads = [Thread("w", write), Thread("v", write)]
        if failing:
            threads.append(Thread("f", fails))
        return System([x], threads, [data_race_free(), required("set")])

    for failing in (False, True):
        assert racing(build(failing))[-1][0][0] is Verdict.FAILS


def merged_pairs(pairs: Iterator[Any]) -> Any:
    """All pairs but the last."""
    return list(pairs)[:-1]


def test_a_pair_that_is_left_out_is_noticed(monkeypatch):
    """Otherwise the comparisons with brute force would show nothing of pairs."""
    from tests.explore.test_mutants import caught

    combinations = race.combinations

    def mutant(items: Any, count: int) -> Any:
        return merged_pairs(combinations(items, count))

    assert caught(monkeypatch, race, "combinations", mutant) >= {"updates"}


def test_sections_are_counted_alike():
    """The greatest number at once, over sections that two of three threads share."""
    for build in (shape(3, 1), shape(2, 2)):
        system = build()
        system.properties = (sometimes_together("p", "page-init", "page-init"),)
        (result,) = check(case_of(system), options=Options("compiled")).results
        assert result.at_once == len(system.threads)
