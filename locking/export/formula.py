"""Conditions on one state, free of any format: what guards and properties are written in.

A slot is a thread, whose value is its place, or an object, whose value is its state: both numbers.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class In:
    """The slot has one of the values."""

    slot: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class All:
    """Every part is true; without parts it is true."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Some:
    """A part is true; without parts it is false."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Not:
    """The part is false."""

    part: "Formula"


@dataclass(frozen=True)
class AtLeast:
    """So many of the parts are true."""

    number: int
    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class CanStep:
    """The thread has a step that it can take."""

    thread: int


@dataclass(frozen=True)
class Halted:
    """The run broke off: some thread stands at a place where it failed."""


Formula = In | All | Some | Not | AtLeast | CanStep | Halted

TRUE = All(())
FALSE = Some(())


def has_one_of(slot: int, values: Iterable[int]) -> Formula:
    """The slot has one of `values`."""
    found = tuple(sorted(values))
    return In(slot, found) if found else FALSE


def both(*parts: Formula) -> Formula:
    """All of `parts`, without what says nothing."""
    kept = tuple(part for part in parts if part != TRUE)
    if FALSE in kept:
        return FALSE
    return kept[0] if len(kept) == 1 else All(kept)


def either(*parts: Formula) -> Formula:
    """Some of `parts`, without what says nothing."""
    kept = tuple(part for part in parts if part != FALSE)
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Some(kept)


def negation(part: Formula) -> Formula:
    """The opposite of `part`."""
    if isinstance(part, Not):
        return part.part
    if part in (TRUE, FALSE):
        return TRUE if part == FALSE else FALSE
    return Not(part)


def at_least(number: int, parts: Iterable[Formula]) -> Formula:
    """So many of `parts`, without those that can't be true."""
    kept = tuple(part for part in parts if part != FALSE)
    return AtLeast(number, kept) if len(kept) >= number else FALSE


def slots_in(formula: Formula) -> Iterator[int]:
    """The slots whose values a condition speaks of."""
    match formula:
        case In(slot):
            yield slot
        case All(parts) | Some(parts) | AtLeast(_, parts):
            for part in parts:
                yield from slots_in(part)
        case Not(part):
            yield from slots_in(part)


class Dialect(NamedTuple):
    """How one format writes conditions; `yes` and `no` are the constants."""

    yes: str
    no: str
    both: str
    either: str
    negation: str
    within: Callable[[int, tuple[int, ...]], str]
    at_least: Callable[[int, list[str]], str]
    can_step: Callable[[int], str]
    halted: str


def formula_text(formula: Formula, dialect: Dialect) -> str:
    """The formula as the format writes it, in brackets wherever it has parts."""
    match formula:
        case In(slot, values):
            return dialect.within(slot, values)
        case All(parts):
            return joined_parts(dialect.both, parts, dialect) or dialect.yes
        case Some(parts):
            return joined_parts(dialect.either, parts, dialect) or dialect.no
        case Not(part):
            return f"{dialect.negation}({formula_text(part, dialect)})"
        case AtLeast(number, parts):
            return dialect.at_least(number, [formula_text(part, dialect) for part in parts])
        case CanStep(thread):
            return dialect.can_step(thread)
        case Halted():
            return dialect.halted


def joined_parts(word: str, parts: tuple[Formula, ...], dialect: Dialect) -> str:
    """The parts with `word` between them; empty where there is none."""
    inside = f" {word} ".join(formula_text(part, dialect) for part in parts)
    return f"({inside})" if inside else ""
