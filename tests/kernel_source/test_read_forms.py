"""Small C functions of every form of control flow, each with the tree that it has, or a finding.

`a`, `b`, `c` stand for steps. Planted errors are beside the forms that are right.
"""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.errors import UsageError
from locking.kernel_source.event_words import main_words, word_shape, words_of_trees
from locking.kernel_source.regions import in_a_line
from locking.kernel_source.roles import ReadRole, read_entry
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import read_tables

LOCK = "mutex_lock(&m);"
UNLOCK = "mutex_unlock(&m);"


def read_c(tmp_path: Path, text: str, entry: str = "f") -> ReadRole:
    """What the function `f` of a file with this text does."""
    file = tmp_path / "f.c"
    file.write_text(text)
    steps = {name: [name] for name in ("a", "b", "c")}
    return read_entry(SourceTree(file), read_tables([]), entry, steps)


def body(statements: str) -> str:
    """A file with one function."""
    return f"int f(struct s *p, int x, int y)\n{{\n\tint ret = 0;\n{statements}\n}}\n"


RIGHT = {
    "straight": (f"{LOCK} a(); {UNLOCK} b();", "[m.hold(a), b]"),
    "early_return": (f"if (x) return -1; {LOCK} a(); {UNLOCK} return 0;", "[m.hold(a)]"),
    "goto_cleanup": (
        f"{LOCK} ret = a(); if (ret) goto out; b(); out: {UNLOCK} return ret;",
        "[m.hold(a, b)]",
    ),
    "error_after_call": (
        f"{LOCK} ret = a(); {UNLOCK} if (ret) goto err; b(); return 0; err: return ret;",
        "[m.hold(a), b]",
    ),
    "unlock_in_branch": (
        f"{LOCK} if (x) {{ {UNLOCK} return -1; }} a(); {UNLOCK} return 0;",
        "[m.hold(a)]",
    ),
    "if_else": (f"{LOCK} if (x) a(); else a(); {UNLOCK}", "[m.hold(a)]"),
    "for_loop": (f"for (x = 0; x < y; x++) {{ {LOCK} a(); {UNLOCK} b(); }}", "[m.hold(a), b]"),
    "loop_inside": (f"{LOCK} while (x--) a(); {UNLOCK}", "[m.hold(a)]"),
    "loop_break": (
        f"{LOCK} while (x) {{ a(); if (y) break; }} b(); {UNLOCK}",
        "[m.hold(a, b)]",
    ),
    "loop_continue": (
        f"while (x--) {{ if (y) continue; {LOCK} a(); {UNLOCK} }}",
        "[m.hold(a)]",
    ),
    "loop_leaves_early": (
        f"for (x = 0; x < y; x++) {{ {LOCK} ret = a(); {UNLOCK} if (ret) break; b(); }}",
        "[m.hold(a), b]",
    ),
    "do_while": (f"do {{ {LOCK} a(); {UNLOCK} }} while (x--);", "[m.hold(a)]"),
    "each_braces": (f"{LOCK} list_for_each_entry(p, h, l) {{ a(); }} {UNLOCK}", "[m.hold(a)]"),
    "each_line": (f"{LOCK}\n\tlist_for_each_entry(p, h, l)\n\t\ta();\n{UNLOCK}", "[m.hold(a)]"),
    "switch": (
        f"{LOCK} switch (x) {{ case 1: a(); break; case 2: a(); break; default: break; }} {UNLOCK}",
        "[m.hold(a)]",
    ),
    "switch_falls": (
        f"{LOCK} switch (x) {{ case 1: a(); case 2: b(); }} {UNLOCK}",
        "[m.hold(a, b)]",
    ),
    "switch_return": (
        f"switch (x) {{ case 1: {LOCK} a(); {UNLOCK} return 0; default: return 1; }}",
        "[m.hold(a)]",
    ),
    "conditional_lock": (f"if (x) {LOCK} if (x) a(); if (x) {UNLOCK}", "[m.hold(a)]"),
    "conditional_field": (f"if (p->l) {LOCK} if (p->l) a(); if (p->l) {UNLOCK}", "[m.hold(a)]"),
    "condition_text": (f"if (x == 3) {LOCK} if (x == 3) {{ a(); {UNLOCK} }}", "[m.hold(a)]"),
    "trylock": (
        f"if (mutex_trylock(&m)) {{ a(); {UNLOCK} }}",
        "[trylock(m.hold(a))]",
    ),
    "trylock_not": (
        f"if (!mutex_trylock(&m)) return 0; a(); {UNLOCK} return 1;",
        "[trylock(m.hold(a))]",
    ),
    "trylock_loop": (
        f"while (x--) {{ if (y) continue; if (mutex_trylock(&m)) {{ a(); {UNLOCK} }} }} b();",
        "[trylock(m.hold(a)), b]",
    ),
    "interruptible": (
        f"ret = mutex_lock_interruptible(&m); if (ret) return ret; a(); {UNLOCK}",
        "[m.hold(a)]",
    ),
    "interruptible_if": (
        f"if (mutex_lock_interruptible(&m)) return -4; a(); {UNLOCK}",
        "[m.hold(a)]",
    ),
    "guard": ("guard(mutex)(&m); if (x) return 0; a(); return 1;", "[m.hold(a)]"),
    "guard_block": ("if (x) { guard(mutex)(&m); a(); } b();", "[m.hold(a), b]"),
    "guard_loop": ("while (x--) { guard(mutex)(&m); if (y) break; a(); } b();", "[m.hold(a), b]"),
    "scoped_guard": ("scoped_guard(mutex, &m) { a(); } b();", "[m.hold(a), b]"),
    "scoped_line": ("scoped_guard(mutex, &m)\n\ta();\nb();", "[m.hold(a), b]"),
    "scoped_break": ("scoped_guard(mutex, &m) { if (x) break; a(); } b();", "[m.hold(a), b]"),
    "guard_goto": (
        "{ guard(mutex)(&m); a(); if (x) goto out; } b(); out: return 0;",
        "[m.hold(a), b]",
    ),
    "two_locks": (
        f"{LOCK} spin_lock(&s); a(); spin_unlock(&s); b(); {UNLOCK}",
        "[m.hold(s.hold(a), b)]",
    ),
    "rwsem": (
        "down_write(&r); a(); up_write(&r); down_read(&r); b(); up_read(&r);",
        "[r.write(a), r.read(b)]",
    ),
    "and_or": (f"if (x && y) {LOCK} if (x && y) {{ a(); {UNLOCK} }}", "[m.hold(a)]"),
    "ternary": (f"{LOCK} ret = x ? a() : a(); {UNLOCK} return ret;", "[m.hold(a)]"),
    "is_err": (f"ret = a(); if (IS_ERR(ret)) return 0; {LOCK} b(); {UNLOCK}", "[a, m.hold(b)]"),
    "config_never": (f"{LOCK} a();\n#if 0\n{UNLOCK}\n#endif\nb(); {UNLOCK}", "[m.hold(a, b)]"),
    "config_always": (f"\n#if 1\n{LOCK}\n#else\nb();\n#endif\na(); {UNLOCK}", "[m.hold(a)]"),
    "config": (f"{LOCK}\n#ifdef CONFIG_X\na();\n#else\na();\n#endif\n{UNLOCK}", "[m.hold(a)]"),
    "config_lock": (
        f"\n#ifdef CONFIG_X\n{LOCK}\na();\n#endif\n\n#ifdef CONFIG_X\n{UNLOCK}\n#endif\nreturn 0;",
        "[m.hold(a)]",
    ),
    "bug_on": (f"{LOCK} a(); BUG_ON(x); if (x) return 1; {UNLOCK}", "[m.hold(a)]"),
    "retry": (
        f"again: {LOCK} if (p->busy) {{ {UNLOCK} goto again; }} a(); {UNLOCK}",
        "[m.hold(a)]",
    ),
    "nothing_held": (f"{LOCK} {UNLOCK} a();", "[a]"),
    "field_lock": ("spin_lock(&p->lock); a(); spin_unlock(&p->lock);", "[p->lock.hold(a)]"),
    "statement_expression": (f"{LOCK} ret = ({{ a(); 1; }}); {UNLOCK}", "[m.hold(a)]"),
}

HELPERS = {
    "lock_and_unlock": (
        f"static void begin(void) {{ {LOCK} }}\nstatic void done(void) {{ {UNLOCK} }}\n"
        "void f(void) { begin(); a(); done(); b(); }",
        "[m.hold(a), b]",
    ),
    "of_an_argument": (
        "static void begin(struct s *q) { spin_lock(&q->l); }\n"
        "void f(struct s *p) { begin(p); a(); spin_unlock(&p->l); }",
        "[p->l.hold(a)]",
    ),
    "stub_twin": (
        "#ifdef CONFIG_X\n"
        f"void begin(void) {{ {LOCK} }}\n#else\nstatic inline void begin(void) {{}}\n#endif\n"
        f"void f(void) {{ begin(); a(); {UNLOCK} }}",
        "[m.hold(a)]",
    ),
    "step_inside": (
        f"static int g(int x) {{ {LOCK} a(); {UNLOCK} return 0; }}\n"
        "int f(int x) { int ret = g(x); if (ret) return ret; b(); return 0; }",
        "[m.hold(a), b]",
    ),
    "flag_argument": (
        f"static void g(bool l) {{ if (l) {LOCK} a(); if (l) {UNLOCK} }}\n"
        "void f(void) { g(true); }",
        "[m.hold(a)]",
    ),
}

RIGHT["type_argument"] = (
    f"p = container_of(x, struct s, f); {LOCK} a(); {UNLOCK}",
    "[m.hold(a)]",
)
RIGHT["empty_statement"] = (f"{LOCK} ; a(); out: ; {UNLOCK}", "[m.hold(a)]")

RIGHT["macro_ends_loop"] = (
    f"{LOCK} do {{ a(); if (x) break; }} while_each_thing(p, x); {UNLOCK} b();",
    "[m.hold(a), b]",
)
RIGHT["macros_around_loop"] = (
    f"do_each_thing(p, x) {{ {LOCK} a(); {UNLOCK} if (y) break; b(); }} while_each_thing(p, x);",
    "[m.hold(a), b]",
)
RIGHT["macro_for"] = (f"{LOCK} for_other_things(p, x) {{ a(); }} {UNLOCK}", "[m.hold(a)]")
RIGHT["else_before_endif"] = (
    f"\n#ifdef CONFIG_X\nif (x)\n{{ {LOCK} a(); {UNLOCK} }} else\n#endif\nif (y) return 0;",
    "[m.hold(a)]",
)
RIGHT["switch_config"] = (
    f"{LOCK} switch (x) {{ case 1:\n/* why */\n#ifndef CONFIG_X\nif (y) break;\n#endif\n"
    f"if (p) {{ ret = c(); }}\na(); break; default: break; }} {UNLOCK} b();",
    "[m.hold(c, a), b]",
)
RIGHT["type_pointer"] = (f"{LOCK} x = make(struct s *); a(); {UNLOCK}", "[m.hold(a)]")
RIGHT["words_of_type"] = (f"{LOCK} x = min_t(unsigned long, y, 3); a(); {UNLOCK}", "[m.hold(a)]")

RIGHT["rounds_of_a_loop_inside"] = (
    "while (x--) {\nwhile (y--) {\nguard(mutex)(&m);\nif (p->l)\nbreak;\na();\n}\nb();\n}",
    "[m.hold(a), b]",
)
RIGHT["round_does_less"] = (
    f"while (x--) {{\nif (y) {{ {LOCK} a(); {UNLOCK} }}\nb();\n}} c();",
    "[m.hold(a), b, c]",
)
PLANTED = {
    "no_unlock_on_error": (
        f"{LOCK} ret = a(); if (ret)\nreturn ret;\n b(); {UNLOCK} return 0;",
        "m is taken and not released; the path ends at f.c:5",
    ),
    "unlock_twice": (f"{LOCK} a(); {UNLOCK}\n{UNLOCK}", "f.c:5: m is released that is not held"),
    "goto_past_unlock": (
        f"{LOCK} a(); if (x) goto out; {UNLOCK} out: return 0;",
        "f.c:4: m is taken and not released",
    ),
    "out_on_one_path": (
        f"if (x) {{ {LOCK} a(); {UNLOCK} }} else\na();",
        "f.c:5: a under no lock, elsewhere under m.hold",
    ),
    "other_order": (
        f"if (x) {{ {LOCK} spin_lock(&s); a(); b(); spin_unlock(&s); {UNLOCK} }} else {{\n"
        f"spin_lock(&s); {LOCK} a(); {UNLOCK} spin_unlock(&s); }}",
        "f.c:5: a under s.hold, m.hold, elsewhere under m.hold, s.hold",
    ),
    "hand_over_hand": (
        f"{LOCK} a(); spin_lock(&s); {UNLOCK} b(); spin_unlock(&s);",
        "m is released inside a region of s",
    ),
    "split_on_one_path": (
        f"{LOCK} a(); if (x) {{ {UNLOCK} {LOCK} }} b(); {UNLOCK}",
        "steps come in another order or region",
    ),
    "taken_twice": (
        f"{LOCK} {LOCK} a(); {UNLOCK} {UNLOCK}",
        "m is taken again inside a region of it that begins at f.c:4",
    ),
    "steps_swapped": (
        f"{LOCK} if (x) {{ a(); b(); }} else {{ b(); a(); }} {UNLOCK}",
        "steps come in another order or region",
    ),
    "wrong_condition": (f"if (x) {LOCK} a(); if (y) {UNLOCK}", "m is taken and not released"),
    "condition_changed": (
        f"if (x) {LOCK} a(); x = y; if (x) {UNLOCK}",
        "m is taken and not released",
    ),
    "macro_ends_loop": (
        f"{LOCK} do {{ if (x) break; {UNLOCK} a(); {LOCK} }} while_each_thing(p, x); b();",
        "m is taken and not released",
    ),
    "else_before_endif": (
        f"\n#ifdef CONFIG_X\nif (x)\n{{ {LOCK} }} else\n#endif\nif (y) a(); {UNLOCK}",
        "f.c:9: m is released that is not held",
    ),
    "trylock_spin": (
        f"while (!mutex_trylock(&m)) cpu_relax(); a(); {UNLOCK}",
        "f.c:4: m is tried, and no placement has the steps that follow where that fails",
    ),
    "trylock_skips": (
        f"if (!mutex_trylock(&m)) return 0; a(); {UNLOCK} b(); return 1;",
        "f.c:4: m is tried, and no placement has the steps that follow where that fails",
    ),
    "other_mode": ("down_write(&r); up_read(&r); a();", "r is released inside a region of r"),
    "downgrade": ("down_write(&r); a(); downgrade_write(&r); b(); up_read(&r);", "r is downgraded"),
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_form_of_control_flow_is_read_right(tmp_path: Path, form: str) -> None:
    statements, tree = RIGHT[form]
    found = read_c(tmp_path, body(statements)).found
    assert found.findings == ()
    assert found.trees is not None
    assert in_a_line(found.trees) == tree


@pytest.mark.parametrize("form", RIGHT)
def test_the_words_of_a_form_are_those_of_its_tree(tmp_path: Path, form: str) -> None:
    read = read_c(tmp_path, body(RIGHT[form][0]))
    words = {word_shape(each.word) for each in main_words(read.outcomes)}
    assert words == words_of_trees(read.found.trees or ())


@pytest.mark.parametrize("form", HELPERS)
def test_what_helpers_do_is_seen_at_their_calls(tmp_path: Path, form: str) -> None:
    text, tree = HELPERS[form]
    found = read_c(tmp_path, text).found
    assert found.trees is not None
    assert in_a_line(found.trees) == tree


@pytest.mark.parametrize("error", PLANTED)
def test_a_planted_error_is_found_with_its_line(tmp_path: Path, error: str) -> None:
    statements, said = PLANTED[error]
    found = read_c(tmp_path, body(statements)).found
    assert found.trees is None
    assert said in "\n".join(found.findings)


def test_a_step_moved_out_of_its_region_is_outside_in_the_tree(tmp_path: Path) -> None:
    found = read_c(tmp_path, body(f"{LOCK} a(); {UNLOCK} b();")).found
    other = read_c(tmp_path, body(f"{LOCK} a(); b(); {UNLOCK}")).found
    assert found.trees != other.trees


ENDLESS = {
    "loop": f"{LOCK} a(); for (;;) cpu_relax();",
    "of_steps": f"for (;;) {{ {LOCK} a(); {UNLOCK} }}",
    "one_branch": f"{LOCK} a(); if (x) while (1) cpu_relax(); {UNLOCK}",
    "goto": f"again: {LOCK} a(); {UNLOCK} goto again;",
}


@pytest.mark.parametrize("form", ENDLESS)
def test_a_path_without_an_end_is_refused(tmp_path: Path, form: str) -> None:
    with pytest.raises(UsageError, match=r"f\.c:\d+: f\(\) has a path that never ends"):
        read_c(tmp_path, body(ENDLESS[form]))


def test_syntax_that_is_not_known_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"f\(\) has syntax in line \d+"):
        read_c(tmp_path, body("if (x { a(); }"))
    with pytest.raises(UsageError, match=r"guard\(strange\)"):
        read_c(tmp_path, body("guard(strange)(&m); a();"))
    with pytest.raises(UsageError, match="unknown macro before a block"):
        read_c(tmp_path, body("strange(x) { a(); }"))
    with pytest.raises(UsageError, match="leaves a loop that is not known"):
        read_c(tmp_path, body("if (x) break; a();"))


def test_edits_of_the_text_leave_the_lines_as_they_are(tmp_path: Path) -> None:
    odd = (
        "p = container_of(x,\n\tstruct s, f);\ny = min_t(\n\tunsigned long, x,\n\tunsigned int);\n"
        "p = make(\n\tstruct s *\n);\ndo { } while_each_thing(p,\n x);\n"
        "\n#ifdef CONFIG_X\nif (x)\ny = 1;\nelse\n#endif\ny = 2;\n"
    )
    trees = read_c(tmp_path, body(f"{odd}a();")).found.trees
    assert trees is not None
    assert trees[0].sites == (f"f.c:{4 + odd.count(chr(10))}",)


def test_a_call_through_a_pointer_is_listed(tmp_path: Path) -> None:
    assert read_c(tmp_path, body("p->ops->go(p); a();")).unfollowed == ("f.c:4: p->ops->go()",)
