"""The algebra of relations is that of sets of pairs."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from locking.memory_models.relations import algebra, bits

Pairs = set[tuple[int, int]]


def composed(first: Pairs, second: Pairs) -> Pairs:
    return {(a, d) for a, b in first for c, d in second if b == c}


def closed(pairs: Pairs) -> Pairs:
    found = set(pairs)
    while more := composed(found, pairs) - found:
        found |= more
    return found


SIZES = st.integers(1, 5)


@st.composite
def samples(draw: st.DrawFn) -> tuple[int, Pairs, Pairs, set[int]]:
    size = draw(SIZES)
    events = st.integers(0, size - 1)
    pairs = st.sets(st.tuples(events, events))
    return size, draw(pairs), draw(pairs), draw(st.sets(events))


@settings(max_examples=8, deadline=None)
@given(samples())
def test_each_operation_is_that_of_sets_of_pairs(
    sample: tuple[int, Pairs, Pairs, set[int]],
) -> None:
    size, first, second, some = sample
    space = algebra(size)
    one, two, events = space.relation(first), space.relation(second), sum(1 << e for e in some)

    def pairs(relation: int) -> Pairs:
        return set(space.pairs(relation))

    diagonal = {(event, event) for event in range(size)}
    assert pairs(one) == first
    assert pairs(one | two) == first | second
    assert pairs(one & two) == first & second
    assert pairs(one & ~two) == first - second
    assert pairs(space.compose(one, two)) == composed(first, second)
    assert pairs(space.closure(one)) == closed(first)
    assert pairs(space.reflexive_closure(one)) == closed(first) | diagonal
    assert pairs(space.inverse(one)) == {(b, a) for a, b in first}
    assert pairs(space.identity(events)) == {(event, event) for event in some}
    assert pairs(space.product(events, space.range_(two))) == {
        (a, b) for a in some for _, b in second
    }
    assert set(bits(space.domain(one))) == {a for a, _ in first}
    assert set(bits(space.range_(one))) == {b for _, b in first}
    assert space.is_irreflexive(one) == (not first & diagonal)
    assert space.is_acyclic(one) == (not closed(first) & diagonal)


@settings(max_examples=8, deadline=None)
@given(samples())
def test_a_shortest_cycle_is_a_cycle_and_none_is_shorter(
    sample: tuple[int, Pairs, Pairs, set[int]],
) -> None:
    size, pairs, _, _ = sample
    space = algebra(size)
    cycle = space.shortest_cycle(space.relation(pairs))
    power, lengths = pairs, []
    for length in range(1, size + 1):
        lengths += [length] if any(a == b for a, b in power) else []
        power = composed(power, pairs)
    assert (cycle is None) == (not lengths)
    if cycle:
        assert cycle[0] == cycle[-1]
        assert set(pairwise(cycle)) <= pairs
        assert len(cycle) - 1 == lengths[0]
