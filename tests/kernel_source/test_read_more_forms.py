"""More forms of C, each read as a person reads it: what is no placement is a finding or refused."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.errors import UsageError
from locking.kernel_source.regions import in_a_line
from tests.kernel_source.test_read_forms import body, read_c

RIGHT = {
    "goto_out_of_scoped": (
        ("scoped_guard(mutex, &m) {\n a();\n if (x) goto out;\n b();\n }\n c();\n out: return 0;"),
        "[m.hold(a, b), c]",
    ),
    "do_while0": (
        "do { mutex_lock(&m); a(); mutex_unlock(&m); } while (0);\nb();",
        "[m.hold(a), b]",
    ),
    "comma": ("mutex_lock(&m), a(), mutex_unlock(&m), b();", "[m.hold(a), b]"),
    "comma_in_if": ("if (mutex_lock(&m), x) { a(); }\nmutex_unlock(&m);", "[m.hold(a)]"),
    "stmt_expr_return": (
        "mutex_lock(&m); x = ({ if (y) { mutex_unlock(&m); return 1; } a(); 1; });"
        " mutex_unlock(&m);",
        "[m.hold(a)]",
    ),
    "return_in_loop_in_lock": (
        (
            "mutex_lock(&m);\n for (;;) {\n a();\n"
            " if (x) { mutex_unlock(&m); return 1; }\n if (y) break;\n }\n b();\n"
            " mutex_unlock(&m);"
        ),
        "[m.hold(a, b)]",
    ),
    "lock_in_for_init": (
        "for (mutex_lock(&m); x; x--)\n a();\nmutex_unlock(&m);\nb();",
        "[m.hold(a), b]",
    ),
    "label_at_end": (
        "mutex_lock(&m); a();\n if (x) goto end;\n b();\n end:\n mutex_unlock(&m);\n",
        "[m.hold(a, b)]",
    ),
    "label_at_very_end": (
        "mutex_lock(&m); a(); mutex_unlock(&m);\n if (x) goto end;\n b();\n end:;\n",
        "[m.hold(a), b]",
    ),
    "unlock_relock_step": (
        ("mutex_lock(&m); a(); mutex_unlock(&m);\n b();\n mutex_lock(&m); c(); mutex_unlock(&m);"),
        "[m.hold(a), b, m.hold(c)]",
    ),
    "unlock_lock_same_region": (
        ("mutex_lock(&m); a();\n mutex_unlock(&m);\n mutex_lock(&m);\n b(); mutex_unlock(&m);"),
        "[m.hold(a), m.hold(b)]",
    ),
    "goto_into_loop": (
        ("mutex_lock(&m);\n goto in;\n while (x--) {\n in:\n a();\n }\n mutex_unlock(&m);"),
        "[m.hold(a)]",
    ),
    "goto_back_retry_unlock": (
        (
            "again:\n mutex_lock(&m);\n a();\n if (x) {\n mutex_unlock(&m);\n"
            " goto again;\n }\n b();\n mutex_unlock(&m);"
        ),
        "[m.hold(a, b)]",
    ),
    "not_not_trylock": (
        "if (!!mutex_trylock(&m)) { a(); mutex_unlock(&m); }",
        "[trylock(m.hold(a))]",
    ),
    "trylock_eq0": (
        "if (mutex_trylock(&m) == 0) return 1;\n a(); mutex_unlock(&m);",
        "[trylock(m.hold(a))]",
    ),
    "trylock_var": (
        "int got = mutex_trylock(&m);\n if (!got) return 1;\n a(); mutex_unlock(&m);",
        "[trylock(m.hold(a))]",
    ),
    "trylock_ternary": (
        ("ret = mutex_trylock(&m) ? 0 : -1;\n if (ret) return ret;\n a(); mutex_unlock(&m);"),
        "[trylock(m.hold(a))]",
    ),
    "trylock_and": (
        "if (x && mutex_trylock(&m)) { a(); mutex_unlock(&m); }",
        "[trylock(m.hold(a))]",
    ),
    "switch_default_middle": (
        (
            "mutex_lock(&m); switch (x) {\n default: mutex_unlock(&m); return 1;\n"
            " case 1: a(); break; }\n mutex_unlock(&m);"
        ),
        "[m.hold(a)]",
    ),
    "nested_switch_loop_continue": (
        (
            "while (x--) {\n mutex_lock(&m);\n switch (y) {\n"
            " case 1: mutex_unlock(&m); continue;\n default: break; }\n a();\n"
            " mutex_unlock(&m); }"
        ),
        "[m.hold(a)]",
    ),
    "early_return_void": (
        "mutex_lock(&m); if (!p) goto unlock;\n a();\n unlock: mutex_unlock(&m);",
        "[m.hold(a)]",
    ),
    "asm_goto": (
        'mutex_lock(&m); asm goto("x" : : : : out);\n a();\n out: mutex_unlock(&m);',
        "[m.hold(a)]",
    ),
    "assigned_in_cond": (
        ("if ((ret = mutex_lock_interruptible(&m)))\n return ret;\n a(); mutex_unlock(&m);"),
        "[m.hold(a)]",
    ),
    "assigned_lt0": (
        ("if ((ret = mutex_lock_interruptible(&m)) < 0)\n return ret;\n a(); mutex_unlock(&m);"),
        "[m.hold(a)]",
    ),
    "inline_asm": ('mutex_lock(&m); asm volatile("nop"); a(); mutex_unlock(&m);', "[m.hold(a)]"),
    "setjmp_like_macro": ("mutex_lock(&m); a(); RETURN_IF(x); mutex_unlock(&m);", "[m.hold(a)]"),
    "braceless_else": (
        "if (x)\n mutex_lock(&m);\n else\n return 1;\n a();\n mutex_unlock(&m);",
        "[m.hold(a)]",
    ),
    "step_in_arg": ("mutex_lock(&m); c(a()); mutex_unlock(&m); b();", "[m.hold(a, c), b]"),
    "short_circuit": (
        "mutex_lock(&m); if (a() && b()) c(); mutex_unlock(&m);",
        "[m.hold(a, b, c)]",
    ),
}

WRONG = {
    "switch_fallthrough_lock": (
        "switch (x) {\n case 1: mutex_lock(&m); fallthrough;\n case 2: a(); mutex_unlock(&m); }"
    ),
    "cond_unlock": (
        "mutex_lock(&m); a();\n if (x)\n mutex_unlock(&m);\n b();\n if (!x) mutex_unlock(&m);"
    ),
    "ternary_lock": "x ? mutex_lock(&m) : (void)0;\na();\nx ? mutex_unlock(&m) : (void)0;",
    "stmt_expr_leak": "mutex_lock(&m); x = ({ if (y) return 1; a(); 1; }); mutex_unlock(&m);",
    "return_in_loop_leak": (
        "mutex_lock(&m);\n for (;;) {\n a();\n if (x) return 1;\n if (y) break;\n }\n"
        " b();\n mutex_unlock(&m);"
    ),
    "trylock_or_lock": "if (!mutex_trylock(&m))\n mutex_lock(&m);\n a(); mutex_unlock(&m);",
    "trylock_while_cond": "while (x && !mutex_trylock(&m))\n cpu_relax();\n a(); mutex_unlock(&m);",
    "lock_as_argument": "log(mutex_lock_interruptible(&m));\n a();\n mutex_unlock(&m);",
    "lock_pointer_var": "struct mutex *q = &m;\n mutex_lock(q); a(); mutex_unlock(&m);",
    "function_pointer": "void (*fn)(struct mutex *) = mutex_lock;\n fn(&m); a(); mutex_unlock(&m);",
    "switch_continue_leak": (
        "while (x--) {\n mutex_lock(&m);\n switch (y) {\n case 1: continue;\n"
        " default: break; }\n a();\n mutex_unlock(&m); }"
    ),
    "computed_goto": "mutex_lock(&m); void *t = &&out;\n goto *t;\n a();\n out: mutex_unlock(&m);",
    "nested_fn": "void g(void) { mutex_unlock(&m); }\n mutex_lock(&m); a(); g(); b();",
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_form_is_read_as_a_person_reads_it(tmp_path: Path, form: str) -> None:
    statements, tree = RIGHT[form]
    read = read_c(tmp_path, body(statements))
    assert read.found.findings == read.refused == ()
    assert in_a_line(read.found.trees or ()) == tree


@pytest.mark.parametrize("form", WRONG)
def test_a_form_that_is_no_placement_is_not_read_as_one(tmp_path: Path, form: str) -> None:
    try:
        read = read_c(tmp_path, body(WRONG[form]))
    except UsageError:
        return
    assert read.found.trees is None or read.refused
