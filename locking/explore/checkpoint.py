"""A search that can be stopped at any moment and resumed from a file.

The file has a line that says what it is, with a digest of the rest; a line of JSON: whose search it
is, and how far it came; and arrays of numbers, compressed. Nothing in it is ever executed. It is
written under another name and renamed, so that there is always a whole one.

The engine is the reference engine, started in the middle of its walk; of a search that outgrows it,
the compiled engine, whose states lie in a second file (`compiled/kept.py`).
"""

import json
import os
import time
from array import array
from collections.abc import Mapping, Sequence
from gzip import GzipFile
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from locking.errors import CheckpointError
from locking.explore.automatic import OUTGROWN, SEARCH_IS_LARGE
from locking.explore.graph import PERIOD, Graph, Watch
from locking.explore.product import Product, State
from locking.explore.recorded import Recorded
from locking.explore.reference import beginning, go_on
from locking.explore.search import MERGED, Stops

MAGIC = "locking-checkpoint"
FORMAT = "2"

EVERY = 30.0
"""Seconds between two writings of the file; more where to write takes more than a tenth of them."""

CHUNK = 10_000
"""States that are packed or unpacked at once."""

KEPT = "locking.explore.compiled.kept"
"""The module of the compiled engine; it is imported for a search that outgrows the other."""

EDGES = ("offsets", "threads", "outcomes", "targets")


class Checkpoint:
    """The search of `product`, by an `engine`, that is kept in `path`; `explore` does it.

    `identity` says whose search it is, in a few texts by name. `resumed` is how many states were
    read, or 0. `generation` counts the files of states of the compiled engine.

    Errors: `CheckpointError` where the file is there, and damaged, or of another search.
    """

    def __init__(
        self, path: Path, identity: Mapping[str, str], product: Recorded, engine: str = "reference"
    ) -> None:
        self.path = path
        self.identity = dict(identity)
        self.product = product
        self.engine = engine
        self.due = time.monotonic() + EVERY
        self.begun = self.read() if path.exists() else None
        self.generation = self.begun.generation if self.begun else 0
        self.known = len(product.log)
        self.resumed = self.begun.met if self.begun else 0

    def explore(self, product: Product, watch: Watch) -> Graph:
        """What an engine returns; the first walk goes on where the file ends."""
        begun, self.begun = self.begun, None
        if begun and self.known == len(self.product.log):
            if isinstance(watch, Stops):
                watch.next = begun.head["next"]
        else:
            begun = None
        if (begun and begun.packed) or self.engine == "compiled":
            return self.explore_packed(watch, begun)
        graph = self.explore_states(product, watch, begun)
        return self.explore_packed(watch, None) if graph.cause == SEARCH_IS_LARGE else graph

    def explore_packed(self, watch: Watch, begun: "Begun | None") -> Graph:
        """What the compiled engine returns, and from now on will."""
        self.engine = "compiled"
        graph: Graph = import_module(KEPT).explore_kept(self, watch, begun)
        return graph

    def explore_states(self, product: Product, watch: Watch, begun: "Begun | None") -> Graph:
        """What the reference engine returns, as long as it pays or if it is the one to be used."""
        states, depths, graph = begun.walk() if begun else beginning(product)
        most = None if self.engine == "reference" else OUTGROWN

        def watching(met: int, through: int) -> str | None:
            cause = watch(met, through)
            if not cause and not through % PERIOD and self.is_due:
                self.write(graph, watch)
            return cause or (SEARCH_IS_LARGE if most is not None and met > most else None)

        go_on(product, watching, graph, states, depths)
        # A walk that was begun only to say that it was interrupted has nothing to keep.
        if graph.cause not in (None, MERGED, SEARCH_IS_LARGE) and graph.explored:
            self.write(graph, watch)
        return graph

    @property
    def is_due(self) -> bool:
        """Whether it is time to write the file."""
        return time.monotonic() > self.due

    def end(self) -> None:
        """Remove the files of a search that has come to its end.

        One killed between two files has left the states of a generation that no file speaks of.
        """
        self.path.unlink(missing_ok=True)
        for each in range(self.generation - 1, self.generation + 2):
            states_path(self.path, each).unlink(missing_ok=True)

    def write(self, graph: Graph, watch: Watch) -> None:
        """Replace the file by one of `graph`, which is between two states."""
        arrays = [array("q", graph.depths), *(getattr(graph, name) for name in EDGES)]
        self.save({"met": len(graph.states), "packed": False}, watch, arrays, graph.states)

    def save(
        self,
        head: Mapping[str, Any],
        watch: Watch,
        arrays: Sequence["array[int]"],
        states: Sequence[State] = (),
    ) -> None:
        """Replace the file by one with this `head`, `arrays` and `states`, and with all questions.

        Errors: `CheckpointError`.
        """
        began = time.monotonic()
        arrays = [self.product.log, *arrays]
        head = {
            **head,
            "identity": self.identity,
            "generation": self.generation,
            "next": watch.next if isinstance(watch, Stops) else 0,
            "sizes": [len(numbers) for numbers in arrays],
            "width": len(self.product.initial),
        }
        rest = json.dumps(head).encode() + b"\n" + packed_arrays(arrays, states)
        first = f"{MAGIC} {FORMAT} {sha256(rest).hexdigest()}\n".encode()
        replace_durably(self.path, first + rest)
        now = time.monotonic()
        self.due = now + max(EVERY, 10 * (now - began))

    def read(self) -> "Begun":
        """The walk so far, with the tables of the product as they were.

        Errors: `CheckpointError` where the file is damaged, or of another search.
        """
        head, body = opened(self.path)
        self.refuse_foreign(head["identity"])
        (log, *arrays), states = unpacked(body, head["sizes"], head["width"])
        try:
            self.product.ask_again(log)
        except CheckpointError as error:
            raise CheckpointError(f"{self.path}: {error}; remove the file to begin anew") from None
        self.product.mark_halted(states)
        return Begun(head, arrays, states)

    def refuse_foreign(self, written: Mapping[str, str]) -> None:
        """Refuse the file of another search. Errors: `CheckpointError`, which says what differs."""
        for name, mine in self.identity.items():
            theirs = written.get(name)
            if theirs != mine:
                shown = f": it has {theirs}, this is {mine}" if name in HEADER_FIELDS else ""
                raise CheckpointError(
                    f"{self.path} is of another search: {name} differs{shown}; "
                    f"remove the file to begin anew, or name another"
                )


class Begun(NamedTuple):
    """What a file has of a walk: of the reference engine, or a `packed` one of the compiled."""

    head: dict[str, Any]
    arrays: list["array[int]"]
    states: list[State]

    @property
    def met(self) -> int:
        """How many states were met."""
        met: int = self.head["met"]
        return met

    @property
    def generation(self) -> int:
        """How many files of states there were."""
        generation: int = self.head["generation"]
        return generation

    @property
    def packed(self) -> bool:
        """Whether it is a walk of the compiled engine."""
        packed: bool = self.head["packed"]
        return packed

    def walk(self) -> tuple[list[State], "array[int]", Graph]:
        """States, depths and graph of a walk of the reference engine."""
        depths, offsets, threads, outcomes, targets = self.arrays
        return self.states, depths, Graph(self.states, depths, offsets, threads, outcomes, targets)


def states_path(path: Path, generation: int) -> Path:
    """The file of the states of the compiled engine, beside the checkpoint in `path`."""
    return path.with_name(f"{path.name}.states-{generation}")


HEADER_FIELDS = ("locking", "python", "byte order", "case", "scope", "merging")
"""Fields whose difference is shown; the others are digests."""


def opened(path: Path) -> tuple[dict[str, Any], bytes]:
    """The head and the packed arrays of a file.

    Errors: `CheckpointError` where it is none, is damaged, or is of another version.
    """
    try:
        first, _, rest = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise CheckpointError(f"{path}: can't be read: {error.strerror}") from error
    words = first.decode("ascii", "replace").split(" ")
    if len(words) != 3 or words[0] != MAGIC:
        raise CheckpointError(f"{path} is no checkpoint, or its beginning is damaged")
    if words[1] != FORMAT:
        raise CheckpointError(f"{path} is of format {words[1]}; this version reads {FORMAT}")
    if sha256(rest).hexdigest() != words[2]:
        raise CheckpointError(f"{path} is damaged: its digest is another; remove it to begin anew")
    head, _, body = rest.partition(b"\n")
    return json.loads(head), body


def packed_arrays(arrays: Sequence["array[int]"], states: Sequence[State]) -> bytes:
    """The numbers of all `arrays` and then of all `states`, compressed."""
    body = BytesIO()
    with GzipFile(fileobj=body, mode="wb", compresslevel=1) as stream:
        for numbers in arrays:
            stream.write(numbers.tobytes())
        for at in range(0, len(states), CHUNK):
            some = states[at : at + CHUNK]
            stream.write(array("q", chain.from_iterable(some)).tobytes())
    return body.getvalue()


def unpacked(
    body: bytes, sizes: Sequence[int], width: int
) -> tuple[list["array[int]"], list[State]]:
    """The arrays of these `sizes`, and the states, that were packed into `body`."""
    with GzipFile(fileobj=BytesIO(body)) as stream:

        def taken(size: int) -> "array[int]":
            numbers = array("q")
            numbers.frombytes(stream.read(numbers.itemsize * size))
            return numbers

        arrays = [taken(size) for size in sizes]
        states: list[State] = []
        while some := taken(CHUNK * width):
            numbers = iter(some)
            states += zip(*[numbers] * width, strict=True)
    return arrays, states


def sync_folder(folder: Path) -> None:
    """Return once the names of all files in a folder are on the disk. Errors: `OSError`."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_durably(path: Path, data: bytes) -> None:
    """Write the file under another name first, and see it on the disk before it is renamed.

    Errors: `CheckpointError` where it can't be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise CheckpointError(f"{path}: can't be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
