"""The levels of a breadth-first walk, from what its watch is told: no engine is asked for them."""


class LevelSizes:
    """How many states each level has that is known by now, the latest last.

    A level is known once the one before it was gone through. `before` states were gone through
    when the first of them began: 0, but for a walk that goes on from a file. The latest level
    begins with state `begin`, and the next one with state `end`.
    """

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.before = self.begin = self.end = 0

    def end_level(self, met: int) -> None:
        """All states up to `end` were gone through, and so many met: those beyond are a level."""
        self.sizes.append(met - self.end)
        self.begin, self.end = self.end, met

    def keep_up(self, met: int, through: int) -> None:
        """Begin anew where so many states met and gone through are of another walk.

        A walk that goes on in the middle of a level has a first level of its own: what was met and
        not gone through.
        """
        if not self.begin <= through <= self.end <= met:
            self.sizes = []
            self.before = self.begin = self.end = through
            if through:
                self.end_level(met)
