"""What must happen in the end, if the scheduler is fair: eventually, served, and no livelock.

Each fails by a run that never ends, a lasso, which a scheduler of that fairness may go round for
ever, or by one that ends where it must not. A run that breaks off is over: that is told by itself.

After: Lamport, Proving the correctness of multiprocess programs (IEEE Transactions on Software
Engineering 3, 1977); Manna and Pnueli, The temporal logic of reactive and concurrent systems
(1992), whose justice and compassion are weak and strong fairness here.
Differs: fairness is that of threads, and not of steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from locking.errors import ModelError, Vacuous, unknown
from locking.explore.fairness import Rounds
from locking.explore.graph import Choice, shortest
from locking.explore.product import Product, State
from locking.explore.ways import states_along
from locking.objects.operation import Object
from locking.objects.sleepers import is_undecided
from locking.properties.awaited import Awaited, Eventually, MadeProgress, Served, ServedWait
from locking.properties.explored import Explored, Finding, Judgement, Verdict
from locking.properties.lasso import Component, end_of, way_through
from locking.properties.predicate import Predicate, check_predicate
from locking.properties.view import view
from locking.text.words import listed

NONE, WEAK, STRONG = "none", "weak", "strong"

Fair = str | tuple[tuple[str, str], ...]
"""How fair the scheduler is to all threads, or to each by name; to others it is not fair."""


class Bits(NamedTuple):
    """The threads, as bits, to which a scheduler is weakly and strongly fair."""

    weak: int
    strong: int


@dataclass(frozen=True)
class Live:
    """What is `awaited` happens in the end, if the scheduler is as fair as `fairness` says."""

    name: str
    awaited: Awaited
    about: str
    fairness: Fair
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails by the shortest way into a round, or to a standstill, of those that it forbids.

        Errors: `Vacuous` where no run asks for what is to be served; `ModelError`.
        """
        found = [each for each in self.lassos(explored) if each]
        if found:
            return min(found, key=lambda each: len(each.choices or ()) - each.cycle)
        if not explored.complete:
            return Judgement(Verdict.UNKNOWN)
        cause = undecided(explored.product) if any(bits(explored.product, self.fairness)) else None
        return Judgement(Verdict.UNKNOWN if cause else Verdict.HOLDS, cause=cause)

    def lassos(self, explored: Explored) -> list[Judgement | None]:
        """For each wait what it shows. Errors: `Vacuous`, `ModelError`."""
        fair = bits(explored.product, self.fairness)
        met = False
        found = []
        for wait in self.awaited.waits(explored.product):
            inside = bytearray(len(explored.graph.states))
            for at in explored.where(wait.bad):
                inside[at] = 1
            met = met or any(inside)
            found.append(lasso(explored, wait, inside, fair))
        if not met and explored.complete and isinstance(self.awaited, Served):
            raise Vacuous(self.awaited.unasked(explored))
        return found

    def find(self, product: Product, state: State) -> Finding | None:
        """Nothing: no state alone shows it."""
        return None

    def find_along(self, product: Product, choices: Sequence[Choice]) -> Finding | None:
        """What the run of `choices` shows: it ends where it has been, or where it must not."""
        states = states_along(product, product.initial, choices)
        run = Walk(product, states, choices, states.index(states[-1]))
        fair = bits(product, self.fairness)
        for wait in self.awaited.waits(product):
            if run.shows(wait) and (not run.cyclic or run.allowed(fair)):
                site = None
                if wait.starved is not None:
                    site = product.position(wait.starved, states[-1]).site
                return Finding(wait.says + run.forbidden(), site=site)
        return None


def undecided(product: Product) -> str | None:
    """Why fairness may ask too much: a thread that a wake-up may pass over is taken for woken.

    Whom a pending wake-up wakes is open until one of those leaves that sleep. So all of them count
    as threads that can go on, and a scheduler that is fair to all lets each go on in the end; but
    who wakes may pass one over for ever. None where that can't be: then the verdict stands.
    """
    for target, values in zip(product.objects, product.values, strict=True):
        if any(map(is_undecided, values)):
            return (
                f"{target.name} may pass a sleeping thread over forever, whatever the scheduler "
                f"does; check it with --rule {target.name}=fifo"
            )
    return None


def lasso(explored: Explored, wait: ServedWait, inside: bytearray, fair: Bits) -> Judgement | None:
    """The shortest run that shows a wait through states `inside`, if there is one."""
    graph, product = explored.graph, explored.product
    if wait.whole:
        inside = graph.reached(inside)
    broken = {at for at, _ in explored.halted}
    dead = {at for at in explored.ends if wait.ends and inside[at] and at not in broken}
    asked = Rounds(inside, *fair, wait.starved)
    components = graph.fair(asked, product.queues)
    goals = dead.union(*components)
    if not goals:
        return None
    if wait.whole:
        stem, at = way_through(graph, inside, goals)
    else:
        stem = shortest(graph, set(explored.nearest(iter(sorted(goals)))))
        at = end_of(graph, stem)
    if at in dead:
        return Judgement(Verdict.FAILS, choices=stem)

    def follow(at: int) -> list[tuple[Choice, int]]:
        return [
            (choice, target)
            for choice, target in graph.edges(at)
            if choice[0] != wait.starved or product.queues(choice[0], graph.states[at])
        ]

    states = next(frozenset(each) for each in components if at in each)
    cycle = Component(asked, states, follow).round(graph, at)
    return Judgement(Verdict.FAILS, choices=(*stem, *cycle), cycle=len(cycle))


@dataclass(frozen=True)
class Walk:
    """A run of `product` through `states`, by `choices`; from that at `start` on it goes round."""

    product: Product
    states: Sequence[State]
    choices: Sequence[Choice]
    start: int

    @property
    def cyclic(self) -> bool:
        """Whether it comes back to where it has been."""
        return self.start < len(self.states) - 1

    @property
    def round(self) -> Sequence[State]:
        """The states that it goes round."""
        return self.states[self.start :]

    def shows(self, wait: ServedWait) -> bool:
        """Whether it stays where it must not."""
        if not self.cyclic and (not wait.ends or self.goes_on()):
            return False
        for at, (thread, _) in enumerate(self.choices[self.start :], self.start):
            if thread == wait.starved and not self.product.queues(thread, self.states[at]):
                return False
        stays = self.states if wait.whole else self.round
        return all(wait.bad(view(self.product, state)) for state in stays)

    def goes_on(self) -> bool:
        """Whether a step can be taken at the end, or it broke off there."""
        end = self.states[-1]
        return end in self.product.halted or bool(self.product.moves(end))

    def neglected(self) -> Bits:
        """The threads that take no step in the round, of those that always, or sometimes, can."""
        taken = {thread for thread, _ in self.choices[self.start :]}
        always, sometimes = -1, 0
        for state in self.round:
            can = sum(1 << each for each in {move[0] for move in self.product.moves(state)})
            always &= can
            sometimes |= can
        idle = ~sum(1 << each for each in taken)
        return Bits(always & idle, sometimes & idle)

    def allowed(self, fair: Bits) -> bool:
        """Whether such a scheduler may go round so for ever."""
        weak, strong = self.neglected()
        return not (fair.weak & weak or fair.strong & strong)

    def forbidden(self) -> str:
        """Which fairness would forbid the round, and because of whom."""
        if not self.cyclic:
            return ", and the run is over"
        weak, strong = self.neglected()
        if weak:
            return f"; {self.names(weak)} can always take a step: weak fairness would forbid it"
        if strong:
            says = "can take a step again and again: strong fairness would forbid it"
            return f"; {self.names(strong)} {says}"
        return (
            "; no fairness forbids it: each thread that can take a step again and again takes one"
        )

    def names(self, threads: int) -> str:
        """Threads, which are bits, by name."""
        return listed([t.name for at, t in enumerate(self.product.threads) if threads >> at & 1])


def bits(product: Product, fairness: Fair) -> Bits:
    """The threads to which a scheduler is fair. Errors: `ModelError` for a thread there is not."""
    names = [thread.name for thread in product.threads]
    told = dict.fromkeys(names, fairness) if isinstance(fairness, str) else dict(fairness)
    for name in told:
        if name not in names:
            raise ModelError(f"fairness: {unknown('thread', name, names)}")
    weak, strong = (
        sum(1 << at for at, name in enumerate(names) if told.get(name) == each)
        for each in (WEAK, STRONG)
    )
    return Bits(weak, strong)


def fair(name: str, fairness: str | Mapping[str, str]) -> Fair:
    """What a user gives, as it is kept. Errors: `ModelError` for what is no fairness."""
    told = fairness if isinstance(fairness, str) else tuple(dict(fairness).items())
    for each in (told,) if isinstance(told, str) else [word for _, word in told]:
        if each not in (NONE, WEAK, STRONG):
            raise ModelError(
                f"property {name!r}: {unknown('fairness', str(each), (NONE, WEAK, STRONG))}"
            )
    return told


def with_fairness(about: str, fairness: Fair) -> str:
    """What a property is about, with the fairness that its verdict rests on."""
    if isinstance(fairness, str):
        return f"{about} ({fairness} fairness)" if fairness != NONE else f"{about} (no fairness)"
    return f"{about} (fairness: {', '.join(f'{who} {word}' for who, word in fairness)})"


def live_condition(name: str, given: Predicate | str) -> Predicate:
    """A predicate, or that some thread is inside a section. Errors: `ModelError`."""
    if isinstance(given, str):
        return lambda seen: seen.inside(given)
    check_predicate(name, given)
    return given


def eventually(
    name: str, good: Predicate | str, about: str = "", fairness: str | Mapping[str, str] = WEAK
) -> Live:
    """In every run `good` is true at some time, or a thread is in the section called so.

    `fairness` is "none", "weak" or "strong", to all threads or, in a mapping, to each by its name.

    Errors: `ModelError` for what is no predicate, or no fairness.
    """
    told = fair(name, fairness)
    says = about or (f"a thread comes into {good}" if isinstance(good, str) else name)
    return Live(name, Eventually(live_condition(name, good)), with_fairness(says, told), told)


def served(
    what: Object | str, name: str = "served", fairness: str | Mapping[str, str] = WEAK
) -> Live:
    """Every thread that asks for a lock gets it; or that is inside a section, leaves it.

    `fairness` is as for `eventually`.

    Errors: `ModelError` for what is neither, or no fairness.
    """
    if not isinstance(what, Object | str):
        raise ModelError(f"property {name!r}: {what!r} is neither an object nor a section's name")
    told = fair(name, fairness)
    section = f"every thread that is inside {what} leaves it"
    lock = f"every thread that asks for {getattr(what, 'name', '')} gets it"
    about = section if isinstance(what, str) else lock
    return Live(name, Served(what), with_fairness(about, told), told)


def no_livelock(
    progress: Predicate | str | None = None,
    name: str = "no-livelock",
    fairness: str | Mapping[str, str] = WEAK,
) -> Live:
    """No run goes round for ever without a state in which `progress` is true.

    It is a predicate, or a section that some thread is inside. If it is None, no run may go round
    at all, until all threads but daemons have ended. `fairness` is as for `eventually`.

    Errors: `ModelError` for what is no predicate, or no fairness.
    """
    told = fair(name, fairness)
    made = None if progress is None else live_condition(name, progress)
    what = "every round makes progress" if made else "no run repeats steps forever"
    return Live(name, MadeProgress(made), with_fairness(what, told), told)
