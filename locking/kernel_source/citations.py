"""What a model cites of the kernel, held against a tree: nothing of it is silently absent."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from locking.kernel_source.pins import Pin, functions_like, mentions, renamed
from locking.kernel_source.roles import ReadRole, steps_reached
from locking.kernel_source.sources import SourceTree
from locking.placements.trees import Step

CITED = re.compile(r"(?P<function>\w+)\(\)|(?P<file>\w[\w/.-]*\.[chS])\b|\b(?P<version>v\d[\d.]*)")
"""What the text of a citation may name."""


class Citation(NamedTuple):
    """A function that a step cites; `file` and `version` are empty where they are not given."""

    function: str
    file: str
    version: str


class Remark(NamedTuple):
    """What is wrong with a function that a step names; `grave` if what was read lacks it."""

    text: str
    grave: bool


def citations_in(text: str) -> list[Citation]:
    """The functions that a citation names; a file is that of the function before it."""
    found = list(CITED.finditer(text))
    version = next((each["version"] for each in found if each["version"]), "")
    made: list[Citation] = []
    for each in found:
        if each["function"]:
            made.append(Citation(each["function"], "", version))
        elif each["file"] and made and not made[-1].file:
            made[-1] = made[-1]._replace(file=each["file"])
    return made


def citation_remarks(sources: SourceTree, steps: Iterable[Step]) -> Iterator[str]:
    """What the steps cite that is gone from a tree, or stands in another file there."""
    for step in steps:
        for cited in citations_in(step.kernel):
            since = f" since {cited.version}" if cited.version else ""
            found = sources.find(cited.function)
            if found is None and not mentions(sources, cited.function):
                yield f"{step}: {cited.function}() is gone{since}"
            elif found and cited.file not in ("", *sources.places[cited.function]):
                yield f"{step}: {cited.function}() has moved to {found.file}{since}"


def reading_remarks(
    sources: SourceTree,
    functions: Mapping[str, Sequence[str]],
    read: ReadRole,
    expected: Iterable[str],
    pins: Sequence[Pin] = (),
) -> Iterator[Remark]:
    """Which functions of the expected steps are gone, renamed (by the pins), or not reached.

    `functions` has for a function the steps that it stands for.
    """
    reached = steps_reached(read)
    for step in expected:
        for function in (name for name, steps in functions.items() if step in steps):
            lacking = step not in reached
            if not mentions(sources, function):
                other = other_name(sources, step, function, pins)
                what = renamed(other) if other else "is gone"
                grave = lacking or bool(other)
                said = "lacks" if grave else "cited"
                yield Remark(f"{said}: {step}: {function}() {what}", grave)
            elif lacking:
                yield Remark(
                    f"lacks: {step}: {function}() is not reached from {read.entry}()", True
                )


def other_name(sources: SourceTree, step: str, function: str, pins: Sequence[Pin]) -> str:
    """The function that has the tokens of one that is gone, with its place; '' for none."""
    found = (each for each in pins if (each.step, each.function) == (step, function))
    pin = next(found, None)
    return next(functions_like(sources, pin), "") if pin else ""
