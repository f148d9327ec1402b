"""Kernel threads that are stopped: asked, woken, and waited for."""

from errno import EINTR

import pytest

from locking import (
    TASK_INTERRUPTIBLE,
    TASK_RUNNING,
    WAIT,
    Cell,
    Child,
    Lifetime,
    Misuse,
    Stage,
    System,
    Task,
    Thread,
    Verdict,
    at_end,
    deadlock_free,
    happens_before_race_free,
    kthread_should_stop,
    kthread_stop,
    no_misuse,
    retry,
    sometimes,
    start,
)
from locking.errors import ModelError
from tests.explore.compare import checked
from tests.systems import ask

life = Lifetime("worker")


def test_who_is_asked_to_stop_is_told() -> None:
    assert ask(life, Stage.STARTED, "set_should_stop") == (Stage.STOPPING, None)
    assert ask(life, Stage.STARTED, "should_stop", "worker") == (Stage.STARTED, False)
    assert ask(life, Stage.STOPPING, "should_stop", "worker") == (Stage.STOPPING, True)
    assert ask(life, Stage.STOPPING, "join_thread") is WAIT
    assert ask(life, Stage.STOPPING, "end_thread", "worker") == (Stage.ENDED, None)
    assert ask(life, Stage.ENDED, "set_should_stop") == (Stage.ENDED, None)
    assert life.show(Stage.STOPPING) == "asked to stop"


def test_who_is_stopped_before_it_begins_does_not_run() -> None:
    assert ask(life, Stage.STOPPING, "begin_thread", "worker") == (Stage.STOPPING, -EINTR)


@pytest.mark.parametrize(
    ("call", "stage", "reason"),
    [
        ("set_should_stop", Stage.NEW, "me stops worker, which is not started"),
        ("set_should_stop", Stage.JOINED, "me stops worker, which is joined"),
        ("should_stop", Stage.STARTED, "me asks whether worker should stop, which only that may"),
        ("start_thread", Stage.STOPPING, "me starts worker, which is asked to stop already"),
    ],
)
def test_anything_else_is_a_misuse(call: str, stage: Stage, reason: str) -> None:
    assert ask(life, stage, call) == Misuse(reason)


def stopped(asks: str) -> System:
    """A kthread that sleeps until it is stopped; it asks before or after it says that it sleeps."""
    task, work = Task("worker"), Cell("work", 0)

    async def sleep() -> bool | None:
        if asks == "after":
            await task.set_current_state(TASK_INTERRUPTIBLE)
        if await kthread_should_stop(worker):
            await task.set_current_state(TASK_RUNNING)
            return True
        if asks == "before":
            await task.set_current_state(TASK_INTERRUPTIBLE)
        await task.schedule()
        return None

    async def run() -> None:
        await work.write(1)
        await retry(sleep)
        await work.write(2)

    worker = Child("worker", run)

    async def main() -> None:
        await start(worker)
        await kthread_stop(worker, task)
        await work.read()

    return System(
        [task, work],
        [Thread("main", main), worker],
        [
            deadlock_free(),
            no_misuse(),
            happens_before_race_free(),
            at_end("whole", lambda s: s[work] in (0, 2)),
            sometimes("never-run", lambda s: s.finished and s[work] == 0),
        ],
    )


def test_a_kthread_that_asks_after_it_says_that_it_sleeps_is_stopped() -> None:
    results = checked(stopped("after")).results
    assert {each.verdict for each in results} == {Verdict.HOLDS}


def test_a_kthread_that_asks_before_may_miss_it() -> None:
    results = {each.claim.name: each.verdict for each in checked(stopped("before")).results}
    assert results["deadlock-free"] is Verdict.FAILS


def test_only_a_child_is_stopped() -> None:
    with pytest.raises(ModelError, match="declare it as Child"):
        kthread_should_stop(Thread("a", stopped))  # type: ignore[arg-type]
