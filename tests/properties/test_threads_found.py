"""What a property is told of threads refuses comparisons that would be false in every state."""

from collections.abc import Callable
from typing import Any

import pytest

from locking import Model, Mutex, System, Thread, never, section
from locking.check import check
from locking.errors import ModelError
from locking.objects.operation import Holding
from locking.properties.threads_found import LockHolders, Threads

lock = Mutex("lock")


async def works() -> None:
    async with lock.hold(), section("s"):
        pass


ALWAYS_FALSE: dict[str, Callable[[Any], object]] = {
    "a name among holders": lambda s: "a" in s.held_by(lock),
    "holders as a name": lambda s: s.held_by(lock) == "a",
    "a section as a name": lambda s: s.inside("s") == "a",
    "a section as a list": lambda s: s.inside("s") == ["a"],
    "who is about to, as a name": lambda s: s.about_to(lock, "mutex_lock") == "a",
    "not a name": lambda s: s.inside("s") != "a",
}


@pytest.mark.parametrize("wrong", ALWAYS_FALSE)
def test_a_comparison_that_is_always_false_is_refused(wrong: str) -> None:
    bad = never("nobody", ALWAYS_FALSE[wrong])
    model = Model("m", "?", lambda _: System([lock], [Thread("a", works)], [bad]))
    with pytest.raises(ModelError, match="is never found among threads"):
        check(model.case("only", None, {}))


def test_threads_are_compared_with_tuples_and_names_are_looked_for() -> None:
    assert Threads(("a", "b")) == ("a", "b")
    assert Threads(("a", "b")) != ("b", "a")
    assert "a" in Threads(("a",)) and "b" not in Threads(("a",))
    assert Holding("a", "write") in LockHolders([Holding("a", "write")])
    assert len({Threads(("a",)), ("a",)}) == 1
