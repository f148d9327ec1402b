"""The files that watch a running kernel: automata, a bpftrace script, and one that records."""

from locking.monitors.rules import automata_for_kernel
from locking.monitors.table import ProbeTable
from locking.monitors.to_bpftrace import script_of_automata
from locking.monitors.to_dot import dot_of_automaton
from locking.monitors.to_record import recording_script
from locking.placements.placement import Placement


def files_of_monitors(placement: Placement, table: ProbeTable) -> dict[str, str]:
    """The texts of the files by name. Errors: `UsageError`."""
    automata = automata_for_kernel(placement, table)
    return {
        **{f"{each.name}.dot": dot_of_automaton(each) for each in automata},
        "watch.bt": script_of_automata(automata, table),
        "record.sh": recording_script(table),
    }
