"""Which lines of a model a search reached: the lines at which a thread awaits anything."""

import dis
from collections.abc import Iterable
from functools import cache
from types import CodeType

from locking.explore.automaton import Automaton
from locking.explore.graph import Graph
from locking.explore.product import Product
from locking.objects.operation import Operation, Site


def lines_reached(product: Product, graph: Graph) -> set[tuple[CodeType, int]]:
    """The lines, each with its function, that some run came to."""
    return {
        line
        for thread, automaton in enumerate(product.automata)
        for place in with_blocks(automaton, graph.values(thread))
        for node in automaton.members[place]
        for line in automaton.learner.nodes[node].passed.values()
    }


def operations_taken(product: Product, graph: Graph) -> list[Operation]:
    """The operations that some run takes, once for every history that comes to one."""
    return [
        step
        for thread, automaton in enumerate(product.automata)
        for place in with_blocks(automaton, graph.values(thread))
        if automaton.after[place]
        for node in automaton.members[place]
        if isinstance(step := automaton.learner.nodes[node].position.next, Operation)
    ]


def with_blocks(automaton: Automaton, places: set[int]) -> list[int]:
    """`places`, and those inside the atomic blocks that begin there: no state shows them."""
    found = dict.fromkeys(sorted(places))
    pending = list(found)
    for place in pending:
        for after in automaton.after[place].values():
            if after not in found and automaton.position(after).bound:
                found[after] = None
                pending.append(after)
    return pending


def lines_missed(lines: Iterable[tuple[CodeType, int]]) -> list[Site]:
    """The awaiting lines, of functions that were entered, which are not among `lines`."""
    known = set(lines)
    return sorted(
        Site(code.co_filename, line)
        for code in {code for code, _ in known}
        for line in awaiting_lines(code)
        if (code, line) not in known
    )


@cache
def awaiting_lines(code: CodeType) -> frozenset[int]:
    """The lines of a function at which it awaits."""
    return frozenset(
        instruction.positions.lineno
        for instruction in dis.get_instructions(code)
        if instruction.opname == "GET_AWAITABLE"
        and instruction.positions
        and instruction.positions.lineno
    )
