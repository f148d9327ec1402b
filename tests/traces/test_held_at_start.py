"""Locks that are held at the start: by nobody of the system, and by a thread of it."""

import pytest

from locking import Model, Mutex, RwSem, RwState, System, Thread, deadlock_free
from locking.check import check
from locking.model import Case
from locking.objects.operation import Object
from locking.traces.path import decode_choices
from locking.traces.rerun import rerun
from locking.traces.why.explain import diagnose
from locking.verdicts import Options

mutex, table = Mutex("lock"), RwSem("table")


async def take() -> None:
    async with mutex.hold():
        pass


async def keep() -> None:
    await table.down_read()


async def write() -> None:
    await table.down_write()


def case(starts: dict[Object, object], **programs: object) -> Case:
    """A system of threads in which locks are held at the start."""
    threads = [Thread(name, program) for name, program in programs.items()]  # type: ignore[arg-type]
    build = System([mutex, table], threads, [deadlock_free()], starts)  # type: ignore[arg-type]
    return Model("held", "", lambda _: build).case("only", None)


FIRMWARE: dict[Object, object] = {mutex: "firmware"}


def says(held: Case, choices: str = "-") -> str:
    """Why a run deadlocks."""
    run = rerun(held, "deadlock-free", decode_choices("", choices))
    return diagnose(run)


def test_a_lock_that_nobody_of_the_system_holds_is_waited_for_in_vain() -> None:
    assert says(case(FIRMWARE, a=take)) == (
        "a waits for lock, held from the start by firmware, which is no thread of this system, "
        "and no thread can take a step."
    )


def test_a_thread_of_the_system_that_holds_a_lock_from_the_start_is_named_with_that() -> None:
    assert says(case({mutex: "b"}, a=take, b=keep), "b1").startswith(
        "a waits for lock, which b, which has ended, still holds (from the start)"
    )


def test_one_who_reads_from_the_start_did_not_begin_when_another_did() -> None:
    text = says(
        case({table: RwState(readers=("a",)), mutex: "firmware"}, a=take, b=keep, c=write), "b1"
    )
    assert "a holds (for reading, from the start)" in text
    assert "b, which has ended, still holds (for reading, since step 1)" in text


def test_readers_outside_and_inside_the_system_are_told_apart() -> None:
    starts: dict[Object, object] = {table: RwState(readers=("firmware",)), mutex: "firmware"}
    text = says(case(starts, b=keep, c=write), "a1")
    assert (
        "which b, which has ended, still holds (for reading, since step 1), and held from the "
        "start by firmware, which is no thread of this system" in text
    )


HELD = [
    case(FIRMWARE, a=take),
    case({mutex: "b"}, a=take, b=keep),
    case({table: RwState(readers=("firmware",)), mutex: "firmware"}, b=keep, c=write),
]


@pytest.mark.parametrize("held", HELD, ids=["nobody", "thread", "readers"])
@pytest.mark.parametrize("reduction", ["none", "merge", "symmetry", "partial-order", "all"])
def test_the_deadlock_is_found_in_every_space(held: Case, reduction: str) -> None:
    report = check(held, options=Options(reduction=reduction))
    assert report.results[0].verdict.value == "fails"
    assert report.results[0].choices is not None
