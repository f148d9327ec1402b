"""Promela: a process a thread, whose labels are its places, and one that looks for every check.

So that SPIN stores our states and no others: every command is one `d_step`; a thread that has ended
blocks in its last state instead of dying; and the process of the checks has a single state. With
`LIVE` the checks of whole runs take its place, as never claims.
"""

from collections.abc import Iterator

from locking.errors import UsageError
from locking.export.formula import (
    Dialect,
    Formula,
    Halted,
    both,
    formula_text,
    negation,
    slots_in,
)
from locking.export.naming import export_legend, one_line, slot_names
from locking.export.never_claims import (
    STEP_TAKEN,
    claims_left_out,
    how_to_run_claims,
    never_claims,
    notes_steps,
    step_taken,
)
from locking.export.tables import ExportedCase, GuardedCommand, SlotChange

HOW_TO_RUN_SPIN = """
    spin -o2 -o3 -a FILE && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -c0

-o2 and -o3 keep SPIN from hiding a variable and from joining steps; -E because deadlock is a check
like others; -c0 to go on after a check is found. `assertion violated (0==N)` says that check N is
found; each time counts as a transition, and leads nowhere new.
"""


def render(tables: ExportedCase) -> str:
    """The file. Errors: `UsageError` for threads of several priorities on one processor."""
    check_guards(tables)
    lines = [
        "/*",
        *(
            f" * {line}".rstrip()
            for line in [
                *export_legend(tables, claims_left_out(tables)),
                *HOW_TO_RUN_SPIN.splitlines(),
                *how_to_run_claims(tables).splitlines(),
            ]
        ),
        " */",
    ]
    lines += [
        f"{smallest_type(tables, len(tables.actors) + at)} o{at};"
        for at in range(len(tables.things))
    ]
    if tables.halts:
        at_start = " = 1" if any(0 in actor.failed for actor in tables.actors) else ""
        lines += [f"bit halted{at_start}; /* whether the run broke off */"]
    if notes_steps(tables):
        lines += STEP_TAKEN.format(more=len(tables.actors)).splitlines()
    for thread in range(len(tables.actors)):
        lines += ["", *process(tables, thread)]
    return "\n".join([*lines, "", *checked_or_claimed(tables), ""])


def check_guards(tables: ExportedCase) -> None:
    """Refuse steps that depend on where other threads stand. Errors: `UsageError`."""
    guards = (command.guard for actor in tables.actors for command in actor.commands)
    if any(slot < len(tables.actors) for guard in guards for slot in slots_in(guard)):
        raise UsageError(
            "what a thread of low priority may do depends on where others stand, which no step of "
            "Promela may look at; write --to tla or --to murphi"
        )


def smallest_type(tables: ExportedCase, slot: int) -> str:
    """The smallest type that has the values of a slot."""
    return next(name for name, most in PROMELA_TYPES.items() if tables.size(slot) <= most)


PROMELA_TYPES = {"byte": 2**8, "short": 2**15, "int": 2**31}


def promela_dialect(tables: ExportedCase) -> Dialect:
    """How conditions are written."""
    names = slot_names(tables)

    def within(slot: int, values: tuple[int, ...]) -> str:
        is_value = "{}@p{}" if slot < len(tables.actors) else "{} == {}"
        return f"({' || '.join(is_value.format(names[slot], value) for value in values)})"

    return Dialect(
        yes="true",
        no="false",
        both="&&",
        either="||",
        negation="!",
        within=within,
        at_least=lambda number, parts: f"({' + '.join(f'({each})' for each in parts)} >= {number})",
        can_step=lambda thread: f"enabled({thread})",
        halted="halted",
    )


def process(tables: ExportedCase, thread: int) -> Iterator[str]:
    """One thread."""
    actor = tables.actors[thread]
    yield f"active proctype t{thread}() {{ /* {one_line(actor.name)} */"
    for place, says in enumerate(actor.places):
        commands = [each for each in actor.commands if each.place == place]
        yield f"p{place}: /* {one_line(says)} */"
        if commands:
            yield "    if"
            yield from (f"    {promela_option(tables, thread, command)}" for command in commands)
            yield "    fi;"
        else:
            yield "    false;"
    yield "    skip"
    yield "}"


def promela_option(tables: ExportedCase, thread: int, command: GuardedCommand) -> str:
    """One command, as an option of an `if`."""
    guard: Formula = command.guard
    if tables.halts:
        guard = both(negation(Halted()), guard)
    done = [assignment(slot_names(tables)[change.slot], change) for change in command.changes]
    if command.to in tables.actors[thread].failed:
        done.append("halted = 1")
    if notes_steps(tables):
        done.append(f"BY({step_taken(tables, thread, queues=command.queues)})")
    says = formula_text(guard, promela_dialect(tables))
    # Without `skip`, SPIN would refuse a step that always leads back to where it is.
    return f":: d_step {{ {says} -> {'; '.join(done or ['skip'])} }}; goto p{command.to}"


def assignment(name: str, change: SlotChange) -> str:
    """A change, as a statement."""
    return f"{name} = {change.chosen(f'({name} == {{}} -> {{}} : {{}})')}"


def checked_or_claimed(tables: ExportedCase) -> list[str]:
    """The process of the checks, or the claims."""
    claims = list(never_claims(tables, promela_dialect(tables)))
    checks = list(promela_checks(tables))
    return ["#ifdef LIVE", *claims, "#else", *checks, "#endif"] if claims else checks


def promela_checks(tables: ExportedCase) -> Iterator[str]:
    """The process that looks for the checks; what it finds changes nothing."""
    if not tables.checks:
        return
    yield "active proctype checks() {"
    yield "    do"
    for number, check in enumerate(tables.checks, 1):
        yield f"    /* {one_line(check.property)} */"
        shown = formula_text(check.formula, promela_dialect(tables))
        yield f"    :: atomic {{ {shown} -> assert(0 == {number}) }}"
    yield "    od"
    yield "}"
