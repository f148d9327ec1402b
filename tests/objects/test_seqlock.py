"""Sequence counters: odd while somebody writes, and a reader that looks twice."""

from typing import NamedTuple

import pytest

from locking import WAIT, Holding, Misuse, Seqcount, Seqlock
from locking.objects.seqlock import SeqState
from tests.systems import ask

EVEN, I_WRITE, YOU_WRITE = SeqState(4), SeqState(5, "me"), SeqState(5, "you")


class Kind(NamedTuple):
    """A sequence and the names of its operations."""

    lock: Seqlock | Seqcount
    write: str
    end: str
    begin: str
    again: str


seqlock = Seqlock("seq")
seqcount = Seqcount("seq")
KINDS = [
    Kind(seqlock, "write_seqlock", "write_sequnlock", "read_seqbegin", "read_seqretry"),
    Kind(
        seqcount,
        "write_seqcount_begin",
        "write_seqcount_end",
        "read_seqcount_begin",
        "read_seqcount_retry",
    ),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=["seqlock", "seqcount"])


@every_kind
def test_a_writer_makes_the_sequence_odd_and_even_again(kind):
    assert kind.lock.start == SeqState(0)
    assert ask(kind.lock, EVEN, kind.write) == (I_WRITE, None)
    assert ask(kind.lock, I_WRITE, kind.end) == (SeqState(6), None)


@every_kind
@pytest.mark.parametrize("state", [EVEN, YOU_WRITE], ids=["nobody", "another"])
def test_ending_a_write_that_one_did_not_begin_is_a_misuse(kind, state):
    assert ask(kind.lock, state, kind.end) == Misuse("me ends a write of seq that it did not begin")


def test_a_second_writer_waits_for_a_seqlock():
    assert ask(seqlock, YOU_WRITE, "write_seqlock") is WAIT


def test_a_second_writer_of_a_seqcount_is_a_misuse():
    """A seqcount excludes nobody: some lock around it has to."""
    reason = "me writes seq while you does: no lock excludes it"
    assert ask(seqcount, YOU_WRITE, "write_seqcount_begin") == Misuse(reason)


def test_writing_a_seqlock_twice_is_a_misuse():
    reason = "me waits to write seq, which it is writing itself"
    assert ask(seqlock, I_WRITE, "write_seqlock") == Misuse(reason)


@every_kind
def test_a_reader_begins_with_the_sequence(kind):
    assert ask(kind.lock, EVEN, kind.begin) == (EVEN, 4)


@every_kind
def test_a_reader_waits_for_the_writer(kind):
    assert ask(kind.lock, YOU_WRITE, kind.begin) is WAIT


@every_kind
def test_a_reader_keeps_what_nobody_wrote_meanwhile(kind):
    assert ask(kind.lock, EVEN, kind.again, "me", 4) == (EVEN, False)


@every_kind
@pytest.mark.parametrize("state", [YOU_WRITE, SeqState(6)], ids=["under way", "done"])
def test_a_reader_looks_again_if_a_write_began_or_ended(kind, state):
    assert ask(kind.lock, state, kind.again, "me", 4) == (state, True)


@every_kind
def test_the_writer_is_the_holder_and_readers_hold_nothing(kind):
    assert kind.lock.holders(YOU_WRITE) == (Holding("you", "write"),)
    assert kind.lock.holders(EVEN) == ()
    assert (kind.lock.show(EVEN), kind.lock.show(YOU_WRITE)) == ("4", "5, write you")


def test_a_region_writes_a_seqlock():
    region = seqlock.write()
    assert (region.acquire().name, region.release().name) == ("write_seqlock", "write_sequnlock")
