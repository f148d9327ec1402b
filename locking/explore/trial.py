"""Trials: runs by chance of the real threads and locks, each step compared with the tables.

They are the last safety net below a search. The learner checks that a thread is a function of its
history, and that one history speaks for all that lead to a place. What that check can't see, such
as a clock, shows where a real run differs from the tables.
"""

from random import Random
from typing import Any

from locking.errors import NotDeterministic
from locking.explore.deadline import look
from locking.explore.learn import describe
from locking.explore.product import Move, Product, ask
from locking.objects.in_force import InForce
from locking.objects.operation import Misuse, Operation, Queue
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.programs.run import Run
from locking.programs.thread import Thread
from locking.programs.traps import Choose
from locking.programs.turns import has_companions, on_processor

MOST_TRIALS = 300
"""Runs that are tried at most."""

SHARE = 50
"""Explored states for each step that is tried."""

LONGEST = 100
"""Steps after which a run that need not end is ended, unless more are to be tried."""


def trials(product: Product, explored: int) -> None:
    """Try runs of `product`, of which `explored` states were gone through; always the same ones.

    Errors: `NotDeterministic`, `OutOfTime`.
    """
    chance, left = Random(0), explored // SHARE
    for _ in range(MOST_TRIALS):
        look()
        left -= one_trial(product, chance, max(left, LONGEST))
        if left <= 0:
            return


def one_trial(product: Product, chance: Random, most: int) -> int:
    """The steps taken in a run drawn by `chance`: at most `most`, and as far as the tables go."""
    real = Real(product)
    try:
        for taken in range(most):
            moves = tabled(product, real.state)
            if not moves:
                return taken
            real.take(chance.choice(moves))
        return most
    finally:
        real.close()


def tabled(product: Product, state: tuple[int, ...]) -> list[Move]:
    """The steps from `state` if all are known, which they are not where a search left some out."""
    for thread in product.everybody:
        looks_at, known, _ = product.tables[thread]
        seen = looks_at.get(state[thread])
        if seen is None or seen(state) not in known:
            return []
    return product.moves_of(product.everybody, state)


class Real:
    """Threads and objects of a product under way, and the state in which the tables see them."""

    def __init__(self, product: Product) -> None:
        self.product = product
        InForce.rules = product.rules
        self.state = product.initial
        self.runs = [Run(thread) for thread in product.threads]
        self.values = [product.value(each, self.state) for each in product.objects]
        for thread in product.everybody:
            self.compare(thread)

    def take(self, move: Move) -> None:
        """Take a step of the tables, and compare where it leads. Errors: `NotDeterministic`."""
        thread, outcome, target = move
        run = self.runs[thread]
        old, before = self.state, list(self.values)
        outcome = self.operate(run, outcome)
        while run.position.bound:
            outcome = self.operate(run, outcome)
        self.state = target
        self.compare(thread)
        for slot, (was, value) in enumerate(zip(before, self.values, strict=True), len(self.runs)):
            if value is not was or target[slot] != old[slot]:
                self.compare_object(run, slot - len(self.runs))

    def compare_object(self, run: Run, at: int) -> None:
        """Refuse an object that is not as the tables say, after a step of `run`.

        Errors: `NotDeterministic`.
        """
        object_, value = self.product.objects[at], self.values[at]
        told = self.product.value(object_, self.state)
        if told is not value and typed(told) != typed(value):
            raise NotDeterministic(
                f"{object_.name} was learned to be {object_.show(told)} after a step of thread "
                f"{run.thread.name}, and is {object_.show(value)} in another run of the same "
                f"steps; its rule may look at nothing but its arguments"
            )

    def operate(self, run: Run, outcome: int) -> int:
        """Take one operation; what is left of `outcome` belongs to later choices of its block.

        Errors: `NotDeterministic` where the thread must wait.
        """
        step = run.position.next
        if isinstance(step, Choose):
            outcome, chosen = divmod(outcome, len(step.options))
            run.give_again(step.options[chosen])
        elif isinstance(step, Operation):
            slot = self.product.slot_of[step.target] - len(self.runs)
            got: Any = ask(step, self.values[slot], run.thread.name)
            if run.thread.processor:
                got = self.on_processor(run.thread, step, got)
            if isinstance(got, Misuse):
                run.stop(got.reason)
            elif isinstance(got, Queue):
                self.values[slot] = got.state
            elif isinstance(got, tuple):
                self.values[slot], result = got
                run.give_again(result)
            elif not run.thread.processor:  # on one, it begins to spin
                raise NotDeterministic(
                    f"thread {run.thread.name} was learned to take {step}, and must wait in it in "
                    f"another run of the same steps; the rule may look at nothing but its arguments"
                )
        return outcome

    def on_processor(self, me: Thread, step: Operation, got: Any) -> Any:
        """What the outcome of a rule comes to on the thread's processor, which it changes."""
        assert me.processor is not None
        slot, cpu = (
            self.product.slot_of[each] - len(self.runs) for each in (step.target, me.processor)
        )
        got, self.values[cpu] = on_processor(
            me,
            step,
            self.values[cpu],
            self.values[slot],
            got,
            companions=has_companions(me, self.product.threads),
        )
        return got

    def compare(self, thread: int) -> None:
        """Refuse a thread that is not where the tables say. Errors: `NotDeterministic`."""
        told, run = self.product.position(thread, self.state), self.runs[thread]
        if not same(told, run.position):
            raise NotDeterministic(
                f"thread {run.thread.name} was learned to be where it {describe(told)}, but in "
                f"another run of the same steps it {describe(run.position)}; threads may share "
                f"nothing but objects, and must not use time or chance"
            )

    def close(self) -> None:
        """Drop the coroutines."""
        for run in self.runs:
            run.close()


def same(one: Position, other: Position) -> bool:
    """Whether two positions are equal, of failures only the kind."""
    if one.failure and other.failure:
        return one.failure.kind == other.failure.kind
    return one == other
