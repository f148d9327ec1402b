"""Preserved program order, propagation and happens-before of the Linux-kernel memory model."""

from locking.memory_models.lkmm.events import (
    ADDR,
    CO,
    CTRL,
    DATA,
    EXT,
    FR,
    INT,
    MARKED,
    PLAIN_ACCESSES,
    RF,
    RFE,
    RFI,
    RMW,
    R,
    W,
)
from locking.memory_models.lkmm.fences import (
    ANY_FENCE,
    PO_REL,
    PO_UNLOCK_LOCK_PO,
    STRONG_FENCE,
    WMB,
)
from locking.memory_models.terms import ID, Term, only

MARKED_ONLY = only(MARKED)

DEP = ADDR | DATA
OVERWRITE = CO | FR

TO_W = (DEP | CTRL).then(only(W)) | (OVERWRITE & INT) | ADDR.then(only(PLAIN_ACCESSES), WMB)
"""What a write waits for: dependencies, and accesses of its location before it."""
TO_R = ADDR.then(only(R)) | DEP.then(MARKED_ONLY, RFI)
"""What a read waits for: its address, and the write before it whose value it takes."""
PPO = TO_R | TO_W | (ANY_FENCE & INT) | (PO_UNLOCK_LOCK_PO & INT)
"""Preserved program order: what one thread's processor executes in the order of the program."""

RMW_SEQUENCE = RF.then(RMW).star
"""Read-modify-writes one after the other, each of the value of the one before."""


def a_cumulative(fence: Term) -> Term:
    """A fence that orders also what its thread has read from others before it."""
    return RFE.then(MARKED_ONLY).maybe.then(fence)


CUMUL_FENCE = MARKED_ONLY.then(
    a_cumulative(STRONG_FENCE | PO_REL) | WMB | PO_UNLOCK_LOCK_PO, MARKED_ONLY, RMW_SEQUENCE
)
"""One write reaches every processor before another does."""

PROP = MARKED_ONLY.then(
    (OVERWRITE & EXT).maybe, CUMUL_FENCE.star, MARKED_ONLY, RFE.maybe, MARKED_ONLY
)
"""Propagates before: the first event is overwritten before what the second sees gets there."""

HB = MARKED_ONLY.then(PPO | RFE | ((PROP - ID) & INT), MARKED_ONLY)
"""Happens before: the first event is executed before the second."""

PB = PROP.then(STRONG_FENCE, HB.star, MARKED_ONLY)
"""Propagates before the second is executed, because a strong fence is between them."""
