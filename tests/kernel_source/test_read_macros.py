"""Macros that lock are read as functions are, or are refused by name; none is missed in silence."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.errors import UsageError
from locking.kernel_source.regions import in_a_line
from locking.kernel_source.roles import ReadRole, read_entry
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import read_tables


def read_c(tmp_path: Path, macros: str, statements: str) -> ReadRole:
    """What the function `f` does, in a file that begins with macros."""
    file = tmp_path / "f.c"
    file.write_text(f"{macros}\nint f(struct s *p, int x)\n{{\n\t{statements}\n}}\n")
    steps = {name: [name] for name in ("a", "b", "c")}
    return read_entry(SourceTree(file), read_tables([]), "f", steps)


UNLOCK = "#define my_unlock(x) mutex_unlock(&(x)->lock)\n"

RIGHT = {
    "expression": (
        f"#define my_lock(x) mutex_lock(&(x)->lock)\n{UNLOCK}",
        "my_lock(p); a(); my_unlock(p); b();",
        "[p->lock.hold(a), b]",
    ),
    "do while": (
        "#define my_lock(x) do { mutex_lock(&(x)->lock); } while (0)\n"
        "#define my_unlock(x) do { mutex_unlock(&(x)->lock); } while (0)\n",
        "my_lock(p); a(); my_unlock(p); b();",
        "[p->lock.hold(a), b]",
    ),
    "several lines and comments": (
        "#define my_lock(x, why)\t\\\n\tdo {\t/* lock() { */ \\\n\t\tlog(why);\t\\\n"
        "\t\tmutex_lock(&((x)->lock)); \\\n\t} while (0)\n" + UNLOCK,
        'my_lock(p, "f"); a(); my_unlock(p); b();',
        "[p->lock.hold(a), b]",
    ),
    "statement expression": (
        "#define my_lock(x) ({ mutex_lock(&(x)->lock); 1; })\n" + UNLOCK,
        "x = my_lock(p); a(); if (x) my_unlock(p);",
        "[p->lock.hold(a)]",
    ),
    "trylock": (
        "#define my_try(x) mutex_trylock(&(x)->lock)\n" + UNLOCK,
        "if (!my_try(p)) return 0; a(); my_unlock(p);",
        "[trylock(p->lock.hold(a))]",
    ),
    "trylock in a statement expression": (
        "#define my_try(x) ({ int got = mutex_trylock(&(x)->lock); got; })\n" + UNLOCK,
        "if (my_try(p)) { a(); my_unlock(p); }",
        "[trylock(p->lock.hold(a))]",
    ),
    "trylock negated": (
        "#define my_busy(x) (!mutex_trylock(&(x)->lock))\n" + UNLOCK,
        "if (my_busy(p)) return 0; a(); my_unlock(p);",
        "[trylock(p->lock.hold(a))]",
    ),
    "macro of a macro": (
        "#define one(x) mutex_lock(&(x)->lock)\n#define two(y) one(y)\n" + UNLOCK,
        "two(p); a(); my_unlock(p);",
        "[p->lock.hold(a)]",
    ),
    "another name": (
        "#define my_lock mutex_lock\n#define my_unlock mutex_unlock\n",
        "my_lock(&p->lock); a(); my_unlock(&p->lock);",
        "[p->lock.hold(a)]",
    ),
    "no argument": (
        "#define all_lock() mutex_lock(&all)\n#define all_unlock() mutex_unlock(&all)\n",
        "all_lock(); a(); all_unlock();",
        "[all.hold(a)]",
    ),
    "a statement": (
        "#define LOCK_IT mutex_lock(&m)\n#define UNLOCK_IT mutex_unlock(&m)\n",
        "LOCK_IT; a(); if (x) UNLOCK_IT; else UNLOCK_IT; b();",
        "[m.hold(a), b]",
    ),
    "a field by its name": (
        "#define my_lock(x, l) mutex_lock(&(x)->l)\n"
        "#define my_unlock(x, l) mutex_unlock(&(x)->l)\n",
        "my_lock(p, one); my_lock(p, two); a(); my_unlock(p, two); b(); my_unlock(p, one);",
        "[p->one.hold(p->two.hold(a), b)]",
    ),
    "a step": (
        "#define do_a(x) a(x)\n",
        "mutex_lock(&m); do_a(x); mutex_unlock(&m);",
        "[m.hold(a)]",
    ),
    "a helper that locks by a macro": (
        f"#define my_lock(x) mutex_lock(&(x)->lock)\n{UNLOCK}"
        "static void begin(struct s *q)\n{\n\tmy_lock(q);\n}\n",
        "begin(p); a(); my_unlock(p);",
        "[p->lock.hold(a)]",
    ),
    "a configuration without": (
        "#ifdef CONFIG_X\n#define my_lock(x) mutex_lock(&(x)->lock)\n"
        "#else\n#define my_lock(x) do { } while (0)\n#endif\n" + UNLOCK,
        "my_lock(p); a(); my_unlock(p);",
        "[p->lock.hold(a)]",
    ),
    "a loop that locks nothing": (
        "#define for_each_s(q) for (q = first(); q; q = next(q))\n",
        "mutex_lock(&m); for_each_s(p) { a(); } mutex_unlock(&m);",
        "[m.hold(a)]",
    ),
}

WRONG = {
    "not released": (
        "#define my_lock(x) mutex_lock(&(x)->lock)\n",
        "my_lock(p); a();",
        "p->lock is taken and not released",
    ),
    "let go twice": (
        f"#define my_lock(x) mutex_lock(&(x)->lock)\n{UNLOCK}",
        "my_lock(p); a(); my_unlock(p); my_unlock(p);",
        "p->lock is released that is not held",
    ),
    "a trylock taken for a lock": (
        "#define my_try(x) ({ int got = mutex_trylock(&(x)->lock); got; })\n" + UNLOCK,
        "my_try(p); a(); my_unlock(p);",
        "p->lock is released that is not held",
    ),
    "a parameter that is stored to": (
        "#define get(x, ret) do { ret = look(x); } while (0)\n",
        "int ret = 0; get(p, ret); if (!ret) mutex_lock(&m); a(); mutex_unlock(&m);",
        "m is released that is not held",
    ),
    "a variable whose address is passed": (
        "",
        "int ret = 0; look(&ret); if (!ret) mutex_lock(&m); a(); mutex_unlock(&m);",
        "m is released that is not held",
    ),
}

REFUSED = {
    "return": "#define my_lock(x) do { if (x) return 1; mutex_lock(&(x)->lock); } while (0)\n",
    "goto": "#define my_lock(x) do { if (!(x)) goto out; mutex_lock(&(x)->lock); } while (0)\n",
    "name pasted": "#define my_lock(x) mutex_lock(&x##_lock)\n",
    "any arguments": "#define my_lock(x, ...) log(mutex_lock(&(x)->lock), __VA_ARGS__)\n",
    "half a block": "#define my_lock(x) { mutex_lock(&(x)->lock);\n",
    "half a statement": "#define my_lock(x) if (x) mutex_lock(&(x)->lock)\n",
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_macro_is_read_as_a_function_is(tmp_path: Path, form: str) -> None:
    macros, statements, tree = RIGHT[form]
    read = read_c(tmp_path, macros, statements)
    assert read.found.findings == ()
    assert read.found.trees is not None
    assert in_a_line(read.found.trees) == tree
    assert read.refused == ()


@pytest.mark.parametrize("form", WRONG)
def test_a_macro_leaves_the_lock_as_it_does(tmp_path: Path, form: str) -> None:
    macros, statements, said = WRONG[form]
    assert said in "\n".join(read_c(tmp_path, macros, statements).found.findings)


@pytest.mark.parametrize("form", REFUSED)
def test_a_macro_that_no_function_is_like_is_refused_by_name(tmp_path: Path, form: str) -> None:
    read = read_c(tmp_path, REFUSED[form], "my_lock(p); a(); out: return 0;")
    assert "my_lock()" in "\n".join(read.refused)


def test_a_loop_that_is_a_macro_and_locks_is_refused_by_name(tmp_path: Path) -> None:
    loop = "#define for_each_s(q) for (mutex_lock(&m), q = first(); q; q = next(q))\n"
    with pytest.raises(UsageError, match=r"macro for_each_s\(\)"):
        read_c(tmp_path, loop, "for_each_s(p) { a(); } b();")
    helper = "static void g(struct s *q)\n{\n\tfor_each_s(q) { work(q); }\n}\n"
    assert "for_each_s()" in "\n".join(read_c(tmp_path, loop + helper, "g(p); a();").refused)
