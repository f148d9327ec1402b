"""Bodies, judged in one call."""

from typing import Any

from locking import Verdict
from locking.testing.scene import Scene, explore_scene
from locking.verdicts import Limits, Options, Report, Result


def report(body: Any, states: int | None = None, *, data_races: bool = True) -> Report:
    """What a search of `body` finds."""
    scene = Scene("body", body, data_races=data_races)
    return explore_scene(scene, Options(limits=Limits(states=states)))


def result(body: Any, name: str) -> Result:
    """The result of one property."""
    [found] = [each for each in report(body).results if each.claim.name == name]
    return found


def fails(body: Any) -> list[str]:
    """The names of the properties that fail; each other one holds, or is only unknown with them."""
    found = report(body).results
    failing = [each.claim.name for each in found if each.verdict is Verdict.FAILS]
    assert failing or all(each.verdict is Verdict.HOLDS for each in found)
    return failing
