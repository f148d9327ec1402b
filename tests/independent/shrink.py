"""A system that shows something, made small: what is left out of its source does not matter."""

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any


def shrink(source: str, shows: Callable[[str], bool], rounds: int = 10) -> str:
    """The source with nothing in it that could be left out by itself.

    `shows` says whether a source still shows what is looked for; one that can't be run does not.
    """
    best = ast.unparse(ast.parse(source))
    if not shows(best):
        return source
    for _ in range(rounds):
        before = best
        at = 0
        while True:
            smaller = next(variants(best, at), None)
            if smaller is None:
                break
            at += 1
            if smaller != best and shows(smaller):
                best, at = smaller, at - 1
        if best == before:
            break
    return best


def variants(source: str, first: int) -> Iterator[str]:
    """The source with one part left out: that of number `first`, the next one, and so on."""
    number = first
    while True:
        tree = ast.parse(source)
        cuts = list(cuts_of(tree))
        if number >= len(cuts):
            return
        cuts[number]()
        yield ast.unparse(ast.fix_missing_locations(tree))
        number += 1


Cut = Callable[[], None]


def cuts_of(tree: ast.Module) -> Iterator[Cut]:
    """All parts that can be left out: a statement, what is around its body, a part of a list."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and not isinstance(node, ast.Lambda):
                yield from cuts_of_block(node, block)
        if isinstance(node, ast.List) or (isinstance(node, ast.ImportFrom) and len(node.names) > 1):
            parts = node.elts if isinstance(node, ast.List) else node.names
            for each in parts:
                yield partial(remove, parts, each)


def remove(parts: list[Any], part: Any) -> None:
    """Leave out one of several parts."""
    parts.remove(part)


def cuts_of_block(node: ast.AST, block: list[ast.stmt]) -> Iterator[Cut]:
    """Statements of a block left out, or replaced by what is in them."""
    for each in block:

        def drop(each: ast.stmt = each) -> None:
            block.remove(each)
            if not block and not isinstance(node, ast.Module):
                block.append(ast.Pass())

        if not isinstance(each, ast.Pass):
            yield drop
        inner = getattr(each, "body", None)
        if isinstance(inner, list) and not isinstance(
            each, ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef
        ):

            def lift(each: ast.stmt = each, inner: list[ast.stmt] = inner) -> None:
                at = block.index(each)
                block[at : at + 1] = inner

            yield lift
