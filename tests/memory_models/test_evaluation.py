"""What the evaluation says of terms is what sets of pairs say, and each has a way that is there."""

from collections.abc import Mapping

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import Candidate, EventStructure, judge_candidate
from locking.memory_models.derivation import Derivation
from locking.memory_models.plan import ACYCLIC, EMPTY, IRREFLEXIVE, ModelLine
from locking.memory_models.relations import algebra
from locking.memory_models.terms import (
    ALL_EVENTS,
    EMPTY_TERM,
    ID,
    RELATION,
    SET,
    Term,
    given_set,
    only,
    recursion,
    variable,
)
from locking.memory_models.terms import given as given_relation
from tests.memory_models.test_relations import Pairs, closed, composed

EXAMPLES = settings(max_examples=6, deadline=None, phases=[Phase.generate, Phase.shrink])
MANY = settings(max_examples=400, deadline=None)

SIZE = 4
EVENTS = range(SIZE)
EVERYTHING = {(a, b) for a in EVENTS for b in EVENTS}


def naive(term: Term, given: Mapping[str, Pairs], variables: Mapping[Term, Pairs]) -> Pairs:
    """The pairs of a term; a set of events is pairs of an event with itself."""
    parts = [naive(each, given, variables) for each in term.operands[:2]]
    first, second = (*parts, set[tuple[int, int]](), set[tuple[int, int]]())[:2]
    diagonal = {(event, event) for event in EVENTS}
    match term.operator:
        case "given":
            return given[term.name]
        case "variable":
            return variables[term]
        case "all":
            return diagonal
        case "none":
            return set()
        case "or":
            return first | second
        case "and":
            return first & second
        case "minus":
            return first - second
        case "not set":
            return diagonal - first
        case "not relation":
            return EVERYTHING - first
        case "rows":
            return {(a, b) for a, _ in first for b in EVENTS}
        case "columns":
            return {(a, b) for a in EVENTS for b, _ in first}
        case "identity":
            return first
        case "then":
            return composed(first, second)
        case "inverse":
            return {(b, a) for a, b in first}
        case "plus":
            return closed(first)
        case "domain":
            return {(a, a) for a, _ in first}
        case "range":
            return {(b, b) for _, b in first}
    raise AssertionError(term.operator)


def solved(variables: list[Term], bodies: list[Term], given: Mapping[str, Pairs]) -> list[Pairs]:
    """The values of the variables of a recursion."""
    values: dict[Term, Pairs] = {each: set() for each in variables}
    while True:
        before = dict(values)
        for each, body in zip(variables, bodies, strict=True):
            values[each] = naive(body, given, values)
        if values == before:
            return list(values.values())


SETS = {"W": given_set("W"), "R": given_set("R"), "nothing": given_set("nothing")}
RELATIONS = {name: given_relation(name) for name in ("po", "rf", "co", "none")}


@st.composite
def terms(draw: st.DrawFn, kind: str, depth: int, more: tuple[Term, ...] = ()) -> Term:
    """A random term; `more` are further relations that may be in it."""
    inner = lambda of: draw(terms(of, depth - 1, more))  # noqa: E731
    if depth == 0:
        leaves = (
            [*SETS.values(), ALL_EVENTS]
            if kind == SET
            else [*RELATIONS.values(), ID, EMPTY_TERM, *more]
        )
        return draw(st.sampled_from(leaves))
    forms = ["or", "and", "minus"]
    forms += ["domain", "range", "not"] if kind == SET else ["plus", "star", "maybe", "inverse"]
    forms += [] if kind == SET else ["then", "then", "among", "product"]
    match draw(st.sampled_from(forms)):
        case "or":
            return inner(kind) | inner(kind)
        case "and":
            return inner(kind) & inner(kind)
        case "minus":
            # What is taken away has no variable, so that recursions end.
            return inner(kind) - draw(terms(kind, depth - 1))
        case "not":
            return ~draw(terms(kind, depth - 1))
        case "domain":
            return inner(RELATION).domain
        case "range":
            return inner(RELATION).range_
        case "then":
            return inner(RELATION).then(inner(RELATION))
        case "among":
            return only(inner(SET)).then(inner(RELATION))
        case "product":
            return inner(SET) * inner(SET)
        case form:
            found = inner(RELATION)
            return {
                "plus": found.plus,
                "star": found.star,
                "maybe": found.maybe,
                "inverse": found.inverse,
            }[form]


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Candidate, dict[str, Pairs]]:
    space = algebra(SIZE)
    events = st.sets(st.integers(0, SIZE - 1))
    pairs = st.sets(st.sampled_from(sorted(EVERYTHING)), max_size=6)
    sets = {"W": draw(events), "R": draw(events)}
    given = {name: draw(pairs) for name in ("po", "rf", "co")}
    structure = EventStructure(
        SIZE,
        {name: sum(1 << event for event in found) for name, found in sets.items()},
        {"po": space.relation(given["po"]), "int": 0},
    )
    named = {name: {(event, event) for event in found} for name, found in sets.items()}
    candidate = Candidate(structure, space.relation(given["rf"]), space.relation(given["co"]))
    return candidate, {**given, **named, "none": set(), "nothing": set()}


def said_of(term: Term, candidate: Candidate) -> frozenset[str]:
    """Which tests the value of a term passes."""
    tests = (ACYCLIC, IRREFLEXIVE, EMPTY) if term.kind == RELATION else (EMPTY,)
    checks = tuple(ModelLine(test, term, test, is_flag=True) for test in tests)
    return judge_candidate(AxiomaticModel("a term", checks), candidate).flags


def term_is_its_pairs(term: Term, sample: tuple[Candidate, dict[str, Pairs]]) -> None:
    candidate, given = sample
    expected = naive(term, given, {})
    diagonal = {(event, event) for event in EVENTS}
    tests = {EMPTY} if not expected else set()
    if term.kind == RELATION:
        tests |= set() if expected & diagonal else {IRREFLEXIVE}
        tests |= set() if closed(expected) & diagonal else {ACYCLIC}
    assert said_of(term, candidate) == tests
    derivation = Derivation(candidate, {})
    value = derivation.value(only(term) if term.kind == SET else term)
    assert set(derivation.space.pairs(value)) == expected


@EXAMPLES
@given(terms(RELATION, 4) | terms(SET, 3), candidates())
def test_a_term_is_what_its_pairs_are(
    term: Term, sample: tuple[Candidate, dict[str, Pairs]]
) -> None:
    term_is_its_pairs(term, sample)


def recursion_is_solved(data: st.DataObject, sample: tuple[Candidate, dict[str, Pairs]]) -> None:
    candidate, given = sample
    variables = [variable("x", RELATION), variable("y", RELATION)]
    bodies = [data.draw(terms(RELATION, 3, tuple(variables))) for _ in variables]
    results = recursion(tuple(variables), tuple(bodies))
    expected = solved(variables, bodies, given)
    derivation = Derivation(candidate, {})
    for result, pairs in zip(results, expected, strict=True):
        assert (EMPTY in said_of(result, candidate)) == (not pairs)
        assert set(derivation.space.pairs(derivation.value(result))) == pairs
        for first, second in pairs:
            assert_is_a_way(derivation, result, first, second)


@EXAMPLES
@given(st.data(), candidates())
def test_a_recursion_is_solved_round_by_round(
    data: st.DataObject, sample: tuple[Candidate, dict[str, Pairs]]
) -> None:
    recursion_is_solved(data, sample)


def assert_is_a_way(derivation: Derivation, term: Term, first: int, second: int) -> None:
    """The edges of a way lead from the first to the second."""
    way = derivation.way(term, first, second)
    events = [first, *(each.target for each in way)]
    assert [each.source for each in way] == events[:-1]
    assert events[-1] == second


def pairs_have_ways(term: Term, sample: tuple[Candidate, dict[str, Pairs]]) -> None:
    candidate, given = sample
    derivation = Derivation(candidate, {})
    for first, second in naive(term, given, {}):
        assert_is_a_way(derivation, term, first, second)
        for edge in derivation.way(term, first, second):
            if edge.why in given:
                assert (edge.source, edge.target) in given[edge.why]


@EXAMPLES
@given(terms(RELATION, 4), candidates())
def test_each_pair_has_a_way_of_base_edges(
    term: Term, sample: tuple[Candidate, dict[str, Pairs]]
) -> None:
    pairs_have_ways(term, sample)


@pytest.mark.slow
@MANY
@given(terms(RELATION, 4) | terms(SET, 3), candidates())
def test_many_random_terms_are_what_their_pairs_are(
    term: Term, sample: tuple[Candidate, dict[str, Pairs]]
) -> None:
    term_is_its_pairs(term, sample)


@pytest.mark.slow
@MANY
@given(st.data(), candidates())
def test_many_random_recursions_are_solved_round_by_round(
    data: st.DataObject, sample: tuple[Candidate, dict[str, Pairs]]
) -> None:
    recursion_is_solved(data, sample)


@pytest.mark.slow
@MANY
@given(terms(RELATION, 4), candidates())
def test_each_pair_of_many_random_terms_has_a_way(
    term: Term, sample: tuple[Candidate, dict[str, Pairs]]
) -> None:
    pairs_have_ways(term, sample)
