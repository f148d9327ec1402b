"""The page of measures: bars of what random runs show, and of how long locks are held."""

from collections.abc import Iterator, Sequence

from locking.page.studies import Bar, bars_part, lines_part, render_study
from locking.page.table import JsonValue
from locking.report.measures import (
    measures_heading,
    needed,
    random_in_words,
    share_in_percent,
    steps_or_endless,
    stopped_in_words,
)
from locking.studies.measures import LockCost, Measures, Odds
from locking.text.words import counted
from locking.verdicts import Report

LEGEND = (
    "The chance is that of a scheduler that picks at random. "
    "So many of its runs are needed to see it once with 95 %.",
    "Held: the most steps that a thread takes with the lock. "
    "Waited for: the most steps that others take while a thread can't go on.",
)
"""What the bars mean."""


def render(found: Sequence[tuple[Report, Measures | None]], stopped: str = "") -> str:
    """The whole file, of at least one case."""
    parts = [part for report, measures in found for part in case_parts(report, measures)]
    said = [(text, "") for text in (*LEGEND, *filter(None, [stopped]))]
    measured = f"{counted(len(found), 'case')} measured"
    return render_study(
        found[0][0].case.model,
        "Numbers over all runs",
        f"{'; '.join(filter(None, [measured, hardest(found), stopped]))}.",
        [*parts, lines_part("What the numbers mean", said)],
    )


def hardest(found: Sequence[tuple[Report, Measures | None]]) -> str:
    """What random runs show least often, as a clause; empty if they show nothing."""
    odds = [(each, report) for report, measures in found if measures for each in measures.odds]
    seen = [(each, report) for each, report in odds if each.chance]
    if not seen:
        return ""
    least, report = min(seen, key=lambda each: each[0].chance)
    return (
        f"hardest to see at random is {least.name} of {report.case}: "
        f"{share_in_percent(least.chance)} of random runs show it"
    )


def case_parts(report: Report, measures: Measures | None) -> Iterator[JsonValue]:
    """The bars of one case, or why there are none."""
    name = str(report.case)
    said = [(measures_heading(report, measures), "")]
    if measures and measures.random:
        said.append((random_in_words(measures.random), ""))
    if measures and measures.stopped:
        said.append((stopped_in_words(measures.stopped), ""))
    yield lines_part(name, said)
    if measures and measures.odds:
        yield bars_part("The chance that a random run shows it", list(map(odds_bar, measures.odds)))
    if measures and measures.costs:
        most = max(
            [1, *(steps for each in measures.costs for steps in (each.hold, each.wait) if steps)]
        )
        rows = [bar for each in measures.costs for bar in cost_bars(each, most)]
        yield bars_part("The most steps that a lock is held and waited for", rows)


def odds_bar(odds: Odds) -> Bar:
    """How often a property is shown."""
    runs = needed(odds)
    says = f"{share_in_percent(odds.chance)}; {runs} {'run' if runs == '1' else 'runs'} needed"
    return Bar(odds.name, says, float(odds.chance))


def cost_bars(cost: LockCost, most: int) -> Iterator[Bar]:
    """How long a lock is held, and waited for; what has no end is as long as can be."""
    for verb, steps, who in (
        ("held", cost.hold, cost.holder),
        ("waited for", cost.wait, cost.waiter),
    ):
        if steps != 0:
            length = 1.0 if steps is None else steps / most
            yield Bar(f"{cost.lock} {verb}", f"{steps_or_endless(steps)}, by {who}", length)
