"""A run of one system, followed in another: the same threads take the same turns.

The code of the two may differ: one takes a lock that the other does not, or reads a value twice. So
turns are told by the thread's name and by what it does, not by number. What only the first run has
is left out. What a thread must do before in the other system, it does. Where what it does there is
something else, it takes one step for one. What comes out is a run of the other system, found in its
own tables: nothing is concluded from the first one.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from locking.explore.graph import Choice
from locking.explore.product import Product, State
from locking.objects.operation import Operation
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.programs.traps import Choose
from locking.studies.carry import Carried, Carrying
from locking.text.file_names import line_of
from locking.traces.replay import Event, Trace

FARTHEST = 100
"""Steps of a thread that are looked through for the one that the first run takes."""


@dataclass(frozen=True)
class Turn:
    """A step of the first run: whose it is, what it does, and with which outcome."""

    thread: str
    does: Hashable
    outcome: int


def deed(position: Position) -> Hashable:
    """What a thread does next, told so that it is one in both systems."""
    step = position.next
    if isinstance(step, Operation):
        return step.name, step.target.name
    return step and tuple(map(repr, step.options))


def named_turns(product: Product, choices: Sequence[Choice]) -> list[Turn]:
    """The steps of a run of `product`."""
    found, state = [], product.initial
    for choice in choices:
        thread, outcome = choice
        does = deed(product.position(thread, state))
        found.append(Turn(product.threads[thread].name, does, outcome))
        state = next(move[2] for move in product.moves(state) if move[:2] == choice)
    return found


class Following(Carrying):
    """A run under way in `product` that follows the turns of another system's."""

    def follow(self, turns: Sequence[Turn]) -> Carried:
        """The run that follows `turns`, and then goes on to its end; it stops where it `shows`."""
        if self.shows(self.state):
            return self.found(True)
        threads = {each.name: at for at, each in enumerate(self.product.threads)}
        for at, turn in enumerate(turns):
            thread = threads.get(turn.thread)
            if thread is None:  # the other system has no such thread
                continue
            own = [each.does for each in turns[at:] if each.thread == turn.thread]
            for choice in self.steps_for(thread, own, turn.outcome):
                if not self.take(choice):
                    return self.found(False, thread)
                if self.shows(self.state):
                    return self.found(True)
        return self.found(self.run_on())

    def steps_for(self, thread: int, own: Sequence[Hashable], outcome: int) -> Iterator[Choice]:
        """The steps of a thread that stand for the first of `own`, which it does in the other run.

        There are none where it has ended, or stands before what it does later in that run.
        """
        now = self.product.position(thread, self.state)
        if now.next is None:
            return
        extra = next((n for n, does in enumerate(self.ahead(thread)) if does == own[0]), None)
        left_out = own.index(deed(now)) if deed(now) in own else None
        if left_out and (extra is None or left_out <= extra):
            return
        for _ in range(extra or 0):
            yield thread, 0
        yield thread, outcome if extra is not None else 0

    def ahead(self, thread: int) -> Iterator[Hashable]:
        """What a thread does next, and then, if it runs alone and always has its first outcome."""
        state: State | None = self.state
        for _ in range(FARTHEST):
            if state is None:
                return
            yield deed(self.product.position(thread, state))
            state = next((move[2] for move in self.product.moves_of([thread], state)), None)


@dataclass(frozen=True)
class Apart:
    """Where two runs of one schedule go apart: at `step` of the first, and what is done in each.

    `there` is empty where the thread has ended in the second run, or is not in its system.
    """

    step: int
    thread: str
    here: str
    there: str


def where_they_part(one: Trace, two: Trace) -> Apart | None:
    """Where `two`, a run that follows `one`, first does something else; None if it nowhere does.

    Each thread is compared with itself: its operations in order, with what they are given and what
    they return. That a thread of `two` comes less far is no difference.
    """
    others = {name: events_of(two, name) for name in two.names}
    done = dict.fromkeys(one.names, 0)
    for event in one.events:
        name = one.names[event.thread]
        at, done[name] = done[name], done[name] + 1
        own = others.get(name, [])
        if at < len(own) and told(event) != told(own[at]):
            result = event.call == own[at].call
            here, there = (said_of(each, result=result) for each in (event, own[at]))
            return Apart(event.number, name, here, there)
        call, where = ahead_of(two, name)
        if at == len(own) and call != event.call:
            return Apart(event.number, name, said_of(event), f"{call} ({where})" if call else "")
    return None


def events_of(trace: Trace, name: str) -> list[Event]:
    """The events of the thread called `name`."""
    return [each for each in trace.events if trace.names[each.thread] == name]


def told(event: Event) -> Hashable:
    """What an operation is told by: the call, and what came of it."""
    return event.call, event.queued, event.misuse, typed(event.result)


def said_of(event: Event, *, result: bool = False) -> str:
    """An operation with its line, and with what came of it where that is asked for."""
    came = "a misuse" if event.misuse else "to wait" if event.queued else repr(event.result)
    return f"{event.call}{f' -> {came}' if result else ''} ({line_of(event.site)})"


def ahead_of(trace: Trace, name: str) -> tuple[str, str]:
    """What a thread would do next at the end of a run, and its line.

    Both are empty where it has ended, or there is none of that name.
    """
    if name not in trace.names:
        return "", ""
    position = trace.product.position(trace.names.index(name), trace.end)
    if position.next is None:
        return "", ""
    call = "choose" if isinstance(position.next, Choose) else str(position.next)
    return call, line_of(position.site)
