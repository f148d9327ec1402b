"""The page of a synthesis: the front as a plot of parallelism over steps under lock, and drawn."""

from locking.page.studies import (
    Point,
    TableCell,
    lines_part,
    plot_part,
    render_study,
    table_part,
    trees_part,
)
from locking.report.synthesis import DECISION_IN_WORDS, FRONT_LEGEND
from locking.studies.synthesis import Synthesis
from locking.text.words import counted


def render(synthesis: Synthesis, stopped: str = "") -> str:
    """The whole file."""
    asked, front = synthesis.question, synthesis.front
    placed = [
        (f"{number}", asked.placement(each.trees, f"{asked.space.role}-{number}"))
        for number, each in enumerate(front, 1)
    ]
    points = [
        Point(each.score.held, each.score.at_once, str(number))
        for number, each in enumerate(front, 1)
    ]
    scores = [
        (str(number), [TableCell(str(value)) for value in each.score])
        for number, each in enumerate(front, 1)
    ]
    names = ["in parallel", "steps under lock", "regions", "repairs"]
    tally = [
        (f"{synthesis.tally[each]:,} {says}", "")
        for each, says in DECISION_IN_WORDS.items()
        if synthesis.tally[each]
    ]
    shown = [
        plot_part(
            "Parallelism against steps under lock", "steps under lock", "in parallel", points
        ),
        table_part("Placements that no other beats", names, scores),
        trees_part(
            f"What {asked.space.role} does in them",
            placed,
            [asked.space.role],
        ),
    ]
    parts = [
        *(shown if front else []),
        lines_part("How placements were decided", [*tally, (FRONT_LEGEND, "")]),
    ]
    return render_study(
        asked.model, f"Placements of {asked.space.role}", front_in_words(synthesis, stopped), parts
    )


def front_in_words(synthesis: Synthesis, stopped: str) -> str:
    """How many no other beats, of how many."""
    number = len(synthesis.front)
    says = (
        f"{counted(number, 'placement')} that {'is' if number == 1 else 'are'} safe and that no "
        f"other beats, of {synthesis.size:,}"
        if number
        else f"None of {synthesis.size:,} placements is known to be safe"
    )
    return f"{says}; {stopped}." if stopped else f"{says}."
