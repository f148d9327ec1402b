"""Read-copy-update in the Linux-kernel memory model: critical sections and grace periods."""

from locking.memory_models.lkmm.events import (
    LOC,
    MARKED,
    PO,
    RCU_LOCK,
    RCU_UNLOCK,
    RF,
    SRCU_LOCK,
    SRCU_UNLOCK,
    SYNC_RCU,
    SYNC_SRCU,
)
from locking.memory_models.lkmm.ordering import HB, PB, PROP
from locking.memory_models.terms import RELATION, Term, given, only, recursion, variable


def _nested_pairs() -> Term:
    """Each `rcu_read_lock` with its `rcu_read_unlock`: innermost pairs first, then what is left."""
    pairs = variable("pairs", RELATION)
    locks, unlocks = RCU_LOCK - pairs.domain, RCU_UNLOCK - pairs.range_
    left = only(locks | unlocks)
    next_to = left.then(PO, left)
    matched = only(locks).then(PO, only(unlocks)) - next_to.then(next_to)
    return recursion((pairs,), (pairs | matched,))[0]


RCU_RSCS = _nested_pairs()
"""Read-side critical sections, from `rcu_read_lock` to `rcu_read_unlock`."""

CARRY_SRCU_DATA = given("data").then(only(~SRCU_UNLOCK), RF).star
SRCU_RSCS = only(SRCU_LOCK).then(CARRY_SRCU_DATA, given("data"), only(SRCU_UNLOCK)) & LOC
"""From `srcu_read_lock` to the unlock that gets its index, perhaps by way of variables."""

RCU_LINK = PO.maybe.then(HB.star, PB.star, PROP, PO)
"""From a fence of RCU to a later one, of whatever thread."""


def _in_order(grace_periods: Term, sections: Term, order: Term) -> Term:
    """A grace period and a section, in either order, with links and perhaps more between them."""
    link = RCU_LINK | RCU_LINK.then(order, RCU_LINK)
    return grace_periods.then(link, sections) | sections.then(link, grace_periods)


def _rcu_order() -> Term:
    """As many grace periods as critical sections, or more, with links between them."""
    order = variable("rcu-order", RELATION)
    rcu, srcu = only(SYNC_RCU), only(SYNC_SRCU)
    return recursion(
        (order,),
        (
            rcu
            | srcu
            | _in_order(rcu, RCU_RSCS.inverse, order)
            | (_in_order(srcu, SRCU_RSCS.inverse, order) & LOC)
            | order.then(RCU_LINK, order),
        ),
    )[0]


RCU_ORDER = _rcu_order()

RCU_FENCE = PO.then(RCU_ORDER, PO.maybe)
"""What `RCU_ORDER` does, it does like a strong fence that several threads make together."""

RB = PROP.then(RCU_FENCE, HB.star, PB.star, only(MARKED))
"""Comes before, by the grace period guarantee."""
