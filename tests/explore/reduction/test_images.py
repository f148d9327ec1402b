"""A predicate is judged on a folded graph only where it says the same of all images of a state.

What a decision tree with moved looks says is compared with all images, made one by one; of random
copies, and of random predicates that name some of them.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from locking import Atomic, Cell, Mutex, System, Thread, always, never, section
from locking.check import check
from locking.errors import LockingError
from locking.explore import reference
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.quotient_graph import PackedQuotient
from locking.explore.product import State
from locking.explore.reduction.images import ImageTree, MovedSights, Unlike
from locking.explore.reduction.quotient import Quotient
from locking.properties.explored import Explored
from locking.properties.view import View, view
from locking.verdicts import Options
from tests.explore.compare import case_of
from tests.explore.compiled.test_quotients import walked
from tests.explore.copies import Crowd, crowds

ENGINES = {"reference": reference.explore, "compiled": compiled.explore}

Term = tuple[str, int, int]
"""What is looked at, of which thread or cell, and what it is compared with."""

TERMS = st.tuples(
    st.sampled_from(["own", "own", "own", "x", "inside", "is inside", "next", "holds", "signed"]),
    st.integers(0, 3),
    st.sampled_from([0, 1, 2, 7]),
)
CLAIMS = st.tuples(st.booleans(), st.lists(TERMS, min_size=1, max_size=4).map(tuple))
"""Whether all terms must be true, or one; and the terms."""


def is_true(term: Term, system: System, s: View) -> bool:
    """Whether a term is true of a state."""
    what, at, value = term
    objects = {each.name: each for each in system.objects}
    own = [each for name, each in objects.items() if name.startswith("own")]
    name = system.threads[at % len(system.threads)].name
    if what == "own":
        return bool(s[own[at % len(own)]] == value)
    if what == "x":
        return bool(s[objects["x"]] == value)
    if what == "inside":
        return len(s.inside("p")) == value
    if what == "is inside":
        return name in s.inside("p")
    if what == "next":
        return bool(s.about_to(own[at % len(own)], "write"))
    if what == "holds":
        return any(name in (each.thread for each in s.held_by(lock)) for lock in locks_of(system))
    return bool(s[objects["x"]] == name)


def locks_of(system: System) -> list[Any]:
    """The locks of a system."""
    return [each for each in system.objects if not isinstance(each, Cell | Atomic)]


def claimed(claim: tuple[bool, tuple[Term, ...]], system: System, s: View) -> bool:
    """Whether a random predicate is true."""
    every, terms = claim
    return (all if every else any)(is_true(each, system, s) for each in terms)


def images(quotient: Quotient, state: State) -> Iterator[State]:
    """All images of a state, made by exchanges."""
    found = dict.fromkeys([state])
    pending = [state]
    for each in pending:
        yield each
        for pair in quotient.pairs:
            image = quotient.exchanged(pair, each)
            if image not in found:
                found[image] = None
                pending.append(image)


def expected(explored: Explored, predicate: Callable[[View], bool]) -> list[int] | None:
    """The states of which it is true, as of all their images; None where two differ."""
    quotient, found = explored.product, []
    assert isinstance(quotient, Quotient)
    for at, state in enumerate(explored.graph.states):
        answers = {predicate(view(quotient, each)) for each in images(quotient, state)}
        if len(answers) > 1:
            return None
        if answers.pop():
            found.append(at)
    return found


def told(explored: Explored, predicate: Callable[[View], bool]) -> list[int] | None:
    """What is found of it; None where it can't be judged."""
    try:
        return list(explored.where(predicate))
    except Unlike:
        return None


def differences(crowd: Crowd, claims: Any, engine: str) -> list[Any]:
    """The predicates of which the graph says something else than all images."""
    system = crowd.build()[0]
    try:
        quotient, graph = walked(system, ENGINES[engine], minimise=True)
    except LockingError:
        return []
    assert isinstance(graph, PackedQuotient) == (engine == "compiled")
    explored = Explored(quotient, graph)
    return [
        claim
        for claim in claims
        for predicate in [partial(claimed, claim, system)]
        if told(explored, predicate) != expected(explored, predicate)
    ]


def found_within(number: int, most: int, engine: str) -> list[Any]:
    """What differs in so many random systems, with five predicates each."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(crowds(), st.lists(CLAIMS, min_size=5, max_size=5))
    def collect(crowd: Crowd, claims: Any) -> None:
        try:
            found.extend(differences(crowd, claims, engine))
        except (AssertionError, KeyError) as error:
            found.append(error)

    collect()
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_predicate_is_judged_as_all_images_say(engine: str) -> None:
    assert found_within(1, 15, engine) == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(2, 4))
def test_many_predicates_are_judged_as_all_images_say(number: int, engine: str) -> None:
    assert found_within(number, 100, engine) == []


def first_only(self: ImageTree, members: list[int], state: State, order: Any) -> list[int]:
    """Planted: one copy takes a place, whatever the others hold."""
    return different(self, members, state, order)[:1]


def as_it_stands(_self: MovedSights, look: Any, _: int, value: int) -> Any:
    """Planted: what a copy holds is not moved."""
    return value if look[1] is None else look[1](value)


def any_of_them(self: MovedSights, look: Any, twin: int, value: int) -> Any:
    """Planted: what names threads is taken for one of the things that it may be."""
    slot, see = look
    held = min(self.orbit(twin, value)[slot])
    return held if see is None else see(held)


different = ImageTree.different

PLANTED: dict[str, tuple[Any, str, Any, str]] = {
    "one order": (ImageTree, "different", first_only, "reference"),
    "not moved": (MovedSights, "seen", as_it_stands, "compiled"),
    "names are taken for one": (MovedSights, "seen", any_of_them, "reference"),
    "names are taken for one, packed": (MovedSights, "seen", any_of_them, "compiled"),
}


@pytest.mark.slow
@pytest.mark.parametrize("error", PLANTED)
def test_a_planted_error_is_found(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong, engine = PLANTED[error]
    monkeypatch.setattr(where, name, wrong)
    assert found_within(2, 60, engine)


def writers(count: int, steps: int, *claims: Any) -> System:
    """Threads with a cell each, to which they write 1, 2, and so on."""
    cells = [Cell(f"cell{at}", 0) for at in range(count)]

    async def up(cell: Cell) -> None:
        for value in range(steps):
            await cell.write(value + 1)

    threads = [Thread(f"t{at}", up, (cell,)) for at, cell in enumerate(cells)]
    return System(cells, threads, [claim(cells) for claim in claims])


def graph_of(system: System, engine: str) -> Explored:
    """What a walk of the quotient finds."""
    quotient, graph = walked(system, ENGINES[engine], minimise=True)
    return Explored(quotient, graph)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_predicate_on_one_copy_is_asked_once_for_what_it_sees(engine: str) -> None:
    system, seen = writers(4, 3), []

    def small(s: View) -> bool:
        seen.append(s[system.objects[0]])
        return seen[-1] < 4

    explored = graph_of(system, engine)
    assert len(list(explored.where(small))) == len(explored.graph.states)
    assert sorted(seen) == [0, 1, 2, 3]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_one_image_that_differs_is_found(engine: str, wrong: int) -> None:
    """Only where the last copy has written once, and the second as often as that."""
    system = writers(4, 3)
    cells = system.objects

    def odd(s: View) -> bool:
        return s[cells[3]] == 1 and s[cells[1]] == wrong and s[cells[0]] == 0

    with pytest.raises(Unlike):
        list(graph_of(system, engine).where(odd))


def test_more_images_than_the_unfolded_graph_is_worth_are_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn, lock = Cell("turn", ""), Mutex("lock")

    async def work(name: str) -> None:
        async with lock.hold(), section("inside"):
            await turn.write(name)

    threads = [Thread(f"t{at}", work, (f"t{at}",)) for at in range(3)]
    explored = graph_of(System([turn, lock], threads, []), "reference")
    assert list(explored.where(lambda s: s[turn] == "nobody")) == []
    monkeypatch.setattr("locking.properties.images.MOST_IMAGES", 3)
    monkeypatch.setattr("locking.properties.images.SHARE", 0)
    with pytest.raises(Unlike):
        list(explored.where(lambda s: s[turn] == "nobody"))


@pytest.mark.parametrize("reduction", ["automatic", "symmetry"])
def test_what_holds_of_one_copy_of_many_is_judged_folded(reduction: str) -> None:
    claims = (
        lambda cells: always("small", lambda s: s[cells[0]] <= 9),
        lambda cells: never("both", lambda s: s[cells[1]] > 9 and s[cells[0]] > 9),
    )
    found = check(case_of(writers(5, 9, *claims)), (), Options(reduction=reduction))
    assert found.folded
    assert {each.verdict.value for each in found.results} == {"holds"}
