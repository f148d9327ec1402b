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

    address: Expression


class AddressOf(NamedTuple):
    """The address of a location, or a register that a primitive writes."""

    target: Expression


class Member(NamedTuple):
    """The address of a member of a structure, of which this is the address."""

    address: Expression
    name: str


class Computed(NamedTuple):
    """An operator with its operands: `+`, `==`, `!`, and `?` for a choice between two values."""

    operator: str
    operands: tuple[Expression, ...]


class Primitive(NamedTuple):
    """An operation on memory: `load`, `store`, `fence`, `xchg` ...; `annotations` say how."""

    kind: str
    annotations: tuple[str, ...]
    arguments: tuple[Expression, ...]
    operator: str = ""


Expression = LitmusNumber | Variable | Dereference | AddressOf | Member | Computed | Primitive


class Assignment(NamedTuple):
    """A register or a location gets a value."""

    line: int
    target: Expression
    value: Expression


class Evaluation(NamedTuple):
    """An expression whose value is dropped."""

    line: int
    value: Expression


class Block(NamedTuple):
    """Statements, one after the other."""

    line: int
    body: tuple[Statement, ...]


class Branch(NamedTuple):
    """`if`, with nothing or a statement for else."""

    line: int
    condition: Expression
    then: Statement
    otherwise: Statement | None


class LitmusLoop(NamedTuple):
    """A loop; `first` says that the body runs once before the condition is asked, as with `do`."""

    line: int
    condition: Expression
    body: Statement
    after: Statement | None
    first: bool = False


class Selection(NamedTuple):
    """`switch`: the label of each case, None for the default, with all statements from there on."""

    line: int
    subject: Expression
    cases: tuple[tuple[Expression | None, tuple[Statement, ...]], ...]


class Leave(NamedTuple):
    """`break`, `continue` or `return`."""

    line: int
    how: str


Statement = Assignment | Evaluation | Block | Branch | LitmusLoop | Selection | Leave


class LitmusThread(NamedTuple):
    """One thread: its parameters are addresses of the locations that they are called after."""

    number: int
    line: int
    parameters: tuple[str, ...]
    body: tuple[Statement, ...]


class Place(NamedTuple):
    """What a condition asks for: a register of a thread, or a location, where `thread` is None."""

    thread: int | None
    name: str

    def __str__(self) -> str:
        return self.name if self.thread is None else f"{self.thread}:{self.name}"


class Compared(NamedTuple):
    """Whether a place has a value at the end, or that of another place."""

    place: Place
    other: Place | int | str
    equal: bool = True


class Combined(NamedTuple):
    """Conditions together: `and`, `or`, `not`, `implies`."""

    operator: str
    parts: tuple[Condition, ...]


Condition = Compared | Combined


class LitmusTest(NamedTuple):
    """A whole test. `quantifier` is `exists`, `~exists` or `forall`."""

    name: str
    memory: Mapping[str, int | str]
    registers: Mapping[Place, int | str]
    threads: tuple[LitmusThread, ...]
    quantifier: str
    condition: Condition
    filter: Condition | None
    shown: tuple[Place, ...]
    """The places of the condition and of `locations`: a final state is their values."""
