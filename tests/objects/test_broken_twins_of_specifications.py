"""A specification that allows too much or too little is found by random histories."""

import pytest

from locking import Specification
from locking.objects.specification import Possibility
from tests.objects.test_specification import compared


class OneStep(Specification):
    """Only one call takes effect between two events."""

    def closed(self, known):
        found = set(known)
        for each in known:
            found |= {after for after in self.steps(each) if isinstance(after, Possibility)}
        return frozenset(found)


class AtOnce(Specification):
    """A call takes effect as soon as it can."""

    def closed(self, known):
        all_of_them = super().closed(known)
        least = min(sum(not p.result for p in each.pending) for each in all_of_them)
        return frozenset(
            each for each in all_of_them if sum(not p.result for p in each.pending) == least
        )


class NothingForgotten(Specification):
    """A return leaves the explanations that it refutes."""

    def once_returned(self, before, me, result):
        if (call := before.of(me)) and call.result:
            yield before.replaced(call, state=before.state)


class NobodyQueues(Specification):
    """No call leaves a mark while it waits."""

    def effects(self, before, call):
        for after in super().effects(before, call):
            if after.pending != before.pending:
                yield after


class BeforeItsEffect(Specification):
    """A call may return before it took effect."""

    def once_returned(self, before, me, result):
        yield from super().once_returned(before, me, result)
        if (call := before.of(me)) and not call.result and result is None:
            yield before.replaced(call, state=before.state)


TWINS = [OneStep, AtOnce, NothingForgotten, NobodyQueues, BeforeItsEffect]


@pytest.mark.parametrize("twin", TWINS)
def test_a_specification_with_a_fault_is_found(twin: type[Specification]) -> None:
    assert not compared(twin, 3_000)[0]
