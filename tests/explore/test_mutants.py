"""Planted bugs are caught: each mutant of the engine or of a lock differs from brute force."""

from typing import Any

import pytest

from locking import RwSem, Verdict, judging
from locking.errors import NotDeterministic
from locking.explore import automaton, graph, product
from locking.objects.reader_writer import RwState
from locking.programs.keys import typed
from locking.properties import explored, race
from locking.traces import replay
from tests.explore.brute import Brute
from tests.explore.compare import agreed, checked, merging_at_every_state
from tests.explore.systems import Instruction, Recipe
from tests.explore.test_automaton import parting_late

Program = tuple[Instruction, ...]

UPDATE: Program = (("read", "x"), ("bump", "x"))
ROOM: Program = (("section", "p", (("write", "y", 1), ("read", "y"))),)

CASES = {
    "updates": Recipe((UPDATE, UPDATE)),
    "three": Recipe((UPDATE, ROOM, (("choose", (0, 1)), ("copy", "x")))),
    "crossed": Recipe(
        ((("hold", "m", (("hold", "s", ()),)),), (("hold", "s", (("hold", "m", ()),)),))
    ),
    "reader": Recipe(((("hold", "write", UPDATE),), (("hold", "read", (("read", "x"),)),))),
    "parting": Recipe(
        (
            (("read", "x"), ("call", (("read", "y"),), False), ("copy", "y")),
            (("write", "x", 1), ("write", "y", 2)),
        )
    ),
    "nested": Recipe(((("read", "x"),), (("call", (("call", (), False), ("read", "x")), False),))),
    "blocks": Recipe(
        (
            (("atomic", (("hold", "s", (("write", "x", 1),)),)),),
            (("atomic", (("choose", (0, 1)), ("write", "x", 2))), ("read", "y")),
        )
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_unharmed_library_agrees(name: str) -> None:
    """Otherwise a difference below would show nothing."""
    assert agreed(CASES[name]).runs > 1


def caught(patch: pytest.MonkeyPatch, target: Any, name: str, mutant: Any) -> set[str]:
    """The cases in which the mutant is noticed."""
    patch.setattr(target, name, mutant)
    found = set()
    for case, recipe in CASES.items():
        try:
            agreed(recipe)
        except Exception:  # a difference, or the replay or a table that fails on the mutant
            found.add(case)
    return found


def test_an_engine_that_forgets_the_last_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its interleavings and ends are not those of brute force."""
    moves = product.Product.moves

    def mutant(self: Any, state: Any) -> Any:
        return [move for move in moves(self, state) if move[0] < len(self.threads) - 1]

    assert caught(monkeypatch, product.Product, "moves", mutant) == set(CASES)


def test_an_engine_that_takes_one_outcome_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A choice has every outcome."""
    moves = product.Product.moves

    def mutant(self: Any, state: Any) -> Any:
        return [move for move in moves(self, state) if move[1] == 0]

    assert caught(monkeypatch, product.Product, "moves", mutant) == {"three", "blocks"}


def test_a_reader_that_passes_a_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule is shared with brute force, so the lock's own contract must notice."""
    recipe = Recipe(
        (
            (("hold", "write", (("section", "p", (("write", "x", 1),)),)),),
            (("hold", "read", (("section", "q", (("read", "x"),)),)),),
        )
    )

    def together() -> bool:
        system, questions = recipe.build()
        found = {each.claim.name: each for each in checked_sections(system)}
        brute = Brute(system, questions)
        assert (found["never-pq"].path is not None) == ("pq2" in brute.best)
        return "pq2" in brute.best

    assert not together()

    def mutant(self: Any, state: RwState, me: str) -> Any:
        return self.reading(state, me), None

    monkeypatch.setattr(RwSem.down_read, "rule", mutant)
    assert together()


def checked_sections(system: Any) -> Any:
    """The results for the properties of two sections."""
    system.properties = tuple(each for each in system.properties if each.name == "never-pq")
    return checked(system).results


def test_learning_for_one_member_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one node does after a result is taken to be what all do: a wrong *holds*.

    Runs by chance of the real threads notice it, and without those nothing would.
    """

    def mutant(self: Any, place: int, result: Any) -> int:
        members = self.members[place]
        reached = self.learner.child(members[0], result)
        for node in members:
            self.learner.nodes[node].children[typed(result)] = reached
        found = self.place_of.get(reached)
        return self.open([reached]) if found is None else found

    with merging_at_every_state():
        (right,) = checked(parting_late()).results
        monkeypatch.setattr(automaton.Automaton, "learn", mutant)
        with pytest.raises(NotDeterministic, match="in another run of the same steps"):
            checked(parting_late())
        monkeypatch.setattr(judging, "trials", lambda *_: None)
        (wrong,) = checked(parting_late()).results
    assert (right.verdict, wrong.verdict) == (Verdict.FAILS, Verdict.HOLDS)


def test_merging_that_does_not_look_at_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal places now are not equal futures."""

    def mutant(self: Any) -> list[int]:
        return automaton.number([node.position for node in self.learner.nodes])

    assert caught(monkeypatch, automaton.Automaton, "equals", mutant)


def test_a_path_that_switches_more_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path of the shortest length that takes turns where it need not."""
    assert caught(monkeypatch, graph, "fewest_switches", most_switches)


def most_switches(graph_: Any, layers: Any) -> Any:
    """A shortest path with many context switches."""
    paths: dict[int, Any] = {0: (0, ())}
    for layer in layers[1:]:
        found: dict[int, Any] = {}
        for at, (turns, path) in paths.items():
            for choice, to in graph_.edges(at):
                turn = not path or path[-1][0] != choice[0]
                longer = (turns + turn, (*path, choice))
                if to in layer and longer > found.get(to, (-1, ())):
                    found[to] = longer
        paths = found
    return max(paths.values())[1]


def test_a_path_that_is_not_the_shortest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals that are met later give longer paths."""

    def mutant(_: Any, states: Any) -> Any:
        return frozenset(list(states)[-1:])

    assert caught(monkeypatch, explored.Explored, "nearest", mutant)


def test_an_interleaving_counted_once_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of ends is not the number of runs."""

    def mutant(graph_: Any) -> int:
        return len(list(graph_.ends()))

    assert caught(monkeypatch, graph.Graph, "runs", mutant)


def test_a_race_seen_through_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two blocks under one spinlock do not race, a block without it does."""
    between = race.race_between

    def mutant(made: Any, pair: Any, state: Any, *rest: Any) -> Any:
        locked = any(race.step_alone(made, thread, state).locks for thread in pair)
        return None if locked else between(made, pair, state, *rest)

    assert "blocks" in caught(monkeypatch, race, "race_between", mutant)


def test_a_wrong_table_is_refused_by_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong engine can't show a run that does not exist."""
    effect = product.Product.effect

    def mutant(self: Any, automaton_: Any, place: int, slot: int, value: int, options: int) -> Any:
        return effect(self, automaton_, place, slot, value and 0, options)

    assert replay.replay
    assert caught(monkeypatch, product.Product, "effect", mutant) >= {"updates", "three"}
