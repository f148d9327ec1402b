"""Placements that do more than nest: locks that overlap, a trylock, and a query around steps.

Two designs, each with its broken twin: readers that go hand over hand over a list from which a
node is unlinked, and a cache that is shrunk if its lock can be had, or later by another.
"""

from typing import Any

import pytest

from locking import (
    Case,
    Cell,
    Mutex,
    PercpuRwSem,
    Placement,
    RwSem,
    Scenario,
    System,
    Thread,
    Verdict,
    data_race_free,
    deadlock_free,
    let_go,
    no_misuse,
    perform,
    query,
    require,
    required,
    step,
    take,
    trylock,
    when,
)
from locking.check import check
from locking.errors import PlacementError, UsageError
from locking.model import Model
from locking.placements.edit import edited, edits, locks_taken, parse
from locking.placements.source import placement_source
from locking.placements.space import profile
from locking.placements.trees import nests
from locking.studies.asking import space_of
from locking.studies.necessity import tried_changes
from locking.verdicts import Options
from tests.objects.every_way import answer

head, node = Mutex("head"), Mutex("node")
link, freed, seen = Cell("link", "node"), Cell("freed", False), Cell("seen", None)
lru, backlog, size = RwSem("lru"), Cell("backlog", 0), Cell("size", 2)


@step("FOLLOW")
async def follow(_: Any) -> None:
    await seen.write(await link.read())


@step("VISIT")
async def visit(_: Any) -> None:
    if await seen.read():
        require(not await freed.read(), "alive")


@step("UNLINK")
async def unlink(_: Any) -> None:
    await link.write(None)


@step("FREE")
async def free(_: Any) -> None:
    await freed.write(True)


HAND_OVER_HAND = Placement(
    "hand-over-hand",
    walker=[
        take(head.hold()),
        follow,
        take(node.hold()),
        let_go(head.hold()),
        visit,
        let_go(node.hold()),
    ],
    remover=[
        take(head.hold()),
        unlink,
        take(node.hold()),
        let_go(head.hold()),
        free,
        let_go(node.hold()),
    ],
)
LETS_GO_FIRST = Placement(
    "lets-go-first",
    walker=[head.hold(follow), node.hold(visit)],
    remover=HAND_OVER_HAND.roles["remover"],
)


@step("SHRINK")
async def shrink(_: Any) -> None:
    await size.write(await size.read() - 1)


@step("POSTPONE")
async def postpone(_: Any) -> None:
    await backlog.WRITE_ONCE(1)


@step("GROW")
async def grow(_: Any) -> None:
    await size.write(await size.read() + 1)


@query("IS_LARGE")
async def is_large(_: Any) -> bool:
    return await size.read() > 1


TRIES = Placement(
    "tries",
    walker=[trylock(lru.write(shrink), otherwise=[postpone])],
    remover=[lru.write(when(is_large, grow))],
)
TRIES_WITHOUT = Placement(
    "tries-without",
    walker=[trylock(lru.write(shrink), otherwise=[shrink])],
    remover=[lru.write(when(is_large, grow))],
)


def system_of(case: Case) -> System:
    """A walker and a remover, as the placement says."""
    assert case.placement
    roles = case.placement.roles
    return System(
        [head, node, link, freed, seen, lru, backlog, size],
        [Thread(role, perform, (roles[role], None)) for role in ("walker", "remover")],
        [required("alive"), deadlock_free(), no_misuse(), data_race_free()],
    )


STEPS = [follow, visit, unlink, free, shrink, postpone, grow]
MODEL = Model(
    "toy",
    "",
    system_of,
    scenarios=[Scenario("one")],
    steps={"walker": STEPS, "remover": STEPS},
)


@pytest.mark.parametrize(
    ("placement", "broken"),
    [
        (HAND_OVER_HAND, set()),
        (LETS_GO_FIRST, {"alive"}),
        (TRIES, set()),
        (TRIES_WITHOUT, {"data-race"}),
    ],
    ids=lambda each: each.name if isinstance(each, Placement) else "",
)
def test_a_design_holds_and_its_broken_twin_does_not(
    placement: Placement, broken: set[str]
) -> None:
    case = MODEL.case("one", placement)
    found = answer(lambda: system_of(case))
    results = check(case, (), Options(reduction="none")).results
    assert len(found) == len(results)
    asked = [each for each in results if each.verdict in (Verdict.HOLDS, Verdict.FAILS)]
    assert {each.claim.name for each in asked if each.verdict is Verdict.FAILS} == broken


def test_a_placement_is_read_as_it_is_written() -> None:
    assert HAND_OVER_HAND.show("walker") == (
        "[take(head.hold()), FOLLOW, take(node.hold()), let_go(head.hold()), VISIT, "
        "let_go(node.hold())]"
    )
    assert TRIES.show("walker") == "[trylock(lru.write(SHRINK), otherwise=[POSTPONE])]"
    assert TRIES.show("remover") == "[lru.write(when(IS_LARGE, GROW))]"


EXPORTED = {
    **{each.name: each for each in (*STEPS, is_large)},
    **{each.name: each for each in (head, node, lru)},
}

LONG = Placement(
    "long",
    walker=[
        trylock(
            lru.write(take(head.hold()), follow, when(is_large, shrink, otherwise=[grow, grow])),
            otherwise=[take(head.hold()), postpone, postpone, postpone, postpone, postpone],
        ),
        let_go(head.hold()),
    ],
)


@pytest.mark.parametrize("placement", [HAND_OVER_HAND, TRIES, TRIES_WITHOUT, LONG])
def test_the_source_of_a_placement_makes_it_again(placement: Placement) -> None:
    text = placement_source("toy", EXPORTED, [placement])
    assert all(len(line) <= 100 for line in text.splitlines())
    names: dict[str, Any] = dict(EXPORTED)
    first, rest = text.split("\n", 1)
    assert first.startswith("from locking import ")
    exec(first, names)
    exec(rest[rest.index(f"\n{placement.name.upper().replace('-', '_')} = ") :], names)
    made = names[placement.name.upper().replace("-", "_")]
    assert made.roles == placement.roles


def test_a_name_that_the_file_needs_itself_is_not_used() -> None:
    exported = {**EXPORTED, "take": head, "head": None, "the_head": head}
    text = placement_source("toy", exported, [HAND_OVER_HAND])
    assert "take(the_head.hold())" in text
    with pytest.raises(
        PlacementError, match=r"the lock head as take, which the file needs for locking\.take"
    ):
        placement_source("toy", {**EXPORTED, "take": head, "head": None}, [HAND_OVER_HAND])


@pytest.mark.parametrize(
    ("trees", "says"),
    [
        (lambda: [take(head.hold()), follow], "is followed by no let_go\\(head.hold\\(\\)\\)"),
        (lambda: [follow, let_go(head.hold())], "comes after no take"),
        (lambda: [take(lru.read()), let_go(lru.write())], "comes after no take\\(lru.write"),
        (lambda: [take(head.hold()), head.hold(follow), let_go(head.hold())], "locks twice"),
        (lambda: [head.hold(follow, take(head.hold()), let_go(head.hold()))], "locks twice"),
        (lambda: [head.hold(trylock(head.hold(follow)))], "locks twice"),
        (lambda: [head.hold(follow, let_go(head.hold()))], "comes after no take"),
        (lambda: [trylock(head.hold())], "holds the lock over no step"),
        (lambda: [when(is_large, take(head.hold()), follow)], "one way and not the other"),
        (lambda: [trylock(head.hold(take(node.hold())))], "one way and not the other"),
        (lambda: [take(head.hold(follow))], "write a region with nothing in it"),
        (lambda: [let_go(head)], "write a region with nothing in it"),  # type: ignore[arg-type]
        (lambda: [trylock(follow)], "write a region, such as"),  # type: ignore[arg-type]
        (lambda: [trylock(PercpuRwSem("p").write(follow))], "no trylock of this mode"),
        (lambda: [trylock(head.hold(follow), otherwise=grow)], "is no list"),  # type: ignore[arg-type]
        (lambda: [when(is_large)], "nothing is done either way"),
        (lambda: [when(follow, grow)], "write a query first"),  # type: ignore[arg-type]
        (lambda: [when(is_large, "x")], "neither a step nor a region"),  # type: ignore[arg-type]
    ],
)
def test_what_can_not_be_performed_is_refused(trees: Any, says: str) -> None:
    with pytest.raises(PlacementError, match=says):
        Placement("wrong", walker=trees())


def test_a_lock_may_be_taken_in_a_region_and_let_go_after_it() -> None:
    placement = Placement(
        "odd", walker=[head.hold(follow, take(node.hold())), visit, let_go(node.hold())]
    )
    assert locks_taken(placement.roles["walker"]) == {head, node}
    assert check(MODEL.case("one", with_remover(placement)), ["no-misuse"]).results


def with_remover(placement: Placement) -> Placement:
    """The placement, with a remover that does nothing but free."""
    return Placement(placement.name, **placement.roles, remover=[node.hold(free)])


MIXED = Placement(
    "mixed",
    walker=[
        when(is_large, head.hold(follow, visit), otherwise=[trylock(node.hold(head.hold(free)))]),
        take(node.hold()),
        grow,
        let_go(node.hold()),
    ],
)


@pytest.mark.parametrize(
    ("edit", "tree"),
    [
        (
            "walker.1.drop",
            "[when(IS_LARGE, FOLLOW, VISIT, otherwise=[trylock(node.hold(head.hold(FREE)))]), "
            "take(node.hold()), GROW, let_go(node.hold())]",
        ),
        (
            "walker.2.drop",
            "[when(IS_LARGE, head.hold(FOLLOW, VISIT), otherwise=[trylock(node.hold(FREE))]), "
            "take(node.hold()), GROW, let_go(node.hold())]",
        ),
        (
            "node.drop",
            "[when(IS_LARGE, head.hold(FOLLOW, VISIT), otherwise=[head.hold(FREE)]), GROW]",
        ),
        (
            "head.drop",
            "[when(IS_LARGE, FOLLOW, VISIT, otherwise=[trylock(node.hold(FREE))]), "
            "take(node.hold()), GROW, let_go(node.hold())]",
        ),
    ],
)
def test_a_change_reaches_into_branches(edit: str, tree: str) -> None:
    found = parse(f"mixed~{edit}")
    assert found
    assert edited(MIXED, found[1]).show("walker") == tree


@pytest.mark.parametrize("placement", [HAND_OVER_HAND, TRIES, MIXED, LONG])
def test_every_change_that_is_tried_can_be_performed(placement: Placement) -> None:
    tried = tried_changes(placement)
    assert {each.whose for each in edits(placement)} >= {
        lock.name for trees in placement.roles.values() for lock in locks_taken(trees)
    } - {"lru"}
    assert all(made.roles != placement.roles for _, made in tried)


def test_a_region_in_which_nothing_is_left_goes_with_the_lock() -> None:
    """As where the next node's lock is found and taken under a lock of the table."""
    placement = Placement(
        "p", walker=[head.hold(take(node.hold())), visit, let_go(node.hold()), lru.read(grow)]
    )
    found = parse("p~node.drop")
    assert found
    assert edited(placement, found[1]).show("walker") == "[VISIT, lru.read(GROW)]"
    assert tried_changes(placement)


def test_synthesis_arranges_only_what_nests() -> None:
    assert nests([lru.write(shrink), grow])
    assert not nests([lru.write(when(is_large, grow))])
    model = Model(
        "toy", "", system_of, scenarios=[Scenario("one")], steps=MODEL.steps, placements=[TRIES]
    )
    with pytest.raises(UsageError, match=r"more than steps under regions that nest"):
        space_of(model)
    with pytest.raises(PlacementError, match="does not nest, so none is known to be weaker"):
        profile(HAND_OVER_HAND.roles["walker"], [head])
