"""What a cat file says, as a tree. Every part knows its line."""

from typing import NamedTuple, TypeAlias


class CatName(NamedTuple):
    """A set, relation or function by its name."""

    text: str
    line: int


class CatOperation(NamedTuple):
    """An operator and its operands: `|`, `[]`, `^-1` ..."""

    operator: str
    operands: tuple["CatExpression", ...]
    line: int


class Applied(NamedTuple):
    """A function and what it is applied to."""

    function: "CatExpression"
    arguments: tuple["CatExpression", ...]
    line: int


class Lambda(NamedTuple):
    """A function: `fun x -> e`, or what `let f(x) = e` binds."""

    parameters: tuple[str, ...]
    body: "CatExpression"
    line: int


class Binding(NamedTuple):
    """A name and what it is bound to."""

    name: str
    value: "CatExpression"
    line: int


class LetIn(NamedTuple):
    """Bindings for one expression: `let x = e in e`."""

    bindings: tuple[Binding, ...]
    recursive: bool
    body: "CatExpression"
    line: int


class Try(NamedTuple):
    """`try e with e`: the second if the first has a name that is not bound."""

    first: "CatExpression"
    second: "CatExpression"
    line: int


CatExpression: TypeAlias = "CatName | CatOperation | Applied | Lambda | LetIn | Try"


class Let(NamedTuple):
    """Bindings for the rest of the file."""

    bindings: tuple[Binding, ...]
    recursive: bool
    line: int


class CheckLine(NamedTuple):
    """`acyclic e as name`, a flag, or an assertion."""

    test: str
    negated: bool
    is_flag: bool
    is_assertion: bool
    value: CatExpression
    name: str
    line: int


class Include(NamedTuple):
    """Another file, as if it stood here."""

    file: str
    line: int


class Tags(NamedTuple):
    """Tags that instructions may have: `enum Barriers = 'wmb || 'rmb`."""

    names: tuple[str, ...]
    line: int


class WithLine(NamedTuple):
    """`with x from e`: the candidate has one of the relations of a set of them."""

    name: str
    value: CatExpression
    line: int


class Procedure(NamedTuple):
    """Statements that are called by a name: `procedure p(x) = ... end`."""

    name: str
    parameters: tuple[str, ...]
    body: "tuple[CatStatement, ...]"
    line: int


class Call(NamedTuple):
    """`call p(e)`: the statements of a procedure, as if they stood here."""

    procedure: str
    arguments: tuple[CatExpression, ...]
    line: int


CatStatement: TypeAlias = Let | CheckLine | Include | Tags | WithLine | Procedure | Call
