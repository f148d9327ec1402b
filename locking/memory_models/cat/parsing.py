"""Parses the statements of cat by their first word."""

from locking.memory_models.cat.expressions import CAT_KEYWORDS, TESTS, CatExpressionParser
from locking.memory_models.cat.syntax import (
    Call,
    CatStatement,
    CheckLine,
    Include,
    Let,
    Procedure,
    Tags,
    WithLine,
)


class CatParser(CatExpressionParser):
    """Reads the statements of one file, from the first to the last."""

    def statements(self) -> list[CatStatement]:
        """All that the file says; its title and what only drawings need is left out."""
        found: list[CatStatement] = []
        # Older files have a title without quotes, or an architecture before it.
        while self.next.kind == "name" and self.next.text not in CAT_KEYWORDS:
            self.take()
        if self.next.kind == "string":
            self.take()
        while self.next.kind != "end":
            found += self.statement()
        return found

    def statements_until(self, *words: str) -> list[CatStatement]:
        """Read statements, up to the first of these words."""
        found: list[CatStatement] = []
        while not self.comes(*words):
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
        if self.skip("procedure"):
            return [self.procedure(line)]
        if self.skip("call"):
            return [self.call(line)]
        if self.skip("if"):
            return self.chosen_statements()
        if self.comes("show", "unshow", "instructions", "default"):
            return self.left_out()
        self.refuse_unread()
        raise self.error(f"{self.next.text!r} begins no statement that is known here")

    def procedure(self, line: int) -> Procedure:
        """Read `p(x) = ... end`.

        Errors: `ModelError` if it is recursive.
        """
        if self.comes("rec"):
            raise self.error("a procedure that calls itself is not read")
        name, parameters = self.name(), self.parameters() or ()
        self.expect("=")
        body = tuple(self.statements_until("end"))
        self.expect("end")
        return Procedure(name, parameters, body, line)

    def call(self, line: int) -> Call:
        """Read `p(e)` or `p e`, with a name behind it for those who leave the call out."""
        name = self.name()
        if self.skip("("):
            arguments = [] if self.comes(")") else self.arguments()
            self.expect(")")
        else:
            arguments = [self.postfixed()]
        if self.skip("as"):
            self.name()
        return Call(name, tuple(arguments), line)

    def chosen_statements(self) -> list[CatStatement]:
        """Read `"variant" ... else ... end`; the statements of the part that counts."""
        chosen = self.condition()
        first = self.statements_until("else", "end")
        second = self.statements_until("end") if self.skip("else") else []
        self.expect("end")
        return first if chosen else second

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
        is_assertion = self.skip("assert")
        negated = self.skip("~")
        if not self.comes(*TESTS):
            raise self.error(f"{' or '.join(TESTS)} should come here, not {self.next.text!r}")
        test = self.take().text
        value = self.expression()
        name = self.name() if self.skip("as") else f"line {line}"
        return CheckLine(test, negated is not undefined, is_flag, is_assertion, value, name, line)


def parsed_cat(file: str, text: str) -> list[CatStatement]:
    """What the text of a cat or bell file says; `file` is what errors call it.

    Errors: `ModelError`, with the line, if it is no cat, or has what is not known here.
    """
    return CatParser(file, text).statements()
