"""What stands on the lines of models."""

import ast
import linecache

from locking.objects.operation import Site


def line_at(site: Site) -> str:
    """What stands on a line, without what is around it; empty where it can't be read."""
    return linecache.getline(site.filename, site.line).strip()


def statement(site: Site) -> str:
    """The statement that a line of a model belongs to, as one line."""
    lines = linecache.getlines(site.filename)
    try:
        nodes = list(ast.walk(ast.parse("".join(lines))))
    except SyntaxError:
        return ""
    found = [
        node
        for node in nodes
        if isinstance(node, (ast.Assert, ast.Expr, ast.Raise))
        and node.lineno <= site.line <= (node.end_lineno or node.lineno)
    ]
    if not found:
        return line_at(site)
    return ast.unparse(found[-1])
