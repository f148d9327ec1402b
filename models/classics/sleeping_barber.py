"""The sleeping barber: he sleeps while nobody waits, and who comes wakes him.

Is everybody shaved who found a chair? Yes: a semaphore counts who has come, so a wake-up is kept
until the barber sleeps. An event does not count ("event"): two who come before he looks wake him
once, and one of them waits for good. And if he looks for customers and then lies down to be woken
by a signal, with no lock over both ("look-then-sleep"), a customer may come in between: the signal
finds nobody asleep and is lost.

Dijkstra, Cooperating sequential processes (1965); in this form: Downey, The Little Book of
Semaphores (2008), 5.2.
"""

from locking import (
    TASK_INTERRUPTIBLE,
    Atomic,
    AutoResetEvent,
    Case,
    Expect,
    Model,
    Semaphore,
    System,
    Task,
    Thread,
    deadlock_free,
    forever,
    never_together,
    section,
    workers,
)

CHAIRS = 2
waiting, barber = Atomic("waiting"), Task("barber")
came, bell = Semaphore("came"), AutoResetEvent("bell")
called, done = Semaphore("called"), Semaphore("done")
WAKE = {"right": came.up, "event": bell.set, "look-then-sleep": barber.wake_up_process}


async def visit(variant: str) -> None:
    if await waiting.atomic_add_unless(1, CHAIRS):
        await WAKE[variant]()
        await called.down()
        async with section("barber-chair"):
            await done.up()


async def sleep(variant: str) -> None:
    if variant == "right":
        await came.down()
    elif variant == "event":
        await bell.wait()
    elif await waiting.atomic_read() == 0:
        await barber.set_current_state(TASK_INTERRUPTIBLE)
        await barber.schedule()


async def shave(variant: str) -> None:
    await sleep(variant)
    await waiting.atomic_dec()
    await called.up()
    await done.down()


def build(case: Case) -> System:
    his = Thread("barber", forever, (shave, case.variant), daemon=True)
    theirs = workers(3, visit, case.variant, name="c")
    properties = [never_together("exclusion", "barber-chair", "barber-chair"), deadlock_free()]
    return System([waiting, came, bell, barber, called, done], [his, *theirs], properties)


MODEL = Model(
    "classics.sleeping_barber",
    "A barber that sleeps, two chairs and three customers",
    build,
    variants=tuple(WAKE),
    expected=(
        Expect("deadlock-free", "two wake-ups count once", variants=("event",)),
        Expect("deadlock-free", "woken before he sleeps", variants=("look-then-sleep",)),
    ),
)
