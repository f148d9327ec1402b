"""ARMv8 and RC11, armv8.cat and rc11.cat: known answers, and that no line of them is idle.

The answers are those of the papers that the models are from (Pulte et al., POPL 2018; Lahav et al.,
PLDI 2017), and of the tables that the field has of these shapes: Maranget, Sarkar, Sewell, *A
tutorial introduction to the ARM and POWER relaxed memory models*, 2012, for a processor; ARMv8 is
stricter than ARMv7 there where a store would reach some processors before others.
"""

from functools import cache

import pytest

from locking.errors import ModelError
from locking.litmus.judged import judge_test
from locking.litmus.reading import read_test
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.cat.files import CAT_LIBRARY, library_file, library_model
from locking.memory_models.cat.parsing import parsed_cat
from locking.memory_models.cat.syntax import CatStatement
from locking.memory_models.cat.translation import translated
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import (
    ACQ_Y,
    ALWAYS,
    CLASSICS,
    LB_SEEN,
    MB,
    MP_SEEN,
    NEVER,
    R_X,
    R_Y,
    REL_Y,
    SB_SEEN,
    SOMETIMES,
    W_X,
    W_Y,
    WMB,
    litmus_text,
    said,
)
from tests.litmus.excess import Excess
from tests.litmus.test_total_store_order import random_test

ARMV8, RC11 = library_model("armv8"), library_model("rc11")

BOTH_FORBID = (
    *("MP+wmb+rmb", "MP+rel+acq", "SB+mbs", "SB+xchg", "LB+ctrl+ctrl", "LB+data+acq"),
    *("LB+data+data", "R+mbs", "CoRR", "CoWW", "CoWR", "CoRW", "WRC+rel+rmb", "ISA2+rel+acq"),
    *("RWC+mbs", "IRIW+mbs", "MP+rwlocks", "cmpxchg-once"),
)
"""RC11 forbids RWC+mbs and IRIW+mbs by its axiom on fences, which is what C11 lacked."""

BOTH_ALLOW = (
    *("MP", "MP+wmb+po", "MP+po+rmb", "MP+rel+po", "MP+wmb+ctrl", "SB", "SB+mb+po"),
    *("SB+xchg_relaxed", "R", "2+2W", "WRC", "IRIW"),
)

ONLY_ARMV8_ALLOWS = ("LB", "LB+after-if")
"""No value is out of thin air in RC11, because a load is never after a store that depends on it."""

ONLY_RC11_ALLOWS = ("MP+wmb+addr", "S+wmb+data", "2+2W+wmbs", "IRIW+acqs", "Z6+rel+acq+mb")
"""RC11 knows no dependencies. A store of ARMv8 reaches all other processors at once."""

ANSWERS = {
    **dict.fromkeys(BOTH_FORBID, (NEVER, NEVER)),
    **dict.fromkeys(BOTH_ALLOW, (SOMETIMES, SOMETIMES)),
    **dict.fromkeys(ONLY_ARMV8_ALLOWS, (SOMETIMES, NEVER)),
    **dict.fromkeys(ONLY_RC11_ALLOWS, (NEVER, SOMETIMES)),
    "inc-inc": (ALWAYS, ALWAYS),
}
"""What ARMv8 and RC11 say of the classics."""

REFUSED = {
    **dict.fromkeys(("SB+gp+gp", "RCU-MP", "RCU-SB", "SRCU-MP"), "no-grace-periods"),
    **dict.fromkeys(("MP+locks", "MP+trylock"), "no-spinlocks"),
}
"""Classics that have what the mapping does not, and the assertion that says so."""

TEXTS = {each.name: each.text for each in CLASSICS}

DATA_RACE = litmus_text(("*x = 1", "r0 = *x"), "exists (1:r0=1)")

TRANSITIVE = "exists (1:r0=1 /\\ 2:r1=1 /\\ 2:r0=0)"

FURTHER = {
    "SB+rel+acq": ((said("smp_store_release(x, 1)", ACQ_Y),
                    said(REL_Y, "r0 = smp_load_acquire(x)")), SB_SEEN, NEVER, SOMETIMES),
    "SB+xchg_relaxed-acq": ((said("r2 = xchg_relaxed(x, 1)", "r3 = smp_load_acquire(x)", R_Y),
                             said(W_Y, MB, R_X)), SB_SEEN, NEVER, SOMETIMES),
    "SB+xchg+xchg_relaxed": ((said("r2 = xchg(z, 1)", "r3 = xchg_relaxed(x, 1)", R_Y),
                              said(W_Y, MB, R_X)), SB_SEEN, SOMETIMES, SOMETIMES),
    "SB+atomic_incs+after_atomics": ((said("atomic_inc(x)", "smp_mb__after_atomic()", R_Y),
        said("atomic_inc(y)", "smp_mb__after_atomic()", R_X)), SB_SEEN, NEVER, NEVER),
    "SB+before_atomics": ((said(W_X, "smp_mb__before_atomic()", "atomic_inc(z)", R_Y),
        said(W_Y, "smp_mb__before_atomic()", "atomic_inc(w)", R_X)), SB_SEEN, NEVER, NEVER),
    "MP+rel-po+acq": ((said(W_X, REL_Y, "WRITE_ONCE(*y, 2)"), said(ACQ_Y, R_X)),
                      "exists (1:r1=2 /\\ 1:r0=0)", NEVER, NEVER),
    "MP+rel+xchg_relaxed+acq": ((said(W_X, REL_Y), "r3 = xchg_relaxed(y, 2)", said(ACQ_Y, R_X)),
        "exists (1:r3=1 /\\ 2:r1=2 /\\ 2:r0=0)", NEVER, NEVER),
    "MP+wmb+noreturn-rmb": ((said(W_X, WMB, W_Y), said("atomic_inc(y)", "smp_rmb()", R_X)),
        "exists (y=2 /\\ 1:r0=0)", SOMETIMES, NEVER),
    "WRC+data+addr": ((W_X, "r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0 + z - z)",
        "r1 = READ_ONCE(*y); r0 = READ_ONCE(x[r1 - r1])"), TRANSITIVE, NEVER, SOMETIMES),
    "LB+addr-po": (("r0 = READ_ONCE(*x); r2 = READ_ONCE(*r0); WRITE_ONCE(*y, 1)",
                    said(R_Y, MB, "WRITE_ONCE(*x, z)")), "exists (0:r0=z /\\ 1:r1=1)",
                   NEVER, NEVER),
    "LB+data-co": (("r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0); WRITE_ONCE(*y, 2)",
                    said(R_Y, MB, W_X)), "exists (0:r0=1 /\\ 1:r1=2)", NEVER, NEVER),
    "LB+data-rf-data": (("r0 = READ_ONCE(*x); WRITE_ONCE(*z, r0); r2 = READ_ONCE(*z); "
                         "WRITE_ONCE(*y, r2)", said(R_Y, MB, W_X)), LB_SEEN, NEVER, NEVER),
}  # fmt: skip
"""Tests for single lines: their threads, the condition, and what ARMv8 and RC11 say."""


def text_of(name: str) -> str:
    """The litmus test of this name."""
    if name in TEXTS:
        return TEXTS[name]
    threads, condition, *_ = FURTHER[name]
    initial = "x = v; y = 0;" if "addr-po" in name else ""
    return litmus_text(threads, condition, initial)


def observed(name: str, model: AxiomaticModel) -> str:
    """What a model says of a test."""
    return judge_test(read_test(text_of(name)), model).observation


@pytest.mark.parametrize("name", ANSWERS)
def test_a_classic_has_its_known_answers(name: str) -> None:
    assert (observed(name, ARMV8), observed(name, RC11)) == ANSWERS[name]


@pytest.mark.parametrize("name", FURTHER)
def test_a_further_test_has_the_answers_of_the_definitions(name: str) -> None:
    assert (observed(name, ARMV8), observed(name, RC11)) == FURTHER[name][2:]


def test_every_classic_has_an_answer_or_is_refused() -> None:
    assert {*ANSWERS, *REFUSED} == {*TEXTS}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_mapping_lacks_is_refused(name: str) -> None:
    for model in (ARMV8, RC11):
        said = rf"{model.name} can't judge this test: its assertion {REFUSED[name]} "
        with pytest.raises(ModelError, match=said):
            observed(name, model)


def test_plain_accesses_race_in_rc11_if_nothing_orders_them() -> None:
    assert judge_test(read_test(DATA_RACE), RC11).flags == {"data-race"}
    for name in ANSWERS:
        assert not judge_test(read_test(TEXTS[name]), RC11).flags, name
    ordered = litmus_text((said("*x = 1", REL_Y), f"{ACQ_Y}; if (r1) {{; r0 = *x; }}"), MP_SEEN)
    assert not judge_test(read_test(ordered), RC11).flags


# No line is idle


def without(name: str, old: str, new: str) -> AxiomaticModel:
    """A model of the library, with another text in one place of it."""
    text = (CAT_LIBRARY / f"{name}.cat").read_text(encoding="utf-8")
    assert text.count(old) == 1, old

    def parsed(file: str) -> tuple[str, list[CatStatement]]:
        if file != f"{name}.cat":
            return library_file(file)
        return file, parsed_cat(file, text.replace(old, new))

    changed = translated(parsed, (f"{name}.cat",))
    return AxiomaticModel("mutant", *changed)


MUTANTS = {
    ("armv8", "irreflexive hb as external", ""): "MP+rel+acq",
    ("armv8", "rfe | coe | fre", "coe | fre"): "MP+rel+acq",
    ("armv8", "rfe | coe | fre", "rfe | fre"): "2+2W+wmbs",
    ("armv8", "rfe | coe | fre", "rfe | coe"): "SB+mbs",
    ("armv8", "addr | data | (ctrl", "data | (ctrl"): "MP+wmb+addr",
    ("armv8", "addr | data | (ctrl", "addr | (ctrl"): "LB+data+acq",
    ("armv8", "(ctrl ; [W]) |", ""): "LB+ctrl+ctrl",
    ("armv8", "(addr ; po ; [W]) |", ""): "LB+addr-po",
    ("armv8", "(ctrl | data) ; coi", "ctrl ; coi"): "LB+data-co",
    ("armv8", "(addr | data) ; rfi", "addr ; rfi"): "LB+data-rf-data",
    ("armv8", "([range(rmw)] ; rfi ; [A])", "0"): "SB+xchg_relaxed-acq",
    ("armv8", "(po ; [dmb-full] ; po)", "0"): "SB+mbs",
    ("armv8", "([R \\ Noreturn] ; po ; [dmb-ld] ; po)", "0"): "MP+wmb+rmb",
    ("armv8", "[R \\ Noreturn] ;", "[R] ;"): "MP+wmb+noreturn-rmb",
    ("armv8", "| ([W] ; po ; [dmb-st] ; po ; [W])", ""): "MP+wmb+rmb",
    ("armv8", "([L] ; po ; [A])", "0"): "SB+rel+acq",
    ("armv8", "([A] ; po)", "0"): "MP+rel+acq",
    ("armv8", "(po ; [L]) |", ""): "MP+rel+acq",
    ("armv8", "(po ; [L] ; coi)", "0"): "MP+rel-po+acq",
    ("armv8", "barrier | swap", "barrier"): "SB+xchg",
    ("armv8", "R & (Acquire | Full-rmw)", "R & Acquire"): "SB+xchg",
    ("armv8", "W & (Release | Full-rmw)", "W & Release"): "SB+xchg",
    ("armv8", "| Before-atomic | After-atomic)", "| Before-atomic)"):
        "SB+atomic_incs+after_atomics",
    ("armv8", "| Before-atomic | After-atomic)", "| After-atomic)"): "SB+before_atomics",
    ("rc11", "irreflexive happens-before ; eco? as coherence", ""): "MP+rel+acq",
    ("rc11", "acyclic sb | rf as no-thin-air", ""): "LB",
    ("rc11", "acyclic fences as sequentially-consistent-fences", ""): "SB+mbs",
    ("rc11", "(sb & loc)? ;", ""): "MP+rel-po+acq",
    ("rc11", "; (rf ; rmw)*", ""): "MP+rel+xchg_relaxed+acq",
    ("rc11", "([F] ; sb)? ;", ""): "MP+wmb+rmb",
    ("rc11", "(sb ; [F])? ;", ""): "MP+wmb+rmb",
    ("rc11", "R & Acquire |", ""): "MP+rel+acq",
    ("rc11", "W & Release |", ""): "MP+rel+acq",
    ("rc11", "F & Rmb |", ""): "MP+wmb+rmb",
    ("rc11", "F & Wmb |", ""): "MP+wmb+rmb",
    ("rc11", "| After-atomic)", ")"): "SB+atomic_incs+after_atomics",
    ("rc11", "Mb | Before-atomic |", "Mb |"): "SB+before_atomics",
    ("rc11", "(happens-before ; eco ; happens-before)", "0"): "SB+mbs",
}  # fmt: skip
"""Models with a part of a line left out or added, and the test whose answer is then another.

Coherence and atomicity are not here: what they forbid is no candidate of a test.
"""


@pytest.mark.parametrize(("change", "name"), MUTANTS.items())
def test_a_test_tells_a_changed_line(change: tuple[str, str, str], name: str) -> None:
    model = {"armv8": ARMV8, "rc11": RC11}[change[0]]
    assert observed(name, without(*change)) != observed(name, model)


# The kernel's model is weaker than ARMv8, and both are weaker than sequential consistency


@cache
def executions_beyond(one: AxiomaticModel, other: AxiomaticModel, seeds: range) -> int:
    """How many executions of random tests one model allows and another forbids."""
    excess = Excess(one, other)
    tests = (read_test(random_test(seed)) for seed in seeds)
    return sum(judge_test(each, excess).states.total() for each in tests)


def test_the_kernels_model_allows_what_armv8_allows_of_random_tests() -> None:
    assert executions_beyond(ARMV8, LKMM, range(15)) == 0
    assert executions_beyond(LKMM, ARMV8, range(15)) > 0


@pytest.mark.slow
def test_the_kernels_model_allows_what_armv8_allows_of_many_random_tests() -> None:
    assert executions_beyond(ARMV8, LKMM, range(300)) == 0
    for change in (("([A] ; po)", "0"), ("(po ; [L]) |", ""), ("(po ; [dmb-full] ; po)", "0")):
        assert executions_beyond(without("armv8", *change), LKMM, range(300)) > 0, change


@pytest.mark.slow
def test_what_is_sequentially_consistent_is_allowed() -> None:
    for weaker in (ARMV8, RC11):
        assert executions_beyond(library_model("sc"), weaker, range(300)) == 0
