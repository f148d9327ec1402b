"""The texts of the files; `$name` and the like stand for the reader's name, as `naming` spells it.

Each text is a file that passes `locking check`; lines that say `# edit` are where to begin.
"""

MODEL = '''"""Model $name: threads that share something, and what must hold."""

from locking import Cell, Model, Mutex, System, Thread, at_end, data_race_free, deadlock_free

lock = Mutex("lock")
total = Cell("total", 0)  # edit: what the threads share


async def work() -> None:
    """What each thread does; between two operations that are awaited, others may run."""
    async with lock.hold():  # edit: what a thread does
        seen = await total.read()
        await total.write(seen + 1)


MODEL = Model(
    "$name",
    "Does every addition count?",
    lambda case: System(
        objects=[lock, total],
        threads=[Thread("first", work), Thread("second", work)],
        properties=[
            at_end("sum", lambda s: s[total] == 2, "both additions count"),  # edit: what must hold
            data_race_free(),
            deadlock_free(),
        ],
    ),
)
'''

LOCK = '''"""Lock $name, and a small model that uses it."""

from typing import Any

from locking import (
    WAIT,
    Cell,
    Holding,
    Misuse,
    Model,
    Object,
    Outcome,
    Region,
    System,
    Thread,
    data_race_free,
    deadlock_free,
    never_together,
    no_misuse,
    operation,
    section,
)


class $kind(Object):
    """State: the name of the thread that holds the lock, or None."""

    @operation
    def acquire(self, owner: str | None, me: str) -> Outcome:  # edit: who may come in
        """The new state and a result, or WAIT, or a Misuse."""
        if owner == me:
            return Misuse(f"{me} waits for itself")
        return (me, None) if owner is None else WAIT

    @operation
    def release(self, owner: str | None, me: str) -> Outcome:  # edit: who may leave
        """The new state and a result, or a Misuse by a thread that does not hold the lock."""
        return (None, None) if owner == me else Misuse(f"{me} does not hold {self.name}")

    def holders(self, owner: str | None) -> tuple[Holding, ...]:
        """What traces and reports of deadlocks say of the state."""
        return () if owner is None else (Holding(owner, "held by"),)

    def hold(self, *body: Any) -> Region:
        """The lock held over `body`: in `async with`, and in placements."""
        return Region(self, "hold", self.acquire, self.release, body)


$stem = $kind("$name")
visits = Cell("visits", 0)


async def visit() -> None:
    """What each thread does with the lock."""
    async with $stem.hold(), section("inside"):
        await visits.write(await visits.read() + 1)


MODEL = Model(
    "$name",
    "Does the lock keep others out?",
    lambda case: System(
        objects=[$stem, visits],
        threads=[Thread("first", visit), Thread("second", visit)],
        properties=[  # edit: what the lock promises
            never_together("exclusive", "inside", "inside", "one thread is inside at a time"),
            data_race_free(),
            no_misuse(),
            deadlock_free(),
        ],
    ),
)
'''

PROPERTY = '''"""Property $name, and a small model in which it is judged."""

from locking import Atomic, Model, System, Thread, View, always, deadlock_free

free = Atomic("free", 2)
used = Atomic("used")


def $stem(state: View) -> bool:
    """Whether a state is good; a pure function of what it is asked for."""
    return bool(state[free] + state[used] <= 2)  # edit: what must be so in every state


async def work() -> None:
    """What each thread does; after each operation the property is judged."""
    await free.atomic_dec()  # edit: what may break it
    await used.atomic_inc()


MODEL = Model(
    "$name",
    "Is the property kept?",
    lambda case: System(
        objects=[free, used],
        threads=[Thread("first", work), Thread("second", work)],
        properties=[
            always("$name", $stem, "they add up"),
            deadlock_free(),
        ],
    ),
)
'''

SCENARIO = '''"""Scenario $name of $model."""

from locking import Scenario

# edit: the roles that run against each other; there are
$roles
$constant = Scenario(
    "$name",
    about="what it is about",
    roles=($chosen),
)
'''

PLACEMENT_HEAD = '''"""Placement $name of $model."""

'''

PLACEMENT_EDIT = """
# edit: the named steps of each role in their order, with locks around them; a role that is left out
# does what the model says. `locking list $model` has all roles and named steps.
"""
