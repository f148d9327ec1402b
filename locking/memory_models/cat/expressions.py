"""Parses the expressions of cat by precedence, and the conditions over variants."""

from locking.memory_models.cat.syntax import (
    Applied,
    Binding,
    CatExpression,
    CatName,
    CatOperation,
    Lambda,
    LetIn,
    Try,
)
from locking.memory_models.cat.tokens import CatToken, cat_error, tokens_of_cat
from locking.memory_models.plan import ACYCLIC, EMPTY, IRREFLEXIVE

INFIX = ("|", "++", ";", "\\", "&", "*")
"""The infix operators; each binds tighter than those before it."""

POSTFIX = {"+": "+", "*": "*", "?": "?", "^-1": "^-1", "^+": "+", "^*": "*", "^?": "?"}

TESTS = (ACYCLIC, IRREFLEXIVE, EMPTY)

CAT_KEYWORDS = {
    *TESTS,
    *("let", "rec", "and", "in", "as", "flag", "include", "show", "unshow", "enum", "instructions"),
    *("with", "from", "try", "fun", "undefined_unless", "default", "begin", "end", "if", "then"),
    *("else", "match", "procedure", "call", "forall", "do", "assert", "scopes", "regions"),
}
"""Words that are no names."""

NOT_READ = ("match", "forall")
"""Words that begin what goes through the elements of a set one by one."""


class CatExpressionParser:
    """Reads the tokens of one file; this part of it reads expressions."""

    def __init__(self, file: str, text: str) -> None:
        """A parser of a file's text; `file` is what errors call it."""
        self.file = file
        self.tokens = tokens_of_cat(file, text)
        self.place = 0

    @property
    def next(self) -> CatToken:
        """The token that is read next."""
        return self.tokens[self.place]

    def take(self) -> CatToken:
        """Read a token."""
        self.place += 1
        return self.tokens[self.place - 1]

    def comes(self, *texts: str) -> bool:
        """Whether one of these signs or words comes next."""
        return self.next.kind in ("sign", "name") and self.next.text in texts

    def skip(self, text: str) -> bool:
        """Read this sign or word if it comes next; whether it did."""
        found = self.comes(text)
        self.place += found
        return found

    def expect(self, text: str) -> None:
        """Read this sign or word.

        Errors: `ModelError` if something else comes.
        """
        if not self.skip(text):
            raise self.error(f"{text!r} should come here, not {self.next.text!r}")

    def error(self, message: str) -> Exception:
        """The error for the line of the next token."""
        return cat_error(self.file, self.next.line, message)

    def name(self) -> str:
        """Read a name.

        Errors: `ModelError` if something else comes.
        """
        if self.next.kind != "name" or self.next.text in CAT_KEYWORDS:
            raise self.error(f"a name should come here, not {self.next.text!r}")
        return self.take().text

    def bindings(self) -> tuple[Binding, ...]:
        """Read `x = e and f(y) = e`."""
        found = [self.binding()]
        while self.skip("and"):
            found.append(self.binding())
        return tuple(found)

    def binding(self) -> Binding:
        """Read `x = e`, `f(x, y) = e` or `f x = e`."""
        line, name = self.next.line, self.name()
        parameters = self.parameters()
        self.expect("=")
        value = self.expression()
        return Binding(name, value if parameters is None else Lambda(parameters, value, line), line)

    def parameters(self) -> tuple[str, ...] | None:
        """Read the parameters of a function, or None if there are none."""
        if self.skip("("):
            found = [] if self.comes(")") else [self.name()]
            while self.skip(","):
                found.append(self.name())
            self.expect(")")
            return tuple(found)
        return (self.name(),) if self.next.kind == "name" else None

    def expression(self, level: int = 0) -> CatExpression:
        """Read an expression whose operators bind at least as tight as those of `level`."""
        if level == len(INFIX):
            return self.prefixed()
        found = self.expression(level + 1)
        while self.comes(INFIX[level]):
            line = self.take().line
            found = CatOperation(INFIX[level], (found, self.expression(level + 1)), line)
        return found

    def prefixed(self) -> CatExpression:
        """Read an operand, with `~` before it."""
        line = self.next.line
        if self.skip("~"):
            return CatOperation("~", (self.prefixed(),), line)
        return self.postfixed()

    def postfixed(self) -> CatExpression:
        """Read an operand, with postfix operators behind it."""
        found = self.operand()
        while self.comes(*POSTFIX) and not (self.comes("*") and self.begins_operand(1)):
            token = self.take()
            found = CatOperation("postfix " + POSTFIX[token.text], (found,), token.line)
        return found

    def begins_operand(self, ahead: int) -> bool:
        """Whether an operand begins so many tokens further on; `let` there begins a statement."""
        token = self.tokens[self.place + ahead]
        if token.kind == "name":
            return token.text not in CAT_KEYWORDS
        return token.text in ("(", "[", "{", "~")

    def operand(self) -> CatExpression:
        """Read a name, an application, or what is in brackets.

        Errors: `ModelError` if no expression begins here.
        """
        token = self.next
        if self.skip("("):
            found = self.expression()
            self.expect(")")
            return found
        if self.skip("["):
            found = self.expression()
            self.expect("]")
            return CatOperation("[]", (found,), token.line)
        if self.skip("{"):
            elements = [] if self.comes("}") else self.arguments()
            self.expect("}")
            return CatOperation("{}", tuple(elements), token.line)
        if self.comes("let", "fun", "try", "begin", "if"):
            return self.worded()
        self.refuse_unread()
        if token.kind != "name" or token.text in CAT_KEYWORDS:
            raise self.error(f"an expression should come here, not {token.text!r}")
        return self.applied(CatName(self.take().text, token.line))

    def applied(self, function: CatExpression) -> CatExpression:
        """Read what a name is applied to: `f(x, y)`, `f x`, or nothing."""
        found = function
        while self.next.kind == "name" or self.comes("("):
            line = self.next.line
            if self.skip("("):
                arguments = [] if self.comes(")") else self.arguments()
                self.expect(")")
            elif self.next.text in CAT_KEYWORDS:
                break
            else:
                arguments = [CatName(self.take().text, line)]
            found = Applied(found, tuple(arguments), line)
        return found

    def arguments(self) -> list[CatExpression]:
        """Read expressions with `,` between them."""
        found = [self.expression()]
        while self.skip(","):
            found.append(self.expression())
        return found

    def worded(self) -> CatExpression:
        """Read an expression that begins with a word."""
        line, word = self.next.line, self.take().text
        if word == "let":
            recursive = self.skip("rec")
            bindings = self.bindings()
            self.expect("in")
            return LetIn(bindings, recursive, self.expression(), line)
        if word == "try":
            first = self.expression()
            self.expect("with")
            return Try(first, self.expression(), line)
        if word == "begin":
            found = self.expression()
            self.expect("end")
            return found
        if word == "if":
            chosen = self.condition()
            self.expect("then")
            first = self.expression()
            self.expect("else")
            second = self.expression()
            return first if chosen else second
        parameters = self.parameters() or ()
        self.expect("->")
        return Lambda(parameters, self.expression(), line)

    def refuse_unread(self) -> None:
        """Errors: `ModelError` if what begins here is cat, but is not read."""
        if self.comes(*NOT_READ):
            raise self.error(f"`{self.next.text}` is not read: it takes a set apart, one by one")

    def condition(self) -> bool:
        """Read a condition over variants, that is, over options of herd7; none of them is set."""
        found = self.conjunction()
        while self.skip("||"):
            found |= self.conjunction()
        return found

    def conjunction(self) -> bool:
        """Read conditions with `&&` between them."""
        found = self.variant()
        while self.skip("&&"):
            found &= self.variant()
        return found

    def variant(self) -> bool:
        """Read a variant, perhaps with `not` before it, or a condition in brackets.

        Errors: `ModelError` for a condition that asks what an execution has.
        """
        if self.skip("not"):
            return not self.variant()
        if self.skip("("):
            found = self.condition()
            self.expect(")")
            return found
        self.skip("variant")
        if self.next.kind != "string":
            raise self.error(
                f'only a variant such as "cos-opt" can be a condition, not {self.next.text!r}'
            )
        self.take()
        return False
