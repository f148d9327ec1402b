"""A model in which a thread asks for an offered lock by a trylock, and goes on either way."""

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Placement,
    Scenario,
    Space,
    System,
    Thread,
    deadlock_free,
    no_misuse,
    perform,
    require,
    required,
    step,
)

lock = Mutex("lock")
busy = Cell("busy", 0)


@step("WORK")
async def WORK(_: object) -> None:
    """Two steps of work."""
    await busy.WRITE_ONCE(1)
    await busy.WRITE_ONCE(0)


@step("TRY")
async def TRY(_: object) -> None:
    """What is done only where the lock is held by another."""
    if await lock.mutex_trylock():
        await lock.mutex_unlock()
    else:
        require(await busy.READ_ONCE() != 1, "idle")
    require(True, "idle")


LOCKED = Placement("locked", worker=[lock.hold(WORK)], trier=[TRY])


def build(case: Case) -> System:
    """A worker and a thread that tries."""
    assert case.placement
    threads = [
        Thread(role, perform, (case.placement.roles[role], None)) for role in ("worker", "trier")
    ]
    return System([lock, busy], threads, [no_misuse(), deadlock_free(), required("idle")])


MODEL = Model(
    "trylock",
    "Is it idle?",
    build,
    scenarios=(Scenario("only"),),
    placements=(LOCKED,),
    steps={"worker": (WORK,), "trier": (TRY,)},
    space=Space("worker", (WORK,), (lock,), LOCKED),
)
