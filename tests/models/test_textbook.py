"""The textbook models say what they declare, in the number of steps that they declare."""

import math
from itertools import permutations

import pytest

from locking import Model, Mutex, Size, Thread, Verdict, catalogue
from locking.check import check
from locking.models.textbook import check_then_act, either_order
from locking.verdicts import Options, Report
from tests.systems import report, verdict

MODELS = catalogue.models("textbook")
CASES = [
    pytest.param(model, scenario.name, id=f"{model.name}-{scenario.name}")
    for model in MODELS
    for scenario in model.scenarios
]

SIZES = {
    ("textbook.downgrade", "downgrade"): Size(21, 20, 10, 2),
    ("textbook.downgrade", "gap"): Size(53, 58, 12, 22),
    ("textbook.recursive_read", "readers-pass"): Size(12, 12, 6, 2),
    ("textbook.recursive_read", "writer-blocks-readers"): Size(16, 18, 6, 5),
    ("textbook.starvation", "readers-pass"): Size(9, 18, 4, None),
    ("textbook.starvation", "writer-blocks-readers"): Size(13, 26, 4, None),
}
"""Of the models that have several scenarios; the others pin their size themselves."""

WITNESSES = {
    ("textbook.abba", "both-end"): 8,
    ("textbook.either_order", "a-wins"): 6,
    ("textbook.either_order", "b-wins"): 6,
    ("textbook.hotplug_shape", "parallel"): 14,
    ("textbook.recursive_read", "both-end"): 6,
    ("textbook.seqlock_reader", "parallel"): 2,
}
"""The steps of the shortest witness of every property that wants one."""


def search(model: Model, scenario: str, *, minimise: bool) -> Report:
    """The report of one scenario."""
    return check(
        model.case(scenario, None), options=Options(reduction="merge" if minimise else "none")
    )


@pytest.mark.parametrize("minimise", [True, False], ids=["merged", "unmerged"])
@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_every_verdict_is_the_declared_one(model, scenario, minimise):
    for result in search(model, scenario, minimise=minimise).results:
        assert result.declared is not None
        assert result.verdict is result.declared.verdict, result.claim.name


@pytest.mark.parametrize("minimise", [True, False], ids=["merged", "unmerged"])
@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_every_path_is_as_short_as_declared(model, scenario, minimise):
    for result in search(model, scenario, minimise=minimise).results:
        wanted = result.declared.steps
        if result.claim.wanted:
            wanted = WITNESSES[model.name, result.claim.name]
        assert (None if result.choices is None else len(result.choices)) == wanted


@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_the_unmerged_search_has_the_pinned_size(model, scenario):
    found = search(model, scenario, minimise=False)
    size = Size(found.states, found.transitions, found.depth, found.interleavings)
    assert size == (model.size or SIZES[model.name, scenario])


@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_merging_leaves_no_more_states_and_as_many_interleavings(model, scenario):
    merged = search(model, scenario, minimise=True)
    unmerged = search(model, scenario, minimise=False)
    assert merged.states <= unmerged.states
    assert merged.interleavings == unmerged.interleavings


@pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
def test_a_model_says_its_name_and_why_a_property_fails(model):
    assert model.name.startswith("textbook.")
    assert model.about
    assert all(expect.because for expect in model.expected)


@pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
def test_every_expectation_is_of_a_property_and_scenario_that_exist(model):
    for expect in model.expected:
        assert set(expect.scenarios) <= {scenario.name for scenario in model.scenarios}
        for scenario in expect.scenarios or [model.scenarios[0].name]:
            system = model.case(scenario, None).build()
            assert expect.property in {each.name for each in system.properties}


@pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
def test_no_model_only_holds(model):
    """Each has a property that fails in some scenario, or one that wants a witness."""
    results = [
        result
        for scenario in model.scenarios
        for result in search(model, scenario.name, minimise=True).results
    ]
    assert any(result.claim.wanted or result.verdict is Verdict.FAILS for result in results)


@pytest.mark.parametrize("turns", list(permutations(range(2))), ids=str)
@pytest.mark.parametrize("model", [check_then_act.MODEL, either_order.MODEL])
def test_the_order_of_the_threads_in_the_list_changes_no_verdict(model, turns):
    case = model.case("only", None)
    system = case.build()
    running = [system.threads[at] for at in turns]
    for property_ in system.properties:
        declared = model.declared(case, property_.name)
        assert verdict(system.objects, running, property_) is declared.verdict


@pytest.mark.parametrize(
    ("count", "sections"), [(2, 1), (2, 2), (2, 3), (2, 4), (3, 1), (3, 2), (4, 1)]
)
def test_locked_sections_run_in_every_order_there_is(count, sections):
    """With `n` threads of `k` sections each, that is (nk)! / (k!)^n orders."""
    lock = Mutex("lock")

    async def work():
        for _ in range(sections):
            await lock.mutex_lock()
            await lock.mutex_unlock()

    running = [Thread(str(number), work) for number in range(count)]
    orders = math.factorial(count * sections) // math.factorial(sections) ** count
    for minimise in (True, False):
        assert report([lock], running, minimise=minimise).interleavings == orders
