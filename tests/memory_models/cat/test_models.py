"""Models that are cat files: what they say of small executions, and how wrong ones are refused."""

from pathlib import Path

import pytest

from locking.errors import LockingError
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import Candidate, judge_candidate
from locking.memory_models.cat.files import cat_model, kernel_model, library_model
from tests.memory_models.executions import execution

SC = library_model("sc")
TSO = library_model("tso")


def candidate(*threads: str, rf: str = "", co: str = "", **relations: str) -> Candidate:
    return execution(*threads, rf=rf, co=co, **relations)[0]


def model(folder: Path, **files: str) -> AxiomaticModel:
    """The model of these files, `main` the one that is read."""
    for name, text in files.items():
        (folder / f"{name}.cat").write_text(text)
    return cat_model(folder, ["main.cat"], "ours")


STORE_BUFFERING = candidate(
    "a W Once @x; b R Once @y", "c W Once @y; d R Once @x", rf="y b, x d", co="a, c"
)
FENCED = candidate(
    "a W Once @x; f F Mb; b R Once @y",
    "c W Once @y; g F Mb; d R Once @x",
    rf="y b, x d",
    co="a, c",
)
BY_EXCHANGE = candidate(
    "a R RMW @x; b W RMW @x; e R Once @y",
    "c R RMW @y; d W RMW @y; f R Once @x",
    rf="x a, y c, y e, x f",
    co="b, d",
    rmw="a b, c d",
)
MESSAGE_PASSING = candidate(
    "a W Once @x; b W Once @y", "c R Once @y; d R Once @x", rf="b c, x d", co="a, b"
)
LOAD_BUFFERING = candidate(
    "a R Once @x; b W Once @y", "c R Once @y; d W Once @x", rf="d a, b c", co="b, d"
)
OWN_WRITE_EARLY = candidate(
    "a W Once @x; b R Once @x; e R Once @y",
    "c W Once @y; d R Once @y; f R Once @x",
    rf="a b, y e, c d, x f",
    co="a, c",
)
LOST_UPDATE = candidate(
    "a R RMW @x; b W RMW @x",
    "c R RMW @x; d W RMW @x",
    rf="x a, x c",
    co="b d",
    rmw="a b, c d",
)
STALE_READ = candidate("a W Once @x; b R Once @x", rf="x b", co="a")
SECTION_ROUND_GRACE_PERIOD = candidate(
    "l F Rcu-lock; a R Once @x; b R Once @y; u F Rcu-unlock",
    "c W Once @x; s F Sync-rcu; d W Once @y",
    rf="x a, d b",
    co="c, d",
)

EXPECTED = [
    (STORE_BUFFERING, "sequential-consistency", ""),
    (FENCED, "sequential-consistency", "total-store-order"),
    (BY_EXCHANGE, "sequential-consistency", "total-store-order"),
    (MESSAGE_PASSING, "sequential-consistency", "total-store-order"),
    (LOAD_BUFFERING, "sequential-consistency", "total-store-order"),
    (OWN_WRITE_EARLY, "sequential-consistency", ""),
    (LOST_UPDATE, "atomicity", "atomicity"),
    (STALE_READ, "sequential-consistency", "coherence"),
]
"""Executions, and the axioms that forbid them: of SC, and of TSO."""


@pytest.mark.parametrize(("seen", "sc", "tso"), EXPECTED)
def test_sequential_consistency_and_total_store_order(seen: Candidate, sc: str, tso: str) -> None:
    assert judge_candidate(SC, seen).broken == sc
    assert judge_candidate(TSO, seen).broken == tso


@pytest.mark.parametrize(
    ("name", "lost_update", "stale_read"),
    [("armv8", "atomic", "internal"), ("rc11", "atomicity", "coherence")],
)
def test_locations_alone_forbid_in_every_model(
    name: str, lost_update: str, stale_read: str
) -> None:
    assert judge_candidate(library_model(name), LOST_UPDATE).broken == lost_update
    assert judge_candidate(library_model(name), STALE_READ).broken == stale_read


def test_a_grace_period_is_more_than_a_fence() -> None:
    assert judge_candidate(SC, SECTION_ROUND_GRACE_PERIOD).broken == "grace-periods"
    with pytest.raises(LockingError, match=r"its assertion no-grace-periods \(tso.cat:6\) fails"):
        judge_candidate(TSO, SECTION_ROUND_GRACE_PERIOD)


@pytest.mark.parametrize("of", [SC, TSO], ids=lambda each: each.name)
def test_each_axiom_of_our_cat_files_forbids_what_the_others_allow(of: AxiomaticModel) -> None:
    all_seen = [seen for seen, *_ in EXPECTED] + [SECTION_ROUND_GRACE_PERIOD]
    for name in [each.name for each in of.checks]:
        rest = AxiomaticModel("mutant", tuple(each for each in of.checks if each.name != name))
        flips = [
            seen
            for seen in all_seen[: None if of is SC else -1]
            if judge_candidate(of, seen).broken == name and judge_candidate(rest, seen).allowed
        ]
        assert flips, name


NESTED = candidate(
    "a F Rcu-lock; b F Rcu-lock; c F Rcu-unlock; d F Rcu-unlock; e F Rcu-lock; f F Rcu-unlock"
)

NESTING = """
enum Marks = 'rcu-lock || 'rcu-unlock
let pairs = let rec
    open = Rcu-lock \\ domain(found)
    and shut = Rcu-unlock \\ range(found)
    and left = [open | shut]
    and found = found | (([open] ; po ; [shut]) \\ (left ; po ; left ; po ; left))
    in found
flag ~empty pairs as pairs
"""


def test_names_of_a_recursion_are_updated_one_after_the_other(tmp_path: Path) -> None:
    ours = model(tmp_path, main=NESTING)
    assert ours.flagged(NESTED, "pairs") == [(0, 3), (1, 2), (4, 5)]


def test_a_function_sees_the_names_where_it_was_defined(tmp_path: Path) -> None:
    text = """
    let step = po
    let twice(r) = r ; step
    let step = rf
    flag ~empty twice(po) as found
    """
    seen = candidate("a R @x; b R @x; c R @x", rf="x a, x b, x c")
    assert model(tmp_path, main=text).flagged(seen, "found") == [(1, 3)]


def test_try_takes_the_second_where_a_name_of_the_first_is_not_bound(tmp_path: Path) -> None:
    text = "flag ~empty (try nothing-such with [R]) as first\nflag ~empty try [R] with rf as second"
    seen = candidate("a R @x", rf="x a")
    assert judge_candidate(model(tmp_path, main=text), seen).flags == {"first", "second"}


def test_tags_in_capitals_are_those_that_a_candidate_has(tmp_path: Path) -> None:
    text = """
    enum Accesses = 'ONCE || 'MB
    let Mb = MB \\ R
    flag ~empty ONCE as once
    flag ~empty Mb as mb
    flag ~empty [M] ; po ; [Mb & R] as around
    """
    assert judge_candidate(model(tmp_path, main=text), FENCED).flags == {"once", "mb"}


def test_an_assertion_refuses_a_test_and_forbids_nothing(tmp_path: Path) -> None:
    ours = model(tmp_path, main="let f = F\nassert empty f as no-fences\nacyclic rf as a")
    assert judge_candidate(ours, MESSAGE_PASSING).allowed
    said = r"ours can't judge this test: its assertion no-fences \(main.cat:2\) fails"
    for asked in (ours.judge_of, ours.nogoods_of):
        with pytest.raises(LockingError, match=said):
            asked(FENCED.structure)


PROCEDURES = """
let step = po
procedure has(r) = let both = r & step  flag ~empty both as first  flag ~empty r as second end
procedure outer(r, s) = call has(r) as inner  call has s end
let step = rf
let both = co
call outer(rf, 0)
flag ~empty both & step as third
call nothing()
"""


def test_a_procedure_sees_the_names_where_it_was_defined(tmp_path: Path) -> None:
    text = "procedure nothing() = end\n" + PROCEDURES
    ours = model(tmp_path, main=text)
    own = candidate("a W @x; b R @x", rf="a b", co="a")
    others = candidate("a W @x", "b R @x", rf="a b", co="a")
    assert judge_candidate(ours, own).flags == {"first", "second"}
    assert judge_candidate(ours, others).flags == {"second"}


def test_an_axiom_of_a_procedure_forbids(tmp_path: Path) -> None:
    text = "procedure never(r) = empty r as never end\ncall never(rf)"
    assert judge_candidate(model(tmp_path, main=text), MESSAGE_PASSING).broken == "never"


VARIANTS = {
    '"x"': False,
    'not "x"': True,
    'variant "x"': False,
    'not variant "x"': True,
    'not ("x" || "y")': True,
    'not "x" && "y"': False,
    '"x" && "y" || not "z"': True,
    '"x" || not "y" && not "z"': True,
}


@pytest.mark.parametrize("condition", VARIANTS)
def test_no_variant_is_set(condition: str, tmp_path: Path) -> None:
    text = f"""
    let r = if {condition} then po else rf
    if {condition} flag ~empty po \\ r as one let s = r else let s = r & po end
    if {condition} include "none.cat" end
    flag ~empty s as two
    """.replace("none.cat", "cos.cat")
    seen = candidate("a W @x; f F; b R @x", rf="a b", co="a")
    flags = judge_candidate(model(tmp_path, main=text), seen).flags
    assert flags == {"two"}
    value = model(tmp_path, main=f"flag ~empty (if {condition} then rf else 0) as it")
    assert bool(judge_candidate(value, seen).flags) is VARIANTS[condition]


def test_an_included_file_is_read_where_it_stands(tmp_path: Path) -> None:
    ours = model(tmp_path, main='let a = po\ninclude "b.cat"\nempty a as one', b="let a = rf & po")
    assert judge_candidate(ours, MESSAGE_PASSING).allowed


LOCKS = """
let ALL = LKR | LKW | UL | LF
let lk-rmw = ([LKR] ; po-loc ; [LKW]) \\ (po ; po)
let rmw = rmw | lk-rmw
let R = R | LKR | LF
let W = W | LKW
let held = ([LKW] ; po-loc ; [UL]) \\ (po-loc ; [LKW | UL] ; po-loc)
let one p = p ++ 0
let sees e = (LKW * {e}) & loc & ext
let all = let each e = map one (sees e) in map each LF
with rf-lf from cross(all)
include "cos-opt.cat"
let W = W | UL
let M = R | W
let co = (co | held | (held^-1 ; co))+
let rf = rf | rf-lf | ([IW | UL] ; singlestep(co) ; lk-rmw^-1)
let fr = rf^-1 ; co
"""
LOCK_MODEL = 'include "lock.cat"\nacyclic po | rf | co | fr as sc'

TAKEN_TWICE = (
    "a R LKR @l; b W LKW @l; c W UL @l",
    "d R LKR @l; e W LKW @l; f W UL @l",
    "g R LF @l",
)


def test_locks_of_a_model_have_the_order_that_its_file_generates(tmp_path: Path) -> None:
    (tmp_path / "lock.cat").write_text(LOCKS)
    ours = model(tmp_path, main=LOCK_MODEL)

    def said(rf: str, co: str) -> str:
        seen = candidate(*TAKEN_TWICE, rf=rf, co=co, rmw="a b, d e")
        return judge_candidate(ours, seen).broken

    assert said("l a, c d, b g", "b c e f") == ""
    assert said("l a, c d, e g", "b c e f") == ""
    assert said("l a, c d, c g", "b c e f") == "rf-lf"
    assert said("l a, l d, b g", "b c e f") == "generated rf"
    assert said("l a, b d, b g", "b e c f") == "generated rf"
    assert said("l a, c d, b g", "b c f e") == "generated co"


WRONG = {
    "acyclic pu as a": "main.cat:1: pu is not bound to anything",
    "let a = W ; po": "main.cat:1: a relation is needed, but this is a set",
    "let a =\n W | po": "main.cat:2: a set is needed, but this is a relation",
    "let a = domain(W)": "main.cat:1: a relation is needed, but this is a set",
    "let a = [po]": "main.cat:1: a set is needed, but this is a relation",
    "let f(a, b) = a\nlet c = f(po)": "main.cat:2: 2 arguments are needed here",
    "let a = po(rf)": "main.cat:1: this can't be applied to that",
    "let f x = x\nacyclic f as a": "main.cat:2: a set or a relation should stand here",
    'include "none.cat"': "main.cat:1: none.cat is not there",
    'include "main.cat"': "main.cat includes itself",
    "acyclic W as a": "main.cat:1: a relation is needed, but this is a set",
    "let a = " + "(" * 2_000 + "po": "main.cat is nested too deep",
    "let a = po" + " | rf ; po" * 20_000 + "\nacyclic a as b": "main.cat is nested too deep",
    "with cb from linearisations(M, po)":
        "main.cat:1: only parts of rf can be chosen here, from cross(...)",
    "with a from po": "main.cat:1: only parts of rf can be chosen here, from cross(...)",
    "call po(rf)": "main.cat:1: po is no procedure",
    "call p(rf)": "main.cat:1: p is no procedure",
    "procedure p(a) = end\ncall p()": "main.cat:2: 1 arguments are needed here",
    "procedure p(a) = call p(a) end\ncall p(po)": "main.cat:1: p is no procedure",
    "procedure p(a) =\n empty a ; W end\ncall p(po)":
        "main.cat:2: a relation is needed, but this is a set",
    "procedure p() = let q = po end\ncall p()\nacyclic q as a":
        "main.cat:3: q is not bound to anything",
    "procedure p() = end\nacyclic p as a": "main.cat:2: a set or a relation should stand here",
    "assert acyclic po | rf as a": "main.cat:1: an assertion on rf or co is not read",
    "let a = {W}": "main.cat:1: only {e} and p ++ 0 in a function for map can be read",
    "let a = map domain R": "main.cat:1: map needs a function of the file",
    "let rec a = (let rec b = a ; b in b)":
        "main.cat:1: a `let rec` inside another that uses its names can't be evaluated",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_makes_no_sense_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(LockingError) as refused:
        model(tmp_path, main=text)
    assert str(refused.value) == WRONG[text]


def test_a_recursion_that_never_settles_is_refused(tmp_path: Path) -> None:
    ours = model(tmp_path, main="let rec a = po \\ a\nempty a as b")
    for asked in (lambda: judge_candidate(ours, FENCED), lambda: ours.why_forbidden(FENCED)):
        with pytest.raises(LockingError, match="a `let rec` changes in every round"):
            asked()


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LockingError, match=r"has no file linux-kernel.bell"):
        kernel_model(tmp_path)
