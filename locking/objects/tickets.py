"""Tickets: take a number, and wait until it is called.

Reed and Kanodia, Synchronization with eventcounts and sequencers (1979): a sequencer gives numbers,
an eventcount calls them. Kernel: the ticket spinlocks of x86 from v2.6.25 to v4.1. Left out: that
both are short words there, which overflow; as long as there are fewer threads than numbers, nobody
can tell.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from locking.objects.operation import WAIT, Misuse, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE
from locking.objects.unbounded import Number, Unbounded
from locking.objects.waiting import spins


class TicketState(NamedTuple):
    """The number that is taken next, and the one whose turn it is."""

    next: int = 0
    called: int = 0


class WaitingLine(NamedTuple):
    """What unbounded ones keep: how many are taken and not called, and who has which of them.

    `places` has a thread's name, and the calls that are left until its number's turn.
    """

    length: int = 0
    places: tuple[tuple[str, int], ...] = ()


class Tickets(Unbounded):
    """A dispenser of numbers, and the display that calls them one after the other.

    With `unbounded=True` nothing is counted: only how far each number is from its turn. A number
    whose turn is over is forgotten, for it is never called again.
    """

    waiting_in = spins("await_turn")

    def __init__(self, name: str, unbounded: bool = False) -> None:
        super().__init__(name, WaitingLine() if unbounded else TicketState(), unbounded=unbounded)

    @ordered(NO_ORDER)
    @operation
    def take_ticket(self, state: Any, me: str) -> Outcome:
        """The next number, taken and counted up in one step."""
        if self.unbounded:
            others = tuple(each for each in state.places if each[0] != me)
            return WaitingLine(state.length + 1, (*others, (me, state.length))), Number(self.name)
        return state._replace(next=state.next + 1), state.next

    @ordered(ACQUIRE)
    @operation
    def await_turn(self, state: Any, me: str, number: int | Number) -> Outcome:
        """Wait until the number is called; one that was called before never is again."""
        return (state, None) if self.is_turn(state, me, number) else WAIT

    @ordered(ACQUIRE)
    @operation
    def has_turn(self, state: Any, me: str, number: int | Number) -> Outcome:
        """Whether it is the number's turn."""
        return state, self.is_turn(state, me, number)

    @ordered(RELEASE)
    @operation
    def call_next(self, state: Any, me: str) -> Outcome:
        """Call the number after; it is a misuse to call over a number that nobody has taken."""
        if (state.length if self.unbounded else state.next - state.called) == 0:
            return Misuse(f"{me} calls a number of {self.name} that nobody has taken")
        if not self.unbounded:
            return state._replace(called=state.called + 1), None
        left = tuple((name, place - 1) for name, place in state.places if place)
        return WaitingLine(state.length - 1, left), None

    def is_turn(self, state: Any, me: str, number: int | Number) -> bool:
        """Whether a number of thread `me` is the one that is called."""
        return (me, 0) in state.places if self.unbounded else state.called == number

    def counted(self) -> "Tickets":
        """The tickets that count."""
        return type(self)(self.name)

    def examples(self, state: WaitingLine, me: str) -> Iterator[tuple[TicketState, dict[str, int]]]:
        """Some numbers to be called, and older ones of a thread whose turn is over."""
        for called in (0, 1, 5):
            counted = TicketState(called + state.length, called)
            newest = {name: called + place for name, place in state.places}
            for older in range(called) if me not in newest else ():
                yield counted, {**newest, me: older}
            yield counted, newest

    def alike(self, counted: TicketState, newest: Mapping[str, int]) -> WaitingLine:
        """How far each number is from its turn, in the order of turns."""
        called = counted.called
        ahead = sorted((number - called, name) for name, number in newest.items())
        return WaitingLine(
            counted.next - called, tuple((name, place) for place, name in ahead if place >= 0)
        )

    def show(self, state: Any) -> str:
        """How many numbers are not called, and whose turn it is."""
        if not self.unbounded:
            return f"next {state.next}, called {state.called}"
        turns = ", ".join(f"{name} in {place}" if place else name for name, place in state.places)
        return f"{state.length} in line" + (f": {turns}" if turns else "")
