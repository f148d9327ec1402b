"""Guards by the definitions that a tree has of their classes; a class that it lacks is refused."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.errors import UsageError
from locking.kernel_source.regions import in_a_line
from tests.kernel_source.test_read_forms import body, read_c

DEFINED = """
static inline void rq_lock_irq(struct rq *rq, struct rq_flags *rf)
{
	raw_spin_lock_irq(&rq->__lock);
}
static inline void rq_unlock_irq(struct rq *rq, struct rq_flags *rf)
{
	raw_spin_unlock_irq(&rq->__lock);
}
static void big_lock(void) { mutex_lock(&big); }
static void big_unlock(void) { mutex_unlock(&big); }
DEFINE_LOCK_GUARD_1(rq_lock_irq, struct rq,
	rq_lock_irq(_T->lock, &_T->rf),
	rq_unlock_irq(_T->lock, &_T->rf),
	struct rq_flags rf)
DEFINE_LOCK_GUARD_0(big, big_lock(), big_unlock())
DEFINE_GUARD(device, struct device *, mutex_lock(&_T->mutex), mutex_unlock(&_T->mutex))
DEFINE_GUARD_COND(mutex, _try, mutex_trylock(_T))
DEFINE_GUARD_COND(mutex, _intr, mutex_lock_interruptible(_T) == 0)
DEFINE_LOCK_GUARD_1_COND(rq_lock_irq, _try, raw_spin_trylock(&_T->lock->__lock))
DEFINE_CLASS(page, struct page *, mutex_unlock(&_T->m), got(p), struct page *p)
"""

RIGHT = {
    "one": ("guard(rq_lock_irq)(p); a();", "[p->__lock.hold(a)]"),
    "address": ("guard(rq_lock_irq)(&p->rq); a();", "[p->rq.__lock.hold(a)]"),
    "none": ("{ guard(big)(); a(); } b();", "[big.hold(a), b]"),
    "pointer": ("guard(device)(p); if (x) return 1; a();", "[p->mutex.hold(a)]"),
    "scoped": ("scoped_guard(device, p) { a(); } b();", "[p->mutex.hold(a), b]"),
    "scoped_none": ("scoped_guard(big) a(); b();", "[big.hold(a), b]"),
    "class": ("{ CLASS(device, d)(p); a(); } b();", "[p->mutex.hold(a), b]"),
    "class_of_table": ("{ CLASS(mutex, d)(&m); a(); } b();", "[m.hold(a), b]"),
    "scoped_try": ("scoped_guard(mutex_try, &m) { a(); }", "[trylock(m.hold(a))]"),
    "cond_return": (
        "scoped_cond_guard(mutex_intr, return -EINTR, &m) { a(); } b();",
        "[m.hold(a), b]",
    ),
    "cond_goto": (
        "scoped_cond_guard(mutex_try, goto out, &m) { a(); } out: return 0;",
        "[trylock(m.hold(a))]",
    ),
    "cond_continue": (
        "while (x--) { scoped_cond_guard(mutex_try, continue, &m) { a(); } }",
        "[trylock(m.hold(a))]",
    ),
    "scoped_none_block": ("scoped_guard(big) { if (x) break; a(); } b();", "[big.hold(a), b]"),
    "cond_nothing": ("scoped_cond_guard(mutex_try, , &m) { a(); } b();", "[trylock(m.hold(a)), b]"),
    "cond_of_one": (
        "scoped_cond_guard(rq_lock_irq_try, return 1, p) { a(); return 0; }",
        "[trylock(p->__lock.hold(a))]",
    ),
    "cond_call": (
        "scoped_cond_guard(mutex_intr, c(), &m) { a(); }",
        "[m.hold(a), c]",
    ),
    "nested_break": (
        "while (x--) { guard(device)(p); scoped_guard(big) { if (y) break; a(); } b(); }",
        "[p->mutex.hold(big.hold(a), b)]",
    ),
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_guard_is_read_by_its_definition(tmp_path: Path, form: str) -> None:
    statements, tree = RIGHT[form]
    read = read_c(
        tmp_path, DEFINED + body(statements).replace("int f(struct s", "int f(struct dev")
    )
    if form == "cond_call":  # one way or the other: two paths that are no part of each other
        assert read.found.trees is None
        return
    assert read.found.findings == ()
    assert read.found.trees is not None
    assert in_a_line(read.found.trees) == tree
    assert read.refused == read.unfollowed == ()


REFUSED = {
    "guard": "guard(strange)(&m); a();",
    "scoped": "scoped_guard(strange, &m) { a(); }",
    "cond": "scoped_cond_guard(strange, return -EINTR, &m) { a(); }",
    "class": "CLASS(strange, s)(&m); a();",
    "conditional_unscoped": "guard(mutex_try)(&m); a();",
    "acquire": "ACQUIRE(mutex_intr, lock)(&m); a();",
}


@pytest.mark.parametrize("form", REFUSED)
def test_a_class_that_is_not_known_is_refused_by_name(tmp_path: Path, form: str) -> None:
    name = {"conditional_unscoped": "mutex_try", "acquire": "mutex_intr"}.get(form, "strange")
    with pytest.raises(UsageError, match=rf"f\.c:\d+: .*{name}"):
        read_c(tmp_path, DEFINED + body(REFUSED[form]))


HIDDEN = {
    "guard_of_an_if": "if (x) scoped_guard(mutex, &m) { a(); }",
    "guard_of_an_if_in_a_line": "if (x) scoped_guard(mutex, &m)\n\ta();",
    "macro_of_an_if": "if (x) strange(p) { a(); }",
    "macro_before_a_call": "strange(x) a();",
    "word_before_a_call": "STRANGE a();",
}


@pytest.mark.parametrize("form", HIDDEN)
def test_a_macro_hides_no_statement(tmp_path: Path, form: str) -> None:
    with pytest.raises(UsageError, match=r"f\.c:\d+: f\(\) has"):
        read_c(tmp_path, DEFINED + body(HIDDEN[form]))


def test_a_class_that_holds_until_its_end_is_let_go_there(tmp_path: Path) -> None:
    found = read_c(tmp_path, DEFINED + body("CLASS(page, q)(p); a();")).found
    assert found.findings[0].startswith("f.c:25: q->m is released that is not held here")


def test_a_guard_in_a_helper_is_seen_at_its_call(tmp_path: Path) -> None:
    text = "static int g(struct s *q) { guard(device)(q); a(); return 0; }\n"
    read = read_c(tmp_path, DEFINED + text + body("g(p); b();"))
    assert read.found.trees is not None
    assert in_a_line(read.found.trees) == "[p->mutex.hold(a), b]"
