"""`lockdep_assert_held` in a kernel says what its developers know; what is read agrees with it."""

import os
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.errors import UsageError
from locking.kernel_source.paths import Explorer
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import read_tables
from tests.kernel_source.asserted_locks import all_pairs, lines_not_held

TREES = os.environ.get("LOCKING_KERNEL_TREES", "")
"""Folders of kernel sources, with colons between them; those of 6.12 are looked at here."""

NOT_SHOWN = Path(__file__).with_name("not_shown_6_12.toml")
"""The pairs of 6.12 that are not shown to hold the lock."""

FOLDERS = ["mm", "kernel", "drivers/base"]

SMALL = """
static void callee(struct s *p)
{
	lockdep_assert_held(&p->lock);
}

int f(struct s *q, int x)
{
	int ret = mutex_lock_interruptible(&q->lock);

	if (ret)
		return ret;
	callee(q);
	mutex_unlock(&q->lock);
	return 0;
}
"""


def not_shown(tree: Path, folders: list[str]) -> tuple[dict[str, str], int]:
    """The pairs that are not shown, each with what was found instead, and the number of all."""
    sources, table = SourceTree(tree, folders), read_tables([])
    explorer = Explorer(sources, table, frozenset())
    found, pairs = {}, list(all_pairs(sources, table))
    for pair in pairs:
        name = f"{pair.caller.name} {pair.callee} {pair.lock.name}"
        try:
            if lines := lines_not_held(explorer, pair):
                found[name] = f"not held in line {lines}"
        except UsageError as error:
            found[name] = str(error)
    return found, len(pairs)


def test_a_lock_taken_with_a_result_is_held_where_it_is_asserted(tmp_path: Path) -> None:
    (tmp_path / "f.c").write_text(SMALL)
    assert not_shown(tmp_path, []) == ({}, 1)


def test_a_lock_that_one_path_does_not_hold_is_found(tmp_path: Path) -> None:
    (tmp_path / "f.c").write_text(SMALL.replace("if (ret)", "if (x)"))
    assert not_shown(tmp_path, [])[0] == {"f callee lock": "not held in line [13]"}


@pytest.mark.slow
@pytest.mark.skipif("6.12" not in TREES, reason="LOCKING_KERNEL_TREES names no sources of 6.12")
def test_only_the_pairs_that_are_listed_are_not_shown() -> None:
    tree = next(each for each in TREES.split(":") if "6.12" in each)
    listed = tomllib.loads(NOT_SHOWN.read_text())
    assert set(not_shown(Path(tree), FOLDERS)[0]) <= set(listed)
