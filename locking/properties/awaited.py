"""What a run must not do for ever: each a condition on states, with what else makes it a failure.

Three properties are made of it. *Eventually* something is so: no run stays where it is not. A lock,
or a section, is *served*: no thread stays in front of it. There is *no livelock*: no run goes round
without progress.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from locking.explore.product import Product
from locking.objects.operation import Object
from locking.properties.explored import Explored
from locking.properties.predicate import Predicate, truth
from locking.properties.released import holders, may_be_held
from locking.properties.view import View, next_calls, sections_inside


@dataclass(frozen=True)
class ServedWait:
    """A run fails that stays where `bad` is true; `says` what that means.

    `starved` is a thread that takes no step in it but to queue up, `ends` whether a run fails too
    that has no step left there, `whole` whether it must have been there from its start.
    """

    bad: Callable[[View], bool]
    says: str
    starved: int | None = None
    ends: bool = True
    whole: bool = False


@dataclass(frozen=True)
class Eventually:
    """In every run, `good` is true at some time."""

    good: Predicate
    pattern: str = "Endless loop"

    def waits(self, product: Product) -> Iterator[ServedWait]:
        """No run stays where it is not."""
        yield ServedWait(lambda s: not truth(self.good, s), "it never comes to be so", whole=True)


@dataclass(frozen=True)
class Served:
    """No thread stays for ever in front of a lock, or inside of a section."""

    what: Object | str
    pattern: str = "Starvation"

    def waits(self, product: Product) -> Iterator[ServedWait]:
        """One for each thread; of a lock that may be tried for again and again, two."""
        for number, thread in enumerate(product.threads):
            if isinstance(self.what, str):
                yield ServedWait(
                    partial(stays, number, self.what), f"{thread.name} stays in {self.what}"
                )
                continue
            says = f"{thread.name} asks for {self.what.name} and never gets it"
            yield ServedWait(partial(asks, number, self.what), says, starved=number)
            if may_be_held(self.what):
                tries = partial(asks_in_vain, number, thread.name, self.what)
                yield ServedWait(tries, says, ends=False)

    def unasked(self, explored: Explored) -> str:
        """Why the property says nothing where no run comes near what is to be served."""
        if isinstance(self.what, str):
            return explored.why_empty(self.what)
        return f"no run asks for {self.what.name}"


@dataclass(frozen=True)
class MadeProgress:
    """No run goes round for ever without `progress`, but for daemons once all others have ended."""

    progress: Predicate | None
    pattern: str = "Livelock"

    def waits(self, product: Product) -> Iterator[ServedWait]:
        """No run goes round where there is none."""
        yield ServedWait(self.idle, "nobody makes progress", ends=False)

    def idle(self, seen: View) -> bool:
        """Whether a state shows no progress."""
        made = self.progress is not None and truth(self.progress, seen)
        return not made and not seen.finished


Awaited = Eventually | Served | MadeProgress
"""What must happen in the end."""


def stays(thread: int, section: str, seen: View) -> bool:
    """Whether a thread is inside a section."""
    seen.sections.add(section)
    inside: tuple[str, ...] = seen.look(thread, sections_inside)
    return section in inside


def asks(thread: int, lock: Object, seen: View) -> bool:
    """Whether a thread's next step is on the lock."""
    return any(target is lock for target, _ in seen.look(thread, next_calls))


def asks_in_vain(thread: int, name: str, lock: Object, seen: View) -> bool:
    """Whether a thread's next step is on the lock, which it does not hold."""
    return asks(thread, lock, seen) and name not in holders(lock, seen.value(lock))
