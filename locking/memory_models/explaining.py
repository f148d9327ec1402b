"""Why a candidate is forbidden: the axiom, and a cycle in the words of those who wrote the code."""

from collections.abc import Iterator, Mapping

from locking.memory_models.candidate import BaseEdge, Candidate, EventStructure, ForbiddenCycle
from locking.memory_models.derivation import Derivation, EdgeWay
from locking.memory_models.evaluation import passes_check
from locking.memory_models.plan import ACYCLIC, IRREFLEXIVE, ModelLine
from locking.memory_models.relations import algebra
from locking.memory_models.terms import Term

FENCE_WORDS = {
    "Mb": "smp_mb()",
    "Rmb": "smp_rmb()",
    "Wmb": "smp_wmb()",
    "Barrier": "barrier()",
    "Before-atomic": "smp_mb__before_atomic()",
    "After-atomic": "smp_mb__after_atomic()",
    "After-spinlock": "smp_mb__after_spinlock()",
    "After-unlock-lock": "smp_mb__after_unlock_lock()",
    "After-srcu-read-unlock": "smp_mb__after_srcu_read_unlock()",
    "Sync-rcu": "synchronize_rcu()",
    "Sync-srcu": "synchronize_srcu()",
}
"""What the kernel calls the events of each tag that are between others."""

BEFORE_TARGET = {"Release": "po to a release", "UL": "po to an unlock"}
AFTER_SOURCE = {"Acquire": "po from an acquire", "LKR": "po from a lock"}

RCU_SECTIONS = {"Rcu-unlock": "Rcu-lock", "Srcu-unlock": "Srcu-lock"}

DEPENDENCIES = {"addr": "addr dependency", "data": "data dependency", "ctrl": "ctrl dependency"}


def explained_cycle(
    checks: tuple[ModelLine, ...], names: Mapping[str, Term], candidate: Candidate
) -> ForbiddenCycle | None:
    """The first axiom that a candidate breaks, with a shortest cycle, or None if it breaks none."""
    derivation = Derivation(candidate, names)
    size = candidate.structure.size
    for check in checks:
        if not check.is_flag and not passes_check(check, size, derivation.value(check.term)):
            return ForbiddenCycle(check.name, edges_in_words(_cycle(derivation, check), candidate))
    return None


def _cycle(derivation: Derivation, check: ModelLine) -> EdgeWay:
    """The edges by which a check fails; none where it is a set that should be empty."""
    term, space = check.term, derivation.space
    if check.negated or term.kind == "set":
        return ()
    if check.test == ACYCLIC:
        return derivation.shortest_cycle(term)
    pairs = derivation.value(term) & (space.diagonal if check.test == IRREFLEXIVE else -1)
    return min((closed(derivation, term, *each) for each in space.pairs(pairs)), key=len)


def closed(derivation: Derivation, term: Term, first: int, second: int) -> EdgeWay:
    """The way of a pair that should not be, and back to its first event if the term says how.

    `rf & later^-1` is a cycle: the read takes its value from a write that comes later.
    """
    if term.operator == "or":
        held = [each for each in term.operands if derivation.has(each, first, second)]
        return min((closed(derivation, each, first, second) for each in held), key=len)
    parts = list(_parts(derivation, term))
    inverse = [each for each in parts if each.operator == "inverse"]
    straight = [each for each in parts if each not in inverse]
    if len(straight) == 1 and not inverse and straight[0].operator == "or":
        return closed(derivation, straight[0], first, second)
    if straight and inverse:
        back = derivation.way(inverse[0].operands[0], second, first)
        return derivation.way(straight[0], first, second) + back
    ways = sorted((derivation.way(each, first, second) for each in parts), key=len)
    if len(ways) > 1 and first != second:
        back = tuple(BaseEdge(each.target, f"{each.why}^-1", each.source) for each in ways[0][::-1])
        return ways[-1] + back
    return ways[0]


def _parts(derivation: Derivation, term: Term) -> Iterator[Term]:
    """What an intersection is of, but for what only says which pairs are meant."""
    if term.operator == "and":
        for each in term.operands:
            yield from _parts(derivation, each)
    elif not derivation.is_filter(term):
        yield term


def edges_in_words(way: EdgeWay, candidate: Candidate) -> EdgeWay:
    """Edges as a reader knows them: fences and critical sections by the names of the kernel."""
    structure = candidate.structure
    found: list[BaseEdge] = []
    for each in way:
        fence = _fence(structure, each.source)
        if found and fence and found[-1].why == each.why == "po":
            found[-1] = BaseEdge(found[-1].source, f"{fence} between", each.target)
        else:
            found.append(each)
    return tuple(each._replace(why=_why(structure, each)) for each in found)


def _why(structure: EventStructure, edge: BaseEdge) -> str:
    """What an edge is called."""
    source, why, target = edge
    if why in ("rf", "co", "fr"):
        size = structure.size
        internal = algebra(size).row(structure.relations.get("int", 0), source) >> target & 1
        return why + ("i" if internal else "e")
    if why == "po":
        said = [words for tag, words in BEFORE_TARGET.items() if _is(structure, tag, target)]
        said += [words for tag, words in AFTER_SOURCE.items() if _is(structure, tag, source)]
        return said[0] if said else why
    if any(
        _is(structure, unlock, source) and _is(structure, lock, target)
        for unlock, lock in RCU_SECTIONS.items()
    ):
        return "read-side critical section, back to its begin"
    return DEPENDENCIES.get(why, why)


def _fence(structure: EventStructure, event: int) -> str | None:
    """What the kernel calls a fence, or None if the event is none."""
    return next((words for tag, words in FENCE_WORDS.items() if _is(structure, tag, event)), None)


def _is(structure: EventStructure, tag: str, event: int) -> bool:
    """Whether an event is in the set of a tag."""
    return bool(structure.sets.get(tag, 0) >> event & 1)
