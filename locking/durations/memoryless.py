"""The clock without memory: for more threads than the whole product allows.

Time depends on locks and durations. What memory holds matters only where it decides which lock a
thread takes next, or what it spends time on. Where it never does, three things are sound:

* Steps that work on memory alone are taken first, the lowest thread first, in this order only. They
  never wait and take no time, so all orders of them lead to the same locks at the same time.
* Two states are one if their threads have had the same of locks so far, with the same time left,
  and the locks are in the same states. One of them goes on for both.
* So are two states that differ by an exchange of threads of one role, whose names are exchanged in
  the states of the locks.

That memory decides nothing is looked at, and not believed: `Remembering` notes what each thread
does after every history of lock results, and refuses two different things after one. `nodes` has it
do so with every order of all steps where nodes are few, and with the orders that are taken here
where they are many.
"""

from collections.abc import Hashable, Iterator, Sequence
from fractions import Fraction

from locking.durations.clock import Clock, Tick, Timed
from locking.durations.table import Durations
from locking.errors import ModelError
from locking.explore.product import Move, Product, State, ask
from locking.objects.in_force import InForce
from locking.objects.operation import WAIT, Misuse, Object, Operation, Queue, calls_of
from locking.programs.keys import typed
from locking.programs.traps import Choose


def only_accessed(object_: Object) -> bool:
    """Whether all operations of an object are accesses, of which none ever waits."""
    calls = [name for owner in type(object_).__mro__ for name in calls_of(owner)]
    return bool(calls) and all(object_.access(name) for name in calls)


class Remembering(Clock):
    """A clock that remembers what each thread has had of locks; it takes steps in every order.

    `Timed.past` has, for each thread, the number of its history: of the results of steps on locks,
    of choices, and of what it began to spend time on.
    """

    def __init__(
        self, product: Product, durations: Durations, unit: Fraction, starts: Sequence[int]
    ) -> None:
        super().__init__(product, durations, unit, starts)
        threads = len(product.threads)
        self.memory = {
            threads + at for at, each in enumerate(product.objects) if only_accessed(each)
        }
        self.histories: dict[Hashable, int] = {(): 0}
        self.followed: list[dict[int, Hashable]] = [{} for _ in product.threads]

    @property
    def initial(self) -> Timed:
        """Where everything begins: nobody has had anything of locks."""
        return super().initial._replace(past=(0,) * len(self.product.threads))

    def after(self, timed: Timed, move: Move) -> Timed:
        """The state once a thread has taken a step, which it remembers if memory is not all.

        Errors: `ModelError` where memory decides what comes after a history.
        """
        found = super().after(timed, move)
        thread, outcome, to = move
        past = timed.past[thread]
        had = tuple(self.had(thread, timed.at, outcome))
        if had:
            past = self.follow(thread, past, tuple(step for step, _ in had), had)
        begun = self.begun(thread, timed.at, to)
        if begun:
            past = self.follow(thread, past, begun, begun)
        position = self.product.position(thread, to)
        if position.next is None and not position.failure:
            past = self.follow(thread, past, "ends", "ended")
        return found._replace(
            past=tuple(past if at == thread else each for at, each in enumerate(timed.past))
        )

    def polled(self) -> None:
        """Refuse threads that look again and again until time has passed. Errors: `ModelError`."""
        raise ModelError(
            "threads look again and again at what others change, so --nodes can't leave memory out"
        )

    def follow(self, thread: int, past: int, does: Hashable, had: Hashable) -> int:
        """The history after `past`, in which a thread `does` something, and what it `had` of that.

        Errors: `ModelError` where it has done something else after `past`.
        """
        if self.followed[thread].setdefault(past, does) != does:
            raise ModelError(
                f"what memory holds decides which lock {self.product.threads[thread].name} takes "
                f"next, or what it spends time on; so --nodes can't leave memory out"
            )
        return self.histories.setdefault((past, had), len(self.histories))

    def is_lock(self, object_: Object) -> bool:
        """Whether an object is more than memory."""
        return self.product.slot_of[object_] not in self.memory

    def had(self, thread: int, at: State, outcome: int) -> Iterator[tuple[str, Hashable]]:
        """What a step of a thread has of locks and of choices: nothing where it only queues up."""
        InForce.rules = self.product.rules  # another product may have asked since
        name = self.product.threads[thread].name
        while True:
            step, chosen = self.product.position(thread, at).next, 0
            if isinstance(step, Choose):
                outcome, chosen = divmod(outcome, len(step.options))
                yield "choose", chosen
            elif isinstance(step, Operation) and self.is_lock(step.target):
                got = ask(step, self.product.value(step.target, at), name)
                if got is WAIT or isinstance(got, Queue):
                    return
                yield str(step), "misuse" if isinstance(got, Misuse) else typed(got[1])
            effect = self.product.effects_of(thread, at)[chosen]
            if not effect.bound:
                return
            at = self.product.apply(at, thread, effect)


class Memoryless(Remembering):
    """A clock that takes steps on memory in one order, and tells states apart by locks and time.

    `alike` has a number for each thread; threads of one number may be exchanged.
    """

    def __init__(
        self,
        product: Product,
        durations: Durations,
        unit: Fraction,
        starts: Sequence[int],
        alike: Sequence[int],
    ) -> None:
        super().__init__(product, durations, unit, starts)
        self.alike = tuple(alike)
        slots = range(len(product.threads), len(product.initial))
        self.locks = [slot for slot in slots if slot not in self.memory]
        self.names = [thread.name for thread in product.threads]

    def ticks(self, timed: Timed) -> list[Tick]:
        """The first step on memory alone; else all that can happen next."""
        for thread in self.ready(timed):
            if moves := self.memory_moves(thread, timed.at):
                return [Tick(0, thread, self.after(timed, move)) for move in moves]
        return super().ticks(timed)

    def memory_moves(self, thread: int, at: State) -> list[Move]:
        """The step that a thread takes on memory alone; none if it is about to take another."""
        moves = self.product.moves_of([thread], at)
        slots = self.product.looked[thread].get(at[thread], ())
        return moves if slots and self.memory.issuperset(slots) else []

    def key(self, timed: Timed) -> Hashable:
        """Histories, time left and locks, the names of threads that are alike in one order."""
        if any(self.memory_moves(thread, timed.at) for thread in self.ready(timed)):
            return timed  # there is one step to take, and then there is more to compare
        threads = len(self.names)
        states = [self.product.values[slot - threads][timed.at[slot]] for slot in self.locks]
        told = [
            (self.alike[at], timed.past[at], timed.left[at], where(name, states))
            for at, name in enumerate(self.names)
        ]
        order = sorted(range(threads), key=told.__getitem__)
        names = {self.names[at]: self.names[rank] for rank, at in enumerate(order)}
        locks = (self.product.objects[slot - threads] for slot in self.locks)
        return (
            tuple(told[at][:3] for at in order),
            tuple(
                typed(lock.rename(state, names)) for lock, state in zip(locks, states, strict=True)
            ),
        )


def where(name: str, state: object) -> tuple[int, ...]:
    """At which of the leaves of a state, in their order, a name is."""
    return tuple(at for at, leaf in enumerate(every_leaf(state)) if leaf == name)


def every_leaf(state: object) -> Iterator[object]:
    """What a state is made of, all the way down."""
    if isinstance(state, tuple | list):
        for each in state:
            yield from every_leaf(each)
    else:
        yield state
