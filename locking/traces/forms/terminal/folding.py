"""Which steps of a run are shown one by one, and what is said of the others.

A stretch is one step that is shown, or steps in a row that are not. Where a run is long, the steps
of one turn between those that the failure depends on are told together, in what they changed. A run
that is asked why it fails shows only the steps that the failure depends on, and counts the others.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from locking.text.words import counted
from locking.traces.forms.page import Detail
from locking.traces.replay import Event, Trace

LONG_STRETCH = 20
"""Operations from which on a run is folded."""

FEWEST = 3
"""Operations in a row that are worth folding."""


class Stretch(NamedTuple):
    """The events of one step, or of steps in a row of which only the sum is `shown`."""

    events: tuple[Event, ...]
    shown: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its steps."""
        return tuple(dict.fromkeys(event.number for event in self.events))

    @property
    def threads(self) -> dict[int, int]:
        """Its threads, each with how many steps are its own."""
        steps = {event.number: event.thread for event in self.events}
        threads = list(steps.values())
        return {thread: threads.count(thread) for thread in dict.fromkeys(threads)}


def folds(trace: Trace, detail: Detail) -> bool:
    """Whether any step may not be shown."""
    return detail is Detail.WHY or (detail is Detail.FOLDED and len(trace.events) >= LONG_STRETCH)


def stretches(trace: Trace, needed: Collection[int], detail: Detail) -> list[Stretch]:
    """The run in stretches; `needed` are the numbers of the steps that the failure depends on."""
    steps = [tuple(group) for _, group in groupby(trace.events, lambda event: event.number)]
    if not folds(trace, detail):
        return [Stretch(events, True) for events in steps]

    wanted = frozenset(needed)

    def kind(events: tuple[Event, ...]) -> tuple[bool, int]:
        turn = events[0].thread if detail is Detail.FOLDED else 0
        return events[0].number in wanted, turn

    found: list[Stretch] = []
    for (shown, _), group in groupby(steps, kind):
        alike = list(group)
        together = tuple(event for events in alike for event in events)
        if shown or (detail is Detail.FOLDED and len(together) < FEWEST):
            found += [Stretch(events, True) for events in alike]
        else:
            found.append(Stretch(together, False))
    return found


def summed_up(stretch: Stretch, names: tuple[str, ...], inside: Sequence[str]) -> str:
    """What the steps of a stretch, which are of one turn, did together.

    `inside` are the sections that the thread has been shown to be in, outermost first.
    """
    first, last = stretch.numbers[0], stretch.numbers[-1]
    numbers = f"step {first}" if first == last else f"steps {first}-{last}"
    text = f"{numbers} of {names[stretch.events[0].thread]}"
    through = ", ".join(passed(stretch.events, inside))
    left = [name for name in reversed(inside) if name not in stretch.events[-1].inside_after]
    text += f", out of {', '.join(left)}" if through and left else ""
    text += f", through {through}" if through else ""
    changed = [
        f"{', '.join(name for name, _ in group)} {old} -> {new}"
        for (old, new), group in groupby(changes(stretch.events), lambda change: change[1])
    ]
    return text + (f": {'; '.join(changed)}" if changed else "")


def left_out(stretch: Stretch, names: tuple[str, ...]) -> str:
    """How many steps of whom are not shown."""
    of = [f"{count} of {names[thread]}" for thread, count in stretch.threads.items()]
    count = counted(len(stretch.numbers), "step")
    if len(of) == 1:
        return f"{count} of {names[stretch.events[0].thread]} left out"
    return f"{count} left out: {', '.join(of)}"


def passed(events: Sequence[Event], inside: Collection[str]) -> Iterator[str]:
    """The sections not among those `inside` that are left by the end of `events`, in order."""
    entered = {name: False for name in events[0].inside if name not in inside}
    for event in events:
        entered.update((name, False) for name in event.inside_after if name not in event.inside)
        for name in event.inside:
            if name not in event.inside_after and name in entered:
                entered[name] = True
    return (name for name, left in entered.items() if left)


def changes(events: Iterable[Event]) -> list[tuple[str, tuple[str, str]]]:
    """What became of memory: every object that is another in the end, with old and new value."""
    found: dict[str, tuple[str, str]] = {}
    for event in events:
        change = event.change
        if change and not change.is_lock and not event.queued:
            found[change.object] = (found.get(change.object, (change.old,))[0], change.new)
    return [(name, (old, new)) for name, (old, new) in found.items() if old != new]
