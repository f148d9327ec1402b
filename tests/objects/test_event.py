"""The event: set for all until it is reset, or for the one that passes."""

import pytest

from locking import WAIT, AutoResetEvent, ManualResetEvent
from tests.systems import ask

manual, auto = ManualResetEvent("event"), AutoResetEvent("event")
each = pytest.mark.parametrize("event", [manual, auto], ids=["manual", "auto"])


@each
def test_nobody_passes_before_it_is_set(event):
    assert event.start is False
    assert ask(event, False, "wait") is WAIT
    assert ask(event, False, "try_wait") == (False, False)


@each
@pytest.mark.parametrize("state", [False, True])
def test_it_is_set_and_reset_from_every_state(event, state):
    assert ask(event, state, "set") == (True, None)
    assert ask(event, state, "reset") == (False, None)


def test_a_manual_event_stays_set():
    assert ask(manual, True, "wait") == (True, None)
    assert ask(manual, True, "try_wait") == (True, True)


def test_who_passes_resets_an_automatic_event():
    assert ask(auto, True, "wait") == (False, None)
    assert ask(auto, True, "try_wait") == (False, True)


def test_it_is_shown_in_words():
    assert (manual.show(True), manual.show(False)) == ("set", "not set")
