"""One lock by several names, words that are no C, and ranges of cases: read, or refused by name."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.kernel_source.regions import in_a_line
from tests.kernel_source.test_read_forms import LOCK, UNLOCK, body, read_c

ONE_LOCK = {
    "object_macro": ("#define other m\n", f"{LOCK} a(); mutex_unlock(&other);", "m.hold"),
    "macro_of_macro": (
        "#define third other\n#define other m\n",
        f"mutex_lock(&third); a(); {UNLOCK}",
        "m.hold",
    ),
    "macro_with_address": ("#define ml (&m)\n", f"mutex_lock(ml); a(); {UNLOCK}", "m.hold"),
    "macro_of_field": (
        "#define l_of_p (&p->lock)\n",
        "spin_lock(l_of_p); a(); spin_unlock(&p->lock);",
        "p->lock.hold",
    ),
    "macro_with_parameter": (
        "#define lock_of(x) (&(x)->lock)\n",
        "spin_lock(lock_of(p)); a(); spin_unlock(&p->lock);",
        "p->lock.hold",
    ),
    "field_macro": (
        "#define q_lock inner.lock\n",
        "spin_lock(&p->q_lock); a(); spin_unlock(&p->inner.lock);",
        "p->inner.lock.hold",
    ),
    "brackets": ("", "spin_lock(&(p)->lock); a(); spin_unlock(&((p->lock)));", "p->lock.hold"),
    "address_of_what_is_pointed_to": ("", "mutex_lock(&*x); a(); mutex_unlock(x);", "x.hold"),
}


@pytest.mark.parametrize("form", ONE_LOCK)
def test_a_lock_by_two_names_is_one_lock(tmp_path: Path, form: str) -> None:
    before, statements, region = ONE_LOCK[form]
    found = read_c(tmp_path, before + body(statements)).found
    assert found.trees is not None, found.findings
    assert in_a_line(found.trees) == f"[{region}(a)]"


def test_a_macro_that_is_several_things_is_no_other_name(tmp_path: Path) -> None:
    both = "#ifdef X\n#define other m\n#else\n#define other n\n#endif\n"
    found = read_c(tmp_path, both + body(f"{LOCK} a(); mutex_unlock(&other);")).found
    assert found.trees is None


RANGES = {
    "range": ("case 1 ... 5:", "[m.hold(a)]"),
    "of_letters": ("case 'a' ... 'z':", "[m.hold(a)]"),
    "of_names": ("case FIRST...LAST:", "[m.hold(a)]"),
}


@pytest.mark.parametrize("form", RANGES)
def test_a_range_of_cases_is_a_case(tmp_path: Path, form: str) -> None:
    case, tree = RANGES[form]
    text = f"{LOCK} switch (x) {{ {case} a(); break; default: {UNLOCK} return 0; }} {UNLOCK}"
    found = read_c(tmp_path, body(text)).found
    assert found.trees is not None, found.findings
    assert in_a_line(found.trees) == tree


def test_a_range_is_not_its_first_value(tmp_path: Path) -> None:
    text = f"if (x == 1) {LOCK} switch (x) {{ case 1 ... 5: a(); {UNLOCK} }}"
    assert read_c(tmp_path, body(text)).found.trees is None


HEADS = {
    "before_the_type": "static __odd int f(struct s *p, int x)",
    "before_all": "__odd int f(struct s *p, int x)",
    "before_the_name": "int __odd f(struct s *p, int x)",
    "behind": "int f(struct s *p, int x) __odd",
    "behind_with_argument": "int f(struct s *p, int x) __odd(p)",
    "with_argument": "static __odd(3) int f(struct s *p, int x)",
    "of_no_underscores": "static oddly int f(struct s *p, int x)",
    "two": "static __odd int __even f(struct s *p, int x)",
    "pointer": "static __odd struct s *f(struct s *p, int x)",
    "of_a_parameter": "int f(struct s *p __odd, int x)",
    "of_the_last_parameter": "int f(struct s *p, int x __odd)",
}


@pytest.mark.parametrize("form", HEADS)
def test_a_word_that_is_not_known_does_not_hide_a_function(tmp_path: Path, form: str) -> None:
    text = (
        f"{HEADS[form]}\n{{ spin_lock(&p->lock); a(); return 0; }}\n"
        "void g(struct s *q) { f(q, 1); spin_unlock(&q->lock); b(); }\n"
    )
    read = read_c(tmp_path, text, "g")
    assert read.found.trees is not None, (read.found.findings, read.refused)
    assert in_a_line(read.found.trees) == "[q->lock.hold(a), b]"
    assert read.refused == ()


@pytest.mark.parametrize(
    "declared", ["int z __odd = 0;", "struct s *z __odd;", "struct s *z __odd = get(p);"]
)
def test_a_word_behind_a_variable_is_left_out(tmp_path: Path, declared: str) -> None:
    found = read_c(tmp_path, body(f"{declared} {LOCK} a(); {UNLOCK}")).found
    assert found.trees is not None
    assert in_a_line(found.trees) == "[m.hold(a)]"


LOST = {
    "words": "ODD(3) [x] int g(int y)\n{\n",
    "directive": "int g(int y,\n#ifdef X\n\tint z)\n#else\n\tint w)\n#endif\n{\n",
    "old": "int g(y) int y;\n{\n",
}


@pytest.mark.parametrize("form", LOST)
def test_a_function_that_can_not_be_read_is_not_taken_for_one_that_is_absent(
    tmp_path: Path, form: str
) -> None:
    text = f"{LOST[form]}\t{UNLOCK}\n}}\nvoid f(void) {{ {LOCK} a(); g(1); b(); {UNLOCK} }}\n"
    read = read_c(tmp_path, text)
    assert read.found.trees is None or "g()" in "".join(read.refused)
