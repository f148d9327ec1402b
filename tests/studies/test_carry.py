"""A run carried over to another placement is a run of that one, or says where it is stopped."""

import pytest

from locking.check import check
from locking.explore.product import Product
from locking.studies.carry import Carrying, shown_by_state, turns
from locking.studies.comparison import locks_of
from locking.system import chosen
from locking.traces.replay import replay
from tests.studies import toy

NAMES = [placement.name for placement in toy.MODEL.placements]


def failing():
    """Every failing result of the toy, with its report."""
    for placement in toy.MODEL.placements:
        for scenario in toy.MODEL.scenarios:
            report = check(toy.MODEL.case(scenario.name, placement))
            for result in report.results:
                if result.choices is not None and not result.claim.wanted:
                    yield report, result


def carried(report, result, name):
    """The run of a result under the placement called `name`, with its system and property."""
    case = toy.MODEL.case(report.case.scenario.name, toy.MODEL.placement(name))
    offered = locks_of(case) | locks_of(report.case)
    system, target = report.case.build(), case.build()
    schedule = turns(Product(system.objects, system.threads), result.choices, offered)
    product = Product(target.objects, target.threads)
    [property_] = chosen(target, [result.claim.name])
    carrying = Carrying(
        product, offered, lambda s: shown_by_state(product, property_, s) is not None
    )
    return case, target, property_, carrying.carry(schedule)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_carried_over_is_a_run_of_the_other_placement(name):
    """It is replayed through the real coroutines, and what it shows is shown by its end."""
    for report, result in failing():
        _, target, property_, run = carried(report, result, name)
        trace = replay(target.product(), run.choices)
        assert trace.end == run.end or not run.shows
        if run.shows:
            assert property_.find(trace.product, trace.end) is not None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_there_fails_there(name):
    for report, result in failing():
        case, _, _, run = carried(report, result, name)
        if run.shows:
            found = {each.claim.name: each.verdict.value for each in check(case).results}
            assert found[result.claim.name] == "fails"


def test_a_run_carried_over_to_its_own_placement_shows_the_same():
    for report, result in failing():
        *_, run = carried(report, result, report.case.placement.name)
        assert run.shows and len(run.choices) <= len(result.choices)


def test_a_run_that_is_stopped_says_who_waits():
    report, result = next(each for each in failing() if each[1].claim.name == "sum")
    *_, run = carried(report, result, "whole")
    assert (run.shows, run.waiting) == (False, 1)
