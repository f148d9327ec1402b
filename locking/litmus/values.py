"""Values of a litmus test: numbers, addresses, and terms over what reads will give.

A read is run before it is known from where it takes its value. So its value is a term, with the
number of the event in its thread, or in the candidate. An operator with a term for operand gives a
term. An address is the name of the location.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add, and_, ge, gt, le, lshift, lt, mul, or_, rshift, sub, xor
from typing import NamedTuple

from locking.errors import UsageError


class ReadTerm(NamedTuple):
    """What a read will give: the number of the event."""

    event: int


class OperatorTerm(NamedTuple):
    """What an operator will give, `.` for the member of a structure with the name on the right."""

    operator: str
    left: LitmusValue
    right: LitmusValue


class ThinAir(NamedTuple):
    """A value that reads only copy from each other in a circle, so that it may be any."""

    event: int


LitmusValue = int | str | ReadTerm | OperatorTerm | ThinAir
"""A number, the address of a location (its name), or a term."""

IS_NUMBER = "is a number"
"""An operator that C has not, of its left operand alone."""

HOLE = ReadTerm(-1)
"""The value that a location has when a read-modify-write comes to it."""


def quotient(left: int, right: int) -> int:
    """Division as in C, towards zero. Errors: `UsageError`."""
    if not right:
        raise UsageError("a division by zero")
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int:
    """What division as in C leaves. Errors: `UsageError`."""
    return left - right * quotient(left, right)


MOST_SHIFTED = 63
"""A shift by more bits is undefined in C for every type."""


def shifted(shift: Callable[[int, int], int]) -> Callable[[int, int], int]:
    """A shift, by a number of bits that C defines. Errors: `UsageError`."""

    def checked(value: int, by: int) -> int:
        if not 0 <= by <= MOST_SHIFTED:
            raise UsageError(f"a shift by {by} bits; it must be 0 to {MOST_SHIFTED}")
        return shift(value, by)

    return checked


ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": quotient,
    "%": remainder,
    "&": and_,
    "|": or_,
    "^": xor,
    "&~": lambda left, right: left & ~right,
    "<<": shifted(lshift),
    ">>": shifted(rshift),
    "<": lambda left, right: int(lt(left, right)),
    ">": lambda left, right: int(gt(left, right)),
    "<=": lambda left, right: int(le(left, right)),
    ">=": lambda left, right: int(ge(left, right)),
}
"""Operators over two numbers."""


def number_test(value: LitmusValue) -> LitmusValue:
    """Whether a value is a number, and so no address."""
    if isinstance(value, tuple):
        return OperatorTerm(IS_NUMBER, value, 0)
    return int(isinstance(value, int))


def is_known(value: LitmusValue) -> bool:
    """Whether a value is no term."""
    return not isinstance(value, tuple)


def computed_value(operator: str, left: LitmusValue, right: LitmusValue) -> LitmusValue:
    """What an operator gives: a value if it can be known now. Errors: `UsageError`."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        return simplified(operator, left, right)
    if operator == IS_NUMBER:
        return number_test(left)
    if operator == "==":
        return int(left == right)
    if operator == "!=":
        return int(left != right)
    if operator == "&&":
        return int(left != 0 and right != 0)
    if operator == "||":
        return int(left != 0 or right != 0)
    if isinstance(left, str) or isinstance(right, str):
        return with_address(operator, left, right)
    return ARITHMETIC[operator](left, right)


def simplified(operator: str, left: LitmusValue, right: LitmusValue) -> LitmusValue:
    """A term, or what it is whatever the reads give."""
    if left == right and operator in ("-", "^", "!="):
        return 0
    if left == right and operator == "==":
        return 1
    return OperatorTerm(operator, left, right)


def with_address(operator: str, left: LitmusValue, right: LitmusValue) -> LitmusValue:
    """What an operator gives of an address: only cells of arrays can be moved between.

    Errors: `UsageError`.
    """
    if operator == "+" and isinstance(left, int):
        left, right = right, left
    if isinstance(left, str) and isinstance(right, int) and operator in ("+", "-"):
        return moved_address(left, right if operator == "+" else -right)
    if isinstance(left, str) and isinstance(right, str) and operator in ("-", "^"):
        base, at = split_cell(left)
        other, start = split_cell(right)
        if base == other:
            return at - start if operator == "-" else at ^ start
    shown = f"{left} {operator} {right}"
    raise UsageError(f"{shown}: what an operator does to an address can't be known")


def split_cell(address: str) -> tuple[str, int]:
    """An address as that of an array and an index."""
    if address.endswith("]"):
        base, _, index = address[:-1].rpartition("[")
        return base, int(index)
    return address, 0


def moved_address(address: str, by: int) -> str:
    """The cell of an array that is so many cells further on."""
    base, index = split_cell(address)
    return f"{base}[{index + by}]" if index + by else base


def member_of(address: LitmusValue, name: str) -> LitmusValue:
    """The address of a member of the structure at an address."""
    return OperatorTerm(".", address, name) if isinstance(address, tuple) else f"{address}.{name}"


def with_reads(value: LitmusValue, give: Callable[[int], LitmusValue]) -> LitmusValue:
    """A value with what `give` says of each read in the place of its term."""
    match value:
        case ReadTerm(event):
            return give(event)
        case OperatorTerm(".", left, right):
            return member_of(with_reads(left, give), str(right))
        case OperatorTerm(operator, left, right):
            return computed_value(operator, with_reads(left, give), with_reads(right, give))
    return value


def hole_filled(value: LitmusValue, old: LitmusValue) -> LitmusValue:
    """A value with `old` in the place of `HOLE`; `old` may be a term."""
    return with_reads(value, lambda event: old if event == HOLE.event else ReadTerm(event))


def renumbered(value: LitmusValue, by: int) -> LitmusValue:
    """A value whose reads are numbered from another event on."""
    if not isinstance(value, tuple):
        return value
    return with_reads(value, lambda event: ReadTerm(event + by))


def reads_of(value: LitmusValue) -> Iterator[int]:
    """The events whose results a value depends on."""
    match value:
        case ReadTerm(event):
            yield event
        case OperatorTerm(_, left, right):
            yield from reads_of(left)
            yield from reads_of(right)
