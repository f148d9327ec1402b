"""Loops that only wait: what is known of them, and that more rounds add nothing."""

import pytest

from locking.litmus.awaiting import flattened, only_waits
from locking.litmus.judged import judge_test
from locking.litmus.reading import read_test
from locking.litmus.syntax import LitmusBlock, LitmusLoop, LitmusStatement
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import litmus_text


def loop_of(thread: str) -> LitmusLoop:
    """The loop of a thread."""
    test = read_test(litmus_text((thread,), "exists (true)"))

    def found(body: tuple[LitmusStatement, ...]) -> LitmusLoop:
        return next(each for each in body if isinstance(each, LitmusLoop))

    return found(tuple(flattened(LitmusBlock(0, test.threads[0].body))))


WAITING = [
    "while (READ_ONCE(*x) == 0) cpu_relax()",
    "while (smp_load_acquire(x) == 0) {; cpu_relax(); smp_rmb(); }",
    "do {; r0 = READ_ONCE(*x); } while (r0 == 0)",
    "do {; r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); } while (r0 != r1 || READ_ONCE(*z))",
    "r0 = READ_ONCE(*x); while (r0 == 0) r0 = READ_ONCE(*x)",
    "while (READ_ONCE(*x) == r5) cpu_relax()",
    "while (1) {; r0 = READ_ONCE(*x); if (r0) break; cpu_relax(); }",
    "while (1) {; if (smp_load_acquire(x)) {; break; } }",
    "while (cmpxchg(x, 1, 3) != 1) cpu_relax()",
    "do {; r0 = atomic_add_unless(x, 1, 0); } while (r0 == 0)",
]

NOT_WAITING = [
    "while (READ_ONCE(*x) == 0) WRITE_ONCE(*y, 1)",
    "while (*x == 0) cpu_relax()",
    "while (xchg(x, 1) == 1) cpu_relax()",
    "while (READ_ONCE(*x) == 0) r0 = r0 + 1",
    "do {; r1 = r0; r0 = READ_ONCE(*x); } while (r0 != r1)",
    "while (READ_ONCE(*x) == r0) r0 = READ_ONCE(*y)",
    "while (READ_ONCE(*x) == 0) if (READ_ONCE(*y)) r0 = 1",
    "while (READ_ONCE(*x) == 0) rcu_read_lock()",
    "while (READ_ONCE(*x) == 0) spin_lock(s)",
    "while (READ_ONCE(*x) == 0) break",
    "while (1) {; if (READ_ONCE(*x)) break; r0 = READ_ONCE(*y); }",
    "while (1) {; r0 = READ_ONCE(*x); if (r0) return; }",
    "while (1) {; r0 = r0 + READ_ONCE(*x); if (r0) break; }",
    "r0 = 0; while (r0 != 1) r0 = try_cmpxchg(x, &r1, 1)",
]


@pytest.mark.parametrize("thread", WAITING)
def test_a_loop_that_only_waits_is_known(thread: str) -> None:
    assert only_waits(loop_of(thread))


@pytest.mark.parametrize("thread", NOT_WAITING)
def test_a_loop_that_does_more_is_known(thread: str) -> None:
    assert not only_waits(loop_of(thread))


@pytest.mark.parametrize("thread", WAITING)
@pytest.mark.parametrize("end", ["r7 = READ_ONCE(*y)", "r7 = *y", "WRITE_ONCE(*x, 3)"])
def test_more_rounds_of_waiting_add_no_state_and_no_flag(thread: str, end: str) -> None:
    writer = "WRITE_ONCE(*y, 1); *w = 1; smp_store_release(x, 1); WRITE_ONCE(*x, 2)"
    shown = "locations [x; y; 0:r0; 0:r1; 0:r7] exists (true)"
    test = read_test(litmus_text((f"{thread}; {end}", writer), shown))
    few, many = (judge_test(test, LKMM, rounds) for rounds in (2, 5))
    assert not few.cut
    assert (few.states.keys(), few.flags) == (many.states.keys(), many.flags)
    assert few.states
    assert judge_test(test, LKMM, 1).cut


@pytest.mark.parametrize(
    "thread",
    [
        "while (cmpxchg(x, 1, 1) == 1) cpu_relax()",
        "do {; r0 = cmpxchg(x, 0, 1); } while (r0 != 7)",
        "while (1) {; r0 = cmpxchg(x, 1, 0); if (r0 == 2) break; }",
    ],
)
def test_rounds_that_write_are_cut_though_others_only_wait(thread: str) -> None:
    writer = "WRITE_ONCE(*x, 1); smp_store_release(x, 1); WRITE_ONCE(*x, 2)"
    text = litmus_text((thread, writer), "locations [x; 0:r0] exists (true)")
    assert judge_test(read_test(text), LKMM).cut


def test_a_loop_that_does_more_is_cut() -> None:
    text = litmus_text(("while (READ_ONCE(*x) == 0) WRITE_ONCE(*y, 1)",), "exists (true)")
    assert judge_test(read_test(text), LKMM).cut
