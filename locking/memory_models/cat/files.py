"""Memory models that are cat files: those of a kernel tree, and those that are carried along."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from locking.errors import ModelError, UsageError
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.cat.parsing import parsed_cat
from locking.memory_models.cat.syntax import CatStatement
from locking.memory_models.cat.translation import Parsed, translated

CAT_LIBRARY = files("locking.memory_models.cat") / "library"
"""Files that models include by name and that no tree has, and our own models."""

STANDARD = {
    "cos.cat": "cos.cat",
    "cos-opt.cat": "cos.cat",
    "cross.cat": "prelude.cat",
    "stdlib.cat": "prelude.cat",
    "filters.cat": "filters.cat",
    "fences.cat": "fences.cat",
    "x86fences.cat": "fences.cat",
    "aarch64fences.cat": "fences.cat",
}
"""Files of herd7 that models include, and what stands for each, wherever the model is."""

LIBRARY_MODELS = {"sc": "SC", "tso": "TSO", "rc11": "RC11", "armv8": "ARMv8"}
"""Models of our own that are cat files, by their names, and what reports call them."""

KERNEL_FILES = ("linux-kernel.bell", "linux-kernel.cat")


@cache
def _from_library(name: str) -> list[CatStatement]:
    """What a file of the library says."""
    return parsed_cat(name, (CAT_LIBRARY / name).read_text(encoding="utf-8"))


def library_file(name: str) -> tuple[str, list[CatStatement]]:
    """A file of the library, parsed."""
    return name, _from_library(STANDARD.get(name, name))


def beside(folder: Path) -> Parsed:
    """Parses files of a folder; those of `STANDARD`, and others that it lacks, of the library."""

    def parsed(name: str) -> tuple[str, list[CatStatement]]:
        path = folder / name
        if name in STANDARD or not path.is_file():
            return library_file(name)
        return name, parsed_cat(name, path.read_text(encoding="utf-8", errors="replace"))

    return parsed


def cat_model(folder: Path, names: Sequence[str], title: str) -> AxiomaticModel:
    """The model that these files of a folder are, one read after the other.

    Errors: `UsageError` if one is not there; `ModelError`, with file and line, if one makes no
    sense.
    """
    missing = [each for each in names if not (folder / each).is_file()]
    if missing:
        raise UsageError(f"{folder} has no file {missing[0]}")
    try:
        said = translated(beside(folder), tuple(names))
        return AxiomaticModel(title, *said)
    except RecursionError:
        raise ModelError(f"{names[-1]} is nested too deep") from None


def kernel_model(tree: Path) -> AxiomaticModel:
    """The memory model of a kernel source tree, by its own bell and cat files.

    Errors: `UsageError` if the tree has none; `ModelError` if a file makes no sense.
    """
    return cat_model(tree / "tools" / "memory-model", KERNEL_FILES, "LKMM of the tree")


@cache
def library_model(name: str) -> AxiomaticModel:
    """A model of `LIBRARY_MODELS`."""
    said = translated(library_file, (f"{name}.cat",))
    return AxiomaticModel(LIBRARY_MODELS[name], *said)
