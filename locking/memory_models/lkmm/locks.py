"""Spinlocks in the Linux-kernel memory model: who may hold one, and which tests make no sense."""

from locking.memory_models.lkmm.events import (
    CO,
    FINAL,
    INITIAL,
    LOC,
    LOCK_FAILED,
    LOCK_WRITE,
    OF_LOCKS,
    PO_LOC,
    RF,
    SEEN_FREE,
    SRCU_LOCK,
    SRCU_UNLOCK,
    SYNC_SRCU,
    UNLOCK,
    M,
)
from locking.memory_models.terms import only

_LOCKED, _UNLOCKED = only(LOCK_WRITE), only(UNLOCK)

CRITICAL = _LOCKED.then(PO_LOC, _UNLOCKED) - PO_LOC.then(only(LOCK_WRITE | UNLOCK), PO_LOC)
"""Critical sections, from their lock to their unlock."""

HELD_FOREVER = only(LOCK_WRITE - CRITICAL.domain).then(CO)
"""A lock that its thread never lets go, or takes once more before, changes again."""

INTRUDED = (
    (CRITICAL & CO.then(CO))
    | only(LOCK_WRITE).then(RF, only(SEEN_FREE))
    | only(INITIAL | UNLOCK).then(RF, only(LOCK_FAILED))
)
"""Another changes a lock while it is held, or it is seen free while held, or held while free.

A lock that reads from a lock needs no line: atomicity puts it right behind that, so it intrudes.
"""

ACCESSES_OF_LOCKS = OF_LOCKS | SRCU_LOCK | SRCU_UNLOCK | SYNC_SRCU
MIXED_LOCK_ACCESSES = only(M - INITIAL - ACCESSES_OF_LOCKS).then(LOC, only(ACCESSES_OF_LOCKS))
"""Accesses of a lock's memory that are no lock operations."""
LOCK_FINAL = only(FINAL).then(LOC, only(ACCESSES_OF_LOCKS))
"""Final values of locks, which the condition should not look at."""
UNMATCHED_UNLOCK = UNLOCK - CRITICAL.range_
