"""The completion: so many may pass, or all."""

import pytest

from locking import WAIT, Completion, Misuse
from locking.programs.sleeping.completion import ALL
from tests.systems import ask

done = Completion("done")


def test_nobody_may_pass_at_first():
    assert done.start == 0
    assert ask(done, 0, "wait_for_completion") is WAIT
    assert ask(done, 0, "try_wait_for_completion") == (0, False)


def test_every_complete_lets_one_more_pass():
    assert ask(done, 0, "complete") == (1, None)
    assert ask(done, 1, "complete") == (2, None)


def test_who_passes_uses_up_one():
    assert ask(done, 2, "wait_for_completion") == (1, None)
    assert ask(done, 1, "try_wait_for_completion") == (0, True)


@pytest.mark.parametrize("state", [0, 2, ALL])
def test_complete_all_lets_everybody_pass_from_now_on(state):
    assert ask(done, state, "complete_all") == (ALL, None)
    assert ask(done, ALL, "wait_for_completion") == (ALL, None)
    assert ask(done, ALL, "try_wait_for_completion") == (ALL, True)
    assert ask(done, ALL, "complete") == (ALL, None)


@pytest.mark.parametrize("state", [0, ALL])
def test_it_starts_again_from_nothing(state):
    assert ask(done, state, "reinit_completion") == (0, None)


def test_starting_again_while_somebody_may_still_pass_is_a_misuse():
    reason = "me reinitialises done, which 2 may still pass"
    assert ask(done, 2, "reinit_completion") == Misuse(reason)


def test_nobody_holds_it():
    assert done.holders(1) == ()
    assert (done.show(1), done.show(ALL)) == ("1 may pass", "all may pass")
