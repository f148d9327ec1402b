"""What each region is for, on a toy of which that is known."""

from dataclasses import replace

import pytest

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Placement,
    Scenario,
    System,
    Thread,
    eventually,
    no_livelock,
    perform,
    retry,
    section,
    served,
    step,
)
from locking.check import check
from locking.studies.necessity import flips, trial_of, tried_changes, uses
from locking.verdicts import Limits, Options
from tests.studies import toy


def explained(name, options=None):
    """The uses of a placement's regions, by what they are of."""
    placement = toy.MODEL.placement(name)

    def reports(each):
        return [
            check(toy.MODEL.case(scenario.name, each), options=options)
            for scenario in toy.MODEL.scenarios
        ]

    base = reports(placement)
    trials = [trial_of(edit, made, base, reports(made)) for edit, made in tried_changes(placement)]
    return uses(placement, trials)


def lost(use):
    """For every change of a region the properties that it breaks."""
    return {
        str(each.edit): sorted({flip.after.claim.name for flip in each.losses})
        for each in use.trials
    }


def test_a_write_lock_protects_the_count_and_dropping_it_loses_additions():
    region = explained("good")[0]
    assert region.text == "lock.write(COUNT).downgrade(LOOK)"
    assert not region.redundant
    assert lost(region)["worker.1.drop"] == ["data-race", "sum"]
    assert lost(region)["worker.1.out.1"] == ["data-race", "sum"]
    assert lost(region)["worker.1.out.2"] == ["data-race", "writer-alone"]
    assert lost(region)["worker.1.up"] == ["data-race", "writer-alone"]
    assert lost(region)["worker.1.split"] == []


def test_the_shortest_run_of_what_breaks_comes_first_and_is_a_real_one():
    [drop, *_] = explained("good")[0].trials
    lengths = [flip.length for flip in drop.losses]
    assert lengths == sorted(lengths)
    assert all(flip.after.path and "~worker.1.drop:" in flip.after.path for flip in drop.losses)


def test_what_a_change_gives_and_takes_away_is_told_apart():
    region = explained("whole")[0]
    by_edit = {str(each.edit): each for each in region.trials}
    gained = {flip.after.claim.name: flip.after.at_once for flip in by_edit["worker.1.out.2"].gains}
    assert gained == {"together": 2}
    region = explained("split")[1]
    wider = explained("split")[0]
    assert not [each for use in (region, wider) for each in use.trials if each.edit.kind == "after"]


def test_a_lock_too_many_is_redundant_and_the_other_is_not():
    outer, inner, checker = explained("double")[:3]
    assert (inner.text, inner.redundant) == ("mutex.hold(COUNT)", True)
    assert not outer.redundant and not checker.redundant


def test_what_is_not_decided_is_not_called_redundant():
    for use in explained("double", Options(limits=Limits(states=1))):
        assert not use.redundant
        assert all(each.undecided for each in use.trials if each.edit.weakens)


def test_a_lock_with_several_regions_is_dropped_as_a_whole_too():
    last = explained("split")[-1]
    assert (last.whose, last.number) == ("lock", None)
    assert lost(last)["lock.drop"] == ["data-race", "sum"]


def test_of_a_region_that_no_run_takes_it_is_not_said_that_it_is_redundant() -> None:
    inner = explained("double")[1]
    assert inner.redundant and not replace(inner, taken=False).redundant


def counting() -> Model:
    """A waiter is let go once both workers have counted themselves, which they do under a lock."""
    lock, counted = Mutex("lock"), Cell("counted", 0)

    @step("COUNT")
    async def count(_: object) -> None:
        await counted.WRITE_ONCE(await counted.READ_ONCE() + 1)

    async def both() -> bool | None:
        return True if await counted.READ_ONCE() == 2 else None

    async def wait() -> None:
        async with section("waits"):
            await retry(both)

    def build(case: Case) -> System:
        assert case.placement
        work = [Thread(name, perform, (case.placement.roles["worker"], name)) for name in "ab"]
        asked = [served("waits"), eventually("both", lambda s: s[counted] == 2), no_livelock()]
        return System([lock, counted], [*work, Thread("waiter", wait)], asked)

    placements = [Placement("locked", worker=[lock.hold(count)])]
    return Model("counting", "", build, [Scenario("only")], placements, steps={"worker": [count]})


def test_a_region_is_needed_if_without_it_a_loop_never_ends() -> None:
    model = counting()
    (placement,) = model.placements
    base = [check(model.case("only", placement))]
    trials = [
        trial_of(edit, made, base, [check(model.case("only", made))])
        for edit, made in tried_changes(placement)
    ]
    (region,) = uses(placement, trials)
    assert not region.redundant
    assert lost(region)["worker.1.drop"] == ["both", "can-end", "no-livelock", "served"]
    assert not any(trial.undecided for trial in trials)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((3, None), (2, None), True),
        ((3, None), (2, "cut"), False),
        ((2, "cut"), (3, None), False),
        ((3, "cut"), (2, None), True),
        ((2, None), (3, "cut"), True),
        ((3, "cut"), (2, "cut"), False),
        ((2, None), (2, "cut"), False),
    ],
)
def test_more_threads_may_be_together_than_a_search_has_found_that_ended_early(before, after, told):
    report = check(toy.MODEL.case(toy.MODEL.scenarios[0].name, toy.MODEL.placement("good")))
    (counted,) = [each for each in report.results if each.at_once is not None]

    def found(at_once, cause):
        return replace(report, results=(replace(counted, at_once=at_once),), cause=cause)

    assert bool([*flips(found(*before), found(*after))]) == told
