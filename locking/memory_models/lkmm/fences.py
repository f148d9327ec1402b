"""Fences of the Linux-kernel memory model: what orders the accesses of one thread around it."""

from locking.memory_models.lkmm.events import (
    ACQUIRES,
    LOCK_READ,
    LOCK_WRITE,
    NO_RETURN,
    OF_RMW,
    PO,
    RCU_LOCK,
    RCU_UNLOCK,
    RELEASES,
    RF,
    SRCU_LOCK,
    SRCU_UNLOCK,
    SYNC_RCU,
    SYNC_SRCU,
    UNLOCK,
    M,
    R,
    W,
    fenced_by,
)
from locking.memory_models.terms import given_set, only

ACQ_PO = only(ACQUIRES).then(PO, only(M))
"""An acquire comes before what follows it."""

PO_REL = only(M).then(PO, only(RELEASES))
"""A release comes after what precedes it."""

PO_UNLOCK_LOCK_PO = PO.then(only(UNLOCK), PO | RF, only(LOCK_READ), PO)
"""Before an unlock, to after the next lock, of one thread or of the one that takes it over."""

READS_OF_RMB = R - NO_RETURN

RMB_ONLY = fenced_by(given_set("Rmb"))
RMB = only(READS_OF_RMB).then(RMB_ONLY, only(READS_OF_RMB))
"""`smp_rmb()` orders reads, `smp_wmb()` writes."""
WMB = only(W).then(fenced_by(given_set("Wmb")), only(W))

FULL = (
    fenced_by(given_set("Mb"))
    | fenced_by(given_set("Before-atomic")).then(only(OF_RMW), PO.maybe)
    | PO.maybe.then(only(OF_RMW), fenced_by(given_set("After-atomic")))
    | PO.maybe.then(only(LOCK_WRITE), fenced_by(given_set("After-spinlock")))
    | PO_UNLOCK_LOCK_PO.then(only(given_set("After-unlock-lock")), PO)
    | PO.maybe.then(only(SRCU_UNLOCK), fenced_by(given_set("After-srcu-read-unlock")))
)
MB = only(M).then(FULL, only(M))
"""`smp_mb()`, also as a part of operations, and the fences that strengthen an operation to it."""

GP = PO.then(only(SYNC_RCU | SYNC_SRCU), PO.maybe)
"""A grace period comes after what precedes it, and is a full fence."""

STRONG_FENCE = MB | GP
"""What is before it has reached all processors when it ends."""

NONRW_FENCE = STRONG_FENCE | PO_REL | ACQ_PO
ANY_FENCE = NONRW_FENCE | WMB | RMB

BARRIER = (
    fenced_by(
        given_set("Barrier")
        | given_set("Rmb")
        | given_set("Wmb")
        | given_set("Mb")
        | given_set("Before-atomic")
        | given_set("After-atomic")
        | SYNC_RCU
        | SYNC_SRCU
        | ACQUIRES
        | RELEASES
        | RCU_LOCK
        | RCU_UNLOCK
        | SRCU_LOCK
        | SRCU_UNLOCK
    )
    | PO.then(only(RELEASES))
    | only(ACQUIRES).then(PO)
)
"""What the compiler moves no plain access across."""
