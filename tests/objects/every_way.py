"""One question of a small system, asked of every engine with every reduction."""

from collections.abc import Callable

from locking import Model, System, Verdict
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options
from tests.engines import ENGINES


def answer(build: Callable[[], System]) -> list[tuple[Verdict, str | None]]:
    """What is found of each property of a system: the verdict, and the turns of the shortest run.

    It must be the same every way: without a reduction on every engine, and with each reduction.
    """
    ways = [Options(engine=engine, reduction="none") for engine in ENGINES]
    ways += [Options(reduction=reduction) for reduction in REDUCTIONS]
    found = []
    for options in ways:
        model = Model("m", "", lambda _: build())
        results = check(model.case("only", None), (), options).results
        found.append(
            [(each.verdict, each.path and each.path.rsplit(":", 1)[1]) for each in results]
        )
    assert all(each == found[0] for each in found), found
    return found[0]
