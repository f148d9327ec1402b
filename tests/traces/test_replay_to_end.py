"""Running a path where only its end is wanted: as strict as a replay.

That it comes to the end of the replay is asked of random systems in `test_replay.py`.
"""

from typing import Any

import pytest

from locking import WAIT, Cell, Mutex, Object, Outcome, Thread, atomic, choose, operation
from locking.errors import NotDeterministic, PathError
from locking.explore.product import Product
from locking.traces.replay import replay
from locking.traces.replay_to_end import replay_to_end


def two() -> Product:
    """Two threads that choose what they write under one lock."""
    lock, x = Mutex("m"), Cell("x", 0)

    async def write() -> None:
        async with lock.hold(), atomic():
            await x.write(await choose(1, 2) + await choose(3, 4))

    return Product([lock, x], [Thread("one", write), Thread("two", write)])


@pytest.mark.parametrize("path", [[(2, 0)], [(0, 1)], [(0, 0), (1, 0)], [(0, 0), (0, 4)]])
def test_a_step_that_can_not_be_taken_is_refused_as_in_a_replay(path: list[Any]) -> None:
    said = []
    for ran in (replay, replay_to_end):
        with pytest.raises(PathError) as refused:
            ran(two(), path)
        said.append(str(refused.value))
    assert said[0] == said[1]


class Late(Object):
    """A lock of which the tables say that it is free, whatever it is."""

    free = True

    @operation
    def take(self, state: Any, me: str) -> Outcome:
        """A step as long as it is free, which its rule may not look at."""
        return (state + 1, None) if type(self).free else WAIT


@pytest.mark.parametrize("block", [False, True])
def test_a_step_that_has_to_wait_is_refused_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, block: bool
) -> None:
    late = Late("late", 0)

    async def take() -> None:
        async with atomic():
            await late.take()
            if block:
                await late.take()

    product = Product([late], [Thread("a", take)])
    product.moves(product.initial)
    monkeypatch.setattr(Late, "free", False)
    with pytest.raises(NotDeterministic, match="was learned to take take"):
        replay_to_end(product, [(0, 0)])


def test_a_wrong_table_is_refused() -> None:
    product = two()
    ((thread, outcome, target), *_) = product.moves(product.initial)
    product.values[0][target[2]] = ("nobody",)
    with pytest.raises(NotDeterministic, match="m was learned to be"):
        replay_to_end(product, [(thread, outcome)])
