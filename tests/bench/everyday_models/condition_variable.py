"""A condition variable of two groups of waiters, over futex words.

Is a signal ever lost? glibc from 2.25 on, nptl/pthread_cond_wait.c and pthread_cond_signal.c, in
numbers: waiters are counted, the older group is woken first, and a waiter that may have taken a
signal of a newer group gives one back. Left out: spinning, spurious wake-ups, timeouts, the end of
the variable. It uses only words that the library had from its first release on, so that
`tests.bench.everyday` can measure an old release too.
"""

from locking import (
    Atomic,
    Case,
    Model,
    Mutex,
    Object,
    Outcome,
    Parameter,
    Queue,
    System,
    Thread,
    atomic,
    choose,
    deadlock_free,
    operation,
    procedure,
    retry,
    sometimes,
)


class Word(Object):
    """A futex word: its value, who sleeps on it, who was woken."""

    def __init__(self, name: str, start: int = 0) -> None:
        super().__init__(name, (start, (), ()))

    @operation
    def load(self, s: tuple, me: str) -> Outcome:
        return s, s[0]

    @operation
    def store(self, s: tuple, me: str, new: int) -> Outcome:
        return (new, *s[1:]), None

    @operation
    def add(self, s: tuple, me: str, by: int) -> Outcome:
        return (s[0] + by, *s[1:]), s[0]

    @operation
    def or_(self, s: tuple, me: str, bits: int) -> Outcome:
        return (s[0] | bits, *s[1:]), s[0]

    @operation
    def xor(self, s: tuple, me: str, bits: int) -> Outcome:
        return (s[0] ^ bits, *s[1:]), s[0]

    @operation
    def cas(self, s: tuple, me: str, old: int, new: int) -> Outcome:
        return ((new, *s[1:]), True) if s[0] == old else (s, False)

    @operation
    def futex_wait(self, s: tuple, me: str, expected: int) -> Outcome:
        value, asleep, woken = s
        if me in woken:
            return (value, asleep, tuple(w for w in woken if w != me)), None
        if me in asleep:
            return Queue(s)
        return (
            (s, None) if value != expected else Queue((value, tuple(sorted((*asleep, me))), woken))
        )

    @operation
    def sleepers(self, s: tuple, me: str) -> Outcome:
        return s, s[1]

    @operation
    def wake(self, s: tuple, me: str, who: tuple) -> Outcome:
        rest = tuple(w for w in s[1] if w not in who)
        return (s[0], rest, tuple(sorted((*s[2], *who)))), None

    def show(self, s: tuple) -> str:
        return str(s[0]) + (f", asleep {', '.join(s[1])}" if s[1] else "")


def build(case: Case) -> System:
    scope = {name: int(value) for name, value in case.scope.items()}
    user, inner, items = Mutex("user"), Mutex("internal"), Atomic("items", 0, minimum=0)
    wseq, g1_start, orig_size = Word("wseq"), Word("g1_start"), Atomic("orig_size")
    refs = [Word("refs0"), Word("refs1")]
    signals = [Word("signals0"), Word("signals1")]
    size = [Atomic("size0"), Atomic("size1")]

    async def futex_wake_one(word: Word) -> None:
        async with atomic():
            asleep = await word.sleepers()
            if asleep:
                await word.wake((await choose(*asleep),))

    async def futex_wake_all(word: Word) -> None:
        async with atomic():
            await word.wake(await word.sleepers())

    async def drop_ref(g: int) -> None:
        if await refs[g].add(-2) == 3:
            await refs[g].or_(1)
            await refs[g].xor(1)
            await futex_wake_all(refs[g])

    async def take(g: int, seq: int) -> str | None:
        seen = await signals[g].load()
        if seen & 1:
            return "closed"
        if seen:
            return "taken" if await signals[g].cas(seen, seen - 2) else None
        await refs[g].add(2)
        if await signals[g].load() & 1 or seq < await g1_start.load() >> 1:
            await drop_ref(g)
            return "closed"
        await signals[g].futex_wait(0)
        await drop_ref(g)
        return None

    async def give_back(g: int, start: int) -> bool | None:
        seen = await signals[g].load()
        if await g1_start.load() != start:
            return True
        if seen & 1 or await signals[g].cas(seen, seen + 2):
            await futex_wake_one(signals[g])
            return True
        return None

    @procedure
    async def cond_wait() -> None:
        ticket = await wseq.add(2)
        g, seq = ticket & 1, ticket >> 1
        await user.mutex_unlock()
        if await retry(take, g, seq) == "taken":
            start = await g1_start.load()
            if seq < start >> 1 and (start & 1) ^ 1 == g:
                await retry(give_back, g, start)
        await user.mutex_lock()

    async def quiet(g: int) -> bool | None:
        left = await refs[g].or_(1) | 1
        if left >> 1 == 0:
            await refs[g].store(0)
            return True
        await refs[g].futex_wait(left)
        return None

    async def switch(at: int, g1: int) -> int | None:
        """The slot of the new first group; None if there is nobody to wake."""
        old_size = await orig_size.atomic_read()
        old_start = await g1_start.load() >> 1
        if at - old_start - old_size + await size[g1 ^ 1].atomic_read() == 0:
            return None
        await signals[g1].or_(1)
        if await refs[g1].load() >> 1:
            await retry(quiet, g1)
        await g1_start.add((old_size << 1) + (1 if g1 == 1 else -1))
        await signals[g1].store(0)
        at = await wseq.xor(1) >> 1
        g1 ^= 1
        new_size = at - (old_start + old_size)
        await orig_size.atomic_set(new_size)
        return g1 if await size[g1].atomic_add_return(new_size) else None

    @procedure
    async def cond_signal() -> None:
        await inner.mutex_lock()
        ticket = await wseq.load()
        g1, at = (ticket & 1) ^ 1, ticket >> 1
        if not await size[g1].atomic_read():
            found = await switch(at, g1)
            if found is None:
                await inner.mutex_unlock()
                return
            g1 = found
        await signals[g1].add(2)
        await size[g1].atomic_dec()
        await inner.mutex_unlock()
        await futex_wake_one(signals[g1])

    async def there() -> bool | None:
        if await items.atomic_read():
            return True
        await cond_wait()
        return None

    async def consumer(rounds: int) -> None:
        for _ in range(rounds):
            await user.mutex_lock()
            await retry(there)
            await items.atomic_dec()
            await user.mutex_unlock()

    async def producer(rounds: int) -> None:
        for _ in range(rounds):
            async with user.hold():
                await items.atomic_inc()
            await cond_signal()

    consumers = [Thread(f"c{n}", consumer, (scope["rounds"],)) for n in range(scope["consumers"])]
    each = scope["consumers"] * scope["rounds"] // scope["producers"]
    return System(
        objects=[user, inner, items, wseq, g1_start, orig_size, *refs, *signals, *size],
        threads=[
            *consumers,
            *(Thread(f"p{n}", producer, (each,)) for n in range(scope["producers"])),
        ],
        properties=[deadlock_free(), sometimes("end", lambda s: s.finished, "all can end")],
    )


MODEL = Model(
    "glibc_condvar",
    "Is a signal lost?",
    build,
    parameters=(
        Parameter("consumers", 2, "threads that wait", least=1, most=4),
        Parameter("producers", 1, "threads that signal", least=1, most=4),
        Parameter("rounds", 1, "items of each consumer", least=1, most=4),
    ),
)
