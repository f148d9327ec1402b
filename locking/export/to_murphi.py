"""Murphi: a rule a command, an invariant or a cover a check."""

from collections.abc import Iterator

from locking.export.formula import Dialect, both, formula_text, has_one_of, negation
from locking.export.naming import export_legend, one_line, slot_names, without_repeats
from locking.export.tables import ExportedCase

HOW_TO_RUN_RUMUR = """
    rumur --deadlock-detection off -o model.c FILE && cc -O3 -o model model.c -lpthread

Deadlock is a check like others. rumur does not go on from a state in which an invariant is broken:
to count all states, and those that each check finds, write `cover "N" C` for `invariant "N" !C`.
What must stay possible is `liveness`: from every state a way leads to one in which it is true.
"""


def render(tables: ExportedCase) -> str:
    """The file."""
    lines = [
        f"-- {line}".rstrip()
        for line in [
            *export_legend(tables, murphi_left_out(tables)),
            *HOW_TO_RUN_RUMUR.splitlines(),
        ]
    ]
    names = slot_names(tables)
    lines += ["", "var"]
    lines += [f"  {name}: 0 .. {tables.size(slot) - 1};" for slot, name in enumerate(names)]
    lines += ["", "startstate begin", *(f"  {name} := 0;" for name in names), "end;"]
    for thread in range(len(tables.actors)):
        lines += ["", *thread_rules(tables, thread)]
    return "\n".join([*lines, "", *murphi_checks(tables), ""])


def murphi_left_out(tables: ExportedCase) -> list[str]:
    """The properties of whole runs, and why they are not in the file."""
    why = "rumur knows states and ways to go on, and no runs; write --to promela or --to tla"
    return without_repeats(*(f"{each.property}: {why}" for each in tables.run_checks))


def murphi_dialect(tables: ExportedCase) -> Dialect:
    """How conditions are written."""
    names = slot_names(tables)

    def within(slot: int, values: tuple[int, ...]) -> str:
        return f"({' | '.join(f'{names[slot]} = {value}' for value in values)})"

    def at_least(number: int, parts: list[str]) -> str:
        return f"({' + '.join(f'({each} ? 1 : 0)' for each in parts)} >= {number})"

    written = Dialect(
        yes="true",
        no="false",
        both="&",
        either="|",
        negation="!",
        within=within,
        at_least=at_least,
        can_step=lambda thread: formula_text(tables.can_step(thread), written),
        halted="false",
    )
    return written._replace(halted=formula_text(tables.halted, written))


def thread_rules(tables: ExportedCase, thread: int) -> Iterator[str]:
    """What one thread can do."""
    actor, names, written = tables.actors[thread], slot_names(tables), murphi_dialect(tables)
    yield f"-- {one_line(actor.name)}"
    for number, command in enumerate(actor.commands):
        if number == 0 or actor.commands[number - 1].place != command.place:
            yield f"-- {one_line(actor.places[command.place])}"
        guard = both(has_one_of(thread, [command.place]), command.guard, negation(tables.halted))
        done = f"{names[thread]} := {command.to};"
        for change in command.changes:
            name = names[change.slot]
            done += f" {name} := {change.chosen(f'({name} = {{}} ? {{}} : {{}})')};"
        yield f'rule "t{thread} p{command.place} {number}"'
        yield f"  {formula_text(guard, written)} ==> begin {done} end;"


def murphi_checks(tables: ExportedCase) -> Iterator[str]:
    """The checks."""
    written = murphi_dialect(tables)
    for number, check in enumerate(tables.checks, 1):
        yield f"-- {one_line(check.property)}"
        condition = formula_text(check.formula, written)
        if check.wanted:
            yield f'cover "{number}" ({condition});'
        else:
            yield f'invariant "{number}" !({condition});'
    for number, each in enumerate(tables.way_checks, 1):
        yield f"-- {one_line(each.property)}"
        yield f'liveness "way{number}" ({formula_text(each.goal, written)});'
