"""DOT: a picture of what was learned, for Graphviz. A box a thread; a line a command."""

from collections.abc import Iterator

from locking.export.formula import TRUE, All, Formula, In, Some
from locking.export.naming import plain
from locking.export.tables import Change, Command, Tables


def render(tables: Tables) -> str:
    """The file."""
    lines = [f"// {plain(tables.title)}; written by locking export", "//     dot -Tsvg FILE"]
    lines += ["digraph threads {", '  node [shape=box, fontname="monospace"];']
    for thread in range(len(tables.actors)):
        lines += cluster(tables, thread)
    return "\n".join([*lines, "}", ""])


def cluster(tables: Tables, thread: int) -> Iterator[str]:
    """One thread."""
    actor = tables.actors[thread]
    yield f"  subgraph cluster_t{thread} {{"
    yield f'    label="{plain(actor.name)}";'
    for place, says in enumerate(actor.places):
        style = ", peripheries=2" if place in actor.ended else ""
        style += ", style=bold" if place in actor.failed else ""
        yield f'    t{thread}p{place} [label="{plain(says)}"{style}];'
    for command in actor.commands:
        label = plain(described(tables, command))
        yield f'    t{thread}p{command.place} -> t{thread}p{command.to} [label="{label}"];'
    yield "  }"


def described(tables: Tables, command: Command) -> str:
    """When a command can be taken, and what it changes."""
    when = "" if command.guard == TRUE else f"[{said(tables, command.guard)}] "
    return when + ", ".join(changed(tables, change) for change in command.changes)


def changed(tables: Tables, change: Change) -> str:
    """What becomes of an object."""
    if change.always is not None:
        return name_of(tables, change.slot, change.always)
    thing = tables.things[change.slot - len(tables.actors)]
    steps = [f"{thing.values[old]} to {thing.values[new]}" for old, new in change.values]
    return f"{thing.name}: {', '.join(steps)}"


def said(tables: Tables, guard: Formula) -> str:
    """A guard, with the names of the objects and their states."""
    match guard:
        case In(slot, values):
            return " or ".join(name_of(tables, slot, value) for value in values)
        case All(parts):
            return " and ".join(said(tables, part) for part in parts)
        case Some(parts):
            return " or ".join(said(tables, part) for part in parts)
    raise AssertionError(f"no guard is a {guard!r}")


def name_of(tables: Tables, slot: int, value: int) -> str:
    """An object and one of its states."""
    thing = tables.things[slot - len(tables.actors)]
    return f"{thing.name}: {thing.values[value]}"
