"""Learning a thread: what it does next after every history of results."""

import os
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

import pytest

from locking import Cell, Mutex, System, Thread, deadlock_free, forever, procedure, retry, section
from locking.errors import ModelError, NotDeterministic
from locking.explore.learn import Learner
from locking.objects.operation import Misuse
from tests.explore.compare import checked

X = Cell("x", 0)
Y = Cell("y", 0)
LOCK = Mutex("lock")


def learner(program: Any) -> Learner:
    """A learner of one thread."""
    return Learner(Thread("t", program))


def test_a_thread_is_known_by_what_its_steps_returned() -> None:
    """Two results, two nodes; the same result again, the same node."""

    async def program() -> None:
        if await X.read():
            await Y.write(1)

    found = learner(program)
    one, none = found.child(0, 1), found.child(0, 0)
    assert str(found.nodes[one].position.next) == "write(y, 1)"
    assert found.nodes[none].position.next is None
    assert (found.child(0, 1), found.child(0, 0)) == (one, none)


def test_one_and_true_are_different_results() -> None:
    """Also for the run that is still open after the other."""

    async def program() -> None:
        await Y.write(await X.read())
        await X.read()

    found = learner(program)
    one = found.child(0, 1)
    true = found.child(0, True)
    after = [found.child(found.child(node, None), 0) for node in (one, true)]
    assert len({one, true, *after}) == 4
    assert [repr(found.nodes[node].position.next.args) for node in (one, true)] == [
        "(1,)",
        "(True,)",
    ]


def test_a_procedure_leaves_only_what_it_returned() -> None:
    """Two ways through it that return the same are one node."""

    @procedure
    async def parity() -> int:
        return await X.read() % 2

    async def program() -> None:
        await Y.write(await parity())

    found = learner(program)
    assert found.child(0, 1) == found.child(0, 3) != found.child(0, 2)


def test_rounds_of_loops_leave_nothing() -> None:
    """The next round starts at the node where the first did."""

    async def polling() -> None:
        async def attempt() -> int | None:
            return await X.read() or None

        await retry(attempt)
        await forever(Y.read)

    found = learner(polling)
    assert found.child(0, 0) == 0
    begun = found.child(0, 5)
    assert found.child(begun, 1) == begun


def test_a_misuse_ends_the_thread() -> None:
    """There is a node for it, and nothing after it."""

    async def program() -> None:
        await X.read()
        await Y.read()

    found = learner(program)
    node = found.child(0, Misuse("broken"))
    assert found.nodes[node].position.next is None
    assert found.nodes[node].position.failure
    assert found.child(0, Misuse("broken")) == node


def test_a_procedure_that_tells_more_than_it_returns_is_refused() -> None:
    """Two runs that lead to one node go different ways there."""

    async def program() -> None:
        box: list[int] = []

        @procedure
        async def leak() -> None:
            box.append(await X.read())

        await leak()
        await Y.write(box[0])

    found = learner(program)
    found.child(0, 0)
    with pytest.raises(NotDeterministic, match=r"'box\[0\]' is 1 then, but 0"):
        found.child(0, 1)


@pytest.mark.parametrize("late", [False, True])
def test_a_leak_is_refused_also_where_it_shows_later(late: bool) -> None:
    """The second run is found after or before the node was gone on from."""

    async def program() -> None:
        box: list[int] = []

        @procedure
        async def leak() -> None:
            box.append(await X.read())

        @procedure
        async def use() -> int:
            await Y.read()
            return box[0]

        await leak()
        await use()
        await X.read()

    found = learner(program)
    node = found.child(0, 0)
    with pytest.raises(NotDeterministic):
        if late:
            found.child(node, 0)
            found.child(0, 1)
        else:
            found.child(0, 1)
            found.child(node, 0)


def test_chance_is_refused() -> None:
    """A thread whose second run differs from its first."""

    async def program() -> None:
        await X.read()
        await X.write(monotonic_ns())
        await Y.read()

    found = learner(program)
    first = found.child(0, 0)
    found.child(first, None)
    with pytest.raises(NotDeterministic):
        found.confirm()


def test_a_loop_without_end_is_an_error_that_names_the_construct() -> None:
    """An ordinary `while` over results would never be learned."""

    async def program() -> None:
        while True:
            await X.read()

    with pytest.raises(ModelError, match=r"1000 steps.*test_learn.py:\d+.*retry.*forever"):
        checked(System([X], [Thread("t", program)], [deadlock_free()]))


def test_closing_a_thread_takes_no_steps() -> None:
    """What `finally` blocks and regions await on the way out is not awaited."""
    lock = Mutex("m")

    async def program() -> None:
        async with section("s"), lock.hold():
            try:
                await X.read()
                await Y.read()
            finally:
                await X.write(1)

    found = learner(program)
    locked = found.child(0, None)
    for result in range(4):
        found.child(locked, result)
    for run in found.live.values():
        run.close()
    assert [str(node.position.next) for node in found.nodes[2:]] == ["read(y)"] * 4


def interrupt() -> None:
    """Ctrl-C, once."""
    if os.environ.pop("INTERRUPT", ""):
        raise KeyboardInterrupt


async def plain() -> None:
    await X.read()
    interrupt()
    await Y.write(2)


async def in_a_block() -> None:
    async with LOCK.hold():
        interrupt()
        await Y.write(2)


async def in_a_finally_that_awaits() -> None:
    await X.read()
    try:
        interrupt()
    finally:
        await Y.write(2)


async def while_another_is_handled() -> None:
    await X.read()
    try:
        interrupt()
    except KeyboardInterrupt as error:
        raise ValueError from error
    await Y.write(2)


@pytest.mark.parametrize(
    "program", [plain, in_a_block, in_a_finally_that_awaits, while_another_is_handled]
)
def test_an_interrupted_step_is_not_gone_on_from(
    program: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C within a thread's own code leaves no half-made step behind, whatever the unwinding."""
    monkeypatch.setenv("INTERRUPT", "once")
    found = learner(program)
    with pytest.raises(KeyboardInterrupt):
        found.child(0, 0)
    assert str(found.nodes[found.child(0, 0)].position.next) == "write(y, 2)"
