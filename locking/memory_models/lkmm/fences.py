"""Fences of the Linux-kernel memory model: what orders the accesses of one thread around it."""

from locking.memory_models.lkmm.events import (
    ACQUIRE,
    LOCK_READ,
    LOCK_WRITE,
    NO_RETURN,
    OF_RMW,
    PO,
    RCU_LOCK,
    RCU_UNLOCK,
    RELEASE,
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
from locking.memory_models.terms import among, given_set

ACQ_PO = among(ACQUIRE).then(PO, among(M))
"""An acquire comes before what follows it."""

PO_REL = among(M).then(PO, among(RELEASE))
"""A release comes after what precedes it."""

PO_UNLOCK_LOCK_PO = PO.then(among(UNLOCK), PO | RF, among(LOCK_READ), PO)
"""Before an unlock, to after the next lock, of one thread or of the one that takes it over."""

READS_OF_RMB = R - NO_RETURN

RMB_ONLY = fenced_by(given_set("Rmb"))
RMB = among(READS_OF_RMB).then(RMB_ONLY, among(READS_OF_RMB))
"""`smp_rmb()` orders reads, `smp_wmb()` writes."""
WMB = among(W).then(fenced_by(given_set("Wmb")), among(W))

FULL = (
    fenced_by(given_set("Mb"))
    | fenced_by(given_set("Before-atomic")).then(among(OF_RMW), PO.maybe)
    | PO.maybe.then(among(OF_RMW), fenced_by(given_set("After-atomic")))
    | PO.maybe.then(among(LOCK_WRITE), fenced_by(given_set("After-spinlock")))
    | PO_UNLOCK_LOCK_PO.then(among(given_set("After-unlock-lock")), PO)
    | PO.maybe.then(among(SRCU_UNLOCK), fenced_by(given_set("After-srcu-read-unlock")))
)
MB = among(M).then(FULL, among(M))
"""`smp_mb()`, also as a part of operations, and the fences that strengthen an operation to it."""

GP = PO.then(among(SYNC_RCU | SYNC_SRCU), PO.maybe)
"""A grace period comes after what precedes it, and is a full fence."""

STRONG_FENCE = MB | GP
"""What is before it has reached all processors when it ends."""

NONRW_FENCE = STRONG_FENCE | PO_REL | ACQ_PO
FENCE = NONRW_FENCE | WMB | RMB

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
        | ACQUIRE
        | RELEASE
        | RCU_LOCK
        | RCU_UNLOCK
        | SRCU_LOCK
        | SRCU_UNLOCK
    )
    | PO.then(among(RELEASE))
    | among(ACQUIRE).then(PO)
)
"""What the compiler moves no plain access across."""
