"""TLA+: the checks of whole runs, as temporal properties, under fairness to the threads.

Fairness of TLA+ is that of steps which change the state, and a run may stand still. So `by` says
who took the last step, and changes with every step; and every run goes on as long as a step is
left. One that ends stands still in its last state.

After: Lamport, The temporal logic of actions (ACM Transactions on Programming Languages and Systems
16, 1994).
"""

from collections.abc import Iterator

from locking.export.formula import FALSE, Dialect, formula_text, negation
from locking.export.naming import one_line, run_checks_in_words, without_repeats
from locking.export.tables import ExportedCase, RunCheck

AND = " /\\ "

LAST_STEP = "by"
"""The variable that says who took the last step."""

HOW_TO_RUN = """
{checks}

Checks of whole runs are properties. For these, the lines of Exported.cfg are

    SPECIFICATION LiveSpec
    PROPERTY Live1

"Temporal properties were violated" says that the check is found; the first ends the run.
"""


def live_named(tables: ExportedCase) -> list[tuple[str, RunCheck]]:
    """The checks of whole runs, by their names in the file."""
    return [(f"Live{number}", check) for number, check in enumerate(tables.run_checks, 1)]


def notes_last_step(tables: ExportedCase) -> bool:
    """Whether the file says who took the last step."""
    return bool(tables.run_checks)


def temporal_left_out(tables: ExportedCase) -> list[str]:
    """The properties that are none of runs, and why they are not in the file."""
    return without_repeats(
        *(
            f"{each.property}: TLC knows runs, and no ways to go on; write --to murphi"
            for each in tables.way_checks
        )
    )


def how_to_run_temporal(tables: ExportedCase) -> str:
    """What the file says of its properties."""
    checks = "\n".join(run_checks_in_words(live_named(tables)))
    return HOW_TO_RUN.format(checks=checks) if checks else ""


def temporal_properties(tables: ExportedCase, dialect: Dialect) -> Iterator[str]:
    """The steps that say who took them, the runs, and the properties."""
    if not tables.run_checks:
        return
    threads = range(len(tables.actors))
    yield ""
    for thread in threads:
        mine, again = 2 * thread + 1, 2 * thread + 2
        yield (
            rf"Taken{thread} == Step{thread} /\ "
            f"{LAST_STEP}' = IF {LAST_STEP} = {mine} THEN {again} ELSE {mine}"
        )
    steps = r" \/ ".join(f"Taken{thread}" for thread in threads)
    yield f"LiveNext == {steps}"
    yield r"LiveSpec == Init /\ [][LiveNext]_vars /\ WF_vars(LiveNext)"
    for name, check in live_named(tables):
        yield rf"\* {one_line(check.property)}"
        yield f"{name} == {temporal_formula(tables, check, dialect)}"


def temporal_formula(tables: ExportedCase, check: RunCheck, dialect: Dialect) -> str:
    """What is true of every fair run, if the check is not found."""
    # TLC 2.15 finds `fair => <>TRUE` broken, which is always true; so nothing is a constant.
    dialect = dialect._replace(yes=f"({LAST_STEP} >= 0)", no=f"({LAST_STEP} < 0)")
    good = formula_text(negation(check.bad), dialect)
    says = f"<>({good})" if check.whole else f"[]<>({good})"
    if check.starved is not None:
        says += rf" \/ []<><<{served_step(tables, check.starved, dialect)}>>_vars"
    fair = [f"WF_vars(Taken{thread})" for thread in check.weak]
    fair += [f"SF_vars(Taken{thread})" for thread in check.strong]
    return rf"({AND.join(fair)}) => ({says})" if fair else says


def served_step(tables: ExportedCase, thread: int, dialect: Dialect) -> str:
    """A step of a thread that is more than to queue up."""
    queues = tables.queues(thread)
    if queues == FALSE:
        return f"Taken{thread}"
    return rf"Taken{thread} /\ ~({formula_text(queues, dialect)})"
