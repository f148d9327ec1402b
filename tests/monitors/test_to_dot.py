"""Automata for rvgen and dot2k: read back by a strict reader, and by the kernel's own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from locking import Mutex, Placement
from locking.errors import UsageError
from locking.monitors.event_automaton import EventAutomaton
from locking.monitors.rules import automata_for_kernel, automata_for_trace
from locking.monitors.to_dot import NEVER_STATE, dot_of_automaton
from tests.conformance.held import PLACEMENTS
from tests.monitors.planted import (
    SPLIT,
    A,
    hotplug_placement,
    planted_table,
    table_of_memory_hotplug,
)
from tests.monitors.strict_dot import read_dot

WITHOUT_DOWNGRADE = [
    hotplug_placement(name) for name in PLACEMENTS if name != "williams-rwsem-downgrade"
]

VERIFICATION = os.environ.get("LINUX_VERIFICATION", "/usr/src/linux/tools/verification")
"""tools/verification of a kernel tree, with dot2/ (v6.12) or rvgen/ (later)."""


def all_automata() -> list[EventAutomaton]:
    """Those of every placement of the model, and of the planted one."""
    table = table_of_memory_hotplug()
    found = [
        each for placement in WITHOUT_DOWNGRADE for each in automata_for_kernel(placement, table)
    ]
    names = ["a_in", "a_out", "b_in", "b_out", "c_at"]
    return [*found, *automata_for_trace(SPLIT, planted_table(), names)]


def moves_of(automaton: EventAutomaton) -> dict[tuple[str, str], str]:
    return {
        (state, event): target
        for state, ways in automaton.moves.items()
        for event, target in ways.items()
    }


def test_every_automaton_is_read_back_as_it_is() -> None:
    for automaton in all_automata():
        read = read_dot(dot_of_automaton(automaton))
        assert read.initial == automaton.initial
        assert read.states - {NEVER_STATE} == set(automaton.states)
        assert read.final == automaton.quiet
        moves = {key: to for key, to in read.moves.items() if to != NEVER_STATE}
        assert moves == moves_of(automaton)
        assert {event for _, event in read.moves} == set(automaton.events)


def test_an_event_that_may_never_come_is_known_to_the_monitor() -> None:
    placement = Placement("p", worker=[Mutex("small").hold(A)])
    [order, *_] = automata_for_trace(placement, planted_table(), ["a_in", "b_in"])
    read = read_dot(dot_of_automaton(order))
    assert read.moves[NEVER_STATE, "b_in"] == NEVER_STATE
    assert NEVER_STATE not in {to for (state, _), to in read.moves.items() if state != NEVER_STATE}


@pytest.mark.parametrize(
    ("name", "event", "message"),
    [
        ("m" * 32, "a", "a monitor's name has at most 31 characters"),
        ("m", "a" * 24, "has more than 23 characters"),
    ],
)
def test_a_name_that_the_kernel_would_cut_off_is_refused(
    name: str, event: str, message: str
) -> None:
    moves = {"free": {event: "free"}}
    automaton = EventAutomaton(name, "global", "", "free", moves, frozenset(["free"]), (event,))
    with pytest.raises(UsageError, match=message):
        dot_of_automaton(automaton)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("digraph state_automaton", "digraph automaton"),
        ('"free" -> "write_1"', '"free" -> "nowhere"'),
        ("\\n", " "),
        ('\t"__init_free" -> "free";\n', ""),
        ("{ rank", "\n{ rank"),
    ],
)
def test_the_strict_reader_refuses_what_the_kernel_would_misread(wrong: str, right: str) -> None:
    [overlap] = [
        each
        for each in automata_for_kernel(WITHOUT_DOWNGRADE[0], table_of_memory_hotplug())
        if each.name.endswith("overlap")
    ]
    text = dot_of_automaton(overlap)
    read_dot(text)
    assert wrong in text
    with pytest.raises(AssertionError):
        read_dot(text.replace(wrong, right, 1))


READER = next(
    (
        file
        for name in ("rvgen/rvgen/automata.py", "dot2/automata.py")
        if (file := Path(VERIFICATION) / name).exists()
    ),
    None,
)


@pytest.mark.slow
@pytest.mark.skipif(READER is None, reason="no tools/verification; set LINUX_VERIFICATION to it")
def test_the_kernels_own_reader_reads_every_automaton_as_it_is(tmp_path: Path) -> None:
    assert READER is not None
    spec = importlib.util.spec_from_file_location("automata_of_the_kernel", READER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for automaton in all_automata():
        file = tmp_path / f"{automaton.name}.dot"
        file.write_text(dot_of_automaton(automaton))
        read = module.Automata(str(file))
        assert read.name == automaton.name
        assert (read.states[0], read.initial_state) == (automaton.initial, automaton.initial)
        assert set(read.final_states) == automaton.quiet
        assert set(read.events) == set(automaton.events)
        moves = {
            (state, event): to
            for state, row in zip(read.states, read.function, strict=True)
            for event, to in zip(read.events, row, strict=True)
            if to not in ("INVALID_STATE", NEVER_STATE)
        }
        assert moves == moves_of(automaton)


@pytest.mark.slow
@pytest.mark.skipif(
    not (Path(VERIFICATION) / "dot2/dot2c").exists(), reason="no dot2c in tools/verification"
)
def test_dot2c_makes_c_of_every_automaton(tmp_path: Path) -> None:
    for automaton in all_automata():
        file = tmp_path / f"{automaton.name}.dot"
        file.write_text(dot_of_automaton(automaton))
        done = subprocess.run(
            [sys.executable, "dot2/dot2c", str(file)],
            cwd=VERIFICATION,
            env={**os.environ, "PYTHONPATH": VERIFICATION, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        for state in automaton.states:
            assert f'"{state}"' in done.stdout
