"""The array lock: each thread takes a slot by a counter, and spins on that slot alone.

Who leaves clears its own slot, then opens the next one. May a slot stay open ("stays-open")? No:
the counter comes round to it, and two are inside. And there must be as many slots as threads
("too-few"): else two threads wait on one.

Anderson, "The performance of spin lock alternatives for shared-memory multiprocessors", IEEE TPDS
1(1), 1990.
"""

from functools import partial

from locking import Atomic, Case, Cell, Expect, Model, System, array, current, table, wait_until
from locking.models.locks.users import NAMES, system_of

SLOTS = 3
next_slot = Atomic("next")
is_open = (Cell("open[0]", True), *array(Cell, "closed", SLOTS, False)[1:])
mine = table(Cell, "mine", NAMES, 0)


async def lock(slots: int) -> None:
    """Take a slot, and wait until it is open."""
    slot = await next_slot.atomic_fetch_inc() % slots
    await mine[current()].write(slot)
    await wait_until(lambda now: now, is_open[slot])


async def unlock(slots: int, variant: str) -> None:
    """Close the slot, and open the one after it."""
    slot = await mine[current()].read()
    if variant != "stays-open":
        await is_open[slot].WRITE_ONCE(False)
    await is_open[(slot + 1) % slots].smp_store_release(True)


def build(case: Case) -> System:
    """Three threads."""
    slots = 2 if case.variant == "too-few" else SLOTS
    return system_of(
        case, [next_slot, is_open, mine], partial(lock, slots), partial(unlock, slots, case.variant)
    )


MODEL = Model(
    "locks.array_lock",
    "Each waiter spins on a slot of its own",
    build,
    variants=("right", "stays-open", "too-few"),
    expected=(
        Expect("refinement", "the slot is open when its turn is not", variants=("stays-open",)),
        Expect("refinement", "two wait on one slot", variants=("too-few",)),
        Expect("deadlock-free", "one closes what another opened", variants=("too-few",)),
    ),
)
