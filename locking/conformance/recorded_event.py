"""What every format of a trace is read into: events of tasks, in the order of the file."""

import re
from typing import NamedTuple

from locking.errors import UsageError
from locking.text.fit import cut, escape

SHOWN = 60
"""Characters of a line that a message repeats."""

WORD = re.compile(r'([A-Za-z_]\w*)=("[^"]*"|\S*)')
"""An argument of an event: a name and a value, in quotes or without spaces."""

LOCK_EVENT = re.compile(r"(?:0x)?[0-9a-fA-F]+ (?P<how>(?:try |read )*)(?P<lock>\S+)")
"""What an event of `lock:` says: the address of the lock, how it is asked for, its class.

Kernel: the events lock_acquire and lock, include/trace/events/lock.h, v6.12.
"""

MESSAGE = re.compile(r"([A-Za-z_]\w*)(?: |$)")
"""The first word of what trace_printk() says, which is an event called by the function it is in."""

CALLER = re.compile(r"<--? ?(?P<caller>\S+)")
"""What the function tracer says of an event: who called the function."""


class RecordedEvent(NamedTuple):
    """One line of a trace: who did what, when, on which processor; `text` has the arguments."""

    line: int
    seconds: float
    cpu: int
    task: str
    pid: int
    name: str
    text: str

    @property
    def who(self) -> str:
        """The task, as traces write it: `bindA-182`."""
        return f"{self.task}-{self.pid}"


class LostEvents(NamedTuple):
    """At this line events are missing: the buffer was overwritten before it was read."""

    line: int
    text: str


TraceLine = RecordedEvent | LostEvents


def arguments_in(text: str) -> dict[str, str]:
    """The arguments of an event by name, as its `text` has them.

    An event of `lock:` has `lock`, and `read` and `try` if it was asked for so; one of the function
    tracer has `caller`; one of trace_printk() has its first word as `message`.
    """
    found = {name: value.strip('"') for name, value in WORD.findall(text)}
    if message := MESSAGE.match(text):
        found["message"] = message[1]
    if "=" not in text and (lock := LOCK_EVENT.match(text)):
        found = {"lock": lock["lock"], **dict.fromkeys(lock["how"].split(), "1")}
    if "=" not in text and (caller := CALLER.match(text)):
        found = {"caller": caller["caller"]}
    return found


def unreadable(line: int, text: str, wanted: str) -> UsageError:
    """The error for a line that is not of its format; the caller puts the file in front."""
    return UsageError(f"line {line}: {cut(escape(text.strip()), SHOWN)!r} is not {wanted}")
