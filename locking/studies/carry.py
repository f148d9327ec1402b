"""A run of one placement, carried over to another: the same schedule, as far as the other lets it.

Two placements differ only in the locks that their regions take, and perhaps in the variants of
named steps. So a run is followed turn by turn; what the other placement takes and lets go is put in
where it stands there. What comes out is a run of the other placement, found in its own tables:
nothing is concluded from the first one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from locking.explore.graph import Choice
from locking.explore.product import Product, State
from locking.objects.operation import Object, Operation
from locking.properties.deadlock import waits_for
from locking.properties.explored import Finding, Property
from locking.properties.kinds import kind_of

LONGEST_CARRIED_RUN = 10_000
"""Steps after which a run that is let run on is given up."""


def shown_by_state(product: Product, property_: Property, state: State) -> Finding | None:
    """What a state shows of a property; None where the run goes on from there.

    That is so of a deadlock, which might be one of some threads only: to know that takes a search.
    Where a run broke off, nobody takes a step that could race.
    """
    kind = kind_of(property_)
    if (kind.running and state in product.halted) or (kind.at_stop and can_move(product, state)):
        return None
    return property_.find(product, state)


def can_move(product: Product, state: State) -> bool:
    """Whether a thread can take a step; no more is learned than it takes to know."""
    return any(product.moves_of((thread,), state) for thread in product.everybody)


@dataclass(frozen=True)
class CarriedTurn:
    """A step of a run: its choice, and whether it took or let go a lock of the placement."""

    choice: Choice
    placed: bool


@dataclass(frozen=True)
class Carried:
    """How far a run came: its choices, whether it `shows` what the first one showed, and its end.

    `waiting` is the thread that had to wait where the first run went on; None where none had to.
    """

    choices: tuple[Choice, ...]
    shows: bool
    end: State
    waiting: int | None = None


def turns(
    product: Product, choices: Sequence[Choice], locks: frozenset[Object]
) -> list[CarriedTurn]:
    """The steps of a run of `product`, told apart by whether they are a region's of `locks`."""
    found = []
    state = product.initial
    for choice in choices:
        found.append(CarriedTurn(choice, placed(product, choice[0], state, locks)))
        moves = product.moves_of(choice[:1], state)
        state = next(move[2] for move in moves if move[:2] == choice)
    return found


def placed(product: Product, thread: int, state: State, locks: frozenset[Object]) -> bool:
    """Whether the next step of `thread` takes or lets go a lock between steps of a placement."""
    at = product.position(thread, state)
    return isinstance(at.next, Operation) and at.next.target in locks and not at.inside


class Carrying:
    """A run under way in `product`; `shows` says whether a state shows what is looked for."""

    def __init__(
        self, product: Product, locks: frozenset[Object], shows: Callable[[State], bool]
    ) -> None:
        self.product = product
        self.locks = locks
        self.shows = shows
        self.state = product.initial
        self.choices: list[Choice] = []

    def carry(self, turns: Sequence[CarriedTurn]) -> Carried:
        """The run that follows `turns`, and then goes on to its end; it stops where it `shows`."""
        if self.shows(self.state):
            return self.found(True)
        for at, turn in enumerate(turns, 1):
            thread = turn.choice[0]
            if turn.placed:
                if self.placed(thread):
                    if self.take((thread, 0)) and self.shows(self.state):
                        return self.found(True)
                    if at == len(turns) and not self.can(thread):
                        return self.found(False, thread)
                continue
            for choice in self.steps_to(turn.choice):
                if not self.take(choice):
                    return self.found(False, thread)
                if self.shows(self.state):
                    return self.found(True)
        return self.found(self.run_on())

    def found(self, shows: bool, waiting: int | None = None) -> Carried:
        """How far it came."""
        return Carried(tuple(self.choices), shows, self.state, waiting)

    def steps_to(self, choice: Choice) -> Iterator[Choice]:
        """The steps that bring a thread to its next step that is no lock's, and that step.

        Threads that hold what it waits for go on first, if they are about to release it.
        """
        thread = choice[0]
        while self.placed(thread):
            if not self.can(thread):
                yield from ((other, 0) for other in self.about_to_let_go(thread))
            yield thread, 0
        if not self.can(thread):
            yield from ((other, 0) for other in self.about_to_let_go(thread))
        yield choice

    def about_to_let_go(self, thread: int) -> list[int]:
        """The threads that hold what `thread` waits for, and whose next step is a lock's."""
        names = [each.name for each in self.product.threads]
        _, held = waits_for(self.product, self.state).get(names[thread], (None, []))
        return [at for at, name in enumerate(names) if name in held and self.placed(at)]

    def run_on(self) -> bool:
        """Whether it shows in the end, where whoever can take a step first takes it."""
        for _ in range(LONGEST_CARRIED_RUN):
            moves = (self.product.moves_of((at,), self.state) for at in self.product.everybody)
            first = next(filter(None, moves), None)
            if first is None:
                return False
            self.take(first[0][:2])
            if self.shows(self.state):
                return True
        return False

    def placed(self, thread: int) -> bool:
        """Whether the thread's next step is a lock's."""
        return placed(self.product, thread, self.state, self.locks)

    def can(self, thread: int) -> bool:
        """Whether the thread can take a step."""
        return bool(self.product.moves_of((thread,), self.state))

    def take(self, choice: Choice) -> bool:
        """Whether the step could be taken."""
        for *found, target in self.product.moves_of(choice[:1], self.state):
            if tuple(found) == choice:
                self.state = target
                self.choices.append(choice)
                return True
        return False
