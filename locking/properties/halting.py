"""Properties that a run fails by breaking off: misuse, a false assertion, a requirement not met."""

from dataclasses import dataclass

from locking.errors import Vacuous
from locking.explore.product import Product, State
from locking.properties.explored import Explored, Finding, Judgement


@dataclass(frozen=True)
class NeverHalts:
    """No run breaks off with a failure called `cause`."""

    name: str
    cause: str
    about: str = ""
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state where a run broke off so."""
        judgement = explored.never(at for at, name in explored.halted if name == self.cause)
        if explored.complete and self.cause not in ("misuse", "assertion"):
            learners = [automaton.learner for automaton in explored.product.automata]
            if not any(self.cause in learner.required for learner in learners):
                raise Vacuous(f"no run evaluates the requirement {self.cause!r}")
        return judgement

    def find(self, product: Product, state: State) -> Finding | None:
        """What the thread broke off with, and the values in it."""
        for thread in range(len(product.threads)):
            failed = product.position(thread, state).failure
            if failed and failed.name == self.cause:
                return Finding(failed.text or self.about, failed.operands)
        return None


def required(name: str, about: str = "") -> NeverHalts:
    """Every `require(..., name)` that is evaluated is true."""
    return NeverHalts(name, name, about)


def no_misuse(name: str = "no-misuse") -> NeverHalts:
    """No object is ever used in a way that its contract forbids."""
    return NeverHalts(name, "misuse", "every lock is used as its contract says")


def assertions(name: str = "assertions") -> NeverHalts:
    """Every `assert` that is evaluated is true."""
    return NeverHalts(name, "assertion", "every assertion is true")
