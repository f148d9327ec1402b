"""What is drawn is what the model takes; all of it can be drawn; it shrinks to the smallest."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from locking import (
    Cell,
    Model,
    Mutex,
    Parameter,
    Placement,
    RwSem,
    Scenario,
    System,
    Thread,
    Verdict,
    deadlock_free,
    step,
)
from locking.check import check
from locking.errors import UsageError
from locking.models.memory_hotplug import (
    ADD_SECTIONS,
    INIT_DEVICE_PAGES,
    RAISE_HIGHEST,
    RESIZE_ZONE,
    SET_CONTIGUOUS,
    hotplug,
)
from locking.models.memory_hotplug import MODEL as HOTPLUG
from locking.placements.edit import regions
from locking.placements.space import Space, arrangements, choices, variants
from locking.placements.trees import Trees
from locking.strategies import placements, role_mixes, scopes
from locking.verdicts import Limits, Options, Result

SAME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    phases=[Phase.generate, Phase.shrink],  # to explain a failure, it would trace every line
)
"""Every run draws the same examples."""

cell = Cell("cell", 0)
lock, mutex = RwSem("lock"), Mutex("mutex")


@step("LOAD")
async def LOAD(_: object) -> None:
    await cell.read()


@step("STORE")
async def STORE(_: object) -> None:
    await cell.write(1)


@step("STORE_MARKED", "", STORE)
async def STORE_MARKED(_: object) -> None:
    await cell.WRITE_ONCE(1)


BASE = Placement("base", worker=[LOAD, STORE], other=[lock.read(LOAD)])
SPACE = Space("worker", (LOAD, STORE), (lock, mutex), BASE)

MODEL = Model(
    "toy",
    "Who works?",
    lambda _: System([cell], [Thread("w", LOAD.run, (None,))], [deadlock_free()]),
    parameters=(
        Parameter("workers", 2, "how many", least=2, most=5),
        Parameter("speed", "fast", "how fast", words=("slow", "fast")),
    ),
    steps={"worker": (LOAD, STORE, STORE_MARKED), "other": (LOAD,)},
    cast={"worker": 2, "other": 3, "still": 1},
    space=SPACE,
)


@SAME
@given(scopes(MODEL))
def test_every_scope_that_is_drawn_is_one_of_the_model(scope: dict[str, str]) -> None:
    assert list(MODEL.scope(scope)) == ["workers", "speed"]


def test_scopes_shrink_to_the_least_number_and_the_first_word() -> None:
    assert find(scopes(MODEL), lambda _: True, settings=SAME) == {"workers": "2", "speed": "slow"}
    wanted = {"workers": "5", "speed": "fast"}
    assert find(scopes(MODEL), lambda scope: scope == wanted, settings=SAME) == wanted


@SAME
@given(scopes(MODEL, workers=3))
def test_a_parameter_can_be_bounded_below_its_own_bound(scope: dict[str, str]) -> None:
    assert scope["workers"] in ("2", "3")


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        ({"worker": 3}, "unknown whole number among the parameters of toy 'worker': did you mean"),
        ({"speed": 3}, "unknown whole number among the parameters of toy 'speed': known: workers"),
        ({"workers": 6}, "--workers 6: impossible; it is a whole number from 2 to 5"),
        ({"workers": 1}, "--workers 1: impossible"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused(bound: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        scopes(MODEL, **bound)


@SAME
@given(role_mixes(MODEL, most=3))
def test_a_mix_that_is_drawn_is_what_its_name_says(scenario: Scenario) -> None:
    assert MODEL.scenario(scenario.name) == scenario
    assert MODEL.case(scenario, None).scenario.roles == scenario.roles
    assert 1 <= len(scenario.roles) <= 3
    assert list(scenario.roles) == sorted(scenario.roles, key=list(MODEL.cast).index)


def mixes(most: int) -> list[tuple[str, ...]]:
    """Every mix of the toy, counted out by hand; no thread plays in `still`."""
    numbers = product(range(3), range(4), range(2))
    return [
        ("worker",) * workers + ("other",) * others + ("still",) * still
        for workers, others, still in numbers
        if workers + others and workers + others + still <= most
    ]


@pytest.mark.parametrize("roles", mixes(3), ids="+".join)
def test_every_mix_can_be_drawn(roles: tuple[str, ...]) -> None:
    assert find(role_mixes(MODEL, 3), lambda each: each.roles == roles, settings=SAME)


@pytest.mark.parametrize(
    ("wanted", "smallest"),
    [
        (set(), "worker"),
        ({"other"}, "other"),
        ({"still"}, "worker+still"),
        ({"other", "still"}, "other+still"),
    ],
)
def test_mixes_shrink_to_the_fewest_roles_and_the_first_of_the_cast(
    wanted: set[str], smallest: str
) -> None:
    found = find(role_mixes(MODEL), lambda each: wanted <= {*each.roles}, settings=SAME)
    assert found.name == smallest


def test_there_are_no_mixes_of_nobody() -> None:
    with pytest.raises(UsageError, match="there are no mixes of 0 roles"):
        role_mixes(MODEL, most=0)
    with pytest.raises(UsageError, match="there are no mixes where toy has no cast"):
        role_mixes(replace(MODEL, cast={}))


def breaks(scenario: Scenario, scope: dict[str, str], placement: str) -> bool:
    """Whether a small search finds a run that breaks something."""

    def broken(result: Result) -> bool:
        return result.verdict is Verdict.FAILS and not result.claim.wanted

    case = HOTPLUG.case(scenario, HOTPLUG.placement(placement), scope)
    report = check(case, options=Options(limits=Limits(states=1_000)), enough=broken)
    return any(map(broken, report.results))


@pytest.mark.slow
def test_what_breaks_the_deferral_of_v4_20_is_two_adders_of_one_page() -> None:
    asked = st.tuples(role_mixes(HOTPLUG, most=4), scopes(HOTPLUG, adders=2, pages=2))
    scenario, scope = find(asked, lambda drawn: breaks(*drawn, "duyck"), settings=SAME)
    assert scenario == HOTPLUG.scenario("adder+adder")
    assert scope["pages"] == "1"


def drawable(space: Space, most: int) -> set[Trees]:
    """Every tree of a space, as it is enumerated."""
    slots = variants(space.steps, MODEL.steps[space.role])
    return {trees for steps in choices(slots) for trees in arrangements(steps, space.locks, most)}


def test_what_is_drawn_is_what_the_space_has() -> None:
    drawn: set[Trees] = set()

    @settings(SAME, max_examples=10_000)
    @given(placements(MODEL, most=2))
    def draw(placement: Placement) -> None:
        drawn.add(placement.roles["worker"])
        assert placement.roles["other"] == BASE.roles["other"]
        MODEL.check_steps(placement)

    draw()
    assert drawn == drawable(SPACE, 2)


@pytest.mark.parametrize(
    ("wanted", "smallest"),
    [
        (lambda _: True, "[LOAD, STORE]"),
        (lambda each: list(regions(each.roles["worker"])), "[LOAD, lock.read(STORE)]"),
        (
            lambda each: any(region.lowered for _, _, region in regions(each.roles["worker"])),
            "[lock.write(LOAD).downgrade(STORE)]",
        ),
        (lambda each: STORE_MARKED in each.steps("worker"), "[LOAD, STORE_MARKED]"),
        (
            lambda each: "lock.write(mutex" in each.show("worker"),
            "[lock.write(mutex.hold(LOAD)), STORE]",
        ),
    ],
)
def test_placements_shrink_to_few_regions_and_few_variants(
    wanted: Callable[[Placement], object], smallest: str
) -> None:
    found = find(placements(MODEL), lambda each: bool(wanted(each)), settings=SAME)
    assert found.show("worker") == smallest


@pytest.mark.slow
def test_the_smallest_safe_placement_against_a_remover_has_one_region() -> None:
    steps = (ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, SET_CONTIGUOUS, INIT_DEVICE_PAGES)
    space = Space("adder", steps, (hotplug,), HOTPLUG.placement("duyck"))

    def safe(placement: Placement) -> bool:
        results = check(HOTPLUG.case("add-vs-remove", placement)).results
        return all(each.verdict is Verdict.HOLDS for each in results)

    found = find(placements(HOTPLUG, space), safe, settings=SAME)
    [(_, _, region)] = regions(found.roles["adder"])
    assert found.steps("adder") == steps
    assert str(region).count("INIT_DEVICE_PAGES") == 1


def test_a_model_without_a_space_needs_one() -> None:
    with pytest.raises(UsageError, match="toy has no space of placements; give one"):
        placements(replace(MODEL, space=None))
    assert find(placements(replace(MODEL, space=None), SPACE), lambda _: True, settings=SAME)


def test_without_hypothesis_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import locking.strategies"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "needs Hypothesis: pip install 'locking[hypothesis]'" in ran.stderr.splitlines()[-1]
