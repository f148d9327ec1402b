"""A shell script that records a trace of the events that an automaton can watch.

The script is `record.sh` beside this file, with the probes of a table in it.
"""

from pathlib import Path

from locking.monitors.rules import events_of_locks
from locking.monitors.table import Probe, ProbeTable

TEMPLATE = Path(__file__).with_name("record.sh")
HERE = "@PROBES@"


def recording_script(table: ProbeTable) -> str:
    """The script, for every event of the table that has a probe."""
    return TEMPLATE.read_text(encoding="utf-8").replace(HERE, "\n".join(probe_lines(table)))


def probe_lines(table: ProbeTable) -> list[str]:
    """For every probe the words that the script reads.

    A lock can't be watched without the events of its taking and letting go, nor without the entry
    that says which lock a return is of.
    """
    locks = events_of_locks(table)
    taken = {(each.function, each.symbol) for name, each in table.probes.items() if name in locks}
    return [
        " ".join(
            [
                event,
                probe.at,
                probe.function,
                probe.symbol or "-",
                "lock" if event in locks or is_entry_of(probe, taken) else "step",
                *probe.fetch.split(),
            ]
        )
        for event, probe in table.probes.items()
    ]


def is_entry_of(probe: Probe, functions: set[tuple[str, str]]) -> bool:
    """Whether a probe says at the entry of one of these functions which lock is meant."""
    return bool(probe.symbol) and (probe.function, probe.symbol) in functions
