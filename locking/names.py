"""Names that a model gives: what may be one, asked wherever one is given.

Rule of this file: nothing here knows what is named.

A name is read by people and compared by locks, in paths, tables and pages. So it must show, it
must look the same wherever it is written, and of two of a kind no two may be equal.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from locking.errors import ModelError


def check_name(kind: str, name: object) -> None:
    """Refuse what can't name a `kind` (a noun, such as "thread").

    A name is a `str`, of no subclass, with at least one character; every character is visible, and
    the first and the last are no space.

    Errors: `ModelError`, which says what is wrong with it.
    """
    wrong = (
        wrong_with_name(name)
        if type(name) is str
        else (f" is {name!r}, of type {type(name).__name__}; write a str")
    )
    if wrong:
        raise ModelError(f"the name of {'an' if kind[0] in 'aeiou' else 'a'} {kind}{wrong}")


def names_sorted(names: Iterable[str]) -> list[str]:
    """Names as people sort them, with their numbers as numbers: `t2` comes before `t10`."""
    return sorted(names, key=as_counted)


def as_counted(name: str) -> tuple[int | str, ...]:
    """A name as a key: its numbers, and what is between them."""
    parts = re.split("([0-9]+)", name)
    return tuple(int(each) if at % 2 else each for at, each in enumerate(parts))


@cache
def wrong_with_name(name: str) -> str:
    """What is wrong with a name, if anything. Threads name their sections over and over."""
    if not name.strip():
        return f" is {name!r}; write one that can be seen"
    if not name.isprintable():
        return f", {name!r}, has signs that don't show; leave them out"
    if name != name.strip():
        return f", {name!r}, begins or ends with a space; leave that out"
    return ""


def check_names(kind: str, plural: str, names: Iterable[object]) -> None:
    """Refuse what can't name a `kind`, and a name that two of them have. Errors: `ModelError`."""
    known = list(names)
    for name in known:
        check_name(kind, name)
    twice = [name for name, times in Counter(known).items() if times > 1]
    if twice:
        raise ModelError(f"two {plural} are called {twice[0]!r}; give each its own name")


def is_of_the_harness(module: object) -> bool:
    """Whether a module, by its name, is one of `locking`, and none of the models that are in it."""
    name = f"{module}."
    return name.startswith("locking.") and not name.startswith("locking.models.")
