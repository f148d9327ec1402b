"""What takes too long ends, wherever it is: what is said then is right, or *unknown*."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

import locking.check
import locking.verdicts
from locking import Cell, Model, RwSem, System, Thread, never_together, section
from locking.check import LimitWatch, check
from locking.explore import deadline
from locking.explore.deadline import Deadline, OutOfTime, hurry, look, timely, unlimited, within
from locking.explore.room import Room
from locking.models.textbook import lost_update, starvation
from locking.models.weak_memory import rwsem_wake
from locking.parameterized.proving import prove_any_number
from locking.properties.explored import Verdict
from locking.studies.barriers import barrier_study
from locking.verdicts import Limits, Options
from tests.explore.cluster.test_sharded import in_shards
from tests.explore.compiled.test_disk import on_disk
from tests.samples import some_by_default


@contextmanager
def late_at(number: int) -> Iterator[list[int]]:
    """The clock jumps when it is looked at so often; what is yielded gets each look."""
    looks: list[int] = []

    def clock() -> float:
        looks.append(len(looks))
        return 1e9 if len(looks) > number else 0.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline, "time", SimpleNamespace(perf_counter=clock))
        patch.setattr(deadline, "LOOKS", 3)
        yield looks


def test_a_look_raises_once_the_time_is_over() -> None:
    with late_at(2), within(5):
        look()
        with pytest.raises(OutOfTime, match="more than 5 seconds"):
            look()
    look()


def test_a_context_ends_no_later_than_that_around_it() -> None:
    with late_at(9), within(5):
        first = Deadline.at
        with within(7), within(None):
            assert Deadline.at == first == 6.25
        with within(2):
            assert Deadline.at == 3
        with unlimited():
            assert Deadline.at is None
        assert Deadline.at == first


def test_what_was_interrupted_ends_soon_and_what_comes_behind_has_its_own_time() -> None:
    with late_at(9), within(100):
        whole = Deadline.at
        with within(None):
            hurry("interrupted")
            assert (Deadline.at, Deadline.says) == (deadline.AFTER_INTERRUPT, "interrupted")
            hurry("again")
            assert Deadline.says == "interrupted"
        assert Deadline.at == whole == 125


def test_what_was_met_before_ctrl_c_is_not_judged_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deadline, "AFTER_INTERRUPT", -1.0)
    monkeypatch.setattr(LimitWatch, "__call__", interrupted)
    report = check(lost_update.MODEL.case("only", None))
    assert {(each.verdict, each.cause) for each in report.results} == {
        (Verdict.UNKNOWN, "interrupted")
    }
    assert Deadline.at is None


def test_what_was_spent_before_counts() -> None:
    with late_at(9), within(5, spent=4):
        assert Deadline.at == 2.25


def test_a_search_ends_when_time_is_over_that_others_spent_in_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    clock = SimpleNamespace(perf_counter=lambda: now)
    for module in (locking.check, locking.verdicts):
        monkeypatch.setattr(module, "time", clock)
    limits = Options(limits=Limits(seconds=60)).after(40).limits
    watch = LimitWatch(limits, limits.begun(), None, Room())
    now += 20
    assert watch(0, 0) is None
    now += 1
    assert watch(0, 0) == "more than 60 seconds"
    limits = replace(limits, spent=0)
    assert LimitWatch(limits, limits.begun(), None, Room())(0, 0) is None


def test_a_long_loop_looks_now_and_then() -> None:
    with late_at(3) as looks, within(5), pytest.raises(OutOfTime):
        for at in timely(count()):
            last = at
    assert (last, len(looks)) == (5, 4)


PLACES: dict[str, Any] = {
    "reference": nullcontext,
    "compiled": nullcontext,
    "disk": lambda: on_disk(4),
    "shards": lambda: in_shards(2, disk=True),
}
CASES = [lost_update.MODEL.case("only", None), starvation.MODEL.case("readers-pass", None)]


def told(case: Any, place: str, reduction: str, **limits: Any) -> Any:
    """The report of a case, whose states are in some place."""
    engine = "reference" if place == "reference" else "compiled"
    with PLACES[place]():
        return check(case, (), Options(engine, reduction=reduction, limits=Limits(**limits)))


WAYS = [(place, "merge") for place in PLACES]
WAYS += [("reference", each) for each in ("none", "symmetry", "partial-order", "all", "automatic")]


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
@pytest.mark.parametrize("case", some_by_default(CASES, 2), ids=str)
def test_what_is_said_when_time_is_over_is_right_or_unknown(
    case: Any, way: tuple[str, str]
) -> None:
    right = {each.claim.name: each for each in told(case, *way).results}
    seen = set()
    for number in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144):
        with late_at(number):
            report = told(case, *way, seconds=5)
        for each in report.results:
            seen.add(each.verdict)
            if each.verdict is Verdict.UNKNOWN:
                assert each.cause == "more than 5 seconds"
            else:
                known = right[each.claim.name]
                assert (each.verdict, each.path) == (known.verdict, known.path)
    assert Verdict.UNKNOWN in seen
    assert Deadline.at is None


def test_executions_are_left_off_when_time_is_over_also_while_threads_are_learned() -> None:
    case = rwsem_wake.MODEL.case("only", None, {"memory": "lkmm"})
    right = {each.claim.name: each.verdict for each in check(case).results}
    seen = set()
    for number in (1, 2, 3, 8, 21, 55):
        with late_at(number):
            report = check(case, options=Options(limits=Limits(seconds=5)))
        unknown = [each for each in report.results if each.verdict is Verdict.UNKNOWN]
        assert {each.cause for each in unknown} <= {"more than 5 seconds"}
        assert all(
            each in unknown or each.verdict is right[each.claim.name] for each in report.results
        )
        seen.add((bool(unknown), report.cause))
    assert (True, "more than 5 seconds") in seen


def test_a_study_of_orderings_ends_when_time_is_over() -> None:
    system = rwsem_wake.MODEL.case("only", None, {"memory": "lkmm"}).build()
    for number in (1, 8, 300):
        with late_at(number) as looks, within(5):
            study = barrier_study(system, system.properties, lambda: None)
        changes = len(study.uses) * (len(study.uses) + 1)
        assert len(looks) <= number + 5 + changes  # no change is gone into behind the end
        assert study.base.cause or any(each.unknown for each in study.uses)


def readers_and_writers() -> Model:
    """Threads around a lock for readers and writers."""
    lock, value = RwSem("lock"), Cell("value", 0)

    async def read() -> None:
        async with lock.read(), section("reads"):
            await value.read()

    async def write() -> None:
        async with lock.write(), section("writes"):
            await value.write(1)

    threads = [Thread("reader", read), Thread("writer", write)]
    claims = [never_together("apart", "reads", "writes"), never_together("rr", "reads", "reads")]
    return Model("rw", "", lambda _: System([lock, value], threads, claims))


def test_a_proof_for_any_number_ends_as_well() -> None:
    model, seen = readers_and_writers(), set()
    for number in (1, 2, 5, 13, 34, 89, 233, 10**6):
        with late_at(number):
            options = Options(limits=Limits(seconds=5))
            case = model.case("only", None)
            found = prove_any_number(case, model.build, ["reader", "writer"], (), options)
        verdicts = {each.claim.name: each.verdict for each in found.found}
        assert verdicts["apart"] in (Verdict.HOLDS, Verdict.UNKNOWN)
        seen.add(verdicts["apart"])
    assert seen == {Verdict.HOLDS, Verdict.UNKNOWN}
