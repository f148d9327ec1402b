"""Executions that are interleavings: threads take their steps in turns, and see what memory holds.

Each is an execution by any memory model. One is enough for each end that differs in where threads
stand, in what memory holds, or in what was failed. Of some words locks decide which thread is first
(`LockedUse.words_in_turns` are the others). A step on these alone comes at once: no other thread
touches them before a lock is let go, or none writes them.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from locking.errors import ModelError
from locking.executions.executions import Execution, GoOn, LastWrites, Together
from locking.executions.paths import PathPart, path_along
from locking.executions.together import ends_at, with_item, words_after, words_touched
from locking.executions.trees import EndKind, ThreadTree, all_trees
from locking.executions.values import GrownTrees
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.sources import READ_KINDS, WRITE_KINDS
from locking.programs.position import Failure

WantedEnd = Callable[[Together, LastWrites], bool]
"""Whether the execution of these paths with these last writes is wanted."""


class StepTaken(NamedTuple):
    """The last step of a run, and the run before it."""

    before: "StepTaken | None"
    thread: int
    part: PathPart


class RunState(NamedTuple):
    """Where threads stand, what each word holds, and what was failed so far."""

    trees: tuple[ThreadTree, ...]
    memory: tuple[Hashable, ...]
    failures: frozenset[Failure]


class InterleavedRuns:
    """All interleavings of threads with these trees, up to their ends."""

    def __init__(self, grown: GrownTrees, in_turns: frozenset[str], model: AxiomaticModel) -> None:
        self.roots = tuple(grown.trees)
        self.trees = [{id(each): each for each in all_trees(root)} for root in grown.trees]
        self.initial = grown.initial
        self.model = model
        self.places = {name: at for at, name in enumerate(grown.initial)}
        self.at_once = {
            id(tree)
            for known in self.trees
            for tree in known.values()
            if not tree.blocks and in_turns.isdisjoint(words_touched(tree))
        }
        """The trees whose step no other thread can tell from one that comes at once."""
        self.passed: dict[int, ThreadTree] = {}
        """The trees whose steps were taken, by their identity: also by runs that end alike."""

    def executions(self, go_on: GoOn, most: int | None, wanted: WantedEnd) -> Iterator[Execution]:
        """One execution for each end that is met in so many states, and is wanted.

        Errors: `ModelError`.
        """
        failures = frozenset(each for root in self.roots for each in root.position.failures)
        first = RunState(self.roots, tuple(each.key for each in self.initial.values()), failures)
        waiting: list[tuple[RunState, StepTaken | None]] = [(first, None)]
        met = {first}
        while waiting and (most is None or len(met) <= most):
            state, run = waiting.pop()
            go_on()
            ends = [[end for end in ends_at(tree) if end] for tree in state.trees]
            for chosen in product(*ends):
                yield from self.execution(state, run, chosen, wanted)
            for then, step in self.next_steps(state, run):
                if then not in met:
                    met.add(then)
                    waiting.append((then, step))

    def next_steps(
        self, state: RunState, run: StepTaken | None
    ) -> Iterator[tuple[RunState, StepTaken]]:
        """What may come next: a step that may come at once comes alone. Errors: `ModelError`."""
        alive = [at for at, tree in enumerate(state.trees) if tree.end is None]
        first = [at for at in alive if id(state.trees[at]) in self.at_once]
        for thread in first[:1] or alive:
            tree, foreseen = state.trees[thread], False
            for way in tree.ways:
                memory = words_after(way, self.places, state.memory)
                foreseen |= memory is not None
                if memory is not None and way.then.leads_on:
                    failures = state.failures.union(way.then.position.failures)
                    trees = with_item(state.trees, thread, way.then)
                    step = StepTaken(run, thread, PathPart(tree, way))
                    self.passed[id(tree)] = tree
                    yield RunState(trees, memory, failures), step
            if not foreseen and not tree.blocks:
                raise ModelError(f"{tree.position.next} finds a value that was not foreseen")

    def execution(
        self, state: RunState, run: StepTaken | None, ends: Sequence[EndKind], wanted: WantedEnd
    ) -> Iterator[Execution]:
        """The execution of a run that ends so, if it is wanted.

        Errors: `ModelError`, if the model forbids it.
        """
        steps = list(steps_of(run))[::-1]
        walked = [
            tuple(each.part for each in steps if each.thread == thread)
            for thread, _ in enumerate(self.roots)
        ]
        together = Together(
            [path_along(*each) for each in zip(walked, state.trees, ends, self.trees, strict=True)],
            self.initial,
        )
        orders, seen = orders_of(
            together, [each.thread for each in steps for _ in each.part.way.events]
        )
        if not wanted(together, tuple(sorted(order[-1] for order in orders.values()))):
            return
        choices = tuple(
            each.choice(tuple(seen.get(each.name, ())), orders[each.name])
            for each in together.shape.locations
        )
        rf = sum(each.rf for each in choices)
        co = sum(each.co for each in choices)
        judgement = self.model.judge_of(together.shape.structure)(rf, co)
        if not judgement.allowed:
            raise ModelError(f"{self.model.name} forbids an interleaving, which it should not")
        yield Execution(together, choices, rf, co, judgement.flags)


def steps_of(run: StepTaken | None) -> Iterator[StepTaken]:
    """The steps of a run, from the last to the first."""
    while run is not None:
        yield run
        run = run.before


def orders_of(
    together: Together, threads: Sequence[int]
) -> tuple[dict[str, list[int]], dict[str, list[tuple[int, int]]]]:
    """For each word its writes in order, and its reads with the write that each sees.

    `threads` says which thread makes each event of a run.
    """
    orders = {
        together.draft(at).location: [at]
        for at, each in enumerate(together.events)
        if each.thread < 0
    }
    seen: dict[str, list[tuple[int, int]]] = {}
    following = list(together.shape.begins)
    for thread in threads:
        event = following[thread]
        following[thread] += 1
        draft = together.draft(event)
        if draft.kind in READ_KINDS:
            seen.setdefault(draft.location, []).append((event, orders[draft.location][-1]))
        if draft.kind in WRITE_KINDS:
            orders[draft.location].append(event)
    return orders, seen
