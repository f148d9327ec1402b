"""Sleepers: whoever sleeps when a wake-up is sent may be the one, and nobody else."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from locking.objects.sleepers import Group, Sleepers

NAMES = ("a", "b", "c", "d")


def asleep(*names):
    """Threads that sleep, in one group."""
    return Sleepers((Group(frozenset(names)),))


def test_a_wake_up_is_lost_where_nobody_sleeps():
    assert Sleepers().wake(1) == Sleepers()


def test_a_thread_that_nobody_woke_sleeps_on():
    assert asleep("a").leaves("a") is None


def test_one_wake_up_lets_either_of_two_go_on_and_not_both():
    woken = asleep("a", "b").wake(1)
    assert woken.leaves("a") == asleep("b")
    assert woken.leaves("b") == asleep("a")


def test_who_sleeps_alone_is_certain_to_be_woken():
    assert asleep("a").wake(1) == Sleepers(woken=frozenset("a"))


def test_a_thread_that_comes_later_can_not_use_the_wake_up():
    later = asleep("a", "b").wake(1).falls_asleep("c")
    assert later.leaves("c") is None
    assert later.leaves("a") == asleep("b", "c")


def test_an_older_thread_leaves_a_later_wake_up_to_those_that_may_use_nothing_else():
    both = asleep("a", "b").wake(1).falls_asleep("c").wake(1)
    assert both.leaves("a").leaves("c") == asleep("b")
    assert both.leaves("a").leaves("b") == asleep("c")
    assert both.leaves("c").leaves("b") == asleep("a")


def test_who_gives_up_leaves_the_wake_up_to_the_others():
    assert asleep("a", "b").wake(1).gives_up("a") == Sleepers(woken=frozenset("b"))


def in_line(*names):
    """Threads that sleep, the first in front."""
    return Sleepers(line=names)


def test_in_a_line_the_first_is_certain_to_be_woken():
    assert in_line("a", "b").wake(1) == Sleepers(woken=frozenset("a"), line=("b",))
    assert in_line("a", "b").wake(1).leaves("b") is None
    assert in_line("a", "b").wake(1).leaves("a") == in_line("b")
    assert in_line("a", "b").wake(9) == Sleepers(woken=frozenset("ab"))


def test_in_a_line_who_comes_later_stands_behind():
    later = in_line("b").wake(1).falls_asleep("a", in_line=True).falls_asleep("c", in_line=True)
    assert later.wake(1).woken == {"a", "b"}


def test_who_gives_up_leaves_the_line():
    assert in_line("a", "b", "c").gives_up("b").wake(1) == Sleepers(
        woken=frozenset("a"), line=("c",)
    )
    assert in_line("a", "b").without(("a",)) == in_line("b")


def test_it_is_shown_in_words():
    assert Sleepers().show() == "nobody asleep"
    assert in_line("b", "a", "c").wake(1).show() == "asleep a before c, woken b"
    assert asleep("a", "b", "c").wake(1).show() == "asleep a, b, c (1 to wake)"
    assert asleep("a", "b").wake(2).show() == "woken a, b"


class Eager(NamedTuple):
    """Sleepers of whom the one to wake is chosen at once, in every possible way."""

    states: frozenset  # pairs: who sleeps, and who is woken

    def falls_asleep(self, me):
        return Eager(frozenset((asleep | {me}, woken) for asleep, woken in self.states))

    def wake(self, count):
        """Every choice of as many, one after the other."""
        found = self.states
        for _ in range(count):
            found = frozenset(
                (asleep - {one}, woken | {one} if asleep else woken)
                for asleep, woken in found
                for one in asleep or {None}
            )
        return Eager(found)

    def leaves(self, me):
        left = frozenset((a, woken - {me}) for a, woken in self.states if me in woken)
        return Eager(left) if left else None

    def gives_up(self, me):
        left = frozenset((a - {me}, woken) for a, woken in self.states if me in a)
        return Eager(left) if left else None

    def sleeping(self):
        """Who has not left."""
        return set().union(*(asleep | woken for asleep, woken in self.states))


MOVES = st.tuples(
    st.sampled_from(["sleep", "sleep", "wake", "leave", "give up"]), st.integers(0, 3)
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(MOVES, max_size=14))
def test_it_is_as_if_who_is_woken_were_chosen_at_once_in_every_way(moves):
    lazy, eager = Sleepers(), Eager(frozenset({(frozenset(), frozenset())}))
    for move, number in moves:
        me = NAMES[number]
        sleeps = me in eager.sleeping()
        if move == "wake":
            lazy, eager = lazy.wake(number), eager.wake(number)
        elif move == "sleep" and not sleeps:
            lazy, eager = lazy.falls_asleep(me), eager.falls_asleep(me)
        for name in eager.sleeping():
            assert (lazy.leaves(name) is None) == (eager.leaves(name) is None)
            assert (name in lazy.woken) == (eager.gives_up(name) is None)
        if move == "leave" and sleeps and lazy.leaves(me):
            lazy, eager = lazy.leaves(me), eager.leaves(me)
        elif move == "give up" and sleeps and eager.gives_up(me):
            lazy, eager = lazy.gives_up(me), eager.gives_up(me)
