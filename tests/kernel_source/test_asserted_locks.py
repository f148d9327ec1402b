"""`lockdep_assert_held` in a kernel says what its developers know; what is read agrees with it."""

import tomllib
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.errors import UsageError
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import read_tables
from tests.kernel_source.asserted_locks import AssertedLocks, all_pairs
from tests.kernel_source.trees import kernel_tree

NOT_SHOWN = Path(__file__).with_name("not_shown_6_12.toml")
"""The pairs of 6.12 that are not shown to hold the lock."""

FOLDERS = ["mm", "kernel", "drivers/base"]

CALLEE = """
static void callee(struct s *p)
{
	lockdep_assert_held(&p->lock);
}
"""

LOCK = "mutex_lock(&q->lock);"
UNLOCK = "mutex_unlock(&q->lock);"


def not_shown(tree: Path, folders: list[str]) -> tuple[dict[str, str], int]:
    """The pairs that are not shown, each with what was found instead, and the number of all."""
    asserted = AssertedLocks(SourceTree(tree, folders), read_tables([]))
    found, pairs = {}, list(all_pairs(asserted.graph, asserted.table))
    for pair in pairs:
        name = f"{pair.caller.name} {pair.callee.name} {pair.lock.name}"
        try:
            if lines := asserted.lines_not_held(pair):
                found[name] = f"not held in line {lines}"
        except UsageError as error:
            found[name] = str(error)
    return found, len(pairs)


def pairs_not_shown(tmp_path: Path, text: str) -> list[str]:
    """The pairs of a small file that are not shown, without the line."""
    (tmp_path / "f.c").write_text(CALLEE + text)
    return sorted(not_shown(tmp_path, [])[0])


HELD = {
    "a result decides": (
        "int f(struct s *q) { int ret = mutex_lock_interruptible(&q->lock);"
        f" if (ret) return ret; callee(q); {UNLOCK} return 0; }}"
    ),
    "a helper returns what it has locked, or nothing": (
        "static struct s *get(struct t *t) { struct s *q = t->q;"
        f" if (q) {{ {LOCK} if (q->dead) {{ {UNLOCK} q = NULL; }} }} return q; }}"
        "\nvoid f(struct t *t) { struct s *q = get(t); if (!q) return;"
        f" callee(q); {UNLOCK} {LOCK} {UNLOCK} }}"
    ),
    "a helper swaps the lock for another of its class": (
        "static void swap(struct s *mine) { struct s *now = mine; again:"
        " if (next(mine) != now) { mutex_unlock(&now->lock); now = next(mine);"
        " if (!mutex_trylock(&now->lock)) { mutex_lock(&now->lock); goto again; } }"
        " if (now != mine) { mutex_unlock(&now->lock); mutex_lock(&mine->lock); } }"
        f"\nvoid f(struct s *q) {{ {LOCK} swap(q); callee(q); {UNLOCK} }}"
    ),
    "a caller is entered with the lock and drops it": (
        f"static void f(struct s *q) {{ callee(q); {UNLOCK} work(); {LOCK} callee(q); }}"
        f"\nstatic void between(struct s *q) {{ f(q); }}"
        f"\nvoid g(struct s *q) {{ {LOCK} between(q); {UNLOCK} }}"
    ),
    "a macro that ends a loop": (
        f"void f(struct s *q) {{ {LOCK} do {{ callee(q); if (q->last) break; }}"
        f" while_each_thing(q->all, q->one); {UNLOCK} }}"
    ),
    "macros that begin and end a loop": (
        f"void f(struct s *q, int i) {{ do_each_thing(q, i) {{ {LOCK} callee(q); {UNLOCK} }}"
        " while_each_thing(q, i); }"
    ),
    "what never returns": (
        "void __noreturn leave(void);\n"
        f"void f(struct s *q, int x) {{ if (x) {{ leave(); }} else {LOCK} callee(q); {UNLOCK} }}"
    ),
    "an else whose statement is behind the #endif": (
        f"void f(struct s *q, int x) {{ {LOCK}\n#ifdef CONFIG_X\nif (x)\n{{ work(); }} else\n"
        f"#endif\nif (q->on)\ncallee(q);\n{UNLOCK} }}"
    ),
}

NOT_HELD = {
    "a result is not looked at": (
        "int f(struct s *q, int x) { int ret = mutex_lock_interruptible(&q->lock);"
        f" if (x) return ret; callee(q); {UNLOCK} return 0; }}"
    ),
    "a helper that may return without": (
        "static struct s *get(struct t *t) { struct s *q = t->q;"
        f" if (q) {{ {LOCK} if (q->dead) {UNLOCK} }} return q; }}"
        "\nvoid f(struct t *t) { struct s *q = get(t); if (!q) return;"
        f" callee(q); {UNLOCK} {LOCK} {UNLOCK} }}"
    ),
    "a helper that drops it": (
        "static void swap(struct s *mine) { struct s *now = mine; if (next(mine) != now) {"
        " mutex_unlock(&now->lock); now = next(mine); mutex_trylock(&now->lock); } }"
        f"\nvoid f(struct s *q) {{ {LOCK} swap(q); callee(q); {UNLOCK} }}"
    ),
    "a helper that calls itself and drops it": (
        f"static void drop(struct s *q, int n) {{ if (n) drop(q, n - 1); else {UNLOCK} }}"
        f"\nvoid f(struct s *q) {{ {LOCK} drop(q, 2); callee(q); }}"
    ),
    "one of its callers enters without": (
        f"static void f(struct s *q) {{ callee(q); {UNLOCK} {LOCK} }}"
        f"\nvoid g(struct s *q) {{ {LOCK} f(q); }}\nvoid h(struct s *q) {{ f(q); }}"
    ),
    "nobody is known to call it": (
        f"static void f(struct s *q) {{ callee(q); {UNLOCK} work(); {LOCK} }}"
    ),
    "its name is passed on": (
        f"static void f(struct s *q) {{ callee(q); {UNLOCK} {LOCK} }}"
        f"\nvoid g(struct s *q) {{ {LOCK} f(q); }}\nvoid h(void) {{ later(f); }}"
    ),
    "it takes the lock on another path": (
        f"static void f(struct s *q, int x) {{ if (x) {LOCK} callee(q); {UNLOCK} }}"
        f"\nvoid g(struct s *q) {{ {LOCK} f(q, 0); }}"
    ),
    "another parameter's lock is held": (
        "void f(struct s *q, struct s *r)"
        " { mutex_lock(&r->lock); callee(q); mutex_unlock(&r->lock); }"
    ),
    "the first of two was let go": (
        f"void f(struct s *q, struct s *r) {{ {LOCK} mutex_lock(&r->lock); {UNLOCK} callee(q);"
        " mutex_unlock(&r->lock); }"
    ),
    "a loop that a macro ends drops it": (
        f"void f(struct s *q) {{ {LOCK} do {{ callee(q); {UNLOCK} }}"
        " while_each_thing(q->all, q->one); }"
    ),
    "memory that a test read has changed": (
        f"void f(struct s *q) {{ if (q->on) {LOCK} again: set(q); if (q->on) callee(q);"
        f" {UNLOCK} }}\nvoid set(struct s *q) {{ q->on = 1; }}"
    ),
    "behind the #endif, the other way": (
        f"void f(struct s *q, int x) {{ \n#ifdef CONFIG_X\nif (x)\n{{ {LOCK} }} else\n"
        f"#endif\nif (q->on)\nwork();\ncallee(q);\n{UNLOCK} }}"
    ),
}


@pytest.mark.parametrize("form", HELD)
def test_a_lock_that_every_path_holds_is_shown(tmp_path: Path, form: str) -> None:
    assert pairs_not_shown(tmp_path, HELD[form]) == []
    assert not_shown(tmp_path, [])[1] > 0


@pytest.mark.parametrize("form", NOT_HELD)
def test_a_lock_that_one_path_does_not_hold_is_not_shown(tmp_path: Path, form: str) -> None:
    assert "f callee lock" in pairs_not_shown(tmp_path, NOT_HELD[form])


@pytest.mark.slow
def test_all_but_the_pairs_that_are_explained_are_shown(pytestconfig) -> None:
    explained = tomllib.loads(NOT_SHOWN.read_text())
    found, pairs = not_shown(kernel_tree("6.12", pytestconfig), FOLDERS)
    assert set(found) == set(explained)
    assert pairs == PAIRS
    assert 1 - len(found) / pairs >= 0.97


PAIRS = 329
"""Pairs in those folders of Debian's 6.12.117."""
