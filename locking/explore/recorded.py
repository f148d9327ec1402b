"""A product that can be built again as it was: it keeps what was asked of it, in which order.

Places, and the states of objects, have numbers in the order in which they were first met. Values
may be any Python objects, so they are not stored; what is stored is the list of questions with
their answers, all in numbers. Threads and rules that are asked the same again build the same
tables. If they do not, they have changed, and the answers show it.
"""

from array import array
from collections.abc import Hashable, Iterator, Mapping, Sequence

from locking.errors import CheckpointError
from locking.explore.automaton import PlaceSplit
from locking.explore.product import Effect, Product, State
from locking.objects.operation import Object
from locking.programs.thread import Thread

MERGE, UNMERGE = -1, -2
"""Stand for a thread where all threads were merged, and where merging was undone."""


class Recorded(Product):
    """A product with a `log` of all that it was asked.

    For each question it has the thread, its place, and the number of the object's state; then how
    many numbers the answer has, and these.
    """

    def __init__(
        self,
        objects: Sequence[Object],
        threads: Sequence[Thread],
        starts: Mapping[Object, Hashable] | None = None,
    ) -> None:
        super().__init__(objects, threads, starts)
        self.log = array("q")

    def merge(self, worth: float = 0.0) -> bool:
        """Merge what was learned, as a product does, and log it if any place changed."""
        changed = super().merge(worth)
        if changed:
            self.note((MERGE, 0, 0), [len(automaton.members) for automaton in self.automata])
        return changed

    def unmerge(self) -> None:
        """Undo all merging, as a product does, and log it."""
        super().unmerge()
        self.note((UNMERGE, 0, 0), [])

    def compute(self, thread: int, place: int, slot: int, state: State) -> Iterator[Effect]:
        """What the step at `place` does; logged once it is answered. Errors: those of `Product`."""
        question = (thread, place, state[slot])
        try:
            effects = list(super().compute(thread, place, slot, state))
        except PlaceSplit:
            self.note(question, [])
            raise
        position = self.automata[thread].position
        answer = [number for each in effects for number in each]
        self.note(question, [*answer, *(position(each.place).failure is None for each in effects)])
        return iter(effects)

    def note(self, question: tuple[int, int, int], answer: Sequence[int]) -> None:
        """Keep a question and its answer, at one stroke: Ctrl-C can't come in between."""
        self.log.extend([*question, len(answer), *answer])

    def ask_again(self, log: "array[int]") -> None:
        """Build the tables that have this `log`. Errors: `CheckpointError`, if others come out."""
        at = 0
        try:
            while len(self.log) == at < len(log):
                thread, place, value, size = log[at : at + 4]
                self.ask_once(thread, place, value)
                at += 4 + size
        except LookupError:  # a place or a value that is not there
            pass
        if self.log != log:
            raise CheckpointError(
                "threads or objects of the model do otherwise now than they did then"
            )

    def ask_once(self, thread: int, place: int, value: int) -> None:
        """Do again what was once done."""
        if thread == MERGE:
            self.merge()
        elif thread == UNMERGE:
            self.unmerge()
        else:
            state = [0] * (len(self.threads) + len(self.objects))
            state[thread] = place
            slot = self.slot(thread, place)
            state[slot] = value
            try:
                self.effects_of(thread, tuple(state))
            except PlaceSplit:
                return  # as it did then

    def mark_halted(self, states: Sequence[State]) -> None:
        """Note in which of `states` a run has broken off."""
        for thread, automaton in enumerate(self.automata):
            places = range(len(automaton.members))
            failing = {at for at in places if automaton.position(at).failure}
            if failing:
                self.halted.update(state for state in states if state[thread] in failing)
