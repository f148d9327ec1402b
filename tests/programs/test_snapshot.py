"""Snapshots of what a thread keeps from round to round: operations that are not called."""

from locking import Cell, Mutex, System, Thread, Verdict, deadlock_free, retry
from tests.explore.compare import checked

x, lock = Cell("x", 0), Mutex("lock")


def verdicts() -> list[Verdict]:
    async def program() -> None:
        keep = [x.read]

        async def attempt() -> bool | None:
            await keep[0]()
            return True if await x.read() == 1 else None

        await x.write(1)
        await retry(attempt)

    made = System([x, lock], [Thread("a", program), Thread("b", program)], [deadlock_free()])
    return [each.verdict for each in checked(made).results]


def test_an_operation_that_is_not_called_may_be_kept_over_rounds() -> None:
    assert verdicts() == [Verdict.HOLDS]
