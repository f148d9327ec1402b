"""Sources of Linux for slow tests: those that a variable names, or Debian's package, unpacked."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMED = "LOCKING_KERNEL_TREES"
"""The variable that names folders of sources, with colons between them."""

PACKAGES = Path("/usr/src")
"""Where Debian's packages `linux-source-6.1` and `linux-source-6.12` put their archives."""

PARTS = ("Makefile", "mm/", "fs/", "kernel/", "drivers/base/", "include/linux/", "arch/x86/mm/")
"""What is unpacked."""


def kernel_tree(version: str, config: pytest.Config, packages: Path = PACKAGES) -> Path:
    """The folder with the sources of a version. Without them, the test is skipped."""
    for folder in os.environ.get(NAMED, "").split(":"):
        if folder.endswith(f"-{version}"):
            return Path(folder)
    archive = packages / f"linux-source-{version}.tar.xz"
    if not archive.exists():
        pytest.skip(
            f"no sources of Linux {version}: install Debian's package linux-source-{version}, "
            f"or name a folder linux-source-{version} in {NAMED}"
        )
    assert config.cache
    return unpacked(archive, config.cache.mkdir("kernels"))


def unpacked(archive: Path, into: Path) -> Path:
    """The folder of an archive, unpacked once; half an archive is never taken for a whole one."""
    made = into / archive.name.removesuffix(".tar.xz")
    if not made.exists():
        half = into / f"{made.name}.{os.getpid()}"
        with tarfile.open(archive, "r|xz") as opened:
            opened.extractall(half, members=wanted(opened), filter="data")
        try:
            (half / made.name).rename(made)
        except OSError:  # another process was faster
            assert made.exists()
    return made


def wanted(opened: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Those files of an archive that are unpacked."""
    for member in opened:
        _, _, path = member.name.partition("/")
        if member.isfile() and path.startswith(PARTS):
            yield member
