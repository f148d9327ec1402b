"""Several systems in one file: a tool says of each what it says of it alone."""

from collections.abc import Collection
from pathlib import Path

import pytest

from locking.export.formula import TRUE, Formula
from locking.export.tables import ExportedCase
from tests.export.live_peers import LIVE_PEERS, LivePeer
from tests.export.live_systems import Questioned
from tests.export.many import asked_names, fit_to_judge, judged_many, judged_together
from tests.export.side_by_side import Member, fits, member_property, side_by_side
from tests.export.test_runs import SYSTEMS, skip_without

SPIN, TLC, _ = LIVE_PEERS

NAMES = ("the mutex is stolen again and again", "a run that ends too early", "a deadlock")

BOTH = pytest.mark.parametrize("peer", [SPIN, TLC], ids=lambda each: each.name)


def by_hand() -> list[Questioned]:
    """Small systems, of two threads each, with every kind of question, and one of three."""
    return [SYSTEMS[name]() for name in (*NAMES, "readers overtake a writer")]


def test_all_is_there_once_and_a_choice_before_it() -> None:
    cases = [each.tables for each in by_hand()]
    tables = side_by_side(cases)
    first = [each for each in tables.actors[0].commands if not each.place]
    assert len(first) == len(cases)
    commands = sum(len(actor.commands) for each in cases for actor in each.actors)
    assert sum(len(actor.commands) for actor in tables.actors) == commands + len(cases)
    asked = [
        member_property(number, check.property)
        for number, each in enumerate(cases)
        for check in each.run_checks
    ]
    assert [check.property for check in tables.run_checks] == asked
    assert max(len(check.weak) for check in tables.run_checks) == len(tables.actors) == 3


def test_what_breaks_off_before_its_first_step_is_none_of_many() -> None:
    assert not fits(SYSTEMS["a run that breaks off at once"]().tables)
    assert fits(SYSTEMS["a run that breaks off"]().tables)


def knows(broken: Collection[str]) -> LivePeer:
    """A tool that finds these, and judges all."""

    def found(_: ExportedCase, __: Collection[str], ___: Path) -> frozenset[str]:
        return frozenset(broken)

    return LivePeer("Oracle", (), found, lambda t: frozenset(c.property for c in t.run_checks))


def test_a_system_of_which_a_tool_says_otherwise_is_named() -> None:
    systems = list(fit_to_judge(range(1, 13)))
    broken = {
        member_property(n, name) for n, e in enumerate(systems) for name in e.broken - {"way"}
    }
    told = judged_together(knows(broken), systems)
    assert (told.systems, told.broken, told.differ) == (len(systems), len(broken), ())
    told = judged_together(knows(broken ^ {member_property(2, "live1")}), systems)
    assert len(told.differ) == 1
    assert "Oracle says otherwise of live1\n" + systems[2].source in told.differ[0]


@pytest.mark.slow
@BOTH
def test_a_tool_says_of_many_what_we_say(peer: LivePeer) -> None:
    skip_without(peer)
    (told,) = judged_many(peer, range(1, 8))
    assert told.broken and not told.differ


@pytest.mark.slow
@BOTH
def test_a_tool_denies_what_we_say_wrongly(peer: LivePeer) -> None:
    skip_without(peer)
    right = by_hand()[0]
    asked = frozenset(asked_names(right))
    assert frozenset() < right.broken < asked
    hidden, invented = right._replace(broken=frozenset()), right._replace(broken=asked)
    told = judged_together(peer, [hidden, right, invented])
    assert [each.count(", ") + 1 for each in told.differ] == [
        len(right.broken),
        len(asked - right.broken),
    ]


def forgets_the_choice(_: Member) -> Formula:
    """A case goes on as any other."""
    return TRUE


@pytest.mark.slow
def test_systems_that_are_not_kept_apart_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_without(SPIN)
    told = judged_together(SPIN, by_hand())
    assert told.broken and not told.differ
    monkeypatch.setattr(Member, "chosen", property(forgets_the_choice))
    assert judged_together(SPIN, by_hand()).differ


@pytest.mark.campaign
@BOTH
def test_a_tool_says_of_five_thousand_random_systems_what_we_say(peer: LivePeer) -> None:
    skip_without(peer)
    judged = 0
    for told in judged_many(peer, range(1, 5_601)):
        assert not told.differ, told.differ[0]
        judged += told.systems
    assert judged >= 5_000
