"""Where a running kernel shows what a placement arranges: a table in TOML.

[probes]              for an event, the function that shows it, and how
[events]              what the arguments of an event must be where it stands in a trace
[locks.NAME.MODE]     `take`: the events of taking it, of which the last says that it is held;
                      `release`: those of letting go, of which the first says so
[locks.NAME]          `downgrade`: the events of a downgrade, of which the first says so
[steps]               for every named step its events, in order; `NAME?` may be left out
[roles]               what tasks do of which the placement says nothing
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from locking.errors import UsageError, unknown

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


class PossibleEvent(NamedTuple):
    """An event of a named step, and whether it may be left out."""

    name: str
    optional: bool


class LockEvents(NamedTuple):
    """How a lock shows that it is taken in a mode, held, and let go; the last `take` is held."""

    take: tuple[str, ...]
    release: tuple[str, ...]


@dataclass(frozen=True)
class ProbeTable:
    """A table that was read; `roles` are trees as the file has them."""

    file: str
    probes: Mapping[str, Probe]
    where: Mapping[str, Mapping[str, str]]
    locks: Mapping[tuple[str, str], LockEvents]
    downgrades: Mapping[str, str]
    steps: Mapping[str, tuple[PossibleEvent, ...]]
    roles: Mapping[str, Any]


def read_probe_table(file: str) -> ProbeTable:
    """The table in `file`. Errors: `UsageError`, which names the file and the row."""
    try:
        table = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"table {file}: it can't be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"table {file}: it is no TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"table {file}: it is nested too deep") from None
    try:
        return probe_table(file, table)
    except UsageError as error:
        raise UsageError(f"table {file}: {error}") from None


def probe_table(file: str, table: Mapping[str, Any]) -> ProbeTable:
    """The table of these rows. Errors: `UsageError`, which names the row."""
    only(table, "the table", ("about", "probes", "events", "locks", "steps", "roles"))
    locks = {name: part(table, "locks", name) for name in part(table, "locks")}
    made = ProbeTable(
        file,
        {name: probe(name, row) for name, row in part(table, "probes").items()},
        {name: arguments_wanted(name, row) for name, row in part(table, "events").items()},
        {
            (lock, mode): lock_events(f"locks.{lock}.{mode}", row)
            for lock, modes in locks.items()
            for mode, row in modes.items()
            if mode != "downgrade"
        },
        {
            lock: names_of_events(f"locks.{lock}.downgrade", modes["downgrade"])[0]
            for lock, modes in locks.items()
            if "downgrade" in modes
        },
        {name: events_of_step(name, row) for name, row in part(table, "steps").items()},
        part(table, "roles"),
    )
    check_returns(made.probes)
    return made


def part(table: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The table at `path`, empty where there is none. Errors: `UsageError`, where it is none."""
    found: Any = table
    for name in path:
        found = found.get(name, {})
        if not isinstance(found, dict):
            raise UsageError(f"{'.'.join(path)}: {found!r} is no table")
    return dict(found)


def only(row: Any, where: str, known: tuple[str, ...]) -> dict[str, Any]:
    """A row that has no other keys than `known`. Errors: `UsageError`."""
    if not isinstance(row, dict):
        raise UsageError(f"{where}: {row!r} is no table")
    for name in row:
        if name not in known:
            raise unknown(f"key of {where}", name, known)
    return row


def probe(event: str, row: Any) -> Probe:
    """The row of a probe. Errors: `UsageError`."""
    where = f"probes.{event}"
    event_name(where, event)
    given = only(row, where, Probe._fields)
    if not all(isinstance(each, str) for each in given.values()):
        raise UsageError(f"{where}: {given!r} has a value that is no text")
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


def arguments_wanted(event: str, row: Any) -> dict[str, str]:
    """What the arguments of an event must match. Errors: `UsageError`."""
    where = only(row, f"events.{event}", ("where",)).get("where", {})
    return {
        name: str(value)
        for name, value in only(where, f"events.{event}.where", tuple(where)).items()
    }


def lock_events(where: str, row: Any) -> LockEvents:
    """How a lock shows itself in one mode. Errors: `UsageError`."""
    given = only(row, where, ("take", "release"))
    return LockEvents(
        names_of_events(f"{where}.take", given.get("take")),
        names_of_events(f"{where}.release", given.get("release")),
    )


def names_of_events(where: str, row: Any) -> tuple[str, ...]:
    """A list of events, none of which may be left out. Errors: `UsageError`."""
    if not isinstance(row, list) or not row:
        raise UsageError(f'{where}: {row!r} is no list of events; write ["NAME", ...]')
    return tuple(event_name(where, each) for each in row)


def events_of_step(name: str, row: Any) -> tuple[PossibleEvent, ...]:
    """The events of a named step. Errors: `UsageError`."""
    where = f"steps.{name}"
    if not isinstance(row, list):
        raise UsageError(f'{where}: {row!r} is no list of events; write ["NAME", "NAME?"]')
    optional = [isinstance(each, str) and each.endswith("?") for each in row]
    names = [each[:-1] if may else each for each, may in zip(row, optional, strict=True)]
    return tuple(map(PossibleEvent, names_of_events(where, names), optional))


def event_name(where: str, name: Any) -> str:
    """A name that an event can have in C. Errors: `UsageError`."""
    if not isinstance(name, str) or not EVENT.fullmatch(name):
        raise UsageError(f"{where}: {name!r} is no name of an event: letters, digits and _")
    return name
