"""What a name of a cat file may stand for, and the names that are bound before it is read."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from locking.memory_models.cat.syntax import Lambda, Procedure
from locking.memory_models.terms import (
    ALL_EVENTS,
    CHOSEN_RELATIONS,
    EMPTY_TERM,
    ID,
    Term,
    given,
    given_set,
    only,
)


class CatFunction(NamedTuple):
    """A function of the file, with the names that it sees."""

    definition: Lambda
    names: "CatNames"
    file: str


class CatProcedure(NamedTuple):
    """A procedure of the file, with the names that it sees."""

    definition: Procedure
    names: "CatNames"
    file: str


class Element(NamedTuple):
    """One event of a set, or one pair of a relation, whichever it is."""

    of: Term


class CrossOptions(NamedTuple):
    """Relations of which a candidate has one: one pair of `pairs` for each of `events`."""

    pairs: Term
    events: Term


Builtin: TypeAlias = Callable[[Term], Term]
CatValue: TypeAlias = Term | CatFunction | CatProcedure | Element | CrossOptions | Builtin
CatNames: TypeAlias = Mapping[str, CatValue]

SETS = (
    *("W", "R", "M", "F", "IW", "FW", "RMW", "SRCU", "LKR", "LKW", "UL", "LF", "RL", "RU"),
    # C11 and RC11
    *("A", "RLX", "ACQ", "REL", "ACQ_REL", "SC"),
    # x86 and AArch64
    *("X", "MFENCE", "L", "Q", "ISB"),
    *(
        f"{fence}.{domain}{kind}"
        for fence in ("DMB", "DSB")
        for domain in ("ISH", "OSH")
        for kind in ("", "LD", "ST")
    ),
    *(f"{fence}.{kind}" for fence in ("DMB", "DSB") for kind in ("SY", "LD", "ST")),
)
"""Sets that are empty where a candidate has no such events."""

RELATIONS = ("po", "addr", "data", "ctrl", "rmw", "amo", "loc", "int", "ext", *CHOSEN_RELATIONS)


def fences_in_order(fences: Term) -> Term:
    """`fencerel`: what is before one of these fences, to what is after it."""
    return given("po").then(only(fences), given("po"))


def single_step(order: Term) -> Term:
    """`singlestep`: each event of an order with the one right after it."""
    return order - order.then(order)


BUILTINS: Mapping[str, Builtin] = {
    "domain": lambda pairs: pairs.domain,
    "range": lambda pairs: pairs.range_,
    "toid": only,
    "fencerel": fences_in_order,
    "singlestep": single_step,
    "different-values": lambda pairs: pairs & given("different-values"),
}

FIRST_NAMES: CatNames = {
    "_": ALL_EVENTS,
    "0": EMPTY_TERM,
    "emptyset": EMPTY_TERM,
    "id": ID,
    **{name: given_set(name) for name in SETS},
    **{name: given(name) for name in RELATIONS},
    **BUILTINS,
}


def tag_names(tag: str) -> tuple[str, Term]:
    """The set of the events that have a tag, with its name.

    A tag in capitals is one that newer models narrow down themselves, so the candidate has the set
    of the tag that older ones have.
    """
    name = tag[0].upper() + tag[1:]
    return name, given_set(tag.capitalize() if tag.isupper() else name)
