"""Two threads that wait for each other while others go through a large space."""

from locking import Case, Model, Mutex, Parameter, System, Thread, choose, deadlock_free

a, b = Mutex("a"), Mutex("b")


async def ab() -> None:
    await a.mutex_lock()
    await b.mutex_lock()
    await b.mutex_unlock()
    await a.mutex_unlock()


async def ba() -> None:
    await b.mutex_lock()
    await a.mutex_lock()
    await a.mutex_unlock()
    await b.mutex_unlock()


async def other(choices: int) -> None:
    for _ in range(choices):
        await choose(0, 1)


def build(case: Case) -> System:
    others = [Thread(name, other, (int(case.scope["choices"]),)) for name in ("one", "two")]
    return System([a, b], [Thread("ab", ab), Thread("ba", ba), *others], [deadlock_free()])


MODEL = Model(
    "hang_deadlock", "", build, parameters=(Parameter("choices", 2, "", least=1, most=9),)
)
