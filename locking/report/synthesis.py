"""A synthesis as a person reads it: the space before it is searched, and the front."""

from collections.abc import Iterator

from rich.console import Console

from locking.objects.operation import Object
from locking.objects.region import region_in_mode, region_modes
from locking.report.brackets import drawn_roles
from locking.report.matrix import Column, Entry, Matrix, Row
from locking.report.to_terminal import fill, flowing, printed
from locking.studies.front import Placed
from locking.studies.synthesis import Decision, Synthesis
from locking.text.fit import wrapped
from locking.text.words import counted

DECISION_IN_WORDS = {
    Decision.SAFE: "safe, searched in every scenario",
    Decision.BROKEN: "searched, and a required property fails",
    Decision.REFUTED: "broken by a run of another, carried over",
    Decision.WEAKER: "weaker than one that a run breaks, so the same run breaks it",
    Decision.BEATEN: "not searched: a safe one is as good or better in everything",
    Decision.UNKNOWN: "NOT DECIDED",
}
"""How placements were decided, in words, in the order of the report."""


FRONT_LEGEND = (
    "steps under lock: those that a thread takes while it holds a lock; regions: how often it "
    "takes one"
)

HEADINGS = {"at_once": "in parallel", "held": "steps under lock"}
"""What the scores are called above their columns, where that is not their own name."""


def announced(synthesis: Synthesis, width: int) -> Iterator[str]:
    """What is going to be searched, and how large it is."""
    asked = synthesis.question
    space = asked.space
    yield from fill(f"{asked.model.name}: placements of {space.role}", width)
    yield ""
    for at, slot in enumerate(asked.slots):
        others = f" or {', '.join(step.name for step in slot[1:])}" if slot[1:] else ""
        yield from flowing("steps" if not at else "", [f"{slot[0].name}{others}"], width)
    offered = [f"{lock.name} ({', '.join(kinds(lock))})" for lock in space.locks]
    yield from flowing("locks", offered, width)
    yield from flowing(
        "bounds", [f"{counted(asked.regions, 'region')} at most", "steps in order"], width
    )
    yield from flowing("others", [f"every other role as in {space.base.name}"], width)
    yield from flowing("scenarios", [each.reference for each in asked.scenarios], width)
    yield from flowing("required", list(asked.required) or ["every safety property"], width)
    yield from flowing("maximise", [asked.wanted or "nothing"], width)
    yield ""
    choices = len(synthesis.chosen)
    size = f"{counted(synthesis.size, 'placement')}: "
    size += f"{counted(synthesis.shapes, 'arrangement')} of locks"
    each = f", for each of {choices:,} choices of steps" if choices > 1 else ""
    yield from fill(size + each, width)


def kinds(lock: Object) -> Iterator[str]:
    """The modes of a lock, and whether it can be downgraded."""
    yield from region_modes(lock)
    if any(region_in_mode(lock, mode, ()).lower for mode in region_modes(lock)):
        yield "downgrade"


def render(synthesis: Synthesis, seconds: float, console: Console, stopped: str = "") -> str:
    """The front so far, and how every placement was decided."""
    front = synthesis.front
    under = list(trees(synthesis, front, console.width))
    under += wrapped(FRONT_LEGEND, console.width) if front else ["no placement is known to be safe"]
    under += ["", *accounted(synthesis, seconds, stopped, console.width)]
    return printed([], [scores(front)] if front else [], under, console)


def scores(front: list[Placed]) -> Matrix:
    """The scores of the front."""
    rows = tuple(Row(str(number), ()) for number in range(1, len(front) + 1))
    columns = [
        Column(
            HEADINGS.get(name, name), tuple(Entry(str(one.score[at])) for one in front), number=True
        )
        for at, name in enumerate(front[0].score._fields)
    ]
    return Matrix(rows, tuple(columns), {})


def trees(synthesis: Synthesis, front: list[Placed], width: int) -> Iterator[str]:
    """The placements of the front, by their numbers."""
    role = synthesis.question.space.role
    yield ""
    for number, one in enumerate(front, 1):
        yield from drawn_roles({f"{number:>2}  {role}": one.trees}, width)
    yield ""


def accounted(synthesis: Synthesis, seconds: float, stopped: str, width: int) -> Iterator[str]:
    """How every placement of the space was decided."""
    if stopped:
        yield from fill(stopped, width)
    decided = synthesis.decided - synthesis.tally[Decision.UNKNOWN]
    yield f"{decided:,} of {synthesis.size:,} placements decided, {seconds:.1f}s"
    for outcome, says in DECISION_IN_WORDS.items():
        if synthesis.tally[outcome]:
            number = f"{synthesis.tally[outcome]:>8,}  "
            yield from wrapped(says, width, number, " " * len(number))
    for cause, times in synthesis.causes.most_common(3):
        yield from fill(f"not decided, {counted(times, 'time')}: {cause}", width)
