"""The rules of a placement: what its automata take, and what each of them refuses."""

import pytest

from locking import Mutex, Placement, let_go, query, take, trylock, when
from locking.conformance.recorded_event import RecordedEvent
from locking.errors import UsageError
from locking.monitors.event_automaton import EventAutomaton
from locking.monitors.rules import automata_for_kernel, automata_for_trace, visible_in_trace
from locking.monitors.watching import watch_trace
from tests.monitors.planted import (
    A_LOCKED,
    HIDDEN,
    SPLIT,
    TABLE,
    A,
    B,
    C,
    big,
    planted_table,
    small,
)

Word = list[tuple[str, str]]
"""Events, each with the task that shows it."""


def automata(placement: Placement = SPLIT, text: str = TABLE) -> list[EventAutomaton]:
    """All automata that watch a trace in which every event may come."""
    return automata_for_trace(
        placement, planted_table(text), ["a_in", "a_out", "b_in", "b_out", "c_at"]
    )


def broken(word: Word | str, found: list[EventAutomaton]) -> list[tuple[str, int]]:
    """The automata that refuse the events, each with the number of the first that it refuses."""
    pairs = [("t", event) for event in word.split()] if isinstance(word, str) else word
    events = [
        RecordedEvent(at, 0.0, 0, task, ord(task), event, "")
        for at, (task, event) in enumerate(pairs)
    ]
    watched = watch_trace(found, events)
    return [(each.automaton.name, each.event.line) for each in watched.violations]


GOOD = "w_acq a_in a_out w_rel b_in b_out"


@pytest.mark.parametrize(
    "word",
    [
        GOOD,
        "w_acq a_in a_out w_rel b_in",  # b_out may be left out
        f"{GOOD} {GOOD} r_acq c_at r_rel {GOOD}",
        "unknown w_acq unknown a_in",
    ],
)
def test_what_a_role_does_is_taken(word: str) -> None:
    assert broken(word, automata()) == []


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("a_in", 0),  # outside of its region
        ("w_acq w_rel", 1),  # the step is missing
        ("w_acq a_in w_rel", 2),  # the step ends outside of its region
        ("w_acq a_in a_out b_in", 3),  # inside, where it is to be outside
        ("w_acq a_in a_out w_rel w_acq", 4),  # the next region before the step
        ("w_rel", 0),  # let go without being taken
        ("r_acq c_at w_rel", 2),  # let go in another mode
        ("w_acq r_acq", 1),
        (f"{GOOD} b_in", 6),  # a step twice
        ("m_acq", 0),  # a lock that the placement does not have
    ],
)
def test_the_order_of_a_task_is_kept(word: str, where: int) -> None:
    assert ("split_order", where) in broken(word, automata())


def test_each_task_has_an_order_of_its_own() -> None:
    word = [("t", "w_acq"), ("u", "r_acq"), ("u", "c_at"), ("t", "a_in"), ("u", "w_rel")]
    assert [each for each in broken(word, automata()) if each[0] == "split_order"] == [
        ("split_order", 4)
    ]


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ([("t", "w_acq"), ("u", "w_acq")], 1),
        ([("t", "w_acq"), ("u", "r_acq")], 1),
        ([("t", "r_acq"), ("u", "w_acq")], 1),
        ([("t", "r_acq"), ("u", "r_acq"), ("u", "r_rel"), ("v", "w_acq")], 3),
        ([("t", "r_acq"), ("t", "r_rel"), ("t", "r_rel")], 2),
        ([(each, "r_acq") for each in "stuvwxyz"] + [("a", "w_acq"), ("s", "r_rel")], 9),
    ],
)
def test_holders_that_exclude_each_other_do_not_overlap(word: Word, where: int) -> None:
    assert ("big_overlap", where) in broken(word, automata())


def test_readers_overlap_and_a_downgrade_lets_them_in() -> None:
    word = [("t", "r_acq"), ("u", "r_acq"), ("t", "r_rel"), ("u", "r_rel"), ("t", "w_acq")]
    word += [("t", "w_down"), ("u", "r_acq"), ("t", "r_rel"), ("u", "r_rel"), ("u", "w_acq")]
    assert [each for each in broken(word, automata()) if each[0] == "big_overlap"] == []


def test_where_no_one_is_counted_a_reader_inside_a_writer_is_seen_as_it_leaves() -> None:
    found = [each for each in automata_for_kernel(SPLIT, planted_table()) if each.kind == "global"]
    assert broken([("t", "r_acq"), ("u", "w_acq"), ("t", "r_rel")], found) == [("big_overlap", 2)]


def test_what_is_always_inside_of_a_lock_is_not_seen_while_nobody_holds_it() -> None:
    word = [("t", "a_in")]
    assert ("big_inside", 0) in broken(word, automata())
    assert [each.events for each in automata() if each.name == "big_inside"] == [
        ("a_in", "a_out", "w_acq", "w_down", "w_rel")
    ]


def test_what_one_role_does_outside_is_not_bound_to_the_lock() -> None:
    both = Placement("both", one=[big.write(A, B)], other=[big.read(B)])
    [inside] = [each for each in automata(both) if each.name == "big_inside"]
    assert "b_in" not in inside.events and "a_in" in inside.events


def test_a_variant_of_a_named_step_shows_what_that_shows() -> None:
    placement = Placement("variant", worker=[big.write(A_LOCKED)])
    assert broken("w_acq a_in a_out w_rel", automata(placement)) == []


def test_locks_that_do_not_nest_are_followed() -> None:
    placement = Placement(
        "hand",
        worker=[
            take(big.write()),
            A,
            take(small.hold()),
            let_go(big.write()),
            B,
            let_go(small.hold()),
        ],
    )
    good = "w_acq a_in a_out m_acq w_rel b_in b_out m_rel"
    assert broken(good, automata(placement)) == []
    assert ("hand_order", 3) in broken("w_acq a_in a_out w_rel", automata(placement))
    guarded = {each.name: each.events for each in automata(placement) if each.kind == "global"}
    assert "a_in" in guarded["big_inside"] and "b_in" in guarded["small_inside"]


@query("Q")
async def Q(_: object) -> bool:
    """A question that no event shows."""
    return True


def test_what_may_be_left_out_may_be_missing() -> None:
    placement = Placement("ways", worker=[trylock(big.write(A), otherwise=[B]), when(Q, C)])
    for word in ("w_acq a_in a_out w_rel", "b_in", "b_in c_at", "w_acq a_in a_out w_rel c_at"):
        assert broken(word, automata(placement)) == []
    assert ("ways_order", 0) in broken("a_in", automata(placement))


def test_a_downgrade_goes_on_for_reading() -> None:
    placement = Placement("down", worker=[big.write(A).downgrade(B)])
    assert broken("w_acq a_in a_out w_down b_in r_rel", automata(placement)) == []
    assert broken("w_acq a_in a_out w_rel", automata(placement))[0] == ("down_order", 3)


def test_a_downgrade_without_an_event_is_refused() -> None:
    placement = Placement("down", worker=[big.write(A).downgrade(B)])
    with pytest.raises(
        UsageError, match=r"downgrades big, and event map planted\.events\.toml has"
    ):
        automata(placement, TABLE.replace('downgrade = ["w_down"]', ""))


def test_a_mode_that_the_lock_does_not_have_is_refused() -> None:
    placement = Placement("p", worker=[Mutex("big").hold(A)])
    with pytest.raises(UsageError, match=r"locks\.big has 'write'; the lock has the modes hold"):
        automata(placement)


def test_a_placement_of_which_nothing_is_seen_is_refused() -> None:
    placement = Placement("p", worker=[Mutex("m").hold(HIDDEN)])
    table = planted_table()
    with pytest.raises(UsageError, match="none of its locks and steps has an event"):
        automata_for_trace(placement, table, ["a_in"])


def test_a_lock_that_has_no_probe_can_not_be_watched_in_a_kernel() -> None:
    text = TABLE.replace('downgrade = ["w_down"]', "")
    table = planted_table(text.replace('r_rel = { function = "put_big", at = "entry" }\n', ""))
    with pytest.raises(UsageError, match=r"r_rel, by which a lock is watched, has no row"):
        automata_for_kernel(SPLIT, table)


def test_what_has_a_probe_counts_as_visible_even_if_a_trace_never_shows_it() -> None:
    visible = visible_in_trace(planted_table(), ["a_in"])
    assert {"r_acq", "b_in", "a_in"} <= visible
    assert "b_out" not in visible
    assert "b_out" in visible_in_trace(planted_table(), ["b_out", "another"])


def test_a_task_is_known_by_its_pid_whatever_it_is_called() -> None:
    events = [
        RecordedEvent(at, 0.0, 0, task, 7, event, "")
        for at, (task, event) in enumerate([("sh", "w_acq"), ("sh", "a_in"), ("cat", "a_out")])
    ]
    watched = watch_trace(automata(), events)
    assert watched.violations == []
    assert {each.who for each in watched.half_done} == {"cat-7", ""}


def test_names_are_made_such_as_c_takes() -> None:
    placement = Placement("2-fast", worker=[Mutex("small[0]").hold(A)])
    table = planted_table(TABLE.replace("locks.small.hold", 'locks."small[0]".hold'))
    names = [each.name for each in automata_for_trace(placement, table, ["a_in", "a_out"])]
    assert names == ["p_2_fast_order", "small_0__overlap", "small_0__inside"]


def test_a_long_step_of_events_that_may_be_left_out_is_read() -> None:
    events = [f'"e{number}?"' for number in range(600)]
    table = planted_table(TABLE.replace('"a_in", "a_out"', ", ".join(events)))
    found = automata_for_trace(SPLIT, table, ["e1", "e598"])
    assert broken("w_acq e1 e598 w_rel", found) == []
    assert ("split_order", 2) in broken("w_acq e598 e1", found)


def test_a_lock_that_was_downgraded_is_no_longer_held_to_write() -> None:
    placement = Placement("down", worker=[big.write(A).downgrade(B)])
    good = "w_acq a_in a_out w_down b_in r_rel"
    assert broken(f"{good} {good}", automata(placement)) == []
    assert ("big_inside", 4) in broken("w_acq a_in a_out w_down a_in", automata(placement))
    [inside] = [each for each in automata(placement) if each.name == "big_inside"]
    assert "b_in" not in inside.events
