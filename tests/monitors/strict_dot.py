"""A reader of automata that takes only what every version of the kernel's own reader takes.

It follows what class Automata of tools/verification/dot2/automata.py does in v6.12, and that of
rvgen/automata.py later, and refuses all that one of them would misread: a line out of place, a
blank line, a label of several words, a state that was not declared, two moves by one event.
"""

import re
from typing import NamedTuple

NODE = re.compile(r'\t\{node \[shape = (plaintext|ellipse|doublecircle|circle)\] "(\w+)"\};')
INVISIBLE = re.compile(r'\t\{node \[shape = plaintext, style=invis, label=""\] "__init_(\w+)"\};')
ARROW = re.compile(r'\t"__init_(\w+)" -> "(\w+)";')
LABEL = re.compile(r'\t"(\w+)" \[label = "(\w+)"(?:, color = green3)?\];')
MOVE = re.compile(r'\t"(\w+)" -> "(\w+)" \[ label = "(\w+(?:\\n\w+)*)" \];')


class ReadAutomaton(NamedTuple):
    """What the file says."""

    initial: str
    states: set[str]
    final: set[str]
    moves: dict[tuple[str, str], str]


def read_dot(text: str) -> ReadAutomaton:
    """The automaton of a file. Errors: `AssertionError` for the first wrong line."""
    assert text.endswith("}\n") and "\n\n" not in text
    lines = text.splitlines()
    assert lines.pop(0) == "digraph state_automaton {"
    initial, states, final = nodes(lines)
    arrow = ARROW.fullmatch(lines.pop(0))
    assert arrow and arrow[1] == arrow[2] == initial
    moves: dict[tuple[str, str], str] = {}
    labelled: set[str] = set()
    while lines[0].startswith('\t"'):
        line = lines.pop(0)
        if label := LABEL.fullmatch(line):
            assert label[1] == label[2]
            labelled.add(label[1])
            continue
        move = MOVE.fullmatch(line)
        assert move, line
        assert {move[1], move[2]} <= states
        for event in move[3].split("\\n"):
            assert (move[1], event) not in moves, f"two moves by {event}"
            moves[move[1], event] = move[2]
    assert labelled == states
    assert lines == [
        "\t{ rank = min ;",
        f'\t\t"__init_{initial}";',
        f'\t\t"{initial}";',
        "\t}",
        "}",
    ]
    return ReadAutomaton(initial, states, final, moves)


def nodes(lines: list[str]) -> tuple[str, set[str], set[str]]:
    """The initial state, all states and the final ones; their lines are taken away."""
    initial: list[str] = []
    states: set[str] = set()
    final: set[str] = set()
    while lines[0].startswith("\t{node"):
        line = lines.pop(0)
        if found := INVISIBLE.fullmatch(line):
            initial.append(found[1])
            continue
        node = NODE.fullmatch(line)
        assert node, line
        states.add(node[2])
        final |= {node[2]} if node[1] in ("ellipse", "doublecircle") else set()
    assert len(initial) == 1 and initial[0] in states
    return initial[0], states, final or {initial[0]}
