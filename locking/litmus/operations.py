"""The operations of the vocabulary, each as the events that herd7 makes of it.

A fully ordered read-modify-write is a read and a write between two full fences, an acquire has the
tag on its read, a release on its write (herd/CSem.ml, the first version of the language). The four
events have a tag of ours too, for a processor may have one instruction for all of them. One that
is conditional and fails is a read without any order. Which reads a written value depends on is
herd7's rule for each.
"""

from collections.abc import Generator
from typing import NamedTuple

from locking.litmus.requests import Attempt, Constrain, Request
from locking.litmus.semantics import (
    ZERO,
    LitmusTerm,
    TermSteps,
    ThreadRun,
)
from locking.litmus.syntax import AddressOf, LitmusExpression, Primitive, Variable
from locking.litmus.tokens import LitmusError
from locking.litmus.values import HOLE, LitmusValue, computed_value, hole_filled
from locking.litmus.vocabulary import TAGGED

RMW_TAGS = {"acquire": ("acquire", "once"), "release": ("once", "release")}
"""The tags of the read and of the write of a read-modify-write, if not both are once."""

FULL = "full-rmw"
"""The tag of what belongs to a fully ordered read-modify-write."""


def load(run: ThreadRun, made: Primitive) -> TermSteps:
    """A marked read."""
    address = yield from run.evaluate(made.arguments[0])
    return (yield from run.read(address, made.annotations))


def awaited_load(run: ThreadRun, made: Primitive) -> TermSteps:
    """A read that is repeated until a condition over `VAL` is true: only its last round counts."""
    address = yield from run.evaluate(made.arguments[0])
    outer = run.registers.get("VAL")
    run.registers["VAL"] = LitmusTerm(HOLE)
    condition = yield from run.evaluate(made.arguments[1])
    location = yield from run.locate(address)
    yield Attempt(location, condition.value, HOLE, must=True)
    found = yield from run.read(address._replace(value=location), made.annotations)
    yield Constrain(hole_filled(condition.value, found.value), true=True)
    run.registers["VAL"] = outer or ZERO
    return found


def store(run: ThreadRun, made: Primitive) -> TermSteps:
    """A marked write."""
    address = yield from run.evaluate(made.arguments[0])
    value = yield from run.evaluate(made.arguments[1])
    yield from run.write(address, value, made.annotations)
    return ZERO


def fence(run: ThreadRun, made: Primitive) -> TermSteps:
    """A fence, or the end of an RCU read-side critical section."""
    yield from run.fence(made.annotations)
    return ZERO


def srcu(run: ThreadRun, made: Primitive) -> TermSteps:
    """An operation on an SRCU domain that is no access, such as `synchronize_srcu`."""
    address = yield from run.evaluate(made.arguments[0])
    given = ZERO
    if len(made.arguments) > 1:
        given = yield from run.evaluate(made.arguments[1])
    location = yield from run.locate(address)
    before = address.before | given.before
    number = yield from run.event("SRCU", made.annotations, location, given.value, before=before)
    return LitmusTerm(0, before=1 << number)


class UpdateTags(NamedTuple):
    """The tags of a read-modify-write: of its read, its write, and its read if it fails."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    failed: tuple[str, ...]
    full: bool
    """Whether full fences are around it."""


def tags_of_update(made: Primitive) -> UpdateTags:
    """The tags of a read-modify-write, by its annotations."""
    order = made.annotations[0] if made.annotations else ""
    if TAGGED in made.annotations:
        tags = (order, "rmw")
        return UpdateTags(tags, tags, tags, full=False)
    once = ("once", "rmw")
    if made.kind == "atomic_op":
        return UpdateTags(("noreturn", "rmw"), once, once, full=False)
    if order == "mb":
        return UpdateTags((*once, FULL), (*once, FULL), once, full=True)
    read, write = RMW_TAGS.get(order, ("once", "once"))
    return UpdateTags((read, "rmw"), (write, "rmw"), once, full=False)


def exchange(run: ThreadRun, made: Primitive) -> TermSteps:
    """`xchg`: no data dependency from its read to its write."""
    reads, writes, _, full = tags_of_update(made)
    value = yield from run.evaluate(made.arguments[1])
    address = yield from run.evaluate(made.arguments[0])
    location = yield from run.locate(address)
    yield Attempt(location, 1, value.value, must=True)
    before = (yield from run.fence(("mb", FULL))) if full else 0
    found = yield from run.read(address._replace(value=location), reads, after=before)
    yield from run.event(
        "W",
        writes,
        location,
        value.value,
        address.data,
        value.data,
        found.before | value.before,
        run.count - 1,
    )
    return (yield from update_ended(run, found, full=full))


def update_ended(run: ThreadRun, result: LitmusTerm, *, full: bool) -> TermSteps:
    """What a read-modify-write gives, after the fence behind it if it is fully ordered."""
    before = result.before | 1 << run.count - 1
    if full:
        before |= yield from run.fence(("mb", FULL), before)
    return result._replace(before=before)


def compare_exchange(run: ThreadRun, made: Primitive) -> TermSteps:
    """`cmpxchg`: if it fails, it is a read without any order."""
    old = yield from run.evaluate(made.arguments[1])
    found, _ = yield from compare_and_write(run, made, old, made.arguments[2])
    return found


def compare_and_write(
    run: ThreadRun, made: Primitive, old: LitmusTerm, wanted: LitmusExpression
) -> Generator[Request, object, tuple[LitmusTerm, bool]]:
    """A compare-and-exchange: what it read, and whether it wrote."""
    reads, writes, failed, full = tags_of_update(made)
    address = yield from run.evaluate(made.arguments[0])
    new = yield from run.evaluate(wanted)
    location = yield from run.locate(address)
    address = address._replace(value=location)
    test = computed_value("==", HOLE, old.value)
    if not (yield Attempt(location, test, new.value, must=False)):
        found = yield from run.read(address, failed)
        yield Constrain(hole_filled(test, found.value), true=False)
        return found, False
    before = (yield from run.fence(("mb", FULL))) if full else 0
    found = yield from run.read(address, reads, after=before)
    yield Constrain(hole_filled(test, found.value), true=True)
    yield from run.event(
        "W",
        writes,
        location,
        new.value,
        address.data,
        new.data,
        found.before | old.before | new.before,
        run.count - 1,
    )
    return (yield from update_ended(run, found, full=full)), True


def try_compare_exchange(run: ThreadRun, made: Primitive) -> TermSteps:
    """`try_cmpxchg`: says whether it wrote; if not, the register has what was found.

    Errors: `LitmusError`.
    """
    expected = made.arguments[1]
    if not (isinstance(expected, AddressOf) and isinstance(expected.target, Variable)):
        raise LitmusError(run.line, "try_cmpxchg() takes the address of a register, such as &r1")
    name = expected.target.name
    old = yield from run.evaluate(expected.target)
    found, wrote = yield from compare_and_write(run, made, old, made.arguments[2])
    if not wrote:
        run.set_register(name, found)
    return found._replace(value=int(wrote))


def arithmetic(run: ThreadRun, made: Primitive) -> TermSteps:
    """`atomic_add` and its kin: the new value depends on the old one."""
    reads, writes, _, full = tags_of_update(made)
    by = yield from run.evaluate(made.arguments[1])
    address = yield from run.evaluate(made.arguments[0])
    location = yield from run.locate(address)
    yield Attempt(location, 1, computed_value(made.operator, HOLE, by.value), must=True)
    before = (yield from run.fence(("mb", FULL))) if full else 0
    found = yield from run.read(address._replace(value=location), reads, after=before)
    new = computed_value(made.operator, found.value, by.value)
    yield from run.event(
        "W",
        writes,
        location,
        new,
        0,
        found.data | by.data,
        found.before | by.before,
        run.count - 1,
    )
    value = found.value if made.kind == "atomic_fetch_op" else new
    result = run.joined(value, found, by)
    return (yield from update_ended(run, result, full=full))


def add_unless(run: ThreadRun, made: Primitive) -> TermSteps:
    """`atomic_add_unless`: says whether it added; if not, it is a read without any order."""
    address = yield from run.evaluate(made.arguments[0])
    by = yield from run.evaluate(made.arguments[1])
    limit = yield from run.evaluate(made.arguments[2])
    location = yield from run.locate(address)
    address = address._replace(value=location)
    test = computed_value("!=", HOLE, limit.value)
    tags = tags_of_update(made)
    adds = yield Attempt(location, test, computed_value("+", HOLE, by.value), must=False)
    before = (yield from run.fence(("mb", FULL))) if adds and tags.full else 0
    found = yield from run.read(address, tags.read if adds else tags.failed, after=before)
    yield Constrain(hole_filled(test, found.value), true=bool(adds))
    result = run.joined(int(bool(adds)), found, limit)
    if not adds:
        return result
    new = computed_value("+", found.value, by.value)
    yield from run.event(
        "W",
        tags.write,
        location,
        new,
        address.data | by.data,
        found.data,
        found.before | by.before | limit.before,
        run.count - 1,
    )
    return (yield from update_ended(run, result, full=tags.full))


def take_lock(run: ThreadRun, made: Primitive) -> TermSteps:
    """`spin_lock`, and a `spin_trylock` that gets the lock."""
    address = yield from run.evaluate(made.arguments[0])
    location = yield from run.locate(address)
    tries = made.kind == "trylock"
    free = computed_value("==", HOLE, 0)
    if (yield Attempt(location, free, 1, must=not tries)):
        number = yield from run.event("LKR", (), location, 0, address.data, 0, address.before)
        before = address.before | 1 << number
        yield from run.event("LKW", (), location, 1, 0, 0, before, number)
        return LitmusTerm(1, before=before | 1 << number + 1)
    number = yield from run.event("LF", (), location, 1, address.data, 0, address.before)
    return LitmusTerm(0, before=address.before | 1 << number)


def unlock(run: ThreadRun, made: Primitive) -> TermSteps:
    """`spin_unlock`."""
    address = yield from run.evaluate(made.arguments[0])
    location = yield from run.locate(address)
    yield from run.event("UL", (), location, 0, address.data, 0, address.before)
    return ZERO


def is_locked(run: ThreadRun, made: Primitive) -> TermSteps:
    """`spin_is_locked`: a read of a lock that orders nothing."""
    address = yield from run.evaluate(made.arguments[0])
    location = yield from run.locate(address)
    free = computed_value("==", HOLE, 0)
    locked = not (yield Attempt(location, free, HOLE, must=False))
    kind = "RL" if locked else "RU"
    number = yield from run.event(kind, (), location, int(locked), address.data, 0, address.before)
    return LitmusTerm(int(locked), before=address.before | 1 << number)


READERS = computed_value(">=", HOLE, 0)
"""No writer holds a reader-writer lock, whose word is the number of readers, or -1."""

RW_LOCKS: dict[str, tuple[LitmusValue, LitmusValue, bool]] = {
    "read_lock": (READERS, computed_value("+", HOLE, 1), True),
    "read_trylock": (READERS, computed_value("+", HOLE, 1), False),
    "read_unlock": (1, computed_value("-", HOLE, 1), True),
    "write_lock": (computed_value("==", HOLE, 0), -1, True),
    "write_trylock": (computed_value("==", HOLE, 0), -1, False),
}
"""Of each operation of a reader-writer lock when it may, what it makes of the word, if it waits."""


def rw_lock(run: ThreadRun, made: Primitive) -> TermSteps:
    """An operation of a reader-writer lock that changes its word by what the word was."""
    reads, writes, failed, _ = tags_of_update(made)
    test, update, must = RW_LOCKS[made.kind]
    address = yield from run.evaluate(made.arguments[0])
    location = yield from run.locate(address)
    address = address._replace(value=location)
    if not (yield Attempt(location, test, update, must=must)):
        found = yield from run.read(address, failed)
        yield Constrain(hole_filled(test, found.value), true=False)
        return found._replace(value=0)
    found = yield from run.read(address, reads)
    if isinstance(test, tuple):
        yield Constrain(hole_filled(test, found.value), true=True)
    yield from run.event(
        "W",
        writes,
        location,
        hole_filled(update, found.value),
        address.data,
        found.data,
        found.before,
        run.count - 1,
    )
    return (yield from update_ended(run, found._replace(value=1), full=False))


def write_unlock(run: ThreadRun, made: Primitive) -> TermSteps:
    """`write_unlock`: a release of 0."""
    address = yield from run.evaluate(made.arguments[0])
    yield from run.write(address, ZERO, made.annotations)
    return ZERO


PRIMITIVES = {
    "load": load,
    "awaited_load": awaited_load,
    "store": store,
    "fence": fence,
    "srcu": srcu,
    "xchg": exchange,
    "cmpxchg": compare_exchange,
    "try_cmpxchg": try_compare_exchange,
    "atomic_op": arithmetic,
    "atomic_op_return": arithmetic,
    "atomic_fetch_op": arithmetic,
    "atomic_add_unless": add_unless,
    "lock": take_lock,
    "trylock": take_lock,
    "unlock": unlock,
    "islocked": is_locked,
    **dict.fromkeys(RW_LOCKS, rw_lock),
    "write_unlock": write_unlock,
}
"""What each primitive does."""
