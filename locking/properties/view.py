"""A state as a property sees it: values of objects, and where the threads are.

s[zone.start]                       the state of an object: for a cell, its value
s.held_by(lock)                     who holds a lock, and in which mode
s.inside("page-init")               the threads inside a section
s.about_to(page.flags, "write")     the threads whose next step is that operation
s.finished                          whether every thread that must end has ended
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from locking.errors import ModelError
from locking.explore.product import Product, State
from locking.objects.operation import Object, Operation
from locking.programs.position import Position
from locking.programs.store_buffers import ThroughBuffer
from locking.programs.thread import Thread
from locking.properties.threads_found import LockHolders, Threads

Aspect = Callable[[Position], Hashable]

INSIDE = "inside "
"""What the operand that names the threads inside a section begins with, before the section."""


def sections_inside(position: Position) -> Hashable:
    """The sections that a thread is inside."""
    return position.inside


def next_calls(position: Position) -> Hashable:
    """The objects and the names of the operations that a thread is about to take.

    That is its next step, what it takes that step for, if it is one of a store buffer, and each
    operation for which it runs an algorithm.
    """
    meant = position.next.meant if isinstance(position.next, ThroughBuffer) else None
    steps = (*position.calls, position.next, meant)
    return tuple((each.target, each.name) for each in steps if isinstance(each, Operation))


def ended(position: Position) -> Hashable:
    """Whether a thread has come to its end."""
    return position.next is None and position.failure is None


EQUAL_FOR_COPIES = (sections_inside, next_calls, ended)
"""Aspects that are the same of two threads that take each other's place, but for their objects."""


class View:
    """A state, read through `value` and `look`; `operands` are what was read, as text."""

    def __init__(
        self,
        threads: Sequence[Thread],
        value: Callable[[Object], Any],
        look: Callable[[int, Aspect], Any],
    ) -> None:
        self.threads = threads
        self.value = value
        self.look = look
        self.read: dict[Object | tuple[Object | None, str], Any] = {}
        self.sections: set[str] = set()
        self.objects: set[Object] = set()

    @property
    def operands(self) -> dict[str, str]:
        """What was read, in order: values by the names of objects, and who is where."""
        return dict(reading_in_words(what, found) for what, found in self.read.items())

    def __getitem__(self, object_: Object) -> Any:
        """The state of an object. Errors: `ModelError` for what is none."""
        if not isinstance(object_, Object):
            raise ModelError(f"s[{object_!r}] is asked for; write an object: s[x], not s['x']")
        if object_ not in self.read:
            self.read[object_] = self.value(object_)
            self.objects.add(object_)
        return self.read[object_]

    def held_by(self, lock: Object) -> LockHolders:
        """Who holds `lock`, each with the mode; empty where nobody does, or it is no lock.

        A `Holding` has `thread` and `mode`. One who holds the lock twice is there twice. Errors:
        `ModelError` for what is no object.
        """
        return LockHolders(lock.holders(self[lock]))

    def inside(self, section: str) -> Threads[str]:
        """The names of the threads inside `section`."""
        found = self.where(sections_inside, lambda inside: section in inside)
        self.sections.add(section)
        self.read[None, section] = found
        return found

    def about_to(self, object_: Object, name: str) -> Threads[str]:
        """The names of the threads that take operation `name` on `object_` next.

        Where an algorithm stands for the object, they have called it, and it does not count yet.
        """
        object_.call(name)  # a misspelt operation, which nobody is ever about to take, is an error
        found = self.where(next_calls, lambda calls: (object_, name) in calls)
        self.objects.add(object_)
        self.read[object_, name] = found
        return found

    @property
    def finished(self) -> bool:
        """Whether every thread that is no daemon has come to its end."""
        return all(
            self.look(at, ended) for at, thread in enumerate(self.threads) if not thread.daemon
        )

    def where(self, aspect: Aspect, test: Callable[[Any], bool]) -> Threads[str]:
        """The names of the threads of which `test` is true."""
        return Threads(
            thread.name for at, thread in enumerate(self.threads) if test(self.look(at, aspect))
        )


def reading_in_words(what: Object | tuple[Object | None, str], found: Any) -> tuple[str, str]:
    """What was read of a state, and what was found there: of an object, a section, an operation."""
    if isinstance(what, Object):
        return what.name, what.show(found)
    object_, name = what
    asked = f"about to {name}({object_.name})" if object_ else f"{INSIDE}{name}"
    return asked, ", ".join(found) or "nobody"


def view(product: Product, state: State) -> View:
    """`state` of `product`, for a property to look at."""
    return View(
        product.threads,
        lambda object_: product.value(object_, state),
        lambda thread, aspect: aspect(product.position(thread, state)),
    )
