"""Models in which a thread asks for an offered lock, by a trylock or for a time, and goes on."""

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
    timed,
    trylock,
)
from locking.placements.trees import Tree

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


@step("GIVE_UP")
async def GIVE_UP(_: object) -> None:
    """What is done only where the lock was not to be had in time."""
    if await timed(lock.mutex_lock):
        await lock.mutex_unlock()
    else:
        require(await busy.READ_ONCE() != 1, "idle")
    require(True, "idle")


@step("NOTHING")
async def NOTHING(_: object) -> None:
    """No more than the evaluation of what is required."""
    require(True, "idle")


@step("LOOK")
async def LOOK(_: object) -> None:
    """What is done where a placement did not have the lock."""
    require(await busy.READ_ONCE() != 1, "idle")


def build(case: Case) -> System:
    """A worker and a thread that tries."""
    assert case.placement
    threads = [
        Thread(role, perform, (case.placement.roles[role], None)) for role in ("worker", "trier")
    ]
    return System([lock, busy], threads, [no_misuse(), deadlock_free(), required("idle")])


def model(name: str, *trier: Tree) -> Model:
    """The model in which the trier does so."""
    locked = Placement("locked", worker=[lock.hold(WORK)], trier=trier)
    return Model(
        name,
        "Is it idle?",
        build,
        scenarios=(Scenario("only"),),
        placements=(locked,),
        steps={"worker": (WORK,), "trier": (TRY, GIVE_UP, NOTHING, LOOK)},
        space=Space("worker", (WORK,), (lock,), locked),
    )


MODELS = [
    model("trylock", TRY),
    model("timed", GIVE_UP),
    model("placed", trylock(lock.hold(NOTHING), otherwise=[LOOK])),
]
