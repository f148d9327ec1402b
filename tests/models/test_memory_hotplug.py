"""The memory hotplug model: the published answers, the declared verdicts, and what they rest on."""

from functools import cache
from itertools import combinations_with_replacement

import pytest

from locking import Placement, Verdict
from locking.check import check
from locking.errors import UsageError
from locking.models.memory_hotplug import MODEL, REMOVE_SECTIONS, SHRINK_ZONE, hotplug
from locking.verdicts import Options, Report
from tests.samples import some_by_default

PLACEMENTS = [placement.name for placement in MODEL.placements]
SCENARIOS = [scenario.name for scenario in MODEL.scenarios]

LOST_SPAN, LOST_MAX, LOST_SECTION = "zone-span", "highest-pfn", "no-lost-section"
VM_BUG, POISON_READ = "init-inside-span", "no-poison-read"
OUTCOMES = (LOST_SPAN, LOST_MAX, LOST_SECTION, VM_BUG, POISON_READ)

# The columns: add||add, add||remove, add in a hole||remove, and whether add||remove breaks the
# claim that no hotplug work is in flight under the write lock. Computed before this project by
# another, throw-away explorer, with the resize as one step.
KNOWN_ANSWERS: dict[str, tuple[set[str], set[str], set[str], bool]] = {
    "baseline": (set(), set(), set(), True),
    "duyck": (set(), {POISON_READ, VM_BUG}, {POISON_READ}, False),
    "duyck-noshrink": (set(), set(), set(), False),
    "hocko": ({LOST_SPAN, LOST_MAX, VM_BUG}, {POISON_READ, VM_BUG}, {POISON_READ}, False),
    "hocko-oscar": ({LOST_MAX}, {POISON_READ, VM_BUG}, {POISON_READ}, False),
    "williams-deeper": ({LOST_SECTION}, set(), {POISON_READ}, True),
    "williams-deeper-idxlock": (set(), set(), {POISON_READ}, True),
    "williams-rwsem-gap": (set(), {POISON_READ, VM_BUG}, {POISON_READ}, False),
    "williams-rwsem-downgrade": (set(), set(), set(), True),
    "shared": ({LOST_SPAN, LOST_MAX, LOST_SECTION, VM_BUG}, set(), set(), True),
    "shared-oscar-idxlock": ({LOST_MAX}, set(), set(), True),
}

# What a resize of two stores adds to that, per scenario: each is explained in docs/findings.md.
FINDINGS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "duyck": ({VM_BUG}, {LOST_SPAN}, {VM_BUG, LOST_SPAN}),
    "duyck-noshrink": ({VM_BUG}, set(), set()),
    "hocko": (set(), {LOST_SPAN}, {VM_BUG, LOST_SPAN}),
    "hocko-oscar": ({VM_BUG}, {LOST_SPAN}, {VM_BUG, LOST_SPAN}),
    "williams-rwsem-gap": (set(), set(), {VM_BUG}),
    "shared-oscar-idxlock": ({VM_BUG}, set(), set()),
}

SAFETY = [
    "init-inside-span",
    "zone-span",
    "no-lost-section",
    "highest-pfn",
    "no-poison-read",
    "pgmap-set",
    "init-once",
    "writer-excludes-init",
    "sync-point",
    "present-pages",
    "deadlock-free",
    "no-misuse",
    "data-race",
]


EVERY_PLACEMENT = pytest.mark.parametrize(
    "placement",
    [
        pytest.param(name, marks=[] if name in ("baseline", "duyck") else [pytest.mark.slow])
        for name in PLACEMENTS
    ],
)
"""The placements, of which the default run has two."""


@cache
def report(scenario: str, placement: str, **scope: str) -> Report:
    """What a search says, made once and looked at by several tests."""
    return check(MODEL.case(scenario, MODEL.placement(placement), scope))


def verdicts(scenario: str, placement: str, **scope: str) -> dict[str, Verdict]:
    return {
        result.claim.name: result.verdict for result in report(scenario, placement, **scope).results
    }


def failing(scenario: str, placement: str, **scope: str) -> set[str]:
    return {
        name
        for name, verdict in verdicts(scenario, placement, **scope).items()
        if verdict is Verdict.FAILS and name in OUTCOMES
    }


@pytest.mark.parametrize("placement", some_by_default(KNOWN_ANSWERS, 3))
@pytest.mark.parametrize("pages", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_with_a_one_step_resize_the_known_answers_come_out(placement: str, pages: str) -> None:
    add, remove, hole, sync_point = KNOWN_ANSWERS[placement]
    scope = {"resize": "one-step", "pages": pages}

    assert failing("add-vs-add", placement, **scope) == add
    assert failing("add-vs-remove", placement, **scope) == remove
    assert failing("add-in-hole-vs-remove", placement, **scope) == hole
    judged = verdicts("add-vs-remove", placement, **scope)["sync-point"]
    assert (judged is Verdict.HOLDS) == sync_point


@pytest.mark.parametrize("placement", some_by_default(KNOWN_ANSWERS, 2))
def test_a_stepwise_resize_shows_more_exactly_where_the_findings_say(placement: str) -> None:
    for number, scenario in enumerate(("add-vs-add", "add-vs-remove", "add-in-hole-vs-remove")):
        known = KNOWN_ANSWERS[placement][number]
        found = FINDINGS.get(placement, (set(), set(), set()))[number]
        assert failing(scenario, placement) == known | found


@pytest.mark.parametrize("resize", ["stepwise", pytest.param("one-step", marks=pytest.mark.slow)])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_verdict_is_the_declared_one(scenario: str, resize: str) -> None:
    for placement in PLACEMENTS:
        wrong = [
            result.claim.name
            for result in report(scenario, placement, resize=resize).results
            if result.wrong
        ]
        assert not wrong, (scenario, placement, wrong)


@pytest.mark.slow
def test_every_declared_failure_has_a_reason_and_speaks_of_something() -> None:
    met = {
        id(result.declared)
        for scenario in SCENARIOS
        for placement in PLACEMENTS
        for adders in ("2", "3" if placement.startswith("williams-deeper") else "2")
        for result in report(scenario, placement, adders=adders).results
    }
    for expect in MODEL.expected:
        assert expect.because
        assert id(expect) in met, expect


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_shared_repaired_is_safe_in_every_scenario(scenario: str) -> None:
    judged = verdicts(scenario, "shared-repaired")
    assert {name: judged[name] for name in SAFETY if name in judged} == {
        name: Verdict.HOLDS for name in SAFETY if name in judged
    }


@pytest.mark.parametrize(
    ("adders", "at_once"), [("2", 2), pytest.param("3", 3, marks=pytest.mark.slow)]
)
def test_shared_repaired_initialises_as_many_devices_at_once_as_there_are_adders(
    adders: str, at_once: int
) -> None:
    found = report("add-vs-add", "shared-repaired", adders=adders)
    parallel = next(each for each in found.results if each.claim.name == "parallel-init")
    assert parallel.at_once == at_once
    assert parallel.path


def test_the_gap_is_parallel_and_excludes_initialisers_but_is_no_sync_point() -> None:
    for scenario in ("add-vs-add", "add-vs-remove", "add-in-hole-vs-remove"):
        judged = verdicts(scenario, "williams-rwsem-gap")
        assert judged["writer-excludes-init"] is Verdict.HOLDS
        assert judged["sync-point"] is Verdict.FAILS
    assert verdicts("add-vs-add", "williams-rwsem-gap")["parallel-init"] is Verdict.HOLDS


def test_the_downgrade_is_safe_against_adders_and_removers_and_serial() -> None:
    for scenario in ("add-vs-add", "add-vs-remove", "add-in-hole-vs-remove", "hmm-add-vs-add"):
        judged = verdicts(scenario, "williams-rwsem-downgrade")
        judged.pop("parallel-init", None)
        assert set(judged.values()) == {Verdict.HOLDS}
    found = report("add-vs-add", "williams-rwsem-downgrade")
    parallel = next(each for each in found.results if each.claim.name == "parallel-init")
    assert parallel.verdict is Verdict.FAILS
    assert parallel.at_once == 1


def test_the_race_of_2019_is_the_shortest_run_of_the_deferral() -> None:
    found = report("add-vs-remove", "duyck")
    broken = next(each for each in found.results if each.claim.name == "init-inside-span")
    assert broken.path == "memory_hotplug:add-vs-remove:duyck:init-inside-span::a10.b6.a4"


@pytest.mark.slow
def test_more_adders_and_pages_give_the_declared_verdicts_too() -> None:
    for placement, scope in (
        ("baseline", {"adders": "3"}),
        ("williams-deeper-idxlock", {"adders": "3"}),
        ("williams-rwsem-gap", {"adders": "3", "pages": "2"}),
        ("williams-rwsem-downgrade", {"adders": "4"}),
    ):
        wrong = [each for each in report("add-vs-add", placement, **scope).results if each.wrong]
        assert not wrong, (placement, wrong)


@EVERY_PLACEMENT
def test_merging_threads_changes_no_verdict(placement: str) -> None:
    for scenario in ("add-vs-remove", "add-vs-walker", "online-vs-sysfs-online"):
        case = MODEL.case(scenario, MODEL.placement(placement))
        full = check(case, options=Options(reduction="none"))
        merged = report(scenario, placement)
        assert [(each.claim.name, each.verdict) for each in full.results] == [
            (each.claim.name, each.verdict) for each in merged.results
        ]
        assert full.interleavings == merged.interleavings
        assert full.depth == merged.depth


@pytest.mark.campaign
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_three_adders_of_two_pages_give_the_declared_verdicts(placement: str) -> None:
    wrong = [
        each
        for each in report("add-vs-add", placement, adders="3", pages="2").results
        if each.wrong
    ]
    assert not wrong


# The threads, what the zone holds when they begin, and the properties beside those of every
# scenario: `A` of adding, `W` of writers, `I` of initialising together, `L` of looking, `O` of
# onlining.
SET_UP = {
    "add-vs-add": ("adder-10 adder-12", "", "A W I"),
    "add-vs-remove": ("adder-12 remover-10", "10", "A W L"),
    "add-in-hole-vs-remove": ("adder-12 remover-10", "10 14", "A W L"),
    "add-vs-walker": ("adder-12 walker", "10", "A L"),
    "add-vs-reader": ("adder-12 reader", "10", "A L"),
    "hmm-add-vs-add": ("hmm-10 adder-12", "", "A W I"),
    "online-vs-online": ("onliner-1 onliner-2", "10 12", "O"),
    "online-vs-sysfs-online": ("onliner-1 sysfs_onliner-2", "10 12", "O"),
    "online-vs-offline": ("onliner-1 offliner-2", "10 12", "O"),
    "adder+remover": ("adder-12 remover-10", "10", "A W L"),
    "remover+adder+adder+bystander": ("remover-10 adder-12 adder-14", "10 16", "A W I L"),
    "adder+bystander": ("adder-10", "12", "A"),
    "adder+onliner": ("adder-14 onliner-1", "10 12", "A W O"),
    "remover+walker+walker+reader": ("remover-10 walker walker-2 reader", "10 12", "L"),
    "offliner+onliner+offliner": ("offliner-1 onliner-2 offliner-3", "10 12", "O"),
}

GROUPS = {
    "A": ["init-inside-span", "zone-span", "no-lost-section", "highest-pfn", "pgmap-set"],
    "W": ["writer-excludes-init", "sync-point"],
    "I": ["parallel-init"],
    "L": ["no-poison-read"],
    "O": ["present-pages"],
}


@pytest.mark.parametrize("scenario", SET_UP)
def test_a_mix_has_its_threads_its_devices_and_the_properties_that_speak_of_them(
    scenario: str,
) -> None:
    system = MODEL.case(scenario, MODEL.placement("baseline")).build()
    threads, present, groups = SET_UP[scenario]
    starts = {each.name: each.start for each in system.objects}
    there = [name for name, start in starts.items() if name[:4] == "sect" and start == "present"]
    named = [each.name for each in system.properties if each.name != "init-once"]

    assert [each.name for each in system.threads] == threads.split()
    assert there == [f"section{pfn}" for pfn in present.split()]
    assert named == [
        *(name for group in groups.split() for name in GROUPS[group]),
        *("deadlock-free", "no-misuse", "data-race"),
    ]


def test_present_pages_are_counted_from_all_that_is_there() -> None:
    mixed = MODEL.case("offliner+remover+offliner", MODEL.placement("baseline"), {"pages": "2"})
    [claim] = [each for each in mixed.build().properties if each.name == "present-pages"]
    assert claim.about == "at the end, zone->present_pages is 2"


@pytest.mark.parametrize("scenario", ["remover+remover", "adder+bystander+bystander", "bystander"])
def test_a_mix_that_the_model_does_not_speak_of_is_refused(scenario: str) -> None:
    with pytest.raises(UsageError, match=r"memory_hotplug takes 1 of role|no role that acts"):
        MODEL.case(scenario, MODEL.placement("baseline"))


def mixes(most: int) -> list[str]:
    """Every mix of up to so many roles that the cast can play."""
    return [
        "+".join(roles)
        for number in range(1, most + 1)
        for roles in combinations_with_replacement(MODEL.cast, number)
        if all(roles.count(role) <= MODEL.cast[role] for role in roles)
        and set(roles) != {"bystander"}
    ]


@cache
def broken(scenario: str, placement: str, **scope: str) -> set[str]:
    """What fails of a mix; if one of its properties were vacuous, it could not be checked."""
    results = check(MODEL.case(scenario, MODEL.placement(placement), scope)).results
    assert all(each.verdict is not Verdict.UNKNOWN for each in results)
    return {each.claim.name for each in results if each.verdict is Verdict.FAILS}


@pytest.mark.parametrize("scenario", some_by_default(mixes(2), 3))
@pytest.mark.parametrize("placement", ["baseline", "shared-repaired"])
@pytest.mark.parametrize("resize", ["stepwise", pytest.param("one-step", marks=pytest.mark.slow)])
def test_every_mix_of_two_roles_can_be_checked(scenario: str, placement: str, resize: str) -> None:
    broken(scenario, placement, resize=resize)


@pytest.mark.parametrize("scenario", mixes(2))
def test_no_mix_of_two_breaks_shared_repaired(scenario: str) -> None:
    assert broken(scenario, "shared-repaired", resize="stepwise") == set()


@pytest.mark.campaign
@pytest.mark.parametrize("scenario", [mix for mix in mixes(3) if mix.count("+") == 2])
def test_no_third_role_breaks_shared_repaired(scenario: str) -> None:
    assert broken(scenario, "shared-repaired") == set()


def test_without_its_marked_store_a_remover_races_a_walker() -> None:
    """No scenario has both; the mix of them showed that this repair was missing."""
    remover = [hotplug.write(SHRINK_ZONE, REMOVE_SECTIONS)]
    roles = {**MODEL.placement("shared-repaired").roles, "remover": remover}
    placement = Placement("plain", **roles)
    results = check(MODEL.case("remover+walker", placement)).results
    assert [each.claim.name for each in results if each.verdict is Verdict.FAILS] == ["data-race"]


@EVERY_PLACEMENT
@pytest.mark.parametrize(
    ("scenario", "mix"),
    [
        ("add-vs-add", "adder+adder"),
        ("add-in-hole-vs-remove", "adder+remover+bystander"),
        ("add-vs-reader", "adder+reader"),
        ("online-vs-sysfs-online", "onliner+sysfs_onliner"),
    ],
)
def test_a_scenario_is_the_mix_of_its_roles(scenario: str, mix: str, placement: str) -> None:
    one, other = report(scenario, placement), report(mix, placement)
    assert (one.states, one.transitions, one.interleavings) == (
        other.states,
        other.transitions,
        other.interleavings,
    )
    assert verdicts(scenario, placement) == verdicts(mix, placement)
