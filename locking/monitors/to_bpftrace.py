"""All automata of a placement as one bpftrace script, which watches them on a running kernel.

A map holds the number of an automaton's state, for each task or once for all. 0 is the initial
state, as of an entry that a map does not have. An automaton that saw a violation gets the number
after the last state, and watches no more; so does one of a task, until that task ends.

Kprobes of events run in the task that is watched. What they do to the maps is not atomic. Two tasks
write one global map at one time only where they share a lock, and then they write the same.
"""

from collections.abc import Iterator, Sequence

from locking.monitors.event_automaton import EventAutomaton
from locking.monitors.table import Probe, ProbeTable

SCRIPT_HEAD = """#!/usr/bin/env bpftrace
// The rules of a placement, watched on a running kernel. Run it as root: bpftrace watch.bt
// A line for every first violation: the rule, the task, the state, the event.
"""


def script_of_automata(automata: Sequence[EventAutomaton], table: ProbeTable) -> str:
    """The script."""
    blocks = [SCRIPT_HEAD, "\n".join([*begin_block(automata)])]
    known = {event for each in automata for event in each.events}
    for event, probe in table.probes.items():
        if event in known:
            watching = [each for each in automata if event in each.events]
            blocks += probe_blocks(event, probe, watching)
    blocks.append("\n".join(exit_block(automata)))
    blocks.append("\n".join(end_block(automata)))
    return "\n".join(f"{block.rstrip()}\n" for block in blocks)


def begin_block(automata: Sequence[EventAutomaton]) -> Iterator[str]:
    """What says which rules there are, and what the numbers of states mean."""
    yield "BEGIN"
    yield "{"
    for automaton in automata:
        yield f"\t// {automaton.name}, {automaton.kind}: {automaton.about}"
        for number, state in enumerate(automaton.states):
            yield f'\t{names_map(automaton)}[{number}] = "{state}";'
    yield f'\tprintf("watching {len(automata)} rules; Ctrl-C ends it\\n");'
    yield "}"


def probe_blocks(event: str, probe: Probe, automata: Sequence[EventAutomaton]) -> Iterator[str]:
    """The probes of one event, each a block."""
    body = ["{", f"\t// {event}"]
    condition = f' /arg0 == kaddr("{probe.symbol}")/' if probe.symbol else ""
    if probe.at == "return" and probe.symbol:
        inside = f"@in_{event}[tid]"
        yield f"kprobe:{probe.function}{condition}\n{{\n\t{inside} = 1;\n}}"
        condition = f" /{inside} == 1/"
        body.append(f"\tdelete({inside});")
    kind = "kretprobe" if probe.at == "return" else "kprobe"
    offset = probe.at if probe.at.startswith("+") else ""
    for number, automaton in enumerate(automata):
        body += move_lines(event, automaton, number)
    yield "\n".join([f"{kind}:{probe.function}{offset}{condition}", *body, "}"])


def move_lines(event: str, automaton: EventAutomaton, number: int) -> Iterator[str]:
    """What an event does to the state of one automaton."""
    states = automaton.states
    lost = len(states)
    state, left, place = f"$state{number}", f"$left{number}", state_place(automaton)
    yield f"\t{state} = {place};"
    yield f"\t{left} = (int64){lost};"
    for at, name in enumerate(states):
        if event in automaton.moves[name]:
            to = states.index(automaton.moves[name][event])
            yield f"\tif ({state} == {at}) {{ {left} = (int64){to}; }}"
    yield f"\tif ({left} == {lost} && {state} != {lost}) {{"
    yield (
        f'\t\tprintf("VIOLATION of {automaton.name}: %s-%d, in state %s: {event}\\n", '
        f"comm, tid, {names_map(automaton)}[{state}]);"
    )
    yield "\t}"
    yield f"\tif ({left} != {state}) {{ {place} = {left}; }}"


def exit_block(automata: Sequence[EventAutomaton]) -> Iterator[str]:
    """What forgets a task that ends, for its number may be given to another."""
    yield "kprobe:do_exit"
    yield "{"
    for automaton in automata:
        if automaton.kind == "per_task":
            yield f"\tdelete({state_place(automaton)});"
    yield "}"


def end_block(automata: Sequence[EventAutomaton]) -> Iterator[str]:
    """What keeps bpftrace from printing the names of states."""
    yield "END"
    yield "{"
    yield from (f"\tclear({names_map(each)});" for each in automata)
    yield "}"


def state_place(automaton: EventAutomaton) -> str:
    """The entry of a map that holds the state of an automaton."""
    return f"@{automaton.name}[{'tid' if automaton.kind == 'per_task' else '0'}]"


def names_map(automaton: EventAutomaton) -> str:
    """The map that holds the names of an automaton's states."""
    return f"@{automaton.name}_states"
