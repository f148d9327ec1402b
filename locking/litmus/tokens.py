"""The tokens of a litmus test, each with its line, and the parts of the file.

A litmus test has two lexical worlds. Comments of the head, of the initial values and of the
condition are `(* ... *)`, as in OCaml, and nest. In the threads `(*` is C, so comments are those of
C. `//` and `/* */` are comments everywhere.
"""

import re
from typing import NamedTuple

from locking.errors import UsageError

LITMUS_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\f\v]+)|(?P<end>\n)|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<ocaml>\(\*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+[uUlL]*|[0-9]+\.[0-9]+|[0-9]+[uUlL]*)"
    r"|(?P<name>[%$]?[A-Za-z_][A-Za-z_0-9]*)"
    r'|(?P<string>"[^"\n]*")'
    r"|(?P<sign>/\\|\\/|=>|<>|<<=|>>=|->|\+\+|--|<<|>>|&&|\|\||[-+*/%&|^<>=!]=|.)",
    re.DOTALL,
)
"""A token, or what parts two of them."""

NESTED = re.compile(r"\(\*|\*\)")


class Token(NamedTuple):
    """A word of the test: `kind` is `number`, `name`, `string`, `sign` or `end`."""

    kind: str
    text: str
    line: int


class LitmusError(UsageError):
    """A test that can't be read, with its line."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line


def skip_comment(text: str, at: int, line: int) -> int:
    """Where the comment that begins at `at` with `(*` ends. Errors: `LitmusError`."""
    depth = 0
    for found in NESTED.finditer(text, at):
        depth += 1 if found[0] == "(*" else -1
        if not depth:
            return found.end()
    raise LitmusError(line, "this comment, which begins with (*, never ends")


def scan(text: str, at: int, line: int, *, c: bool) -> tuple[Token, int]:
    """The token at `at` or after it, in a thread if `c`; and where it ends."""
    while at < len(text):
        found = LITMUS_TOKEN.match(text, at)
        assert found is not None, "the last alternative matches any sign"
        kind, word = str(found.lastgroup), found[0]
        if kind == "ocaml" and c:
            return Token("sign", "(", line), at + 1
        ends = skip_comment(text, at, line) if kind == "ocaml" else found.end()
        if kind in ("number", "name", "string", "sign"):
            return Token(kind, word, line), ends
        line += text.count("\n", at, ends)
        at = ends
    return Token("end", "the end of the file", line), at


class Tokens:
    """A text that is read token by token, with one of them seen in advance."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.c = False
        self.at = 0
        self.line = 1
        self.next, self.ends = scan(text, 0, 1, c=False)

    def world(self, *, c: bool) -> None:
        """Read on as in a thread, or as outside of one. The token seen in advance is read anew."""
        self.c = c
        self.next, self.ends = scan(self.text, self.at, self.line, c=c)

    def take(self) -> Token:
        """The next token."""
        token = self.next
        self.at, self.line = self.ends, token.line
        self.next, self.ends = scan(self.text, self.at, self.line, c=self.c)
        return token

    def has(self, *texts: str) -> bool:
        """Whether the next token is one of these, but no string."""
        return self.next.text in texts and self.next.kind != "string"

    def accept(self, *texts: str) -> bool:
        """Take the next token if it is one of these."""
        found = self.has(*texts)
        if found:
            self.take()
        return found

    def expect(self, text: str, where: str) -> Token:
        """Take the next token, which must be this. Errors: `LitmusError`."""
        if not self.has(text):
            raise LitmusError(self.next.line, f"{text!r} expected {where}, not {self.next.text!r}")
        return self.take()

    def expect_name(self, what: str) -> str:
        """Take the next token, which must be a name. Errors: `LitmusError`."""
        if self.next.kind != "name":
            raise LitmusError(self.next.line, f"{what} expected, not {self.next.text!r}")
        return self.take().text

    def expect_number(self, what: str) -> int:
        """Take a number, which may have a sign. Errors: `LitmusError`."""
        minus = self.accept("-")
        if self.next.kind != "number":
            raise LitmusError(self.next.line, f"{what} expected, not {self.next.text!r}")
        found = number_of(self.take())
        return -found if minus else found


MOST_DIGITS = 22
"""Digits of a number; 64 bits need no more."""


def number_of(token: Token) -> int:
    """The number that a token stands for. Errors: `LitmusError`, if 64 bits can't hold it."""
    if "." in token.text:
        raise LitmusError(token.line, f"{token.text} is no whole number")
    digits = token.text.rstrip("uUlL")
    base = 8 if digits[0] == "0" and set(digits) <= set("01234567") else 10
    if digits[:2] in ("0x", "0X"):
        base = 16
    found = int(digits, base) if len(digits.lstrip("0xX")) <= MOST_DIGITS else 1 << 64
    if found >= 1 << 64:
        raise LitmusError(token.line, "a number of more than 64 bits")
    return found
