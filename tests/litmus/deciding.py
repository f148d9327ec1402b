"""Litmus tests that decide single lines of the Linux-kernel memory model.

Each is decided by one alternative of a definition, such as `| wmb`, or a few of them: without that,
the verdict or a flag is another. `test_every_alternative.py` takes each alternative away.
"""

from typing import NamedTuple

from tests.litmus.classics import (
    GP,
    MB,
    MP_SEEN,
    R_X,
    R_Y,
    REL_Y,
    RMB,
    SB_SEEN,
    W_X,
    W_Y,
    W_Z,
    WMB,
    litmus_text,
    reading,
    said,
)


class Deciding(NamedTuple):
    """A test, and what the kernel's model says of it: the verdict, and the flags."""

    threads: tuple[str, ...]
    condition: str
    verdict: str
    flags: str = ""
    initial: str = ""

    @property
    def text(self) -> str:
        """The file."""
        return litmus_text(self.threads, self.condition, self.initial)


NEVER, SOMETIMES = "Never", "Sometimes"

TRUE = "exists (true)"
ALWAYS = "Always"

LB_SEEN = "exists (0:r0=1 /\\ 1:r1=1)"
S_SEEN = "exists (1:r1=1 /\\ x=2)"
W_X2, W_Y2 = "WRITE_ONCE(*x, 2)", "WRITE_ONCE(*y, 2)"
UNLOCK_LOCK = said("spin_unlock(s)", "spin_lock(t)")
SRCU, NO_SRCU = "r9 = srcu_read_lock(d)", "srcu_read_unlock(d, r9)"


def sb(fence: str, first: str = W_X, end: str = "") -> Deciding:
    """Store buffering where this is between the two accesses of one thread."""
    one = said(first, fence, R_Y, *filter(None, [end]))
    return Deciding((one, said(W_Y, MB, R_X)), SB_SEEN, NEVER)


def lb(thread: str, initial: str = "") -> Deciding:
    """Load buffering where this is one of the threads, which reads x and writes to y."""
    return Deciding((thread, said(R_Y, MB, W_X)), LB_SEEN, NEVER, "", initial)


def mp_read(thread: str) -> Deciding:
    """Message passing where this is the thread that reads y and then x."""
    return Deciding((said(W_X, WMB, W_Y), thread), MP_SEEN, NEVER)


def compiler(between: str, end: str = "") -> Deciding:
    """A plain and a marked write with this between them, for the compiler."""
    return Deciding((said("*x = 1", between, W_X2, *filter(None, [end])),), TRUE, ALWAYS)


def no_race(writer: str, reader: str, *others: str, initial: str = "") -> Deciding:
    """Threads whose plain accesses do not race."""
    return Deciding((writer, reader, *others), TRUE, ALWAYS, "", initial)


def race(*threads: str, initial: str = "") -> Deciding:
    """Threads whose plain accesses race."""
    return Deciding(threads, TRUE, ALWAYS, "data-race", initial)


def seen(*statements: str) -> str:
    """Statements that are only taken once y is 1."""
    return f"r1 = READ_ONCE(*y); if (r1) {{; {said(*statements)}; }}"


COMPILER = {
    "barrier": compiler("barrier()"),
    "rmb": compiler(RMB),
    "wmb": compiler(WMB),
    "mb": compiler(MB),
    "before-atomic": compiler("smp_mb__before_atomic()"),
    "after-atomic": compiler("smp_mb__after_atomic()"),
    "synchronize_rcu": compiler(GP),
    "synchronize_srcu": compiler("synchronize_srcu(d)"),
    "acquire": compiler("r0 = smp_load_acquire(y)"),
    "release": compiler(REL_Y),
    "rcu_read_lock": compiler("rcu_read_lock()", "rcu_read_unlock()"),
    "rcu_read_unlock": Deciding(
        (said("rcu_read_lock()", "*x = 1", "rcu_read_unlock()", W_X2),), TRUE, ALWAYS
    ),
    "srcu_read_lock": compiler(SRCU, NO_SRCU),
    "srcu_read_unlock": Deciding((said(SRCU, "*x = 1", NO_SRCU, W_X2),), TRUE, ALWAYS),
    "to a release": Deciding(("*x = 1; smp_store_release(x, 2)",), TRUE, ALWAYS),
    "from an acquire": Deciding(("r0 = smp_load_acquire(x); *x = 1",), TRUE, ALWAYS),
    "plain, then marked": Deciding((said("*x = 1", W_X2),), TRUE, ALWAYS, "mixed-accesses"),
    "marked, then plain": Deciding((said(W_X, "*x = 2"),), TRUE, ALWAYS, "mixed-accesses"),
}
"""Mixed accesses: what the compiler moves no plain access across."""

FENCES = {
    "before an atomic": sb("smp_mb__before_atomic(); atomic_inc(z)"),
    "before an atomic that reads": Deciding(
        (said(W_X, "smp_mb__before_atomic()", "r1 = atomic_fetch_inc_relaxed(y)"),
         said(W_Y2, MB, R_X)),
        SB_SEEN, NEVER,
    ),
    "after an atomic": sb("atomic_inc(z); smp_mb__after_atomic()"),
    "after an atomic that writes": sb("smp_mb__after_atomic()", "atomic_inc(x)"),
    "after a spinlock": sb("spin_lock(s); smp_mb__after_spinlock()", end="spin_unlock(s)"),
    "after an unlock and a lock": sb(
        f"{UNLOCK_LOCK}; smp_mb__after_unlock_lock()", said("spin_lock(s)", W_X), "spin_unlock(t)"
    ),
    "after an unlock of SRCU": sb(
        f"{NO_SRCU}; smp_mb__after_srcu_read_unlock()", said(SRCU, W_X)
    ),
    "a lock that is handed over": Deciding(
        (said("spin_lock(s)", W_X, "spin_unlock(s)"),
         said("spin_lock(s)", "smp_mb__after_unlock_lock()", R_Y, "spin_unlock(s)"),
         said(W_Y, MB, R_X)),
        "exists (1:r1=0 /\\ 2:r0=0)", SOMETIMES,
    ),
    "what a lock's holder saw": Deciding(
        (W_X, said("spin_lock(s)", R_X, "spin_unlock(s)"), "spin_lock(s); spin_unlock(s)",
         said("r0 = spin_is_locked(s)", RMB, "r1 = READ_ONCE(*x)")),
        "exists (1:r0=1 /\\ 3:r0=1 /\\ 3:r1=0)", SOMETIMES,
    ),
    "synchronize_rcu": sb(GP),
    "synchronize_srcu": sb("synchronize_srcu(d)"),
    "unlock and lock of one thread": mp_read(
        said("spin_lock(s)", R_Y, UNLOCK_LOCK, R_X, "spin_unlock(t)")
    ),
    "writes before an unlock and behind a lock": Deciding(
        (said("spin_lock(s)", W_X, UNLOCK_LOCK, W_Y, "spin_unlock(t)"), said(R_Y, RMB, R_X)),
        MP_SEEN, NEVER,
    ),
    "writes in two critical sections": Deciding(
        (said("spin_lock(s)", W_X, "spin_unlock(s)"),
         said("spin_lock(s)", R_X, W_Y, "spin_unlock(s)"), said(R_Y, RMB, R_X)),
        "exists (1:r0=1 /\\ 2:r1=1 /\\ 2:r0=0)", NEVER,
    ),
}  # fmt: skip
"""What orders the accesses of one thread."""

DEPENDENCIES = {
    "an address, to a write": Deciding(
        (said(W_X2, WMB, "WRITE_ONCE(*y, x)"), "r1 = READ_ONCE(*y); WRITE_ONCE(*r1, 1)"),
        "exists (1:r1=x /\\ x=2)", NEVER, "", "y = z",
    ),
    "data that is read again": mp_read(
        said(R_Y, "WRITE_ONCE(*z, r1)", "r2 = smp_load_acquire(z)", R_X)
    ),
    "data by way of a plain variable": lb(
        "r0 = READ_ONCE(*x); *z = r0; r2 = *z; WRITE_ONCE(*y, r2)"
    ),
    "an address of a lock": Deciding(
        (said(W_X, WMB, "WRITE_ONCE(*y, s)"),
         "r1 = READ_ONCE(*y); spin_lock(r1); r0 = READ_ONCE(*x); spin_unlock(r1)"),
        "exists (1:r1=s /\\ 1:r0=0)", NEVER, "", "y = t",
    ),
    "an address of a plain write, and smp_wmb()": Deciding(
        (said("r0 = READ_ONCE(*x)", "*r0 = 1", WMB, W_Y), said(R_Y, MB, "WRITE_ONCE(*x, z)")),
        "exists (0:r0=z /\\ 1:r1=1)", NEVER, "", "x = w",
    ),
    "an overwrite of what was read": Deciding(
        (said(W_X2, WMB, W_Y), said(R_Y, W_Y2, WMB, W_X)), S_SEEN, NEVER
    ),
}  # fmt: skip
"""What a thread's processor waits for."""

PROPAGATION = {
    "a read-modify-write hands on": Deciding(
        (said(W_X, REL_Y), "r2 = xchg_relaxed(y, 2)", said(R_Y, RMB, R_X)),
        "exists (1:r2=1 /\\ 2:r1=2 /\\ 2:r0=0)", NEVER,
    ),
    "time goes on after a strong fence": Deciding(
        (said(W_X, MB, W_Y), "r1 = READ_ONCE(*y); WRITE_ONCE(*z, r1)",
         said("WRITE_ONCE(*z, 2)", MB, R_X)),
        "exists (1:r1=1 /\\ z=2 /\\ 2:r0=0)", NEVER,
    ),
}  # fmt: skip
"""When writes reach other processors."""


def ring(*threads: str) -> Deciding:
    """Store buffering of many threads: each reads 0 of what the next writes."""
    places = "xyzwvu"
    size = len(threads)
    written = [
        each.format(
            w=f"WRITE_ONCE(*{places[at]}, 1)", r=f"r0 = READ_ONCE(*{places[(at + 1) % size]})"
        )
        for at, each in enumerate(threads)
    ]
    seen = " /\\ ".join(f"{at}:r0=0" for at in range(size))
    return Deciding(tuple(written), f"exists ({seen})", NEVER)


WAITS, READS = "{w}; synchronize_rcu(); {r}", "rcu_read_lock(); {w}; {r}; rcu_read_unlock()"
WAITS_TWICE = "{w}; synchronize_rcu(); synchronize_rcu(); {r}"
RCU_IN_ORDER = {
    "two sections are not one": Deciding(
        (said(reading(R_Y), reading(R_X)), said(W_Y, GP, W_X)),
        "exists (0:r0=1 /\\ 0:r1=0)", SOMETIMES,
    ),
    "a grace period and a section": ring(WAITS, READS),
    "two grace periods in a row": ring(WAITS_TWICE, READS, READS),
    "three grace periods and three sections": ring(WAITS, WAITS, WAITS, READS, READS, READS),
    "a strong fence on the way": ring(WAITS, "{w}; smp_mb(); {r}", READS),
    "an index by way of a variable": Deciding(
        (said(SRCU, "*z = r9", "r8 = *z", "srcu_read_unlock(d, r8)"),), TRUE, ALWAYS
    ),
}  # fmt: skip
"""Grace periods and read-side critical sections."""

ACQ_X2 = "r1 = smp_load_acquire(y); if (r1) {; *x = 2; }"
PLAIN_X, READ_X = "*x = 1", "r0 = *x"
IN_SECTION = "rcu_read_lock(); {}; rcu_read_unlock()"

RACES = {
    "two plain writes": race(PLAIN_X, "*x = 2"),
    "a read of a plain write": Deciding(
        (PLAIN_X, R_X), f"filter (1:r0=1) {TRUE}", ALWAYS, "data-race"
    ),
    "a read of what overwrote a plain write": Deciding(
        (said(PLAIN_X, "barrier()", W_X2), R_X), f"filter (1:r0=2) {TRUE}", ALWAYS, "data-race"
    ),
    "plain writes, release and acquire": Deciding(
        (said(PLAIN_X, REL_Y), ACQ_X2), "exists (1:r1=1 /\\ x=1)", NEVER
    ),
    "a plain read, release and acquire, a plain write": Deciding(
        (said(READ_X, REL_Y), ACQ_X2), "exists (0:r0=2)", NEVER
    ),
    "a marked write over a plain one": no_race(
        said(PLAIN_X, REL_Y), "r1 = READ_ONCE(*y); if (r1) {; WRITE_ONCE(*x, 2); }"
    ),
    "a marked read of a marked write over a plain one": Deciding(
        (said(PLAIN_X, WMB, W_X2), R_X), f"filter (1:r0=2) {TRUE}", ALWAYS
    ),
    "a marked read before a plain write": no_race(
        said(R_X, "WRITE_ONCE(*y, r0 + 1)"), ACQ_X2
    ),
    "a plain read and smp_rmb()": no_race(
        said(READ_X, RMB, "r2 = READ_ONCE(*z)", "WRITE_ONCE(*y, r2 + 1)"), ACQ_X2
    ),
    "a plain read behind smp_rmb()": no_race(said(PLAIN_X, REL_Y), seen(RMB, READ_X)),
    "a plain read by an address": no_race(
        said(PLAIN_X, "smp_store_release(y, x)"), "r1 = READ_ONCE(*y); r0 = *r1", initial="y = z"
    ),
    "a plain write by an address": no_race(
        said(PLAIN_X, "smp_store_release(y, x)"), "r1 = READ_ONCE(*y); *r1 = 2", initial="y = z"
    ),
    "a plain read behind an acquire": no_race(
        said(PLAIN_X, REL_Y), "r1 = smp_load_acquire(y); if (r1) {; r0 = *x; }"
    ),
    "a plain read behind synchronize_rcu()": no_race(said(PLAIN_X, REL_Y), seen(GP, READ_X)),
    "a plain read behind synchronize_srcu()": no_race(
        said(PLAIN_X, REL_Y), seen("synchronize_srcu(d)", READ_X)
    ),
    "a marked write that another thread read": no_race(
        W_X, said(R_X, "if (r0) {; smp_store_release(y, 1); }"), ACQ_X2
    ),
    "a write, a strong fence, and time": no_race(
        said(PLAIN_X, MB, W_Y), "r1 = READ_ONCE(*y); WRITE_ONCE(*z, r1)",
        "r2 = smp_load_acquire(z); if (r2) {; *x = 2; }",
    ),
    "a write, a strong fence, time, and a read": no_race(
        said(PLAIN_X, MB, W_Y), "r1 = READ_ONCE(*y); WRITE_ONCE(*z, r1)",
        "r2 = smp_load_acquire(z); if (r2) {; r0 = *x; }",
    ),
    "a grace period after a section with a plain read": no_race(
        IN_SECTION.format("r1 = READ_ONCE(*y); if (r1 == 0) {; r0 = *x; }"),
        said(W_Y, GP, "*x = 1"),
    ),
    "a grace period before a section with a plain read": Deciding(
        (said(PLAIN_X, GP, W_Y), IN_SECTION.format(said(READ_X, R_Y))),
        f"filter (1:r1=1) {TRUE}", ALWAYS,
    ),
    "a section, a grace period, and time": no_race(
        IN_SECTION.format("r1 = READ_ONCE(*y); if (r1 == 0) {; *x = 1; }"),
        said(W_Y, GP, W_Z), "r2 = READ_ONCE(*z); WRITE_ONCE(*w, r2)",
        "r3 = smp_load_acquire(w); if (r3) {; r0 = *x; }",
    ),
    "a release, a strong fence, and time": no_race(
        said(PLAIN_X, REL_Y), "r1 = READ_ONCE(*y); if (r1) {; smp_mb(); WRITE_ONCE(*z, 1); }",
        "r2 = READ_ONCE(*z); WRITE_ONCE(*w, r2)",
        "r3 = smp_load_acquire(w); if (r3) {; r0 = *x; }",
    ),
    "a grace period of SRCU after a section": no_race(
        said(SRCU, "r1 = READ_ONCE(*y)", "if (r1 == 0) {; r0 = *x; }", NO_SRCU),
        said(W_Y, "synchronize_srcu(d)", "*x = 1"),
    ),
    "a grace period of SRCU before a section": Deciding(
        (said(PLAIN_X, "synchronize_srcu(d)", W_Y), said(SRCU, READ_X, R_Y, NO_SRCU)),
        f"filter (1:r1=1) {TRUE}", ALWAYS,
    ),
    "two grace periods": Deciding(
        (said(PLAIN_X, GP, R_Y), said(W_Y, GP, "*x = 2")), f"filter (0:r1=0) {TRUE}", ALWAYS
    ),
    "two grace periods of SRCU": Deciding(
        (said(PLAIN_X, "synchronize_srcu(d)", R_Y), said(W_Y, "synchronize_srcu(d)", "*x = 2")),
        f"filter (0:r1=0) {TRUE}", ALWAYS,
    ),
    **{
        f"two grace periods{domain} and two sections, {order}": Deciding(
            tuple(threads), f"filter (0:r0=0 /\\ 1:r0=0 /\\ 2:r0=0) {TRUE}", ALWAYS
        )
        for domain, waits, begin, end in (
            ("", GP, "rcu_read_lock()", "rcu_read_unlock()"),
            (" of SRCU", "synchronize_srcu(d)", SRCU, NO_SRCU),
        )
        for order, threads in (
            ("waiting first", (said(PLAIN_X, waits, "r0 = READ_ONCE(*y)"),
                               said(W_Y, waits, "r0 = READ_ONCE(*z)"),
                               said(begin, W_Z, "r0 = READ_ONCE(*w)", end),
                               said(begin, "WRITE_ONCE(*w, 1)", "r8 = *x", end))),
            ("sections first", (said(begin, PLAIN_X, "r0 = READ_ONCE(*y)", end),
                                said(begin, W_Y, "r0 = READ_ONCE(*z)", end),
                                said(W_Z, waits, "r0 = READ_ONCE(*w)"),
                                said("WRITE_ONCE(*w, 1)", waits, "r8 = *x"))),
        )
    },
    "two sections between two grace periods": Deciding(
        (said(PLAIN_X, GP, R_Y), IN_SECTION.format(said(W_Y, "r2 = READ_ONCE(*z)")),
         IN_SECTION.format(said(W_Z, "r3 = READ_ONCE(*w)")),
         said("WRITE_ONCE(*w, 1)", GP, READ_X)),
        rf"filter (0:r1=0 /\ 1:r2=0 /\ 2:r3=0) {TRUE}", ALWAYS,
    ),
    "a strong fence between reads": Deciding(
        (said(READ_X, MB, R_Y), said(W_Y, MB, "r2 = READ_ONCE(*z)", MB, "*x = 1")),
        f"filter (0:r1=0) {TRUE}", ALWAYS,
    ),
    "a grace period between marked accesses": Deciding(
        (said(READ_X, "smp_store_release(w, 1)"),
         IN_SECTION.format(said(R_Y, "r3 = READ_ONCE(*w)")), said(W_Y, GP, W_Z),
         "r2 = smp_load_acquire(z); if (r2) {; *x = 1; }"),
        f"filter (1:r1=0 /\\ 1:r3=1) {TRUE}", ALWAYS,
    ),
    "operations of SRCU are marked": no_race(said(SRCU, NO_SRCU), said(SRCU, NO_SRCU)),
    "a domain of SRCU that is written": Deciding(
        ("synchronize_srcu(d); WRITE_ONCE(*d, 1)",), TRUE, ALWAYS, "mixed-lock-accesses"
    ),
}  # fmt: skip
"""Plain accesses: which of them race, and what they may see."""

LOCKED = said("spin_lock(s)", "spin_unlock(s)")

LOCKS = {
    "what sees a lock is marked": no_race(LOCKED, "r0 = spin_is_locked(s); r1 = spin_trylock(s)"),
    "a lock is taken, and then seen": Deciding(
        ("spin_lock(s); r0 = spin_is_locked(s); spin_unlock(s)",), "exists (0:r0=0)", NEVER
    ),
    "a lock is let go, and then seen": Deciding(
        (said(LOCKED, "r0 = spin_is_locked(s)"),), "exists (0:r0=1)", NEVER
    ),
    "a lock is held, and tried": Deciding(
        ("spin_lock(s); r0 = spin_trylock(s); spin_unlock(s)",), "exists (0:r0=1)", NEVER
    ),
    "a lock is held by another, and tried": Deciding(
        (LOCKED, "r0 = spin_trylock(s); if (r0) {; spin_unlock(s); }"), "exists (1:r0=0)",
        SOMETIMES,
    ),
    "a lock is let go by another, and seen": Deciding(
        (said("spin_lock(s)", W_X, "spin_unlock(s)"),
         said("r1 = smp_load_acquire(x)", "r0 = spin_is_locked(s)")),
        "exists (1:r1=1 /\\ 1:r0=1)", SOMETIMES,
    ),
    "a lock is taken twice": Deciding(("spin_lock(s); spin_lock(s)",), "exists (true)", NEVER),
    "a lock is never let go": Deciding(
        ("spin_lock(s)", "r0 = spin_trylock(s)"), "exists (1:r0=0)", ALWAYS
    ),
    "two never let go of a lock": Deciding(("spin_lock(s)", "spin_lock(s)"), TRUE, NEVER),
    "a lock is taken in turns": Deciding(
        (LOCKED, "spin_lock(s)"), TRUE, ALWAYS
    ),
    "after a spinlock is taken it is seen": Deciding(
        (said("spin_lock(s)", "smp_mb__after_spinlock()", R_Y, "spin_unlock(s)"),
         said(W_Y, MB, "r0 = spin_is_locked(s)", "r2 = READ_ONCE(*x)")),
        "exists (0:r1=0 /\\ 1:r0=0 /\\ 1:r2=1)", NEVER,
    ),
    **{
        f"a lock's memory is no variable, {used}": Deciding(
            (LOCKED if used == "taken" else used, "WRITE_ONCE(*s, 1)"), TRUE, ALWAYS,
            "mixed-lock-accesses",
        )
        for used in ("taken", "r0 = spin_is_locked(s)")
    },
    "an unlock of what is not held": Deciding(
        ("spin_unlock(s)",), TRUE, ALWAYS, "unmatched-unlock"
    ),
    "an unlock of what was let go": Deciding(
        (said(LOCKED, "spin_unlock(s)"),), TRUE, ALWAYS, "unmatched-unlock"
    ),
    "a lock that is only let go is no variable": Deciding(
        ("spin_unlock(s)", "WRITE_ONCE(*s, 1)"), TRUE, ALWAYS,
        "mixed-lock-accesses,unmatched-unlock",
    ),
    "an unlock is a write": Deciding(
        (said(LOCKED, WMB, W_Y), said(R_Y, RMB, "r0 = spin_is_locked(s)")),
        "exists (1:r1=1 /\\ 1:r0=1)", NEVER,
    ),
}  # fmt: skip
"""Spinlocks."""

DECIDING = {
    f"{kind}: {name}": each
    for kind, group in (
        ("compiler", COMPILER),
        ("fence", FENCES),
        ("dependency", DEPENDENCIES),
        ("propagation", PROPAGATION),
        ("rcu", RCU_IN_ORDER),
        ("race", RACES),
        ("lock", LOCKS),
    )
    for name, each in group.items()
}
"""All of them, by name."""
