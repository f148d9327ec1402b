"""Classic litmus tests, written for these tests, with what is known of them.

Names are those of the field: MP message passing, SB store buffering, LB load buffering, S, R, 2+2W,
WRC write-to-read causality, RWC, ISA2, IRIW independent reads of independent writes, Z6.
"""

from typing import NamedTuple

PARAMETERS = (
    "int *x, int *y, int *z, int *w, int *v, int *u, "
    "spinlock_t *s, spinlock_t *t, rwlock_t *l, struct srcu_struct *d"
)


class Classic(NamedTuple):
    """A test, the verdict under sequential consistency, and that of the kernel's model."""

    name: str
    threads: tuple[str, ...]
    condition: str
    sequential: str
    kernel: str
    initial: str = ""

    @property
    def text(self) -> str:
        """The file."""
        return litmus_text(self.threads, self.condition, self.initial, self.name)


def litmus_text(
    threads: tuple[str, ...], condition: str, initial: str = "", name: str = "test"
) -> str:
    """A litmus test of these threads: a line of each for every statement."""
    lines = [f"C {name}", f"{{ {initial} }}"]
    for number, thread in enumerate(threads):
        statements = [each.strip() for each in thread.split(";") if each.strip()]
        lines += [f"P{number}({PARAMETERS})", "{"]
        lines += [f"\t{each}{'' if each[-1] in '{}' else ';'}" for each in statements]
        lines.append("}")
    return "\n".join([*lines, condition, ""])


W_X, W_Y, W_Z = (f"WRITE_ONCE(*{name}, 1)" for name in "xyz")
R_X, R_Y, R_Z = (f"r{number} = READ_ONCE(*{name})" for number, name in enumerate("xyz"))
REL_Y, REL_Z = (f"smp_store_release({name}, 1)" for name in "yz")
ACQ_Y, ACQ_Z = "r1 = smp_load_acquire(y)", "r2 = smp_load_acquire(z)"
MB, WMB, RMB, GP = "smp_mb()", "smp_wmb()", "smp_rmb()", "synchronize_rcu()"
NEVER, SOMETIMES, ALWAYS = "Never", "Sometimes", "Always"


def said(*statements: str) -> str:
    """Statements of one thread."""
    return "; ".join(statements)


def reading(*statements: str) -> str:
    """Statements in a read-side critical section of RCU."""
    return said("rcu_read_lock()", *statements, "rcu_read_unlock()")


MP_SEEN = "exists (1:r1=1 /\\ 1:r0=0)"
SB_SEEN = "exists (0:r1=0 /\\ 1:r0=0)"
LB_SEEN = "exists (0:r0=1 /\\ 1:r1=1)"

CLASSICS = (
    Classic("MP", (said(W_X, W_Y), said(R_Y, R_X)), MP_SEEN, NEVER, SOMETIMES),
    Classic("MP+wmb+rmb", (said(W_X, WMB, W_Y), said(R_Y, RMB, R_X)), MP_SEEN, NEVER, NEVER),
    Classic("MP+wmb+po", (said(W_X, WMB, W_Y), said(R_Y, R_X)), MP_SEEN, NEVER, SOMETIMES),
    Classic("MP+po+rmb", (said(W_X, W_Y), said(R_Y, RMB, R_X)), MP_SEEN, NEVER, SOMETIMES),
    Classic("MP+rel+acq", (said(W_X, REL_Y), said(ACQ_Y, R_X)), MP_SEEN, NEVER, NEVER),
    Classic("MP+rel+po", (said(W_X, REL_Y), said(R_Y, R_X)), MP_SEEN, NEVER, SOMETIMES),
    Classic(
        "MP+wmb+ctrl",
        (said(W_X, WMB, W_Y), "r0 = 2; r1 = READ_ONCE(*y); if (r1) {; r0 = READ_ONCE(*x); }"),
        MP_SEEN,
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "MP+wmb+addr",
        (said(W_X, WMB, "WRITE_ONCE(*y, x)"), "r1 = READ_ONCE(*y); r0 = READ_ONCE(*r1)"),
        "exists (1:r1=x /\\ 1:r0=0)",
        NEVER,
        NEVER,
        "y = z",
    ),
    Classic("SB", (said(W_X, R_Y), said(W_Y, R_X)), SB_SEEN, NEVER, SOMETIMES),
    Classic("SB+mbs", (said(W_X, MB, R_Y), said(W_Y, MB, R_X)), SB_SEEN, NEVER, NEVER),
    Classic("SB+mb+po", (said(W_X, MB, R_Y), said(W_Y, R_X)), SB_SEEN, NEVER, SOMETIMES),
    Classic(
        "SB+xchg",
        (said("r2 = xchg(x, 1)", R_Y), said("r2 = xchg(y, 1)", R_X)),
        SB_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "SB+xchg_relaxed",
        (said("r2 = xchg_relaxed(x, 1)", R_Y), said("r2 = xchg_relaxed(y, 1)", R_X)),
        SB_SEEN,
        NEVER,
        SOMETIMES,
    ),
    Classic("SB+gp+gp", (said(W_X, GP, R_Y), said(W_Y, GP, R_X)), SB_SEEN, NEVER, NEVER),
    Classic("LB", (said(R_X, W_Y), said(R_Y, W_X)), LB_SEEN, NEVER, SOMETIMES),
    Classic(
        "LB+ctrl+ctrl",
        ("r0 = READ_ONCE(*x); if (r0) {; WRITE_ONCE(*y, 1); }", said(R_Y, MB, W_X)),
        LB_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "LB+after-if",
        ("r0 = READ_ONCE(*x); if (r0) {; r3 = 1; }; WRITE_ONCE(*y, 1)", said(R_Y, MB, W_X)),
        LB_SEEN,
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "LB+data+acq",
        ("r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0)", said(ACQ_Y, W_X)),
        LB_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "LB+data+data",
        ("r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0)", "r1 = READ_ONCE(*y); WRITE_ONCE(*x, r1)"),
        LB_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "S+wmb+data",
        (said("WRITE_ONCE(*x, 2)", WMB, W_Y), "r1 = READ_ONCE(*y); WRITE_ONCE(*x, r1)"),
        "exists (1:r1=1 /\\ x=2)",
        NEVER,
        NEVER,
    ),
    Classic(
        "R",
        (said(W_X, W_Y), said("WRITE_ONCE(*y, 2)", R_X)),
        "exists (y=2 /\\ 1:r0=0)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "R+mbs",
        (said(W_X, MB, W_Y), said("WRITE_ONCE(*y, 2)", MB, R_X)),
        "exists (y=2 /\\ 1:r0=0)",
        NEVER,
        NEVER,
    ),
    Classic(
        "2+2W",
        (said(W_X, "WRITE_ONCE(*y, 2)"), said(W_Y, "WRITE_ONCE(*x, 2)")),
        "exists (x=1 /\\ y=1)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "2+2W+wmbs",
        (said(W_X, WMB, "WRITE_ONCE(*y, 2)"), said(W_Y, WMB, "WRITE_ONCE(*x, 2)")),
        "exists (x=1 /\\ y=1)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "CoRR",
        (W_X, "r0 = READ_ONCE(*x); r1 = READ_ONCE(*x)"),
        "exists (1:r0=1 /\\ 1:r1=0)",
        NEVER,
        NEVER,
    ),
    Classic("CoWW", ("WRITE_ONCE(*x, 1); WRITE_ONCE(*x, 2)",), "exists (x=1)", NEVER, NEVER),
    Classic(
        "CoWR",
        ("WRITE_ONCE(*x, 1); r0 = READ_ONCE(*x)", "WRITE_ONCE(*x, 2)"),
        "exists (0:r0=2 /\\ x=1)",
        NEVER,
        NEVER,
    ),
    Classic(
        "CoRW",
        ("r0 = READ_ONCE(*x); WRITE_ONCE(*x, 1)", "WRITE_ONCE(*x, 2)"),
        "exists (0:r0=2 /\\ x=2)",
        NEVER,
        NEVER,
    ),
    Classic(
        "WRC",
        (W_X, said(R_X, W_Y), said(R_Y, R_X)),
        "exists (1:r0=1 /\\ 2:r1=1 /\\ 2:r0=0)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "WRC+rel+rmb",
        (W_X, said(R_X, REL_Y), said(R_Y, RMB, R_X)),
        "exists (1:r0=1 /\\ 2:r1=1 /\\ 2:r0=0)",
        NEVER,
        NEVER,
    ),
    Classic(
        "ISA2+rel+acq",
        (said(W_X, REL_Y), said(ACQ_Y, REL_Z), said(ACQ_Z, R_X)),
        "exists (1:r1=1 /\\ 2:r2=1 /\\ 2:r0=0)",
        NEVER,
        NEVER,
    ),
    Classic(
        "RWC+mbs",
        (W_X, said(R_X, MB, R_Y), said(W_Y, MB, R_X)),
        "exists (1:r0=1 /\\ 1:r1=0 /\\ 2:r0=0)",
        NEVER,
        NEVER,
    ),
    Classic(
        "IRIW",
        (W_X, W_Y, said(R_X, R_Y), said(R_Y, R_X)),
        "exists (2:r0=1 /\\ 2:r1=0 /\\ 3:r1=1 /\\ 3:r0=0)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "IRIW+acqs",
        (W_X, W_Y, said("r0 = smp_load_acquire(x)", R_Y), said(ACQ_Y, R_X)),
        "exists (2:r0=1 /\\ 2:r1=0 /\\ 3:r1=1 /\\ 3:r0=0)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "IRIW+mbs",
        (W_X, W_Y, said(R_X, MB, R_Y), said(R_Y, MB, R_X)),
        "exists (2:r0=1 /\\ 2:r1=0 /\\ 3:r1=1 /\\ 3:r0=0)",
        NEVER,
        NEVER,
    ),
    Classic(
        "Z6+rel+acq+mb",
        (said(W_X, REL_Y), said(ACQ_Y, REL_Z), said("WRITE_ONCE(*z, 2)", MB, R_X)),
        "exists (1:r1=1 /\\ z=2 /\\ 2:r0=0)",
        NEVER,
        SOMETIMES,
    ),
    Classic(
        "MP+locks",
        (
            said("spin_lock(s)", W_X, W_Y, "spin_unlock(s)"),
            said("spin_lock(s)", R_Y, R_X, "spin_unlock(s)"),
        ),
        MP_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "MP+rwlocks",
        (
            said("write_lock(l)", W_X, W_Y, "write_unlock(l)"),
            said("read_lock(l)", R_Y, R_X, "read_unlock(l)"),
        ),
        MP_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "MP+trylock",
        (
            said("spin_lock(s)", W_X, W_Y, "spin_unlock(s)"),
            said("r3 = spin_trylock(s); if (r3) {; r1 = READ_ONCE(*y)", R_X, "spin_unlock(s); }"),
        ),
        MP_SEEN,
        NEVER,
        NEVER,
    ),
    Classic(
        "RCU-MP",
        (reading(R_X, R_Y), said(W_Y, GP, W_X)),
        "exists (0:r0=1 /\\ 0:r1=0)",
        NEVER,
        NEVER,
    ),
    Classic("RCU-SB", (reading(W_X, R_Y), said(W_Y, GP, R_X)), SB_SEEN, NEVER, NEVER),
    Classic(
        "SRCU-MP",
        (
            said("r5 = srcu_read_lock(d)", R_X, R_Y, "srcu_read_unlock(d, r5)"),
            said(W_Y, "synchronize_srcu(d)", W_X),
        ),
        "exists (0:r0=1 /\\ 0:r1=0)",
        NEVER,
        NEVER,
    ),
    Classic(
        "cmpxchg-once",
        ("r0 = cmpxchg_relaxed(x, 0, 1)", "r0 = cmpxchg_relaxed(x, 0, 2)"),
        "exists (0:r0=0 /\\ 1:r0=0)",
        NEVER,
        NEVER,
    ),
    Classic("inc-inc", ("atomic_inc(x)", "atomic_inc(x)"), "forall (x=2)", ALWAYS, ALWAYS),
)
