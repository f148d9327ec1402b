"""One run in time: what each thread does when, where it waits, and which of that is critical."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from locking.durations.clock import Clock
from locking.durations.makespan import Moment
from locking.explore.product import State
from locking.objects.operation import Operation


class Bar(NamedTuple):
    """What a thread does from `begin` to `end`, in units: it takes a step, or waits for an object.

    `what` is the name of the step or section, or of the object.
    """

    thread: str
    what: str
    waits: bool
    begin: int
    end: int


class CriticalBar(NamedTuple):
    """A part of a critical path: a bar, and what its thread had waited for just before it.

    `after` is the name of the object that the thread of the link before had kept; else it is empty.
    """

    bar: Bar
    after: str


@dataclass(frozen=True)
class Timeline:
    """A run in time: what its threads do, in order, and the critical path, which its end follows.

    The links of the path lie end to end, from the start of a thread to the end of the run. From one
    to the next either a thread goes on, or it lets another go on that waited.
    """

    threads: tuple[str, ...]
    end: int
    bars: tuple[Bar, ...]
    critical: tuple[CriticalBar, ...]

    @property
    def waits(self) -> dict[tuple[str, str], int]:
        """The time that is waited, by the object and the thread."""
        found = Counter[tuple[str, str]]()
        for each in self.bars:
            if each.waits:
                found[each.what, each.thread] += each.end - each.begin
        return dict(sorted(found.items()))


def timeline(clock: Clock, moments: Sequence[Moment]) -> Timeline:
    """A run in time: the steps `moments` of it, in order."""
    spent = {-1 - thread: bars for thread, bars in enumerate(first_bars(clock))}
    ready = {-1 - thread: clock.initial.left[thread] for thread in range(len(clock.starts))}
    last = {thread: -1 - thread for thread in range(len(clock.starts))}
    came = dict[int, int]()
    waits = dict[int, Bar]()
    for at, moment in enumerate(moments):
        came[at] = last[moment.thread]
        begins = ready[came[at]]
        if moment.time > begins:
            name = clock.product.threads[moment.thread].name
            what = kept_waiting(clock, moment)
            waits[at] = Bar(name, clock.product.objects[what].name, True, begins, moment.time)
        spent[at] = list(bars_from(clock, moment))
        ready[at] = moment.time + moment.after.left[moment.thread]
        last[moment.thread] = at
    bars = sorted(
        [*waits.values(), *(bar for each in spent.values() for bar in each)],
        key=attrgetter("begin", "end"),
    )
    return Timeline(
        tuple(thread.name for thread in clock.product.threads),
        max(each.time for each in moments) if moments else 0,
        tuple(bars),
        tuple(critical(clock, moments, came, spent, waits)),
    )


def first_bars(clock: Clock) -> Iterator[list[Bar]]:
    """What each thread spends time on before its first step."""
    at = clock.product.initial
    for thread, start in enumerate(clock.starts):
        name, bars = clock.product.threads[thread].name, list[Bar]()
        for each in clock.passing(thread, at):
            bars.append(Bar(name, each.section, False, start, start + each.units))
            start += each.units
        yield bars


def bars_from(clock: Clock, moment: Moment) -> Iterator[Bar]:
    """What a thread spends time on after a step."""
    begin, name = moment.time, clock.product.threads[moment.thread].name
    for each in clock.begun(moment.thread, moment.before.at, moment.after.at):
        yield Bar(name, each.section, False, begin, begin + each.units)
        begin += each.units


def slots_of(clock: Clock, thread: int, at: State) -> list[int]:
    """The slots of objects that the next step of a thread looks at, the one it works on first."""
    threads = len(clock.product.threads)
    step = clock.product.position(thread, at).next
    first = [clock.product.slot_of[step.target]] if isinstance(step, Operation) else []
    looked = clock.product.looked[thread].get(at[thread], ())
    return list(dict.fromkeys(slot for slot in (*first, *looked) if slot >= threads))


def kept_waiting(clock: Clock, moment: Moment) -> int:
    """The number of the object that a thread waited for before a step: the last that kept it."""
    threads = len(clock.product.threads)
    name = clock.product.threads[moment.thread].name
    slots = slots_of(clock, moment.thread, moment.before.at)
    ours = [
        slot
        for slot in slots
        if clock.product.objects[slot - threads].waiting_in or holds(clock, slot, name, moment)
    ]
    return (ours or slots)[0] - threads


def holds(clock: Clock, slot: int, name: str, moment: Moment) -> bool:
    """Whether a thread holds an object once it has taken a step."""
    object_ = clock.product.objects[slot - len(clock.product.threads)]
    held = object_.holders(clock.product.value(object_, moment.after.at))
    return any(each.thread == name for each in held)


def critical(
    clock: Clock,
    moments: Sequence[Moment],
    came: dict[int, int],
    spent: dict[int, list[Bar]],
    waits: dict[int, Bar],
) -> list[CriticalBar]:
    """The links that the end of the run follows from, from its end back to the start of a thread.

    A step that was waited for follows from the last step of another thread that changed what it
    looks at; any other step from the thread's own last step, and the time spent after that.
    """
    found = list[CriticalBar]()
    at = len(moments) - 1
    while at >= 0:
        if at in waits:
            found[-1:] = [each._replace(after=waits[at].what) for each in found[-1:]]
            at = let_go_on(clock, moments, at)
        else:
            at = came[at]
            found += [CriticalBar(each, "") for each in reversed(spent[at])]
    return found[::-1]


def let_go_on(clock: Clock, moments: Sequence[Moment], at: int) -> int:
    """The step by which another thread let the one go on that took step `at`, having waited."""
    moment = moments[at]
    slots = slots_of(clock, moment.thread, moment.before.at)
    others = [
        before
        for before in range(at)
        if moments[before].thread != moment.thread and moments[before].time == moment.time
    ]
    changed = [
        before
        for before in others
        if any(moments[before].before.at[slot] != moments[before].after.at[slot] for slot in slots)
    ]
    return (changed or others)[-1]
