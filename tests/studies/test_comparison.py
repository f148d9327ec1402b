"""Two placements side by side, and what becomes of a run under the other one."""

from locking.check import check
from locking.explore.critical_path import fewest_rounds
from locking.studies.comparison import Measured, verdict_differences
from tests.studies import toy


def measured(name):
    """The reports of a placement, with the critical paths."""
    found = []
    for scenario in toy.MODEL.scenarios:
        rounds = []
        report = check(
            toy.MODEL.case(scenario.name, toy.MODEL.placement(name)),
            look=lambda seen, rounds=rounds: rounds.append(
                fewest_rounds(seen.graph, set(seen.finished))
            ),
        )
        found.append(Measured(report, rounds[0]))
    return found


def compared(one, two):
    """The differences, by property and scenario."""
    return {
        (each.flip.after.claim.name, each.of.case.scenario.name): each
        for each in verdict_differences(measured(one), measured(two))
    }


def test_a_race_that_appears_is_stopped_by_the_lock_of_the_other():
    found = compared("whole", "bare")
    lost = found["sum", "two"]
    assert lost.run.choices and lost.of.case.placement.name == "bare"
    assert lost.stopped.startswith("the same schedule is stopped there after 2 steps: b waits for")
    assert lost.stopped.endswith("lock, held by a")


def test_parallelism_that_is_gained_is_a_difference():
    found = compared("whole", "split")
    each = found["together", "two"]
    assert (each.flip.before.at_once, each.flip.after.at_once) == (1, 2)
    assert each.of.case.placement.name == "split"
    assert set(found) == {("together", "two")}


def test_a_placement_does_not_differ_from_itself():
    assert not compared("good", "good")


def test_the_critical_path_counts_what_it_costs_to_take_a_lock_twice():
    rounds = {name: measured(name)[0].rounds for name in ("bare", "split", "whole")}
    assert rounds == {"bare": 3, "split": 10, "whole": 9}
