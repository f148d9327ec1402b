"""What locks cost, by every run; and the lock order."""

from itertools import pairwise

import pytest

from locking import Mutex, RwSem, System, Thread, Verdict, at_end, atomic, deadlock_free
from locking.check import check
from locking.model import Model
from locking.studies.lock_order import LockOrder
from locking.studies.measures import LockUse, measured
from locking.verdicts import Options
from tests.explore.test_probability import every_run
from tests.studies import toy


def seen(case):
    """What a search of a case explored, and its numbers."""
    found = []
    report = check(case, options=Options(), look=found.append)
    known = [each.claim for each in report.results if each.verdict is not Verdict.UNKNOWN]
    return found[0], measured(found[0], known)


def case_of(objects, threads, properties):
    """The case of a system."""
    model = Model("test", "", lambda _: System(objects, threads, properties))
    return model.case("only", None)


def longest(explored, run, lock, kind):
    """The longest hold or wait of any thread in one run, step by step."""
    product, graph = explored.product, explored.graph
    best = 0
    for number, thread in enumerate(product.threads):
        row = 0
        for at, after in pairwise(run):
            mover = next(who for (who, _), target in graph.edges(at) if target == after)
            if kind == "hold":
                held = lock.holders(product.value(lock, graph.states[at]))
                row = row + (mover == number) if thread.name in {h.thread for h in held} else 0
            else:
                moving = {who for (who, _), _ in graph.edges(at)}
                step = product.position(number, graph.states[at]).next
                blocked = step is not None and number not in moving and step.target is lock
                row = 0 if mover == number else row + blocked
            best = max(best, row)
    return best


@pytest.mark.parametrize("placement", [each.name for each in toy.MODEL.placements])
@pytest.mark.parametrize("scenario", ["two", "checked"])
def test_holds_and_waits_are_the_longest_of_every_run(scenario, placement):
    explored, numbers = seen(toy.MODEL.case(scenario, toy.MODEL.placement(placement)))
    runs = [run for run, _ in every_run(explored.graph)]
    assert len(runs) == numbers.total
    for cost in numbers.costs:
        lock = next(each for each in explored.product.objects if each.name == cost.lock)
        assert cost.hold == max(longest(explored, run, lock, "hold") for run in runs)
        assert cost.wait == max(longest(explored, run, lock, "wait") for run in runs)


def test_a_property_that_holds_has_no_odds_and_one_that_fails_has_those_of_its_runs():
    _, numbers = seen(toy.MODEL.case("two", toy.MODEL.placement("bare")))
    found = {each.name: each for each in numbers.odds}
    assert "deadlock-free" not in found and "no-misuse" not in found
    assert 0 < found["sum"].runs < found["sum"].total == numbers.total
    assert found["sum"].needed and found["sum"].share < found["data-race"].share


def test_an_order_that_goes_round_is_found_even_where_no_run_deadlocks():
    """As in f1037ec0cc8a of the kernel: a third lock around both keeps them apart."""
    outer, a, b = Mutex("outer"), Mutex("a"), Mutex("b")

    async def take(first, second):
        async with outer.hold(), first.hold(), second.hold():
            pass

    threads = [Thread("ab", take, (a, b)), Thread("ba", take, (b, a))]
    _, numbers = seen(case_of([outer, a, b], threads, [deadlock_free()]))
    assert ("outer", "a") in numbers.nesting and ("b", "a") in numbers.nesting
    assert numbers.cycle == ("a", "b", "a")
    assert not numbers.odds


def test_the_order_is_that_of_lockorder() -> None:
    """A trylock waits for nobody, and what a block takes inside counts."""
    a, b, c = Mutex("a"), Mutex("b"), Mutex("c")

    async def tries() -> None:
        await a.mutex_lock()
        if await b.mutex_trylock():
            await b.mutex_unlock()
        async with atomic():
            await c.mutex_lock()
            await c.mutex_unlock()
        await a.mutex_unlock()

    explored, numbers = seen(case_of([a, b, c], [Thread("one", tries)], [deadlock_free()]))
    assert numbers.nesting == (("a", "c"),)
    order = LockOrder(explored).order
    assert {(each.outer.lock.name, each.inner.lock.name) for each in order} == {("a", "c")}


def test_readers_that_pass_each_other_make_no_order_that_goes_round() -> None:
    a, b = RwSem("a"), RwSem("b")

    async def read(first: RwSem, second: RwSem) -> None:
        async with first.read(), second.read():
            pass

    threads = [Thread("ab", read, (a, b)), Thread("ba", read, (b, a))]
    _, numbers = seen(case_of([a, b], threads, [deadlock_free()]))
    assert len(numbers.nesting) == 2 and numbers.cycle == ()


def test_a_lock_is_in_the_order_also_where_it_is_only_waited_for():
    a, b = Mutex("a"), Mutex("b")

    async def one():
        await b.mutex_lock()

    async def two():
        await a.mutex_lock()
        await b.mutex_lock()

    threads = [Thread("one", one), Thread("two", two)]
    explored, numbers = seen(case_of([a, b], threads, [deadlock_free()]))
    assert numbers.nesting == (("a", "b"),) and numbers.cycle == ()
    waiting = {name for at in LockUse(explored).waits for name in at}
    assert waiting == {"one", "two"}


def test_several_who_wait_are_counted():
    lock = RwSem("lock")

    async def write():
        async with lock.write():
            pass

    threads = [Thread(name, write) for name in "abc"]
    _, numbers = seen(case_of([lock], threads, [at_end("end", lambda s: s[lock].writer is None)]))
    [cost] = numbers.costs
    assert (cost.hold, cost.waiting, cost.wait) == (1, 2, 2)
