"""A run that is cut is a suspected livelock: shown where it goes round, and never said to hold."""

import re
from random import Random

import pytest

from locking import (
    Cell,
    System,
    Thread,
    Verdict,
    can_end,
    deadlock_free,
    eventually,
    forever,
    no_livelock,
    served,
)
from locking.check import check
from locking.explore.ways import states_along
from locking.properties.liveness import Walk
from locking.report.sampling import render
from locking.studies import sampling, suspects
from locking.studies.sampling import Plan, sample
from locking.studies.suspects import Suspect, shown_suspect, suspect_of
from locking.traces.replay import replay
from locking.verdicts import Limits
from tests.explore.compare import case_of
from tests.studies.looping import X, looping, set_1, set_2, until_1

Y = Cell("y", 0)


async def flip():
    await Y.WRITE_ONCE(1 - await Y.READ_ONCE())


async def flip_for_ever():
    await forever(flip)


async def long():
    for number in range(60):
        await X.WRITE_ONCE(number)


def system_of(*programs, daemon=None, properties=()) -> System:
    """Threads of the programs, and perhaps a daemon."""
    found = [Thread(name, program) for name, program in zip("abc", programs, strict=False)]
    if daemon:
        found.append(Thread("daemon", daemon, daemon=True))
    return System([X, Y], found, list(properties) or [deadlock_free()])


def sampled(system: System, method="uniform", runs=40, steps=40, **plan):
    """The sample of a system."""
    return sample(case_of(system), (), Plan(method, runs=runs, steps=steps, **plan), Limits())


def verdicts(found) -> dict[str, Verdict]:
    """The verdicts by name."""
    return {each.claim.name: each.verdict for each in found.results}


@pytest.mark.parametrize("method", ["uniform", "pct"])
def test_a_run_that_goes_round_is_shown_as_a_lasso_that_is_a_run(method: str) -> None:
    system = system_of(set_1, until_1, set_2)
    found = sampled(system, method)
    assert found.tally.suspected and found.tally.suspect.cycle
    run = shown_suspect(found.case, found.tally.suspect)
    assert run and run.path == "" and run.cycle == found.tally.suspect.cycle
    trace = replay(system.product(), found.tally.suspect.choices)
    assert trace.states[-1] == trace.states[-1 - run.cycle]
    text = render(found, 80)
    assert "Suspected livelock: " in text and re.search(r"steps? \d.* forever", text)


def test_a_run_that_only_needs_more_steps_is_shown_by_its_last_ones() -> None:
    found = sampled(system_of(long), runs=3)
    assert found.tally.suspected == 3 and found.tally.suspect == Suspect(((0, 0),) * 40, 0)
    text = " ".join(render(found, 80).split())
    assert "comes to no state twice; its last steps: 31 a: WRITE_ONCE(x, 30)" in text
    assert "40 a: WRITE_ONCE(x, 39)" in text and "41 a:" not in text
    assert "3 suspected livelocks" in text


def test_where_all_that_must_end_have_ended_nothing_is_suspected() -> None:
    found = sampled(system_of(set_1, daemon=flip_for_ever))
    assert found.tally.cut == 40 and found.tally.suspect is None
    assert "uspected" not in render(found, 80)


def test_one_that_no_end_follows_fails_can_end_with_a_path() -> None:
    found = sampled(system_of(set_2, until_1))
    assert verdicts(found)["can-end"] is Verdict.FAILS
    (result,) = [each for each in found.results if each.claim.name == "can-end"]
    assert result.path and result.path.endswith("can-end::" + result.path.rsplit(":", 1)[1])


def test_one_that_may_still_end_does_not_fail_can_end() -> None:
    """Cut after three steps, while the other thread may still set x."""
    found = sampled(system_of(set_1, until_1, properties=[can_end()]), steps=3)
    assert found.tally.suspected
    assert verdicts(found) == {"can-end": Verdict.UNKNOWN}


@pytest.mark.parametrize(
    ("property_", "fails"),
    [
        (no_livelock(), True),
        (no_livelock(fairness="strong"), True),
        (no_livelock(lambda s: s[X] == 2), False),
        (eventually("one", lambda s: s[X] == 1), True),
        (eventually("two", lambda s: s[X] == 2), False),
        (served(X), False),
    ],
)
def test_liveness_fails_by_a_run_that_goes_round(property_, fails: bool) -> None:
    """It agrees with a search, but never says that a property holds."""
    system = system_of(set_2, until_1, properties=[property_])
    (found, *_) = sampled(system).results
    (right, *_) = check(case_of(system)).results
    assert found.verdict is (Verdict.FAILS if fails else Verdict.UNKNOWN)
    assert right.verdict is (Verdict.FAILS if fails else Verdict.HOLDS)


def test_liveness_fails_by_a_run_that_ends_where_it_must_not() -> None:
    system = system_of(set_2, properties=[eventually("one", lambda s: s[X] == 1)])
    (found,) = sampled(system).results
    assert found.verdict is Verdict.FAILS


def test_a_round_that_the_fairness_forbids_shows_nothing() -> None:
    """Cut while the other thread has not moved: no weakly fair scheduler goes on like that."""
    asked = [no_livelock(), no_livelock(name="unfair", fairness="none")]
    found = sampled(system_of(set_1, until_1, properties=asked), steps=3, runs=100)
    assert verdicts(found) == {"no-livelock": Verdict.UNKNOWN, "unfair": Verdict.FAILS}


def drawn(system: System, seed: int, steps: int):
    """The choices of a random run of so many steps."""
    product, random = system.product(), Random(seed)
    state, choices = product.initial, []
    while len(choices) < steps and (moves := product.moves(state)):
        thread, outcome, state = random.choice(moves)
        choices.append((thread, outcome))
    return product, choices


def every_window(product, choices):
    """Every round with the end of the last one: its first state's number, and who is neglected."""
    states = states_along(product, product.initial, choices)
    last = max(at for at, state in enumerate(states) if state in states[:at])
    for first in range(last):
        if states[first] == states[last]:
            walk = Walk(product, states[: last + 1], choices[:last], first)
            yield first, last, walk.neglected()


@pytest.mark.parametrize("seed", range(8))
def test_the_fairest_of_all_rounds_is_shown(seed: int) -> None:
    """Of those with one end, beside all of them."""
    product, choices = drawn(system_of(until_1, flip_for_ever, daemon=flip_for_ever), seed, 25)
    found = suspect_of(product, choices)
    rounds = list(every_window(product, choices))
    strong = [last - first for first, last, (_, strong) in rounds if not strong]
    weak = [last - first for first, last, (weak, _) in rounds if not weak]
    either = [last - first for first, last, _ in rounds]
    assert found and found.cycle == min(strong or weak or either)


def test_what_led_to_a_round_has_no_round_in_it() -> None:
    product, choices = drawn(system_of(until_1, flip_for_ever), 3, 60)
    found = suspect_of(product, choices)
    assert found
    states = states_along(product, product.initial, found.choices)
    stem = states[: len(states) - found.cycle]
    assert len(set(stem)) == len(stem) and states[-1] == stem[-1]


@pytest.mark.parametrize(
    ("name", "wrong", "test"),
    [
        ("came_before", lambda _: {}, test_a_round_that_the_fairness_forbids_shows_nothing),
        ("goes_on", lambda _: True, test_where_all_that_must_end_have_ended_nothing_is_suspected),
        (
            "without_rounds",
            lambda _, choices: list(choices),
            test_what_led_to_a_round_has_no_round_in_it,
        ),
    ],
)
def test_a_planted_error_is_noticed(name, wrong, test, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspects, name, wrong)
    with pytest.raises(AssertionError):
        test()


def test_where_the_nearest_states_do_not_tell_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("locking.properties.can_end.MOST_CONFIRMING", 0)
    test_one_that_may_still_end_does_not_fail_can_end()


def test_a_way_out_that_is_overlooked_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "no_way_out", lambda _, state: {state})
    with pytest.raises(AssertionError):
        test_where_the_nearest_states_do_not_tell_nothing_fails(monkeypatch)


def fails_in_a_search_too(seed: int) -> set[str]:
    """The properties that a sample says fail, all of which fail in a search. Errors: if not."""
    found = sampled(looping(seed), runs=25, steps=30, seed=seed)
    shown = {each.claim.name for each in found.results if each.verdict is Verdict.FAILS}
    report = check(case_of(looping(seed)))
    right = {each.claim.name for each in report.results if each.verdict is Verdict.FAILS}
    assert shown <= right, (seed, shown, right)
    assert not any(each.verdict is Verdict.HOLDS for each in found.results)
    return shown


def test_of_random_loops_a_sample_shows_only_what_a_search_does() -> None:
    """And it shows failures of every kind."""
    shown = set[str]().union(*(fails_in_a_search_too(seed) for seed in range(4)))
    assert shown >= {"no-livelock", "leaves", "can-end"}


@pytest.mark.slow
def test_of_many_random_loops_a_sample_shows_only_what_a_search_does() -> None:
    shown = [fails_in_a_search_too(seed) for seed in range(4, 120)]
    assert set[str]().union(*shown) >= {"gets", "deadlock-free"}
