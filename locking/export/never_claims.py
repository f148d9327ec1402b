"""Promela: the checks of whole runs, as never claims, which SPIN looks for as accepting cycles.

A claim waits, and from some time on stays where the check says; its accepting state is come to
again and again if the run is fair. SPIN goes on for ever in a state in which no step is left, so a
run that ends stays in its last state. It is weakly fair to every process, or to none (`-f`); what
is fair to some, or strongly fair, the claim asks for itself:

* of a weakly fair thread: again and again it takes a step, or can't take one;
* of a strongly fair thread: again and again it takes a step, or from some time on it never can.

After: Vardi and Wolper, An automata-theoretic approach to automatic program verification (LICS
1986); Gastin and Oddoux, Fast LTL to Buchi automata translation (CAV 2001), for the order in which
one accepting state waits for several conditions.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from locking.export.formula import CanStep, Dialect, Formula, both, formula_text, negation
from locking.export.naming import one_line, run_checks_in_words, without_repeats
from locking.export.tables import ExportedCase, RunCheck

MOST_STRONG = 4
"""Threads to which a claim is strongly fair at most: each doubles the claim."""

STEP_TAKEN = """
#ifdef LIVE
byte by; /* who took the last step: 1 is t0, 2 is t1, ...; {more} more if it only queued up */
#define BY(number) by = number
#else
#define BY(number) skip
#endif
"""


def claimed(tables: ExportedCase) -> list[tuple[str, RunCheck]]:
    """The checks that are claims, by their names in the file."""
    written = [each for each in tables.run_checks if len(each.strong) <= MOST_STRONG]
    return [(f"live{number}", check) for number, check in enumerate(written, 1)]


def claims_left_out(tables: ExportedCase) -> list[str]:
    """The properties of whole runs that are no claim, and why not."""
    strong = f"SPIN has no strong fairness, and a claim that asks for it of over {MOST_STRONG}"
    return without_repeats(
        *(
            f"{each.property}: {strong} threads is too large; write --to tla"
            for each in tables.run_checks
            if len(each.strong) > MOST_STRONG
        ),
        *(f"{each.property}: SPIN knows runs, and no ways to go on" for each in tables.way_checks),
    )


def spin_is_fair(tables: ExportedCase, check: RunCheck) -> bool:
    """Whether the fairness of SPIN itself is that of the check: weak, to every thread."""
    return len(check.weak) == len(tables.actors)


def notes_steps(tables: ExportedCase) -> bool:
    """Whether some claim needs to know who took the last step."""
    return any(
        check.starved is not None
        or check.strong
        or (check.weak and not spin_is_fair(tables, check))
        for _, check in claimed(tables)
    )


def how_to_run_claims(tables: ExportedCase) -> str:
    """What the file says of its claims."""
    found = claimed(tables)
    if not found:
        return ""
    building = "spin -DLIVE -o2 -o3 -a FILE && cc -O2 -DNOREDUCE -DNFAIR={} -o pan pan.c"
    lines = ["Checks of whole runs are claims; each has a run of its own:", ""]
    lines += [f"    {building.format(fair_words(tables))}"]
    for name, check in found:
        fair = " -f" if spin_is_fair(tables, check) else ""
        lines.append(f"    ./pan -a{fair} -N {name}")
    lines += ["", "`acceptance cycle` says that the check is found; SPIN is fair where it has -f."]
    return "\n".join(["", *run_checks_in_words(found), "", *lines])


def fair_words(tables: ExportedCase) -> int:
    """What SPIN is told as NFAIR: it has room for 8 (NFAIR - 1) - 2 processes, with the claim."""
    processes = len(tables.actors) + 1
    return -(-(processes + 2) // 8) + 1


def step_taken(tables: ExportedCase, thread: int, *, queues: bool) -> int:
    """How `by` says that a thread took a step, or only queued up."""
    return thread + 1 + (len(tables.actors) if queues else 0)


def never_claims(tables: ExportedCase, dialect: Dialect) -> Iterator[str]:
    """The claims."""
    for name, check in claimed(tables):
        stays = formula_text(check.bad, dialect)
        yield f"#define stays_{name} {stays}"
        yield f"never {name} {{ /* {one_line(check.property)} */"
        idles = list(choices_of_idle(check))
        yield "    do"
        yield f"    :: {f'stays_{name}' if check.whole else 'true'}"
        for number, idle in enumerate(idles):
            yield f"    :: {condition_of(tables, check, name, idle, dialect)} -> goto r{number}_0"
        yield "    od;"
        for number, idle in enumerate(idles):
            kept = condition_of(tables, check, name, idle, dialect)
            yield from states_of_round(number, kept, conditions(tables, check, idle, dialect))
        yield "}"


def choices_of_idle(check: RunCheck) -> Iterator[tuple[int, ...]]:
    """All choices of some of the threads to which the scheduler is strongly fair."""
    for size in range(len(check.strong) + 1):
        yield from combinations(check.strong, size)


def condition_of(
    tables: ExportedCase, check: RunCheck, name: str, idle: Sequence[int], dialect: Dialect
) -> str:
    """What is so in every state of a round in which the threads `idle` can never take a step."""
    parts = [f"stays_{name}"]
    if check.starved is not None:
        parts.append(f"by != {step_taken(tables, check.starved, queues=False)}")
    never: Formula = both(*(negation(CanStep(thread)) for thread in idle))
    return " && ".join([*parts, *([formula_text(never, dialect)] if idle else [])])


def conditions(
    tables: ExportedCase, check: RunCheck, idle: Sequence[int], dialect: Dialect
) -> list[str]:
    """What is so again and again in a round, if the scheduler is fair."""
    weak = () if spin_is_fair(tables, check) else check.weak
    stands = {thread: formula_text(negation(CanStep(thread)), dialect) for thread in weak}
    return [
        *(f"({took(tables, thread)} || {stands[thread]})" for thread in weak),
        *(took(tables, thread) for thread in check.strong if thread not in idle),
    ]


def took(tables: ExportedCase, thread: int) -> str:
    """The thread took the last step."""
    numbers = (step_taken(tables, thread, queues=queues) for queues in (False, True))
    return f"({' || '.join(f'by == {number}' for number in numbers)})"


def states_of_round(number: int, kept: str, again: Sequence[str]) -> Iterator[str]:
    """The states of the claim that wait for one condition of `again` after the other."""
    names = [f"r{number}_{at}" for at in range(len(again))]
    last = f"accept{number}"
    if not names:
        yield f"r{number}_0:"
    for at, (name, condition) in enumerate(zip(names, again, strict=True)):
        yield f"{name}:"
        yield "    if"
        yield f"    :: {kept} && {condition} -> goto {[*names[1:], last][at]}"
        yield f"    :: {kept} && !{condition} -> goto {name}"
        yield "    fi;"
    yield f"{last}:"
    yield "    if"
    yield f"    :: {kept} -> goto {names[0] if names else last}"
    yield "    fi;"
