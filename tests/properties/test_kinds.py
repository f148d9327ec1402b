"""What is known of each kind of property, and that whoever writes one per kind has them all."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

import locking
from locking import Cell, System, Thread, Verdict, at_end, never
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.export import exported
from locking.properties import kinds
from locking.properties.explored import Explored, Finding, Judgement
from locking.properties.kinds import KIND_OF_ONES_OWN, OF_ENDS, PROPERTY_KINDS, Subject, kind_of
from locking.verdicts import Options
from tests.explore.compare import case_of

PROPERTIES = Path(kinds.__file__).parent

CHECKS = PROPERTIES.parent / "export" / "checks.py"


def judging(source: Path) -> set[str]:
    """The classes of a file that judge and find: its kinds of property."""
    return {
        node.name
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and {"judge", "find"}
        <= {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        and "Protocol" not in [base.id for base in node.bases if isinstance(base, ast.Name)]
    }


def test_every_kind_has_a_row() -> None:
    found = {name for source in PROPERTIES.glob("*.py") for name in judging(source)}
    assert found == {each.__name__ for each in PROPERTY_KINDS}


def test_every_kind_has_a_formula_unless_only_a_run_shows_it() -> None:
    matched = {
        node.cls.id
        for node in ast.walk(ast.parse(CHECKS.read_text(encoding="utf-8")))
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)
    }
    said = {each for each, kind in PROPERTY_KINDS.items() if kind.speaks_of is not Subject.RUNS}
    assert {each.__name__ for each in said} <= matched


def test_a_condition_on_the_end_is_another_subject_than_one_on_states() -> None:
    assert kind_of(at_end("e", bool)) is OF_ENDS
    assert kind_of(never("n", bool)).speaks_of is Subject.STATES


X = Cell("x", 0)


@dataclass(frozen=True)
class Own:
    """A kind of the user's own: `x` is never 1."""

    name: str = "own"
    about: str = "x is never 1"
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state in which it is."""
        return explored.never(explored.where(lambda s: s[X] == 1))

    def find(self, product: object, state: object) -> Finding | None:
        """What the state shows."""
        seen = locking.view(product, state)  # type: ignore[arg-type]
        return Finding("x is 1", tuple(seen.operands.items())) if seen[X] == 1 else None


async def write() -> None:
    """The only step."""
    await X.write(1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_kind_of_ones_own_is_judged_in_every_reduction(reduction: str) -> None:
    assert kind_of(Own()) is KIND_OF_ONES_OWN
    system = System([X], [Thread("a", write), Thread("b", write)], [Own()])
    [found] = check(case_of(system), options=Options(reduction=reduction)).results
    assert (found.verdict, found.path) == (Verdict.FAILS, "toy:only::own::a1")


def test_an_export_says_that_it_has_no_formula() -> None:
    tables, _ = exported(case_of(System([X], [Thread("a", write)], [Own()])))
    assert tables.left_out == ("own: it is of a kind of your own, which has no formula",)
