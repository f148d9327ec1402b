"""Random runs that go round: beside equations that look ahead, solved here, and known answers."""

from collections.abc import Callable, Collection
from fractions import Fraction
from functools import partial
from random import Random

import pytest

from locking.explore import chain
from locking.explore.chain import Chain, Elimination, TooLarge
from locking.explore.graph import Graph
from locking.explore.probability import chance
from tests.explore.test_fair_cycles import Edge, graph_of

Edges = list[list[Edge]]


def steps_of(edges: Edges, at: int) -> list[tuple[Fraction, int]]:
    """Where a scheduler goes that draws a thread, and then one of its outcomes."""
    threads = sorted({thread for thread, _, _ in edges[at]})
    return [
        (Fraction(1, len(threads)) / len(own), to)
        for own in ([to for each, to, _ in edges[at] if each == thread] for thread in threads)
        for to in own
    ]


def leading_to(edges: Edges, goals: Collection[int]) -> set[int]:
    """The states from which a run may come to one of `goals`."""
    found = set(goals)
    while more := {
        at for at in range(len(edges)) if at not in found and found & {to for _, to, _ in edges[at]}
    }:
        found |= more
    return found


def solved(edges: Edges, known: dict[int, Fraction], reward: int) -> Fraction:
    """What is expected from state 0 on: x = reward + P x, but for the states that are `known`.

    By Gauss and Jordan, with all states at once; a state that the equations leave open is refused.
    """
    size = len(edges)
    rows = []
    for at in range(size):
        row = [Fraction(int(at == to)) for to in range(size)] + [Fraction(reward)]
        if at in known:
            row[size] = known[at]
        else:
            for share, to in steps_of(edges, at):
                row[to] -= share
        rows.append(row)
    for at in range(size):
        pivot = next(each for each in range(at, size) if rows[each][at])
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [each / rows[at][at] for each in rows[at]]
        for other in range(size):
            if other != at and rows[other][at]:
                rows[other] = [
                    x - rows[other][at] * y for x, y in zip(rows[other], rows[at], strict=True)
                ]
    return rows[0][size]


def chance_by_looking_ahead(edges: Edges, goals: Collection[int]) -> Fraction:
    """The chance to come from state 0 to one of `goals`."""
    can = leading_to(edges, goals)
    known = {at: Fraction(int(at in goals)) for at in range(len(edges)) if at not in can - {*goals}}
    return solved(edges, known, 0)


def endings(edges: Edges) -> tuple[Fraction, Fraction | None]:
    """The chance that a run never ends, and how many steps it takes if it always ends."""
    ends = {at for at, each in enumerate(edges) if not each}
    never = 1 - chance_by_looking_ahead(edges, ends)
    if never:
        return never, None
    hopeless = set(range(len(edges))) - leading_to(edges, ends)  # which no run comes to
    return never, solved(edges, dict.fromkeys(ends | hopeless, Fraction(0)), 1)


def by_chain(edges: Edges) -> tuple[Fraction | float, Fraction | float | None]:
    """The chance that a run never ends, and its steps, by the visits to states."""
    of = Chain(graph_of(edges))
    visits = list(of.visits())
    never = sum(each.times for each in visits if each.forever)
    return never, None if never else sum(each.times for each in visits if edges[each.at])


def drawn(seed: int, most: int = 9) -> tuple[Edges, set[int]]:
    """A graph of some states, and goals."""
    rng = Random(seed)
    count = rng.randint(2, most)
    edges = [
        [
            (thread, rng.randrange(rng.choice((0, at)), count), False)
            for thread in sorted(rng.choices(range(3), k=rng.choice((0, 1, 2, 2, 3, 4))))
        ]
        for at in range(count)
    ]
    return edges, {at for at in range(count) if rng.random() < 0.2}


def differs(seed: int) -> str:
    """What is wrong on the graph of a seed; empty where nothing is."""
    edges, goals = drawn(seed)
    graph = graph_of(edges)
    found = by_chain(edges), chance(graph, None, goals)
    right = endings(edges), chance_by_looking_ahead(edges, goals)
    return "" if found == right else f"seed {seed}: {edges} {goals}: {found}, not {right}"


def test_chances_and_steps_are_those_of_equations_that_look_ahead() -> None:
    assert not [text for seed in range(80) if (text := differs(seed))]


@pytest.mark.slow
def test_chances_and_steps_of_many_graphs_are_those_of_equations_that_look_ahead() -> None:
    assert not next((text for seed in range(80, 6_000) if (text := differs(seed))), "")


def test_random_graphs_have_all_that_is_asked_for() -> None:
    """A comparison in which every run ends, or none does, would prove nothing."""
    nevers = [by_chain(drawn(seed)[0])[0] for seed in range(80)]
    assert min(map(nevers.count, (0, 1))) > 10 and sum(0 < each < 1 for each in nevers) > 3


@pytest.mark.parametrize("seed", range(3))
def test_floats_are_the_fractions_to_seven_digits(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges, _ = drawn(seed, 60)
    exact = by_chain(edges)
    monkeypatch.setattr(chain, "MOST_EXACT", 0)
    found = by_chain(edges)
    assert found[0] == pytest.approx(exact[0], rel=1e-7, abs=0)
    assert found[1] is exact[1] is None or found[1] == pytest.approx(exact[1], rel=1e-7, abs=0)


def bounds(edges: Edges, rounds: int) -> tuple[float, float]:
    """Between which the chance to end is: what has ended after so many steps, and may end yet."""
    here = {0: 1.0}
    ended = 0.0
    can = leading_to(edges, {at for at, each in enumerate(edges) if not each})
    for _ in range(rounds):
        after: dict[int, float] = {}
        for at, share in here.items():
            ended += share if not edges[at] else 0.0
            for likely, to in steps_of(edges, at):
                after[to] = after.get(to, 0.0) + share * float(likely)
        here = after
    return ended, ended + sum(share for at, share in here.items() if at in can)


def test_the_chance_is_between_the_bounds_of_power_iteration() -> None:
    for seed in range(40):
        edges, _ = drawn(seed)
        low, high = bounds(edges, 60)
        assert low - 1e-12 <= 1 - by_chain(edges)[0] <= high + 1e-12


def gambler(start: int, goal: int, lose: int) -> Graph:
    """Who has `start` and plays for 1 until nothing or `goal` is left; `lose` threads take 1.

    The states are numbered from where the play begins.
    """
    number = {start: 0}
    for each in range(goal + 1):
        number.setdefault(each, len(number))
    edges: Edges = [[] for _ in number]
    for has in range(1, goal):
        down = [(thread, number[has - 1], False) for thread in range(lose)]
        edges[number[has]] = [*down, (lose, number[has + 1], False)]
    return graph_of(edges)


@pytest.mark.parametrize(("start", "goal"), [(1, 2), (3, 10), (20, 50)])
def test_a_gambler_is_ruined_as_often_as_the_books_say(start: int, goal: int) -> None:
    graph = gambler(start, goal, 1)
    nothing = 1  # the number of the state in which nothing is left
    assert chance(graph, None, {nothing}) == Fraction(goal - start, goal)
    steps = sum(each.times for each in Chain(graph).visits() if Chain(graph).ahead(each.at))
    assert steps == start * (goal - start)


def test_what_is_very_unlikely_is_right_to_seven_digits_too() -> None:
    """Who loses two times of three wins 600 with a chance of some 2 ** -570: no float is lost."""
    graph = gambler(30, 600, 2)
    assert not Chain(graph).exact
    wins = chance(graph, None, {600})
    assert wins == pytest.approx(float(Fraction(2**30 - 1, 2**600 - 1)), rel=1e-7, abs=0)


def test_a_chance_of_one_is_one_however_it_is_rounded() -> None:
    assert chance(gambler(30, 400, 2), None, {1, 400}) == 1
    assert chance(gambler(399, 400, 1), None, {1}) < 1


def test_too_large_a_component_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "MOST_WORK", 5)
    with pytest.raises(TooLarge, match="9 states lead to each other"):
        chance(gambler(5, 10, 1), None, {1})


def every_edge_alike(of: Chain, at: int):
    """Planted: an outcome counts as much as a thread."""
    found = [] if at in of.stops else list(of.graph.edges(at))
    for (thread, _), target in found:
        yield of.one / len(found), thread, target


def without(kept: str, right: Callable) -> Callable:
    """Planted: what an eliminated state adds to a part of the equations, `kept`, is forgotten."""

    def wrong(of: Elimination, at: int):
        before = dict(getattr(of, kept))
        found = right(of, at)
        setattr(of, kept, {each: before[each] for each in getattr(of, kept)})
        return found

    return wrong


without_what_leaves = partial(without, "leaves")
without_who_comes = partial(without, "arriving")


@pytest.mark.parametrize(
    ("of", "name", "wrong"),
    [
        (Chain, "steps", every_edge_alike),
        (Elimination, "eliminated", without_what_leaves(Elimination.eliminated)),
        (Elimination, "eliminated", without_who_comes(Elimination.eliminated)),
        (Chain, "ahead", lambda of, at: [target for _, target in of.graph.edges(at)]),
    ],
    ids=["every edge is alike", "nobody leaves", "nobody comes", "runs go on at a goal"],
)
def test_a_wrong_chain_is_noticed(
    of: type, name: str, wrong: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of, name, wrong)
    assert sum(bool(outcome(seed)) for seed in range(40)) > 2


def outcome(seed: int) -> str:
    """What is wrong on the graph of a seed; an error is wrong too."""
    try:
        return differs(seed)
    except (ArithmeticError, LookupError) as error:
        return repr(error)
