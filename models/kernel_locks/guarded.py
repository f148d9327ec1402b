"""Is what a lock guards seen in order, on machines that reorder? Check it with --memory lkmm.

Under sequential consistency a lock that excludes others also keeps in order what it guards. Under
the kernel's memory model its barriers must do that. Here each user takes a lock once, and accesses
plain data inside: a writer stores its name and loads it again, a reader loads twice. Where the lock
lacks a barrier, these accesses race, or another's store comes in between, or somebody waits for
good. `locking barriers kernel_locks.guarded` weakens each barrier in turn.

The locks have the barriers of v6.12. The MCS lock is that of kernel/locking/mcs_spinlock.h, in
`classics.mcs_lock`; the queued spinlock that of `qspinlock`; the rwsem that of `rwsem_5_3`, whose
users try and do not queue up; `rwsem-handover` that of v4.19, one of whose users does queue up, in
`rwsem_handover`; the others are in `in_order`.

A memory model knows no parts of words. So a store to a byte of a queued spinlock is a
read-modify-write of its word here, which is more than the kernel promises. Its queue is left out,
which takes three users: there an acquire may see the thread's own xchg_tail(). The locked byte that
it sees is another's store in the kernel, and orders; here nothing does.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from locking import (
    Case,
    Cell,
    Model,
    Scenario,
    System,
    Thread,
    current,
    data_race_free,
    deadlock_free,
    procedure,
    require,
    required,
)
from locking.models.classics import mcs_lock
from locking.models.kernel_locks import rwsem_5_3
from locking.models.kernel_locks.in_order import PercpuBefore57, PercpuInSteps, TicketSpinlock
from locking.models.kernel_locks.qspinlock import QueuedSpinlock
from locking.models.kernel_locks.rwsem_5_3_waiters import HandoffRwsem
from locking.models.kernel_locks.rwsem_handover import RwsemHandover
from locking.models.kernel_locks.users import Method

data = Cell("data", None)


class Turns(NamedTuple):
    """The words of a lock, and by name what each user takes it by, lets it go by, and does inside.

    To take it may fail.
    """

    words: list[Any]
    users: dict[str, tuple[Method, Method, Method]]


@procedure
async def done(method: Method) -> bool | None:
    """What an operation returns; how it went about it is forgotten."""
    return await method()


async def writes() -> None:
    """Change the data, which nobody else may see or change meanwhile."""
    await data.write(current())
    require(await data.read() == current(), "exclusion", stop=False)


async def reads() -> None:
    """Look at the data, which nobody may change meanwhile."""
    first = await data.read()
    require(await data.read() == first, "exclusion", stop=False)


async def take_turn(takes: Method, lets_go: Method, inside: Method) -> None:
    """Take the lock, do what is to be done inside, and let it go; nothing if the attempt fails."""
    if await done(takes) is False:
        return
    await inside()
    await done(lets_go)


def spinlock(names: tuple[str, ...], words: list[Any], lock: Method, unlock: Method) -> Turns:
    """A spinlock that each of these takes."""
    return Turns(words, dict.fromkeys(names, (lock, unlock, writes)))


def mcs(names: tuple[str, ...]) -> Turns:
    """The MCS lock."""
    words = [mcs_lock.tail, mcs_lock.behind, mcs_lock.waits]
    return spinlock(names, words, mcs_lock.lock, partial(mcs_lock.unlock, waits_for_link=True))


def ticket(names: tuple[str, ...]) -> Turns:
    """The ticket lock."""
    own = TicketSpinlock()
    return spinlock(names, own.words, own.lock, own.unlock)


def qspinlock(names: tuple[str, ...]) -> Turns:
    """The queued spinlock; two users never queue up."""
    own = QueuedSpinlock("right", "qspinlock", names)
    return spinlock(names, own.words, own.lock, own.unlock)


def rwsem(names: tuple[str, ...]) -> Turns:
    """The fast paths of an rwsem, of writers and of readers, who are called r0 and so on."""
    own = HandoffRwsem("right", "rwsem", names)
    operations = rwsem_5_3.algorithm(own)

    async def fast(operation: str) -> bool | None:
        found = await operations[operation].fast()
        return bool(found.result) if operation.startswith("down") else None

    def turn(what: str, inside: Method) -> tuple[Method, Method, Method]:
        return partial(fast, f"down_{what}_trylock"), partial(fast, f"up_{what}"), inside

    kinds = {"r": turn("read", reads), "w": turn("write", writes)}
    return Turns([own.count, own.owner], {each: kinds[each[0]] for each in names})


def percpu_rwsem(names: tuple[str, ...], rcu: bool) -> Turns:
    """A percpu_rwsem of a writer and readers, who are called r0 and so on."""
    own = PercpuInSteps(names, rcu)
    read = own.down_read_trylock, own.up_read, reads
    write = own.down_write, own.up_write, writes
    return Turns(own.words, {each: read if each[0] == "r" else write for each in names})


def percpu_rwsem_before_5_7(names: tuple[str, ...]) -> Turns:
    """The percpu_rwsem of v4.19 of a writer and a reader."""
    own = PercpuBefore57(names)
    read = own.down_read, own.up_read, reads
    write = own.down_write, own.up_write, writes
    return Turns(own.words, {each: read if each[0] == "r" else write for each in names})


def rwsem_handover(names: tuple[str, ...]) -> Turns:
    """The slow path of an rwsem, of a writer that has it and a reader."""
    own = RwsemHandover(names)
    users = {"w": (own.have_it, own.up_write, writes), "r": (own.down_read, own.up_read, reads)}
    return Turns(own.words, {each: users[each[0]] for each in names})


LOCKS: dict[str, tuple[str, Callable[[], Turns]]] = {
    "mcs": ("an MCS lock, two users", partial(mcs, mcs_lock.NAMES[:2])),
    "ticket": ("a ticket lock, two users", partial(ticket, ("a", "b"))),
    "qspinlock": ("a queued spinlock, two users", partial(qspinlock, ("a", "b"))),
    "rwsem": ("the fast paths of an rwsem, a writer and a reader", partial(rwsem, ("w0", "r0"))),
    "rwsem-writers": ("the fast paths of an rwsem, two writers", partial(rwsem, ("w0", "w1"))),
    "rwsem-handover": (
        "an rwsem that a writer has; a reader queues up for it",
        partial(rwsem_handover, ("w0", "r0")),
    ),
    "percpu_rwsem-v4.19": (
        "the percpu_rwsem of v4.19 without its fast path, a writer and a reader",
        partial(percpu_rwsem_before_5_7, ("w0", "r0")),
    ),
    "percpu_rwsem": (
        "a percpu_rwsem without its fast path, a writer and a reader",
        partial(percpu_rwsem, ("w0", "r0"), rcu=False),
    ),
    "percpu_rwsem-rcu": (
        "a percpu_rwsem with its fast path, a writer and a reader",
        partial(percpu_rwsem, ("w0", "r0"), rcu=True),
    ),
}


def build(case: Case) -> System:
    """The users of the lock of the scenario; beside RCU, waits are not judged."""
    turns = LOCKS[case.scenario.name][1]()
    waits = [] if case.scenario.name.endswith("-rcu") else [deadlock_free()]
    return System(
        [data, *turns.words],
        [Thread(name, take_turn, turn) for name, turn in turns.users.items()],
        [
            data_race_free(),
            required("exclusion", "nobody changes the data of who is inside"),
            *waits,
        ],
    )


MODEL = Model(
    "kernel_locks.guarded",
    "What the kernel's locks keep in order by their barriers",
    build,
    tuple(Scenario(name, about) for name, (about, _) in LOCKS.items()),
)
