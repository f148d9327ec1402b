"""Another way to see whether some steps explain a failure: by going through every run.

It shares no code with `locking.traces.why.sufficiency`. Runs are kept whole, none is left out for
being like another, and each is looked at from its start.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from locking.explore.product import Product, State
from locking.objects.operation import Operation
from locking.properties.explored import Finding, Property
from locking.properties.state import Never
from locking.properties.view import view
from locking.traces.replay import Trace
from locking.traces.shown_run import ShownRun

Name = tuple[Any, ...]
"""What a step is known by: thread, line, operation, and the how-manieth time."""


class Taken(NamedTuple):
    """A step of a run, with the state before it and the one after."""

    name: Name
    outcome: int
    before: State
    after: State


def standing(product: Product, state: State, thread: int, counts: Counter[Name]) -> Name:
    """The name of the step that a thread takes next; () if it has ended."""
    position = product.position(thread, state)
    if position.next is None:
        return ()
    step = position.next
    what = (step.target.name, step.name) if isinstance(step, Operation) else ("choose",)
    place = (thread, position.site, what)
    return (*place, counts[place] + 1)


def steps_of(trace: Trace) -> list[Taken]:
    """The steps of a trace."""
    counts: Counter[Name] = Counter()
    found = []
    for before, after in zip(trace.states, trace.states[1:], strict=False):
        number = len(found) + 1
        thread = next(event.thread for event in trace.events if event.number == number)
        name = standing(trace.product, before, thread, counts)
        moves = trace.product.moves(before)
        [outcome] = [o for who, o, to in moves if (who, to) == (thread, after)][:1]
        counts[name[:-1]] += 1
        found.append(Taken(name, outcome, before, after))
    return found


def runs(trace: Trace) -> Iterator[list[Taken]]:
    """Every run in which no thread goes on from where it stands at the end of the trace."""
    product = trace.product
    counts = Counter(step.name[:-1] for step in steps_of(trace))
    ends = {standing(product, trace.end, thread, counts) for thread in range(len(product.threads))}

    return going_on(product, ends, [], product.initial, Counter())


def going_on(
    product: Product, ends: set[Name], run: list[Taken], state: State, counts: Counter[Name]
) -> Iterator[list[Taken]]:
    """Every run that begins with `run` and goes past none of `ends`.

    It is no function within another, which would be a circle that keeps coroutines for a while.
    """
    moved = False
    for thread, outcome, target in product.moves(state):
        name = standing(product, state, thread, counts)
        if name in ends:
            continue
        moved = True
        longer = counts.copy()
        longer[name[:-1]] += 1
        taken = Taken(name, outcome, state, target)
        yield from going_on(product, ends, [*run, taken], target, longer)
    if not moved:
        yield run


def explains(shown: ShownRun, numbers: Collection[int]) -> bool:
    """Whether the steps of these numbers explain the failure, as the docs say what that is."""
    trace, finding = shown.trace, shown.finding
    steps = steps_of(trace)
    kept = [steps[number - 1] for number in sorted(numbers)]
    return accounts(trace, finding, numbers) and all(
        agrees(trace, finding, shown.claim, kept, run) for run in runs(trace)
    )


def accounts(trace: Trace, finding: Finding, numbers: Collection[int]) -> bool:
    """Whether each value that is shown has the write it comes from with it."""
    wrote: dict[str, set[int]] = {}
    made: dict[str, set[int]] = {}
    for event in trace.events:
        access = event.step.target.access(event.step.name) if event.step else None
        shown = access and event.gave and event.number in numbers
        if shown and not wrote.get(event.target, set()).issubset(numbers):
            return False
        if access and access.writes and (event.change or event.result is None):
            if event.change:
                made[event.target] = {event.number}
            wrote[event.target] = {event.number} | made.get(event.target, set())
    return all(wrote[name].issubset(numbers) for name in finding.objects if name in wrote)


def agrees(
    trace: Trace, finding: Finding, property_: Property, kept: list[Taken], run: list[Taken]
) -> bool:
    """Whether a run, looked at from its start, says nothing against the explanation."""
    product = trace.product
    counts: Counter[Name] = Counter()
    total = Counter(step.name[:-1] for step in steps_of(trace))
    threads = range(len(product.threads))
    stops = {standing(product, trace.end, thread, total) for thread in threads} - {()}
    names = [step.name for step in kept]
    told = 0
    states = [product.initial, *(step.after for step in run)]
    for at, state in enumerate(states):
        if told == len(kept):
            ends = isinstance(property_, Never) and property_.only_finished
            if not ends or view(product, state).finished:
                return property_.find(product, state) == finding
        for thread in {name[0] for name in names[told:]}:
            owed = [name for name in names[told:] if name[0] == thread]
            next_ = standing(product, state, thread, counts)
            broke_off = product.position(thread, state).failure is not None
            if (next_ == () and not broke_off) or next_ in stops or next_ in owed[1:]:
                return False
        if at == len(run):
            break
        step = run[at]
        if step.name in names:
            if told == len(kept) or (step.name, step.outcome) != kept[told][:2]:
                return True  # it takes them in another order
            told += 1
        counts[step.name[:-1]] += 1
    return True
