"""Systems with questions about their runs, as cases that can be exported: random ones, and ours."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from locking import Property, System, can_end, eventually, no_livelock, served
from locking.export import exported
from locking.export.tables import ExportedCase
from locking.model import Case
from locking.properties.explored import Verdict
from locking.properties.released import may_be_held
from tests.explore.compare import case_of
from tests.independent.drive import judged_code
from tests.independent.liveness import FAIRNESSES, MOST, asked_of, right, source_of
from tests.independent.walk import Machine, explore

QUESTIONS = 3
"""Properties of each random system that fairness decides."""

WAY = can_end("way")
"""That it can end, which no fairness decides."""


class Questioned(NamedTuple):
    """A case, and the names of its properties of whole runs that are broken, as we say."""

    source: str
    tables: ExportedCase
    broken: frozenset[str]


def questioned(system: System, properties: Sequence[Property], source: str = "") -> Questioned:
    """A system with other properties."""
    system.properties = tuple(properties)
    tables, report = exported(case_of(system), [each.name for each in properties])
    found = (each.claim.name for each in report.results if each.verdict is Verdict.FAILS)
    asked = {each.property for each in (*tables.run_checks, *tables.way_checks)}
    return Questioned(source, tables, frozenset(found) & asked)


def drawn(seed: int) -> Questioned:
    """The random system of a seed, of which a judge of its own agrees with us.

    Errors: `Unfit` for one that is not judged; `AssertionError` where that judge says otherwise.
    """
    source = source_of(seed)
    judging: dict[str, Any] = {"__name__": "judged"}
    exec(judged_code(source), judging)
    space = explore(Machine(judging["SYSTEM"]), MOST)
    asked = [asked_of(QUESTIONS * seed + number, space) for number in range(QUESTIONS)]
    broken = {f"live{at}" for at, each in enumerate(asked) if right(space, each) is not None}
    namespace: dict[str, Any] = {"__name__": "asked"}
    exec(source, namespace)
    system = namespace["SYSTEM"]
    objects = {each.name: each for each in system.objects}
    written = [replace(each.written(objects), name=f"live{n}") for n, each in enumerate(asked)]
    found = questioned(system, [*written, WAY], f"seed {seed}, {asked}\n{source}")
    assert found.broken - {WAY.name} == broken, found.source
    return found


def with_questions(case: Case) -> Questioned:
    """A case of ours: it ends, goes round under no fairness, and serves each of its locks."""
    system = case.build()
    locks = [each for each in system.objects if may_be_held(each)]
    asked = [
        *(no_livelock(None, f"no-livelock-{each}", each) for each in FAIRNESSES),
        eventually("ends", lambda s: s.finished),
        *(served(each, f"served-{number}") for number, each in enumerate(locks)),
    ]
    return questioned(system, [*asked, WAY], str(case))
