"""Reductions keep every verdict, every path, and what else is said of a system."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from locking import (
    Cell,
    Mutex,
    RwSem,
    System,
    Thread,
    Verdict,
    assertions,
    at_end,
    choose,
    data_race_free,
    deadlock_free,
    never_together,
    section,
    sometimes_together,
)
from locking.catalogue import model
from locking.check import check
from locking.errors import UsageError
from locking.explore.reduction.images import ImageTree
from locking.explore.reduction.independence import Independence
from locking.explore.reduction.levels import FOLDED, Level, ReducedSpace, levels
from locking.explore.reduction.partial_order import PartialOrder
from locking.explore.reduction.quotient import Quotient
from locking.explore.reduction.uses import Done, PlacedStep, Uses
from locking.model import Case
from locking.objects.operation import WAIT, operation
from locking.verdicts import Limits, Options
from tests.explore.compare import case_of
from tests.explore.copies import REDUCED, SYSTEMS, compared, differences
from tests.samples import seeds

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


TEXTBOOK = [
    (name, scenario.name)
    for name in (
        "abba",
        "check_then_act",
        "downgrade",
        "either_order",
        "hotplug_shape",
        "lost_update",
        "recursive_read",
        "seqlock_reader",
        "torn_read",
    )
    for scenario in model(f"textbook.{name}").scenarios
]


@settings(EXAMPLES, max_examples=5)
@given(SYSTEMS)
def test_random_systems_are_judged_the_same(recipe: Any) -> None:
    """Verdicts, numbers at once, paths, causes, lines; folded, also depth and interleavings."""
    assert differences(recipe) == []


@pytest.mark.parametrize("number", seeds(100))
def test_twenty_thousand_random_systems_are_judged_the_same(number: int) -> None:
    """Verdicts, paths and counts for a hundred seeds of 200 systems each."""

    @seed(number)
    @settings(EXAMPLES, derandomize=False, max_examples=200, phases=[Phase.generate])
    @given(SYSTEMS)
    def all_the_same(recipe: Any) -> None:
        assert differences(recipe) == []

    all_the_same()


@pytest.mark.parametrize(("name", "scenario"), TEXTBOOK)
def test_textbook_models_are_judged_the_same(name: str, scenario: str) -> None:
    """Every verdict, path and number of what the books know."""
    assert compared(model(f"textbook.{name}").case(scenario, None), REDUCED) == []


def hotplug_cases() -> Iterator[Case]:
    """Every placement of the hotplug model in every scenario."""
    hotplug = model("memory_hotplug")
    for placement in hotplug.placements:
        for scenario in hotplug.scenarios:
            yield hotplug.case(scenario, placement)


@pytest.mark.campaign
@pytest.mark.parametrize("case", list(hotplug_cases()), ids=str)
def test_every_hotplug_case_is_judged_the_same(case: Case) -> None:
    """The seed's question, in the default scope."""
    assert compared(case, REDUCED) == []


def counting(threads: int, pages: int, wanted: bool = True) -> System:
    """The hotplug shape, in which the zone counts: so its threads are copies of each other."""
    lock, start, end = RwSem("lock"), Cell("start", 0), Cell("end", 0)
    own = [[Cell(f"page-{me}-{at}", False) for at in range(pages)] for me in range(threads)]

    async def add(cells: list[Cell]) -> None:
        async with lock.write():
            first, last = await start.read(), await end.read()
            await start.write(first)
            await end.write(last + 1)
        async with lock.read(), section("page-init"):
            for cell in cells:
                await cell.write(True)

    return System(
        [lock, start, end, *(cell for cells in own for cell in cells)],
        [Thread(f"adder-{at}", add, (own[at],)) for at in range(threads)],
        [
            at_end("sum", lambda s: s[end] == threads),
            data_race_free(),
            deadlock_free(),
            *([sometimes_together("parallel", "page-init", "page-init")] if wanted else []),
        ],
    )


def test_copies_with_cells_of_their_own_are_folded() -> None:
    """Pages are permuted along with the threads that own them."""
    reports = {
        name: check(case_of(counting(4, 2)), options=Options(reduction=name))
        for name in ("merge", "symmetry", "all")
    }
    assert [report.states for report in reports.values()] == [1836, 176, 35]
    assert reports["symmetry"].interleavings == reports["merge"].interleavings
    assert not reports["all"].counted
    assert reports["all"].interleavings is None
    choices = [[each.choices for each in report.results] for report in reports.values()]
    assert choices[0] == choices[1] == choices[2]


def test_the_hotplug_shape_is_small_under_a_partial_order() -> None:
    """At most 10,000 states for five threads with four pages."""
    case = model("textbook.hotplug_shape").case("only", None, {"threads": "5", "pages": "4"})
    names = ["span", "data-race", "deadlock-free"]
    report = check(case, names, Options(reduction="partial-order"))
    assert report.states == 242
    assert not any(result.wrong for result in report.results)


def test_threads_that_differ_by_a_number_are_not_copies() -> None:
    """The threads of the hotplug shape make the zone reach to ranges of their own."""
    case = model("textbook.hotplug_shape").case("only", None, {"threads": "3"})
    space = ReducedSpace(FOLDED, case.build().parts, lambda *_: None)
    _, graph = space.explore()
    assert space.apart == {(0, 1), (0, 2), (1, 2)}
    assert len(graph.states) == check(case).states


def test_a_lock_that_prefers_a_name_is_found_out() -> None:
    """Its rule says otherwise for one thread: those are no copies, whatever their program is."""

    class Biased(Mutex):
        """A mutex that `b` never gets."""

        @operation
        def mutex_lock(self, owner: str | None, me: str) -> Any:
            """Own the lock, or wait."""
            return WAIT if me == "b" else self.acquire(owner, me)

    lock = Biased("lock")

    async def take() -> None:
        async with lock.hold():
            pass

    threads = [Thread(name, take) for name in "abc"]
    space = ReducedSpace(FOLDED, ([lock], threads, {}), lambda *_: None)
    quotient, _ = space.explore()
    assert quotient.classes == [[0, 2]]


def test_a_property_that_names_a_thread_is_judged_unfolded() -> None:
    """Whether `b` comes second is not the same of the other."""
    case = model("textbook.either_order").case("only", None)
    plain, folded = (check(case, options=Options(reduction=name)) for name in ("merge", "symmetry"))
    assert folded.states < plain.states
    assert [each.choices for each in folded.results] == [each.choices for each in plain.results]


def test_copies_that_fail_at_several_places_are_broken_off_and_not_stuck() -> None:
    """Where a run broke off, nobody waits: at whichever of the places that look alike."""
    m = Mutex("m")

    async def fail() -> None:
        async with m.hold():
            pass
        assert not await choose(1, True)

    system = System([m], [Thread(n, fail) for n in "ab"], [deadlock_free(), assertions()])
    for name in ("none", "symmetry"):
        report = check(case_of(system), options=Options(reduction=name))
        assert [each.verdict for each in report.results] == [Verdict.HOLDS, Verdict.FAILS]


def test_an_unknown_reduction_is_refused() -> None:
    """With the names of those that there are."""
    with pytest.raises(UsageError, match="symmetry"):
        levels("symetry")


def test_a_limit_ends_a_reduced_search_as_unknown() -> None:
    """A limit is never a pass."""
    for name in REDUCED:
        report = check(
            case_of(counting(3, 2, wanted=False)),
            options=Options(reduction=name, limits=Limits(states=5)),
        )
        assert {each.verdict for each in report.results} == {Verdict.UNKNOWN}


def without_proviso(self: PartialOrder, thread: int, state: Any, moves: list[Any]) -> bool:
    """Steps that lead back are taken alone as well."""
    return self.independent(thread, state) and not any(
        self.is_visible(thread, state, target) for each, _, target in moves if each == thread
    )


def always(*_: Any) -> bool:
    """Whatever is asked, it is so."""
    return True


def by_results(commute_in: Callable[..., bool]) -> Callable[..., bool]:
    """A wrong `commute_in` that compares only results, not the states that follow."""

    def commutes(ones: Any, mine: Any, others: Any, theirs: Any) -> bool:
        first, second = ones.get(theirs.state), others.get(mine.state)
        return bool(first and second and (first[1], second[1]) == (mine[1], theirs[1]))

    return lambda self, ones, mine, others, theirs: (
        commutes(ones, mine, others, theirs)
        if isinstance(mine, Done) and isinstance(theirs, Done)
        else commute_in(self, ones, mine, others, theirs)
    )


def only_next(
    self: Independence, use: PlacedStep, worked: frozenset[int], other: int
) -> frozenset[int]:
    """What the next step does, and nothing that comes after it."""
    places = range(len(self.slots[other]))
    return frozenset(
        each for each in places if not self.dependent(use, worked, PlacedStep(other, each))
    )


def not_permuted(transitions: Callable[..., Any]) -> Callable[..., Any]:
    """Paths that take every thread for what it is called in the representative."""
    return lambda self, state: (
        each._replace(permutation=self.identity) for each in transitions(self, state)
    )


def names_left(_: Callable[..., Any]) -> Callable[..., Any]:
    """Threads are permuted, and the names in locks are not."""
    return lambda *_: []


MUTANTS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "a dependency is skipped": (Independence, "find_independent", lambda _: only_next),
    "whoever may wait is taken to wait": (Uses, "waits", lambda _: always),
    "whatever works on a lock commutes": (Uses, "commute", lambda _: always),
    "steps commute by their results": (Uses, "commute_in", by_results),
    "the proviso is forgotten": (PartialOrder, "may_be_alone", lambda _: without_proviso),
    "visible steps are taken alone": (
        PartialOrder,
        "is_visible",
        lambda _: lambda self, _thread, _before, after: after in self.halted,
    ),
    "a path is not read back through permutations": (Quotient, "transitions", not_permuted),
    "names in locks are not permuted": (Quotient, "naming_slots", names_left),
    "no image of a predicate is asked": (
        ImageTree,
        "different",
        lambda different: lambda *told: different(*told)[:1],
    ),
}


SHOWN: dict[str, tuple[str, int]] = {
    "a dependency is skipped": ("partial-order", 2),
    "whoever may wait is taken to wait": ("partial-order", 2),
    "whatever works on a lock commutes": ("partial-order", 2),
    "steps commute by their results": ("partial-order", 0),
    "the proviso is forgotten": ("partial-order", 14),
    "visible steps are taken alone": ("partial-order", 0),
    "a path is not read back through permutations": ("symmetry", 1),
    "names in locks are not permuted": ("symmetry", 0),
    "no image of a predicate is asked": ("symmetry", 1),
}
"""The reduction that each mutant breaks, and a seed that soon draws a system that shows it."""


@pytest.mark.parametrize(("grew", "verdict"), [(True, Verdict.FAILS), (False, Verdict.HOLDS)])
def test_a_walk_that_learned_is_made_again(
    grew: bool, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At first nobody knows that the reader comes to the cell; the planted error holds, wrongly."""
    cell, other = Cell("cell", 0), Cell("other", 0)

    async def write() -> None:
        await cell.WRITE_ONCE(1)

    async def read() -> None:
        await other.read()
        await other.read()
        assert await cell.READ_ONCE() == 1

    monkeypatch.setattr("locking.explore.reduction.levels.rehearse", lambda _: None)
    monkeypatch.setattr("locking.explore.search.WORTH", 2.0)  # or merging makes it walk again
    if not grew:
        monkeypatch.setattr(PartialOrder, "grew", False)
    system = System([cell, other], [Thread("a", write), Thread("b", read)], [assertions()])
    (result,) = check(case_of(system), options=Options(reduction="partial-order")).results
    assert result.verdict is verdict


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_error_is_found(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 2,000 systems, twenty a seed; the first seed shows it while it draws the same."""
    target, name, make = MUTANTS[mutant]
    reduction, first = SHOWN[mutant]
    monkeypatch.setattr(target, name, make(getattr(target, name)))

    @settings(EXAMPLES, derandomize=False, max_examples=20, phases=[Phase.generate])
    @given(SYSTEMS)
    def all_the_same(recipe: Any) -> None:
        assert differences(recipe, [reduction]) == []

    with pytest.raises(AssertionError):
        for number in range(first, first + 100):
            seed(number)(all_the_same)()


def test_what_another_level_would_say_is_not_taken_from_a_custom_property() -> None:
    """A property of a user's own may look at the graph: it gets the merged one."""

    class Own:
        """Looks at the size of the graph."""

        name, about, wanted = "own", "", False

        def judge(self, explored: Any) -> Any:
            sizes.append(len(explored.graph.states))
            return explored.never(iter(()))

        def find(self, product: Any, state: Any) -> None:
            return None

    sizes: list[int] = []
    system = counting(3, 1)
    system.properties = (Own(),)
    for name in ("merge", *REDUCED):
        check(case_of(system), options=Options(reduction=name))
    assert len(set(sizes)) == 1


def test_sections_are_judged_in_a_lean_space() -> None:
    """What cannot be together is proved without the space of all orders."""
    system = counting(3, 3, wanted=False)
    system.properties = (never_together("apart", "page-init", "page-init"),)
    plain, lean = (
        check(case_of(system), options=Options(reduction=name)) for name in ("merge", "all")
    )
    assert lean.states < plain.states
    assert plain.results[0].choices == lean.results[0].choices


def test_levels_leave_out_less_and_less() -> None:
    """The last space leaves out nothing but equal places."""
    assert levels("all") == (Level(folded=True, lean=True), FOLDED, Level())
