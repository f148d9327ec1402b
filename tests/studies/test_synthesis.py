"""Every placement is decided rightly: each against a search of its own, on a toy and at random."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from locking import Mutex, Space, System, Verdict
from locking.check import check
from locking.errors import ModelError, UsageError
from locking.studies import synthesis as module
from locking.studies.asking import question
from locking.studies.front import Placed, Score, front
from locking.studies.synthesis import Decision, Synthesis
from locking.verdicts import Limits, Options, never_evaluated
from tests.studies import toy
from tests.studies.random_spaces import spaces
from tests.studies.trylock import MODELS

FAILING = {Decision.WEAKER, Decision.REFUTED, Decision.BROKEN}


class Recorded(Synthesis):
    """A synthesis that remembers how each placement was decided."""

    def __init__(self, asked):
        super().__init__(asked)
        self.outcomes = {}

    def decide(self, trees, chosen, held_by):
        outcome = super().decide(trees, chosen, held_by)
        self.outcomes[trees] = outcome
        return outcome


def recorded(asked):
    """A synthesis, run to its end."""
    search = Recorded(asked)
    for _ in search.run():
        pass
    return search


def searched(asked, trees):
    """The verdict of a placement by a search of every scenario, and how many are at once."""
    at_once, unknown, reports = 0, False, []
    for scenario in asked.scenarios:
        try:
            reports.append(check(asked.case(trees, scenario)))
        except ModelError:
            unknown = True
            continue
        results = reports[-1].results
        required = [each for each in results if not each.claim.wanted]
        if any(each.verdict is Verdict.FAILS for each in required):
            return Verdict.FAILS, 0
        unknown |= any(each.verdict is Verdict.UNKNOWN for each in required)
        at_once = max([at_once, *(each.at_once or 0 for each in results)])
    unknown |= any(never_evaluated(reports))
    return (Verdict.UNKNOWN if unknown else Verdict.HOLDS), at_once


def disagreements(search):
    """The placements of which a search of its own says something else."""
    asked = search.question
    for trees, outcome in search.outcomes.items():
        verdict, at_once = searched(asked, trees)
        if outcome in FAILING and verdict is not Verdict.FAILS:
            yield outcome, verdict, trees
        if outcome is Decision.SAFE and verdict is not Verdict.HOLDS:
            yield outcome, verdict, trees
        if outcome is Decision.BEATEN and verdict is Verdict.HOLDS:
            score = next(iter(search.placed)).score._replace(
                at_once=at_once,
                held=module.steps_held(trees, works(search, trees)),
                regions=module.regions_in(trees),
                repairs=0,
            )
            score = score._replace(repairs=repaired(search, trees))
            if not any(one.score.beats(score) for one in search.placed):
                yield outcome, score, trees


def chosen_in(trees):
    """The steps of trees, in order."""
    return module.Placement("p", about="", role=trees).steps("role")


def works(search, trees):
    """How many steps each of its steps takes."""
    search.begin(chosen_in(trees))
    return search.work


def repaired(search, trees):
    """How many of its steps are repairs."""
    return module.repairs(chosen_in(trees), search.question.space.steps)


def brute_force(asked):
    """The front, by searching every placement of the space."""
    search = Synthesis(asked)
    safe = []
    for chosen in search.chosen:
        search.begin(chosen)
        for trees in module.arrangements(chosen, asked.space.locks, asked.regions):
            verdict, at_once = searched(asked, trees)
            if verdict is Verdict.HOLDS:
                held, regions = module.steps_held(trees, search.work), module.regions_in(trees)
                score = Score(at_once, held, regions, repaired(search, trees))
                safe.append(Placed(trees, score))
    return front(safe)


@pytest.mark.parametrize("regions", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_front_is_that_of_brute_force(regions):
    asked = question(toy.MODEL, regions=regions)
    search = recorded(asked)
    assert search.decided == search.size == len(search.outcomes)
    assert set(search.front) == set(brute_force(asked))
    assert search.front


@pytest.mark.slow
def test_every_placement_is_decided_as_a_search_of_its_own_decides_it():
    search = recorded(question(toy.MODEL))
    assert list(disagreements(search)) == []
    assert {*FAILING, Decision.SAFE} <= set(search.outcomes.values())


@pytest.mark.slow
def test_what_is_best_is_safe_and_parallel_with_a_downgrade_or_a_gap():
    search = recorded(question(toy.MODEL))
    shown = {f"{one.score.at_once}: {', '.join(map(str, one.trees))}" for one in search.front}
    assert "2: lock.write(COUNT), LOOK" not in shown  # it looks while another writes
    assert "2: lock.write(COUNT), lock.read(LOOK)" in shown


@given(spaces())
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_of_random_spaces_every_placement_is_decided_rightly(model):
    assert list(disagreements(recorded(question(model)))) == []


@pytest.mark.slow
@given(spaces())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_of_many_random_spaces_every_placement_is_decided_rightly(model):
    assert list(disagreements(recorded(question(model)))) == []


PLANTED = {
    "weaker": lambda *_: True,
    "is_monotone": lambda *_: True,
    "shown_by_state": lambda product, property_, state: property_.find(product, state) or True,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_found(monkeypatch, name):
    """A relation too wide, properties wrongly taken for monotone, a run that shows nothing."""
    monkeypatch.setattr(module, name, PLANTED[name])
    search = recorded(question(toy.MODEL))
    assert list(disagreements(search))


def test_a_scenario_that_has_none_of_what_is_required_is_not_judged():
    """What is not required may fail there: the checker's race with COUNT, for one."""
    asked = question(toy.MODEL, required=["writer-alone"], regions=1)
    search = recorded(asked)
    alone = replace(asked, scenarios=asked.scenarios[:1])
    assert search.outcomes == recorded(alone).outcomes
    assert search.tally[Decision.SAFE]


def test_a_limit_makes_a_placement_unknown_and_never_safe():
    asked = question(toy.MODEL, options=Options(limits=Limits(states=1)))
    search = recorded(asked)
    assert not search.placed
    assert search.tally[Decision.UNKNOWN]
    assert "more than 1 states" in search.causes


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_what_fails_where_a_thread_may_not_get_the_lock_says_nothing_of_weaker_placements(model):
    """A thread that is told whether it got the lock may do something else under another."""
    assert list(disagreements(recorded(question(model)))) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_else_a_safe_placement_would_be_taken_for_one_that_fails(model, monkeypatch):
    monkeypatch.setattr(module, "answers", lambda *_: False)
    assert list(disagreements(recorded(question(model)))) != []


class Turnstile(Mutex):
    """A lock that the harness knows nothing of: who comes in lets others in."""


def test_of_a_lock_of_ones_own_nothing_is_concluded_from_weaker_placements():
    own = Turnstile("turnstile")
    space = Space("worker", (toy.COUNT, toy.LOOK), (own,), toy.BARE)
    model = replace(
        toy.MODEL,
        build=lambda case: with_object(toy.build(case), own),
        placements=(toy.BARE,),
        space=space,
    )
    assert not recorded(question(model)).tally[Decision.WEAKER]
    assert recorded(question(toy.MODEL)).tally[Decision.WEAKER]


def with_object(system, added):
    """A system with one more object."""
    return System([*system.objects, added], system.threads, system.properties)


def test_a_question_names_what_there_is():
    asked = question(toy.MODEL)
    assert [each.name for each in asked.scenarios] == ["two", "checked"]
    assert (asked.wanted, asked.regions) == ("together", 2)
    assert [len(slot) for slot in asked.slots] == [2, 1]
    narrowed = question(toy.MODEL, offered=["mutex"], scenarios=["two"], required=["sum"])
    assert [lock.name for lock in narrowed.space.locks] == ["mutex"]
    assert narrowed.required == ("sum",)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"offered": ["luck"]}, "unknown lock of toy 'luck': did you mean lock"),
        ({"required": ["summ"]}, "unknown property of toy in two, checked 'summ'"),
        ({"scenarios": ["three"]}, "unknown scenario of toy 'three'"),
        ({"wanted": "sum"}, "sum counts no threads; what can be maximised: together"),
    ],
)
def test_a_question_about_what_there_is_not_is_refused(asked, says):
    with pytest.raises(UsageError, match=says.replace("(", r"\(")):
        question(toy.MODEL, **asked)


def test_a_model_that_declares_no_space_has_that_of_its_first_placement():
    asked = question(replace(toy.MODEL, space=None))
    assert [step.name for step in asked.space.steps] == ["COUNT", "LOOK"]
    assert {lock.name for lock in asked.space.locks} == {"lock", "mutex"}
    with pytest.raises(UsageError, match="no placements"):
        question(replace(toy.MODEL, space=None, placements=()))
