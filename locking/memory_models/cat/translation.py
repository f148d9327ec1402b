"""Translates what a cat file says into checks on terms.

Functions are applied while translating, so a model is terms and checks in the end, whatever its
file defines on the way. What a file leaves open (`with x from e`, and `include "cos.cat"`) is
chosen by the candidate: it has its `rf` and `co`.
"""

from collections.abc import Callable
from typing import NamedTuple

from locking.errors import ModelError
from locking.memory_models.cat.syntax import (
    Applied,
    Binding,
    Call,
    CatExpression,
    CatName,
    CatOperation,
    CatStatement,
    CheckLine,
    Include,
    Lambda,
    Let,
    LetIn,
    Procedure,
    Tags,
    Try,
    WithLine,
)
from locking.memory_models.cat.tokens import cat_error
from locking.memory_models.cat.values import (
    FIRST_NAMES,
    CatFunction,
    CatNames,
    CatProcedure,
    CatValue,
    CrossOptions,
    Element,
    tag_names,
)
from locking.memory_models.plan import EMPTY, ModelLine
from locking.memory_models.terms import (
    CHOSEN_RELATIONS,
    EMPTY_TERM,
    RELATION,
    SET,
    KindError,
    Term,
    given,
    only,
    recursion,
    variable,
    varying,
)

Parsed = Callable[[str], tuple[str, list[CatStatement]]]
"""A file that is included, by its name: what errors call it, and what it says."""

LOCKS = "lock.cat"
"""The kernel's file that generates `rf` and `co` of locks."""


class Unbound(ModelError):
    """A name that is not bound: `try` may have another."""


class Translation:
    """The names that are bound so far, the checks, and the assertions."""

    def __init__(self, parsed: Parsed) -> None:
        """No checks, and the names that every file has."""
        self.parsed = parsed
        self.names: CatNames = FIRST_NAMES
        self.open: list[str] = []
        self.checks: list[ModelLine] = []
        self.assertions: list[ModelLine] = []
        self.include("prelude.cat")

    def include(self, name: str) -> None:
        """Translate a file as if it stood here.

        Errors: `ModelError` if it includes itself.
        """
        if name in self.open:
            raise ModelError(f"{name} includes itself")
        self.open.append(name)
        if name == LOCKS:
            self.include("without-locks.cat")
        file, statements = self.parsed(name)
        for each in statements:
            self.statement(file, each)
        self.open.pop()

    def statement(self, file: str, said: CatStatement) -> None:
        """Translate a statement of a file.

        Errors: `ModelError`, with the line, if it makes no sense.
        """
        match said:
            case Let():
                self.names = bound(said.bindings, said.recursive, self.names, file)
            case CheckLine():
                self.check(said, file)
            case Include():
                try:
                    self.include(said.file)
                except FileNotFoundError:
                    raise cat_error(file, said.line, f"{said.file} is not there") from None
            case Tags():
                self.names = {**self.names, **dict(map(tag_names, said.names))}
            case WithLine():
                self.choose(said, file)
            case Procedure():
                self.names = {**self.names, said.name: CatProcedure(said, self.names, file)}
            case Call():
                self.call(said, file)

    def check(self, said: CheckLine, file: str) -> None:
        """Translate a check.

        Errors: `ModelError` for a set that should be acyclic, and an assertion on `rf` or `co`.
        """
        term = term_of(said.value, self.names, file)
        if said.test != EMPTY and term.kind == SET:
            raise cat_error(file, said.line, "a relation is needed, but this is a set")
        line = ModelLine(said.test, term, said.name, said.negated, said.is_flag)
        if not said.is_assertion:
            self.checks.append(line)
        elif varying(term):
            raise cat_error(file, said.line, "an assertion on rf or co is not read")
        else:
            name = f"{said.name} ({file}:{said.line})"
            self.assertions.append(line._replace(name=name))

    def call(self, said: Call, file: str) -> None:
        """Translate the statements of a procedure; the names that they bind end with it.

        Errors: `ModelError` if it is none, or has other parameters.
        """
        found = self.names.get(said.procedure)
        if not isinstance(found, CatProcedure):
            raise cat_error(file, said.line, f"{said.procedure} is no procedure")
        arguments = [value_of(each, self.names, file) for each in said.arguments]
        outside = self.names
        self.names = with_arguments(found, arguments, file, said.line)
        for each in found.definition.body:
            self.statement(found.file, each)
        self.names = outside

    def choose(self, said: WithLine, file: str) -> None:
        """Bind a name to what the candidate has, which must be one of the options.

        Errors: `ModelError` if what is chosen is no part of `rf`.
        """
        is_part = said.name.startswith("rf")
        options = value_of(said.value, self.names, file) if is_part else None
        if not isinstance(options, CrossOptions):
            raise cat_error(file, said.line, "only parts of rf can be chosen here, from cross(...)")
        chosen = given("rf") & options.pairs
        self.names = {**self.names, said.name: chosen}
        self.checks.append(ModelLine(EMPTY, options.events - chosen.range_, said.name))

    def all_checks(self) -> tuple[ModelLine, ...]:
        """The checks, with one for each of `rf` and `co` that the file generates itself."""
        found = list(self.checks)
        for name in CHOSEN_RELATIONS:
            own = self.names[name]
            if isinstance(own, Term) and own is not given(name):
                other = (own - given(name)) | (given(name) - own)
                found.append(ModelLine(EMPTY, other, f"generated {name}"))
        return tuple(found)


def bound(bindings: tuple[Binding, ...], recursive: bool, names: CatNames, file: str) -> CatNames:
    """The names, with those of a `let`.

    Errors: `ModelError` for a recursion inside another that uses its names.
    """
    if not recursive:
        return {**names, **{each.name: value_of(each.value, names, file) for each in bindings}}
    kinds = kinds_of(bindings, names)
    variables = {each.name: variable(each.name, kinds[each.name]) for each in bindings}
    inner = {**names, **variables}
    bodies = tuple(term_of(each.value, inner, file) for each in bindings)
    try:
        found = recursion(tuple(variables.values()), bodies)
    except ModelError as error:
        raise cat_error(file, bindings[0].line, str(error)) from None
    return {**names, **dict(zip(variables, found, strict=True))}


def kinds_of(bindings: tuple[Binding, ...], names: CatNames) -> dict[str, str]:
    """Which of the names of a recursion are sets; all others are relations."""
    kinds: dict[str, str] = {}
    for _ in bindings:
        for each in bindings:
            if kind := kind_said(each.value, names, kinds):
                kinds[each.name] = kind
    return {each.name: kinds.get(each.name, RELATION) for each in bindings}


def kind_said(said: CatExpression, names: CatNames, kinds: dict[str, str]) -> str | None:
    """Whether an expression is a set or a relation, if its form or a name in it says so."""
    match said:
        case CatName(text):
            value = names.get(text)
            own = value.kind if isinstance(value, Term) and value is not EMPTY_TERM else None
            return kinds.get(text, own)
        case CatOperation("|" | "&" | "\\" | "~", operands):
            found = (kind_said(each, names, kinds) for each in operands)
            return next((kind for kind in found if kind), None)
        case Applied(CatName("domain" | "range")):
            return SET
        case LetIn():
            return kind_said(said.body, names, kinds)
    return RELATION


def term_of(said: CatExpression, names: CatNames, file: str) -> Term:
    """The set or relation that an expression is.

    Errors: `ModelError` if it is something else.
    """
    value = value_of(said, names, file)
    if not isinstance(value, Term):
        raise cat_error(file, said.line, "a set or a relation should stand here")
    return value


def value_of(said: CatExpression, names: CatNames, file: str) -> CatValue:
    """What an expression is.

    Errors: `ModelError` if it makes no sense; `Unbound` if a name is not bound.
    """
    match said:
        case CatName(text, line):
            if text not in names:
                raise Unbound(f"{file}:{line}: {text} is not bound to anything")
            return names[text]
        case Lambda():
            return CatFunction(said, names, file)
        case LetIn(bindings, recursive, body):
            return value_of(body, bound(bindings, recursive, names, file), file)
        case Try(first, second):
            try:
                return value_of(first, names, file)
            except Unbound:
                return value_of(second, names, file)
        case Applied():
            return applied(said, names, file)
    try:
        return operation_value(said, names, file)
    except KindError as error:
        raise cat_error(file, said.line, str(error)) from None


def operation_value(said: CatOperation, names: CatNames, file: str) -> CatValue:
    """What an operator and its operands are.

    Errors: `ModelError` if there is no such operation.
    """
    if said.operator in ("{}", "++"):
        return _elements(said, names, file)
    terms = [term_of(each, names, file) for each in said.operands]
    first, last = terms[0], terms[-1]
    table: dict[str, Callable[[], Term]] = {
        "|": lambda: first | last,
        "&": lambda: first & last,
        "\\": lambda: first - last,
        ";": lambda: first.then(last),
        "*": lambda: first * last,
        "~": lambda: ~first,
        "[]": lambda: only(first),
        "postfix +": lambda: first.plus,
        "postfix *": lambda: first.star,
        "postfix ?": lambda: first.maybe,
        "postfix ^-1": lambda: first.inverse,
    }
    return table[said.operator]()


def _elements(said: CatOperation, names: CatNames, file: str) -> CatValue:
    """`{e}` or `p ++ 0`, where `e` or `p` stands for each element, one after the other.

    All of them together are the set or the relation that they are of. That is right where an
    element is a factor of a product, or alone: whatever is done with it is done with all.
    Errors: `ModelError` for other sets of elements.
    """
    if not said.operands:
        return EMPTY_TERM
    value = value_of(said.operands[0], names, file)
    if said.operator == "++" and value_of(said.operands[1], names, file) is not EMPTY_TERM:
        value = EMPTY_TERM
    if not isinstance(value, Element) or len(said.operands) > 2:
        raise cat_error(file, said.line, "only {e} and p ++ 0 in a function for map can be read")
    return value.of


def applied(said: Applied, names: CatNames, file: str) -> CatValue:
    """What a function is of its arguments.

    Errors: `ModelError` if it is no function, or has other parameters.
    """
    line = said.line
    match said:
        case Applied(Applied(CatName("map"), (function,)), (over,)):
            over_which = term_of(over, names, file)
            return mapped(value_of(function, names, file), over_which, file, line)
        case Applied(CatName("cross"), (options,)):
            return value_of(options, names, file)
    value = value_of(said.function, names, file)
    arguments = [value_of(each, names, file) for each in said.arguments]
    if isinstance(value, CatFunction):
        return value_of_call(value, arguments, file, line)
    if not callable(value) or len(arguments) != 1 or not isinstance(arguments[0], Term):
        raise cat_error(file, line, "this can't be applied to that")
    try:
        return value(arguments[0])
    except KindError as error:
        raise cat_error(file, line, str(error)) from None


def value_of_call(
    function: CatFunction, arguments: list[CatValue], file: str, line: int
) -> CatValue:
    """What a function of the file is of these arguments.

    Errors: `ModelError` if it has other parameters.
    """
    inner = with_arguments(function, arguments, file, line)
    return value_of(function.definition.body, inner, function.file)


def with_arguments(
    called: CatFunction | CatProcedure, arguments: list[CatValue], file: str, line: int
) -> CatNames:
    """The names that a function or procedure sees, with those of its parameters.

    Errors: `ModelError` if it has other parameters.
    """
    parameters = called.definition.parameters
    if len(parameters) != len(arguments):
        raise cat_error(file, line, f"{len(parameters)} arguments are needed here")
    return {**called.names, **dict(zip(parameters, arguments, strict=True))}


def mapped(function: CatValue, over: Term, file: str, line: int) -> CrossOptions:
    """The options that a function gives for each event of a set, or each pair of a relation.

    Errors: `ModelError` if it is no function of the file.
    """
    if not isinstance(function, CatFunction):
        raise cat_error(file, line, "map needs a function of the file")
    found = value_of_call(function, [Element(over)], file, line)
    pairs = found.pairs if isinstance(found, CrossOptions) else found
    if not isinstance(pairs, Term):
        raise cat_error(file, line, "map needs a function that gives sets or relations")
    return CrossOptions(pairs, over)


class Translated(NamedTuple):
    """The checks of a model, and the relations of its file that a reader knows by their names."""

    checks: tuple[ModelLine, ...]
    names: dict[str, Term]
    assertions: tuple[ModelLine, ...]
    """What the model takes for granted of all tests."""


def translated(parsed: Parsed, files: tuple[str, ...]) -> Translated:
    """The checks of a model whose files are read in this order, such as a bell and a cat file.

    Errors: `ModelError`, with file and line, if a file makes no sense or is not there.
    """
    translation = Translation(parsed)
    for each in files:
        translation.include(each)
    terms = {name: each for name, each in translation.names.items() if isinstance(each, Term)}
    return Translated(translation.all_checks(), terms, tuple(translation.assertions))
