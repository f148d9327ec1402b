"""Expressions over events, compared with Python's own regular expressions."""

import re
from itertools import product
from random import Random

import pytest

from locking.monitors.behaviour import (
    AnyNumber,
    Behaviour,
    SeenEvent,
    every_event,
    one_by_one,
    one_of,
    only_visible,
)
from locking.monitors.event_automaton import EventAutomaton, automaton_of_behaviour

EVENTS = "abc"


def drawn(random: Random, depth: int) -> tuple[Behaviour, str]:
    """An expression, and the regular expression that means it."""
    kind = random.choice(["event", "order", "one", "many", "maybe"]) if depth else "event"
    if kind == "event":
        event = random.choice(EVENTS)
        return SeenEvent(event, (("lock", random.choice(["read", "write"])),)), event
    one, other = drawn(random, depth - 1), drawn(random, depth - 1)
    match kind:
        case "order":
            return one_by_one([one[0], other[0]]), f"(?:{one[1]}{other[1]})"
        case "one":
            return one_of([one[0], other[0]]), f"(?:{one[1]}|{other[1]})"
        case "many":
            return AnyNumber(one[0]), f"(?:{one[1]})*"
    return one_of([one[0], one_by_one([])]), f"(?:{one[1]})?"


def state_after(automaton: EventAutomaton, word: str) -> str | None:
    """Where the automaton stands after the events; None where it refuses one."""
    state: str | None = automaton.initial
    for event in word:
        state = automaton.moves[state].get(event) if state else None
    return state


def words(most: int) -> list[str]:
    return ["".join(each) for length in range(most + 1) for each in product(EVENTS, repeat=length)]


@pytest.mark.parametrize("seed", range(25))
def test_an_automaton_ends_where_a_regular_expression_matches(seed: int) -> None:
    behaviour, text = drawn(Random(seed), 3)
    automaton = automaton_of_behaviour("m", "per_task", "", behaviour, EVENTS)
    wanted = re.compile(f"(?:{text})*")
    for word in words(5):
        assert (state_after(automaton, word) in automaton.quiet) == bool(wanted.fullmatch(word))


@pytest.mark.parametrize("seed", range(25))
def test_an_automaton_goes_on_only_where_an_end_can_be_reached_and_is_the_smallest(
    seed: int,
) -> None:
    behaviour, _ = drawn(Random(seed), 3)
    automaton = automaton_of_behaviour("m", "per_task", "", behaviour, EVENTS)
    reach = {state: endings(automaton, state) for state in automaton.states}
    assert all(reach.values())
    assert len(set(reach.values())) == len(reach)


def endings(automaton: EventAutomaton, start: str) -> frozenset[str]:
    """The words that lead from a state to an end; long enough to tell any two states apart."""
    ends = {"": {start}}
    for _ in range(len(automaton.states)):
        if len(ends) > 3_000:
            break
        ends |= {
            word + event: {automaton.moves[state][event]}
            for word, states in ends.items()
            for state in states
            for event in automaton.moves[state]
        }
    return frozenset(word for word, [state] in ends.items() if state in automaton.quiet)


def test_what_is_not_visible_is_left_out() -> None:
    behaviour = one_by_one([SeenEvent("a"), AnyNumber(one_of([SeenEvent("b"), SeenEvent("c")]))])
    seen = only_visible(behaviour, frozenset("ab"))
    assert {each.event for each in every_event(seen)} == {"a", "b"}
    automaton = automaton_of_behaviour("m", "per_task", "", seen, "ab")
    assert state_after(automaton, "abbba") in automaton.quiet
    assert state_after(automaton, "ba") is None
