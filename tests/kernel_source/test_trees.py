"""Sources of Linux are found where they are named, or are unpacked from a package."""

import tarfile
from pathlib import Path

import pytest

from tests.kernel_source.trees import NAMED, kernel_tree, unpacked


def archive(tmp_path: Path) -> Path:
    """A package with two small files."""
    made = tmp_path / "linux-source-9.9.tar.xz"
    with tarfile.open(made, "w:xz") as opened:
        for name in ("mm/memory.c", "sound/last.c"):
            (tmp_path / "f").write_text("int x;\n")
            opened.add(tmp_path / "f", f"linux-source-9.9/{name}")
    return made


def test_only_what_is_needed_is_unpacked_and_once(tmp_path: Path) -> None:
    package = archive(tmp_path)
    tree = unpacked(package, tmp_path)
    assert [each.name for each in tree.rglob("*.c")] == ["memory.c"]
    package.unlink()
    assert unpacked(package, tmp_path) == tree


def test_a_tree_that_is_named_comes_first(tmp_path: Path, monkeypatch, pytestconfig) -> None:
    monkeypatch.setenv(NAMED, f"/a/linux-source-6.1:{tmp_path}/linux-source-9.9")
    assert kernel_tree("9.9", pytestconfig) == tmp_path / "linux-source-9.9"


def test_without_sources_the_reason_says_what_to_install(monkeypatch, pytestconfig) -> None:
    monkeypatch.delenv(NAMED, raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"Debian's package linux-source-9\.9"):
        kernel_tree("9.9", pytestconfig, Path("/nowhere"))
