"""Random trees: what is proved of their skeletons never fails with threads that perform them."""

from itertools import combinations_with_replacement
from random import Random
from typing import Any

import pytest

from locking import (
    Cell,
    Model,
    Mutex,
    Placement,
    RwSem,
    Spinlock,
    System,
    Thread,
    forever,
    let_go,
    never_together,
    perform,
    query,
    step,
    take,
    trylock,
    when,
)
from locking.errors import ModelError, PlacementError
from locking.explore.reference import explore
from locking.explore.search import search
from locking.judging import judge
from locking.parameterized import proving
from locking.parameterized.proving import prove_any_number
from locking.parameterized.skeletons import (
    TreesByName,
    never_apart,
    skeleton_sections,
    system_of_skeletons,
)
from locking.properties.explored import Explored, Verdict

rwsem, mutex, spin, x = RwSem("rwsem"), Mutex("mutex"), Spinlock("spin"), Cell("x", 0)


def named(name: str) -> Any:
    """A named step that changes what queries see."""

    async def does(_: Any) -> None:
        await x.WRITE_ONCE(1 - await x.READ_ONCE())

    return step(name)(does)


@query("Q")
async def asks(_: Any) -> bool:
    return bool(await x.READ_ONCE())


STEPS = [named(name) for name in "ABC"]
REGIONS = [rwsem.read, rwsem.write, mutex.hold, spin.hold]


def random_trees(random: Random, depth: int = 0) -> list[Any]:
    """Some trees, which may be no good."""
    made: list[Any] = []
    for _ in range(random.randint(1, 2)):
        kind = random.choice(["step", "step", "region", "region", "take", "try", "when", "lower"])
        region = random.choice(REGIONS)
        inner = random_trees(random, depth + 1) if depth < 2 else [random.choice(STEPS)]
        match kind:
            case "step":
                made.append(random.choice(STEPS))
            case "region":
                made.append(region(*inner))
            case "lower":
                made.append(rwsem.write(*inner).downgrade(random.choice(STEPS)))
            case "take":
                made += [take(region()), *inner, let_go(region())]
            case "try":
                made.append(trylock(region(*inner), otherwise=[random.choice(STEPS)]))
            case "when":
                made.append(when(asks, *inner, otherwise=[random.choice(STEPS)]))
    return made


def drawn(random: Random) -> TreesByName:
    """Trees of two threads that can be performed."""
    while True:
        try:
            trees = {name: tuple(random_trees(random)) for name in ("p", "q")}
            Placement("drawn", "", **trees)
        except PlacementError:
            continue
        return trees


async def again_and_again(trees: Any) -> None:
    await forever(perform, trees, None)


def shown(trees: TreesByName, pairs: list[tuple[str, str]], program: Any) -> set[tuple[str, str]]:
    """The pairs of named steps that two or three threads of a program show together."""
    found = set()
    claims = [never_together(f"{one} {other}", one, other) for one, other in pairs]
    for count in (2, 3):
        for roles in combinations_with_replacement(trees, count):
            threads = [
                Thread(f"t{at}", program, (trees[role], None)[: 2 - (program is again_and_again)])
                for at, role in enumerate(roles)
            ]
            product = System([rwsem, mutex, spin, x], threads, claims).product()
            graph = search(product, explore, lambda met, _: "enough" if met > 3_000 else None)
            explored = Explored(product, graph)
            verdicts = [judge_of(explored, claim) for claim in claims]
            found |= {pair for pair, each in zip(pairs, verdicts, strict=True) if each}
    return found


def judge_of(explored: Explored, claim: Any) -> bool:
    """Whether a claim fails; one that is never evaluated does not."""
    try:
        return judge(explored, claim).verdict is Verdict.FAILS
    except ModelError:
        return False


def wrong_of(seed: int) -> tuple[int, list[str]]:
    """How many pairs of named steps are excluded, and which of them are together."""
    trees = drawn(Random(seed))
    there = {name for each in trees.values() for name in skeleton_sections((), each)}
    pairs = [(one, other) for one in "ABCQ" for other in "ABCQ" if one <= other]
    pairs = [pair for pair in pairs if there.issuperset(pair)]
    skeletons = system_of_skeletons(trees, pairs)
    model = Model("drawn", "", lambda _: skeletons)
    try:
        found = prove_any_number(model.case("only", None), model.build, ["p", "q"]).found
    except ModelError:  # a lock is taken twice
        return 0, []
    holds = {each.claim.name for each in found if each.verdict is Verdict.HOLDS}
    proved = [pair for pair in pairs if never_apart(pair).name in holds]
    together = shown(trees, proved, perform) | shown(trees, proved, again_and_again)
    return len(proved), [f"{seed}: {pair} of {trees}" for pair in sorted(together)]


@pytest.mark.slow
def test_what_is_proved_of_skeletons_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MOST_COPIES", 0), ("LARGEST_VIEWS", 2), ("VIEWS_OF_PAIRS", 3_000)):
        monkeypatch.setattr(proving, name, value)
    found = [wrong_of(seed) for seed in range(12)]
    assert [each for _, wrong in found for each in wrong] == []
    assert sum(count for count, _ in found) > 10
