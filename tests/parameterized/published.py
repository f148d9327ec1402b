"""Published protocols as parameterized systems, each in our own words."""

from dataclasses import replace

from locking.parameterized.protocol import (
    GuardedStep,
    OthersGuard,
    WrittenSystem,
    none,
    some,
)


def go(place: str, *guards: OthersGuard, shared: str = "", **others: str) -> GuardedStep:
    """A step to a place."""
    return GuardedStep(shared, place, guards, others)


READERS_WRITERS = WrittenSystem(
    ("idle",),
    (
        (None, "idle", go("read", none("write"))),
        (None, "read", go("idle")),
        (None, "idle", go("write", none("write"), none("read"))),
        (None, "write", go("idle")),
    ),
)
"""A readers-writer lock, by guards over the others."""

MESI = WrittenSystem(
    ("I",),
    (
        (None, "I", go("S", M="S", E="S")),  # a read miss: others share
        (None, "I", go("E", none("M"), none("E"), none("S"))),
        (None, "E", go("M")),
        (None, "S", go("M", S="I", M="I", E="I")),
        (None, "I", go("M", S="I", M="I", E="I")),
        (None, "M", go("I")),
        (None, "E", go("I")),
        (None, "S", go("I")),
    ),
)
"""Cache lines by MESI: Papamarcos and Patel, ISCA 1984. A bus transaction is one broadcast."""

MOESI = WrittenSystem(
    ("I",),
    (
        (None, "I", go("S", M="O", E="S")),
        (None, "I", go("E", *(none(each) for each in "MOES"))),
        (None, "E", go("M")),
        *((None, each, go("M", S="I", M="I", E="I", O="I")) for each in "SOI"),
        *((None, each, go("I")) for each in "MOES"),
    ),
)
"""Cache lines by MOESI: an owner answers for a line that memory does not have."""

BURNS = WrittenSystem(
    ("1",),
    (
        (None, "1", go("2")),  # flag 0
        (None, "2", go("1", some("up", "left"))),
        (None, "2", go("3", none("up", "left"))),
        (None, "3", go("4")),  # flag 1
        (None, "4", go("1", some("up", "left"))),  # flag down again
        (None, "4", go("5", none("up", "left"))),
        (None, "5", go("6", none("up", "right"))),
        (None, "6", go("1")),
    ),
    marked={at: frozenset({"up"}) for at in "456"},
    linear=True,
)
"""Burns and Lynch, Mutual exclusion using indivisible reads and writes (1980), tests in one step.

The flag is up at 4, 5 and 6; the critical section is 6.
"""

SZYMANSKI = WrittenSystem(
    ("0",),
    (
        (None, "0", go("1")),
        (None, "1", go("3", none("door"), none("inside"))),
        (None, "3", go("2", some("1"))),
        (None, "3", go("4", none("1"))),
        (None, "2", go("4", some("inside"))),
        (None, "4", go("critical", none("behind", "left"))),
        (None, "critical", go("0", none("2", "right"), none("3", "right"))),
    ),
    marked={
        "3": frozenset({"door", "behind"}),
        "2": frozenset({"behind"}),
        "4": frozenset({"inside", "behind"}),
        "critical": frozenset({"inside", "behind"}),
    },
    linear=True,
)
"""Szymanski, ICS 1988, as in models/classics/szymanski.py: tests of all flags take one step.

A place is called by its flag: 0 elsewhere, 1 before the door, 3 in it, 2 in the waiting room, 4
behind it.
"""

TURN_TAKEN = {"0t": "0", "1t": "1", "2t": "2", "ct": "c"}

DIJKSTRA = WrittenSystem(
    ("0",),
    (
        (None, "0", go("1")),
        (None, "0t", go("1t")),
        (None, "1", go("1p", none("busy"))),  # whose turn it is has its flag down
        (None, "1p", GuardedStep("", "1t", (), TURN_TAKEN)),  # so the turn is taken, later
        (None, "1t", go("2t")),
        *((None, f"2{turn}", go(f"1{turn}", some("two"))) for turn in ("", "t")),
        *((None, f"2{turn}", go(f"c{turn}", none("two"))) for turn in ("", "t")),
        *((None, f"c{turn}", go(f"0{turn}")) for turn in ("", "t")),
    ),
    marked={
        "1t": frozenset({"busy"}),
        "2": frozenset({"two"}),
        "2t": frozenset({"busy", "two"}),
        "c": frozenset({"two", "in"}),
        "ct": frozenset({"busy", "two", "in"}),
    },
)
"""Dijkstra, Solution of a problem in concurrent programming control (CACM 8, 1965).

A place is the flag, or c inside, with a t where it is the thread's turn. At first it is nobody's,
where the algorithm begins with anybody's. Left out: a test of all flags takes one step here.
"""


HAS_MCS = ("holds", "asks", "passes")

MCS = WrittenSystem(
    ("out",),
    (
        (None, "out", go("holds", none("queued"))),  # there was no tail
        (None, "out", go("joined", none("queued", "right"), some("queued", "left"))),
        (None, "joined", go("waits")),  # the one before knows it now
        (None, "holds", go("asks")),  # it saw no next, perhaps because that is not linked yet
        (None, "holds", go("passes", some("queued", "right"))),
        (None, "asks", go("gone", none("queued", "right"))),  # it still is the tail
        (None, "asks", go("passes", some("queued", "right"))),
        (
            None,
            "waits",
            go("holds", some("passes", "left"), none("waiting", "left"), passes="gone"),
        ),
        *((None, at, go("behind", some("waiting", "left"))) for at in HAS_MCS),
    ),
    marked={
        **{at: frozenset({"queued", "has it"}) for at in HAS_MCS},
        **{at: frozenset({"queued", "waiting"}) for at in ("joined", "waits")},
    },
    linear=True,
)
"""Mellor-Crummey and Scott (ACM TOCS 9, 1991): threads stand in the order in which they joined.

Each comes once: who comes again is another thread, at the end of the row. The tail is the last that
is queued. The next of a thread is the one behind it, once that is linked. It is handed the lock if
nobody waits before it: who has the lock is the first of the queue, or comes to `behind`.
"""


def mcs_with_its_link_looked_at() -> WrittenSystem:
    """MCS, where who links itself to one that is not queued any more comes to `lost`."""
    looks = (None, "joined", go("lost", none("queued", "left")))
    return replace(MCS, rows=(*MCS.rows, looks))


def german() -> WrittenSystem:
    """German's directory protocol: a home serves one client after the other.

    The home is the shared part: what it is asked for, and whether it invalidates. A client is where
    it is with its line, whether it is the one that is served (+), and whether it has been asked to
    give the line back (!). Channels hold one message, so a message is a place of its client.
    """
    rows: list[tuple[str, str, GuardedStep]] = []

    def add(at: str, begun: str, to: str, place: str, *guards: OthersGuard) -> None:
        rows.append((at, begun, GuardedStep(to, place, guards)))

    for line in ("I", "S"):  # a client asks, and home begins to serve it
        add("idle", line, "serves exclusive", f"{line}+")
    add("idle", "I", "serves shared", "I+")
    for asked in ("shared", "exclusive"):
        at = f"serves {asked}"
        for line in ("S", "E"):
            if (asked, line) != ("shared", "S"):
                add(at, line, at, f"{line}!")  # home sends an invalidation
        add(at, "S!", at, "I")  # and the client acknowledges it
        add(at, "E!", at, "I")
    add("serves exclusive", "S+", "serves exclusive", "I+")  # its own line, invalidated
    shared = [none(mark) for mark in ("E", "E!")]
    add("serves shared", "I+", "idle", "S", *shared)
    everyone = [none(mark) for mark in ("S", "S!", "E", "E!")]
    add("serves exclusive", "I+", "idle", "E", *everyone)
    return WrittenSystem(("I",), tuple(rows), "idle")
