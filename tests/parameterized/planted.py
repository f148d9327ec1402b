"""Errors planted in what derives and closes views: each makes it say *never* of what can happen."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import pytest

from locking.parameterized import closure, derived
from locking.parameterized.asking import RulesAsked
from locking.parameterized.closure import Views
from locking.parameterized.lock_parts import EXCLUSIVE_PARTS, LOCK_PARTS, READERS_PARTS
from locking.parameterized.protocol import none, some


class Plant(NamedTuple):
    """An error: what it replaces, and by what, made of that."""

    name: str
    where: Any
    attribute: str
    error: Callable[[Any], Any]

    def put(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the error in its place."""
        if isinstance(self.where, dict):
            for kind, parts in list(self.where.items()):
                if parts._replace(joined=None) == KINDS[self.attribute]._replace(joined=None):
                    made = parts._replace(joined=self.error(parts.joined))
                    monkeypatch.setitem(self.where, kind, made)
        else:
            right = getattr(self.where, self.attribute)
            monkeypatch.setattr(self.where, self.attribute, self.error(right))


KINDS = {"exclusive": EXCLUSIVE_PARTS, "readers": READERS_PARTS}


def nobody_else(joined: Any) -> Any:
    """No state in which a stand-in for others has anything."""
    return lambda had: None if any("another" in name for name in had) else joined(had)


def first_only(right: Any) -> Any:
    """Only the first thing of many."""

    def wrong(*given: Any) -> Iterator[Any]:
        return islice(right(*given), 1)

    return wrong


def unchanged(right: Any) -> Any:
    """What a thread has of a lock never changes."""
    return lambda self, under, local, lock, before, state: right(
        self, under, local, lock, before, state
    )._replace(had=under.had)


def flipped(right: Any) -> Any:
    """Others have what they must not, and the other way round."""
    return lambda locks, condition: right(
        locks, frozenset((lock, thing, not has) for lock, thing, has in condition)
    )


def wanted(right: Any) -> Any:
    """Somebody else must have what nobody may have."""
    return lambda locks, condition: tuple(some(each.mark) for each in right(locks, condition))


def one_more(right: Any) -> Any:
    """Nobody else may be inside a section, whatever the step."""
    return lambda locks, condition: (*right(locks, condition), none("in reads"))


PLANTS = [
    Plant("no reader is ever beside others", LOCK_PARTS, "readers", nobody_else),
    Plant("an exclusive lock is never held by others", LOCK_PARTS, "exclusive", nobody_else),
    Plant("guards are flipped", derived, "guards_for", flipped),
    Plant("guards want somebody", derived, "guards_for", wanted),
    Plant("one guard more", derived, "guards_for", one_more),
    Plant("others have nothing", RulesAsked, "presences", first_only),
    Plant("one way of a block or a choice", RulesAsked, "after", first_only),
    Plant("one step of a thread", RulesAsked, "ways", first_only),
    Plant("locks stay as they are", RulesAsked, "taken", unchanged),
    Plant("no thread is ever beside a view", Views, "take_larger", lambda _: lambda *_: None),
    Plant("guards find no witness", Views, "take_with_more", lambda _: lambda *_: None),
    Plant("one start", closure, "begun_configurations", first_only),
    Plant("one step of all threads", closure, "every_step", first_only),
]
