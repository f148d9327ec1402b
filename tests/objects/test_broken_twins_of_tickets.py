"""Tickets that give one number to two threads, or call one too many, are found."""

from typing import Any

import pytest

from locking import Object, Record, Thread, Tickets, operation
from locking.objects.tickets import TicketState
from tests.objects.broken import CAUGHT, EXCLUSION, Pair, inside, pair, verdicts
from tests.systems import threads


class CountsLater(Tickets):
    """A number is counted up only when the next one is called."""

    @operation
    def take_ticket(self, state: Any, me: str) -> Any:
        return state, state.next

    @operation
    def call_next(self, state: Any, me: str) -> Any:
        return TicketState(state.next + 1, state.called + 1), None


class CallsAll(Tickets):
    """Whoever has a number that is not called yet has its turn."""

    def is_turn(self, state: Any, me: str, number: Any) -> bool:
        return state.called <= number


def turns(tickets: Object, data: Record) -> list[Thread]:
    """Two threads, one after the other."""

    async def turn() -> None:
        await tickets.await_turn(await tickets.take_ticket())
        await inside(data, "write")
        await tickets.call_next()

    return threads(turn, turn)


PAIRS = [pair(CountsLater, turns, EXCLUSION), pair(CallsAll, turns, EXCLUSION)]


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_broken_is_caught(pair: Pair) -> None:
    assert verdicts(pair) == CAUGHT
