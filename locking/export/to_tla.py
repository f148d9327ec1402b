"""TLA+: an action a thread, an invariant a check, and one that hears of all checks in one run."""

from collections.abc import Iterator

from locking.export.formula import TRUE, Dialect, formula_text
from locking.export.naming import export_legend, one_line, slot_names
from locking.export.tables import ExportedCase, GuardedCommand
from locking.export.temporal import (
    AND,
    LAST_STEP,
    how_to_run_temporal,
    notes_last_step,
    temporal_left_out,
    temporal_properties,
)

MODULE = "Exported"

HOW_TO_RUN_TLC = f"""
Save this as {MODULE}.tla, and beside it {MODULE}.cfg with these lines:

    INIT Init
    NEXT Next
    INVARIANT Census

    java -cp tla2tools.jar tlc2.TLC -deadlock -workers 2 {MODULE}

-deadlock because deadlock is a check like others. Census prints "found" with the number of every
check that is found, once, and is true; INVARIANT Never1 instead ends with a run to what check 1
looks for. TLC counts the state that all begins in as generated once more than we do.
"""


def render(tables: ExportedCase) -> str:
    """The file."""
    names = ", ".join([*slot_names(tables), *([LAST_STEP] if notes_last_step(tables) else [])])
    lines = [f"---- MODULE {MODULE} ----"]
    lines += [
        rf"\* {line}".rstrip()
        for line in [
            *export_legend(tables, temporal_left_out(tables)),
            *HOW_TO_RUN_TLC.splitlines(),
            *how_to_run_temporal(tables).splitlines(),
        ]
    ]
    lines += ["EXTENDS Integers, TLC", f"VARIABLES {names}", ""]
    lines += ["Init ==", *(rf"    /\ {name} = 0" for name in names.split(", ")), ""]
    if tables.halts:
        lines += [f"Halted == {formula_text(tables.halted, tla_dialect(tables))}", ""]
    for thread in range(len(tables.actors)):
        lines += [*action(tables, thread), ""]
    steps = " \\/ ".join(f"Step{thread}" for thread in range(len(tables.actors)))
    steps = f"({steps}) /\\ UNCHANGED {LAST_STEP}" if notes_last_step(tables) else steps
    lines += [f"vars == <<{names}>>", f"Next == {steps}", "Spec == Init /\\ [][Next]_vars", ""]
    temporal = temporal_properties(tables, tla_dialect(tables))
    return "\n".join([*lines, *tla_checks(tables), *temporal, "====", ""])


def tla_dialect(tables: ExportedCase) -> Dialect:
    """How conditions are written."""
    names = slot_names(tables)

    def within(slot: int, values: tuple[int, ...]) -> str:
        if len(values) == 1:
            return f"({names[slot]} = {values[0]})"
        return f"({names[slot]} \\in {{{', '.join(map(str, values))}}})"

    def at_least(number: int, parts: list[str]) -> str:
        return f"({' + '.join(f'(IF {each} THEN 1 ELSE 0)' for each in parts)} >= {number})"

    return Dialect(
        yes="TRUE",
        no="FALSE",
        both="/\\",
        either="\\/",
        negation="~",
        within=within,
        at_least=at_least,
        can_step=lambda thread: f"ENABLED Step{thread}",
        halted="Halted",
    )


def action(tables: ExportedCase, thread: int) -> Iterator[str]:
    """What one thread can do."""
    actor = tables.actors[thread]
    yield rf"Step{thread} == \* {one_line(actor.name)}"
    if not actor.commands:
        yield "    FALSE"
        return
    if tables.halts:
        yield r"    /\ ~Halted"
    begin = r"    /\ "
    for place in sorted({command.place for command in actor.commands}):
        yield rf"{begin}\/ /\ t{thread} = {place} \* {one_line(actor.places[place])}"
        inner = r"          /\ "
        for command in actor.commands:
            if command.place == place:
                yield rf"{inner}\/ {tla_disjunct(tables, thread, command)}"
                inner = " " * len(inner)
        begin = " " * len(begin)


def tla_disjunct(tables: ExportedCase, thread: int, command: GuardedCommand) -> str:
    """One command."""
    names = slot_names(tables)
    new = {thread: str(command.to)}
    for change in command.changes:
        pattern = f"(IF {names[change.slot]} = {{}} THEN {{}} ELSE {{}})"
        new[change.slot] = change.chosen(pattern)
    parts = [] if command.guard == TRUE else [formula_text(command.guard, tla_dialect(tables))]
    parts += [f"{names[slot]}' = {value}" for slot, value in new.items()]
    same = [name for slot, name in enumerate(names) if slot not in new]
    if same:
        parts.append(f"UNCHANGED <<{', '.join(same)}>>")
    return AND.join(parts)


def tla_checks(tables: ExportedCase) -> Iterator[str]:
    """The checks."""
    for number, check in enumerate(tables.checks, 1):
        yield rf"\* {one_line(check.property)}"
        yield f"Found{number} == {formula_text(check.formula, tla_dialect(tables))}"
        yield f"Never{number} == ~Found{number}"
    numbers = range(1, len(tables.checks) + 1)
    yield ""
    yield "Heard(number, found) == found => IF TLCGet(number) THEN TRUE"
    yield '    ELSE TLCSet(number, TRUE) /\\ PrintT(<<"found", number>>)'
    yield from (f"ASSUME TLCSet({number}, FALSE)" for number in numbers)
    heard = [f"Heard({number}, Found{number})" for number in numbers]
    yield f"Census == {AND.join(heard) or 'TRUE'}"
