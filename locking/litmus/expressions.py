"""C expressions of a litmus test, by precedence climbing; calls become what they stand for."""

from locking.errors import unknown
from locking.litmus.syntax import (
    AddressOf,
    Computed,
    Dereference,
    LitmusBlock,
    LitmusExpression,
    LitmusNumber,
    MemberAddress,
    Primitive,
    Variable,
)
from locking.litmus.tokens import LitmusError, Tokens, number_of
from locking.litmus.vocabulary import Vocabulary, VocabularyMacro, address_of, substituted

PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}
"""How tightly each operator binds, by C11, 6.5."""

TYPES = {"int", "long", "short", "char", "unsigned", "signed", "void", "struct", "union", "bool"}
QUALIFIERS = {"const", "volatile", "static", "register", "__rcu", "_Atomic", "extern"}
NAMED_TYPES = {
    "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "_Bool", "size_t", "atomic_t",
    "atomic64_t", "atomic_long_t", "spinlock_t", "raw_spinlock_t", "rwlock_t", "intptr_t",
    "uintptr_t", "mtx_t", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t",
    "uint32_t", "uint64_t", "ulong", "uint", "__int128_t", "__uint128_t", "typeof",
}  # fmt: skip
"""Types that begin a declaration; what a type says is not used."""

TRANSPARENT = {"likely", "unlikely", "READ_ONCE_NOCHECK"}
"""Macros that say nothing of the value."""

NAMED_CONSTANTS = {"NULL": 0, "true": 1, "false": 0}


def begins_type(tokens: Tokens) -> bool:
    """Whether a type comes next."""
    return tokens.next.text in TYPES | QUALIFIERS | NAMED_TYPES


def skip_type(tokens: Tokens) -> None:
    """Take a type, without the stars of a pointer."""
    while begins_type(tokens):
        word = tokens.take().text
        if word in ("struct", "union"):
            tokens.expect_name("the name of a structure")
        if word == "typeof":
            tokens.expect("(", "after typeof")
            while not tokens.accept(")"):
                tokens.take()


class ExpressionParser:
    """Reads expressions; `vocabulary` says what calls stand for. Errors: `LitmusError`."""

    def __init__(self, tokens: Tokens, vocabulary: Vocabulary) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary

    def expression(self) -> LitmusExpression:
        """An expression, a conditional one included."""
        condition = self.binary(1)
        if not self.tokens.accept("?"):
            return condition
        then = self.expression()
        self.tokens.expect(":", "between the two values of ?")
        return Computed("?", (condition, then, self.expression()))

    def binary(self, least: int) -> LitmusExpression:
        """Operands with operators that bind at least so tightly."""
        left = self.unary()
        while True:
            operator = self.tokens.next.text
            binds = PRECEDENCE.get(operator, 0)
            if self.tokens.next.kind != "sign" or binds < least:
                return left
            self.tokens.take()
            left = Computed(operator, (left, self.binary(binds + 1)))

    def unary(self) -> LitmusExpression:
        """An operand, with what is before it. Errors: `LitmusError`."""
        tokens = self.tokens
        if tokens.accept("*"):
            return Dereference(self.unary())
        if tokens.accept("&"):
            return address_of(self.unary())
        if tokens.accept("-"):
            return negative(self.unary())
        if tokens.accept("+"):
            return self.unary()
        if tokens.has("!", "~"):
            return Computed(tokens.take().text, (self.unary(),))
        if tokens.has("++", "--"):
            raise LitmusError(tokens.next.line, f"{tokens.next.text} in an expression is unknown")
        return self.postfix(self.primary())

    def postfix(self, made: LitmusExpression) -> LitmusExpression:
        """An operand with the indices and members after it."""
        tokens = self.tokens
        while True:
            if tokens.accept("["):
                made = Dereference(Computed("+", (made, self.expression())))
                tokens.expect("]", "after an index")
            elif tokens.accept("->"):
                made = Dereference(MemberAddress(made, tokens.expect_name("a member")))
            elif tokens.accept("."):
                made = Dereference(MemberAddress(address_of(made), tokens.expect_name("a member")))
            else:
                return made

    def primary(self) -> LitmusExpression:
        """A number, a name, a call, or what is in parentheses. Errors: `LitmusError`."""
        tokens = self.tokens
        if tokens.next.kind == "number":
            return LitmusNumber(number_of(tokens.take()))
        if tokens.accept("("):
            return self.parenthesis()
        if tokens.next.kind != "name":
            raise LitmusError(tokens.next.line, f"a value expected, not {tokens.next.text!r}")
        token = tokens.take()
        if tokens.has("(", "{") and (token.text.startswith("__") or tokens.has("(")):
            found = self.call(token.text, token.line)
            if isinstance(found, LitmusBlock):
                raise LitmusError(token.line, f"{token.text}() has no value")
            return found
        if token.text in self.vocabulary:
            raise LitmusError(token.line, f"{token.text} is a function; write {token.text}(...)")
        if token.text in NAMED_CONSTANTS:
            return LitmusNumber(NAMED_CONSTANTS[token.text])
        return Variable(token.text.removeprefix("%"))

    def parenthesis(self) -> LitmusExpression:
        """What follows an open parenthesis: a cast, or an expression."""
        tokens = self.tokens
        if begins_type(tokens):
            skip_type(tokens)
            while tokens.accept("*", "const", "volatile"):
                pass
            tokens.expect(")", "after the type of a cast")
            return self.unary()
        made = self.expression()
        tokens.expect(")", "after an expression")
        return made

    def arguments(self) -> list[LitmusExpression]:
        """The arguments of a call, its parentheses included."""
        tokens = self.tokens
        tokens.expect("(", "before arguments")
        found: list[LitmusExpression] = []
        while not tokens.accept(")"):
            found.append(self.expression())
            if not tokens.has(")"):
                tokens.expect(",", "between arguments")
        return found

    def call(self, name: str, line: int) -> LitmusExpression | LitmusBlock:
        """What a call stands for: a value or statements. Errors: `LitmusError`."""
        if name in TRANSPARENT:
            return self.arguments()[0]
        macro = self.vocabulary.get(name)
        if macro is None:
            said, _, _ = str(unknown("function", name, self.vocabulary)).partition(": known: ")
            raise LitmusError(line, said)
        return expanded_macro(name, macro, self.arguments(), line)


def negative(value: LitmusExpression) -> LitmusExpression:
    """A value with its sign changed."""
    if isinstance(value, LitmusNumber):
        return LitmusNumber(-value.value)
    return Computed("-", (LitmusNumber(0), value))


def expanded_macro(
    name: str, macro: VocabularyMacro, given: list[LitmusExpression], line: int
) -> LitmusExpression | LitmusBlock:
    """What a macro stands for, with these arguments. Errors: `LitmusError`."""
    if len(given) != len(macro.parameters):
        wants = f"{len(macro.parameters)} argument{'s' * (len(macro.parameters) != 1)}"
        raise LitmusError(line, f"{name}() takes {wants}, not {len(given)}")
    arguments = dict(zip(macro.parameters, given, strict=True))
    body = macro.body
    if not isinstance(body, LitmusBlock):
        found: LitmusExpression = substituted(body, arguments)
        check_addresses(name, found, line)
        return found
    parts = tuple(each._replace(line=line) for each in substituted(body, arguments).body)
    check_addresses(name, parts, line)
    return LitmusBlock(line, parts)


def check_addresses(name: str, part: object, line: int) -> None:
    """Errors: `LitmusError` if a primitive is given a value where it needs a location."""
    match part:
        case Primitive(kind, _, arguments) if arguments:
            first = arguments[0]
            if isinstance(first, AddressOf) and not isinstance(first.target, Variable):
                raise LitmusError(line, f"{name}() needs a location, such as *x ({kind})")
            for each in arguments:
                check_addresses(name, each, line)
        case tuple():
            for each in part:
                check_addresses(name, each, line)
