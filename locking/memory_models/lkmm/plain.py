"""Plain accesses in the Linux-kernel memory model: where they may be, and which of them race.

The compiler may put a plain access anywhere within its bounds, in pieces and more than once. So two
conflicting accesses of two threads are only in order if bounds of one come before bounds of the
other.
"""

from locking.memory_models.lkmm.events import (
    ADDR,
    CO,
    EXT,
    FR,
    INITIAL,
    INT,
    MARKED,
    NO_RETURN,
    PLAIN_ACCESSES,
    PO_LOC,
    RF,
    RFE,
    M,
    W,
)
from locking.memory_models.lkmm.fences import (
    ANY_FENCE,
    BARRIER,
    NONRW_FENCE,
    READS_OF_RMB,
    RMB_ONLY,
    STRONG_FENCE,
)
from locking.memory_models.lkmm.ordering import CUMUL_FENCE, HB, MARKED_ONLY, PB, RMW_SEQUENCE
from locking.memory_models.lkmm.rcu import RB, RCU_FENCE
from locking.memory_models.terms import only

_MIXED = PO_LOC - BARRIER
MIXED_ACCESSES = only(PLAIN_ACCESSES & W).then(_MIXED, MARKED_ONLY) | MARKED_ONLY.then(
    _MIXED, only(PLAIN_ACCESSES & W)
)
"""A plain write and a marked access of one location, with nothing between for the compiler."""

FENCES_AND_RCU = ANY_FENCE | RCU_FENCE
STRONG_FENCES = STRONG_FENCE | RCU_FENCE

XBSTAR = (HB | PB | RB).star
"""Executes before, or is the same event."""

VIS = CUMUL_FENCE.star.then(
    RFE.maybe, MARKED_ONLY, STRONG_FENCES.then(MARKED_ONLY, XBSTAR) | (XBSTAR & INT)
)
"""The first write is visible to the second event's processor when it executes that."""

W_PRE_BOUNDED = MARKED_ONLY.then((ADDR | FENCES_AND_RCU).maybe)
"""A marked event before which no part of the plain write is executed. `r` is the same of reads."""
R_PRE_BOUNDED = MARKED_ONLY.then(
    (ADDR | NONRW_FENCE | only(READS_OF_RMB).then(RMB_ONLY, only(~NO_RETURN))).maybe
)
W_POST_BOUNDED = FENCES_AND_RCU.maybe.then(MARKED_ONLY, RMW_SEQUENCE)
"""A marked event after which no part of the plain write is executed."""
R_POST_BOUNDED = (NONRW_FENCE | only(~NO_RETURN).then(RMB_ONLY, only(READS_OF_RMB))).maybe.then(
    MARKED_ONLY
)

_STRONGLY = STRONG_FENCES.then(XBSTAR)
WW_VIS = FENCES_AND_RCU | _STRONGLY.then(W_PRE_BOUNDED) | W_POST_BOUNDED.then(VIS, W_PRE_BOUNDED)
"""The first write is visible before any part of the second; `WR_VIS`: before the read."""
WR_VIS = FENCES_AND_RCU | _STRONGLY.then(R_PRE_BOUNDED) | W_POST_BOUNDED.then(VIS, R_PRE_BOUNDED)
RW_XBSTAR = FENCES_AND_RCU | R_POST_BOUNDED.then(XBSTAR, W_PRE_BOUNDED)
"""The read is executed before any part of the write."""

PRE_RACE = EXT & ((PLAIN_ACCESSES * M) | ((M - INITIAL) * PLAIN_ACCESSES))
"""Accesses of two threads, one of them plain."""

INCOHERENT = PRE_RACE & ((RF & RW_XBSTAR.inverse) | (FR & WR_VIS.inverse) | (CO & WW_VIS.inverse))
"""A plain access takes effect against the order that its bounds say."""

_WW_ORDERED = WW_VIS & ((MARKED * W) | RW_XBSTAR) & ((W * MARKED) | WR_VIS)
WW_RACE = (PRE_RACE & CO) - _WW_ORDERED
WR_RACE = (PRE_RACE & CO.maybe.then(RF)) - WR_VIS - RW_XBSTAR.inverse
RW_RACE = (PRE_RACE & FR) - RW_XBSTAR
DATA_RACE = WW_RACE | WR_RACE | RW_RACE
"""Conflicting accesses of two threads, one plain, that are in no order."""
