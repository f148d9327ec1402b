"""Errors planted in what closes views, and in the checker: a certificate shows each of them."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from locking.parameterized import certifier, closure
from locking.parameterized.certificate import certificate, sealed
from locking.parameterized.certifier import certify
from locking.parameterized.closure import Views
from locking.parameterized.cutoff import close
from locking.parameterized.protocol import GuardedStep, OthersGuard, WrittenSystem, some
from tests.parameterized.published import MCS, MESI, READERS_WRITERS, SZYMANSKI, go
from tests.parameterized.test_published import SAFE

THRESHOLD = WrittenSystem(
    ("out",),
    (
        (None, "out", go("in")),
        (None, "in", go("three", OthersGuard("in", 2))),
        (None, "three", go("both", some("three"))),
    ),
)
"""Two further threads are asked for, and a view has two in all."""

TWO_BEGINNINGS = replace(THRESHOLD, begins=("apart", "out"))

SYSTEMS = [THRESHOLD, TWO_BEGINNINGS, *(row[1] for row in SAFE)]


def made(system: WrittenSystem) -> dict[str, Any]:
    """A certificate that claims next to nothing of a system."""
    return certificate(system, close(system, 2), {"claim": [("nowhere", "nowhere")]}, {})


def accepted(check: Callable[[str], Any], certified: dict[str, Any]) -> bool:
    """Whether a checker takes a certificate, whose sum is made right."""
    content = {name: each for name, each in certified.items() if name != "sha256"}
    try:
        check(json.dumps(sealed(content)))
    except (ValueError, KeyError):
        return False
    return True


def first_only(right: Any) -> Any:
    """Only the first thing of many."""
    return lambda *given: islice(right(*given), 1)


def alone(right: Any) -> Any:
    """Others stay where they are."""
    return lambda system, at, mover, step: right(system, at, mover, step._replace(others={}))


def stays(_: Any) -> Any:
    """Nobody moves."""
    return lambda *given: given[1]


def sideless(right: Any) -> Any:
    """Guards look to both sides."""
    return lambda system, at, mover, guard: right(system, at, mover, guard._replace(side=""))


def itself(right: Any) -> Any:
    """A thread counts itself among the others."""
    return lambda system, at, _, guard: right(system, at, None, guard._replace(side=""))


def nothing(_: Any) -> Any:
    """It does nothing."""
    return lambda *_: None


def nobody_new(_: Any) -> Any:
    """No thread is beside a view."""
    return lambda *_: iter(())


def in_front(right: Any) -> Any:
    """A thread more stands before all others only."""
    return lambda self, at: (each for each in right(self, at) if each[1] == 0)


CLOSING: list[tuple[str, Any, str, Any]] = [
    ("one beginning", closure, "begun_configurations", first_only),
    ("one step of all", closure, "every_step", first_only),
    ("one view of all", closure, "views_of", first_only),
    ("others stay", closure, "fire", alone),
    ("nobody moves", closure, "fire", stays),
    ("guards have no side", closure, "count_of", sideless),
    ("the mover counts itself", closure, "count_of", itself),
    ("no larger configuration", Views, "take_larger", nothing),
    ("no further thread that a guard asks for", Views, "take_with_more", nothing),
    ("nobody is beside a view", Views, "extensions", nobody_new),
    ("whoever is beside a view is first", Views, "extensions", in_front),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "owner", "attribute", "error"), CLOSING, ids=[each[0] for each in CLOSING]
)
def test_views_that_are_closed_wrongly_are_refused(
    name: str, owner: Any, attribute: str, error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(accepted(certify, made(system)) for system in SYSTEMS)
    monkeypatch.setattr(owner, attribute, error(getattr(owner, attribute)))
    assert not all(accepted(certify, made(system)) for system in SYSTEMS), name


def damaged() -> Iterator[dict[str, Any]]:
    """Certificates each with one thing wrong, all of which the checker refuses."""
    for system in (MESI, READERS_WRITERS, SZYMANSKI, MCS, THRESHOLD, WITH_A_HOME):
        whole = certificate(system, close(system, 2), {"claim": [("nowhere", "nowhere")]}, {})
        for at in range(len(whole["configurations"])):
            lacks = deepcopy(whole)
            del lacks["configurations"][at]
            yield lacks
        for claim in ([["read", "read"]], [["home", "I"]], [["I", "I"], ["nowhere"]], [[]]):
            false = deepcopy(whole)
            false["never"] = {"claim": [["nowhere"]], "false": claim}
            if not accepted(certify, false):
                yield false
        twice = deepcopy(whole)
        twice["table"].append([*whole["table"][0][:3], []])
        yield twice
        hides = deepcopy(whole)
        hides["table"][0][3].append([0, 0, [["M", -5, None, ""]], []])
        yield hides
        nobody = deepcopy(whole)
        nobody["begins"] = []
        yield nobody


class WithAHome(WrittenSystem):
    """Readers and writers, and a home that there is once: it opens, and then all may begin."""

    def fixed_marks(self, shared: Any) -> list[frozenset[str]]:
        return [frozenset({"home"} if shared == "open" else ())]

    def fixed_steps(self, shared: Any) -> list[GuardedStep]:
        return [GuardedStep("open", None)] if shared == "shut" else []


WITH_A_HOME = WithAHome(("I",), (("open", "I", go("S", shared="open")),), "shut")

CHECKING = [
    ("all(met(guard, mover, seen) for guard in guards)", "True"),
    ("all(met(guard, mover, seen) for guard in guards)", "not guards"),
    ("bool(count >= least and (most is None or count <= most))", "count >= least"),
    ("moved.get(p, p) for n", "p for n"),
    ("own += [(m, s) for m", "own = [(m, s) for m"),
    ('{"": left + right, "left": left, "right": right}[side]', "left + right"),
    (
        "left, right = seen[:mover], seen if mover is None else seen[mover + 1 :]",
        "left, right = [], seen",
    ),
    ("combinations(after, min(size, len(after)))", "islice(combinations(after, size), 1)"),
    ("if size <= len(places) < size + more:", "if size <= len(places) < size:"),
    ("if size <= len(places) < size + more:", "if size <= len(places) < size + 1:"),
    ("for few in range(size + 1):", "for few in ():"),
    ("set(each) for each in fixed[shared][0]", "set() for each in fixed[shared][0]"),
    ("product(there, patterns)", "product(there, patterns[:0])"),
    ("bool(begins and never) and all(never.values())", "True"),
    ('len(table) == len(c["table"]) and', ""),
    ("each[1] >= 0", "True"),
]
"""Lines of the checker, and what is planted instead."""


@pytest.mark.slow
@pytest.mark.parametrize(("right", "wrong"), CHECKING, ids=lambda text: text[:40])
def test_a_checker_with_an_error_is_found(right: str, wrong: str) -> None:
    source = Path(certifier.__file__).read_text(encoding="utf-8")
    assert right in source
    names: dict[str, Any] = {"islice": islice}
    exec(compile(source.replace(right, wrong), "planted", "exec"), names)
    good = all(accepted(names["certify"], made(system)) for system in [*SYSTEMS, WITH_A_HOME])
    assert not good or any(accepted(names["certify"], each) for each in damaged())


@pytest.mark.slow
def test_every_damaged_certificate_is_refused() -> None:
    every = list(damaged())
    assert len(every) > 100
    assert not any(accepted(certify, each) for each in every)
