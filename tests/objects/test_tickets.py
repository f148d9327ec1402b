"""Tickets: numbers in order, each called once."""

from typing import Any

import pytest

from locking import WAIT, Misuse, Tickets
from locking.objects.tickets import TicketState, WaitingLine
from locking.objects.unbounded import Number
from tests.systems import ask

counting, unbounded = Tickets("it"), Tickets("it", unbounded=True)


def test_numbers_are_taken_and_called_in_order() -> None:
    assert ask(counting, TicketState(3, 1), "take_ticket") == (TicketState(4, 1), 3)
    assert ask(counting, TicketState(3, 1), "call_next") == (TicketState(3, 2), None)


@pytest.mark.parametrize(("number", "turn"), [(0, False), (1, True), (2, False)])
def test_a_number_waits_until_it_is_called_and_is_not_called_again(number: int, turn: bool) -> None:
    state = TicketState(3, 1)
    waits = (state, None) if turn else WAIT
    assert ask(counting, state, "await_turn", "me", number) == waits
    assert ask(counting, state, "has_turn", "me", number) == (state, turn)


@pytest.mark.parametrize(
    ("tickets", "state"), [(counting, TicketState(2, 2)), (unbounded, WaitingLine())]
)
def test_to_call_a_number_that_nobody_has_taken_is_a_misuse(tickets: Tickets, state: Any) -> None:
    reason = "me calls a number of it that nobody has taken"
    assert ask(tickets, state, "call_next") == Misuse(reason)


def test_unbounded_tickets_keep_how_far_each_number_is_from_its_turn() -> None:
    state, number = ask(unbounded, WaitingLine(1, (("you", 0),)), "take_ticket")  # type: ignore[misc]
    assert state == WaitingLine(2, (("you", 0), ("me", 1))) and isinstance(number, Number)
    assert ask(unbounded, state, "await_turn", "me", number) is WAIT
    assert ask(unbounded, state, "call_next") == (WaitingLine(1, (("me", 0),)), None)
    assert ask(unbounded, WaitingLine(1, (("me", 0),)), "call_next") == (WaitingLine(0, ()), None)


def test_a_state_is_shown_in_words() -> None:
    assert counting.show(TicketState(3, 1)) == "next 3, called 1"
    assert unbounded.show(WaitingLine(2, (("you", 0), ("me", 1)))) == "2 in line: you, me in 1"
    assert unbounded.show(WaitingLine(0, ())) == "0 in line"
