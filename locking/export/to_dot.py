"""DOT: a picture of what was learned, for Graphviz. A frame a thread, an arrow a command."""

from collections.abc import Iterable, Iterator

from locking.export.formula import TRUE, All, Formula, In, Some
from locking.export.picture import dot_label, edge, node, picture
from locking.export.tables import ExportedCase, GuardedCommand, SlotChange


def render(tables: ExportedCase) -> str:
    """The file."""
    return threads_picture(tables, range(len(tables.actors)))


def threads_picture(tables: ExportedCase, threads: Iterable[int]) -> str:
    """The picture of some of the threads."""
    return picture(tables.title, [line for thread in threads for line in frame(tables, thread)])


def frame(tables: ExportedCase, thread: int) -> Iterator[str]:
    """One thread; a second border is where it ends, a thick one where the run breaks off."""
    actor = tables.actors[thread]
    yield f"subgraph cluster_t{thread} {{ label={dot_label(actor.name)}"
    for place, says in enumerate(actor.places):
        style = {"peripheries": "2"} if place in actor.ended else {}
        style |= {"style": "bold", "shape": "octagon"} if place in actor.failed else {}
        yield node(f"t{thread}p{place}", says, **style)
    for command in actor.commands:
        one, other = f"t{thread}p{command.place}", f"t{thread}p{command.to}"
        yield edge(one, other, *command_in_words(tables, command))
    yield "}"


def command_in_words(tables: ExportedCase, command: GuardedCommand) -> list[str]:
    """When a command can be taken, and what it changes."""
    when = [] if command.guard == TRUE else [f"[{guard_in_words(tables, command.guard)}]"]
    return when + [change_text(tables, change) for change in command.changes]


def change_text(tables: ExportedCase, change: SlotChange) -> str:
    """What becomes of an object."""
    if change.always is not None:
        return state_name(tables, change.slot, change.always)
    thing = tables.things[change.slot - len(tables.actors)]
    steps = [f"{thing.values[old]} to {thing.values[new]}" for old, new in change.values]
    return f"{thing.name}: {', '.join(steps)}"


def guard_in_words(tables: ExportedCase, guard: Formula) -> str:
    """A guard, with the names of the objects and their states.

    Errors: `AssertionError` for a formula that no guard is made of.
    """
    match guard:
        case In(slot, values):
            return " or ".join(state_name(tables, slot, value) for value in values)
        case All(parts):
            return " and ".join(guard_in_words(tables, part) for part in parts)
        case Some(parts):
            return " or ".join(guard_in_words(tables, part) for part in parts)
    raise AssertionError(f"no guard is a {guard!r}")


def state_name(tables: ExportedCase, slot: int, value: int) -> str:
    """An object and one of its states."""
    thing = tables.things[slot - len(tables.actors)]
    return f"{thing.name}: {thing.values[value]}"
