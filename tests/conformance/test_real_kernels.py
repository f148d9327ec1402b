"""Traces of real kernels: which placement each runs, and the event that rules each other out."""

from typing import Any

import pytest

from locking.conformance.answer import answer_of
from locking.conformance.discipline import discipline_of
from locking.conformance.judged import (
    Conformance,
    Judged,
    RolesKey,
    TreesByRole,
    judge_roles,
    key_of_roles,
    ruled_out,
)
from locking.models.memory_hotplug import MODEL
from locking.placements.placement import Placement
from tests.conformance.held import (
    EVERY_TRACE,
    FORMS,
    INSIDE_READ,
    INSIDE_WRITE,
    PLACEMENTS,
    UNMODIFIED,
    events,
    judged,
    lines_of,
    recording,
)

OVER_INITIALISATION = (
    "baseline",
    "williams-deeper",
    "williams-deeper-idxlock",
    "williams-rwsem-gap",
    "williams-rwsem-downgrade",
    "shared",
    "shared-oscar-idxlock",
    "shared-repaired",
)
"""Placements whose adder holds mem_hotplug_lock, in some mode, over the initialisation."""

IN_EVERY_FORM = pytest.mark.parametrize("form", FORMS)


def conforming(name: str, form: str) -> list[str]:
    return [
        placement
        for placement in PLACEMENTS
        if judged(name, placement, form).conformance is Conformance.CONFORMS
    ]


@IN_EVERY_FORM
@pytest.mark.parametrize("name", EVERY_TRACE)
def test_every_trace_is_read_whole(name: str, form: str) -> None:
    lines = [line for line in lines_of(name, form) if line.strip() and not line.startswith("#")]
    head = form.endswith(".csv.gz")
    assert recording(name, form).events == len(lines) - head
    assert recording(name, form).lost is None


@IN_EVERY_FORM
@pytest.mark.parametrize("name", UNMODIFIED)
def test_an_unmodified_kernel_runs_the_deferred_initialisation(name: str, form: str) -> None:
    found = conforming(name, form)
    assert "duyck-noshrink" in found
    assert not set(found) & set(OVER_INITIALISATION)
    assert set(found) <= {"duyck", "duyck-noshrink"}


@IN_EVERY_FORM
def test_the_rebuilt_kernels_are_told_apart(form: str) -> None:
    assert conforming(INSIDE_WRITE, form) == ["baseline"]
    assert conforming(INSIDE_READ, form) == ["williams-rwsem-gap"]


def test_that_device_zones_are_not_shrunk_shows_where_other_zones_are() -> None:
    assert conforming("deb61_s2b_blocks_vs_pmem", FORMS[0]) == ["duyck-noshrink"]
    offence = judged("deb61_s2b_blocks_vs_pmem", "duyck", FORMS[0]).offence
    assert offence
    assert (offence.at.event.line, offence.at.names) == (835, ("ar_enter",))
    assert offence.allowed == (("sh_pre", ""),)


def test_that_device_zones_are_not_shrunk_shows_where_shrinking_is_said_to_be_traced() -> None:
    found = judged("deb61_s1b_parallel_bind", "duyck", FORMS[0], ("sh_pre", "sh_node_done"))
    assert found.offence
    assert found.offence.at.names == ("ar_enter",)
    kept = judged("deb61_s1b_parallel_bind", "duyck-noshrink", FORMS[0], ("sh_pre",))
    assert kept.conformance is Conformance.CONFORMS


RULED_OUT = [
    ("deb61_s1b_parallel_bind", "baseline", 925, "w_rel", "zd_enter"),
    ("deb61_s1b_parallel_bind", "hocko", 917, "rz_pre", "w_rel"),
    ("deb61_s1b_parallel_bind", "williams-deeper", 871, "w_enter", "aa_enter"),
    ("deb61_s1b_parallel_bind", "williams-rwsem-downgrade", 925, "w_rel", "zd_enter"),
    ("deb61_s1d_big_small", "baseline", 396, "w_rel", "zd_enter"),
    (INSIDE_WRITE, "duyck-noshrink", 378, "zd_enter", "w_rel"),
    (INSIDE_WRITE, "williams-rwsem-gap", 378, "zd_enter", "w_rel"),
    (INSIDE_WRITE, "williams-rwsem-downgrade", 382, "w_rel", "mr_exit"),
    (INSIDE_READ, "duyck-noshrink", 425, "r_enter", "zd_enter"),
    (INSIDE_READ, "williams-rwsem-downgrade", 419, "w_rel", "zd_enter"),
    (INSIDE_READ, "shared-repaired", 370, "w_enter", "r_enter"),
]
"""Trace, placement, and the event that proves that this kernel does not run it; what it wanted."""


@pytest.mark.parametrize(("name", "placement", "line", "event", "wanted"), RULED_OUT)
def test_each_exclusion_is_proved_by_the_event(
    name: str, placement: str, line: int, event: str, wanted: str
) -> None:
    offence = judged(name, placement, FORMS[0]).offence
    assert offence
    assert (offence.at.event.line, offence.at.names) == (line, (event,))
    assert wanted in dict(offence.allowed)


def test_a_lock_that_no_event_shows_excludes_by_what_it_would_keep_out() -> None:
    # The trace has no event of a reader, so where the read lock is taken is not seen.
    offence = judged("deb61_s1d_big_small", "williams-rwsem-gap", FORMS[0]).offence
    assert offence
    assert (offence.at.event.line, offence.at.names) == (409, ("zd_enter",))
    assert offence.why == "mem_hotplug_lock is held: write bindB-237"


def test_each_role_of_a_placement_has_an_event_of_its_own_that_rules_it_out() -> None:
    name = "deb61_s2b_blocks_vs_pmem"
    found = ruled_out(
        judged(name, "baseline", FORMS[0]),
        judged(name, "duyck-noshrink", FORMS[0]),
        events(),
        recording(name, FORMS[0]),
        {},
    )
    lines = {role: (each.at.event.line, *each.at.names) for role, each in found.items()}
    assert lines == {"adder": (1411, "w_rel"), "remover": (835, "ar_enter")}


def test_no_roles_are_followed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[RolesKey] = []

    def noted(placement: Placement, roles: TreesByRole, *rest: Any) -> Judged:
        asked.append(key_of_roles(roles))
        return judge_roles(placement, roles, *rest)

    monkeypatch.setattr("locking.conformance.judged.judge_roles", noted)
    name = "deb61_s2b_blocks_vs_pmem"
    answer = answer_of(MODEL, [*PLACEMENTS.values()], events(), recording(name, FORMS[0]))
    assert answer.by_role
    assert len(asked) == len(set(asked)) > len(PLACEMENTS)


@pytest.mark.parametrize("name", [UNMODIFIED[2], INSIDE_READ])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_both_forms_of_a_trace_say_the_same(name: str, placement: str) -> None:
    raw, table = (judged(name, placement, form) for form in FORMS)
    assert raw.conformance is table.conformance
    assert raw.followed == table.followed
    if raw.offence and table.offence:
        assert raw.offence.allowed == table.offence.allowed
        at = lines_of(name)[table.offence.at.event.line - 1]
        assert int(at.split(",")[0]) == raw.offence.at.event.line


COUNTS = {
    "deb61_s1b_parallel_bind": (6, 0, 3, 0),
    "deb61_s1d_big_small": (8, 0, 4, 4),
    "deb61_s2b_blocks_vs_pmem": (12, 0, 2, 0),
    "deb61_s3a_dimm_add_vs_pmem": (2, 0, 4, 0),
    "variants_v0_nodelay_sv_variant": (6, 0, 3, 0),
    INSIDE_WRITE: (0, 6, 0, 0),
    INSIDE_READ: (6, 0, 0, 3),
}
"""Initialisations outside of the write lock, inside, beside another's, beside each other."""


@pytest.mark.parametrize("name", EVERY_TRACE)
def test_the_discipline_of_the_lock_is_kept_and_counted(name: str) -> None:
    counts = discipline_of(events(), recording(name))
    assert [each.what for each in counts.values() if each.wrong and each.lines] == []
    what = "initialisation of device pages"
    where = "mem_hotplug_lock.write"
    keys = (
        f"{what} outside of {where}",
        f"{what} inside of {where}",
        f"{what} beside {where}",
        f"{what} beside {what}",
    )
    assert tuple(len(counts[key].lines) for key in keys) == COUNTS[name]


ROLES = {
    "deb61_s1b_parallel_bind": {"adder": 6, "remover": 6},
    "deb61_s1d_big_small": {"adder": 8, "remover": 8},
    "deb61_s2b_blocks_vs_pmem": {"adder": 12, "remover": 12, "onliner": 16, "offliner": 16},
    "deb61_s3a_dimm_add_vs_pmem": {"adder": 2, "remover": 2, "onliner": 8, "memory_adder": 2},
    "variants_v0_nodelay_sv_variant": {"adder": 6},
}
"""The roles that were played, which the scenarios of the traces name."""


@pytest.mark.parametrize("name", ROLES)
def test_the_roles_that_were_played_are_counted(name: str) -> None:
    assert dict(judged(name, "duyck-noshrink").covered.roles) == ROLES[name]


def test_what_was_covered_and_what_was_not_is_said() -> None:
    found = judged("deb61_s1b_parallel_bind", "duyck-noshrink")
    assert found.covered.steps["INIT_DEVICE_PAGES"] == 6
    assert found.covered.regions == {"mem_hotplug_lock.write": 12}
    assert found.covered.beside == {("ADD_SECTIONS", "INIT_DEVICE_PAGES"): 3}
    assert ("INIT_DEVICE_PAGES", "INIT_DEVICE_PAGES") in found.unseen.beside
    assert ("ADD_SECTIONS", "RESIZE_ZONE") not in found.unseen.beside  # both under the write lock
    assert "SET_CONTIGUOUS" in found.unseen.hidden
    assert sum(found.covered.orders.values()) == 11
