"""Atomic integers.

Kernel: atomic_t, include/linux/atomic/atomic-instrumented.h; Documentation/atomic_t.txt (v6.12).
An operation that returns something, but for a plain read, is fully ordered, and has the forms
`_acquire`, `_release` and `_relaxed` where the kernel has them; one that returns nothing orders
nothing. One that is conditional and does not change the value orders nothing. `atomic_max` stands
for a loop over `cmpxchg`; the kernel has no such operation. Left out: how many bits there are; so
nothing overflows, and a bound that the code relies on is said by `minimum` and `maximum`.
"""

from collections.abc import Callable
from operator import add, and_, or_, sub, xor
from typing import Any

from locking.objects.alike import alike
from locking.objects.operation import Call, Misuse, Object, Operation, Outcome, access, ordered
from locking.objects.order import ACQUIRE, FULLY_ORDERED, NO_ORDER, Order
from locking.objects.rmw import if_changed, read_modify_write
from locking.objects.word import found_old, said_so

Change = Callable[[int, int], int]
"""The new value, by the old one and by what the operation is given."""

Rule = Callable[["Atomic", int, str, int], Outcome]
RuleOfOne = Callable[["Atomic", int, str], Outcome]


def andnot(value: int, mask: int) -> int:
    """`value` without the bits of `mask`."""
    return value & ~mask


def rule_of(change: Change, result: Change | None) -> Rule:
    """The rule of a change; what it returns is `result` of the old value and the new one."""

    def rule(self: "Atomic", value: int, me: str, operand: int) -> Outcome:  # noqa: ARG001
        new = change(value, operand)
        return self.becomes(new, result(value, new) if result else None)

    return rule


def silently(change: Change) -> Rule:
    """The rule of a change that returns nothing."""
    return rule_of(change, None)


def to_new(change: Change) -> Rule:
    """The rule of a change that returns the value after it."""
    return rule_of(change, lambda _, new: new)


def from_old(change: Change) -> Rule:
    """The rule of a change that returns the value before it."""
    return rule_of(change, lambda old, _: old)


def by_one(rule: Rule) -> RuleOfOne:
    """The rule of a change by one."""

    def fixed(self: "Atomic", value: int, me: str) -> Outcome:
        return rule(self, value, me, 1)

    return fixed


def unordered(rule: Callable[..., Outcome]) -> Call[Any]:
    """An operation that returns nothing, and orders nothing."""
    return ordered(NO_ORDER)(access(writes=True, marked=True)(rule))


def in_four_orders(rule: Callable[..., Outcome]) -> Call[Any]:
    """An operation that returns something, with its forms."""
    return read_modify_write()(rule)


class Atomic(Object):
    """An integer with atomic operations; leaving `minimum` to `maximum` is a misuse."""

    def __init__(
        self, name: str, start: int = 0, minimum: int | None = None, maximum: int | None = None
    ) -> None:
        super().__init__(name, start)
        self.minimum = minimum
        self.maximum = maximum

    def becomes(self, new: int, result: Any = None) -> Outcome:
        """The step to `new`, or the misuse of leaving the range."""
        if self.minimum is not None and new < self.minimum:
            return Misuse(f"{self.name} would become {new}, below {self.minimum}")
        if self.maximum is not None and new > self.maximum:
            return Misuse(f"{self.name} would become {new}, above {self.maximum}")
        return new, result

    @access(writes=False, marked=True)
    def atomic_read(self, value: int, me: str) -> Outcome:
        """The value."""
        return value, value

    @ordered(ACQUIRE)
    @access(writes=False, marked=True)
    def atomic_read_acquire(self, value: int, me: str) -> Outcome:
        """The value, before all that follows."""
        return value, value

    def observing(self, relaxed: bool = False) -> Operation:
        """A load that acquires, as in `atomic_cond_read_acquire`, or that is `relaxed`."""
        return Operation(self, "atomic_read" if relaxed else "atomic_read_acquire")

    @access(writes=True, marked=True, overwrites=True)
    def atomic_set(self, value: int, me: str, new: int) -> Outcome:
        """Nothing; the value is `new`."""
        return self.becomes(new)

    @ordered(Order(releases=True, forgets=True))
    @access(writes=True, marked=True, overwrites=True)
    def atomic_set_release(self, value: int, me: str, new: int) -> Outcome:
        """Nothing; the value is `new`, after all before it."""
        return self.becomes(new)

    atomic_add = unordered(silently(add))
    atomic_sub = unordered(silently(sub))
    atomic_inc = unordered(by_one(silently(add)))
    atomic_dec = unordered(by_one(silently(sub)))
    atomic_or = unordered(silently(or_))
    atomic_and = unordered(silently(and_))
    atomic_andnot = unordered(silently(andnot))
    atomic_xor = unordered(silently(xor))

    atomic_add_return = in_four_orders(to_new(add))
    atomic_sub_return = in_four_orders(to_new(sub))
    atomic_inc_return = in_four_orders(by_one(to_new(add)))
    atomic_dec_return = in_four_orders(by_one(to_new(sub)))

    atomic_fetch_add = in_four_orders(from_old(add))
    atomic_fetch_sub = in_four_orders(from_old(sub))
    atomic_fetch_inc = in_four_orders(by_one(from_old(add)))
    atomic_fetch_dec = in_four_orders(by_one(from_old(sub)))
    atomic_fetch_or = in_four_orders(from_old(or_))
    atomic_fetch_and = in_four_orders(from_old(and_))
    atomic_fetch_andnot = in_four_orders(from_old(andnot))
    atomic_fetch_xor = in_four_orders(from_old(xor))

    @read_modify_write()
    def atomic_xchg(self, value: int, me: str, new: int) -> Outcome:
        """The value before; it is `new` now."""
        return self.becomes(new, value)

    @read_modify_write(found_old)
    def atomic_cmpxchg(self, value: int, me: str, old: int, new: int) -> Outcome:
        """The value before; it is `new` now if that was `old`."""
        return self.becomes(new, value) if alike(value, old) else (value, value)

    @read_modify_write(said_so)
    def atomic_try_cmpxchg(self, value: int, me: str, old: int, new: int) -> Outcome:
        """Whether the value was `old`; it is `new` now if so."""
        return self.becomes(new, True) if alike(value, old) else (value, False)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_sub_and_test(self, value: int, me: str, amount: int) -> Outcome:
        """Whether the value is 0 now, `amount` less than before."""
        return self.becomes(value - amount, value == amount)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_dec_and_test(self, value: int, me: str) -> Outcome:
        """Whether the value is now 0."""
        return self.becomes(value - 1, value == 1)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_inc_and_test(self, value: int, me: str) -> Outcome:
        """Whether the value is now 0."""
        return self.becomes(value + 1, value == -1)

    @ordered(if_changed(FULLY_ORDERED, said_so))
    @access(writes=True, marked=True)
    def atomic_add_unless(self, value: int, me: str, amount: int, unless: int) -> Outcome:
        """Whether the value was another than `unless`; it is greater by `amount` now if so."""
        return (value, False) if value == unless else self.becomes(value + amount, True)

    @ordered(if_changed(FULLY_ORDERED, said_so))
    @access(writes=True, marked=True)
    def atomic_inc_not_zero(self, value: int, me: str) -> Outcome:
        """Whether the value was another than 0; it is greater by one now if so."""
        return (value, False) if value == 0 else self.becomes(value + 1, True)

    @ordered(if_changed(FULLY_ORDERED, lambda result, _: result >= 0))
    @access(writes=True, marked=True)
    def atomic_dec_if_positive(self, value: int, me: str) -> Outcome:
        """One less than the value was, which it is now unless that is negative."""
        return self.becomes(value - 1, value - 1) if value > 0 else (value, value - 1)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def atomic_max(self, value: int, me: str, other: int) -> Outcome:
        """Nothing; the value is at least `other`."""
        return self.becomes(max(value, other))
