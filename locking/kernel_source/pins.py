"""Pins: the kernel functions that the steps of a model stand for, by a digest of their tokens.

They are written in TOML. For a step, `file` and `digest` of each function:

    version = "6.1"

    [pins.RESIZE_ZONE]
    resize_zone_range = { file = "mm/memory_hotplug.c", digest = "0123456789abcdef" }
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from locking.errors import UsageError
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tokens import token_digest, tokens_of
from locking.text.toml_tables import entries, keys, read_table, text_in

PIN_PARTS = ("file", "digest")
"""What a pin says of a function."""

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML takes without quotes."""


@dataclass(frozen=True)
class Pin:
    """A function that a step stands for. `file` and `digest` are empty until it is pinned."""

    step: str
    function: str
    file: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Pins:
    """The pins of a model, and the version of the kernel that they were made from, or ''."""

    version: str
    pins: tuple[Pin, ...]


class PinnedTree:
    """A source tree in which functions are looked up: first in their files, then in `folders`."""

    def __init__(self, tree: Path, folders: Sequence[str], files: Iterable[str]) -> None:
        self.tree, self.folders = tree, folders
        there = sorted({file for file in files if file and (tree / file).is_file()})
        self.near = SourceTree(tree, there) if there or tree.is_file() else None

    @cached_property
    def whole(self) -> SourceTree:
        """All that is looked through. Errors: `UsageError` where there is no C file."""
        return SourceTree(self.tree, self.folders)

    def source_with(self, file: str, name: str) -> SourceTree | None:
        """The sources in which that file defines the function, or None."""
        if self.near and digest_in(self.near, file, name):
            return self.near
        return None


def functions_like(sources: SourceTree, pin: Pin) -> Iterator[str]:
    """The functions with the tokens of a pin, those of its file first, as `name(), file:line`."""
    for file in sorted(sources.texts, key=lambda each: each != pin.file):
        for name in dict.fromkeys(each.name for each in sources.functions_in(file)):
            if digest_in(sources, file, name) == pin.digest:
                yield f"{name}(), {site_of(sources, file, name)}"


def digest_in(sources: SourceTree, file: str, name: str) -> str:
    """The digest of what a file defines by that name, all `#if` branches; '' for nothing."""
    text = sources.texts.get(file, b"")
    if name.encode() not in text:
        return ""
    found = [each.node for each in sources.functions_in(file) if each.name == name]
    parts = [text[node.start_byte : node.end_byte] for node in found]
    return token_digest(b"\n".join(parts), name) if parts else ""


def site_of(sources: SourceTree, file: str, name: str) -> str:
    """Where a file defines a function: file and line."""
    line = min(each.line for each in sources.functions_in(file) if each.name == name)
    return f"{file}:{line}"


def drift_of(place: PinnedTree, pin: Pin) -> str:
    """What has become of a pinned function, in words; '' where it is as it was.

    Errors: `UsageError` where a file can't be read.
    """
    near = place.source_with(pin.file, pin.function)
    if near:
        alike = digest_in(near, pin.file, pin.function) == pin.digest
        return "" if alike else f"has changed, {site_of(near, pin.file, pin.function)}"
    defined = place.whole.find(pin.function)
    if defined:
        files = place.whole.places[pin.function]
        same = [file for file in files if digest_in(place.whole, file, pin.function) == pin.digest]
        site = site_of(place.whole, same[0] if same else defined.file, pin.function)
        return f"has moved from {pin.file} to {site}{'' if same else ', and has changed'}"
    return gone(place, pin)


def gone(place: PinnedTree, pin: Pin) -> str:
    """What to say of a function that is not defined in a tree."""
    alike = next(functions_like(place.whole, pin), "")
    if alike:
        return renamed(alike)
    left = mentions(place.whole, pin.function)
    return f"is gone from {pin.file}{f'; its name is still in {left}' if left else ''}"


def renamed(other: str) -> str:
    """What to say of a function that is gone, where another has its tokens."""
    return f"is gone; its tokens are those of {other}"


def mentions(sources: SourceTree, name: str) -> str:
    """The first file in which a function is named, comments apart; '' for none."""
    word = name.encode()
    for file, text in sources.texts.items():
        if word in text and word in tokens_of(text):
            return file
    return ""


def pinned_in(place: PinnedTree, pin: Pin) -> Pin | None:
    """The pin with file and digest of its function in a tree; None where it is not defined."""
    near = place.source_with(pin.file, pin.function)
    if near:
        return Pin(pin.step, pin.function, pin.file, digest_in(near, pin.file, pin.function))
    found = place.whole.find(pin.function)
    if not found:
        return None
    digest = digest_in(place.whole, found.file, pin.function)
    return Pin(pin.step, pin.function, found.file, digest)


def pins_file(model: Path) -> Path:
    """Where the pins of a model are, by its own file: in its folder, or beside it."""
    folder = model.name == "__init__.py"
    return model.with_name("pins.toml" if folder else f"{model.stem}.pins.toml")


def version_of(tree: Path) -> str:
    """The version that the Makefile of a kernel tree says, such as `6.1.0`; '' for none."""
    try:
        text = (tree / "Makefile").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = [
        re.search(rf"^{part}\s*=\s*(\d+)", text, re.MULTILINE)
        for part in ("VERSION", "PATCHLEVEL", "SUBLEVEL")
    ]
    return ".".join(each[1] for each in found if each)


def read_pins(file: Path) -> Pins:
    """The pins that a file has. Errors: `UsageError`, which names the file and the part."""
    return read_table("pins", file, pins_of)


def pins_of(table: Mapping[str, Any]) -> Pins:
    """The pins of a table. Errors: `UsageError`, which names the part."""
    keys(table, "the table", ("version", "pins"))
    pins = [
        pin_of(step, name, row)
        for step, rows in entries("pins", table.get("pins", {}))
        for name, row in entries(f"pins.{step}", rows)
    ]
    return Pins(text_in("version", table.get("version", "")), tuple(pins))


def pin_of(step: str, name: str, row: Any) -> Pin:
    """One row of a table. Errors: `UsageError`."""
    where = f"pins.{step}.{name}"
    keys(row, where, PIN_PARTS)
    said = {part: text_in(f"{where}.{part}", row.get(part, "")) for part in PIN_PARTS}
    at = PurePosixPath(said["file"])
    if at.is_absolute() or ".." in at.parts:
        raise UsageError(f"{where}: {at} is not a file below the top of the tree")
    return Pin(step, name, **said)


def pins_text(pins: Pins) -> str:
    """A file of pins."""
    lines = ["# The functions that each named step stands for. `locking drift` compares them."]
    lines += [f"version = {json.dumps(pins.version)}"] if pins.version else []
    for step in dict.fromkeys(each.step for each in pins.pins):
        lines += ["", f"[pins.{toml_key(step)}]"]
        lines += [
            f"{toml_key(each.function)} = "
            f"{{ file = {json.dumps(each.file)}, digest = {json.dumps(each.digest)} }}"
            for each in pins.pins
            if each.step == step
        ]
    return "\n".join(lines) + "\n"


def toml_key(name: str) -> str:
    """A name as a key of TOML."""
    return name if BARE.fullmatch(name) else json.dumps(name)
