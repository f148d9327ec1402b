"""Memory models with one line less: an axiom, a flag, or one alternative of a definition.

Of `a | b | c` each of the three is an alternative. Our model is Python, so its source is changed
and run anew. Models of the kernel are cat files, of which the tree is changed.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.cat.files import KERNEL_FILES, beside
from locking.memory_models.cat.syntax import CatName, CatOperation, CatStatement, CheckLine, Let
from locking.memory_models.cat.translation import translated

LKMM_FILES = ("events", "fences", "ordering", "rcu", "plain", "locks", "model")
"""The files of our model, each after those that it imports."""

PACKAGE = "locking.memory_models.lkmm"


class Mutant(NamedTuple):
    """A model without one line; `left_out` is that line, with its file."""

    left_out: str
    model: Callable[[], AxiomaticModel]


# Ours


class Leaving(ast.NodeTransformer):
    """Leaves out one alternative, or one row of a tuple of lines: that with this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.left_out = ""

    def chosen(self, node: ast.AST) -> bool:
        """Whether it is this one."""
        self.number -= 1
        if self.number == -1:
            self.left_out = ast.unparse(node)
        return self.number == -1

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """An alternative is the right side of `|`, and the left one if that is no `|` itself."""
        if isinstance(node.op, ast.BitOr):
            if self.chosen(node.right):
                return node.left
            if not is_union(node.left) and self.chosen(node.left):
                return node.right
        return self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        """The rows of `AXIOMS` and `FLAGS` are calls that make a line."""
        if all(isinstance(each, ast.Call) and len(each.args) > 1 for each in node.elts):
            for each in node.elts:
                if self.chosen(each):
                    node.elts.remove(each)
                    return node
        return self.generic_visit(node)


def is_union(node: ast.AST) -> bool:
    """Whether this is `a | b`."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def lkmm_mutants() -> Iterator[Mutant]:
    """Our model without each of its lines."""
    for name in LKMM_FILES:
        source = Path(str(import_module(f"{PACKAGE}.{name}").__file__)).read_text(encoding="utf-8")
        number = 0
        while True:
            leaving = Leaving(number)
            changed = ast.fix_missing_locations(leaving.visit(ast.parse(source)))
            if not leaving.left_out:
                break
            yield Mutant(f"{name}.py: {leaving.left_out}", lambda n=name, c=changed: run_anew(n, c))
            number += 1


def run_anew(changed: str, tree: ast.Module) -> AxiomaticModel:
    """Our model with one of its files changed."""
    names = [f"{PACKAGE}.{each}" for each in LKMM_FILES]
    kept = {each: sys.modules[each] for each in names}
    try:
        for name in names:
            made = ModuleType(name)
            file = kept[name].__file__
            assert file is not None
            source: Any = tree if name.endswith(f".{changed}") else Path(file).read_text("utf-8")
            exec(compile(source, file, "exec"), made.__dict__)
            sys.modules[name] = made
        found = sys.modules[names[-1]].LKMM
        assert isinstance(found, AxiomaticModel)
        return found
    finally:
        sys.modules.update(kept)


# The kernel's


def cat_mutants(tree: Path) -> Iterator[Mutant]:
    """The model of a kernel tree without each of its lines."""
    parsed = beside(tree / "tools" / "memory-model")

    def model(name: str, changed: list[CatStatement]) -> AxiomaticModel:
        """The model of the tree, in which a file says this."""
        said = translated(
            lambda file: (file, changed) if file == name else parsed(file), KERNEL_FILES
        )
        return AxiomaticModel("mutant", said.checks, said.names)

    for name in (*KERNEL_FILES, "lock.cat"):
        _, statements = parsed(name)
        for at, statement in enumerate(statements):
            before, after = statements[:at], statements[at + 1 :]
            if isinstance(statement, CheckLine):
                yield Mutant(
                    f"{name}: {statement.name}",
                    lambda n=name, said=[*before, *after]: model(n, said),
                )
            for left_out, changed in without_alternatives(statement):
                yield Mutant(
                    f"{name}: {defined(statement)}{left_out}",
                    lambda n=name, said=[*before, changed, *after]: model(n, said),
                )


def defined(statement: CatStatement) -> str:
    """The name that a statement begins to define, if it does."""
    return f"{statement.bindings[0].name} = " if isinstance(statement, Let) else ""


def without_alternatives(part: Any) -> Iterator[tuple[str, Any]]:
    """A part of a cat file without each of its alternatives."""
    if isinstance(part, CatOperation) and part.operator == "|":
        left, right = part.operands
        yield cat_text(right), left
        if not (isinstance(left, CatOperation) and left.operator == "|"):
            yield cat_text(left), right
    if not isinstance(part, tuple):
        return
    for at, inner in enumerate(part):
        for left_out, changed in without_alternatives(inner):
            parts = [*part[:at], changed, *part[at + 1 :]]
            yield left_out, type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)


def cat_text(said: Any) -> str:
    """An expression, as it might be written."""
    match said:
        case CatName(text):
            return text
        case CatOperation("[]", (inner,)):
            return f"[{cat_text(inner)}]"
        case CatOperation("{}", (inner,)):
            return f"{{{cat_text(inner)}}}"
        case CatOperation(operator, (inner,)):
            return f"{cat_text(inner)}{operator.removeprefix('postfix ')}"
        case CatOperation(operator, operands):
            return f"({f' {operator} '.join(map(cat_text, operands))})"
    return " ".join(map(cat_text, said)) if isinstance(said, tuple) else ""
