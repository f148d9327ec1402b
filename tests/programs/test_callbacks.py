"""kfree_rcu: freed after a grace period, and not awaited by a barrier."""

from contextlib import nullcontext

import pytest

from locking import (
    WAIT,
    Allocation,
    Cell,
    Rcu,
    RcuState,
    Srcu,
    System,
    Thread,
    Verdict,
    deadlock_free,
    happens_before_race_free,
    kfree_rcu,
    kfree_rcu_work,
    no_misuse,
    run_callbacks,
    sometimes,
)
from locking.errors import ModelError
from locking.objects.rcu import Callback
from tests.explore.compare import checked
from tests.systems import ask

rcu, head, old = Rcu("rcu"), Cell("head", "old"), Allocation("old", value=1)
FREED_LATER = RcuState(("r",), callbacks=(Callback("old", ("r",), frees=True),))


def test_what_is_queued_waits_for_the_readers_that_are_inside() -> None:
    assert ask(rcu, RcuState(("r",)), "defer_free", "me", "old") == (FREED_LATER, None)
    assert ask(rcu, FREED_LATER, "begin_free") is WAIT
    left, _ = ask(rcu, FREED_LATER, "rcu_read_unlock", "r")
    begun = RcuState(callbacks=(Callback("old", (), "me", frees=True),))
    assert ask(rcu, left, "begin_free") == (begun, "old")
    assert ask(rcu, begun, "end_callback") == (RcuState(), None)


def test_callbacks_and_what_is_freed_are_run_apart() -> None:
    both = RcuState(callbacks=(Callback("old", (), frees=True), Callback("other", ())))
    assert ask(rcu, both, "begin_callback")[1] == "other"
    assert ask(rcu, both, "begin_free")[1] == "old"
    assert rcu.show(both) == "free old due, callback other due"


def test_a_barrier_does_not_wait_for_what_is_freed() -> None:
    assert ask(rcu, FREED_LATER, "rcu_barrier") == (FREED_LATER, None)
    both = FREED_LATER._replace(callbacks=(*FREED_LATER.callbacks, Callback("other", ())))
    waiting = ask(rcu, both, "rcu_barrier").state
    assert [each.awaited_by for each in waiting.callbacks] == [(), ("me",)]


def replaced(under_lock: bool) -> System:
    """A reader of an object, and who replaces and frees it."""

    async def look() -> None:
        if (await head.rcu_dereference()) == "old":
            await old.value.READ_ONCE()

    async def read() -> None:
        async with rcu.read() if under_lock else nullcontext():
            await look()

    async def replace() -> None:
        await head.rcu_assign_pointer(None)
        await kfree_rcu(rcu, old)

    return System(
        [rcu, head, old],
        [
            Thread("one", read),
            Thread("other", read),
            Thread("updater", replace),
            Thread("kfree", kfree_rcu_work, (rcu, old), daemon=True),
        ],
        [
            no_misuse(),
            deadlock_free(),
            happens_before_race_free(),
            sometimes("freed", lambda s: s[old.value] != 1),
        ],
    )


@pytest.mark.parametrize("minimise", [True, False])
def test_no_reader_meets_what_was_freed(*, minimise: bool) -> None:
    results = checked(replaced(under_lock=True), minimise=minimise).results
    assert {each.verdict for each in results} == {Verdict.HOLDS}


def test_who_reads_without_the_lock_meets_it() -> None:
    results = {each.claim.name: each.verdict for each in checked(replaced(False)).results}
    assert results["no-misuse"] is Verdict.FAILS


def torn_down(frees: bool) -> System:
    """A module that goes after `rcu_barrier`, while its memory may be yet to be freed."""
    cache = Allocation("cache", alive=1)

    async def free(_: str) -> None:
        await cache.alive.READ_ONCE()

    async def work() -> None:
        if frees:
            await kfree_rcu(rcu, old)
        else:
            await rcu.call_rcu("old")
        await rcu.rcu_barrier()
        await cache.kfree()

    async def reclaim() -> None:
        await rcu.begin_free()
        await cache.alive.READ_ONCE()
        await rcu.end_callback()

    return System(
        [rcu, old, cache],
        [
            Thread("exit", work),
            Thread("softirq", run_callbacks, (rcu, free), daemon=True),
            Thread("kfree", reclaim, daemon=True),
        ],
        [no_misuse()],
    )


def test_a_barrier_does_not_protect_what_kfree_rcu_still_needs() -> None:
    (right,), (wrong,) = (checked(torn_down(frees)).results for frees in (False, True))
    assert (right.verdict, wrong.verdict) == (Verdict.HOLDS, Verdict.FAILS)


def test_what_can_not_be_freed_is_refused() -> None:
    for domain, allocation in ((Srcu("srcu"), old), (rcu, head)):
        with pytest.raises(ModelError, match="write an Rcu first, then an Allocation"):
            kfree_rcu(domain, allocation)  # type: ignore[arg-type]


def test_what_the_work_does_not_know_is_refused() -> None:
    async def free() -> None:
        await kfree_rcu(rcu, old)

    running = [Thread("a", free), Thread("kfree", kfree_rcu_work, (rcu,), daemon=True)]
    with pytest.raises(ModelError, match="kfree_rcu_work does not know 'old'"):
        checked(System([rcu, old], running, [no_misuse()]))
