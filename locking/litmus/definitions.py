"""The vocabulary of a kernel tree: tools/memory-model/linux-kernel.def, which is written for herd7.

Each line of the file says what a name of the kernel stands for, in primitives of herd7 such as
`__load{once}(X)`. Trees from Linux 6.13 on write annotations in capitals, and have no fences around
fully ordered read-modify-writes: their read and write are tagged instead. (What herd7 calls the
second version of the language, in herd/CSem.ml.)
"""

from pathlib import Path

from locking.errors import ModelError, UsageError
from locking.litmus.expressions import ExpressionParser
from locking.litmus.syntax import (
    Evaluation,
    LitmusBlock,
    LitmusExpression,
    LitmusStatement,
    Primitive,
)
from locking.litmus.tokens import LitmusError, Tokens
from locking.litmus.vocabulary import (
    TAGGED,
    Vocabulary,
    VocabularyMacro,
    address_of,
    kernel_vocabulary,
)

DEFINITIONS = Path("tools/memory-model/linux-kernel.def")

PRIMITIVES_OF_HERD = {
    "__load": "load",
    "__store": "store",
    "__fence": "fence",
    "__xchg": "xchg",
    "__cmpxchg": "cmpxchg",
    "__atomic_op": "atomic_op",
    "__atomic_op_return": "atomic_op_return",
    "__atomic_fetch_op": "atomic_fetch_op",
    "__atomic_add_unless": "atomic_add_unless",
    "__lock": "lock",
    "__unlock": "unlock",
    "__trylock": "trylock",
    "__islocked": "islocked",
    "__srcu": "srcu",
}
"""What herd7 calls each primitive, and what it is called here."""

OPERATORS_OF_HERD = ("+", "-", "&", "|", "^")


class DefinitionParser(ExpressionParser):
    """Reads definitions. Errors: `LitmusError`."""

    def primary(self) -> LitmusExpression:
        """A primitive of herd7, or another operand."""
        if self.tokens.next.text in PRIMITIVES_OF_HERD:
            return self.primitive()
        return super().primary()

    def primitive(self) -> Primitive:
        """A primitive with its annotation and arguments."""
        kind = PRIMITIVES_OF_HERD[self.tokens.take().text]
        annotations = self.annotations(kind)
        if kind == "fence":
            return Primitive(kind, annotations, ())
        self.tokens.expect("(", f"after {kind}")
        arguments, operator = [self.expression()], ""
        while self.tokens.accept(","):
            if self.tokens.has(*OPERATORS_OF_HERD):
                operator = self.tokens.take().text + ("~" if self.tokens.accept("~") else "")
                self.tokens.expect(",", "after an operator")
            arguments.append(self.expression())
        self.tokens.expect(")", "after arguments")
        if kind in ("load", "store"):
            arguments[0] = address_of(arguments[0])
        return Primitive(kind, annotations, tuple(arguments), operator)

    def annotations(self, kind: str) -> tuple[str, ...]:
        """The annotation in braces, if there is one."""
        if not self.tokens.accept("{"):
            return ()
        words = ""
        while not self.tokens.accept("}"):
            words += self.tokens.take().text
        tagged = words.isupper() and kind in TAGGED_KINDS
        return (words.lower(), TAGGED) if tagged else (words.lower(),)

    def macro(self) -> tuple[str, VocabularyMacro]:
        """A name with what it stands for."""
        tokens = self.tokens
        name = tokens.expect_name("the name of a macro")
        tokens.expect("(", f"after {name}")
        parameters: list[str] = []
        while not tokens.accept(")"):
            parameters.append(tokens.expect_name("a parameter"))
            if not tokens.has(")"):
                tokens.expect(",", "between parameters")
        if not tokens.accept("{"):
            return name, VocabularyMacro(tuple(parameters), self.expression())
        body: list[LitmusStatement] = []
        while not tokens.accept("}"):
            body.append(self.part())
            tokens.expect(";", "after a statement")
        return name, VocabularyMacro(tuple(parameters), LitmusBlock(0, tuple(body)))

    def part(self) -> LitmusStatement:
        """A primitive, or what a macro before this one stands for."""
        token = self.tokens.next
        if token.text not in self.vocabulary:
            return Evaluation(0, self.expression())
        found = self.call(self.tokens.take().text, token.line)
        return found if isinstance(found, LitmusBlock) else Evaluation(0, found)


TAGGED_KINDS = {
    "xchg",
    "cmpxchg",
    "atomic_op",
    "atomic_op_return",
    "atomic_fetch_op",
    "atomic_add_unless",
}
"""Read-modify-writes."""


def read_definitions(text: str) -> dict[str, VocabularyMacro]:
    """The macros of a file of definitions. Errors: `LitmusError`."""
    tokens = Tokens(text)
    tokens.world(c=True)
    found: dict[str, VocabularyMacro] = {}
    parser = DefinitionParser(tokens, found)
    while tokens.next.kind != "end":
        name, macro = parser.macro()
        found[name] = macro
    return found


def vocabulary_of_tree(tree: Path) -> Vocabulary:
    """The vocabulary of a kernel tree, and what it leaves out as it is usually.

    Errors: `UsageError` if the tree has no definitions; `ModelError` if they make no sense.
    """
    path = tree / DEFINITIONS
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    try:
        return {**kernel_vocabulary(), **read_definitions(text)}
    except LitmusError as error:
        raise ModelError(f"{path}: {error}") from error
