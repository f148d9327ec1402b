"""Runs by a random scheduler where runs go round: whether they end, and after how many steps.

A run is over once all threads that must end have ended, or no step can be taken any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from locking.explore.chain import Chain, Share, Visited
from locking.explore.loops import rounds_begin
from locking.explore.probability import as_certain
from locking.explore.product import Product
from locking.objects.operation import Site
from locking.properties.explored import Explored

RoundOf = tuple[int, Site]
"""A loop of a thread, by the number of that and the line of its first step."""


@dataclass(frozen=True)
class LoopRounds:
    """How many rounds of a loop a run has: `begins` is the line at which a round begins.

    None where there is a chance that the run goes round for ever with this loop.
    """

    thread: str
    begins: Site
    rounds: Share | None


@dataclass(frozen=True)
class RandomRuns:
    """What is expected of a random run: with what chance it `never` ends, and after which `steps`.

    `steps` is None where it may never end. `exact` is whether the numbers are; if not, their
    relative error is below 1e-7.
    """

    never: Share
    steps: Share | None
    loops: tuple[LoopRounds, ...]
    exact: bool


def random_runs(explored: Explored) -> RandomRuns:
    """What is expected of a random run of what was explored to its end. Errors: `TooLarge`."""
    must_end = any(not thread.daemon for thread in explored.product.threads)
    chain = Chain(explored.graph, set(explored.finished) if must_end else ())
    visits = list(chain.visits())
    going = [each for each in visits if chain.ahead(each.at)]
    endless = [each for each in going if each.forever]
    rounds = expected_rounds(explored.product, chain, going)
    return RandomRuns(
        never=as_certain(total(chain, endless), missed=len(going) < len(visits)),
        steps=None if endless else total(chain, going),
        loops=tuple(
            LoopRounds(explored.product.threads[thread].name, site, rounds[thread, site])
            for thread, site in sorted(rounds)
        ),
        exact=chain.exact,
    )


def total(chain: Chain, visits: Iterable[Visited]) -> Share:
    """How many visits are expected, all together."""
    return sum((each.times for each in visits), 0 * chain.one)


def expected_rounds(
    product: Product, chain: Chain, visits: Iterable[Visited]
) -> dict[RoundOf, Share | None]:
    """The rounds that are begun in these visits; None of a loop that some run goes round for ever.

    A round is begun by its first step; to queue up is no step here.
    """
    begins = [rounds_begin(automaton) for automaton in product.automata]
    found: dict[RoundOf, Share | None] = {}
    for at, times, forever in visits:
        state = chain.graph.states[at]
        for likely, thread, _ in chain.steps(at):
            site = begins[thread].get(state[thread])
            if site is None or product.queues(thread, state):
                continue
            known = found.get((thread, site), 0 * chain.one)
            found[thread, site] = None if forever or known is None else known + times * likely
    return found
