"""The trees of the tables say what the product says, in whatever order it was asked."""

from itertools import permutations

import pytest

from locking import Cell, Thread, atomic
from locking.explore import reference
from locking.explore.compiled.tables import PackedTables
from locking.explore.product import Product, State

x, y, z = Cell("x", 0), Cell("y", 0), Cell("z", 0)


async def block() -> None:
    """Look at x, and then at one more cell or at another."""
    async with atomic():
        if await x.read() == 2:
            await y.write(1)
        else:
            await z.read()


async def change() -> None:
    for each in (1, 2):
        await x.WRITE_ONCE(each)


async def touch() -> None:
    """Make y and z cells that several threads touch."""
    await y.WRITE_ONCE(0)
    await z.WRITE_ONCE(0)


def product_of(thread: int) -> Product:
    """A product in which `block` is that thread."""
    programs = [("change", change), ("touch", touch)]
    programs.insert(thread, ("block", block))
    return Product([x, y, z], [Thread(name, program) for name, program in programs])


def states_before(product: Product, thread: int) -> list[State]:
    """A state for each value of x, in which a thread is at its start."""
    found: dict[object, State] = {}
    for state in reference.explore(product, lambda *_: None).states:
        if state[thread] == product.initial[thread]:
            found.setdefault(product.value(x, state), state)
    return [found[value] for value in (0, 1, 2)]


def nodes_of(tables: PackedTables, thread: int) -> list[int]:
    """The nodes of the tree of a thread."""
    found = [thread]
    for node in found:
        width, base = int(tables.nodes.width[node]), int(tables.nodes.base[node])
        found += [-1 - int(each) for each in tables.nodes.entries[base : base + width] if each < -1]
    return found


@pytest.mark.parametrize("thread", [0, 1, 2])
@pytest.mark.parametrize("order", [*permutations([0, 1, 2]), (0, 2, 0), (2, 0, 1, 0, 2)])
def test_what_is_asked_again_is_known(thread: int, order: tuple[int, ...]) -> None:
    product = product_of(thread)
    states = states_before(product, thread)
    tables = PackedTables(product)
    for other in range(3):
        tables.learn(other, product.initial)
    for at in order:
        tables.learn(thread, states[at])
        assert tables.knows(thread, states[at])
    leaves, nodes = tables.leaves, tables.nodes.count
    for at in order:
        tables.learn(thread, states[at])
    assert (tables.leaves, tables.nodes.count) == (leaves, nodes)
    assert all(0 <= node < nodes for node in nodes_of(tables, thread))
