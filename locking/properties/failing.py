"""Properties that a thread fails where it stands: misuse, a false assertion, a requirement."""

from dataclasses import dataclass

from locking.errors import ModelError, Vacuous
from locking.explore.product import Product, State
from locking.programs.position import FailureKind, Fault, Position, Requirement
from locking.properties.explored import Explored, Finding, Judgement, Property


class Supposed(Exception):
    """A requirement was evaluated only by histories that were merged, and perhaps by no run."""


def kinds_failed(position: Position) -> frozenset[FailureKind]:
    """The kinds of what a thread failed on its way here."""
    return frozenset(failure.kind for failure in position.failures)


@dataclass(frozen=True)
class NeverFails:
    """No thread ever fails so."""

    name: str
    kind: FailureKind
    about: str = ""
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state where a thread has just failed so.

        Errors: `Vacuous`, `Supposed`; `ModelError` where Python was told to skip assertions.
        """
        if self.kind not in explored.failed:
            if self.kind is Fault.ASSERTION and not __debug__:
                raise ModelError("`python -O` skips assertions; run without -O, or use require()")
            self.check_evaluated(explored)
            return explored.never(iter(()))
        return explored.never(
            explored.where(
                lambda s: s.where(kinds_failed, lambda kinds: self.kind in kinds), same=True
            )
        )

    def check_evaluated(self, explored: Explored) -> None:
        """Refuse a requirement that no run comes to. Errors: `Vacuous`, `Supposed`."""
        automata = explored.product.automata
        match self.kind:
            case Requirement(name) if explored.complete:
                if any(name in each.required for each in automata):
                    return
                if any(each.supposes(name) for each in automata):
                    raise Supposed
                raise Vacuous(f"no run evaluates the requirement {name!r}")

    def find(self, product: Product, state: State) -> Finding | None:
        """What the thread failed, and the values in it."""
        for thread in range(len(product.threads)):
            for failure in product.position(thread, state).failures:
                if failure.kind == self.kind:
                    says = failure.text if self.kind is Fault.MISUSE else self.about
                    return Finding(says or failure.text, failure.operands)
        return None


def failure_kind(property_: Property) -> FailureKind | None:
    """The kind of failure that a property speaks of, or None if it speaks of none."""
    return property_.kind if isinstance(property_, NeverFails) else None


def required(name: str, about: str = "") -> NeverFails:
    """Every `require(..., name)` that is evaluated is true."""
    return NeverFails(name, Requirement(name), about)


def no_misuse(name: str = "no-misuse") -> NeverFails:
    """No object is ever used in a way that its contract forbids."""
    return NeverFails(name, Fault.MISUSE, "every lock is used as its contract says")


def assertions(name: str = "assertions") -> NeverFails:
    """Every `assert` that is evaluated is true."""
    return NeverFails(name, Fault.ASSERTION, "every assertion is true")
