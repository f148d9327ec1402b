"""What is said of a test."""

import pytest

from locking.litmus.report import LitmusSettings, litmus_report
from locking.litmus.to_terminal import litmus_page
from locking.memory_models.lkmm.model import LKMM
from locking.text.styled import plain
from tests.litmus.classics import CLASSICS, litmus_text

TEXTS = {each.name: each.text for each in CLASSICS}

BY_AXIOMS = LitmusSettings(LKMM, interleave=False)


def page(text: str, width: int = 80) -> str:
    """The page of a test."""
    report = litmus_report(text, BY_AXIOMS)
    return "\n".join(plain(line).rstrip() for line in litmus_page(report, "file", width)) + "\n"


def test_an_execution_is_shown_with_what_is_out_of_order() -> None:
    out = page(TEXTS["SB"])
    assert "  b r1 = READ_ONCE(*y)\n    y is 0, as at first\n" in out
    assert "  a (x = 1)  --po-->\n  b (y is 0, as at first)  --fr-->\n" in out
    assert out.endswith("Not in the order of the program: a and b of P0, c and d of P1.\n")


def test_threads_that_do_not_fit_beside_each_other_are_listed() -> None:
    out = page(TEXTS["IRIW"], 60)
    assert "  a P0 WRITE_ONCE(*x, 1)\n    x = 1\n" in out
    assert max(map(len, out.splitlines())) <= 60


def test_what_never_happens_is_shown_with_the_cycle_that_forbids_it() -> None:
    out = page(TEXTS["MP+rel+acq"])
    assert "SC: Never. LKMM: Never.\n" in out
    assert "The axiom happens-before of LKMM forbids it:\n" in out
    assert "  a (x = 1)  --po to a release-->\n  b (y = 1)  --rfe-->\n" in out


def test_what_coherence_alone_forbids_has_its_cycle_too() -> None:
    assert "The axiom coherence of LKMM forbids it:\n" in page(TEXTS["CoRR"])


def test_values_that_no_read_can_give_have_no_cycle() -> None:
    out = page(TEXTS["SB"].replace("0:r1=0", "0:r1=7"))
    assert out.endswith("No choice of what reads see was found that gives these values.\n")


def test_flags_and_loops_that_are_cut_are_said() -> None:
    out = page(TEXTS["MP"].replace("WRITE_ONCE(*x, 1)", "*x = 1; while (READ_ONCE(*y)) r3++"))
    assert "Flag: data-race.\n" in out
    assert "A loop was cut: executions with more rounds are left out.\n" in out


LOOPING = litmus_text(
    ("r0 = 0; while (r0 < 4) r0 = atomic_add_return(1, x)", "r1 = READ_ONCE(*x)"),
    "(* Result: Never *) exists (1:r1=4)",
)
"""A condition that is fulfilled in the fourth round alone."""


def test_a_verdict_that_more_rounds_may_change_is_not_said_without_them() -> None:
    out = page(LOOPING)
    assert "SC: Never within 3 rounds. LKMM: Never within 3 rounds.\n" in out
    assert "With more rounds the verdict may be another" in out
    assert not litmus_report(LOOPING, BY_AXIOMS).conclusive
    assert litmus_report(LOOPING, BY_AXIOMS).as_expected
    further = litmus_report(LOOPING, BY_AXIOMS._replace(rounds=4))
    assert further.answer.observation == "Sometimes"
    assert further.conclusive
    assert not further.as_expected


def test_what_a_loop_did_before_it_was_cut_stands() -> None:
    report = litmus_report(LOOPING.replace("r1=4", "r1=0"), BY_AXIOMS._replace(rounds=4))
    assert report.answer.cut
    assert report.conclusive


def test_a_verdict_that_the_file_expects_otherwise_is_said() -> None:
    out = page(TEXTS["SB"].replace("{", "(* Result: Never *) {", 1))
    assert "The file expects Never.\n" in out


def test_nothing_of_the_file_reaches_the_terminal_as_it_is() -> None:
    text = TEXTS["SB"].replace("C SB", "C \x1b[2J").replace("*x, 1);", "*x, 1); // \x1b[31m")
    assert "\x1b" not in page(text)


def test_a_test_that_always_deadlocks_is_as_expected() -> None:
    text = TEXTS["MP+locks"].replace("spin_unlock(s)", "spin_lock(s)")
    report = litmus_report(text.replace("{", "(* Result: DEADLOCK *) {", 1), BY_AXIOMS)
    assert not report.answer.states
    assert report.as_expected


@pytest.mark.slow
def test_a_test_with_too_many_executions_has_its_verdict() -> None:
    reads = "; ".join(f"r{each} = READ_ONCE(*{name})" for each, name in enumerate("xyzwxyzwx"))
    writes = "; ".join(f"WRITE_ONCE(*{name}, {each})" for each in (1, 2) for name in "xyzw")
    text = litmus_text((reads, writes, reads, reads), "exists (0:r0=1 /\\ 0:r4=0)")
    report = litmus_report(text, BY_AXIOMS._replace(seconds=0.2))
    assert not report.answer.counted
    assert (report.answer.observation, report.sequentially) == ("Never", "Never")


def test_of_executions_one_is_shown_that_no_interleaving_has() -> None:
    text = TEXTS["SB"].replace("exists (0:r1=0 /\\ 1:r0=0)", "exists (0:r1=0)")
    report = litmus_report(text, BY_AXIOMS)
    assert [why for _, why, _ in report.reordered] == ["po", "fr", "po", "fr"]
