"""The placement that a source tree has: each role's entry function, read into regions and steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from locking.errors import UsageError, unknown
from locking.kernel_source.paths import Explorer, PathOutcome
from locking.kernel_source.regions import FoundRegions, ReadTrees, in_steps, merged
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import FunctionTable
from locking.objects.operation import Object
from locking.objects.region import region_in_mode, region_modes
from locking.placements.trees import Step, Trees, trylock


@dataclass(frozen=True)
class ReadRole:
    """What was read of an entry function: what all paths come to, and what was not followed."""

    role: str
    entry: str
    found: FoundRegions
    unmodelled: tuple[str, ...]
    unfollowed: tuple[str, ...]
    refused: tuple[str, ...]


def read_entry(
    sources: SourceTree,
    table: FunctionTable,
    entry: str,
    steps: Mapping[str, Sequence[str]],
    role: str = "",
    locks: Sequence[str] | None = None,
) -> ReadRole:
    """What a function does, in `steps`: for a kernel function, the steps that it stands for.

    Of `locks`, where they are given, regions are kept; others are named as unmodelled. What begins
    at the entry function of another role is that role's, and is not followed.

    Errors: `UsageError` for a function that is not there, or whose syntax is not understood.
    """
    others_do = {name for each, names in table.entries.items() if each != role for name in names}
    kept = None if locks is None else frozenset(locks)
    left_out = frozenset(others_do) - {entry}
    explorer = Explorer(sources, table, frozenset(steps), left_out, kept)
    outcomes = explorer.outcomes(sources.get(entry))
    others = {
        f"{event.name}, {event.mode}"
        for outcome in outcomes
        for event in outcome.word
        if event.kind != "step" and locks is not None and event.name not in locks
    }
    words = [
        outcome._replace(
            word=tuple(
                event
                for event in in_steps(outcome.word, steps)
                if event.kind == "step" or locks is None or event.name in locks
            )
        )
        for outcome in outcomes
    ]
    return ReadRole(
        role,
        entry,
        merged(map(PathOutcome._make, words)),
        tuple(sorted(others)),
        tuple(sorted(explorer.unfollowed)),
        tuple(sorted(explorer.refused)),
    )


def entry_of(sources: SourceTree, table: FunctionTable, role: str) -> str:
    """The first entry function of a role that the tree has. Errors: `UsageError` for none."""
    if role not in table.entries:
        raise unknown("role with an entry function", role, table.entries)
    for name in table.entries[role]:
        if sources.find(name):
            return name
    names = ", ".join(table.entries[role])
    raise UsageError(f"{sources.tree}: the entry functions of {role} are not there: {names}")


def in_model_words(
    trees: ReadTrees, steps: Mapping[str, Step], locks: Mapping[str, Object]
) -> Trees:
    """Trees of a source as trees of a placement. Errors: `UsageError` for what the model lacks."""
    made: list[Any] = []
    for each in trees:
        if not each.mode:
            made.append(steps[each.name])
            continue
        lock = locks[each.name]
        if each.mode not in region_modes(lock):
            raise UsageError(f"{each.sites[0]}: {each.name} is held in mode {each.mode}")
        region = region_in_mode(lock, each.mode, in_model_words(each.body, steps, locks))
        made.append(trylock(region) if each.tried else region)
    return tuple(made)
