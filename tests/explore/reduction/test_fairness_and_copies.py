"""Why liveness is judged on no quotient: behind its edges threads are other threads.

This is the counterexample of docs/soundness.md. Were the quotient taken for a graph like others,
what fails would hold.
"""

from collections.abc import Awaitable, Callable

import pytest

from locking import Mutex, Object, System, Thread, Verdict, eventually, forever, served
from locking.check import check
from locking.explore.reduction.images import Unlike
from locking.explore.reduction.levels import FOLDED, REDUCTIONS, ReducedSpace
from locking.objects.operation import Outcome, operation
from locking.properties.explored import Explored
from locking.verdicts import Options
from tests.explore.compare import case_of

DROPPED = "dropped"


class Ball(Object):
    """State: who threw it last. It is dropped by who throws it twice running."""

    @operation
    def throw(self, last: str | None, me: str) -> Outcome:
        """Throw it."""
        return (DROPPED if last in (me, DROPPED) else me), None


LOCK, BALL = Mutex("lock"), Ball("ball", None)


async def lock_once() -> None:
    """Take the lock and let it go."""
    async with LOCK.hold():
        pass


async def throw_once() -> None:
    """Throw the ball."""
    await BALL.throw()


def of_copies(body: Callable[[], Awaitable[None]]) -> System:
    """Two daemons that do this again and again."""
    return System([LOCK, BALL], [Thread(n, forever, (body,), daemon=True) for n in "ab"], [])


def folded(system: System) -> Explored:
    """The quotient, of which the two threads are one class."""
    quotient, graph = ReducedSpace(FOLDED, system.parts, lambda *_: None).explore()
    assert quotient.classes == [[0, 1]]
    return Explored(quotient, graph)


def test_that_a_thread_waits_is_not_the_same_of_its_copies() -> None:
    with pytest.raises(Unlike):
        served(LOCK).judge(folded(of_copies(lock_once)))


def test_a_quotient_does_not_say_who_is_neglected() -> None:
    """They throw in turn for ever, which is fair. In the quotient, it is always the same one."""
    drops = eventually("drops", lambda s: s[BALL] == DROPPED)
    system = of_copies(throw_once)
    assert drops.judge(folded(system)).verdict is Verdict.HOLDS
    system.properties = (drops,)
    assert check(case_of(system), ["drops"]).results[0].verdict is Verdict.FAILS


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("fairness", ["none", "weak", "strong"])
def test_no_reduction_says_otherwise(reduction: str, fairness: str) -> None:
    drops = eventually("drops", lambda s: s[BALL] == DROPPED, "", fairness)
    system = of_copies(throw_once)
    system.properties = (drops,)
    report = check(case_of(system), ["drops"], Options(reduction=reduction))
    assert report.results[0].verdict is Verdict.FAILS
