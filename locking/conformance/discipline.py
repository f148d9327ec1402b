"""The discipline of locks alone, for which no placement is needed: who held what beside what.

A lock is held from the event that says so to the one that begins to let it go.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from locking.conformance.event_map import EventMap
from locking.conformance.recording import ObservedEvent, Recording

EXCLUSIVE = ("write", "hold")
"""Modes in which a lock has one holder."""


@dataclass
class Count:
    """How often something was seen, and in which lines; `wrong` is whether it may never be."""

    what: str
    wrong: bool
    lines: list[int] = field(default_factory=list)


@dataclass
class Discipline:
    """What was counted so far.

    `held` are the holders of each lock in each mode, `asked` what each task has asked for last,
    `open` what it is in the middle of.
    """

    events: EventMap
    alphabet: frozenset[str]
    counts: dict[str, Count] = field(default_factory=dict)
    held: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    asked: dict[int, tuple[str, str]] = field(default_factory=dict)
    open: dict[int, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        handlings = self.events.locks.items()
        self.asking = {handling.take[0].name: key for key, handling in handlings}
        self.taking = {handling.take[-1].name: key for key, handling in handlings}
        self.releasing = {handling.release[0].name: key for key, handling in handlings}
        for lock, mode in [key for key in self.events.locks if self.judges(key)]:
            if mode in EXCLUSIVE:
                self.count(f"two tasks hold {lock}.{mode} at the same time", wrong=True)
            elif self.judges((lock, "write")):
                self.count(f"{lock}.{mode} beside {lock}.write", wrong=True)
        for rule in self.events.rules:
            if {rule.begins, rule.ends} <= self.alphabet and self.judges((rule.lock, rule.mode)):
                self.count(f"{rule.what} outside of {rule.lock}.{rule.mode}", wrong=rule.must)
                if not rule.must:
                    self.count(f"{rule.what} inside of {rule.lock}.{rule.mode}", wrong=False)
                    self.count(f"{rule.what} beside {rule.lock}.{rule.mode}", wrong=False)
                    self.count(f"{rule.what} beside {rule.what}", wrong=False)

    def judges(self, key: tuple[str, str]) -> bool:
        """Whether the trace shows that a lock is held in a mode, and let go."""
        handling = self.events.locks.get(key)
        if handling is None:
            return False
        return {handling.take[-1].name, handling.release[0].name} <= self.alphabet

    def count(self, what: str, *, wrong: bool) -> None:
        """Begin to count."""
        self.counts[what] = Count(what, wrong)

    def saw(self, what: str, line: int) -> None:
        """Count, if it is counted."""
        if what in self.counts:
            self.counts[what].lines.append(line)

    def note(self, observed: ObservedEvent) -> None:
        """Count what an event shows."""
        pid, line = observed.event.pid, observed.event.line
        taken = [self.taking[name] for name in observed.names if name in self.taking]
        for name in observed.names:
            if name in self.asking:
                self.asked[pid] = self.asking[name]
            if name in self.releasing:
                self.held.get(self.releasing[name], set()).discard(pid)
            self.note_rules(name, pid, line)
        # Where an event does not tell the mode, the one that was asked for last is meant.
        for key in (
            taken if len(taken) == 1 else [each for each in taken if self.asked.get(pid) == each]
        ):
            if self.judges(key):
                self.took(key, pid, line)

    def took(self, key: tuple[str, str], pid: int, line: int) -> None:
        """A task has taken a lock."""
        lock, mode = key
        others = self.held.setdefault(key, set()) - {pid}
        if mode in EXCLUSIVE and others:
            self.saw(f"two tasks hold {lock}.{mode} at the same time", line)
        for other, pids in self.held.items():
            if other != key and other[0] == lock and pids - {pid} and "write" in (mode, other[1]):
                reader = mode if other[1] == "write" else other[1]
                self.saw(f"{lock}.{reader} beside {lock}.write", line)
        self.held[key].add(pid)
        for task, spans in self.open.items():
            for what, held in spans.items():
                if task != pid and held == key:
                    self.saw(f"{what} beside {lock}.{mode}", line)

    def note_rules(self, name: str, pid: int, line: int) -> None:
        """Judge the rules that an event begins or ends."""
        for rule in self.events.rules:
            holders = self.held.get((rule.lock, rule.mode), set())
            where = f"{rule.lock}.{rule.mode}"
            if name == rule.begins:
                side = "inside" if pid in holders else "outside"
                self.saw(f"{rule.what} {side} of {where}", line)
                if holders - {pid}:
                    self.saw(f"{rule.what} beside {where}", line)
                if any(rule.what in spans for task, spans in self.open.items() if task != pid):
                    self.saw(f"{rule.what} beside {rule.what}", line)
                self.open.setdefault(pid, {})[rule.what] = (rule.lock, rule.mode)
            elif name == rule.ends:
                self.open.get(pid, {}).pop(rule.what, None)
                if rule.must and pid not in holders:
                    self.saw(f"{rule.what} outside of {where}", line)


def discipline_of(events: EventMap, recording: Recording) -> dict[str, Count]:
    """What is counted in a recording, each by its name."""
    made = Discipline(events, recording.alphabet)
    noted(made, recording.observed)
    return made.counts


def noted(made: Discipline, observed: Iterable[ObservedEvent]) -> None:
    """Go through the events."""
    for each in observed:
        made.note(each)
