"""Cycles that a fair scheduler may go round for ever.

A scheduler is **weakly** fair to a thread (it is just) if it doesn't let one wait for ever that can
always take a step, and **strongly** fair (it is compassionate) if it doesn't let one wait for ever
that can take a step again and again. A set of states that lead to each other is fair if a run
can go through all of them for ever under such a scheduler:

* of a weakly fair thread, it takes a step there, or can't take one in some of these states;
* of a strongly fair thread, it takes a step there, or can't take one in any of them.

After: Streett, Propositional dynamic logic of looping and converse is elementarily decidable
(Information and Control 54, 1982); Emerson and Lei, Modalities for model checking (Science of
Computer Programming 8, 1987): a component that breaks a strong condition is taken apart.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from locking.explore.components import components
from locking.explore.deadline import look


@dataclass(frozen=True)
class Rounds:
    """Which cycles are looked for: through states `inside`, one byte a state.

    `weak` and `strong` are the threads, as bits, to which the scheduler is fair. The thread
    `starved`, if there is one, takes no step but to queue up.
    """

    inside: bytearray
    weak: int = 0
    strong: int = 0
    starved: int | None = None


Steps = Callable[[int], Sequence[tuple[int, int]]]
"""For a state its steps that count: who takes each, and where it leads."""


def fair_components(asked: Rounds, can: Callable[[int], int], steps: Steps) -> Iterator[list[int]]:
    """The largest sets of states that are fair, of those inside.

    `can` says, as bits, which threads can take a step in a state; `steps` are those that a cycle
    may have. Errors: `OutOfTime`.
    """
    pending = [[at for at, inside in enumerate(asked.inside) if inside]]
    while pending:
        look()
        region = dict.fromkeys(pending.pop())

        def follow(at: int, region: dict[int, None] = region) -> list[int]:
            return [target for _, target in steps(at) if target in region]

        for component in components(region, follow):
            inside = set(component)
            taken, always, sometimes = 0, -1, 0
            for at in component:
                always &= can(at)
                sometimes |= can(at)
                for thread, target in steps(at):
                    if target in inside:
                        taken |= 1 << thread
            if asked.weak & always & ~taken:
                continue
            broken = asked.strong & sometimes & ~taken
            if broken:
                pending.append([at for at in component if not can(at) & broken])
            else:
                yield component
