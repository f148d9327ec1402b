"""Known makespans: those of the mail's proposals, and small systems whose times are plain."""

from fractions import Fraction

import pytest

from locking import Cell, Model, Mutex, System, Thread, atomic, forever, retry, section
from locking.durations.clock import Clock
from locking.durations.costs import check_all_known, cost_of, with_nodes
from locking.durations.makespan import Makespan, TooManyStates, walk
from locking.durations.table import Duration, Durations, durations_of
from locking.durations.timeline import Bar, timeline
from locking.errors import ModelError, UsageError
from locking.model import Scenario
from locking.models.memory_hotplug import MODEL
from locking.objects.processor import Processor
from tests.samples import some_by_default

lock = Mutex("lock")
x = Cell("x", 0)

PROPOSALS = {
    "baseline": (100.4, 100.4),
    "duyck": (20.4, 23.1),
    "williams-rwsem-gap": (20.4, 40.4),
    "williams-rwsem-downgrade": (80.4, 80.4),
    "shared": (20.4, 23.1),
}
"""Seconds of four nodes that begin together, and one second after another; queues are FIFO.

Computed by hand from the durations: resizes of 0.1 s one after another, initialisation of 20 s.
"""


@pytest.mark.parametrize("placement", some_by_default(PROPOSALS, 2))
@pytest.mark.parametrize("stagger", [0, 1])
def test_the_proposals_take_as_long_as_is_known(placement: str, stagger: int) -> None:
    durations = durations_of(MODEL, [])
    case = MODEL.case(with_nodes(MODEL, None, "adder", 4), MODEL.placement(placement))
    found = cost_of(case, durations, Fraction(stagger), 4)
    assert found.queued and found.queued.best == found.queued.worst
    assert found.seconds(found.queued.best or 0) == PROPOSALS[placement][stagger]


def test_the_whole_product_says_what_counting_nodes_says() -> None:
    durations = durations_of(MODEL, [])
    for placement in ("williams-rwsem-gap", "shared-repaired"):
        proposal = MODEL.placement(placement)
        whole = cost_of(MODEL.case("add-vs-add", proposal, {"adders": "3"}), durations)
        nodes = cost_of(
            MODEL.case(with_nodes(MODEL, None, "adder", 3), proposal), durations, nodes=3
        )
        for one, other in ((whole.free, nodes.free), (whole.queued, nodes.queued)):
            assert one and other and (one.best, one.worst) == (other.best, other.worst)


def test_nodes_stand_in_for_the_role_and_leave_the_others() -> None:
    found = with_nodes(MODEL, MODEL.scenario("add-vs-remove"), "adder", 3)
    assert found == Scenario("adder+adder+adder+remover", roles=("adder",) * 3 + ("remover",))
    with pytest.raises(UsageError, match="no table says of which role"):
        with_nodes(MODEL, None, "", 3)


def test_where_threads_fail_the_whole_product_is_asked_or_nothing_is_known() -> None:
    durations = durations_of(MODEL, [])
    costs = []
    for nodes in (1, 3):
        scenario = with_nodes(MODEL, MODEL.scenario("add-vs-remove"), "adder", nodes)
        case = MODEL.case(scenario, MODEL.placement("duyck"))
        costs.append(cost_of(case, durations, nodes=nodes))
    one, three = costs
    assert one.name == three.name == "with remover, duyck"
    assert one.free and one.free.broken and one.seconds(one.free.worst or 0) == 20.1
    assert three.free is None and "a thread fails, and without memory" in three.cause


async def work(name="work"):
    async with section(name):
        await x.READ_ONCE()


async def locked():
    async with lock.hold():
        await work()


WORK = Durations({"work": Duration("work", Fraction(3))})


def walked(*programs, durations=WORK, starts=(), most=1_000):
    threads = [Thread(f"t{at}", each) for at, each in enumerate(programs)]
    product = System([lock, x], threads, []).product()
    return walk(Clock(product, durations, Fraction(1), starts or [0] * len(threads)), most)


def test_a_section_that_is_left_and_entered_again_takes_its_time_twice() -> None:
    async def twice():
        await work()
        await work()

    async def around():
        async with section("work"):
            await x.READ_ONCE()
            await x.READ_ONCE()

    assert walked(twice).makespan().worst == 6
    assert walked(around).makespan().worst == 3


def test_rounds_of_a_loop_take_their_time_each() -> None:
    async def look():
        async with section("work"):
            return True if await x.READ_ONCE() else None

    async def looks():
        await retry(look)

    async def sets():
        async with section("late"):
            await x.WRITE_ONCE(1)

    late = {"late": Duration("late", Fraction(7))}
    found = walked(looks, sets, durations=Durations({**WORK.steps, **late}))
    assert found.makespan().best == found.makespan().worst == 9


def test_a_section_around_a_loop_takes_its_time_once() -> None:
    async def look():
        return True if await x.READ_ONCE() else None

    async def looks():
        async with section("work"):
            await retry(look)

    async def sets():
        async with section("late"):
            await x.WRITE_ONCE(1)

    late = {"late": Duration("late", Fraction(7))}
    found = walked(looks, sets, durations=Durations({**WORK.steps, **late}))
    assert found.makespan().best == found.makespan().worst == 7
    assert len(found.run(found.worst())) >= 2  # no run goes round where no time passes


def test_there_is_no_worst_where_others_can_always_be_next() -> None:
    async def for_ever():
        await forever(locked)

    threads = [Thread("t", locked), Thread("d", for_ever, daemon=True)]
    product = System([lock, x], threads, []).product()
    found = walk(Clock(product, WORK, Fraction(1), [0, 0])).makespan()
    assert (found.best, found.worst) == (3, None)


def test_runs_that_never_end_have_no_time() -> None:
    async def takes():
        await lock.mutex_lock()
        await work()

    found = walked(takes, takes).makespan()
    assert found == Makespan(None, None, found.states, stuck=True)


def test_too_many_states_are_not_walked() -> None:
    with pytest.raises(TooManyStates):
        walked(locked, locked, most=3)


def test_processors_are_refused() -> None:
    cpu = Processor("cpu")
    product = System([lock, x], [Thread("t", work, processor=cpu)], []).product()
    with pytest.raises(ModelError, match="how a processor shares out its time is not known"):
        Clock(product, WORK, Fraction(1), [0])


def test_a_timeline_says_who_works_and_who_waits_for_what() -> None:
    found = walked(locked, locked, starts=[0, 1])
    run = timeline(found.clock, found.run(found.worst()))
    assert run.bars == (
        Bar("t0", "work", False, 0, 3),
        Bar("t1", "lock", True, 1, 3),
        Bar("t1", "work", False, 3, 6),
    )
    assert run.critical == ((run.bars[0], ""), (run.bars[2], "lock"))
    assert run.waits == {("lock", "t1"): 2}


def model_of(program) -> Model:
    """A model of one thread."""
    return Model("one", "", lambda _: System([lock, x], [Thread("t", program)], []))


def cost_of_one(program, **durations):
    """What a thread costs, with these durations."""
    model = model_of(program)
    [scenario] = model.scenarios
    return model, cost_of(model.case(scenario, None), Durations(durations))


def test_time_that_no_state_shows_is_refused() -> None:
    async def block():
        async with section("work"), atomic(), lock.hold():
            await x.READ_ONCE()

    async def empty():
        async with section("work"):
            pass
        await x.READ_ONCE()

    held = Duration("work", Fraction(1), "lock")
    with pytest.raises(UsageError, match="no state of this case shows that it is held in work"):
        cost_of_one(block, work=held)
    with pytest.raises(UsageError, match="no thread takes a step in it to spend it on"):
        cost_of_one(empty, work=Duration("work", Fraction(1)))
    with pytest.raises(UsageError, match="unknown object that is held in work 'lok': did you mean"):
        cost_of_one(work, work=Duration("work", Fraction(1), "lok"))


def test_a_duration_of_what_there_is_not_is_refused() -> None:
    model, found = cost_of_one(work, wrok=Duration("wrok", Fraction(1)))
    with pytest.raises(UsageError, match="unknown step or section that has a duration 'wrok'"):
        check_all_known(Durations({"wrok": Duration("wrok", Fraction(1))}), model, [found])
