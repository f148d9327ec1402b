"""Atomic operations that change a word and return something, each in four orders.

Kernel: Documentation/atomic_t.txt (v6.12), ORDERING. `name` is fully ordered; `name_acquire`,
`name_release` and `name_relaxed` order what they say. One that is conditional and did not change
the word orders nothing, in each of the four.
"""

from collections.abc import Callable, Hashable
from typing import Any, Concatenate, ParamSpec

from locking.objects.operation import Access, Call, Outcome
from locking.objects.order import ACQUIRE, FULLY_ORDERED, NO_ORDER, RELEASE, Order, Ordering

P = ParamSpec("P")

Changes = Callable[[Any, tuple[Hashable, ...]], bool]
"""Whether an operation changed the word, by what it returned and what it was given."""

FORMS = {"_acquire": ACQUIRE, "_release": RELEASE, "_relaxed": NO_ORDER}
"""What is added to the name, and what is ordered then."""

WRITES = Access(writes=True, marked=True)


def if_changed(order: Order, changed: Changes | None) -> Ordering:
    """`order`, where the operation changed the word."""
    if changed is None:
        return order
    test = changed
    return lambda result, given: order if test(result, given) else NO_ORDER


class ReadModifyWrite(Call[P]):
    """An operation of a class that gets its three other forms where it gets its name."""

    def __init__(
        self, rule: Callable[Concatenate[Any, Any, str, P], Outcome], changed: Changes | None
    ) -> None:
        super().__init__(rule, WRITES)
        self.changed = changed
        self.ordering = if_changed(FULLY_ORDERED, changed)

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        for end, order in FORMS.items():
            form: Call[P] = Call(self.rule, WRITES)
            form.ordering = if_changed(order, self.changed)
            form.__set_name__(owner, name + end)
            setattr(owner, name + end, form)


def read_modify_write(
    changed: Changes | None = None,
) -> Callable[[Callable[Concatenate[Any, Any, str, P], Outcome]], Call[P]]:
    """Declares a rule as an atomic operation that returns something; `changed`: None for always."""
    return lambda rule: ReadModifyWrite(rule, changed)
