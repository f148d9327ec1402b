"""Parses cat: expressions by precedence, statements by their first word."""

from locking.memory_models.cat.syntax import (
    Applied,
    Binding,
    CatExpression,
    CatName,
    CatOperation,
    CatStatement,
    CheckLine,
    Include,
    Lambda,
    Let,
    LetIn,
    Tags,
    Try,
    WithLine,
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


class CatParser:
    """Reads the tokens of one file, from the first to the last."""

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

    def statements(self) -> list[CatStatement]:
        """All that the file says; its title and what only drawings need is left out."""
        found: list[CatStatement] = []
        if self.next.kind == "string":
            self.take()
        # Older files have a title without quotes.
        while self.next.kind == "name" and self.next.text not in CAT_KEYWORDS:
            self.take()
        while self.next.kind != "end":
            found += self.statement()
        return found

    def statement(self) -> list[CatStatement]:
        """Read a statement; none for one that is left out.

        Errors: `ModelError` if no statement begins here, or one that is not known.
        """
        line = self.next.line
        if self.skip("let"):
            recursive = self.skip("rec")
            bindings = self.bindings()
            if self.skip("in"):
                raise self.error("`let ... in` is an expression, and this is none")
            return [Let(bindings, recursive, line)]
        if self.comes(*TESTS, "~", "flag", "undefined_unless", "assert"):
            return [self.check()]
        if self.skip("include"):
            return [Include(self.string(), line)]
        if self.skip("enum"):
            return [self.enumeration(line)]
        if self.skip("with"):
            name = self.name()
            self.expect("from")
            return [WithLine(name, self.expression(), line)]
        if self.comes("show", "unshow", "instructions", "default"):
            return self.left_out()
        raise self.error(f"{self.next.text!r} begins no statement that is known here")

    def string(self) -> str:
        """Read a string.

        Errors: `ModelError` if something else comes.
        """
        if self.next.kind != "string":
            raise self.error(f"a string should come here, not {self.next.text!r}")
        return self.take().text[1:-1]

    def left_out(self) -> list[CatStatement]:
        """Skip a statement that changes no verdict."""
        word = self.take().text
        if word in ("instructions", "default"):
            self.name()
            self.expect("[")
            while not self.skip("]"):
                self.take()
            return []
        while True:
            self.expression()
            if self.skip("as"):
                self.name()
            if not self.skip(","):
                return []

    def enumeration(self, line: int) -> Tags:
        """Read `name = 'tag || 'tag`."""
        self.name()
        self.expect("=")
        tags = [self.tag()]
        while self.skip("||"):
            tags.append(self.tag())
        return Tags(tuple(tags), line)

    def tag(self) -> str:
        """Read a tag, without its quote.

        Errors: `ModelError` if something else comes.
        """
        if self.next.kind != "tag":
            raise self.error(f"a tag such as 'once should come here, not {self.next.text!r}")
        return self.take().text[1:]

    def check(self) -> CheckLine:
        """Read `flag ~empty e as name`, all but the test and `e` perhaps left out.

        Errors: `ModelError` if no test comes.
        """
        line = self.next.line
        undefined = self.skip("undefined_unless")
        is_flag = self.skip("flag") or undefined
        self.skip("assert")
        negated = self.skip("~")
        if not self.comes(*TESTS):
            raise self.error(f"{' or '.join(TESTS)} should come here, not {self.next.text!r}")
        test = self.take().text
        value = self.expression()
        name = self.name() if self.skip("as") else f"line {line}"
        return CheckLine(test, negated is not undefined, is_flag, value, name, line)

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
        if self.comes("let", "fun", "try", "begin"):
            return self.worded()
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
        parameters = self.parameters() or ()
        self.expect("->")
        return Lambda(parameters, self.expression(), line)


def parsed_cat(file: str, text: str) -> list[CatStatement]:
    """What the text of a cat or bell file says; `file` is what errors call it.

    Errors: `ModelError`, with the line, if it is no cat, or has what is not known here.
    """
    return CatParser(file, text).statements()
