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
    PLAIN,
    RF,
    RFE,
    RFI,
    RMW,
    R,
    W,
)
from locking.memory_models.lkmm.fences import (
    FENCE,
    PO_REL,
    PO_UNLOCK_LOCK_PO,
    STRONG_FENCE,
    WMB,
)
from locking.memory_models.terms import ID, Term, among

MARK = among(MARKED)

DEP = ADDR | DATA
OVERWRITE = CO | FR

TO_W = (DEP | CTRL).then(among(W)) | (OVERWRITE & INT) | ADDR.then(among(PLAIN), WMB)
"""What a write waits for: dependencies, and accesses of its location before it."""
TO_R = ADDR.then(among(R)) | DEP.then(MARK, RFI)
"""What a read waits for: its address, and the write before it whose value it takes."""
PPO = TO_R | TO_W | (FENCE & INT) | (PO_UNLOCK_LOCK_PO & INT)
"""Preserved program order: what one thread's processor executes in the order of the program."""

RMW_SEQUENCE = RF.then(RMW).star
"""Read-modify-writes one after the other, each of the value of the one before."""


def a_cumulative(fence: Term) -> Term:
    """A fence that orders also what its thread has read from others before it."""
    return RFE.then(MARK).maybe.then(fence)


CUMUL_FENCE = MARK.then(
    a_cumulative(STRONG_FENCE | PO_REL) | WMB | PO_UNLOCK_LOCK_PO, MARK, RMW_SEQUENCE
)
"""One write reaches every processor before another does."""

PROP = MARK.then((OVERWRITE & EXT).maybe, CUMUL_FENCE.star, MARK, RFE.maybe, MARK)
"""Propagates before: the first event is overwritten before what the second sees gets there."""

HB = MARK.then(PPO | RFE | ((PROP - ID) & INT), MARK)
"""Happens before: the first event is executed before the second."""

PB = PROP.then(STRONG_FENCE, HB.star, MARK)
"""Propagates before the second is executed, because a strong fence is between them."""
