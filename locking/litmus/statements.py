"""C statements of a litmus test."""

from collections.abc import Callable

from locking.litmus.expressions import ExpressionParser, begins_type, skip_type
from locking.litmus.syntax import (
    Assignment,
    Branch,
    Computed,
    Departure,
    Evaluation,
    LitmusBlock,
    LitmusExpression,
    LitmusLoop,
    LitmusNumber,
    LitmusStatement,
    Selection,
)
from locking.litmus.tokens import LitmusError

ASSIGNS = {"=", "+=", "-=", "&=", "|=", "^=", "*=", "/=", "%=", "<<=", ">>="}
"""Signs that assign; what is before the last `=` is an operator."""


class StatementParser(ExpressionParser):
    """Reads statements. Errors: `LitmusError`."""

    loops = 0
    """Loops around the statement that is read."""
    switches = 0

    def loop_body(self) -> LitmusStatement:
        """The statement that a loop repeats."""
        self.loops += 1
        found = self.statement()
        self.loops -= 1
        return found

    def block(self) -> tuple[LitmusStatement, ...]:
        """Statements in braces, the braces included. Errors: `LitmusError`."""
        tokens = self.tokens
        opened = tokens.expect("{", "before statements")
        found: list[LitmusStatement] = []
        while not tokens.accept("}"):
            if tokens.next.kind == "end":
                raise LitmusError(opened.line, "this { is never closed")
            found += self.statements()
        return tuple(found)

    def statements(self) -> list[LitmusStatement]:
        """One statement, or all that a declaration with several names says."""
        return self.declaration() if begins_type(self.tokens) else [self.statement()]

    def declaration(self) -> list[LitmusStatement]:
        """A declaration: an assignment for each name that has a value. Errors: `LitmusError`."""
        tokens = self.tokens
        skip_type(tokens)
        found: list[LitmusStatement] = []
        while True:
            while tokens.accept("*", *("const", "volatile", "__rcu")):
                pass
            line = tokens.next.line
            target = self.primary()
            if tokens.has("["):
                raise LitmusError(line, "an array in a thread is unknown; declare it above")
            if tokens.accept("="):
                found.append(Assignment(line, target, self.expression()))
            if not tokens.accept(","):
                tokens.expect(";", "after a declaration")
                return found

    def statement(self) -> LitmusStatement:
        """One statement that is no declaration. Errors: `LitmusError`."""
        tokens = self.tokens
        line = tokens.next.line
        if tokens.has("{"):
            return LitmusBlock(line, self.block())
        if tokens.accept(";"):
            return LitmusBlock(line, ())
        word = tokens.next.text
        if tokens.next.kind == "name" and word in STATEMENT_KEYWORDS:
            tokens.take()
            return STATEMENT_KEYWORDS[word](self, line)
        made = self.simple(line)
        if tokens.has(":"):
            raise LitmusError(line, "labels are unknown, as is goto; write a loop")
        tokens.expect(";", "after a statement")
        return made

    def simple(self, line: int) -> LitmusStatement:
        """An assignment, a call, or another expression."""
        tokens = self.tokens
        if tokens.has("++", "--"):
            operator = tokens.take().text[0]
            target = self.unary()
            return assignment_of(line, target, operator, LitmusNumber(1))
        if tokens.next.kind == "name" and self.is_call():
            name = tokens.take().text
            found = self.call(name, line)
            if isinstance(found, LitmusBlock):
                return found
            return Evaluation(line, self.rest_of(found))
        target = self.expression()
        if tokens.has("++", "--"):
            return assignment_of(line, target, tokens.take().text[0], LitmusNumber(1))
        if tokens.next.text not in ASSIGNS or tokens.next.kind != "sign":
            return Evaluation(line, target)
        operator = tokens.take().text[:-1]
        value = self.expression()
        return assignment_of(line, target, operator, value)

    def rest_of(self, left: LitmusExpression) -> LitmusExpression:
        """An expression whose first operand was a call, to its end."""
        tokens = self.tokens
        while tokens.next.text in ("==", "!=", "<", ">", "<=", ">=", "&", "|", "^", "+", "-"):
            operator = tokens.take().text
            left = Computed(operator, (left, self.expression()))
        return left

    def is_call(self) -> bool:
        """Whether the name that comes next is followed by a parenthesis."""
        tokens = self.tokens
        after = tokens.text[tokens.ends :].lstrip()
        return after[:1] == "(" or (after[:1] == "{" and tokens.next.text.startswith("__"))

    def condition(self, of: str) -> LitmusExpression:
        """A condition in parentheses."""
        self.tokens.expect("(", f"after {of}")
        made = self.expression()
        self.tokens.expect(")", f"after the condition of {of}")
        return made

    def branch(self, line: int) -> LitmusStatement:
        """The rest of an `if`."""
        condition = self.condition("if")
        then = self.statement()
        otherwise = self.statement() if self.tokens.accept("else") else None
        return Branch(line, condition, then, otherwise)

    def while_loop(self, line: int) -> LitmusStatement:
        """The rest of a `while`."""
        condition = self.condition("while")
        return LitmusLoop(line, condition, self.loop_body(), None)

    def do_loop(self, line: int) -> LitmusStatement:
        """The rest of a `do`."""
        body = self.loop_body()
        self.tokens.expect("while", "after the body of do")
        condition = self.condition("while")
        self.tokens.expect(";", "after do ... while")
        return LitmusLoop(line, condition, body, None, first=True)

    def for_loop(self, line: int) -> LitmusStatement:
        """The rest of a `for`."""
        tokens = self.tokens
        tokens.expect("(", "after for")
        before: list[LitmusStatement] = []
        if begins_type(tokens):
            before = self.declaration()
        elif not tokens.accept(";"):
            before = [self.simple(line)]
            tokens.expect(";", "in for")
        condition: LitmusExpression = LitmusNumber(1)
        if not tokens.has(";"):
            condition = self.expression()
        tokens.expect(";", "in for")
        after = None if tokens.has(")") else self.simple(line)
        tokens.expect(")", "in for")
        loop = LitmusLoop(line, condition, self.loop_body(), after)
        return LitmusBlock(line, (*before, loop))

    def selection(self, line: int) -> LitmusStatement:
        """The rest of a `switch`. Errors: `LitmusError`."""
        tokens = self.tokens
        subject = self.condition("switch")
        tokens.expect("{", "after switch (...)")
        labels: list[tuple[LitmusExpression | None, int]] = []
        body: list[LitmusStatement] = []
        self.switches += 1
        while not tokens.accept("}"):
            if tokens.accept("default"):
                tokens.expect(":", "after default")
                labels.append((None, len(body)))
            elif tokens.accept("case"):
                labels.append((self.binary(1), len(body)))
                tokens.expect(":", "after case")
            elif tokens.next.kind == "end":
                raise LitmusError(line, "this switch is never closed")
            else:
                body += self.statements()
        self.switches -= 1
        return Selection(line, subject, tuple((each, tuple(body[at:])) for each, at in labels))

    def leave(self, line: int, how: str) -> LitmusStatement:
        """The rest of a `break`, `continue` or `return`. Errors: `LitmusError`."""
        if how == "return" and not self.tokens.has(";"):
            raise LitmusError(line, "a thread returns nothing; assign to a register")
        around = {"break": self.loops + self.switches, "continue": self.loops, "return": 1}
        if not around[how]:
            raise LitmusError(line, f"{how} is in no loop")
        self.tokens.expect(";", f"after {how}")
        return Departure(line, how)

    def refuse(self, line: int, problem: str) -> LitmusStatement:
        """Errors: `LitmusError`: a statement of this kind is unknown."""
        raise LitmusError(line, problem)


NO_ASSEMBLY = "asm is unknown: a test in C is for all processors"

STATEMENT_KEYWORDS: dict[str, Callable[[StatementParser, int], LitmusStatement]] = {
    "if": StatementParser.branch,
    "while": StatementParser.while_loop,
    "do": StatementParser.do_loop,
    "for": StatementParser.for_loop,
    "switch": StatementParser.selection,
    "goto": lambda parser, line: parser.refuse(line, "goto is unknown; write a loop"),
    "asm": lambda parser, line: parser.refuse(line, NO_ASSEMBLY),
    "__asm__": lambda parser, line: parser.refuse(line, NO_ASSEMBLY),
    "break": lambda parser, line: parser.leave(line, "break"),
    "continue": lambda parser, line: parser.leave(line, "continue"),
    "return": lambda parser, line: parser.leave(line, "return"),
}
"""How the rest of each statement is read that begins with a word."""


def assignment_of(
    line: int, target: LitmusExpression, operator: str, value: LitmusExpression
) -> LitmusStatement:
    """An assignment, of the target's own value with an operator if there is one."""
    return Assignment(line, target, Computed(operator, (target, value)) if operator else value)
