"""Edges in files, once they were looked up: to go through all of them again costs little then."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from locking.explore.compiled.kernel import Numbered, Small
from locking.explore.compiled.row_files import has_room, row_file

Edges = Iterable[tuple[Small, Numbered]]
"""For stretches of states: how many edges each has, and where to."""


class KeptEdges:
    """Edges to states whose numbers are of a `kind`; `whole` is whether all of them are kept.

    Errors: `OSError`, where they are written or read.
    """

    def __init__(self, folder: Path, kind: np.dtype[np.signedinteger[Any]]) -> None:
        self.folder = folder
        self.kind = kind
        self.counts = row_file(folder, np.uint32, 1)
        self.targets = row_file(folder, np.dtype(f"u{kind.itemsize}"), 1)
        self.cuts: list[tuple[int, int]] = []
        self.whole = False

    def keep(self, edges: Edges) -> Iterator[tuple[Small, Numbered]]:
        """These edges, each kept once it was gone through, as long as the disk has room."""
        fits = True
        for counts, to in edges:
            yield counts, to
            fits = fits and has_room(self.folder, counts.nbytes + to.nbytes)
            if fits:
                self.counts.append(counts.view(np.uint32))
                self.targets.append(to.view(self.targets.kind))
                self.cuts.append((len(counts), len(to)))
        self.whole = fits

    def again(self) -> Iterator[tuple[Small, Numbered]]:
        """The edges that are kept, in the same stretches."""
        at = where = 0
        for states, edges in self.cuts:
            counts = self.counts.read(at, at + states)[:, 0].view(np.int32)
            targets = self.targets.read(where, where + edges)[:, 0].view(self.kind)
            yield counts, targets
            at, where = at + states, where + edges
