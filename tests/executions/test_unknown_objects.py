"""Objects that a system does not have are named, and what to do about them."""

import pytest

from locking import Cell, Mutex, System, Thread, at_end
from locking.errors import ModelError
from locking.executions import values
from locking.executions.judged import judge_executions


@pytest.mark.parametrize("largest", [0, 300])
def test_an_object_that_a_thread_makes_is_refused(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, known = Mutex("made here"), Mutex("known")

    async def takes() -> None:
        async with known.hold(), made.hold():
            pass

    monkeypatch.setattr(values, "LARGEST_FREE_TREE", largest)
    with pytest.raises(ModelError, match="'made here'") as error:
        judge_executions(System([known], [Thread("P", takes)], []), [], lambda: None)
    assert "which is not among the model's objects; add it there" in str(error.value)


def test_a_condition_on_an_object_that_is_not_there_is_refused() -> None:
    known, other = Cell("known", 0), Cell("other", 0)

    async def stores() -> None:
        await known.WRITE_ONCE(1)

    asks = at_end("asks", lambda s: s[other] == 0)
    with pytest.raises(ModelError, match="object 'other' is not among the model's objects"):
        judge_executions(System([known], [Thread("P", stores)], [asks]), [asks], lambda: None)
