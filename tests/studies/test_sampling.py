"""Samples say what some runs show: never that something always holds, and not one run too many."""

from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import locking.catalogue as catalogue
from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    System,
    Thread,
    Verdict,
    choose,
    data_race_free,
    deadlock_free,
    forever,
    never,
    never_together,
    require,
    required,
    retry,
    section,
)
from locking.check import check
from locking.errors import ModelError, NotDeterministic
from locking.explore.graph import INTERRUPTED
from locking.properties.explored import Finding
from locking.report.sampling import render
from locking.studies import sampling
from locking.studies.sampling import Plan, sample
from locking.traces.replay import replay
from locking.verdicts import Limits, Options
from tests.explore.compare import case_of, explored
from tests.explore.systems import Recipe, placements, programs

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

LIVELY = ("textbook.livelock", "textbook.starvation")
TEXTBOOK = [
    name
    for name in catalogue.model_names()
    if name.startswith("textbook.") and name not in LIVELY  # whose runs never end
]


def case(name, scenario=None):
    """The first case of a model."""
    model = catalogue.model(name)
    placement = model.placements[0] if model.placements else None
    return model.case(scenario or model.scenarios[0], placement)


def sampled(what, method="pct", names=(), limits=None, progress=None, **plan):
    """The sample of a case or a system."""
    of = case_of(what) if isinstance(what, System) else what
    return sample(of, names, Plan(method, **plan), limits or Limits(), progress)


def verdicts(results):
    """The verdicts by the names of the properties, with how many at once."""
    return {each.claim.name: (each.verdict, each.at_once) for each in results}


def known(results):
    """The verdicts that some run can show."""
    shows = {True: Verdict.HOLDS, False: Verdict.FAILS}
    return {
        each.claim.name: (each.verdict, each.at_once)
        for each in results
        if each.verdict is shows[each.claim.wanted]
    }


@pytest.mark.parametrize("name", TEXTBOOK)
def test_many_preemptions_find_in_textbook_models_what_a_search_finds(name):
    found = sampled(case(name), "bounded", preemptions=50)
    assert not found.tally.walk.refused
    assert known(found.results) == known(check(case(name)).results)


@settings(EXAMPLES, max_examples=5)
@given(st.one_of(programs(), placements()), st.booleans())
def test_many_preemptions_find_in_random_systems_what_a_search_finds(
    recipe: Recipe, minimise: bool
) -> None:
    finds_what_a_search_finds(recipe, minimise)


@pytest.mark.slow
@settings(EXAMPLES, derandomize=False, max_examples=100)
@given(st.one_of(programs(), placements()), st.booleans())
def test_many_preemptions_find_in_many_random_systems_what_a_search_finds(
    recipe: Recipe, minimise: bool
) -> None:
    finds_what_a_search_finds(recipe, minimise)


def finds_what_a_search_finds(recipe: Recipe, minimise: bool) -> None:
    """So many preemptions leave nothing out. Errors: `AssertionError`."""
    assume(len(explored(recipe.build()[0], minimise=False)[1].states) < 1_500)
    found = sampled(recipe.build()[0], "bounded", preemptions=50, minimise=minimise)
    report = check(case_of(recipe.build()[0]), options=Options())
    assert known(found.results) == known(report.results)


@settings(EXAMPLES, max_examples=5)
@given(st.one_of(programs(), placements()), st.sampled_from(sampling.METHODS))
def test_a_sample_shows_nothing_that_a_search_does_not(recipe: Recipe, method: str) -> None:
    shows_nothing_else(recipe, method)


@pytest.mark.slow
@settings(EXAMPLES, derandomize=False, max_examples=100)
@given(st.one_of(programs(), placements()), st.sampled_from(sampling.METHODS))
def test_of_many_random_systems_a_sample_shows_nothing_that_a_search_does_not(
    recipe: Recipe, method: str
) -> None:
    shows_nothing_else(recipe, method)


def shows_nothing_else(recipe: Recipe, method: str) -> None:
    """Every run that is shown is one of the system: it is replayed, and cut where it shows.

    Errors: `AssertionError`.
    """
    assume(len(explored(recipe.build()[0], minimise=False)[1].states) < 1_500)
    system = recipe.build()[0]
    report = check(case_of(recipe.build()[0]), options=Options())
    possible = known(report.results)
    for result in sampled(system, method, runs=30, preemptions=1).results:
        if result.verdict is Verdict.UNKNOWN:
            assert result.choices is None and result.cause
            continue
        verdict, at_once = possible[result.claim.name]
        assert result.verdict is verdict and (result.at_once or 0) <= (at_once or 0)
        trace = replay(system.product(), result.choices)
        assert result.claim.find(trace.product, trace.end) is not None


@pytest.mark.parametrize("method", sampling.METHODS)
@pytest.mark.parametrize("name", TEXTBOOK)
def test_nothing_that_must_always_hold_is_ever_said_to_hold(name, method):
    for result in sampled(case(name), method, runs=50).results:
        assert result.claim.wanted or result.verdict is not Verdict.HOLDS


def chance_of(system, property_):
    """The chance that a uniform run shows `property_` in its end, by the graph of all runs."""
    product, graph = explored(system, minimise=False)
    chances = [Fraction(0)] * len(graph.states)
    chances[0], total = Fraction(1), Fraction(0)
    for at, state in enumerate(graph.states):  # every step leads to a state of a greater depth
        edges = list(graph.edges(at))
        for _, target in edges:
            assert target > at
            chances[target] += chances[at] / len(edges)
        if not edges and property_.find(product, state):
            total += chances[at]
    return total


def near(found, runs, chance):
    """Whether so many hits are within four standard deviations of what is expected."""
    return abs(found - runs * chance) <= 4 * sqrt(runs * chance * (1 - chance))


def rate(name, property_, **plan):
    """How many runs of a model show a property, and out of how many."""
    found = sampled(case(name), names=[property_], **plan)
    return found.tally.shown[0].runs, found


def test_uniform_runs_lose_an_update_as_often_as_they_must():
    system = case("textbook.lost_update").build()
    chance = chance_of(system, system.properties[0])
    assert chance == Fraction(1, 2)  # after one load: the other loads next, or the store is made
    hits, _ = rate("textbook.lost_update", "sum", method="uniform", runs=4_000, seed=3)
    assert near(hits, 4_000, float(chance))


def test_a_sampler_that_prefers_a_thread_is_found_out(monkeypatch):
    """Planted: one step more of the first thread is in the hat."""
    monkeypatch.setattr(
        sampling, "uniform", lambda random: lambda moves: random.choice([moves[0], *moves])
    )
    hits, _ = rate("textbook.lost_update", "sum", method="uniform", runs=4_000, seed=3)
    assert not near(hits, 4_000, 0.5)


@pytest.mark.parametrize(
    ("name", "property_"),
    [
        ("textbook.lost_update", "sum"),
        ("textbook.abba", "deadlock-free"),
        ("textbook.torn_read", None),
        ("textbook.check_then_act", None),
    ],
)
def test_bugs_of_depth_2_are_found_at_least_as_often_as_promised(name, property_):
    report = check(case(name))
    failing = [r.claim.name for r in report.results if r.verdict is Verdict.FAILS]
    assert failing and (property_ is None or property_ in failing)
    found = sampled(case(name), "pct", names=failing, runs=1_000, depth=2, seed=5)
    least, runs = float(found.least), found.tally.counted
    assert runs > 800
    for shown in found.tally.shown:
        assert shown.runs >= runs * least - 4 * sqrt(runs * least)


def test_the_same_seed_gives_the_same_and_another_gives_another():
    def outcome(seed, method):
        found = sampled(case("textbook.lost_update"), method, runs=200, seed=seed)
        return [shown.runs for shown in found.tally.shown], [each.path for each in found.results]

    for method in ("uniform", "pct"):
        assert outcome(1, method) == outcome(1, method)
        assert len({str(outcome(seed, method)) for seed in range(1, 6)}) > 1


def test_only_runs_drawn_with_the_greatest_length_count():
    """Those that were drawn before a run was so long had turns in which nobody was put back."""
    found = sampled(case("textbook.lost_update"), "pct", runs=500)
    assert (found.tally.longest, found.tally.counted) == (4, 450)
    assert found.least == Fraction(1, 2 * 4 * 5)


def test_a_run_that_never_ends_is_cut():
    x = Cell("x", 0)

    async def spin():
        await x.READ_ONCE()

    system = System([x], [Thread("a", forever, (spin,))], [never("one", lambda s: s[x])])
    found = sampled(system, "uniform", runs=3, steps=20)
    assert (found.tally.cut, found.tally.longest, found.tally.runs) == (3, 0, 3)
    assert found.results[0].cause == "no failure in 3 runs"


def test_what_is_cut_short_has_not_ended():
    """A deadlock, and what is judged at the end, show only where no step is left."""
    a, b = Mutex("a"), Mutex("b")

    async def both(one, other):
        await one.mutex_lock()
        await other.mutex_lock()

    system = System(
        [a, b], [Thread("t", both, (a, b)), Thread("u", both, (b, a))], [deadlock_free()]
    )
    assert sampled(system, "uniform", runs=50, steps=1).results[0].verdict is Verdict.UNKNOWN
    assert sampled(system, "uniform", runs=50).results[0].verdict is Verdict.FAILS


def test_a_choice_of_the_model_takes_the_promise_away():
    x = Cell("x", 0)

    async def chooses():
        await x.write(await choose(0, 1))

    system = System([x], [Thread("a", chooses)], [never("one", lambda s: s[x])])
    assert sampled(system, runs=20).tally.choosing
    assert not sampled(case("textbook.lost_update"), runs=20).tally.choosing


@pytest.mark.parametrize("method", sampling.METHODS)
def test_a_kind_of_ones_own_is_judged_by_what_it_finds(method):
    class Own:
        name, about, wanted = "own", "", False

        def judge(self, explored):
            return explored.never(explored.where(lambda s: s[x] == 1))

        def find(self, product, state):
            return Finding("x is 1") if product.value(x, state) == 1 else None

    x = Cell("x", 0)

    async def writes():
        await x.write(1)

    found = sampled(System([x], [Thread("a", writes)], [Own()]), method, runs=5)
    assert found.results[0].verdict is Verdict.FAILS


@pytest.mark.parametrize("method", sampling.METHODS)
def test_nobody_races_where_a_run_broke_off(method):
    """What would be next steps there are steps that nobody takes."""
    x = Cell("x", 0)

    async def fails():
        require(False, "no")
        await x.read()

    async def writes():
        await x.write(1)

    threads = [Thread("a", fails), Thread("b", writes), Thread("c", writes)]
    system = System([x], threads, [data_race_free(), required("no")])
    found = verdicts(sampled(system, method, runs=5).results)
    assert found == {"data-race": (Verdict.UNKNOWN, None), "no": (Verdict.FAILS, None)}
    assert known(check(case_of(system)).results) == {"no": (Verdict.FAILS, None)}


@pytest.mark.parametrize("method", sampling.METHODS)
def test_an_error_of_the_model_is_an_error(method):
    x = Cell("x", 0)

    async def raises():
        await x.read()
        raise ValueError("no")

    with pytest.raises(ModelError, match="thread a raised ValueError: no"):
        sampled(System([x], [Thread("a", raises)], [never("one", lambda s: s[x])]), method, runs=5)


def test_a_state_that_shows_what_its_replay_does_not_is_refused(monkeypatch):
    """Planted: a judge that sees failures everywhere."""
    monkeypatch.setattr(sampling, "shown_by_state", lambda *_: True)
    with pytest.raises(NotDeterministic, match="does not show what the run showed"):
        sampled(case("textbook.lost_update"), "uniform", names=["sum"], runs=5)


@pytest.mark.parametrize("method", sampling.METHODS)
def test_ctrl_c_leaves_what_is_known(method, monkeypatch):
    monkeypatch.setattr("locking.check.PERIOD", 1)
    calls = []

    def interrupt(*_):
        calls.append(None)
        if len(calls) > 9:
            raise KeyboardInterrupt

    found = sampled(case("textbook.lost_update"), method, progress=interrupt)
    assert found.tally.cause == INTERRUPTED
    assert verdicts(found.results)["data-race"] == (Verdict.FAILS, None)


@pytest.mark.parametrize("method", ["uniform", "pct"])
def test_a_limit_ends_the_drawing_and_is_named(method):
    found = sampled(case("memory_hotplug"), method, limits=Limits(seconds=1e-9))
    assert found.tally.cause == "more than 1e-09 seconds"
    assert found.tally.runs < 256


def test_a_limit_ends_the_walk_and_is_named():
    found = sampled(case("memory_hotplug"), "bounded", limits=Limits(states=20))
    assert found.tally.cause == "more than 20 states"
    assert "no failure so far (more than 20 states)" in {each.cause for each in found.results}


def test_merged_threads_show_the_same_in_fewer_states():
    model = catalogue.model("textbook.hotplug_shape")
    where = model.case(model.scenarios[0], None, {"threads": "3", "pages": "2"})
    merged, plain = (
        sampled(where, "bounded", preemptions=2, minimise=way) for way in (True, False)
    )
    assert known(merged.results) == known(plain.results)
    assert len(merged.tally.walk.states) < len(plain.tally.walk.states)


FLAGS, TURN = (Cell("flag0", False), Cell("flag1", False)), Cell("turn", 0)


async def other_is_out(me: int) -> bool | None:
    return True if not await FLAGS[1 - me].READ_ONCE() else None


async def turn_is_mine(me: int) -> bool | None:
    if await TURN.READ_ONCE() == me:
        return True
    await retry(other_is_out, me)
    await TURN.WRITE_ONCE(me)
    return None


async def hyman(me: int) -> None:
    """Hyman's lock (Communications of the ACM 9(1), 1966), which lets two threads in."""
    await FLAGS[me].WRITE_ONCE(True)
    await retry(turn_is_mine, me)
    async with section("critical"):
        await FLAGS[me].WRITE_ONCE(False)


def hymans() -> Case:
    threads = [Thread(f"t{me}", hyman, (me,)) for me in range(2)]
    exclusive = never_together("exclusive", "critical", "critical")
    return Model("hyman", "", lambda _: System([*FLAGS, TURN], threads, [exclusive])).case(
        "only", None
    )


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4, 5))]
)
def test_a_bug_behind_spin_loops_is_found_by_priorities(seed: int) -> None:
    found = sample(hymans(), (), Plan("pct", runs=5_000, seed=seed), Limits())
    assert found.results[0].verdict is Verdict.FAILS
    assert found.tally.longest < 100


def test_where_a_thread_spins_no_chance_is_given() -> None:
    found = sample(hymans(), (), Plan("pct", runs=500), Limits())
    assert found.tally.spun
    assert "No chance can be given" in " ".join(render(found, 80).split())


def test_a_run_that_is_cut_does_not_count_as_the_longest() -> None:
    """A thread that spins until the other comes is cut if that one never has its turn."""
    x = Cell("x", 0)

    async def until_set() -> bool | None:
        return True if await x.READ_ONCE() else None

    async def forever_alone() -> None:
        await retry(until_set)

    system = System([x], [Thread("a", forever_alone)], [never("one", lambda s: s[x] == 1)])
    case_ = Model("cut", "", lambda _: system).case("only", None)
    found = sample(case_, (), Plan("pct", runs=20, steps=30), Limits())
    assert (found.tally.cut, found.tally.longest) == (20, 0)
    text = " ".join(render(found, 80).split())
    assert "No run ends within 30 steps; 20 runs cut." in text
    assert "No chance can be given" in text
