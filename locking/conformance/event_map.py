"""Which event of a trace stands for what of a model: a table in TOML, which a user's own extends.

    [events]                    how a trace calls an event, and what its arguments must be
    [locks.NAME.MODE]           `take`: the events of taking it, of which the last says that it is
                                held; `release`: those of letting go, of which the first says so
    [steps]                     for every named step its events, in order
    [failures]                  the events of a named step that fails, in order
    [roles]                     `begins`, `ends`; `only_if_begun`, `played`; `trees` of an own role
    [[discipline]]              what is to be inside of a lock, or is counted

In a list of events, `NAME?` may be left out, and `NAME*` comes any number of times.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Any, NamedTuple

from locking.errors import UsageError, unknown
from locking.text.toml_tables import entries, flag_in, keys, read_table, text_in, written

TABLES = ("about", "events", "locks", "steps", "failures", "roles", "discipline")
"""The parts of the table."""

ITEM = re.compile(r"(?P<name>[\w.:$-]+)(?P<times>[?*]?)")
ABOUT = re.compile(r"(?P<argument>\w+)(?: / (?P<divisor>[1-9]\d*))?")


class ListedEvent(NamedTuple):
    """An event in a list; `times` is `?` if it may be left out, `*` if it may come any number."""

    name: str
    times: str = ""


Items = tuple[ListedEvent, ...]


class EventPattern(NamedTuple):
    """What an event is in a trace: its name there, and what its arguments must match.

    `about` is the argument, and what its number is divided by, that says what a role works on.
    """

    name: str
    where: tuple[tuple[str, re.Pattern[str]], ...] = ()
    about: tuple[str, int] | None = None

    def matches(self, arguments: Mapping[str, str]) -> bool:
        """Whether the arguments of an event are as they must be; one that is missing is empty."""
        return all(wanted.fullmatch(arguments.get(name, "")) for name, wanted in self.where)


class Handling(NamedTuple):
    """The events of a lock that is taken and let go in one mode."""

    take: Items
    release: Items


class RoleEvents(NamedTuple):
    """The events between which a role is played; `trees` are given for a role of the map's own.

    `only_if_begun` says that nobody plays it in a trace that has no `begins`.
    """

    begins: str = ""
    ends: str = ""
    played: bool = True
    only_if_begun: bool = False
    trees: Any = None


class DisciplineRule(NamedTuple):
    """A rule of discipline: what lies between `begins` and `ends`, and the lock it is judged by.

    It `must` be inside of the lock, held in the mode; or else it is only counted.
    """

    what: str
    begins: str
    ends: str
    lock: str
    mode: str
    must: bool


@dataclass(frozen=True)
class EventMap:
    """A table that was read, from one or more files."""

    patterns: Mapping[str, tuple[EventPattern, ...]]
    locks: Mapping[tuple[str, str], Handling]
    lowerings: Mapping[str, Items]
    steps: Mapping[str, Items]
    failures: Mapping[str, Items]
    roles: Mapping[str, RoleEvents]
    rules: tuple[DisciplineRule, ...] = ()
    files: tuple[str, ...] = field(default=(), compare=False)

    @property
    def title(self) -> str:
        """What messages call it, by its files."""
        return f"event map {', '.join(self.files)}"


def read_event_map(files: Sequence[str]) -> EventMap:
    """The table of `files`, of which each replaces the rows of those before it that it has too.

    Errors: `UsageError`, which names the file, for what can't be read or is no such table.
    """
    whole: dict[str, Any] = {}
    for file in files:
        whole = merged(whole, read_table("events", file, checked_table))
    made = event_map_of(whole)
    check_rules(made, files)
    return EventMap(**{**vars(made), "files": tuple(files)})


def checked_table(table: dict[str, Any]) -> dict[str, Any]:
    """A table that an event map can be made of. Errors: those of `event_map_of`."""
    event_map_of(table)
    return table


def check_rules(events: EventMap, files: Sequence[str]) -> None:
    """Refuse a rule of a lock that no file handles: it would never be judged.

    Errors: `UsageError`, which names all files.
    """
    known = [".".join(key) for key in events.locks]
    for name in (f"{rule.lock}.{rule.mode}" for rule in events.rules):
        if name not in known:
            error = unknown("lock and mode of discipline", name, known)
            raise UsageError(f"events {', '.join(files)}: {error}")


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one: rows of `new` replace those of `old`, lists of rules are joined."""
    found = {**old, **new}
    for table in ("events", "locks", "steps", "failures", "roles"):
        if table in old and table in new:
            found[table] = {**old[table], **new[table]}
    found["discipline"] = [*old.get("discipline", []), *new.get("discipline", [])]
    return found


def event_map_of(table: Mapping[str, Any]) -> EventMap:
    """The table. Errors: `UsageError` for a row that it can't have, with its name."""
    keys(table, "the table", TABLES)
    locks = {
        (lock, mode): Handling(
            items(f"locks.{lock}.{mode}.take", row.get("take")),
            items(f"locks.{lock}.{mode}.release", row.get("release")),
        )
        for lock, modes in rows(table, "locks")
        for mode, row in entries(f"locks.{lock}", modes)
        if mode != "downgrade" and keys(row, f"locks.{lock}.{mode}", ("take", "release"))
    }
    lowerings = {
        lock: items(f"locks.{lock}.downgrade", modes["downgrade"])
        for lock, modes in rows(table, "locks")
        if "downgrade" in modes
    }
    steps, failures = (
        {name: items(f"{part}.{name}", row) for name, row in rows(table, part)}
        for part in ("steps", "failures")
    )
    roles = {name: role_events(f"roles.{name}", row) for name, row in rows(table, "roles")}
    rules = tuple(discipline_rule(row) for row in discipline_rows(table.get("discipline", [])))
    given = {name: patterns_of(name, row) for name, row in rows(table, "events")}
    lists = [each for handling in locks.values() for each in handling]
    lists += [*lowerings.values(), *steps.values(), *failures.values()]
    used = {item.name for each in lists for item in each}
    used |= {name for role in roles.values() for name in (role.begins, role.ends) if name}
    used |= {name for rule in rules for name in (rule.begins, rule.ends)}
    patterns = {name: given.get(name, (EventPattern(name),)) for name in sorted(used)}
    return EventMap(patterns, locks, lowerings, steps, failures, roles, rules)


def rows(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    """The rows of a part of the table. Errors: `UsageError`."""
    return entries(name, table.get(name, {}))


def items(where: str, row: Any) -> Items:
    """A list of events. Errors: `UsageError`."""
    if not isinstance(row, list) or not row:
        raise UsageError(f'{where}: {written(row)} is no list of events; write ["NAME", ...]')
    found = [ITEM.fullmatch(each) if isinstance(each, str) else None for each in row]
    for each, item in zip(row, found, strict=True):
        if not item:
            raise UsageError(f"{where}: {written(each)} is no event; write NAME, NAME? or NAME*")
    return tuple(ListedEvent(item["name"], item["times"]) for item in found if item)


def patterns_of(name: str, row: Any) -> tuple[EventPattern, ...]:
    """What an event is: one row, or several of which the first that a trace has is meant."""
    several = row if isinstance(row, list) else [row]
    return tuple(pattern_of(f"events.{name}", name, each) for each in several)


def pattern_of(where: str, name: str, row: Any) -> EventPattern:
    """One row. Errors: `UsageError`."""
    keys(row, where, ("name", "where", "about"))
    wanted = [(key, str(value)) for key, value in entries(f"{where}.where", row.get("where", {}))]
    told = text_in(f"{where}.about", row.get("about", ""))
    about = ABOUT.fullmatch(told)
    if "about" in row and not about:
        raise UsageError(f"{where}.about: {written(told)} is no ARGUMENT or ARGUMENT / NUMBER")
    return EventPattern(
        text_in(f"{where}.name", row.get("name", name)),
        tuple((key, re.compile(translate(value))) for key, value in wanted),
        (about["argument"], int(about["divisor"] or 1)) if about else None,
    )


def role_events(where: str, row: Any) -> RoleEvents:
    """The row of a role. Errors: `UsageError`."""
    keys(row, where, RoleEvents._fields)
    return RoleEvents(
        text_in(f"{where}.begins", row.get("begins", "")),
        text_in(f"{where}.ends", row.get("ends", "")),
        flag_in(f"{where}.played", row.get("played", True)),
        flag_in(f"{where}.only_if_begun", row.get("only_if_begun", False)),
        row.get("trees"),
    )


def discipline_rows(rows: Any) -> list[Any]:
    """The rules of discipline as rows. Errors: `UsageError`."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError("discipline: a rule begins with [[discipline]], in double brackets")
    return rows


def discipline_rule(row: Any) -> DisciplineRule:
    """A rule of discipline. Errors: `UsageError`."""
    keys(row, "discipline", ("what", "begins", "ends", "inside", "counted"))
    missing = [name for name in ("what", "begins", "ends") if name not in row]
    if missing or ("inside" in row) is ("counted" in row):
        raise UsageError("discipline: a rule has what, begins, ends, and inside or counted")
    told = {name: text_in(f"discipline.{name}", value) for name, value in row.items()}
    lock, _, mode = told["inside" if "inside" in told else "counted"].rpartition(".")
    return DisciplineRule(told["what"], told["begins"], told["ends"], lock, mode, "inside" in row)
