"""A model's own threads for any number of them: verdicts, and what is refused by name."""

import re
from typing import Any

import pytest

from locking import (
    AllocatedCell,
    Atomic,
    Cell,
    Fairness,
    Model,
    Mutex,
    Processor,
    Rcu,
    RwSem,
    Seqlock,
    System,
    Thread,
    always,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    forever,
    never,
    never_together,
    require,
    required,
    retry,
    section,
    sometimes_together,
    wait_until,
)
from locking.errors import ModelError, UsageError
from locking.parameterized.proving import Proof, prove_any_number
from locking.properties.explored import Property, Verdict

mutex, rwsem, x = Mutex("mutex"), RwSem("rwsem"), Cell("x", 0)
turns = Atomic("turns", 0)


async def add() -> None:
    async with mutex.hold(), section("adds"):
        await x.write(1 - await x.read())


async def read() -> None:
    async with rwsem.read(), section("reads"):
        await mutex.lockdep_assert_not_held()


async def write() -> None:
    async with rwsem.write(), section("writes"):
        await mutex.lockdep_assert_not_held()


async def peek() -> None:
    require(await x.READ_ONCE() < 2, "small")


async def wait_for_writer() -> None:
    await wait_until(lambda value: value == 1, x)
    async with section("waited"):
        await x.READ_ONCE()


def proof(roles: list[str], properties: list[Property], *more: Any, **programs: Any) -> Proof:
    """What is known of threads that run `programs`."""
    threads = [Thread(name, program) for name, program in programs.items()]
    objects = [mutex, rwsem, x, turns, *more]
    model = Model("mine", "", lambda _: System(objects, threads, properties))
    return prove_any_number(model.case("only", None), model.build, roles)


def verdicts(found: Proof) -> dict[str, tuple[str, int | None, int]]:
    """The verdicts by property, each with the cut-off, or how many threads the run has."""
    return {
        each.claim.name: (each.verdict.value, each.cutoff, each.threads) for each in found.found
    }


@pytest.mark.slow
def test_locks_keep_any_number_of_threads_apart() -> None:
    claims = [
        never_together("adds", "adds", "adds"),
        never_together("rw", "reads", "writes"),
        never_together("ww", "writes", "writes"),
        never_together("rr", "reads", "reads"),
        sometimes_together("parallel", "reads", "reads"),
        sometimes_together("two-writers", "writes", "writes"),
        always("x", lambda s: s[x] in (0, 1)),
        data_race_free(),
        required("small"),
    ]
    found = proof(
        ["add", "read", "write", "peek"], claims, add=add, read=read, write=write, peek=peek
    )
    assert verdicts(found) == {
        "adds": ("holds", 2, 0),
        "rw": ("holds", 2, 0),
        "ww": ("holds", 2, 0),
        "rr": ("fails", None, 2),
        "parallel": ("holds", None, 2),
        "two-writers": ("fails", 2, 0),
        "x": ("holds", 2, 0),
        "data-race": ("fails", None, 2),  # peek reads without the mutex
        "small": ("holds", 2, 0),
    }


def test_a_mutex_keeps_any_number_of_threads_apart() -> None:
    claims = [never_together("adds", "adds", "adds"), data_race_free()]
    assert verdicts(proof(["add"], claims, add=add)) == {
        "adds": ("holds", 2, 0),
        "data-race": ("holds", 2, 0),
    }


@pytest.mark.slow
def test_a_thread_that_is_not_named_is_there_once() -> None:
    claims = [
        never_together("writers", "writes", "writes"),
        never_together("both", "adds", "writes"),
    ]

    async def unlocked() -> None:
        async with section("writes"):
            await x.READ_ONCE()

    alone = proof(["add"], claims, add=add, write=unlocked)
    assert verdicts(alone)["writers"] == ("holds", 2, 0)
    assert verdicts(alone)["both"] == ("fails", None, 1)
    many = proof(["write"], claims, add=add, write=unlocked)
    assert verdicts(many)["writers"] == ("fails", None, 2)


def test_copies_of_a_thread_come_with_it() -> None:
    async def once() -> None:
        async with section("writes"):
            await x.READ_ONCE()

    threads = [Thread("one", once), Thread("two", once)]
    claim = never_together("both", "writes", "writes")
    model = Model("mine", "", lambda _: System([x], threads, [claim]))
    found = prove_any_number(model.case("only", None), model.build, ["two"])
    assert len(found.system.fixed_marks(0)) == 1 if found.system else False
    assert verdicts(found)["both"] == ("fails", None, 2)


@pytest.mark.slow
def test_a_writer_that_waits_keeps_readers_out() -> None:
    lock = RwSem("lock", Fairness.WRITER_BLOCKS_READERS)

    async def reader() -> None:
        async with lock.read(), section("reads"):
            await x.READ_ONCE()

    async def writer() -> None:
        async with lock.write(), section("writes"):
            await x.READ_ONCE()

    claims = [never_together("rw", "reads", "writes"), sometimes_together("rr", "reads", "reads")]
    found = proof(["reader", "writer"], claims, lock, reader=reader, writer=writer)
    assert verdicts(found) == {"rw": ("holds", 2, 0), "rr": ("holds", None, 2)}


@pytest.mark.slow
def test_a_seqlock_tells_its_readers_that_a_writer_came() -> None:
    seq, one, two = Seqlock("seq", unbounded=True), Cell("one", 0), Cell("two", 0)

    async def writer() -> None:
        async with seq.write():
            new = 1 - await one.READ_ONCE()
            await one.WRITE_ONCE(new)
            await two.WRITE_ONCE(new)

    async def reader() -> None:
        begun = await seq.read_seqbegin()
        seen = await one.READ_ONCE(), await two.READ_ONCE()
        if not await seq.read_seqretry(begun):
            require(seen[0] == seen[1], "consistent")

    async def careless() -> None:
        require(await one.READ_ONCE() == await two.READ_ONCE(), "consistent")

    claims = [required("consistent")]
    more = (seq, one, two)
    found = proof(["reader", "writer"], claims, *more, reader=reader, writer=writer)
    assert verdicts(found) == {"consistent": ("holds", 2, 0)}
    found = proof(["careless", "writer"], claims, *more, careless=careless, writer=writer)
    assert verdicts(found)["consistent"] == ("fails", None, 2)


def test_what_a_few_threads_do_not_show_is_outside() -> None:
    claims = [
        deadlock_free(),
        at_end("end", lambda s: s[x] == 0),
        never("held", lambda s: bool(s.held_by(mutex))),
        never("two", lambda s: len(s.inside("adds")) > 1),
        never("later", lambda s: s[x] == 1 and s.inside("adds") != ()),
        never("all", lambda s: s.finished),
    ]
    found = proof(["add"], claims, add=add)
    assert {each.claim.name for each in found.found if each.outside} == {
        "deadlock-free",
        "end",
        "held",
        "two",
        "later",
        "all",
    }
    assert all(each.verdict is Verdict.UNKNOWN for each in found.found)


def test_what_no_thread_comes_to_is_never_evaluated() -> None:
    claims = [never_together("none", "adds", "nowhere"), required("nothing")]
    found = proof(["add"], claims, add=add)
    assert [each.verdict for each in found.found] == [Verdict.NEVER_EVALUATED] * 2


def test_a_misuse_is_judged_always() -> None:
    async def unlocks() -> None:
        await mutex.mutex_unlock()

    found = proof(["unlocks"], [never_together("a", "b", "b")], unlocks=unlocks)
    assert verdicts(found)["no-misuse"] == ("fails", None, 1)


async def counts() -> None:
    await turns.atomic_inc()


async def waits_in_a_row() -> None:
    async with fifo.read():
        await x.READ_ONCE()


async def asks_who() -> None:
    await add()
    await wait_until(lambda state: state is None, mutex)


fifo, rcu, counted = RwSem("fifo", Fairness.FIFO), Rcu("rcu"), Seqlock("counted")


async def under_rcu() -> None:
    async with rcu.read():
        await x.READ_ONCE()


async def again_and_again() -> None:
    await forever(counts)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (counts, "turns takes over 32 values"),
        (again_and_again, "turns takes over 32 values"),
        (waits_in_a_row, "keeps its waiters in a row"),
        (asks_who, "by which a thread could tell others apart"),
        (under_rcu, "can't use Rcu('rcu') yet"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(program: Any, says: str) -> None:
    more = [fifo] if program is waits_in_a_row else [rcu]
    with pytest.raises(ModelError, match=re.escape(says)):
        proof(["p"], [data_race_free()], *more, p=program)


def test_a_sequence_that_counts_is_refused() -> None:
    with pytest.raises(ModelError, match="unbounded=True"):
        proof(["p"], [data_race_free()], counted, p=add)


def test_threads_on_processors_are_refused() -> None:
    cpu = Processor("cpu")
    threads = [Thread("p", add, processor=cpu)]
    model = Model("mine", "", lambda _: System([mutex, x], threads, [data_race_free()]))
    with pytest.raises(ModelError, match="processors"):
        prove_any_number(model.case("only", None), model.build, ["p"])


def test_a_lock_that_starts_held_is_refused_unless_its_holder_is_there_once() -> None:
    async def lets_go() -> None:
        await mutex.mutex_unlock()

    threads = [Thread("p", lets_go), Thread("q", add)]
    claims = [never_together("adds", "adds", "adds")]
    model = Model("mine", "", lambda _: System([mutex, x], threads, claims, starts={mutex: "p"}))
    found = prove_any_number(model.case("only", None), model.build, ["q"])
    assert verdicts(found)["adds"] == ("holds", 2, 0)
    with pytest.raises(ModelError, match="starts as"):
        prove_any_number(model.case("only", None), model.build, ["p"])


def test_an_unknown_thread_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown thread"):
        proof(["q"], [data_race_free()], p=add)


def test_memory_that_is_freed_fits() -> None:
    memory = AllocatedCell("memory", 0)

    async def frees() -> None:
        await memory.kfree()

    found = proof(["frees"], [data_race_free()], memory, frees=frees)
    assert verdicts(found)["no-misuse"] == ("fails", None, 2)


@pytest.mark.slow
def test_what_views_can_not_tell_is_unknown_with_the_view() -> None:
    async def reader() -> None:
        async with mutex.hold(), rwsem.read():
            await x.WRITE_ONCE(1)
            await x.WRITE_ONCE(0)

    async def writer() -> None:
        if await rwsem.down_write_trylock():
            require(await x.READ_ONCE() == 0, "nobody-reads")

    # That some reader is there follows from x, but a view of others does not show it.
    claims = [required("nobody-reads")]
    found = proof(["reader"], claims, reader=reader, writer=writer)
    assert verdicts(found) == {"nobody-reads": ("unknown", None, 0)}
    assert "writer ended" in found.found[0].view
    assert "x is 1" in found.found[0].view


@pytest.mark.slow
def test_an_atomic_block_without_an_end_is_refused() -> None:
    async def spins() -> None:
        async with atomic():
            await retry(look)

    async def look() -> bool | None:
        return True if await x.READ_ONCE() == 5 else None

    with pytest.raises(ModelError, match="a block must end"):
        proof(["spins"], [data_race_free()], spins=spins)
