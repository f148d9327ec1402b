"""Which orderings of a model are needed, as a person reads it."""

from collections.abc import Iterator

from locking.executions.judged import PropertyVerdict
from locking.executions.orderings import LineOrdering
from locking.model import Case
from locking.properties.explored import Verdict
from locking.report.execution_to_terminal import reason_in_words
from locking.studies.barriers import RACE_NAME, BarrierStudy, OrderingUse, Repair
from locking.text.file_names import line_of
from locking.text.fit import GAP, escape, wrapped
from locking.text.words import counted


def render(case: Case, study: BarrierStudy, width: int) -> str:
    """The whole text."""
    lines = wrapped(escape(f"{case}: {case.model.about}"), width, later=GAP * 2)
    lines += [
        line for each in study_parts(study) for line in wrapped(escape(each), width, GAP, GAP * 3)
    ]
    return "\n".join(lines)


def study_parts(study: BarrierStudy) -> Iterator[str]:
    """What is said, each in a paragraph."""
    failing = [each for each in study.base.verdicts if each.verdict is Verdict.FAILS]
    for each in failing:
        yield f"fails {each.property.name}{reason_of(each)}"
    if study.base.race and not failing:
        yield f"fails {RACE_NAME}: {study.base.race}"
    if failing or study.base.race:
        yield from (repair_in_words(each) for each in study.repairs)
        if not study.repairs:
            yield "no two stronger orderings repair it"
        return
    if study.base.cause:
        yield f"unknown: {study.base.cause}"
    yield from (use_in_words(each) for each in study.uses)
    known = [each for each in study.uses if each.needed or each.passed or each.unknown]
    needed = sum(each.needed for each in known)
    yield f"{needed} of {counted(len(known), 'ordering')} needed, each changed alone"


def repair_in_words(repair: Repair) -> str:
    """A repair, and what it costs."""
    words = " and ".join(
        f"{each.change.value} {place_of_ordering(each)}"
        if "before" in each.change.value
        else f"{each.change.value} for {place_of_ordering(each)}"
        for each in repair.orderings
    )
    return f"repaired by {words} (cost {repair.cost})"


def use_in_words(use: OrderingUse) -> str:
    """What an ordering is for."""
    what = f"{place_of_ordering(use.ordering)}, {use.ordering.change.value}"
    if use.breaks:
        names = ", ".join(each.property.name for each in use.breaks)
        return f"needed: {what}: fails {names}{reason_of(use.breaks[0])}"
    if use.races:
        return f"needed: {what}: {use.races}"
    if use.unknown:
        return f"unknown: {what}: {use.unknown}"
    if not use.passed:
        return f"not reached: {what}: no execution comes by it"
    if use.instead:
        others = " and ".join(map(place_of_ordering, use.instead))
        stand = "stands" if len(use.instead) == 1 else "stand"
        return f"redundant: {what}: all holds that held; {others} {stand} in for it"
    return f"redundant: {what}: all holds that held"


def reason_of(found: PropertyVerdict) -> str:
    """Why a property fails, behind a colon."""
    if found.execution is None:
        return ""
    return f": {reason_in_words(found.property, found.finding, found.execution)}"


def place_of_ordering(ordering: LineOrdering) -> str:
    """An operation and its line."""
    return f"{ordering.call} at {line_of(ordering.site)}"
