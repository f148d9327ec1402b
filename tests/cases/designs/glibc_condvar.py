"""A condition variable in two groups of waiters, made of numbers and futexes: no signal is lost.

Waiters are counted, the older group is woken first, and who may have taken a signal of a newer
group gives one back. Left out: spinning, spurious wake-ups, time-outs, destruction.
"""

from locking import (
    Atomic,
    Case,
    Futex,
    Model,
    Mutex,
    Parameter,
    System,
    array,
    deadlock_free,
    procedure,
    retry,
    sometimes,
    workers,
)

INT_MAX = 2**31 - 1

user, inner, items = Mutex("user"), Mutex("internal"), Atomic("items", 0, minimum=0)
wseq, g1_start, orig_size = Atomic("wseq"), Atomic("g1_start"), Atomic("orig_size")
refs, signals, size = (array(Atomic, name, 2) for name in ("refs", "signals", "size"))
waiters, quiet = ([Futex(f"on {word.name}", word) for word in words] for words in (signals, refs))


async def drop_ref(g: int) -> None:
    if await refs[g].atomic_fetch_sub(2) == 3:
        await refs[g].atomic_or(1)
        await refs[g].atomic_xor(1)
        await quiet[g].futex_wake(INT_MAX)


async def take(g: int, seq: int) -> str | None:
    seen = await signals[g].atomic_read()
    if seen & 1:
        return "closed"
    if seen:
        return "taken" if await signals[g].atomic_try_cmpxchg(seen, seen - 2) else None
    await refs[g].atomic_add(2)
    if await signals[g].atomic_read() & 1 or seq < await g1_start.atomic_read() >> 1:
        await drop_ref(g)
        return "closed"
    await waiters[g].futex_wait(0)
    await drop_ref(g)
    return None


async def give_back(g: int, start: int) -> bool | None:
    seen = await signals[g].atomic_read()
    if await g1_start.atomic_read() != start:
        return True
    if seen & 1 or await signals[g].atomic_try_cmpxchg(seen, seen + 2):
        await waiters[g].futex_wake(1)
        return True
    return None


@procedure
async def cond_wait() -> None:
    ticket = await wseq.atomic_fetch_add(2)
    g, seq = ticket & 1, ticket >> 1
    await user.mutex_unlock()
    if await retry(take, g, seq) == "taken":
        start = await g1_start.atomic_read()
        if seq < start >> 1 and (start & 1) ^ 1 == g:
            await retry(give_back, g, start)
    await user.mutex_lock()


async def none_left(g: int) -> bool | None:
    left = await refs[g].atomic_fetch_or(1) | 1
    if left >> 1 == 0:
        await refs[g].atomic_set(0)
        return True
    await quiet[g].futex_wait(left)
    return None


async def switch(at: int, g1: int) -> int | None:
    """The slot of the new first group; None if there is nobody to wake."""
    old_size = await orig_size.atomic_read()
    old_start = await g1_start.atomic_read() >> 1
    if at - old_start - old_size + await size[g1 ^ 1].atomic_read() == 0:
        return None
    await signals[g1].atomic_or(1)
    if await refs[g1].atomic_read() >> 1:
        await retry(none_left, g1)
    await g1_start.atomic_add((old_size << 1) + (1 if g1 == 1 else -1))
    await signals[g1].atomic_set(0)
    at = await wseq.atomic_fetch_xor(1) >> 1
    g1 ^= 1
    new_size = at - (old_start + old_size)
    await orig_size.atomic_set(new_size)
    return g1 if await size[g1].atomic_add_return(new_size) else None


@procedure
async def cond_signal() -> None:
    async with inner.hold():
        ticket = await wseq.atomic_read()
        g1: int | None = (ticket & 1) ^ 1
        if not await size[g1].atomic_read():
            g1 = await switch(ticket >> 1, g1)
        if g1 is None:
            return
        await signals[g1].atomic_add(2)
        await size[g1].atomic_dec()
    await waiters[g1].futex_wake(1)


async def there() -> bool | None:
    if await items.atomic_dec_if_positive() >= 0:
        return True
    await cond_wait()
    return None


async def consume(rounds: int) -> None:
    for _ in range(rounds):
        async with user.hold():
            await retry(there)


async def produce(rounds: int) -> None:
    for _ in range(rounds):
        async with user.hold():
            await items.atomic_inc()
        await cond_signal()


def build(case: Case) -> System:
    consumers, producers, rounds = (int(value) for value in case.scope.values())
    each = consumers * rounds // producers
    signalling = workers(producers, produce, each, name="p")
    return System(
        [user, inner, items, wseq, g1_start, orig_size, refs, signals, size, waiters, quiet],
        [*workers(consumers, consume, rounds, name="c"), *signalling],
        [deadlock_free(), sometimes("end", lambda s: s.finished, "all can end")],
    )


MODEL = Model(
    "glibc_condvar",
    "Is a signal lost?",
    build,
    parameters=[
        Parameter("consumers", 2, "threads that wait", most=4),
        Parameter("producers", 1, "threads that signal", most=4),
        Parameter("rounds", 1, "items of each consumer", most=4),
    ],
)
