"""The systems of a check's cases, each built once: what one run has learned, the next one has."""

from locking.explore.product import Product
from locking.model import Case
from locking.properties.explored import Property
from locking.system import System, called


class Built:
    """Systems by their cases, each with the tables of its product."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Case, System, Product]] = {}

    def product(self, case: Case) -> Product:
        """The tables of what the threads of `case` can do together, as far as they are known."""
        return self.of(case)[1]

    def property(self, case: Case, name: str) -> Property:
        """The property called `name` of the system that the product is of."""
        return called(self.of(case)[0], name)

    def of(self, case: Case) -> tuple[System, Product]:
        """The system of `case` and its product."""
        if id(case) not in self.known:  # a case is no key, and is kept so that its id stays its own
            system = case.build()
            self.known[id(case)] = case, system, system.product()
        return self.known[id(case)][1:]
