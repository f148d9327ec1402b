"""A lock held in a mode: around a body of Python, or over the steps of a placement.

One type for both, because they are the same idea:

    async with hotplug.read(): ...              # in a thread
    hotplug.read(INIT_PAGES)                    # in a placement
    hotplug.write(RESIZE_ZONE).downgrade(INIT_PAGES)
"""

import sys
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from locking.errors import ModelError, PlacementError
from locking.objects.entering import Entering, ToEnter
from locking.objects.observed import Unentered, observed
from locking.objects.operation import Call, Object, Operation, Site


@dataclass(frozen=True)
class Region:
    """`lock` held in `mode` over `body`; then, if `lower` names an operation, over `lowered` too.

    `acquire`, `release`, `lower` and `release_lowered` are the lock's own operations; so is
    `attempt`, the trylock that returns whether the lock is held then. `entry` is there if a thread
    made the region.
    """

    lock: Object
    mode: str
    acquire: Callable[[], Operation] = field(repr=False, compare=False)
    release: Callable[[], Operation] = field(repr=False, compare=False)
    body: tuple[Any, ...] = ()
    lowered: tuple[Any, ...] = ()
    lower: Callable[[], Operation] | None = field(default=None, repr=False, compare=False)
    release_lowered: Callable[[], Operation] | None = field(default=None, repr=False, compare=False)
    site: Site | None = field(default=None, repr=False, compare=False)
    attempt: Callable[[], Operation] | None = field(default=None, repr=False, compare=False)
    entry: ToEnter | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        hand_over((*self.body, *self.lowered))
        entry = self.entry
        if entry is None:
            if not observed.running:
                return
            entry = ToEnter(partial(never_entered, self.lock, self.mode, self.body, self.site))
            object.__setattr__(self, "entry", entry)
        for name in ("acquire", "release", "attempt"):
            make = getattr(self, name)
            if make is not None and not isinstance(make, Entering):
                object.__setattr__(self, name, Entering(entry, make))

    def downgrade(self, *body: Any) -> "Region":
        """A region that goes on, downgraded: it holds the lock for reading over `body`.

        Errors: `PlacementError` if the lock has no downgrade in this mode, if the region is
        downgraded already, or if `body` is empty.
        """
        if self.lower is None:
            raise PlacementError(
                f"{self.lock.name}: a {self.mode} region can't be downgraded; "
                f"only an rwsem held for writing has downgrade_write"
            )
        if self.lowered:
            raise PlacementError(f"{self.lock.name}: the region is downgraded already")
        if not body:
            raise PlacementError(f"{self.lock.name}: downgrade() needs the steps it goes on with")
        return replace(self, lowered=body)

    def lowering(
        self, lower: Callable[[], Operation], release: Callable[[], Operation]
    ) -> "Region":
        """A region that can be downgraded by `lower`; `release` then lets the lock go."""
        return replace(self, lower=lower, release_lowered=release)

    def tried_by(self, attempt: Callable[[], Operation]) -> "Region":
        """A region that can be tried: `attempt` returns whether the lock is held then."""
        return replace(self, attempt=attempt)

    async def __aenter__(self) -> None:
        if self.body:
            raise ModelError(
                f"{self} is of a placement; write `async with {replace(self, body=())}:` with the "
                f"steps inside, or `await perform([...], subject)`"
            )
        await self.acquire()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise ModelError(f"{self} is no step; write `async with {self}:`")

    def __enter__(self) -> None:
        raise ModelError(f"{self} is entered by steps; write `async with`, not `with`")

    def __exit__(self, *_: object) -> None:
        """Nothing; it is never entered."""

    async def __aexit__(self, *_: object) -> None:
        await self.release()

    def at_site(self, operation: Operation) -> Operation:
        """`operation`, shown at the line where the region was written."""
        return Operation(operation.target, operation.name, operation.args, self.site)

    def __str__(self) -> str:
        """The region as a placement spells it."""
        text = spelled(self.lock, self.mode, self.body)
        return text + (f".downgrade({', '.join(map(str, self.lowered))})" if self.lowered else "")


MODES = ("read", "write", "hold")
"""The modes that locks are held in; each is a method of the lock that makes a region."""


def region_modes(lock: Object) -> tuple[str, ...]:
    """The modes in which `lock` can be held."""
    found = ((mode, getattr(type(lock), mode, None)) for mode in MODES)
    # A cell has operations of these names.
    return tuple(mode for mode, make in found if make and not isinstance(make, Call))


def region_in_mode(lock: Object, mode: str, body: tuple[Any, ...]) -> Region:
    """`lock` held in `mode`, one of its `modes`, over `body`; its line is here."""
    region: Region = getattr(lock, mode)(*body)
    return region


def spelled(lock: Object, mode: str, body: tuple[Any, ...]) -> str:
    """How a region is written."""
    return f"{lock.name}.{mode}({', '.join(map(str, body))})"


def never_entered(lock: Object, mode: str, body: tuple[Any, ...], site: Site | None) -> Unentered:
    """What is told of a region that nobody has entered: alone, it takes no lock."""
    written = spelled(lock, mode, body)
    mend = f"await perform([{written}], subject)" if body else f"async with {written}:"
    return Unentered(written, mend, site)


def hand_over(parts: Iterable[Any]) -> None:
    """Note that regions have become parts of a tree, which says whether they are entered."""
    for each in parts:
        if isinstance(each, Region) and each.entry is not None:
            each.entry.entered = True


def here() -> Site:
    """The line that called the function that calls this."""
    frame = sys._getframe(2)
    return Site(frame.f_code.co_filename, frame.f_lineno)
