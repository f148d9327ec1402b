"""The placement that a source tree has: each role's entry function, read into regions and steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from locking.errors import UsageError, unknown
from locking.kernel_source.event_words import main_words, word_shape, words_of_trees
from locking.kernel_source.path_automaton import PathState, automaton_of
from locking.kernel_source.paths import Explorer, PathOutcome
from locking.kernel_source.regions import FoundRegions, ReadTrees, in_steps, merged
from locking.kernel_source.source_thread import source_site
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import FunctionTable
from locking.objects.operation import Object
from locking.objects.region import region_in_mode, region_modes
from locking.placements.trees import Step, Trees, trylock


@dataclass(frozen=True)
class ReadRole:
    """What was read of an entry function: its paths, what they come to, what was not followed."""

    role: str
    entry: str
    found: FoundRegions
    unmodelled: tuple[str, ...]
    unfollowed: tuple[str, ...]
    refused: tuple[str, ...]
    outcomes: tuple[PathOutcome, ...] = field(default=(), repr=False)


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
    words = tuple(
        outcome._replace(
            word=tuple(
                event
                for event in in_steps(outcome.word, steps)
                if event.kind == "step" or locks is None or event.name in locks
            )
        )
        for outcome in sorted(outcomes)
    )
    return ReadRole(
        role,
        entry,
        with_trylocks(merged(words), words),
        tuple(sorted(others)),
        tuple(sorted(explorer.unfollowed)),
        tuple(sorted(explorer.refused)),
        words,
    )


def with_trylocks(found: FoundRegions, outcomes: Sequence[PathOutcome]) -> FoundRegions:
    """What paths come to; a finding instead, where a trylock that fails leads to other steps."""
    tried = [event for each in outcomes for event in each.word if event.kind in ("try", "failed")]
    if found.trees is None or not tried:
        return found
    if words_of_trees(found.trees) == {word_shape(each.word) for each in main_words(outcomes)}:
        return found
    where = ", ".join(dict.fromkeys(f"{each.site}: {each.name}" for each in tried))
    says = f"{where} is tried, and no placement has the steps that follow where that fails"
    return replace(found, trees=None, findings=(says,))


def automaton_of_role(read: ReadRole) -> list[PathState]:
    """The automaton of an entry function.

    Errors: `UsageError` for a function that was refused, of which the paths are not known, and
    as for `automaton_of`.
    """
    if read.refused:
        raise UsageError(f"{read.refused[0]}; so not all paths of {read.entry}() are known")
    return automaton_of(main_words(read.outcomes))


def steps_reached(read: ReadRole) -> set[str]:
    """The steps that are on some path."""
    return {event.name for each in read.outcomes for event in each.word if event.kind == "step"}


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
    trees: ReadTrees, steps: Mapping[str, Step], locks: Mapping[str, Object], base: Path
) -> Trees:
    """Trees of a source as trees of a placement, whose regions have the lines of the source.

    `base` is the folder that lines are named from. Errors: `UsageError` for what the model lacks.
    """
    made: list[Any] = []
    for each in trees:
        if not each.mode:
            made.append(steps[each.name])
            continue
        lock = locks[each.name]
        if each.mode not in region_modes(lock):
            raise UsageError(f"{each.sites[0]}: {each.name} is held in mode {each.mode}")
        region = region_in_mode(lock, each.mode, in_model_words(each.body, steps, locks, base))
        region = replace(region, site=source_site(each.sites[0], base))
        made.append(trylock(region) if each.tried else region)
    return tuple(made)
