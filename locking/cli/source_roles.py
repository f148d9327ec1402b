"""The roles of a model, read from kernel sources and printed: as placements, and as threads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from locking.cli.parsing import AS_DECLARED, NOT_AS_DECLARED
from locking.cli.terminal import drawable, width
from locking.errors import UsageError
from locking.kernel_source.citations import citation_remarks, reading_remarks
from locking.kernel_source.path_automaton import PathState, lines_of_states
from locking.kernel_source.pins import Pin
from locking.kernel_source.regions import in_a_line, lines_of
from locking.kernel_source.roles import (
    ReadRole,
    automaton_of_role,
    entry_of,
    in_model_words,
    read_entry,
    steps_reached,
)
from locking.kernel_source.source_thread import step_of_source
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import FunctionTable
from locking.model import Model
from locking.placements.placement import Placement
from locking.placements.trees import Step, Trees
from locking.report.brackets import drawn_roles
from locking.text.fit import folded


@dataclass
class SourceRoles:
    """What was read of the roles of a model.

    `trees` are those of the roles that are a placement. `threads` are the trees that a thread
    performs: those, or one named step that follows the automaton of the role's paths. Of the roles
    that are `unknown` it says why. `lines` has for a named step where it stands in the source.
    """

    trees: dict[str, Trees] = field(default_factory=dict)
    threads: dict[str, Trees] = field(default_factory=dict)
    automata: dict[str, list[PathState]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    status: int = AS_DECLARED

    def of_role(self, role: str) -> object:
        """What a role does, without the lines where it does it; None where that is unknown."""
        if role in self.unknown:
            return None
        states = self.automata.get(role, ())
        return self.trees.get(role), [
            (bool(each.ends), [(way.label, way.to) for way in each.ways]) for each in states
        ]


@dataclass(frozen=True)
class RoleReader:
    """Reads roles of a model by a table, and prints what it finds.

    `runs` is whether roles that are no placement are made threads of their own.
    """

    table: FunctionTable
    model: Model
    roles: Sequence[str]
    locks: Mapping[str, Any]
    against: Placement | None
    pins: Sequence[Pin]
    runs: bool

    def read(self, sources: SourceTree) -> SourceRoles:
        """What the roles of a tree are, printed. Errors: `UsageError`."""
        made = SourceRoles()
        for role in self.roles:
            read = read_role(sources, self.table, self.model, role)
            trees = self.trees_of(sources, read)
            print_role(read, drawn_roles({role: trees}, width(), "  ") if trees else ())
            lacks = lacks_steps(sources, self.table, self.model, read, self.against, self.pins)
            if lacks or not self.placed(read, trees, made):
                made.status = NOT_AS_DECLARED
            if lacks:
                made.unknown[role] = "it lacks a named step"
            elif role in made.trees:
                made.threads[role] = made.trees[role]
            elif self.runs:
                self.run(sources, read, made)
            for name, sites in lines_of_steps(read).items():
                made.lines.setdefault(name, []).extend(sites)
        return made

    def trees_of(self, sources: SourceTree, read: ReadRole) -> Trees | None:
        """The trees of a role, in the model's words; None where it is no one placement.

        Errors: `UsageError`.
        """
        if read.found.trees is None or read.refused:
            return None
        return in_model_words(read.found.trees, self.steps_of(read.role), self.locks, sources.base)

    def placed(self, read: ReadRole, trees: Trees | None, made: SourceRoles) -> bool:
        """Whether a role is one placement, and that which is expected."""
        if trees is None:
            if read.found.trees is not None:
                print_lines(["which placement it is, is unknown: a function could not be followed"])
            return False
        made.trees[read.role] = trees
        return self.against is None or same_as(self.against, read.role, trees)

    def run(self, sources: SourceTree, read: ReadRole, made: SourceRoles) -> None:
        """Make a thread of the automaton of a role's paths, or say why that is unknown."""
        try:
            states = automaton_of_role(read)
            step = step_of_source(
                read.entry, states, self.steps_of(read.role), self.locks, sources.base
            )
        except UsageError as error:
            made.unknown[read.role] = str(error)
            return
        print_lines(["as an automaton:", *(f"  {each}" for each in lines_of_states(states))])
        made.automata[read.role] = states
        made.threads[read.role] = (step,)

    def steps_of(self, role: str) -> dict[str, Step]:
        """The model's steps of a role, by name."""
        return {each.name: each for each in self.model.steps[role]}


def lacks_steps(
    sources: SourceTree,
    table: FunctionTable,
    model: Model,
    read: ReadRole,
    against: Placement | None,
    pins: Sequence[Pin],
) -> bool:
    """Whether a role lacks a step that is expected of it, and that a table gives a function.

    What the tree lacks of the functions that these steps stand for, or cite, is printed.
    """
    steps = expected_steps(model, read, against)
    named = [name for name in steps if any(name in of for of in table.steps.values())]
    remarks = [*reading_remarks(sources, table.steps, read, named, pins)]
    cited = citation_remarks(sources, map(steps.__getitem__, named))
    print_lines([*(each.text for each in remarks), *(f"cited: {each}" for each in cited)])
    return any(each.grave for each in remarks)


def expected_steps(model: Model, read: ReadRole, against: Placement | None) -> dict[str, Step]:
    """The steps of a role, by name, in `against`, or else in all placements that speak of it.

    Where none does, any one step that the model offers to the role is enough.
    """
    known = [against] if against and read.role in against.roles else model.placements
    placed = [step for each in known if read.role in each.roles for step in each.steps(read.role)]
    if placed:
        return {step.name: step for step in placed}
    offered = {step.name: step for step in model.steps.get(read.role, ())}
    reached = steps_reached(read)
    return {name: step for name, step in offered.items() if name in reached} or offered


def read_role(sources: SourceTree, table: FunctionTable, model: Model, role: str) -> ReadRole:
    """A role of a model, read. Errors: `UsageError`."""
    entry = entry_of(sources, table, role)
    own = {step.name for step in model.steps.get(role, ())}
    steps = {
        function: kept
        for function, names in table.steps.items()
        if (kept := [name for name in names if name in own])
    }
    return read_entry(sources, table, entry, steps, role, list(table.locks))


def lines_of_steps(read: ReadRole) -> dict[str, list[str]]:
    """For each step that was read, the lines where it stands."""
    found: dict[str, list[str]] = {}
    for event in (event for each in read.outcomes for event in each.word):
        if event.kind == "step" and event.site not in found.setdefault(event.name, []):
            found[event.name].append(event.site)
    return found


def print_role(read: ReadRole, drawn: Sequence[str] = ()) -> None:
    """Print what was read, with its placement `drawn`, or as it is written."""
    lines = [f"{read.role + ': ' if read.role else ''}{read.entry}()"]
    if read.found.trees is not None:
        lines += [*lines_of(read.found.trees)] or ["  no step"]
        lines += drawn or [f"  = {in_a_line(read.found.trees)}"]
    else:
        lines.append("  its paths are no one placement:")
        lines += [f"  {each}" for each in read.found.findings]
    lines += [f"  not of the model: {each}" for each in read.unmodelled]
    lines += [f"  not followed: {each}" for each in read.unfollowed]
    lines += [f"  refused: {each}" for each in read.refused]
    print_lines(lines, "")


def print_lines(lines: Iterable[str], before: str = "  ") -> None:
    """Print lines, each after `before`; too long ones are folded."""
    parts = [before + part for line in lines for part in line.split("\n")]
    shown = [line for part in parts for line in folded_line(part, width())]
    print(drawable("".join(f"{line}\n" for line in shown)), end="")


def folded_line(line: str, room: int) -> list[str]:
    """A line, or several that are further in than it."""
    indent = " " * (len(line) - len(line.lstrip()))
    return [indent + each for each in folded(line.lstrip(), room - len(indent), limit=0)]


def same_as(against: Placement, role: str, trees: tuple[object, ...]) -> bool:
    """Whether a placement has a role so; says what differs where it does not."""
    if role not in against.roles:
        print_lines([f"{against.name} says nothing of {role}"])
        return True
    if against.roles[role] == trees:
        print_lines([f"as {against.name} has it"])
        return True
    print_lines([f"differs from {against.name}:"])
    print_lines(drawn_roles({role: against.roles[role]}, width(), "  "))
    return False
