"""The comparison: what the library says of a system is what brute force says."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from locking import System, Verdict
from locking.check import check
from locking.explore.graph import Choice, Graph
from locking.explore.product import Product
from locking.explore.search import engine, search
from locking.model import Case, Model
from locking.programs.position import Failure, Requirement
from locking.verdicts import Options, Report
from tests.explore.brute import Brute
from tests.explore.systems import Recipe


def case_of(system: System) -> Case:
    """`system` as the only case of a model."""
    return Model("toy", "", lambda _: system).case("only", None)


def checked(
    system: System, names: Sequence[str] = (), *, minimise: bool = True, **options: Any
) -> Report:
    """The report of a check of `system`."""
    reduction = "merge" if minimise else "none"
    return check(case_of(system), names, Options(reduction=reduction, **options))


def explored(system: System, *, minimise: bool) -> tuple[Product, Graph]:
    """The product of `system`, and everything that it can do."""
    product = Product(system.objects, system.threads)
    return product, search(product, engine("reference"), lambda *_: None, minimise=minimise)


def finals(product: Product, graph: Graph) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """How everything stands at the ends of runs: values, and how each thread ended."""
    found = set()
    for at in graph.ends():
        state = graph.states[at]
        values = tuple(repr(product.value(each, state)) for each in product.objects)
        ends = []
        for thread in range(len(product.threads)):
            position = product.position(thread, state)
            waiting = "waiting" if position.next else "finished"
            ends.append(failed(position.failure) if position.failure else waiting)
        found.add((values, tuple(ends)))
    return found


def failed(failure: Failure) -> str:
    """What brute force calls a failure."""
    return failure.kind.name if isinstance(failure.kind, Requirement) else failure.kind.value


@contextmanager
def merging_at_every_state() -> Iterator[None]:
    """Searches that merge on the least evidence there can be, and so must often part again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("locking.explore.search.FIRST_STOP", 0)
        patch.setattr("locking.explore.search.rehearse", lambda _: None)
        patch.setattr("locking.explore.search.WORTH", 0.0)
        patch.setattr("locking.explore.search.ROUNDS", 1_000)
        patch.setattr("locking.explore.search.MOST_VOID", 1_000)
        yield


def agreed(recipe: Recipe, most: int = 2_000) -> Brute:
    """What brute force found, once the library has agreed with all of it.

    Errors: `AssertionError` where they differ, `TooMany` where the system is too large.
    """
    system, questions = recipe.build()
    brute = Brute(system, questions, most)
    system.properties = tuple(
        each for each in system.properties if speaks_of_what_is_there(each.name, brute)
    )
    paths = []
    for minimise, early in ((False, False), (True, False), (True, True)):
        with merging_at_every_state() if early else nullcontext():
            product, graph = explored(system, minimise=minimise)
            report = checked(system, minimise=minimise)
        assert finals(product, graph) == brute.finals
        assert report.interleavings == brute.runs
        for result in report.results:
            expected = expectation(result.claim.name, brute)
            found = (result.verdict, result.at_once, cost(result.choices))
            assert found == expected, result.claim.name
        paths.append([result.path for result in report.results])
    assert paths[0] == paths[1] == paths[2]
    return brute


def cost(path: tuple[Choice, ...] | None) -> tuple[int, int] | None:
    """The length of a path and its context switches, the first turn counted."""
    if path is None:
        return None
    turns = [thread for thread, _ in path]
    return len(turns), sum(at == 0 or turns[at - 1] != turn for at, turn in enumerate(turns))


def expectation(name: str, brute: Brute) -> tuple[Verdict, int | None, Any]:
    """The verdict, the greatest number at once, and the cheapest cost of a property."""
    kind, _, sections = name.partition("-")
    if kind == "sometimes":
        most = max((at for at in (2, 3) if f"{sections}{at}" in brute.best), default=1)
        path = brute.best.get(f"{sections}{most}")
        return Verdict.HOLDS if path else Verdict.FAILS, most, path and path[:2]
    if kind == "never":
        name = f"{sections}2"
    if kind == "end" and not brute.any_end:
        return Verdict.UNKNOWN, None, None
    path = brute.best.get(name)
    shows, otherwise = Verdict.FAILS, Verdict.HOLDS
    if name in ("y2", "held"):
        shows, otherwise = otherwise, shows
    return shows if path else otherwise, None, path and path[:2]


def speaks_of_what_is_there(name: str, brute: Brute) -> bool:
    """Whether a property looks at sections, objects and requirements that some run comes to."""
    touched = {each.name for each in brute.touched}
    sections, objects = {
        "x1": ("", "x"),
        "x-true": ("", "x"),
        "x-not-y": ("", "xy"),
        "p-while-y": ("p", "y"),
        "y2": ("", "y"),
        "held": ("", "msx"),
        "writes": ("", "x"),
        "end-x": ("", "x"),
        "end-a": ("", "ay"),
        "never-pp": ("p", ""),
        "sometimes-pp": ("p", ""),
        "never-pq": ("pq", ""),
        "sometimes-pq": ("pq", ""),
    }.get(name, ("", ""))
    if name == "small" and "small" not in brute.required:
        return False
    return set(sections) <= brute.entered and set(objects) <= touched
