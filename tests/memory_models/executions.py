"""Candidate executions by hand: events of threads in words, and who reads from whom."""

from itertools import combinations

from locking.memory_models.candidate import Candidate, EventStructure
from locking.memory_models.relations import algebra


class Labels(dict[str, int]):
    """The numbers of events by their labels; an initial write has the name of its location."""


def execution(
    *threads: str, rf: str = "", co: str = "", **relations: str
) -> tuple[Candidate, Labels]:
    """The candidate of these threads, each events with `;` between, and the labels of its events.

    An event is a label, its sets, and its location after `@` if it has one: `a W Once @x`.
    `rf` and further relations are pairs of labels, such as `a b, c d`. `co` has chains of writes;
    the initial write comes first in each, and is added.
    """
    rows = [[each.split() for each in thread.split(";")] for thread in threads]
    events = [words for thread in rows for words in thread]
    places = sorted({words[-1][1:] for words in events if words[-1].startswith("@")})
    labels = Labels({place: number for number, place in enumerate(places)})
    for words in events:
        labels[words[0]] = len(labels)
    space = algebra(len(labels))
    where = {place: place for place in places}
    where |= {words[0]: words[-1][1:] for words in events if words[-1].startswith("@")}
    sets: dict[str, int] = {}
    for label, names in [(place, ["W", "IW"]) for place in places] + [
        (words[0], [each for each in words[1:] if not each.startswith("@")]) for words in events
    ]:
        for name in names:
            sets[name] = sets.get(name, 0) | 1 << labels[label]
    sets["M"] = sets.get("R", 0) | sets.get("W", 0)

    def pairs(said: str) -> int:
        found = [each.split() for each in said.split(",") if each.strip()]
        return space.relation((labels[first], labels[second]) for first, second in found)

    own = [[labels[words[0]] for words in thread] for thread in rows]
    inner = space.relation((a, b) for thread in own for a in thread for b in thread)
    given = {
        "po": space.relation(pair for thread in own for pair in combinations(thread, 2)),
        "int": inner,
        "ext": space.all_pairs & ~inner,
        "loc": space.relation(
            (labels[a], labels[b]) for a in where for b in where if where[a] == where[b]
        ),
        **dict.fromkeys(("addr", "data", "ctrl", "rmw"), 0),
        **{name: pairs(said) for name, said in relations.items()},
    }
    chains = [each.split() for each in co.split(",") if each.strip()]
    order = space.relation(
        (labels[a], labels[b])
        for chain in chains
        for a, b in combinations([where[chain[0]], *chain], 2)
    )
    return Candidate(EventStructure(len(labels), sets, given), pairs(rf), order), labels
