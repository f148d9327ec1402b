"""The automaton of a source as a thread of a model: it takes the model's locks, and its steps.

Where there are several ways out of a state the thread chooses, as all other choices of a model are
explored; but the result of a trylock says by itself which way it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from locking.errors import UsageError
from locking.kernel_source.path_automaton import PathState, WayOut, way_in_words
from locking.objects.operation import Object, Site
from locking.objects.region import Region, region_in_mode, region_modes
from locking.placements.placement import perform
from locking.placements.trees import Step
from locking.programs.constructs import Again, choose, procedure, retry_with


@dataclass(frozen=True)
class SourceMove:
    """What a thread may do in a state: a named step, or something with the lock of a region.

    `says` names it where the thread chooses. A trylock leads to `otherwise` where it fails.
    """

    says: str
    does: str
    part: Step | Region
    to: int
    otherwise: int = 0


@dataclass(frozen=True)
class MovesOfState:
    """All that a thread may do in a state; `end` says on which lines it may end there, if any."""

    moves: tuple[SourceMove, ...]
    end: str

    @property
    def options(self) -> tuple[str, ...]:
        """What the thread chooses from."""
        return (*(each.says for each in self.moves), *([self.end] if self.end else []))

    def chosen(self, option: str) -> SourceMove | None:
        """The move of an option; None for the end."""
        return next((each for each in self.moves if each.says == option), None)


def step_of_source(
    entry: str,
    states: Sequence[PathState],
    steps: Mapping[str, Step],
    locks: Mapping[str, Object],
    base: Path,
) -> Step:
    """A named step that does what an entry function does, by the automaton of its paths.

    `base` is the folder from which the lines of the source are named.

    Errors: `UsageError`, with the line, for an operation that a lock of the model does not have.
    """
    table = tuple(
        MovesOfState(
            tuple(moves_of(state, steps, locks, base)),
            f"end ({', '.join(state.ends)})" if state.ends else "",
        )
        for state in states
    )

    async def run(subject: Any) -> None:
        await retry_with(0, move_once, table, subject)

    return Step(f"{entry}()", procedure(run), f"read from {base.name}")


def moves_of(
    state: PathState, steps: Mapping[str, Step], locks: Mapping[str, Object], base: Path
) -> list[SourceMove]:
    """What a thread may do in a state. Errors: `UsageError`."""
    failed = {way.label[1:]: way.to for way in state.ways if way.label[0] == "failed"}
    return [
        SourceMove(
            way_in_words(way),
            way.label[0],
            steps[way.label[1]] if way.label[0] == "step" else region_of(way, locks, base),
            way.to,
            failed.get(way.label[1:], 0),
        )
        for way in state.ways
        if way.label[0] != "failed"
    ]


def region_of(way: WayOut, locks: Mapping[str, Object], base: Path) -> Region:
    """The region whose lock is taken, let go or tried on a way, at its line of the source.

    Errors: `UsageError` for a mode or an operation that the lock does not have.
    """
    does, name, mode = way.label
    lock = locks[name]
    where = way.sites[0]
    if mode not in region_modes(lock):
        raise UsageError(f"{where}: {name} is held in mode {mode}, which {lock.name} has not")
    region = region_in_mode(lock, mode, ())
    if does == "try" and region.attempt is None:
        raise UsageError(f"{where}: {name} is tried, and {lock.name} has no trylock of {mode}")
    if does == "downgrade" and region.lower is None:
        raise UsageError(f"{where}: {name} is downgraded, and {lock.name} has no downgrade")
    return replace(region, site=source_site(where, base))


def source_site(where: str, base: Path) -> Site:
    """A line of the source, as runs name lines."""
    file, _, line = where.rpartition(":")
    return Site(str(base / file), int(line))


async def move_once(at: int, table: tuple[MovesOfState, ...], subject: Any) -> Again[int] | None:
    """One move from a state, and which state it leads to; nothing where the thread ends."""
    move = await next_move(table[at])
    if move is None:
        return None
    if isinstance(move.part, Step):
        await perform((move.part,), subject)
        return Again(move.to)
    return Again(await moved(move, move.part))


async def next_move(here: MovesOfState) -> SourceMove | None:
    """The only move of a state, or one that is chosen; None for the end."""
    if len(here.options) == 1:
        return here.chosen(here.options[0])
    return here.chosen(await choose(*here.options))


async def moved(move: SourceMove, region: Region) -> int:
    """Where an operation on a lock leads to, once it is done."""
    match move.does:
        case "take":
            await region.at_site(region.acquire())
        case "let_go":
            await region.at_site(region.release())
        case "downgrade" if region.lower is not None:
            await region.at_site(region.lower())
        case "try" if region.attempt is not None:
            if not await region.at_site(region.attempt()):
                return move.otherwise
    return move.to
