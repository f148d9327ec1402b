"""What calls do to locks and to what is known, across files; what can't be known is refused."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.kernel_source.regions import in_a_line
from locking.kernel_source.roles import ReadRole, read_entry
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import read_tables

LOCK = "mutex_lock(&m);"
UNLOCK = "mutex_unlock(&m);"


def read_files(tmp_path: Path, locks: list[str] | None = None, **texts: str) -> ReadRole:
    """What the function `f` does in a tree of several files."""
    for name, text in texts.items():
        (tmp_path / f"{name}.c").write_text(text)
    steps = {name: [name] for name in ("a", "b", "c")}
    return read_entry(SourceTree(tmp_path), read_tables([]), "f", steps, locks=locks)


def test_a_helper_that_locks_through_helpers_in_a_third_file_is_followed(tmp_path: Path) -> None:
    read = read_files(
        tmp_path,
        one="void f(void)\n{\n\tbegin();\n\ta();\n\tdone();\n\tb();\n}\n",
        two="void begin(void)\n{\n\tenter();\n}\n\nvoid done(void)\n{\n\tleave();\n}\n",
        three=f"void enter(void)\n{{\n\t{LOCK}\n}}\n\nvoid leave(void)\n{{\n\t{UNLOCK}\n}}\n",
    )
    assert read.found.trees is not None
    assert in_a_line(read.found.trees) == "[m.hold(a), b]"


def test_a_helper_that_drops_the_lock_far_away_splits_the_region(tmp_path: Path) -> None:
    read = read_files(
        tmp_path,
        one=f"void f(void)\n{{\n\t{LOCK}\n\ta();\n\trest();\n\tb();\n\t{UNLOCK}\n}}\n",
        two="void rest(void)\n{\n\tpause();\n}\n",
        three=f"void pause(void)\n{{\n\t{UNLOCK}\n\t{LOCK}\n}}\n",
    )
    assert read.found.trees is not None
    assert in_a_line(read.found.trees) == "[m.hold(a), m.hold(b)]"


def test_a_helper_of_helpers_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    read = read_files(
        tmp_path,
        one="void f(void)\n{\n\tbegin();\n\ta();\n}\n",
        two="void begin(void)\n{\n\tenter();\n}\n",
        three=f"void enter(void)\n{{\n\tif (x {{ }}\n\t{LOCK}\n}}\n",
    )
    assert any("enter() has syntax in line 3" in each for each in read.refused)


def test_a_condition_on_memory_does_not_outlive_a_call_that_stores_to_it(tmp_path: Path) -> None:
    text = (
        f"void f(struct s *p)\n{{\n\tif (p->on)\n\t\t{LOCK}\n\ta();\n\tset(p);\n"
        f"\tif (p->on)\n\t\t{UNLOCK}\n}}\n"
    )
    far = "void set(struct s *p)\n{\n\tfar_set(p);\n}\n"
    stores = "void far_set(struct s *p)\n{\n\tp->on = 0;\n}\n"
    wrong = read_files(tmp_path, one=text, two=far, three=stores)
    assert "m is taken and not released" in "\n".join(wrong.found.findings)
    right = read_files(tmp_path, one=text, two=far, three=stores.replace("p->on", "p->off"))
    assert "not released" not in "\n".join(right.found.findings)


STORES = {
    "a global variable": ("on", "void set(void)\n{\n\ton = 0;\n}\n", "set();"),
    "a global variable, stepped": ("on", "void set(void)\n{\n\ton++;\n}\n", "set();"),
    "through a pointer": ("*p", "void set(int *q)\n{\n\t*q = 0;\n}\n", "set(p);"),
    "to an element": ("on[x]", "void set(int y)\n{\n\ton[y] = 0;\n}\n", "set(x);"),
    "to a field by its address": ("p->on", "", "unknown(&p->on);"),
    "to a variable by its address": ("x", "", "unknown(&x);"),
}
"""What is tested, a function that stores to it, and its call."""


@pytest.mark.parametrize("form", STORES)
def test_no_condition_outlives_a_store(tmp_path: Path, form: str) -> None:
    tested, callee, call = STORES[form]
    text = (
        f"void f(struct s *p, int x)\n{{\n\tif ({tested})\n\t\t{LOCK}\n\ta();\n\tCALL\n"
        f"\tif ({tested})\n\t\t{UNLOCK}\n}}\n"
    )
    wrong = read_files(tmp_path, one=text.replace("CALL", call), two=callee or "int y;\n")
    assert "m is taken and not released" in "\n".join(wrong.found.findings)
    right = read_files(tmp_path, one=text.replace("CALL", "work();"), two=callee or "int y;\n")
    assert "not released" not in "\n".join(right.found.findings)


def test_a_local_variable_outlives_a_store_to_another_of_its_name(tmp_path: Path) -> None:
    text = (
        f"void f(struct s *p)\n{{\n\tint on = look();\n\tif (on) {{\n\t\t{LOCK}\n\t\ta();\n\t}}\n"
        f"\tset();\n\tif (on)\n\t\t{UNLOCK}\n}}\n"
    )
    read = read_files(tmp_path, one=text, two="void set(void)\n{\n\tint on;\n\ton = 0;\n}\n")
    assert read.found.trees is not None


def test_a_function_that_calls_itself_is_refused_where_it_takes_part(tmp_path: Path) -> None:
    text = (
        f"void g(int n)\n{{\n\t{LOCK}\n\tif (n)\n\t\tg(n - 1);\n\ta();\n\t{UNLOCK}\n}}\n"
        "void f(int n)\n{\n\tg(n);\n}\n"
    )
    assert read_files(tmp_path, one=text).refused == ("one.c:5: g() is called by itself",)
    other = text.replace("a();", "work();").replace("g(n);\n}", "g(n);\n\ta();\n}")
    assert read_files(tmp_path, one=other).refused == ()


def test_a_helper_that_cannot_be_read_and_passes_the_lock_on_is_refused(tmp_path: Path) -> None:
    read = read_files(
        tmp_path,
        ["p->lock"],
        one="void f(struct s *p)\n{\n\tmutex_lock(&p->lock);\n\ta();\n\thelp(p);\n\tb();\n"
        "\tmutex_unlock(&p->lock);\n}\n",
        two="void help(struct s *q)\n{\n\tif (x { }\n\tdeep(&q->lock);\n}\n",
        three="void deep(struct mutex *l)\n{\n\tmutex_unlock(l);\n}\n",
    )
    assert any("help() has syntax in line 3" in each for each in read.refused)
