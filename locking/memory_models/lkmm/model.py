"""The axioms and flags of the Linux-kernel memory model."""

from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.lkmm.events import (
    CO,
    EXT,
    FR,
    PO,
    PO_LOC,
    RCU_LOCK,
    RCU_UNLOCK,
    RF,
    RMW,
    SRCU_LOCK,
    SRCU_UNLOCK,
    SYNC_SRCU,
)
from locking.memory_models.lkmm.locks import (
    HELD_FOREVER,
    INTRUDED,
    LOCK_FINAL,
    MIXED_LOCK_ACCESSES,
    UNMATCHED_UNLOCK,
)
from locking.memory_models.lkmm.ordering import HB, PB
from locking.memory_models.lkmm.plain import DATA_RACE, INCOHERENT, MIXED_ACCESSES
from locking.memory_models.lkmm.rcu import RB, RCU_RSCS, SRCU_RSCS
from locking.memory_models.plan import ACYCLIC, EMPTY, IRREFLEXIVE, ModelLine
from locking.memory_models.terms import ID, Term, given, only


def flag(name: str, term: Term) -> ModelLine:
    """A flag that is raised where this is not empty."""
    return ModelLine(EMPTY, term, name, negated=True, is_flag=True)


AXIOMS = (
    ModelLine(ACYCLIC, PO_LOC | RF | CO | FR, "coherence"),
    ModelLine(EMPTY, RMW & (FR & EXT).then(CO & EXT), "atomicity"),
    ModelLine(EMPTY, HELD_FOREVER, "lock-held-forever"),
    ModelLine(EMPTY, INTRUDED, "lock-exclusion"),
    ModelLine(ACYCLIC, HB, "happens-before"),
    ModelLine(ACYCLIC, PB, "propagates-before"),
    ModelLine(IRREFLEXIVE, RB, "rcu"),
    ModelLine(EMPTY, INCOHERENT, "plain-coherence"),
)
"""What each execution obeys, the cheapest first."""

FLAGS = (
    flag("unmatched-rcu-lock", RCU_LOCK - RCU_RSCS.domain),
    flag("unmatched-rcu-unlock", RCU_UNLOCK - RCU_RSCS.range_),
    flag("unmatched-srcu-lock", SRCU_LOCK - SRCU_RSCS.domain),
    flag("unmatched-srcu-unlock", SRCU_UNLOCK - SRCU_RSCS.range_),
    flag("multiple-srcu-matches", SRCU_RSCS.inverse.then(SRCU_RSCS) - ID),
    flag("invalid-sleep", RCU_RSCS & PO.then(only(SYNC_SRCU), PO)),
    flag("srcu-bad-value-match", SRCU_RSCS & given("different-values")),
    flag("mixed-lock-accesses", MIXED_LOCK_ACCESSES),
    flag("lock-final", LOCK_FINAL),
    flag("unmatched-unlock", UNMATCHED_UNLOCK),
    flag("mixed-accesses", MIXED_ACCESSES),
    flag("data-race", DATA_RACE),
)
"""What is wrong with a test, or with the code in it; names are those of Linux 6.12."""

LKMM = AxiomaticModel("LKMM", AXIOMS + FLAGS, {"hb": HB})
