"""Where in its words a packed state has which component."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from locking.explore.compiled.kernel import Fields

WORD_BITS = 64
"""Bits of a word."""


class BitLayout(NamedTuple):
    """How many words there are, and the place of every component in them: word, shift, mask."""

    words: int
    fields: Fields
    places: tuple[tuple[int, int, int], ...]

    def fits(self, counts: list[int]) -> bool:
        """Whether there is room for so many values of each component."""
        return len(counts) == len(self.places) and all(
            count <= mask + 1 for count, (_, _, mask) in zip(counts, self.places, strict=True)
        )


def bit_layout(counts: list[int]) -> BitLayout:
    """A layout for so many values of each component, in as few words as it takes in this order.

    What is left of a word is room to grow for the components in it.
    """
    words: list[list[int]] = [[]]
    for count in counts:
        bits = max(1, (count - 1).bit_length())
        if sum(words[-1]) + bits > WORD_BITS:
            words.append([])
        words[-1].append(bits)
    grown = [roomy(bits) for bits in words]
    return layout_of(
        [
            (word, sum(bits[:at]), (1 << bits[at]) - 1)
            for word, bits in enumerate(grown)
            for at in range(len(bits))
        ]
    )


def layout_of(found: Iterable[Iterable[int]]) -> BitLayout:
    """The layout in which components have the places `found`: word, shift, mask."""
    places = tuple((word, shift, mask) for word, shift, mask in found)
    fields = Fields(
        np.array([word for word, _, _ in places], np.int64),
        np.array([shift for _, shift, _ in places], np.uint64),
        np.array([mask for _, _, mask in places], np.uint64),
    )
    return BitLayout(1 + max((word for word, _, _ in places), default=0), fields, places)


def roomy(bits: list[int]) -> list[int]:
    """The components of a word, with what is left of it dealt out among them."""
    more, rest = divmod(WORD_BITS - sum(bits), len(bits) or 1)
    return [each + more + (at < rest) for at, each in enumerate(bits)]
