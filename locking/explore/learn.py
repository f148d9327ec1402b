"""Learning a thread: what it does next after every history of results.

A learned thread is a graph of nodes. A node is a local state: the history of results since the
thread began, where a procedure that has returned counts only by its value. Nothing is learned
before a walk asks for it.
"""

from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from locking.errors import ModelError, NotDeterministic
from locking.explore.deadline import look
from locking.objects.operation import Misuse
from locking.programs.in_vain import refuse_in_vain
from locking.programs.keys import typed
from locking.programs.left import Left
from locking.programs.position import Failure, Position, stopped_position
from locking.programs.run import PassedLines, Run
from locking.programs.shared import CodeValues, shared_by
from locking.programs.swallowing import refuse_swallowing
from locking.programs.thread import Thread

LONGEST_HISTORY = 1000
"""Steps of one history; a thread that takes more is taken to loop without end."""


@dataclass(slots=True)
class Node:
    """A local state: where the thread stands, the run that led there first, and what follows.

    `passed` are the lines at which the thread awaited anything since its step before; `results`
    what was given to reach the `children`, by the same keys; `entered` the sections that the thread
    enters on its way to one, where there are any.
    """

    position: Position
    run: tuple[Any, ...]
    passed: PassedLines
    children: dict[Hashable, int] = field(default_factory=dict)
    results: dict[Hashable, Any] = field(default_factory=dict)
    entered: dict[Hashable, frozenset[str]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    """The requirements that the runs which led there had evaluated."""


LONGEST_RUN = 3 * LONGEST_HISTORY
"""Steps of the first run that leads to a node, with those that its history has forgotten."""

MOST_LIVE = 4
"""Runs of one thread that are kept to be resumed where they stand, each at a node of its own."""


class Learner:
    """Everything known so far of one thread; node 0 is where it begins."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.nodes: list[Node] = []
        self.required: set[str] = set()
        self.entered: set[str] = set()
        self.supposed: set[str] = set()
        self.numbers: dict[tuple[tuple[Hashable, ...], tuple[Failure, ...]], int] = {}
        self.shared = shared_by(thread)
        refuse_code(thread, self.shared.code)
        self.left = Left(self.shared.values)
        run = self.begin()
        self.live: dict[int, Run] = {}
        self.keep(self.add(run.history, run.position, (), run.passed), run)
        self.nodes[0].required = frozenset(run.required)
        self.required |= run.required
        self.entered |= run.entered

    def copied(self) -> "Learner":
        """All that is known by now, which then grows apart."""
        found = copy(self)
        found.nodes = [
            replace(
                each,
                passed=dict(each.passed),
                children=dict(each.children),
                results=dict(each.results),
                entered=dict(each.entered),
            )
            for each in self.nodes
        ]
        found.required, found.entered = set(self.required), set(self.entered)
        found.supposed, found.numbers, found.live = set(self.supposed), dict(self.numbers), {}
        return found

    def begin(self) -> Run:
        """The thread at its start. Errors: `NotDeterministic` where that changes what it shares."""
        run = Run(self.thread, self.left)
        self.shared.refuse_change(run.position.site)
        return run

    def add(
        self,
        history: tuple[Hashable, ...],
        position: Position,
        run: tuple[Any, ...],
        passed: PassedLines,
    ) -> int:
        """The number of the node of `history`, which `run` has just been seen to reach."""
        # A requirement that just failed shows for one step, also after a forgotten procedure.
        key = (history, position.broken)
        number = self.numbers.get(key)
        if number is None:
            number = len(self.nodes)
            self.nodes.append(Node(position, run, passed))
            self.numbers[key] = number  # last: Ctrl-C in between leaves a node that nobody knows
            return number
        node = self.nodes[number]
        node.passed |= passed
        self.agree(node.position, node.run, position, run)
        return number

    def child(self, number: int, result: Any) -> int:
        """The node that follows node `number` when its step has `result`.

        Errors: `ModelError` for an unbounded history, `NotDeterministic` where runs disagree.
        """
        node = self.nodes[number]
        key = result if isinstance(result, Misuse) else typed(result)
        if key not in node.children:
            if isinstance(result, Misuse):
                node.children[key] = self.misused(number, result)
            else:
                node.children[key] = self.extend(number, result)
                node.results[key] = result
        return node.children[key]

    def misused(self, number: int, misuse: Misuse) -> int:
        """The node of a thread that was stopped for a misuse."""
        ended = stopped_position(self.nodes[number].position, misuse.reason)
        return self.add((number, misuse), ended, (), {})

    def extend(self, number: int, result: Any) -> int:
        """The node reached by running the thread to node `number` and then giving it `result`."""
        results = self.nodes[number].run
        run = self.rerun(number)
        run.left = self.left
        run.give(result)
        self.shared.refuse_change(run.position.site)
        self.required |= run.required
        self.entered |= run.entered
        if run.entered_now:
            self.nodes[number].entered[typed(result)] = frozenset(run.entered_now)
        longer = (*results, result)
        if len(run.history) > LONGEST_HISTORY or len(longer) > LONGEST_RUN:
            self.unbounded(run)
        child = self.add(run.history, run.position, longer, run.passed)
        self.nodes[child].required |= run.required
        if self.nodes[child].run is longer:  # not `==`, to which (1,) and (True,) are the same
            self.keep(child, run)
        return child

    def keep(self, number: int, run: Run) -> None:
        """Keep a run that stands at node `number`, to be resumed; drop the oldest, if need be."""
        if run.position.next is None:
            return
        self.live[number] = run
        if len(self.live) > MOST_LIVE:
            self.live.pop(next(iter(self.live))).close()

    def rerun(self, number: int) -> Run:
        """The thread at node `number`: nobody else has the run, in which a step may be broken off.

        Errors: `NotDeterministic`.
        """
        if run := self.live.pop(number, None):
            return run
        node = self.nodes[number]
        run = Run(self.thread)
        run.give_again(*node.run)
        self.agree(node.position, node.run, run.position, node.run)
        return run

    def confirm(self) -> None:
        """Start the thread once more, and run it to every node from which it has not gone on.

        A dependence on a clock, on chance, or on data that the learner does not compare shows when
        the thread runs again. Errors: `NotDeterministic`, `OutOfTime`.
        """
        ends = [node for node in self.nodes if not node.children]
        for node in ends or self.nodes[:1]:
            look()
            self.walk(node.run)

    def walk(self, results: tuple[Any, ...]) -> None:
        """Run the thread through `results`, and compare where it stands on the way."""
        run = Run(self.thread)
        self.meet(run, ())
        for step, result in enumerate(results, 1):
            run.give_again(result)
            self.meet(run, results[:step])
        run.close()

    def meet(self, run: Run, results: tuple[Any, ...]) -> None:
        """Refuse a run that stands where none is known to stand after `results`."""
        number = self.numbers.get((run.history, run.position.broken))
        if number is None:
            self.refuse(results, "went on", results, describe(run.position))
            return
        node = self.nodes[number]
        self.agree(node.position, node.run, run.position, results)

    def agree(
        self, known: Position, known_run: tuple[Any, ...], seen: Position, run: tuple[Any, ...]
    ) -> None:
        """Refuse a thread that stands elsewhere now than it did after the same history."""
        if known != seen:
            self.refuse(known_run, describe(known), run, describe(seen))

    def refuse(self, one: tuple[Any, ...], did: str, two: tuple[Any, ...], does: str) -> None:
        """Raise the error, with both runs."""
        raise NotDeterministic(
            f"thread {self.thread.name} is not a function of what its steps returned:\n"
            f"  after {list(one)} it {did},\n"
            f"  after {list(two)} it {does}.\n"
            f"Threads may share nothing but objects, must not use time or chance, and a procedure "
            f"may tell its caller nothing but what it returns."
        )

    def unbounded(self, run: Run) -> None:
        """Raise the error for a thread that comes to new local states without end."""
        site, name = run.position.site, self.thread.name
        run.close()
        at = f"last at {site.filename}:{site.line}"
        if len(run.history) <= LONGEST_HISTORY:
            raise ModelError(
                f"thread {name} is somewhere new after {LONGEST_RUN} steps, {at}. "
                f"A loop that carries a value by retry_with() may carry few different ones."
            )
        raise ModelError(
            f"thread {name} took {LONGEST_HISTORY} steps without an end, {at}. If it loops over "
            f"results, use `await retry(attempt)` (until a procedure returns something), "
            f"`await retry_with(start, attempt)` (where a round tells the next one something) or "
            f"`await forever(body)` there: their rounds don't add to its history."
        )


def refuse_code(thread: Thread, code: CodeValues) -> None:
    """Refuse a thread that runs code which catches failed assertions, or does nothing.

    Code is looked at once, but for the program: what that does may depend on what it is given.

    Errors: `ModelError`.
    """
    values = [each for key, each in code.values.items() if key not in code.looked_at]
    refuse_swallowing(thread, values)
    refuse_in_vain(thread, values)
    code.looked_at.update(code.values.keys() - {id(thread.program)})


def describe(position: Position) -> str:
    """Where a thread stands, for an error message."""
    if position.next is None:
        return "ends" if position.failure is None else f"fails: {position.failure.text}"
    return f"does {position.next} at line {position.site.line}"
