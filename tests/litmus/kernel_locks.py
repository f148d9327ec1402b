"""The scenarios of `kernel_locks.guarded` as litmus tests, written by hand.

Each thread takes the lock once. A writer stores its number and loads it again, a reader loads
twice. The condition is that somebody else came in between. A waiter spins where the kernel's would
sleep, so what a weaker barrier does to sleepers is left out.
"""

from typing import NamedTuple

RACE, EXCLUSION = "data-race", "exclusion"


class LockTwin(NamedTuple):
    """A lock as a litmus test, and what breaks if a part of its text is another.

    A part that is written several times is changed at each place.
    """

    text: str
    broken: dict[tuple[str, str], frozenset[str]]


BOTH = frozenset({RACE, EXCLUSION})
NOTHING = frozenset[str]()


def mcs_user(me: int) -> str:
    """A user of the MCS lock. In `tail` a node is called after its user, and one more."""
    other = 1 - me
    return f"""
P{me}(int *tail, int *next0, int *locked0, int *next1, int *locked1, int *data)
{{
    int r0;
    int r1;
    int r2;
    int r3;
    WRITE_ONCE(*next{me}, 0);
    WRITE_ONCE(*locked{me}, 0);
    r0 = xchg(tail, {me + 1});
    if (r0 != 0) {{
        WRITE_ONCE(*next{other}, {me + 1});
        smp_cond_load_acquire(locked{me}, VAL);
    }}
    *data = {me + 1};
    r1 = *data;
    r2 = READ_ONCE(*next{me});
    if (r2 == 0) {{
        r3 = cmpxchg_release(tail, {me + 1}, 0);
        if (r3 != {me + 1}) {{
            r2 = smp_cond_load_relaxed(next{me}, VAL);
        }}
    }}
    if (r2 != 0) {{
        smp_store_release(locked{other}, 1);
    }}
}}"""


def ticket_user(me: int) -> str:
    """A user of the ticket lock: the next ticket in the upper half, who is served in the lower."""
    return f"""
P{me}(atomic_t *lock, int *data)
{{
    int r0;
    int r1;
    int r2;
    int r3;
    r0 = atomic_fetch_add(65536, lock);
    r2 = r0 >> 16;
    if ((r0 & 65535) != r2) {{
        smp_cond_load_acquire(lock, (VAL & 65535) == r2);
        smp_mb();
    }}
    *data = {me + 1};
    r1 = *data;
    r3 = atomic_fetch_add_release(1, lock);
}}"""


def qspinlock_user(me: int) -> str:
    """A user of the queued spinlock: 1 is its locked byte, 256 its pending bit."""
    return f"""
P{me}(atomic_t *lock, int *data)
{{
    int r0;
    int r1;
    int r2;
    r0 = atomic_cmpxchg_acquire(lock, 0, 1);
    if (r0 != 0) {{
        r2 = atomic_fetch_or_acquire(256, lock);
        if (r2 & 1) {{
            smp_cond_load_acquire(lock, !(VAL & 1));
        }}
        r2 = atomic_fetch_add_relaxed(-255, lock);
    }}
    *data = {me + 1};
    r1 = *data;
    r2 = atomic_fetch_andnot_release(1, lock);
}}"""


def of_writers(name: str, users: tuple[str, str]) -> str:
    """A test of two writers."""
    return f"C {name}\n{{}}\n{''.join(users)}\nexists (0:r1=2 \\/ 1:r1=1)\n"


READER_OF_PERCPU = """
P1(atomic_t *count0, atomic_t *count1, atomic_t *block, int *task, int *state, int *data)
{
    int r0;
    int r1;
    int r2;
    int r3;
    atomic_inc(count1);
    smp_mb(); // A
    r0 = atomic_read_acquire(block);
    if (r0 == 0) {
        r1 = *data;
        r2 = *data;
        smp_mb(); // B
        atomic_dec(count1);
    } else {
        smp_mb(); // B
        atomic_dec(count1);
    }
    smp_mb(); // wake-up
    r3 = READ_ONCE(*task);
}"""

WAIT_FOR_READERS = """
    rcu_assign_pointer(*task, 1);
    WRITE_ONCE(*state, 2);
    smp_mb(); // set_current_state
    do {
        r2 = atomic_read(count0);
        r3 = atomic_read(count1);
    } while (r2 + r3 != 0);
    smp_mb(); // C
    rcu_assign_pointer(*task, 0);
    *data = 1;
    atomic_set_release(block, 0);
}"""


def percpu(name: str, blocks: str) -> str:
    """A test of a percpu_rwsem of one writer, which blocks readers by this, and one reader."""
    return f"""C {name}
{{}}

P0(atomic_t *count0, atomic_t *count1, atomic_t *block, int *task, int *state, int *data)
{{
    int r1;
    int r2;
    int r3;
    {blocks}{WAIT_FOR_READERS}
{READER_OF_PERCPU}
exists (1:r0=0 /\\ ~(1:r1=1:r2))
"""


OF_PERCPU = {
    ("smp_mb(); // A", ""): BOTH,
    ("smp_mb(); // B", ""): BOTH,
    ("smp_mb(); // C", ""): BOTH,
    ("atomic_read_acquire(block)", "atomic_read(block)"): BOTH,
    ("atomic_set_release(block, 0)", "atomic_set(block, 0)"): BOTH,
    ("rcu_assign_pointer(*task", "WRITE_ONCE(*task"): NOTHING,
}
"""What breaks without each barrier of a percpu_rwsem, of which D is not here."""

TWINS = {
    "mcs": LockTwin(
        of_writers("mcs", (mcs_user(0), mcs_user(1))),
        {
            ("= xchg(", "= xchg_relaxed("): BOTH,
            ("smp_cond_load_acquire", "smp_cond_load_relaxed"): BOTH,
            ("cmpxchg_release", "cmpxchg_relaxed"): BOTH,
            ("smp_store_release(locked0", "WRITE_ONCE(*locked0"): BOTH,
        },
    ),
    "ticket": LockTwin(
        of_writers("ticket", (ticket_user(0), ticket_user(1))),
        {
            ("atomic_fetch_add(", "atomic_fetch_add_relaxed("): BOTH,
            ("atomic_fetch_add_release", "atomic_fetch_add_relaxed"): BOTH,
            ("smp_cond_load_acquire", "smp_cond_load_relaxed"): NOTHING,
            ("smp_mb();", ""): NOTHING,
        },
    ),
    "qspinlock": LockTwin(
        of_writers("qspinlock", (qspinlock_user(0), qspinlock_user(1))),
        {
            ("atomic_cmpxchg_acquire", "atomic_cmpxchg_relaxed"): BOTH,
            ("atomic_fetch_or_acquire", "atomic_fetch_or_relaxed"): BOTH,
            ("smp_cond_load_acquire", "smp_cond_load_relaxed"): BOTH,
            ("atomic_fetch_andnot_release", "atomic_fetch_andnot_relaxed"): BOTH,
        },
    ),
    "percpu_rwsem": LockTwin(
        percpu("percpu_rwsem", "r1 = atomic_xchg(block, 1);"),
        {**OF_PERCPU, ("atomic_xchg(", "atomic_xchg_relaxed("): NOTHING},
    ),
    "percpu_rwsem-v4.19": LockTwin(
        percpu("percpu_rwsem-v4.19", "atomic_set(block, 1);\n    smp_mb(); // D"),
        {**OF_PERCPU, ("smp_mb(); // D", ""): NOTHING},
    ),
}
"""The locks, by the scenario of `kernel_locks.guarded`."""
