"""A ticket lock with a waiting array: who is far from its turn waits on a word of the array.

Who leaves calls the next ticket, then adds to the word of the one after that, which comes nearer by
it and goes on to spin on the call. So a far waiter must read its word before it looks at the call
again ("looks-first"), or it misses the only change. And the call comes before the change of the
word ("wakes-first"), or whoever is woken sees nothing new, and waits for the next change.
Who came near still has to wait for its own call ("enters"): it is the error that the libvsync set
of SV-COMP plants in this algorithm.

Dice and Kogan, "TWA - Ticket locks augmented with a waiting array", Euro-Par 2019.
"""

from functools import partial

from locking import Atomic, Case, Expect, Model, System, array, retry, wait_until
from locking.models.locks.users import system_of

NEAR = 1
"""A thread this far from its turn spins on the call itself."""
ticket, called, waiting = Atomic("ticket"), Atomic("called"), array(Atomic, "waiting", 2)


async def lock(variant: str) -> None:
    """Take a ticket, and wait for its call."""
    mine = await ticket.atomic_fetch_inc()
    if mine - await called.atomic_read_acquire() > NEAR:
        await retry(wait_far_away, mine, variant)
        if variant == "enters":
            return
    await wait_until(lambda now: now == mine, called)


async def wait_far_away(mine: int, variant: str) -> bool | None:
    """One round: wait for a change of the word, unless the turn is near by now."""
    word = waiting[mine % 2]
    if variant == "looks-first":
        near = mine - await called.atomic_read() <= NEAR
        seen = await word.atomic_read()
    else:
        seen = await word.atomic_read()
        near = mine - await called.atomic_read() <= NEAR
    if near:
        return True
    await wait_until(lambda now: now != seen, word)
    return None


async def unlock(variant: str) -> None:
    """Call the next ticket, and let the one after that come near."""
    after = await called.atomic_read() + 1
    if variant != "wakes-first":
        await called.atomic_set_release(after)
    await waiting[(after + NEAR) % 2].atomic_inc()
    if variant == "wakes-first":
        await called.atomic_set_release(after)


def build(case: Case) -> System:
    """Three threads."""
    return system_of(
        case, [ticket, called, waiting], partial(lock, case.variant), partial(unlock, case.variant)
    )


MODEL = Model(
    "locks.twa",
    "A ticket lock whose far waiters wait elsewhere",
    build,
    variants=("right", "looks-first", "wakes-first", "enters"),
    expected=(
        Expect("deadlock-free", "it waits for the change that was", variants=("looks-first",)),
        Expect("deadlock-free", "it looks before the call", variants=("wakes-first",)),
        Expect("refinement", "it is near, and another is inside", variants=("enters",)),
        Expect("deadlock-free", "two call the same ticket", variants=("enters",)),
    ),
)
