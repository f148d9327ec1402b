"""A lock that is freed by who takes it last, while the one who released it still signals."""

from locking import (
    WAIT,
    Case,
    Cell,
    Model,
    Mutex,
    Object,
    Outcome,
    Parameter,
    System,
    Thread,
    atomic,
    deadlock_free,
    no_misuse,
    operation,
    require,
    required,
    retry,
)


class Condition(Object):
    """State: who waits, or `freed`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ())

    @operation
    def enter(self, waiting: tuple, me: str) -> Outcome:
        return tuple(sorted((*waiting, me))), None

    @operation
    def woken(self, waiting: tuple, me: str) -> Outcome:
        return WAIT if me in waiting else (waiting, None)

    @operation
    def signal(self, waiting: tuple, me: str) -> Outcome:
        return waiting[1:], None

    def show(self, state: tuple) -> str:
        return ", ".join(state) or "nobody"


mutex, cond, locked = Mutex("mut"), Condition("cond"), Cell("locked", True)
memory = Cell("lock", "allocated")


async def touch() -> None:
    there = await memory.READ_ONCE()
    require(there == "allocated", "not-freed", lock=there)


async def not_locked() -> bool | None:
    if not await locked.read():
        return True
    async with atomic():
        await cond.enter()
        await mutex.mutex_unlock()
    await cond.woken()
    await mutex.mutex_lock()
    return None


async def release(inside: bool) -> None:
    await mutex.mutex_lock()
    await locked.write(False)
    if inside:
        await touch()
        await cond.signal()
        await mutex.mutex_unlock()
    else:
        await mutex.mutex_unlock()
        await touch()
        await cond.signal()


async def acquire_and_free() -> None:
    await mutex.mutex_lock()
    await retry(not_locked)
    await locked.write(True)
    await mutex.mutex_unlock()
    await memory.WRITE_ONCE("freed")


def build(case: Case) -> System:
    return System(
        objects=[mutex, cond, locked, memory],
        threads=[
            Thread("t1", release, (case.scope["signal"] == "inside",)),
            Thread("t2", acquire_and_free),
        ],
        properties=[
            required("not-freed", "the lock is there when it is touched"),
            deadlock_free(),
            no_misuse(),
        ],
    )


MODEL = Model(
    "pypy_lock_release",
    "Is it still there?",
    build,
    parameters=(Parameter("signal", "outside", "where", words=("outside", "inside")),),
)
