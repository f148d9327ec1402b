"""Where a running kernel shows the events of an event map: a table of probes in TOML.

[probes]              for an event, the function that shows it, and how
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from locking.conformance.event_map import EventMap
from locking.errors import UsageError
from locking.text.toml_tables import entries, keys, read_table, text_in

EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
OFFSET = re.compile(r"\+(0x[0-9a-f]+|[0-9]+)")
FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
FETCH = re.compile(r"[A-Za-z0-9_$=:+@() -]*")


class Probe(NamedTuple):
    """Where an event is seen: at the `entry` of a function, its `return`, or at an offset, `+0x1c`.

    Where there is a `symbol`, the first argument is its address; `fetch` is what a trace notes.
    """

    function: str
    at: str
    symbol: str = ""
    fetch: str = ""


@dataclass(frozen=True)
class ProbeTable:
    """The probes of a file, by the events of an event map."""

    file: str
    probes: Mapping[str, Probe]
    events: EventMap


def read_probe_table(file: str, events: EventMap) -> ProbeTable:
    """The table in `file`. Errors: `UsageError`, which names the file and the row."""
    return ProbeTable(file, read_table("probes", file, probes_of), events)


def probes_of(table: Mapping[str, Any]) -> dict[str, Probe]:
    """The probes of these rows. Errors: `UsageError`, which names the row."""
    keys(table, "the table", ("about", "probes"))
    found = {name: probe(name, row) for name, row in entries("probes", table.get("probes", {}))}
    check_returns(found)
    return found


def probe(event: str, row: Any) -> Probe:
    """The row of a probe. Errors: `UsageError`."""
    where = f"probes.{event}"
    event_name(where, event)
    keys(row, where, Probe._fields)
    given = {name: text_in(f"{where}.{name}", value) for name, value in row.items()}
    missing = [name for name in ("function", "at") if name not in given]
    if missing:
        raise UsageError(f"{where}: it has no {missing[0]!r}")
    made = Probe(**given)
    if not FUNCTION.fullmatch(made.function):
        raise UsageError(f"{where}: {made.function!r} is no name of a function")
    if made.at not in ("entry", "return") and not OFFSET.fullmatch(made.at):
        raise UsageError(f"{where}: at {made.at!r} is none of entry, return and +OFFSET")
    if made.symbol and not FUNCTION.fullmatch(made.symbol):
        raise UsageError(f"{where}: {made.symbol!r} is no name of a symbol")
    if made.symbol and OFFSET.fullmatch(made.at):
        raise UsageError(f"{where}: at an offset the first argument is gone; leave out symbol")
    if not FETCH.fullmatch(made.fetch):
        raise UsageError(f"{where}: fetch {made.fetch!r} has signs that no kprobe event takes")
    return made


def check_returns(probes: Mapping[str, Probe]) -> None:
    """Refuse a return that can't tell its first argument. Errors: `UsageError`."""
    entries = {(each.function, each.symbol) for each in probes.values() if each.at == "entry"}
    for event, each in probes.items():
        wanted = each.at == "return" and each.symbol
        if wanted and (each.function, each.symbol) not in entries:
            raise UsageError(
                f"probes.{event}: a return has no arguments; give {each.function} with symbol "
                f"{each.symbol} a probe at its entry too"
            )


def event_name(where: str, name: Any) -> str:
    """A name that an event can have in C. Errors: `UsageError`."""
    if not isinstance(name, str) or not EVENT.fullmatch(name):
        raise UsageError(f"{where}: {name!r} is no name of an event: letters, digits and _")
    return name
