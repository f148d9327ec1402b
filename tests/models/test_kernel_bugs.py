"""Each kernel bug is there before its fix and gone after, and the run says why."""

import re
from pathlib import Path

import pytest

from locking import Model, catalogue
from locking.check import check
from locking.cli.searches import worth_showing
from locking.properties.explored import Verdict
from locking.traces.rerun import rerun
from locking.traces.why.explain import diagnose
from tests.models.small import EVERY_REDUCTION, lines_of, reports

MODELS = catalogue.models("kernel_bugs")
EVERY_BUG = pytest.mark.parametrize("bug", MODELS, ids=lambda bug: bug.name)

LONGEST = 48
"""Lines of a model; the longest is a mutex with a queue, a thief and a handoff."""

PAGE = (Path(__file__).parents[2] / "docs" / "kernel-bugs.md").read_text()

WHY = {
    "cpu_and_memory_hotplug": [
        "behind cpu, which queued up",
        "mem_hotplug_lock, which memory holds",
    ],
    "devm_memremap_pages": ["Lost update", "pgd", "read None"],
    "leaked_mutex": ["-ENOMEM", "still holds vmemmap_pgd_lock"],
    "lost_reference": ["percpu_ref_put", "that nobody has taken"],
    "memory_failure": ["section.valid from False to True", "no step had written page.flags"],
    "memory_hot_add": ["ABBA deadlock", "device_lock", "mem_hotplug"],
    "memunmap_pages": ["page_zone[0]", "'poison'"],
    "mutex_flags": ["'WAITERS'", "waiter"],
    "mutex_handoff": ["'HANDOFF'", "no other thread had written it"],
    "mutex_handoff_condition": ["from (None, '-') to (None, 'HANDOFF')", "s1 had changed owner"],
    "online_pages": ["Lost update", "present_pages"],
    "populated_zone": ["no step had written zone.pageset", "by online is still to come"],
    "proc_kpage": ["valid[1] from False to True", "no step had written flags[1]"],
    "rwsem_handoff": ["atomic_andnot(count, 2)", "count from 2 to 6", "(reader, step 7)"],
    "rwsem_reader_count": ["reads", "count"],
    "rwsem_wake_q": ["waiter.task from reader to None", "put_on_wake_q(reader.task) = False"],
    "section_usage": ["Use after free", "map.subsections", "remover"],
    "shrink_at_offline": ["page_zone[0]", "'poison'"],
    "shrink_pgdat_span": [
        "node.span",
        "remover had read page[2].nid = 'poison'",
        "only in step 15",
    ],
    "shrink_zone_span": [
        "zone.span",
        "remover had read page[12].zone = 'poison'",
        "only in step 10",
    ],
    "zonelist_rebuild": ["Check-then-act", "zonelist", "offline"],
}
"""What the reason of the run before the fix must speak of."""


@EVERY_REDUCTION
@EVERY_BUG
def test_a_bug_is_there_before_and_gone_after_as_declared(bug: Model, reduction: str) -> None:
    before, after = reports(bug, reduction)
    assert (before.case.variant, after.case.variant) == ("before", "after")
    assert [str(each) for each in (*before.results, *after.results) if each.wrong] == []
    assert Verdict.FAILS in [each.verdict for each in before.results]
    assert {each.verdict for each in after.results} == {Verdict.HOLDS}


@EVERY_BUG
def test_the_run_before_the_fix_says_what_the_changelog_does(bug: Model) -> None:
    report = check(bug.case(bug.scenarios[0], None, {"variant": "before"}))
    shown = worth_showing(report.results)
    assert shown and shown.choices
    why = diagnose(rerun(report.case, shown.claim.name, shown.choices))
    assert [words for words in WHY[bug.name.split(".")[1]] if words not in why] == []


@EVERY_BUG
def test_a_bug_says_where_it_is_from_and_what_was_left_out(bug: Model) -> None:
    about = catalogue.module_of_model(bug.name).__doc__ or ""
    assert re.search(r'\n(Commit: [0-9a-f]{12}|Patch:)[ ,][^"]*"', about)
    assert "\nLeft out: " in about


@EVERY_BUG
def test_a_bug_is_read_at_one_look(bug: Model) -> None:
    assert lines_of(bug) <= LONGEST


@EVERY_BUG
def test_the_page_speaks_of_every_bug_and_its_commit(bug: Model) -> None:
    about = catalogue.module_of_model(bug.name).__doc__ or ""
    _, _, part = PAGE.partition(f"\n## {bug.name.split('.')[1]}\n")
    part = part.partition("\n## ")[0]
    assert all(commit in part for commit in re.findall(r"Commit: ([0-9a-f]{12})", about))
    assert f"locking trace {bug.name}" in part


def test_there_are_as_many_bugs_as_were_promised() -> None:
    assert len(MODELS) >= 18
