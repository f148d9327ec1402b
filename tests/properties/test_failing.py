"""What a thread failed is a value: no name that a requirement may have means anything else."""

import pytest

from locking import Cell, Mutex, Verdict, assertions, no_misuse, require, required
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.model import Model, System
from locking.programs.position import Failure, Fault, Requirement
from locking.programs.run import Run
from locking.programs.thread import Thread
from locking.properties.failing import NeverFails
from locking.traces.rerun import rerun
from locking.traces.why.explain import diagnose
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.systems import report, threads

NAMES = ("misuse", "assertion", "assertions", "no-misuse", "error", "None")
"""Requirements whose names were, are or might be taken for something else."""


async def nothing() -> None:
    """A thread that takes no step."""


@pytest.mark.parametrize("name", NAMES)
def test_a_requirement_fails_by_its_own_name_alone(name: str) -> None:
    async def fails() -> None:
        require(False, name)

    run = Run(Thread("a", fails))
    assert run.position.failure is not None
    assert run.position.failure.kind == Requirement(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_requirement_of_any_name_that_no_run_evaluates_is_never_evaluated(name: str) -> None:
    [found] = report([], threads(nothing), [required(name)]).results
    assert found.verdict is Verdict.NEVER_EVALUATED
    assert found.cause == f"no run evaluates the requirement {name!r}"


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_requirement_is_no_misuse_and_no_assertion(name: str) -> None:
    async def fails() -> None:
        require(False, name)

    claims = [required(name), no_misuse("never-misused"), assertions("never-asserted")]
    found = report([], threads(fails), claims).results
    assert [each.verdict for each in found] == [Verdict.FAILS, Verdict.HOLDS, Verdict.HOLDS]


def test_a_requirement_called_misuse_is_told_as_a_requirement() -> None:
    cell = Cell("x", 0)

    async def fails() -> None:
        await cell.write(1)
        require(False, "misuse")

    system = System([cell], threads(fails), [required("misuse")])
    case = Model("toy", "", lambda _: system).case("only", None)
    [result] = check(case).results
    assert result.choices is not None
    says = diagnose(rerun(case, result.claim.name, result.choices))
    assert "fails requirement misuse" in says and "misuses" not in says


def test_what_has_no_name_of_its_own_is_told_apart() -> None:
    mutex = Mutex("m")

    async def misuses() -> None:
        await mutex.mutex_unlock()

    async def asserts() -> None:
        await mutex.mutex_lock()
        await mutex.mutex_unlock()
        raise AssertionError("never")

    claims = [no_misuse(), assertions(), required("misuse"), required("assertion")]
    system = System([mutex], threads(misuses, asserts), claims[:2])
    case = Model("toy", "", lambda _: system).case("only", None)
    for name in REDUCTIONS:
        for engine in ENGINES:
            found = check(case, options=Options(reduction=name, engine=engine)).results
            assert {each.verdict for each in found} == {Verdict.FAILS}


def test_a_failure_holds_its_kind_and_not_a_word() -> None:
    assert Failure(Requirement("misuse"), "") != Failure(Fault.MISUSE, "")
    assert required("misuse") != NeverFails("misuse", Fault.MISUSE)
