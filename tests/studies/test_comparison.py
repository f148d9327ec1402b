"""Two placements side by side, and what becomes of a run under the other one."""

from locking.studies.comparison import Pair, measured, verdict_differences
from tests.studies import toy


def in_each_scenario(name):
    """What is measured of a placement."""
    placement = toy.MODEL.placement(name)
    return [measured(toy.MODEL.case(each.name, placement)) for each in toy.MODEL.scenarios]


def compared(one, two):
    """The differences, by property and scenario."""
    names = [each.name for each in toy.MODEL.scenarios]
    sides = zip(in_each_scenario(one), in_each_scenario(two), names, strict=True)
    return {
        (each.flip.after.claim.name, each.where): each
        for each in verdict_differences([Pair(*each) for each in sides])
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
    rounds = {name: in_each_scenario(name)[0].rounds for name in ("bare", "split", "whole")}
    assert rounds == {"bare": 3, "split": 10, "whole": 9}
