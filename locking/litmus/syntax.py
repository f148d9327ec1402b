"""What a litmus test says, as data: expressions, statements, threads, conditions.

The C of litmus tests is small. There are no functions but threads, and a variable of a thread is a
register. A call of the kernel's vocabulary, such as `READ_ONCE(*x)`, is a `Primitive` here: the
parser has put in what `functions.py` says of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class LitmusNumber(NamedTuple):
    """A constant."""

    value: int


class Variable(NamedTuple):
    """A register of the thread, or a location: its address is the value of the register."""

    name: str


class Dereference(NamedTuple):
    """The location at an address: a plain read where its value is asked for."""

    address: LitmusExpression


class AddressOf(NamedTuple):
    """The address of a location, or a register that a primitive writes."""

    target: LitmusExpression


class MemberAddress(NamedTuple):
    """The address of a member of a structure, of which this is the address."""

    address: LitmusExpression
    name: str


class Computed(NamedTuple):
    """An operator with its operands: `+`, `==`, `!`, and `?` for a choice between two values."""

    operator: str
    operands: tuple[LitmusExpression, ...]


class Primitive(NamedTuple):
    """An operation on memory: `load`, `store`, `fence`, `xchg` ...; `annotations` say how."""

    kind: str
    annotations: tuple[str, ...]
    arguments: tuple[LitmusExpression, ...]
    operator: str = ""


LitmusExpression = (
    LitmusNumber | Variable | Dereference | AddressOf | MemberAddress | Computed | Primitive
)


class Assignment(NamedTuple):
    """A register or a location gets a value."""

    line: int
    target: LitmusExpression
    value: LitmusExpression


class Evaluation(NamedTuple):
    """An expression whose value is dropped."""

    line: int
    value: LitmusExpression


class LitmusBlock(NamedTuple):
    """Statements, one after the other."""

    line: int
    body: tuple[LitmusStatement, ...]


class Branch(NamedTuple):
    """`if`, with nothing or a statement for else."""

    line: int
    condition: LitmusExpression
    then: LitmusStatement
    otherwise: LitmusStatement | None


class LitmusLoop(NamedTuple):
    """A loop; `first` says that the body runs once before the condition is asked, as with `do`."""

    line: int
    condition: LitmusExpression
    body: LitmusStatement
    after: LitmusStatement | None
    first: bool = False


class Selection(NamedTuple):
    """`switch`: the label of each case, None for the default, with all statements from there on."""

    line: int
    subject: LitmusExpression
    cases: tuple[tuple[LitmusExpression | None, tuple[LitmusStatement, ...]], ...]


class Departure(NamedTuple):
    """`break`, `continue` or `return`."""

    line: int
    how: str


LitmusStatement = (
    Assignment | Evaluation | LitmusBlock | Branch | LitmusLoop | Selection | Departure
)


class LitmusThread(NamedTuple):
    """One thread: its parameters are addresses of the locations that they are called after."""

    number: int
    line: int
    parameters: tuple[str, ...]
    body: tuple[LitmusStatement, ...]


class LitmusPlace(NamedTuple):
    """What a condition asks for: a register of a thread, or a location, where `thread` is None."""

    thread: int | None
    name: str

    def __str__(self) -> str:
        return self.name if self.thread is None else f"{self.thread}:{self.name}"


class Compared(NamedTuple):
    """Whether a place has a value at the end, or that of another place."""

    place: LitmusPlace
    other: LitmusPlace | int | str
    equal: bool = True


class Combined(NamedTuple):
    """Conditions together: `and`, `or`, `not`, `implies`."""

    operator: str
    parts: tuple[LitmusCondition, ...]


LitmusCondition = Compared | Combined


class LitmusTest(NamedTuple):
    """A whole test. `quantifier` is `exists`, `~exists` or `forall`."""

    name: str
    memory: Mapping[str, int | str]
    registers: Mapping[LitmusPlace, int | str]
    threads: tuple[LitmusThread, ...]
    quantifier: str
    condition: LitmusCondition
    filter: LitmusCondition | None
    shown: tuple[LitmusPlace, ...]
    """The places of the condition and of `locations`: a final state is their values."""
