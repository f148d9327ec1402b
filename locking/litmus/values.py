"""Values of a litmus test: numbers, addresses, and terms over what reads will give.

A read is run before it is known from where it takes its value. So its value is the term
`("read", n)`, with the number of the event in its thread, or in the candidate. An operator with a
term for operand gives a term, `(operator, left, right)`.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import add, and_, ge, gt, le, lshift, lt, mul, or_, rshift, sub, xor

from locking.errors import UsageError
from locking.litmus.syntax import Value

READ = "read"

HOLE: Value = (READ, -1)
"""The value that a location has when a read-modify-write comes to it."""


def quotient(left: int, right: int) -> int:
    """Division as in C, towards zero."""
    if not right:
        raise UsageError("a division by zero")
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int:
    """What division as in C leaves."""
    return left - right * quotient(left, right)


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
    "<<": lshift,
    ">>": rshift,
    "<": lambda left, right: int(lt(left, right)),
    ">": lambda left, right: int(gt(left, right)),
    "<=": lambda left, right: int(le(left, right)),
    ">=": lambda left, right: int(ge(left, right)),
}
"""Operators over two numbers."""


def computed_value(operator: str, left: Value, right: Value) -> Value:
    """What an operator gives: a value if it can be known now. Errors: `UsageError`."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        return simplified(operator, left, right)
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


def simplified(operator: str, left: Value, right: Value) -> Value:
    """A term, or what it is whatever the reads give."""
    if left == right and operator in ("-", "^", "!="):
        return 0
    if left == right and operator == "==":
        return 1
    return (operator, left, right)


def with_address(operator: str, left: Value, right: Value) -> Value:
    """What an operator gives of an address: only cells of arrays can be moved between."""
    if operator == "+" and isinstance(left, int):
        left, right = right, left
    if isinstance(left, str) and isinstance(right, int) and operator in ("+", "-"):
        return moved(left, right if operator == "+" else -right)
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


def moved(address: str, by: int) -> str:
    """The cell of an array that is so many cells further on."""
    base, index = split_cell(address)
    return f"{base}[{index + by}]" if index + by else base


def member_of(address: Value, name: str) -> Value:
    """The address of a member of the structure at an address."""
    if isinstance(address, tuple):
        return (".", address, name)
    return f"{address}.{name}"


def settled(value: Value, reads: Sequence[Value]) -> Value:
    """A value with what reads gave in the place of their terms."""
    if not isinstance(value, tuple):
        return value
    if value[0] == READ:
        return reads[value[1]]  # type: ignore[index]
    operator, left, right = value
    if operator == ".":
        return member_of(settled(left, reads), str(right))  # type: ignore[arg-type]
    return computed_value(
        str(operator),
        settled(left, reads),  # type: ignore[arg-type]
        settled(right, reads),  # type: ignore[arg-type]
    )


def filled(value: Value, old: Value) -> Value:
    """A value with `old` in the place of `HOLE`; `old` may be a term."""
    return settled(value, _Old(old)) if isinstance(value, tuple) else value


class _Old(Sequence[Value]):
    """Gives one value for `HOLE`, and each other read as a term."""

    def __init__(self, old: Value) -> None:
        self.old = old

    def __getitem__(self, index: int) -> Value:  # type: ignore[override]
        return self.old if index == -1 else (READ, index)

    def __len__(self) -> int:
        return 0


def renumbered(value: Value, by: int) -> Value:
    """A value whose reads are numbered from another event on."""
    if not isinstance(value, tuple):
        return value
    if value[0] == READ:
        return (READ, value[1] + by)  # type: ignore[operator]
    operator, left, right = value
    return (
        operator,
        renumbered(left, by),  # type: ignore[arg-type]
        right if operator == "." else renumbered(right, by),  # type: ignore[arg-type]
    )


def reads_of(value: Value) -> Iterator[int]:
    """The events whose results a value depends on."""
    if isinstance(value, tuple):
        if value[0] == READ:
            yield value[1]  # type: ignore[misc]
        else:
            yield from reads_of(value[1])  # type: ignore[arg-type]
            if value[0] != ".":
                yield from reads_of(value[2])  # type: ignore[arg-type]
