"""One sentence a run: what it blames is what the run shows."""

import re
from typing import Any

from locking import (
    Cell,
    Completion,
    Mutex,
    PercpuRwSem,
    Refcount,
    System,
    Thread,
    always,
    assertions,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    never,
    never_together,
    no_misuse,
    require,
    required,
    section,
    sometimes,
    sometimes_together,
)
from locking.traces.why.explain import diagnose
from tests.traces.runs import of_system

x = Cell("x", 0)
y = Cell("y", 0)
a, b = Mutex("a"), Mutex("b")


def why(objects: list[Any], threads: list[Thread], property_: Any, choices: str) -> str:
    """The diagnosis of a run, with the lines of this file written as `LINE`."""
    run = of_system(System(objects, threads, [property_]), choices)
    return re.sub(r"test_explain\.py:\d+", "LINE", diagnose(run))


async def add_one() -> None:
    """A load and a store."""
    seen = await x.read()
    await x.write(seen + 1)


async def write_five() -> None:
    """A store, inside a section."""
    async with section("resize"):
        await x.write(5)


async def take(first: Mutex, second: Mutex) -> None:
    """Two locks, one inside the other."""
    async with first.hold(), second.hold():
        pass


async def lock_once() -> None:
    """A lock that is never let go."""
    await a.mutex_lock()


async def unlock() -> None:
    """A lock that was never taken."""
    await a.mutex_unlock()


async def read_inside() -> None:
    """A load, inside a section, after one outside."""
    await y.read()
    async with section("init"):
        await x.read()


def test_lost_update() -> None:
    """The store that came last, and the change since the load before it."""
    threads = [Thread("first", add_one), Thread("second", add_one)]
    assert why([x], threads, at_end("sum", lambda s: s[x] == 2), "a1.b2.a1") == (
        "Lost update: write(x, 1) by first in step 4 (LINE) is the last to write x; second had "
        "changed x from 0 to 1 in step 3, after first had read 0 in step 1."
    )


def test_a_reference_that_leaks_is_told_by_its_get() -> None:
    """The get without its put, and not who wrote the count last."""
    refs = Refcount("refs", 1)

    async def keeps() -> None:
        await refs.refcount_inc()

    async def gives_back() -> None:
        await refs.refcount_inc()
        await refs.refcount_dec_and_test()
        await refs.refcount_dec_and_test()

    threads = [Thread("keeps", keeps), Thread("owner", gives_back)]
    says = why([refs], threads, at_end("freed", lambda s: s[refs] == 0), "a1.b3")
    assert says == (
        "refcount_dec_and_test(refs) = False by owner in step 4 (LINE) is the last to write refs; "
        "keeps took a reference in step 1, refcount_inc(refs) (LINE), and never gave it back."
    )


def test_requirement() -> None:
    """The value that was read, and who had put it there."""

    async def check() -> None:
        await y.read()
        async with section("init"):
            start = await x.read()
            require(start == 0, "unchanged", start=start)

    threads = [Thread("reader", check), Thread("writer", write_five)]
    assert why([x, y], threads, required("unchanged"), "a1.b1.a1") == (
        "reader fails requirement unchanged (LINE) after step 3: read(x) = 5 (LINE, in init); "
        "writer had changed x from 0 to 5 in step 2, in resize, between reader's steps 1 and 3, "
        "while reader was in init."
    )


def test_requirement_blames_the_object_of_the_operand() -> None:
    """Another object that was changed later is not blamed."""

    async def check() -> None:
        flags = await x.read()
        require(flags == 0, "unchanged", flags=flags)

    async def write_both() -> None:
        await x.write(7)
        await y.write(7)

    async def reads_y_first() -> None:
        await y.read()
        await check()

    threads = [Thread("reader", reads_y_first), Thread("writer", write_both)]
    shown = why([x, y], threads, required("unchanged"), "a1.b2.a1")
    assert "writer had changed x from 0 to 7 in step 2" in shown


def test_assertion_without_another_thread() -> None:
    """Nobody is blamed where nobody else changed anything."""

    async def check() -> None:
        seen = await x.read()
        assert seen

    assert why([x], [Thread("alone", check)], assertions(), "a1") == (
        "alone fails an assertion (LINE) after step 1: read(x) = 0 (LINE)."
    )


def test_state() -> None:
    """The step that made it false, and the latest change by another thread."""
    threads = [Thread("adder", add_one), Thread("writer", write_five)]
    assert why([x], threads, always("small", lambda s: s[x] < 5), "a1.b1") == (
        "writer breaks it in step 2: write(x, 5) changes x from 0 to 5 (LINE, in resize)."
    )
    assert why([x], threads, never("six", lambda s: s[x] == 6), "b1.a2") == (
        "adder breaks it in step 3: write(x, 6) changes x from 5 to 6 (LINE); "
        "writer had changed x from 0 to 5 in step 1, in resize, before adder's first step."
    )


def test_state_that_was_broken_earlier() -> None:
    """A path that goes on after the fault does not blame its last step."""
    threads = [Thread("writer", write_five), Thread("other", read_inside)]
    assert why([x, y], threads, always("small", lambda s: s[x] < 5), "a1.b2") == (
        "writer breaks it in step 1: write(x, 5) changes x from 0 to 5 (LINE, in resize)."
    )


def test_state_with_a_section() -> None:
    """A condition on sections: the step that went in."""
    bad = never("busy", lambda s: s.inside("init") and s[x] == 5)
    threads = [Thread("reader", read_inside), Thread("writer", write_five)]
    assert why([x, y], threads, bad, "b1.a1") == (
        "reader breaks it in step 2: read(y) = 0 (LINE), which takes it into init; "
        "writer had changed x from 0 to 5 in step 1, in resize, before reader's first step."
    )


def test_deadlock_cycle() -> None:
    """Who holds what and waits for what, round the cycle."""
    c = Mutex("c")
    pairs = [Thread("p", take, (a, b)), Thread("q", take, (b, c)), Thread("r", take, (c, a))]
    assert why([a, b, c], pairs, deadlock_free(), "a1.b1.c1") == (
        "p holds a (since step 1) and waits for b; q holds b (since step 2) and waits for c; "
        "r holds c (since step 3) and waits for a: each waits for the next."
    )


def test_deadlock_with_one_that_has_ended() -> None:
    """A lock that was left locked."""
    threads = [Thread("leaves", lock_once), Thread("comes", take, (a, b))]
    assert why([a, b], threads, deadlock_free(), "a1") == (
        "comes waits for a, which leaves, which has ended, still holds (since step 1), "
        "and no thread can take a step."
    )


def test_deadlock_without_a_holder() -> None:
    """Waiting for what is no lock: its state says why."""
    done = Completion("done")

    async def wait() -> None:
        await done.wait_for_completion()

    assert why([done], [Thread("waiter", wait)], deadlock_free(), "-") == (
        "waiter waits for done (LINE), whose state is: 0 may pass, and no thread can take a step."
    )


def test_deadlock_with_itself() -> None:
    """A reader that comes back behind a writer."""
    lock = PercpuRwSem("p")

    async def twice() -> None:
        async with lock.read(), lock.read():
            pass

    async def once() -> None:
        async with lock.write():
            pass

    threads = [Thread("reader", twice), Thread("writer", once)]
    assert why([lock], threads, deadlock_free(), "a1.b1") == (
        "Self-deadlock: reader waits for p, which it holds itself (for reading, since step 1), "
        "behind writer, which queued up for it in step 2; writer waits for p, which reader holds "
        "(for reading, since step 1), and no thread can take a step."
    )


def test_data_race() -> None:
    """Both accesses, with their lines."""
    threads = [Thread("adder", add_one), Thread("writer", write_five)]
    assert why([x], threads, data_race_free(), "-") == (
        "adder is about to read x (read(x) at LINE) while writer is about to write it "
        "(write(x, 5) at LINE, in resize), and neither has to wait for the other."
    )


def test_every_pair_of_a_data_race_is_told() -> None:
    """The one that is shown first, then the others that could be next to each other as well."""

    async def look() -> None:
        await x.read()

    threads = [Thread("one", look), Thread("two", look), Thread("writer", write_five)]
    assert why([x], threads, data_race_free(), "-") == (
        "one is about to read x (read(x) at LINE) while writer is about to write it (write(x, 5) "
        "at LINE, in resize), and neither has to wait for the other; also, two is about to read x "
        "(read(x) at LINE) while writer is about to write it (write(x, 5) at LINE, in resize)."
    )


def test_data_race_in_an_atomic_block() -> None:
    """Where the access is not the block's first operation, the block is named."""

    async def block() -> None:
        async with atomic():
            await y.read()
            await x.read()

    threads = [Thread("blocks", block), Thread("writer", write_five)]
    assert why([x, y], threads, data_race_free(), "-") == (
        "blocks is about to read x (in the atomic block at LINE) while writer is about to write it "
        "(write(x, 5) at LINE, in resize), and neither has to wait for the other."
    )


def test_misuse() -> None:
    """The reason, and who had the lock."""
    threads = [Thread("owner", lock_once), Thread("thief", unlock)]
    assert why([a], threads, no_misuse(), "a1.b1") == (
        "mutex_unlock(a) by thief in step 2 (LINE) is a misuse: thief unlocks a, which owner "
        "holds; owner had changed a from free to held by owner in step 1, before thief's first "
        "step."
    )


def test_together() -> None:
    """Who is inside, and since when."""
    threads = [Thread("one", read_inside), Thread("other", read_inside), Thread("w", write_five)]
    assert why([x, y], threads, sometimes_together("n", "init", "init"), "a1.b1") == (
        "2 threads are inside init at the same time from step 2 on: one since step 1 and other "
        "since step 2."
    )
    assert why([x, y], threads, never_together("n", "init", "resize"), "a1") == (
        "2 threads are inside at the same time from step 1 on: w in resize and one in init since "
        "step 1."
    )


def test_witness_of_a_state() -> None:
    """The step that makes it so."""
    assert why([x], [Thread("w", write_five)], sometimes("five", lambda s: s[x] == 5), "a1") == (
        "w makes it so in step 1: write(x, 5) changes x from 0 to 5 (LINE, in resize)."
    )


def test_before_the_first_step() -> None:
    """A condition or a failure before the first step is said to be there from the start."""

    async def never_begins() -> None:
        require(False, "begins")
        await x.read()

    assert why([x], [Thread("w", write_five)], always("one", lambda s: s[x] == 1), "-") == (
        "one is broken at the start, before any thread takes a step."
    )
    assert why([x], [Thread("w", never_begins)], required("begins"), "-") == (
        "w fails requirement begins at LINE before its first step."
    )


async def write_both() -> None:
    """Two stores, of one change."""
    await x.write(8)
    await y.write(8)


def test_a_torn_read_says_which_read_met_which_write() -> None:
    """What was new, what was old, and in which steps they were read."""

    async def read_both() -> None:
        start = await x.read()
        end = await y.read()
        require(start == end, "whole", start=start, end=end)

    threads = [Thread("writer", write_both), Thread("reader", read_both)]
    assert why([x, y], threads, required("whole"), "a1.b2") == (
        "Torn read: reader fails requirement whole (LINE) after step 3: read(y) = 0 (LINE); "
        "writer had changed x from 0 to 8 in step 1, which reader read in step 2, but it read y in "
        "step 3, before writer changed that."
    )


def test_what_was_read_before_and_is_read_again_is_no_cause() -> None:
    """The thread did not rely on it."""

    async def read_twice() -> None:
        await x.read()
        await y.read()
        seen = await x.read()
        require(seen == 0, "zero", seen=seen)

    threads = [Thread("reader", read_twice), Thread("writer", write_five)]
    assert why([x, y], threads, required("zero"), "a2.b1.a1") == (
        "reader fails requirement zero (LINE) after step 4: read(x) = 5 (LINE); "
        "writer had changed x from 0 to 5 in step 3, in resize, between reader's steps 2 and 4."
    )


def test_where_a_thread_was_is_not_where_it_had_read() -> None:
    """A read before a section, and the change while the thread is in it."""

    async def read_and_enter() -> None:
        seen = await x.read()
        async with section("init"):
            await y.read()
            await x.write(seen + 1)

    threads = [Thread("reader", read_and_enter), Thread("writer", write_five)]
    says = why([x, y], threads, at_end("six", lambda s: s[x] == 6), "a1.b1.a2")
    assert says.endswith("in resize, while reader was in init and had read 0 in step 1.")


def test_a_condition_on_what_comes_next_says_what_that_is() -> None:
    """What the thread is about to do, and what it had done to the same object itself."""

    async def write_twice() -> None:
        async with section("first"):
            await x.write(5)
        await y.read()
        async with section("second"):
            await x.write(6)

    again = never("again", lambda s: s[x] == 5 and s.about_to(x, "write"))
    assert why([x, y], [Thread("one", write_twice)], again, "a2") == (
        "one breaks it in step 2: read(y) = 0 (LINE), after which it is about to write(x, 6) "
        "(LINE, in second); one had changed x from 0 to 5 in step 1, in first."
    )


def test_who_breaks_a_condition_while_another_is_inside_a_section() -> None:
    """The other thread, which the condition speaks of."""

    async def write_y() -> None:
        await y.write(1)

    written = never("written", lambda s: s.inside("init") and s[y] == 1)
    threads = [Thread("reader", read_inside), Thread("writer", write_y)]
    assert why([x, y], threads, written, "a1.b1") == (
        "writer breaks it in step 2: write(y, 1) changes y from 0 to 1 (LINE), "
        "while reader is in init."
    )
