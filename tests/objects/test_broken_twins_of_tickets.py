"""Tickets that give one number to two threads are found."""

from typing import Any

import pytest

from locking import Thread, Tickets, Verdict, never_together, operation, section
from locking.objects.tickets import TicketState
from tests.systems import verdict


class TwoSteps(Tickets):
    """A number is read, and counted up only by whoever calls the next one."""

    @operation
    def take_ticket(self, state: Any, me: str) -> Any:
        return state, state.next

    @operation
    def call_next(self, state: Any, me: str) -> Any:
        return TicketState(state.next + 1, state.called + 1), None


@pytest.mark.parametrize(("kind", "holds"), [(Tickets, True), (TwoSteps, False)])
def test_a_number_that_two_threads_have_is_found(kind: type, holds: bool) -> None:
    tickets = kind("tickets")

    async def turn() -> None:
        await tickets.await_turn(await tickets.take_ticket())
        async with section("critical"):
            await tickets.call_next()

    threads = [Thread("a", turn), Thread("b", turn)]
    found = verdict([tickets], threads, never_together("exclusion", "critical", "critical"))
    assert (found is Verdict.HOLDS) is holds
