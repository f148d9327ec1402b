"""Where rounds of a thread's loops begin: those of `retry`, `retry_with` and `forever`.

A round is begun by the first step in it. The history of a thread says where: it has a mark for each
call of a loop or of a procedure that has not returned, and a round begins after such a mark. It is
the mark of a loop if the thread comes there from within that call.
"""

from collections.abc import Hashable, Iterator

from locking.explore.automaton import Automaton
from locking.explore.learn import Learner
from locking.objects.operation import Site
from locking.programs.marks import is_mark

History = tuple[Hashable, ...]
"""What counts of a thread's results so far, with the marks of calls that have not returned."""


def rounds_begin(automaton: Automaton) -> dict[int, Site]:
    """The places at which the next step begins a round of a loop, each with the line of that step.

    Where a loop begins a round with another one, only the rounds of the inner one are told.
    """
    nodes = automaton.learner.nodes
    return {automaton.place_of[at]: nodes[at].position.site for at in starts(automaton.learner)}


def starts(learner: Learner) -> Iterator[int]:
    """The nodes at which a round begins, also the first one of a loop."""
    histories: dict[int, History] = {
        number: history for (history, _), number in learner.numbers.items()
    }
    loops = {
        before_marks(histories[target])
        for at, node in enumerate(learner.nodes)
        for target in node.children.values()
        if comes_round(histories[at], histories[target])
    }
    for at, history in histories.items():
        begun = before_marks(history)
        if len(begun) < len(history) and begun in loops:
            yield at


def comes_round(history: History, target: History) -> bool:
    """Whether a thread goes on from `history` to the begin of a round by ending the one before."""
    begun = before_marks(target)
    within = history[: len(begun)] == begun and len(history) > len(begun)
    return len(begun) < len(target) and within and is_mark(history[len(begun)])


def before_marks(history: History) -> History:
    """A history without the marks at its end."""
    last = len(history)
    while last and is_mark(history[last - 1]):
        last -= 1
    return history[:last]
