"""Eventually, served, no livelock: the textbook's verdicts under each fairness, and lassos."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from locking import (
    Again,
    Atomic,
    Cell,
    Fairness,
    Futex,
    Mutex,
    Property,
    RwSem,
    Spinlock,
    System,
    Thread,
    Verdict,
    atomic,
    choose,
    eventually,
    forever,
    no_livelock,
    retry,
    retry_with,
    section,
    served,
)
from locking.check import check
from locking.errors import ModelError
from locking.report.sentences import diagnosis
from locking.studies.sampling import Plan, sample
from locking.traces.path import decode
from locking.traces.rerun import rerun
from locking.verdicts import Limits, Options, Result
from tests.explore.compare import case_of
from tests.systems import threads

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN

X, Y = Cell("x", 0), Cell("y", 0)


def results(system: System) -> list[Result]:
    """What is found, which both engines and both spaces agree on."""
    every = [
        check(case_of(system), (), Options(engine, reduction=way)).results
        for engine, way in (("reference", "none"), ("compiled", "merge"), ("automatic", "all"))
    ]
    said = [[(each.claim.name, each.verdict, each.path) for each in found] for found in every]
    assert all(each == said[0] for each in said), said
    return list(every[0])


def verdicts(system: System) -> dict[str, Verdict]:
    """The verdicts by name."""
    return {each.claim.name: each.verdict for each in results(system)}


def under_each(make: object, *given: object) -> list[Property]:
    """One property for each fairness, called by it."""
    return [
        make(*given, name=fairness, fairness=fairness)  # type: ignore[operator]
        for fairness in ("none", "weak", "strong")
    ]


async def polls() -> None:
    """A loop without end."""
    await forever(X.READ_ONCE)


@pytest.mark.parametrize("fairness", Fairness)
def test_a_writer_starves_under_reader_preference_only(fairness: Fairness) -> None:
    rw = RwSem("rw", fairness)

    async def read_once() -> None:
        await rw.down_read()
        await rw.up_read()

    async def read() -> None:
        await forever(read_once)

    async def write() -> None:
        await rw.down_write()
        await X.WRITE_ONCE(1)
        await rw.up_write()

    readers = [Thread(name, read, daemon=True) for name in ("r1", "r2")]
    system = System([rw, X], [*readers, Thread("w", write)], under_each(served, rw))
    starves = fairness is Fairness.READER_PREFERRING
    lasts = FAILS if starves else HOLDS
    assert verdicts(system) == {"none": FAILS, "weak": lasts, "strong": lasts}
    if starves:
        weak = results(system)[1]
        text = diagnosis(case_of(system), "weak", weak.choices or ())
        assert text.startswith("Starvation: r1 and r2 repeat")
        assert "w asks for rw and never gets it" in text
        assert text.endswith("w can take a step again and again: strong fairness would forbid it.")


def test_a_spinlock_is_served_only_by_a_strongly_fair_scheduler() -> None:
    lock = Spinlock("l")

    async def once() -> None:
        await lock.spin_lock()
        await lock.spin_unlock()

    pair = [Thread(name, again, (once,), daemon=True) for name in "ab"]
    system = System([lock], pair, under_each(served, lock))
    assert verdicts(system) == {"none": FAILS, "weak": FAILS, "strong": HOLDS}


async def again(once: Callable[[], Awaitable[None]]) -> None:
    """Once, and again."""
    await forever(once)


def test_test_and_set_starves_under_every_fairness() -> None:
    word = Atomic("word", 0)

    async def free() -> bool | None:
        return True if await word.atomic_xchg(1) == 0 else None

    async def once() -> None:
        async with section("waits"):
            await retry(free)
        await word.atomic_set(0)

    pair = [Thread(name, again, (once,), daemon=True) for name in "ab"]
    system = System([word], pair, under_each(served, "waits"))
    assert verdicts(system) == {"none": FAILS, "weak": FAILS, "strong": FAILS}
    text = diagnosis(case_of(system), "strong", results(system)[2].choices or ())
    assert "stays in waits; no fairness forbids it" in text


def test_a_ticket_lock_serves_everybody_if_the_scheduler_is_fair_at_all() -> None:
    owner, tail = Cell("owner", 0), Cell("tail", 0)

    async def mine(ticket: int) -> bool | None:
        return True if await owner.READ_ONCE() == ticket else None

    async def once() -> None:
        async with section("waits"):
            async with atomic():
                ticket = await tail.read()
                await tail.write((ticket + 1) % 3)
            await retry(mine, ticket)
        await owner.WRITE_ONCE((ticket + 1) % 3)

    pair = [Thread(name, again, (once,), daemon=True) for name in "ab"]
    system = System([owner, tail], pair, under_each(served, "waits"))
    assert verdicts(system) == {"none": FAILS, "weak": HOLDS, "strong": HOLDS}


def test_polite_neighbours_livelock() -> None:
    """Each takes one fork, sees that the other is taken, and puts its own back."""
    forks = Atomic("left", 0), Atomic("right", 0)

    async def polite(own: Atomic, other: Atomic) -> None:
        async def attempt() -> bool | None:
            await own.atomic_xchg(1)
            if await other.atomic_read():
                await own.atomic_set(0)
                return None
            return True

        await retry(attempt)
        async with section("eats"):
            await X.READ_ONCE()
        await own.atomic_set(0)

    pair = [Thread("p", polite, forks), Thread("q", polite, forks[::-1])]
    system = System([*forks, X], pair, under_each(no_livelock, "eats"))
    assert verdicts(system) == {"none": FAILS, "weak": FAILS, "strong": FAILS}
    text = diagnosis(case_of(system), "strong", results(system)[2].choices or ())
    assert text.startswith("Livelock: p and q repeat")


def test_progress_of_others_is_no_livelock() -> None:
    async def work() -> None:
        async with section("works"):
            await X.READ_ONCE()
        await X.READ_ONCE()

    alone = [Thread("a", again, (work,))]
    system = System([X], alone, [no_livelock("works", "some"), no_livelock(None, "any")])
    assert verdicts(system) == {"some": HOLDS, "any": FAILS, "can-end": FAILS}


def test_daemons_may_go_round_once_all_others_have_ended() -> None:
    async def once() -> None:
        await X.READ_ONCE()

    pair = [Thread("d", polls, daemon=True), Thread("t", once)]
    assert verdicts(System([X], pair, under_each(no_livelock))) == {
        "none": FAILS,
        "weak": HOLDS,
        "strong": HOLDS,
    }


def test_eventually_is_right_where_runs_join_and_where_they_go_round() -> None:
    """What a depth-first search that forgets what is still owed gets wrong."""

    async def joins() -> None:
        if await choose(True, False):
            await X.WRITE_ONCE(1)
            await X.WRITE_ONCE(0)
        else:
            await Y.WRITE_ONCE(1)
            await Y.WRITE_ONCE(0)
        await X.READ_ONCE()

    async def goes_round() -> None:
        async def attempt() -> bool | None:
            return True if await choose(True, False) else None

        await retry(attempt)
        await X.WRITE_ONCE(1)

    asked = [eventually("one", lambda s: s[X] == 1, fairness="strong")]
    for program in (joins, goes_round):
        assert verdicts(System([X, Y], threads(program), asked)) == {"one": FAILS}


def test_eventually_takes_a_section_and_fails_where_a_run_ends_without_it() -> None:
    async def visits() -> None:
        if await choose(True, False):
            async with section("room"):
                await X.READ_ONCE()

    system = System([X], threads(visits), [eventually("visit", "room")])
    (found,) = results(system)
    assert (found.verdict, found.path) == (FAILS, "toy:only::visit::a~1")
    text = diagnosis(case_of(system), "visit", found.choices or ())
    assert text == "it never comes to be so, and the run is over."


def test_a_run_that_breaks_off_owes_nothing() -> None:
    async def asserts() -> None:
        assert await X.READ_ONCE()

    system = System([X], threads(asserts), [eventually("never", lambda s: s[X] == 7)])
    assert verdicts(system)["never"] is HOLDS


def test_a_thread_that_waits_for_good_is_not_served() -> None:
    m = Mutex("m")

    async def keeps() -> None:
        await m.mutex_lock()

    system = System([m], threads(keeps, keeps), [served(m, fairness="strong")])
    found = results(system)[0]
    assert (found.verdict, found.path) == (FAILS, "toy:only::served::b1")


def test_fairness_is_that_of_each_thread() -> None:
    """The waiter depends on the setter, and not on the third."""
    flag = Cell("flag", 0)

    async def sets() -> None:
        await flag.WRITE_ONCE(1)

    names: Sequence[str] = ("setter", "third")
    told = {each: eventually(each, lambda s: s[flag] == 1, "", {each: "weak"}) for each in names}
    third = Thread("third", polls, daemon=True)
    system = System([flag, X], [Thread("setter", sets), third], [*told.values()])
    assert verdicts(system) == {"setter": HOLDS, "third": FAILS}
    assert told["setter"].about == "setter (fairness: setter weak)"


def test_a_lasso_is_a_path_that_comes_back_and_is_replayed() -> None:
    flag = Cell("flag", 0)

    async def waits() -> None:
        async def seen() -> bool | None:
            return True if await flag.READ_ONCE() else None

        await retry(seen)

    async def sets() -> None:
        await flag.WRITE_ONCE(1)

    system = System([flag], threads(waits, sets), [eventually("up", lambda s: s[flag], "", "none")])
    (found,) = results(system)
    assert found.path == "toy:only::up::a1"
    run = rerun(case_of(system), "up", decode(found.path).choices)
    assert (run.cycle, list(run.round)) == (1, [1])
    assert run.condition == "up (no fairness)"


def test_merged_rounds_are_gone_round_until_all_is_as_it_was() -> None:
    """A thread that counts to two and forgets it: one round of the merged is two of the real."""

    async def attempt(parity: bool) -> Again[bool]:
        await X.READ_ONCE()
        return Again(not parity)

    async def counts() -> None:
        await retry_with(False, attempt)

    system = System([X], threads(counts), [no_livelock(name="rounds")])
    every = [
        check(case_of(system), ["rounds"], Options(reduction=way)).results[0]
        for way in ("none", "merge")
    ]
    assert [len(each.choices or ()) for each in every] == [2, 2]


def test_a_lock_that_nobody_asks_for_is_never_evaluated() -> None:
    (found, *_) = check(
        case_of(System([X, Mutex("m")], threads(polls), [served(Mutex("m"))]))
    ).results
    assert (found.verdict, found.cause) == (Verdict.NEVER_EVALUATED, "no run asks for m")
    (found, *_) = check(case_of(System([X], threads(polls), [served("room")]))).results
    assert found.verdict is Verdict.NEVER_EVALUATED


def test_what_is_no_fairness_is_refused() -> None:
    with pytest.raises(ModelError, match="unknown fairness 'just'"):
        served("room", fairness="just")
    with pytest.raises(ModelError, match="unknown fairness 'just'"):
        eventually("e", "room", fairness={"a": "just"})
    with pytest.raises(ModelError, match="neither an object nor a section's name"):
        served(3)  # type: ignore[arg-type]
    asked = eventually("e", lambda s: s[X] == 1, fairness={"z": "weak"})
    with pytest.raises(ModelError, match="unknown thread 'z'"):
        check(case_of(System([X], threads(polls), [asked])))


def test_a_search_that_ended_early_may_fail_it_but_not_hold_it() -> None:
    async def long() -> None:
        for _ in range(40):
            await X.WRITE_ONCE(1)

    limits = Options(limits=Limits(states=60))
    asked = [eventually("two", lambda s: s[X] == 2, "", "none"), served("room", "r")]
    found = check(case_of(System([X], threads(long, long, polls), asked)), (), limits).results
    assert [each.verdict for each in found[:2]] == [FAILS, Verdict.UNKNOWN]


def test_a_sample_of_few_preemptions_says_that_only_a_search_can_judge_it() -> None:
    system = System([X], threads(polls), [no_livelock()])
    (found,) = sample(case_of(system), (), Plan("bounded"), Limits()).results
    assert found.cause == "only a search of every interleaving can judge it"


def test_who_is_woken_must_be_decided_before_a_fair_scheduler_can_help() -> None:
    """A library may pass one sleeper over for ever, if it may wake any of them."""

    def system(fifo: bool) -> System:
        word = Atomic("word")
        queue = Futex("queue", word, fifo=fifo)

        async def wait() -> None:
            async with section("waits"):
                await queue.futex_wait(0)
            await word.atomic_read()

        async def ring() -> None:
            await queue.futex_wake(1)

        threads = [Thread(name, again, (wait,), daemon=True) for name in "ab"]
        bell = Thread("bell", again, (ring,), daemon=True)
        return System([word, queue], [*threads, bell], under_each(served, "waits"))

    assert verdicts(system(fifo=True)) == {"none": FAILS, "weak": HOLDS, "strong": HOLDS}
    assert verdicts(system(fifo=False)) == {"none": FAILS, "weak": FAILS, "strong": UNKNOWN}
    says = results(system(fifo=False))[2].cause or ""
    assert "queue may pass a sleeping thread over forever" in says and "queue=fifo" in says
