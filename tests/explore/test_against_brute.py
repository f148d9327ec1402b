"""The library agrees with brute force on random systems: verdicts, paths, counts and ends."""

import pytest
from hypothesis import HealthCheck, assume, given, settings

from locking import Fairness, System, Thread, forever, retry, sometimes
from tests.explore.brute import Brute, TooMany
from tests.explore.compare import agreed, checked, cost, explored, finals
from tests.explore.systems import Recipe, placements, programs

EXAMPLES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def compared(recipe: Recipe) -> Brute:
    """Brute force, agreed with; systems that are too large for it are put aside."""
    try:
        return agreed(recipe, most=500)
    except TooMany:
        assume(False)
        raise


@settings(EXAMPLES, max_examples=12)
@given(programs())
def test_random_threads_are_explored_exactly(recipe: Recipe) -> None:
    """Interleavings, ends, verdicts, shortest paths and fewest switches, merged and not."""
    compared(recipe)


@settings(EXAMPLES, max_examples=6)
@given(placements())
def test_random_placements_are_explored_exactly(recipe: Recipe) -> None:
    """Counts, verdicts and paths of threads that a placement arranges, merged and not."""
    compared(recipe)


@settings(EXAMPLES, max_examples=15)
@given(programs())
def test_merging_keeps_what_can_happen(recipe: Recipe) -> None:
    """Merged and unmerged agree on all but counts of states; merging never adds any."""
    plain, merged = (explored(recipe.build()[0], minimise=way) for way in (False, True))
    assert finals(*plain) == finals(*merged)
    assert len(merged[1].states) <= len(plain[1].states)
    assert merged[1].transitions <= plain[1].transitions
    # A deep state may be merged with one that is met earlier.
    assert merged[1].depth <= plain[1].depth


@pytest.mark.parametrize("minimise", [False, True])
def test_blocks_that_follow_at_once_are_two_steps(minimise: bool) -> None:
    """Another thread may move between two atomic blocks with nothing in between."""
    program = (("atomic", (("write", "x", 1),)), ("atomic", (("write", "x", 2),)))
    system, _ = Recipe((program, (("read", "y"),))).build()
    system.properties = tuple(each for each in system.properties if each.name == "x1")
    assert [each.path for each in checked(system, minimise=minimise).results] == [
        "toy:only::x1::a1"
    ]


@pytest.mark.slow
def test_random_systems_show_every_property() -> None:
    """A comparison of systems in which nothing ever fails would prove nothing."""
    shown: set[str] = set()

    @settings(EXAMPLES, max_examples=120)
    @given(programs() | placements())
    def sample(recipe: Recipe) -> None:
        system, questions = recipe.build()
        try:
            shown.update(Brute(system, questions, 300).best)
        except TooMany:
            return

    sample()
    assert shown >= {"deadlock", "misuse", "race", "end-x", "pp2", "pq2", "held"}


@settings(EXAMPLES, max_examples=6)
@given(programs())
def test_loops_without_end_are_explored_as_far_as_brute_force_can_look(recipe: Recipe) -> None:
    """A thread that polls for ever beside random ones: all that shows within some steps agrees."""
    longest = 5
    system, questions = recipe.build()
    cell, polled = system.objects[:2]

    async def poll() -> None:
        async def attempt() -> int | None:
            return await polled.READ_ONCE() or None

        await cell.WRITE_ONCE(await retry(attempt))
        await forever(cell.READ_ONCE)

    threads = [*system.threads[:2], Thread("poll", poll, daemon=True)]
    asked = [each for each in system.properties if each.name in ("x1", "x-not-y", "y2", "race")]
    looping = System(system.objects, threads, [*asked, sometimes("x", lambda s: s[cell] != 0)])
    try:
        brute = Brute(looping, {**questions, "x": lambda s: s[cell] != 0}, 400, longest)
    except TooMany:
        return
    for minimise in (False, True):
        for name in [each.name for each in looping.properties]:
            result = checked(looping, [name], minimise=minimise).results[0]
            found = cost(result.choices) if result.choices is not None else None
            within = found if found and found[0] <= longest else None
            assert within == ((name in brute.best and brute.best[name][:2]) or None)


def test_a_block_in_which_a_writer_becomes_a_reader_is_entered_by_one_at_a_time() -> None:
    block = ("atomic", (("downgrade", (), (("bump", "x"),)),))
    assert "race" not in compared(Recipe(programs=((block,), (block,)))).best


@pytest.mark.slow
@settings(EXAMPLES, derandomize=False, max_examples=200)
@given(programs() | placements())
def test_hundreds_of_random_systems_are_explored_exactly(recipe: Recipe) -> None:
    """Other random systems every time."""
    compared(recipe)


def test_a_failure_under_a_lock_of_a_placement_leaves_it_held() -> None:
    failing = ("step", "p", (("choose", (0, 1)), ("assert", 0)))
    tree = (("hold", "m", (failing,)),)
    compared(Recipe((), Fairness.READER_PREFERRING, trees=(tree,)))
