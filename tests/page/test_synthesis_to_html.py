"""The page of a synthesis has a point, scores and a drawing for each placement of the front."""

from locking.page import synthesis_to_html
from locking.studies.asking import question
from locking.studies.synthesis import Synthesis
from tests.page.test_studies import document, part
from tests.studies.toy import MODEL


def test_every_placement_of_the_front_is_a_point_and_is_drawn() -> None:
    synthesis = Synthesis(question(MODEL, regions=1))
    for _ in synthesis.run():
        pass
    shown = document(synthesis_to_html.render(synthesis))
    front = synthesis.front
    assert [[x, y] for x, y, _ in part(shown, "plot")["points"]] == [
        [each.score.held, each.score.at_once] for each in front
    ]
    assert len(part(shown, "trees")["items"]) == len(part(shown, "table")["rows"]) == len(front) > 0
    assert shown["headline"].startswith(f"{len(front)} placement")
