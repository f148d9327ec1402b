"""Errors planted into the library, each as a wrong engine, reduction or property might have it.

All that is known here of the inside of the library is the places that are patched.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from locking.explore import automaton, product
from locking.explore.graph import Graph
from locking.explore.reduction import symmetry
from locking.explore.reduction.partial_order import PartialOrder
from locking.objects.operation import WAIT, Queue
from locking.programs.run import Run
from locking.properties import deadlock, failing, race, together
from locking.properties.view import View, ended

Original = Callable[..., Any]


def drops_a_move(original: Original) -> Original:
    """A state with four steps or more loses the last."""

    def moves_of(self: Any, threads: Any, state: Any) -> Any:
        moves = original(self, threads, state)
        return moves[:-1] if len(moves) > 3 else moves

    return moves_of


def one_value(_: Original) -> Original:
    """Values are one that Python calls equal."""

    def typed(value: Hashable) -> Hashable:
        return value

    return typed


def merges_by_looks(_: Original) -> Original:
    """Local states that look alike are merged, whatever follows."""
    return lambda self: automaton.number([node.position for node in self.learner.nodes])


def forgets_a_thread(original: Original) -> Original:
    """The last thread may wait for good."""
    return lambda product_: original(product_)[:-1]


def forgives_marked(original: Original) -> Original:
    """A plain access does not race with a marked one."""
    return lambda one, other: (
        original(one, other) and not one.access.marked and not other.access.marked
    )


def keeps_quiet(_: Original) -> Original:
    """A requirement that lets the run go on is not seen to fail."""
    return lambda position: frozenset([position.failure.kind] if position.failure else [])


def counts_itself(_: Original) -> Original:
    """A thread is taken to be together with itself."""
    return lambda state, one, other: (
        len({*state.inside(one), *state.inside(other)})
        * bool(state.inside(one) and state.inside(other))
    )


def minds_nothing(_: Original) -> Original:
    """Every step may be taken alone."""
    return lambda *_: True


def all_are_copies(_: Original) -> Original:
    """Threads are copies of each other, whatever their arguments."""

    def classes(threads: Any, _: Any) -> list[list[int]]:
        groups: dict[Any, list[int]] = {}
        for at, thread in enumerate(threads):
            groups.setdefault((thread.program, thread.daemon), []).append(at)
        return list(groups.values())

    return classes


def counts_twice(original: Original) -> Original:
    """A run too many."""

    def runs(self: Any) -> int | None:
        found = original(self)
        return found if found is None or found < 5 else int(found) + 1

    return runs


def queues_are_no_step(original: Original) -> Original:
    """A thread that must queue just waits."""

    def ask(step: Any, value: Any, me: str) -> Any:
        outcome = original(step, value, me)
        return WAIT if isinstance(outcome, Queue) else outcome

    return ask


def takes_blocks_apart(original: Original) -> Original:
    """Within an atomic block others may move."""

    def at(self: Any, trap: Any, frames: Any) -> Any:
        return replace(original(self, trap, frames), bound=False)

    return at


def ends_early(_: Any) -> property:
    """All have ended when all but one have."""

    def finished(self: Any) -> bool:
        must = [at for at, each in enumerate(self.threads) if not each.daemon]
        return sum(bool(self.look(at, ended)) for at in must) >= max(1, len(must) - 1)

    return property(finished)


def always_ends(_: Original) -> Original:
    """From every state there is a way to an end."""
    return lambda *_: []


def planted() -> dict[str, tuple[Any, str, Callable[[Any], Any]]]:
    """Every planted error: where it goes, and what it makes of what is there."""
    return {
        "drops a move": (product.Product, "moves_of", drops_a_move),
        "values by ==": (product, "typed", one_value),
        "results by ==": (automaton, "typed", one_value),
        "merges by looks": (automaton.Automaton, "equals", merges_by_looks),
        "forgets a thread": (deadlock, "threads_that_must_end", forgets_a_thread),
        "forgives marked": (race, "conflict", forgives_marked),
        "keeps quiet": (failing, "kinds_failed", keeps_quiet),
        "counts itself": (together, "threads_together", counts_itself),
        "minds nothing": (PartialOrder, "independent", minds_nothing),
        "all are copies": (symmetry, "classes", all_are_copies),
        "counts twice": (Graph, "runs", counts_twice),
        "queues are no step": (product, "ask", queues_are_no_step),
        "takes blocks apart": (Run, "at", takes_blocks_apart),
        "always ends": (Graph, "hopeless", always_ends),
        "ends early": (View, "finished", ends_early),
    }
