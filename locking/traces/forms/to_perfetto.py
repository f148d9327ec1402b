"""A run as Chrome trace events, which Perfetto's UI and chrome://tracing open.

A process is the case; a track is a thread, or a lock. Time is not time: step N of the run lies
between N and N+1 seconds, and the operations of an atomic block share that second. The second after
the last step shows where everything stands at the end.

Slices of a thread's track, outermost first: sections, waiting, operations. Slices of a lock's track
are who holds it; inside those, in which mode, and who waits. Arrows are what an operation depends
on: data, or a lock let go. Perfetto's UI gives slices of one name one colour, and leaves out digits
(getColorForSlice, ui/src/components/colorizer.ts). So the name of the outer slices is the holder.

Format: "Trace Event Format", phases X (slice), C (counter), s and f (arrow), i (instant), M (name).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from string import ascii_lowercase
from typing import Any, NamedTuple

from locking.programs.position import Position
from locking.text.file_names import line_of
from locking.text.source_lines import line_at
from locking.traces.forms.page import Page
from locking.traces.forms.sections import shared
from locking.traces.replay import Event, Held, Trace
from locking.traces.shown_run import ShownRun, used
from locking.traces.why.causes import causes
from locking.traces.why.explain import diagnose

SECOND = 1_000_000
"""The length of a step, in the format's microseconds; the operations of a block share them."""

PROCESS = 1
"""The number of the one process."""

TraceEvent = dict[str, Any]


class Slot(NamedTuple):
    """When an operation takes place."""

    start: int
    stop: int

    @property
    def middle(self) -> int:
        """A moment inside, at which an arrow begins or ends."""
        return (self.start + self.stop) // 2


def render(run: ShownRun, _: Page) -> str:
    """The trace file, as ASCII text."""
    about = json.dumps({"time": "step N lies between N and N+1 seconds", "replay": run.path})
    events = ",\n".join(map(json.dumps, trace_events(run)))
    return f'{{"displayTimeUnit": "ms", "otherData": {about}, "traceEvents": [\n{events}\n]}}'


def trace_events(run: ShownRun) -> list[TraceEvent]:
    """All events: names first, then by time, outer slices before those inside them."""
    trace = run.trace
    slots = event_times(trace)
    end = slots[-1].stop if slots else SECOND
    timed = [
        *sections(trace, slots, end + SECOND),
        *waits(trace, slots, end + SECOND),
        *operations(trace, slots),
        *holdings(trace, slots, end + SECOND),
        *locks(trace, slots, end + SECOND),
        *arrows(trace, slots),
        *cycle_slice(run, slots),
        outcome_event(run, end),
    ]
    timed.sort(key=lambda each: (each["ts"], each["ph"] != "X", -each.get("dur", 0)))
    return [*names(run), *timed]


def event_times(trace: Trace) -> list[Slot]:
    """When each event takes place."""
    found = []
    for number, group in groupby(trace.events, lambda event: event.number):
        count = len(list(group))
        bounds = [number * SECOND + SECOND * at // count for at in range(count + 1)]
        found += [Slot(*pair) for pair in pairwise(bounds)]
    return found


def names(run: ShownRun) -> Iterator[TraceEvent]:
    """What the process and its tracks are called, and in which order they come."""
    yield metadata_event("process_name", 0, {"name": str(run.case)})
    tracks = [*run.trace.names, *(f"lock {name}" for name in used(run.trace))]
    for track, name in enumerate(tracks, 1):
        yield metadata_event("thread_name", track, {"name": name})
        yield metadata_event("thread_sort_index", track, {"sort_index": track})


def metadata_event(what: str, track: int, args: TraceEvent) -> TraceEvent:
    """A name, or another thing that is said of a track."""
    return {"ph": "M", "name": what, "pid": PROCESS, "tid": track, "ts": 0, "args": args}


def piece(kind: str, name: str, track: int, slot: Slot, args: TraceEvent) -> TraceEvent:
    """A slice of a track."""
    return {
        "ph": "X",
        "cat": kind,
        "name": name,
        "pid": PROCESS,
        "tid": track,
        "ts": slot.start,
        "dur": slot.stop - slot.start,
        "args": args,
    }


def operations(trace: Trace, slots: list[Slot]) -> Iterator[TraceEvent]:
    """A slice for every operation."""
    for event, slot in zip(trace.events, slots, strict=True):
        yield piece("operation", event.call, event.thread + 1, slot, details(event))


def details(event: Event) -> TraceEvent:
    """What there is to say of an operation."""
    said: TraceEvent = {"step": event.number}
    if event.target:
        said["object"] = event.target
    if event.returned is not None:
        said["result"] = event.returned
    if event.change:
        said |= {"old": event.change.old, "new": event.change.new}
    if event.locals:
        said["variables"] = dict(event.locals)
    if event.queued:
        said["queued"] = True
    if event.misuse:
        said["misuse"] = event.misuse
    return {**said, "line": line_of(event.site), "source": line_at(event.site)}


def sections(trace: Trace, slots: list[Slot], end: int) -> Iterator[TraceEvent]:
    """A slice for every section, from where a thread enters it to where it leaves it."""
    for thread in range(len(trace.names)):
        inside = [(SECOND, at_start(trace, thread).inside)]
        inside += [
            (slot.stop, event.inside_after)
            for event, slot in zip(trace.events, slots, strict=True)
            if event.thread == thread
        ]
        # Those that end together ended inside out; of slices of one time the outer one comes first.
        for name, slot in reversed([*section_spans([*inside, (end, ())])]):
            yield piece("section", name, thread + 1, slot, {})


def at_start(trace: Trace, thread: int) -> Position:
    """Where a thread is before its first step."""
    return trace.product.position(thread, trace.product.initial)


def section_spans(inside: Iterable[tuple[int, tuple[str, ...]]]) -> Iterator[tuple[str, Slot]]:
    """The sections with their times, from what a thread is inside of from each moment on."""
    under_way: list[tuple[str, int]] = []
    for moment, names in inside:
        kept = shared([name for name, _ in under_way], names)
        while len(under_way) > kept:
            name, since = under_way.pop()
            yield name, Slot(since, moment)
        under_way += [(name, moment) for name in names[kept:]]


def history(trace: Trace, slots: list[Slot], end: int) -> Iterator[tuple[Held, Slot]]:
    """How long every lock is as it is, lock by lock."""
    found = [(SECOND, held) for held in trace.held]
    found += [
        (slot.stop, held)
        for event, slot in zip(trace.events, slots, strict=True)
        for held in event.held
    ]
    for name in used(trace):
        own = [(moment, held) for moment, held in found if held.name == name]
        stops = [moment for moment, _ in own[1:]] + [end]
        for (moment, held), stop in zip(own, stops, strict=True):
            yield held, Slot(moment, stop)


def holdings(trace: Trace, slots: list[Slot], end: int) -> Iterator[TraceEvent]:
    """For every lock a slice for as long as the same threads hold it."""
    first = len(trace.names) + 1
    track = {name: at for at, name in enumerate(used(trace), first)}
    label = labels_of_holders(trace.names)
    known = ((held.name, holders_of(held), slot) for held, slot in history(trace, slots, end))
    for (lock, holders), group in groupby(known, lambda each: each[:2]):
        times = [slot for _, _, slot in group]
        if holders:
            says = ", ".join(label.get(each, each) for each in holders)
            yield piece("holder", says, track[lock], Slot(times[0].start, times[-1].stop), {})


def holders_of(held: Held) -> tuple[str, ...]:
    """The threads that hold a lock, each once."""
    return tuple(dict.fromkeys(each.thread for each in held.holders))


def labels_of_holders(names: Sequence[str]) -> dict[str, str]:
    """What threads are called as holders: names that differ in more than digits.

    Where only digits tell names apart, letters follow.
    """
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(re.sub(r" ?\d+", "", name), []).append(name)
    return {
        name: f"{name} ({letters(at)})" if len(several) > 1 else name
        for several in alike.values()
        for at, name in enumerate(several)
    }


def letters(at: int) -> str:
    """A number as letters: a, b, ... z, aa, ab, ..."""
    before, last = divmod(at, len(ascii_lowercase))
    return (letters(before - 1) if before else "") + ascii_lowercase[last]


def locks(trace: Trace, slots: list[Slot], end: int) -> Iterator[TraceEvent]:
    """For every lock who holds it, as slices, and how many wait, as a counter."""
    first = len(trace.names) + 1
    track = {name: at for at, name in enumerate(used(trace), first)}
    for held, slot in history(trace, slots, end):
        if held.holders or held.waiters:
            holders = [f"{each.mode} {each.thread}" for each in held.holders]
            args = {"lock": held.name, "holders": holders, "waiters": list(held.waiters)}
            yield piece("lock", held.text, track[held.name], slot, args)
        yield {
            "ph": "C",
            "name": f"waiting for {held.name}",
            "pid": PROCESS,
            "tid": track[held.name],
            "ts": slot.start,
            "args": {"threads": len(held.waiters)},
        }


def waits(trace: Trace, slots: list[Slot], end: int) -> Iterator[TraceEvent]:
    """A slice for every time that a thread waits."""
    for name, group in groupby(history(trace, slots, end), lambda pair: pair[0].name):
        known = list(group)
        for thread, who in enumerate(trace.names):
            waiting = [who in held.waiters for held, _ in known]
            turns = groupby(zip(waiting, known, strict=True), lambda pair: pair[0])
            for waits_now, turn in turns:
                times = [slot for _, (_, slot) in turn]
                if waits_now:
                    slot = Slot(times[0].start, times[-1].stop)
                    yield piece("wait", f"waits for {name}", thread + 1, slot, {})


def arrows(trace: Trace, slots: list[Slot]) -> Iterator[TraceEvent]:
    """From each operation to those that depend on it, but for the order of one thread's own."""
    found = [
        (cause, at)
        for at, because in enumerate(causes(trace))
        for cause in because
        if cause.kind != "order"
    ]
    for number, (cause, effect) in enumerate(found, 1):
        for phase, at in (("s", cause.event), ("f", effect)):
            yield {
                "ph": phase,
                "id": number,
                "cat": cause.kind,
                "name": cause.object,
                "pid": PROCESS,
                "tid": trace.events[at].thread + 1,
                "ts": slots[at].middle,
                # An arrow ends at the slice around that moment, not at the next one.
                **({"bp": "e"} if phase == "f" else {}),
            }


def cycle_slice(run: ShownRun, slots: list[Slot]) -> Iterator[TraceEvent]:
    """A slice, on a track of its own, over the steps that are gone round for ever."""
    times = [s for e, s in zip(run.trace.events, slots, strict=True) if e.number in run.round]
    if times:
        track = len(run.trace.names) + len(used(run.trace)) + 1
        yield metadata_event("thread_name", track, {"name": "forever"})
        yield metadata_event("thread_sort_index", track, {"sort_index": track})
        yield piece("cycle", "forever", track, Slot(times[0].start, times[-1].stop), {})


def outcome_event(run: ShownRun, moment: int) -> TraceEvent:
    """What the run shows, at the end of its last step."""
    return {
        "ph": "i",
        "s": "g",
        "cat": "outcome",
        "name": run.outcome,
        "pid": PROCESS,
        "tid": (run.trace.events[-1].thread if run.trace.events else 0) + 1,
        "ts": moment,
        "args": {
            "condition": run.condition,
            "values": [f"{name} = {value}" for name, value in run.finding.values],
            "diagnosis": diagnose(run),
        },
    }
