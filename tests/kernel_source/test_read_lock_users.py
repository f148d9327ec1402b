"""`locking read` of lock users of mm/ and fs/ in Debian's 6.1 and 6.12, each tree checked by hand.

Every tree here was compared with the source line by line, on 28 November 2026: the take and the
release, each step between them and outside, and each exit. The lines are those of the packages
6.1.192 and 6.12.117. A region over no step is left out of a tree: that of __khugepaged_exit()
which only waits for the mmap_lock, and the exit of set_migratetype_isolate() before its first step.
"""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.cli.main import main
from tests.kernel_source.trees import kernel_tree

TABLE = """
[take]
write = ["inode_lock", "mmap_write_lock", "anon_vma_lock_write"]

[let_go]
write = ["inode_unlock", "mmap_write_unlock", "anon_vma_unlock_write"]
hold = ["folio_unlock"]

[try]
hold = ["folio_trylock"]

[wait]
write = ["mmap_write_lock_killable"]

[locks]
"dentry->d_inode" = "i_rwsem"
inode = "i_rwsem"
"current->mm" = "mmap_lock"
mm = "mmap_lock"
khugepaged_mm_lock = "khugepaged_mm_lock"
ksm_mmlist_lock = "ksm_mmlist_lock"
"lruvec->lru_lock" = "lru_lock"
folio = "folio"
anon_vma = "anon_vma"
"zone->lock" = "zone_lock"
"""
"""A table as a user writes it: wrappers of locks, of which the argument says whose lock it is."""

INODE = ("fs/open.c", "do_truncate", "notify_change")
MLOCK = ("mm/mlock.c", "do_mlock", "apply_vma_lock_flags", "__mm_populate")
KHUGEPAGED = ("mm/khugepaged.c", "__khugepaged_exit", "hash_del", "mm_slot_free", "mmdrop")
KSM = ("mm/ksm.c", "__ksm_enter", "mm_slot_insert", "mmgrab")
LRU = (
    "mm/vmscan.c",
    "shrink_active_list",
    "isolate_lru_folios",
    "filemap_release_folio",
    "move_folios_to_lru",
)
EXT4 = (
    "fs/ext4/file.c",
    "ext4_buffered_write_iter",
    "ext4_write_checks",
    "generic_perform_write",
    "generic_write_sync",
)

CHECKED = {
    ("6.1", INODE): """
  dentry->d_inode.write 63 66
    notify_change 65""",
    ("6.12", INODE): """
  dentry->d_inode.write 63 66
    notify_change 65""",
    ("6.1", MLOCK): """
  current->mm.write 585 604
    apply_vma_lock_flags 602
  __mm_populate 608""",
    ("6.12", MLOCK): """
  current->mm.write 632 651
    apply_vma_lock_flags 649
  __mm_populate 655""",
    ("6.1", KHUGEPAGED): """
  khugepaged_mm_lock.hold 468 476
    hash_del 472
  mm_slot_free 480
  mmdrop 481""",
    ("6.12", KHUGEPAGED): """
  khugepaged_mm_lock.hold 487 495
    hash_del 491
  mm_slot_free 499
  mmdrop 500""",
    ("6.1", KSM): """
  ksm_mmlist_lock.hold 2618 2634
    mm_slot_insert 2619
  mmgrab 2637""",
    ("6.12", KSM): """
  ksm_mmlist_lock.hold 2986 3002
    mm_slot_insert 2987
  mmgrab 3005""",
    ("6.1", LRU): """
  lruvec->lru_lock.hold 2604 2615
    isolate_lru_folios 2606
  trylock folio.hold 2631 2633
    filemap_release_folio 2632
  lruvec->lru_lock.hold 2664 2675
    move_folios_to_lru 2666 2667""",
    ("6.12", LRU): """
  lruvec->lru_lock.hold 2075 2086
    isolate_lru_folios 2077
  trylock folio.hold 2102 2104
    filemap_release_folio 2103
  lruvec->lru_lock.hold 2135 2144
    move_folios_to_lru 2137 2138""",
    ("6.1", EXT4): """
  inode.write 279 296
    ext4_write_checks 287
    generic_perform_write 292
  generic_write_sync 299""",
    ("6.12", EXT4): """
  inode.write 294 309
    ext4_write_checks 302
    generic_perform_write 306
  generic_write_sync 312""",
    (
        "6.1",
        ("mm/rmap.c", "anon_vma_fork", "anon_vma_clone", "anon_vma_chain_link"),
    ): """
  anon_vma_clone 354
  anon_vma.write 385 388
    anon_vma_chain_link 386""",
    (
        "6.12",
        ("mm/rmap.c", "anon_vma_fork", "anon_vma_clone", "anon_vma_interval_tree_insert"),
    ): """
  anon_vma_clone 357
  anon_vma.write 390 393
    anon_vma_interval_tree_insert 391""",
    (
        "6.1",
        (
            "mm/page_isolation.c",
            "set_migratetype_isolate",
            "has_unmovable_pages",
            "set_pageblock_migratetype",
            "move_freepages_block",
        ),
    ): """
  zone->lock.hold 155 190
    has_unmovable_pages 178
    set_pageblock_migratetype 184
    move_freepages_block 186""",
    (
        "6.12",
        (
            "mm/page_isolation.c",
            "set_migratetype_isolate",
            "has_unmovable_pages",
            "move_freepages_block_isolate",
        ),
    ): """
  zone->lock.hold 158 185 189
    has_unmovable_pages 181
    move_freepages_block_isolate 184""",
}
"""For a version, and a file, its entry and the steps, the tree with the lines of its parts."""


def tree_printed(printed: str, file: str) -> str:
    """The lines of a tree, without the entry and what follows, each with bare line numbers."""
    lines = printed.split("\n  = ")[0].splitlines()[1:]
    name = Path(file).name
    kept = [
        "  " * ((len(each) - len(each.lstrip())) // 2) + " ".join(each.split()) for each in lines
    ]
    return "\n" + "\n".join(each.replace(f"{name}:", "").replace(",", "") for each in kept)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "called"), CHECKED, ids=lambda each: each if isinstance(each, str) else each[1]
)
def test_a_lock_user_has_the_tree_that_was_checked_by_hand(
    version, called, tmp_path, capsys, pytestconfig, monkeypatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    tree = kernel_tree(version, pytestconfig)
    file, entry, *steps = called
    (tmp_path / "t.toml").write_text(TABLE)
    words = ["--table", str(tmp_path / "t.toml"), "--entry", entry, "--functions", *steps]
    assert main(["read", str(tree / file), *words]) == 0
    printed = capsys.readouterr().out
    assert tree_printed(printed, file) == CHECKED[version, called]
