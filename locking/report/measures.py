"""Numbers over all runs, as a person reads them."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from rich.console import Console

from locking.explore.chain import Share
from locking.report.matrix import Column, Entry, Matrix, Row, short_number
from locking.report.to_terminal import KEY_WIDTH, fill, printed
from locking.studies.measures import LockCost, Measures, Odds
from locking.studies.random_runs import LoopRounds, RandomRuns
from locking.text.file_names import line_of
from locking.text.fit import wrapped
from locking.text.words import counted, listed
from locking.verdicts import Report

NEVER = "-"
"""What stands where there is nothing to count."""

ENDLESS = "endless"
"""What stands where a run may go on for ever, so that there is no greatest or expected number."""

HEADINGS_IN_WORDS = {
    "runs": "how many of all interleavings show the property",
    "share": "the same, as a share of all interleavings",
    "chance": "the probability that one random run shows the property",
    "needed": f"random runs for a 95 % chance to see it; {NEVER} if no run shows it",
    "rounds": "how many rounds a random run begins of the loop that begins at this line",
    "hold": "the most steps that a thread takes with the lock, and which thread",
    "wait": f"the most steps that others take while a thread waits; {NEVER} if none waits",
    "waiters": "the most threads that wait at the same time",
}
"""What the columns mean, by their headings."""

MOST_DENOMINATOR = 1_000
"""The greatest denominator of a fraction that is written as one."""

LEAST_SHARE = Fraction(1, 10**6)
"""A share below this is written with its order of magnitude."""


def measures_legend(measures: Measures | None, told: set[str], width: int) -> list[str]:
    """What the columns mean that these numbers need and that were not `told`; then they are."""
    columns = [column for table in tables_of(measures) for column in table.columns]
    wanted = {column.heading for column in columns} - told
    told |= wanted
    lines: list[str] = []
    for heading, says in HEADINGS_IN_WORDS.items():
        if heading in wanted:
            lines += wrapped(says, width, f"{heading:<{KEY_WIDTH}}", " " * KEY_WIDTH)
    return [*lines, ""] if lines else []


def render(report: Report, measures: Measures | None, console: Console) -> str:
    """The numbers of one case."""
    above = fill(measures_heading(report, measures), console.width)
    if measures is None:
        return printed(above, [], [], console)
    if measures.random:
        above += fill(random_in_words(measures.random), console.width)
    under = ["", *lock_order(measures, console.width)] if measures.nesting else []
    if measures.stopped:
        under += ["", *fill(stopped_in_words(measures.stopped), console.width)]
    if measures.left_out:
        under += ["", *fill(left_out_in_words(measures.left_out), console.width)]
    return printed(above, tables_of(measures), under, console)


def tables_of(measures: Measures | None) -> list[Matrix]:
    """The tables of the numbers that there are."""
    if measures is None:
        return []
    tables = [of_odds(measures.odds)] if measures.odds else []
    if measures.random and measures.random.loops:
        tables.append(of_loops(measures.random.loops))
    return [*tables, of_costs(measures.costs)] if measures.costs else tables


def measures_heading(report: Report, measures: Measures | None) -> str:
    """Which case it is, and how many runs it has; or why there are no numbers."""
    if report.cause:
        return f"{report.case}: not measured ({report.cause})"
    if measures is None:
        return f"{report.case}: not measured (interrupted)"
    if measures.cause:
        return f"{report.case}: chances are not measured: {measures.cause}, too many to solve"
    if measures.total is None and measures.stopped:
        return f"{report.case}: not all is measured"
    if measures.total is None:
        return f"{report.case}: some runs repeat steps forever, so there is no number of runs"
    return f"{report.case}: {counted(measures.total, 'interleaving')}"


def random_in_words(found: RandomRuns) -> str:
    """Whether a random run ends, after how many steps, and how far that can be trusted."""
    if found.steps is None:
        text = f"a random run never ends with a chance of {share_in_percent(found.never)}"
    else:
        text = f"a random run ends, after {in_digits(found.steps)} steps on average"
    return f"{text} ({'exact' if found.exact else 'to seven digits'})"


def stopped_in_words(stopped: str) -> str:
    """Why some numbers are missing."""
    return f"the numbers that are not here are unknown ({stopped})"


def left_out_in_words(names: Sequence[str]) -> str:
    """Why there is no chance of some properties."""
    return f"no chance is told of {listed(names)}: a run shows it, and no state alone"


def in_digits(number: Share) -> str:
    """An expected number: a whole one, a short fraction with its value, or in four digits."""
    if isinstance(number, Fraction):
        if number.denominator == 1:
            return f"{number.numerator:,}"
        if number.denominator <= MOST_DENOMINATOR:
            return f"{number} = {float(number):.4g}"
    return f"{float(number):.4g}"


def of_loops(found: tuple[LoopRounds, ...]) -> Matrix:
    """How many rounds of each loop a run begins."""
    rows = tuple(Row(f"{each.thread}, {line_of(each.begins)}", ()) for each in found)
    rounds = (ENDLESS if each.rounds is None else in_digits(each.rounds) for each in found)
    return Matrix(rows, (Column("rounds", cells(rounds), number=True),), {})


def of_odds(found: tuple[Odds, ...]) -> Matrix:
    """How often each property is shown."""
    rows = tuple(Row(each.name, ()) for each in found)
    columns = [
        Column("chance", cells(share_in_percent(each.chance) for each in found), number=True),
        Column("needed", cells(needed(each) for each in found), number=True),
    ]
    runs = [short_number(each.runs) for each in found if each.runs is not None]
    if runs:  # of all or of none, which is so where runs go round
        shares = [share_in_percent(each.share) for each in found if each.share is not None]
        columns[:0] = [
            Column("runs", cells(runs), number=True),
            Column("share", cells(shares), number=True),
        ]
    return Matrix(rows, tuple(columns), {})


def cells(texts: Iterable[str]) -> tuple[Entry, ...]:
    """The cells of a column."""
    return tuple(map(Entry, texts))


def needed(odds: Odds) -> str:
    """How many random runs are needed."""
    return NEVER if odds.needed is None else short_number(odds.needed)


def share_in_percent(share: Share) -> str:
    """A share in percent, never rounded to all or to nothing."""
    if share == 1:
        return "100 %"
    if share < LEAST_SHARE:
        return f"{float(share * 100):.0e} %"
    return f"{min(float(share * 100), 99.99):.2f} %"


def of_costs(found: tuple[LockCost, ...]) -> Matrix:
    """What each lock costs."""
    rows = tuple(Row(each.lock, ()) for each in found)
    columns = (
        Column("hold", cells(steps_or_endless(each.hold) for each in found), number=True),
        Column("by", cells(each.holder for each in found)),
        Column("wait", cells(steps_or_endless(each.wait) for each in found), number=True),
        Column("by", cells(each.waiter or NEVER for each in found)),
        Column("waiters", cells(str(each.waiting) for each in found), number=True),
    )
    return Matrix(rows, columns, {})


def steps_or_endless(steps: int | None) -> str:
    """The most steps, if there is a most."""
    return ENDLESS if steps is None else str(steps)


def lock_order(measures: Measures, width: int) -> Iterator[str]:
    """What is taken while what is held, and whether that goes round."""
    inner: dict[str, list[str]] = {}
    for one, other in measures.nesting:
        inner.setdefault(one, []).append(other)
    for name, taken in inner.items():
        yield from fill(f"lock order: {name} -> {', '.join(taken)}", width)
    if measures.cycle:
        yield from fill(f"lock order has a cycle: {' -> '.join(measures.cycle)}", width)
