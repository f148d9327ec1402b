"""The events that the Linux-kernel memory model tells apart, and their dependencies."""

from locking.memory_models.terms import Term, given, given_set, only

PO, RF, CO, RMW = (given(name) for name in ("po", "rf", "co", "rmw"))
LOC, INT, EXT = (given(name) for name in ("loc", "int", "ext"))

R, W, M = (given_set(name) for name in ("R", "W", "M"))
INITIAL, FINAL = given_set("IW"), given_set("FW")
OF_RMW = given_set("RMW")
"""Both parts of a read-modify-write, and the read of one that failed."""

LOCK_READ, LOCK_WRITE, UNLOCK = (given_set(name) for name in ("LKR", "LKW", "UL"))
LOCK_FAILED = given_set("LF") | given_set("RL")
"""Reads of a lock that is held: a trylock that fails, and a `spin_is_locked` that is true."""
SEEN_FREE = given_set("RU")
"""Reads of a lock that is free, without taking it: a `spin_is_locked` that is false."""
OF_LOCKS = LOCK_READ | LOCK_WRITE | UNLOCK | LOCK_FAILED | SEEN_FREE

RCU_LOCK, RCU_UNLOCK, SYNC_RCU = (
    given_set(name) for name in ("Rcu-lock", "Rcu-unlock", "Sync-rcu")
)
SRCU_LOCK, SRCU_UNLOCK, SYNC_SRCU = (
    given_set(name) for name in ("Srcu-lock", "Srcu-unlock", "Sync-srcu")
)

ACQUIRES = given_set("Acquire") | LOCK_READ
RELEASES = given_set("Release") | UNLOCK
NO_RETURN = given_set("Noreturn")
"""Reads of read-modify-writes that return nothing: no fence and no dependency orders them."""

MARKED = (
    ~M
    | INITIAL
    | given_set("Once")
    | ACQUIRES
    | RELEASES
    | RMW.domain
    | RMW.range_
    | OF_LOCKS
    | SRCU_LOCK
    | SRCU_UNLOCK
)
"""What the compiler leaves as it is: accesses by macros such as `READ_ONCE`, and fences."""

PLAIN_ACCESSES = M - MARKED
"""Accesses in plain C, which the compiler may tear, fuse, repeat and leave out."""

PO_LOC = PO & LOC
FR = RF.inverse.then(CO)
"""From a read to each write that overwrites what it saw."""
RFI, RFE = RF & INT, RF & EXT

CARRY_DEP = given("data").then(only(~SRCU_UNLOCK), RFI).star
"""A value that is kept in a variable of one's own: written there, and read again."""
ADDR, DATA, CTRL = (CARRY_DEP.then(given(name)) for name in ("addr", "data", "ctrl"))


def fenced_by(fences: Term) -> Term:
    """What comes before one of these fences in the program, to what comes after it."""
    return PO.then(only(fences), PO)
