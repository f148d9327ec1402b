"""A run followed in another system is a run of that one, and where they go apart is told."""

from collections.abc import Callable, Sequence

from locking import Cell, Mutex, System, Thread, choose
from locking.explore.graph import Choice
from locking.explore.product import Product
from locking.studies.carry import Carried
from locking.studies.following import Apart, Following, named_turns, where_they_part
from locking.traces.replay import replay

count, lock = Cell("count", 0), Mutex("lock")


async def add() -> None:
    seen = await count.read()
    await count.write(seen + 1)


async def add_locked() -> None:
    async with lock.hold():
        await add()


async def add_twice() -> None:
    await add()
    await add()


async def toss() -> None:
    await count.write(await choose(1, 2))


def product(*programs: Callable, start: int = 0) -> Product:
    """Threads a, b, ... that run `programs` on a count that starts at `start`."""
    threads = [Thread(name, each) for name, each in zip("abc", programs, strict=False)]
    return System([count, lock], threads, [], {count: start}).product()


def followed(
    here: Product, choices: Sequence[Choice], there: Product
) -> tuple[Carried, Apart | None]:
    """A run of `here`, followed in `there`, and where they go apart."""
    carried = Following(there, frozenset(), lambda _: False).follow(named_turns(here, choices))
    trace = replay(there, carried.choices)
    assert trace.end == carried.end
    return carried, where_they_part(replay(here, choices), trace)


def test_a_run_followed_in_its_own_system_is_that_run() -> None:
    run = ((0, 0), (1, 0), (0, 0), (1, 0))
    assert followed(product(add, add), run, product(add, add)) == (
        Carried(run, False, replay(product(add, add), run).end),
        None,
    )


def test_what_the_other_must_do_before_is_done_and_who_has_to_wait_is_told() -> None:
    carried, apart = followed(product(add, add), ((0, 0), (1, 0)), product(add_locked, add_locked))
    assert (carried.choices, carried.waiting) == (((0, 0), (0, 0)), 1)
    assert apart and (apart.step, apart.thread) == (1, "a")
    assert apart.here.startswith("read(count) (") and apart.there.startswith("mutex_lock(lock) (")


def test_what_only_the_first_run_has_is_left_out() -> None:
    run = ((0, 0), (0, 0), (1, 0), (0, 0), (0, 0), (1, 0))  # the lock, and the read under it
    here = product(add_locked, add)
    carried, _ = followed(here, run, product(add, add))
    assert carried.choices == ((0, 0), (1, 0), (0, 0), (1, 0))


def test_a_thread_that_ends_sooner_goes_apart_there() -> None:
    _, apart = followed(product(add_twice), ((0, 0),) * 4, product(add))
    assert apart and (apart.step, apart.there) == (3, "")


def test_a_thread_that_is_not_there_takes_no_turns() -> None:
    carried, apart = followed(product(add, add), ((1, 0), (0, 0), (1, 0), (0, 0)), product(add))
    assert carried.choices == ((0, 0), (0, 0))
    assert apart and (apart.step, apart.thread, apart.there) == (1, "b", "")


def test_a_result_that_differs_is_where_they_go_apart() -> None:
    _, apart = followed(product(add), ((0, 0), (0, 0)), product(add, start=3))
    assert apart and apart.here.startswith("read(count) -> 0 (")
    assert apart.there.startswith("read(count) -> 3 (")


def test_a_choice_is_no_other_threads_operation() -> None:
    _, apart = followed(product(add, toss), ((1, 1), (1, 0), (0, 0)), product(add, add))
    assert apart and apart.thread == "b" and apart.here.startswith("choose (")
