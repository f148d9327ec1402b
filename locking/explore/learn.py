"""Learning a thread: what it does next after every history of results.

A learned thread is a graph of nodes. A node is a local state: the history of results since the
thread began, where a procedure that has returned counts only by its value. Nothing is learned
before a walk asks for it.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from locking.errors import ModelError, NotDeterministic
from locking.objects.operation import Misuse
from locking.programs.keys import typed
from locking.programs.position import Failure, Position, stopped
from locking.programs.run import Run
from locking.programs.thread import Thread

LONGEST = 1000
"""Steps of one history; a thread that takes more is taken to loop without end."""

WITNESSES = 2
"""Histories kept of one node: a procedure that hides something shows it by making them differ."""


@dataclass(slots=True)
class Node:
    """A local state: where the thread stands, runs that lead there, and what was seen to follow.

    `passed` are the lines at which the thread awaited anything since its step before; `results`
    what was given to reach the `children`, by the same keys.
    """

    position: Position
    runs: list[tuple[Any, ...]]
    passed: set[tuple[CodeType, int]]
    children: dict[Hashable, int] = field(default_factory=dict)
    results: dict[Hashable, Any] = field(default_factory=dict)


UNFIT = ("stopped in the middle of a step",)
"""Stands for the results of a run that must not be gone on with."""


class Learner:
    """Everything known so far of one thread; node 0 is where it begins."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.nodes: list[Node] = []
        self.required: set[str] = set()
        self.entered: set[str] = set()
        self.supposed: set[str] = set()
        self.doubts: list[tuple[int, tuple[Any, ...]]] = []
        self.numbers: dict[tuple[Hashable, tuple[Failure, ...]], int] = {}
        run = Run(thread)
        self.live: tuple[tuple[Any, ...], Run] = ((), run)
        self.add(run.history, run.position, (), run.passed)
        self.required |= run.required
        self.entered |= run.entered

    def add(
        self,
        history: tuple[Hashable, ...],
        position: Position,
        run: tuple[Any, ...],
        passed: set[tuple[CodeType, int]],
    ) -> int:
        """The number of the node of `history`, which `run` has just been seen to reach."""
        # What was just broken shows for one step, also after a procedure that is forgotten.
        key = (history, position.broken)
        number = self.numbers.get(key)
        if number is None:
            number = len(self.nodes)
            self.nodes.append(Node(position, [run], passed))
            self.numbers[key] = number  # last: Ctrl-C in between leaves a node that nobody knows
            return number
        node = self.nodes[number]
        node.passed |= passed
        self.agree(node.position, node.runs[0], position, run)
        if len(node.runs) < WITNESSES and typed(run) not in map(typed, node.runs):
            node.runs.append(run)
            self.doubts.append((number, run))
        return number

    def settle(self) -> None:
        """Let runs that were found to lead to a known node go where the runs before them went."""
        while self.doubts:
            number, run = self.doubts.pop()
            node = self.nodes[number]
            for key, result in list(node.results.items()):
                if self.extend(number, run, result) != node.children[key]:
                    self.refuse((*node.runs[0], result), "goes one way", (*run, result), "another")

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
                reached = {self.extend(number, run, result) for run in list(node.runs)}
                if len(reached) > 1:
                    self.refuse(node.runs[0], "goes one way", node.runs[1], "goes another")
                node.children[key] = reached.pop()
                node.results[key] = result
                self.settle()
        return node.children[key]

    def misused(self, number: int, misuse: Misuse) -> int:
        """The node of a thread that was stopped for a misuse."""
        ended = stopped(self.nodes[number].position, misuse.reason)
        return self.add((number, misuse), ended, (), set())

    def extend(self, number: int, results: tuple[Any, ...], result: Any) -> int:
        """The node reached by running the thread through `results` and then `result`."""
        run = self.rerun(number, results)
        self.live = (UNFIT, run)
        run.give(result)
        self.required |= run.required
        self.entered |= run.entered
        if len(run.history) > LONGEST:
            self.unbounded(run)
        longer = (*results, result)
        self.live = (longer, run)
        return self.add(run.history, run.position, longer, run.passed)

    def rerun(self, number: int, results: tuple[Any, ...]) -> Run:
        """The thread at node `number`, by way of `results`."""
        if self.live[0] is results:  # not `==`, to which (1,) and (True,) are the same
            return self.live[1]
        self.live[1].close()
        run = Run(self.thread)
        for result in results:
            if run.position.next is None:
                break
            run.give(result)
        node = self.nodes[number]
        self.agree(node.position, node.runs[0], run.position, results)
        return run

    def confirm(self) -> None:
        """Run the thread once more, to every node at which it ends. Errors: `NotDeterministic`.

        What a thread hears from another by way of a list or a clock shows when it is asked again.
        """
        for node in self.nodes:
            if node.position.next is None:
                self.walk(node.runs[0])

    def walk(self, results: tuple[Any, ...]) -> None:
        """Run the thread through `results`, and compare every place on the way."""
        run = Run(self.thread)
        for step, result in enumerate(results, 1):
            run.give(result)
            number = self.numbers.get((run.history, run.position.broken))
            if number is None or self.nodes[number].position != run.position:
                known = self.nodes[number].runs[0] if number is not None else results
                was = describe(self.nodes[number].position) if number is not None else "went on"
                self.refuse(known, was, results[:step], describe(run.position))
        run.close()

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
        """Raise the error for a history that has become too long."""
        site = run.position.site
        run.close()
        raise ModelError(
            f"thread {self.thread.name} took {LONGEST} steps without an end, last at "
            f"{site.filename}:{site.line}. If it loops over results, use "
            f"`await retry(attempt)` (until a procedure returns something) or "
            f"`await forever(body)` there: their rounds don't add to its history."
        )


def describe(position: Position) -> str:
    """Where a thread stands, for an error message."""
    if position.next is None:
        return "ends" if position.failure is None else f"fails: {position.failure.text}"
    return f"does {position.next} at line {position.site.line}"
