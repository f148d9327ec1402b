"""Numbers over all runs, as a person reads them."""

from collections.abc import Iterator
from fractions import Fraction

from rich.console import Console

from locking.report.matrix import Column, Entry, Matrix, Row, short_number
from locking.report.to_terminal import fill, printed
from locking.studies.measures import LockCost, Measures, Odds
from locking.verdicts import Report

NEVER = "-"
"""What stands where there is nothing to count."""

MEASURES_LEGEND = (
    "runs, share: how many of all interleavings show it; chance: that a scheduler shows it which "
    "picks at random; needed: its runs until it is seen with 95 %; hold: the most steps that a "
    "thread takes with the lock; wait: the most that others take while it can't go on; waiters: "
    "how many at once"
)

LEAST_SHARE = Fraction(1, 10**6)
"""A share below this is written with its order of magnitude."""


def measures_legend(width: int) -> list[str]:
    """What the columns mean."""
    return fill(MEASURES_LEGEND, width)


def render(report: Report, measures: Measures | None, console: Console) -> str:
    """The numbers of one case."""
    above = fill(measures_heading(report, measures), console.width)
    if measures is None:
        return printed(above, [], [], console)
    tables = [of_odds(measures.odds)] if measures.odds else []
    tables += [of_costs(measures.costs)] if measures.costs else []
    under = ["", *lock_order(measures, console.width)] if measures.nesting else []
    return printed(above, tables, under, console)


def measures_heading(report: Report, measures: Measures | None) -> str:
    """Which case it is, and how many runs it has; or why there are no numbers."""
    if report.cause:
        return f"{report.case}: not measured ({report.cause})"
    if measures is None:
        return f"{report.case}: not measured: runs go round in a cycle, so they are without number"
    many = "interleaving" if measures.total == 1 else "interleavings"
    return f"{report.case}: {measures.total:,} {many}"


def of_odds(found: tuple[Odds, ...]) -> Matrix:
    """How often each property is shown."""
    rows = tuple(Row(each.name, ()) for each in found)
    columns = (
        Column("runs", tuple(Entry(short_number(each.runs)) for each in found), number=True),
        Column("share", tuple(Entry(share_in_percent(each.share)) for each in found), number=True),
        Column(
            "chance", tuple(Entry(share_in_percent(each.chance)) for each in found), number=True
        ),
        Column("needed", tuple(Entry(needed(each)) for each in found), number=True),
    )
    return Matrix(rows, columns, {})


def needed(odds: Odds) -> str:
    """How many random runs are needed."""
    return NEVER if odds.needed is None else short_number(odds.needed)


def share_in_percent(share: Fraction) -> str:
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
        Column("hold", tuple(Entry(str(each.hold)) for each in found), number=True),
        Column("by", tuple(Entry(each.holder) for each in found)),
        Column("wait", tuple(Entry(str(each.wait)) for each in found), number=True),
        Column("by", tuple(Entry(each.waiter or NEVER) for each in found)),
        Column("waiters", tuple(Entry(str(each.waiting)) for each in found), number=True),
    )
    return Matrix(rows, columns, {})


def lock_order(measures: Measures, width: int) -> Iterator[str]:
    """What is taken while what is held, and whether that goes round."""
    inner: dict[str, list[str]] = {}
    for one, other in measures.nesting:
        inner.setdefault(one, []).append(other)
    for name, taken in inner.items():
        yield from fill(f"lock order: {name} -> {', '.join(taken)}", width)
    if measures.cycle:
        yield from fill(f"lock order goes round: {' -> '.join(measures.cycle)}", width)
