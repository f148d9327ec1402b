"""Deterministic automata over events: what may come next, and nothing else.

A state has a move for every event that may come. Any other of the automaton's events is a
violation. Events that the automaton does not know are none of its business.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from locking.monitors.behaviour import (
    NO_WAY,
    AnyNumber,
    Behaviour,
    every_event,
    left_after,
    may_end,
)

INITIAL = "idle"
"""What the initial state of an automaton of behaviour is called."""


@dataclass(frozen=True)
class EventAutomaton:
    """An automaton called `name`; `about` says what it watches.

    `kind` is `per_task`, where each task has one of its own, or `global`. `moves` has, for every
    state, the state after each event that may come in it. `quiet` are the states in which nothing
    is half done.
    """

    name: str
    kind: str
    about: str
    initial: str
    moves: Mapping[str, Mapping[str, str]]
    quiet: frozenset[str]
    events: tuple[str, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """All states, the initial one first."""
        return tuple(self.moves)


def automaton_of_behaviour(
    name: str, kind: str, about: str, behaviour: Behaviour, events: Iterable[str]
) -> EventAutomaton:
    """The smallest automaton of what `behaviour` shows, again and again.

    An event that it never shows is always a violation.
    """
    known = tuple(sorted({*events, *(each.event for each in every_event(behaviour))}))
    table = reachable(AnyNumber(behaviour), known)
    block = blocks_of_states({state: may_end(state) for state in table}, table)
    names = state_names(table, block)
    moves = {
        names[block[state]]: {event: names[block[left]] for event, left in ways.items()}
        for state, ways in table.items()
    }
    quiet = frozenset(names[block[state]] for state in table if may_end(state))
    return EventAutomaton(name, kind, about, INITIAL, moves, quiet, known)


def reachable(start: Behaviour, events: tuple[str, ...]) -> dict[Behaviour, dict[str, Behaviour]]:
    """What is left after every sequence of events, breadth first."""
    table: dict[Behaviour, dict[str, Behaviour]] = {}
    waiting = [start]
    for state in waiting:
        if state in table:
            continue
        ways = {event: left_after(state, event) for event in events}
        table[state] = {event: left for event, left in ways.items() if left != NO_WAY}
        waiting += table[state].values()
    return table


def blocks_of_states(
    look: Mapping[Behaviour, bool], table: Mapping[Behaviour, Mapping[str, Behaviour]]
) -> dict[Behaviour, int]:
    """For every state the number of its block: states of a block have the same futures.

    Partition refinement (Moore, Gedanken-experiments on sequential machines, 1956).
    """
    block = {state: int(quiet) for state, quiet in look.items()}
    while True:
        marks = {
            state: (block[state], tuple((event, block[left]) for event, left in ways.items()))
            for state, ways in table.items()
        }
        numbers = {mark: number for number, mark in enumerate(dict.fromkeys(marks.values()))}
        finer = {state: numbers[mark] for state, mark in marks.items()}
        if len(numbers) == len(set(block.values())):
            return finer
        block = finer


def state_names(
    table: Mapping[Behaviour, Mapping[str, Behaviour]], block: Mapping[Behaviour, int]
) -> dict[int, str]:
    """A name for every block, by the event that leads to it first: `after_w_acq`."""
    names = {block[next(iter(table))]: INITIAL}
    used = {INITIAL}
    for ways in table.values():
        for event, left in ways.items():
            if block[left] not in names:
                names[block[left]] = free_name(f"after_{event}", used)
                used.add(names[block[left]])
    return names


def c_name(text: str) -> str:
    """A name that C takes, as like `text` as may be."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return name if name[:1].isalpha() else f"p_{name}"


def free_name(name: str, used: set[str]) -> str:
    """`name`, or with a number behind it where it is used."""
    number = 2
    found = name
    while found in used:
        found = f"{name}_{number}"
        number += 1
    return found
