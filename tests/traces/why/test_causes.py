"""Why events come as they do, and which steps a failure depends on."""

import pkgutil
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import locking.catalogue as catalogue
import locking.models.textbook as textbook
from locking import (
    WAIT,
    Atomic,
    Cell,
    Completion,
    Mutex,
    Object,
    Outcome,
    RwSem,
    Seqlock,
    System,
    Thread,
    at_end,
    atomic,
    operation,
    require,
    required,
    section,
)
from locking.check import check
from locking.cli.commands.replay import case_of_path
from locking.explore.product import Product
from locking.model import Model
from locking.properties.liveness import Live
from locking.traces.path import decode, decode_choices
from locking.traces.replay import Trace, replay
from locking.traces.rerun import rerun
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import Cause, causes
from locking.traces.why.explain import diagnose
from locking.traces.why.relevance import explained, relevant, steps_named
from locking.verdicts import Options
from tests.explore.systems import Recipe, programs
from tests.traces.runs import of_system
from tests.traces.why.retold import explains

x, y = Cell("x", 0), Cell("y", 0)
m = Mutex("m")
r = RwSem("r")
done = Completion("done")
s = Seqlock("s")
n = Atomic("n", 0)

TEXTBOOK = [
    "textbook.abba:only::deadlock-free::a1.b1",
    "textbook.check_then_act:only::no-use-after-free::a3.b3.a2",
    "textbook.downgrade:gap::unchanged::a3.b3.a2",
    "textbook.either_order:only::b-always-wins::b3.a3",
    "textbook.lost_update:only::sum::a1.b2.a1",
    "textbook.lost_update:only::data-race::a1",
    "textbook.recursive_read:writer-blocks-readers::deadlock-free::a1.b1",
    "textbook.torn_read:only::whole::a1.b2",
    "textbook.torn_read:only::data-race::-",
]
"""Every failing cell of the textbook models, but for lassos; a test says that they are all."""

DUYCK = "memory_hotplug:add-vs-add:duyck:init-inside-span::b13.a6.b4"

HOTPLUG = [
    DUYCK,
    "memory_hotplug:add-vs-add:williams-rwsem-gap:sync-point::a13.b1",
    "memory_hotplug:add-vs-walker:williams-rwsem-downgrade:no-poison-read::a3.b4",
    "memory_hotplug:add-vs-add:baseline:init-once::a17",
]


def calls(run: ShownRun) -> list[tuple[str, str, Any]]:
    """Of the steps that a run depends on: thread, call and result of each operation."""
    events = [run.trace.events[at] for at in relevant(run)]
    return [(run.trace.names[e.thread], e.call, e.result) for e in events]


def shown(text: str) -> ShownRun:
    """The run of a path string."""
    path = decode(text)
    return rerun(case_of_path(path), path.property, path.choices)


def run(objects: list[Any], programs_: list[Any], choices: str) -> Trace:
    """A run of threads a, b and so on."""
    threads = [Thread("abc"[at], program) for at, program in enumerate(programs_)]
    return replay(Product(objects, threads), decode_choices("", choices))


def of_objects(trace: Trace, at: int) -> list[Cause]:
    """The causes of an event, but for program order."""
    return [cause for cause in causes(trace)[at] if cause.kind != "order"]


async def read_x() -> None:
    await x.read()


async def write_x() -> None:
    await x.write(1)


async def locked() -> None:
    await m.mutex_lock()
    await m.mutex_unlock()


def test_a_step_comes_after_the_one_before_it_of_its_thread() -> None:
    trace = run([m], [locked, locked], "a2.b2")
    assert [[cause for cause in found if cause.kind == "order"] for found in causes(trace)] == [
        [],
        [Cause(0, "order", "")],
        [],
        [Cause(2, "order", "")],
    ]


def test_a_read_depends_on_the_last_write_by_anybody() -> None:
    trace = run([x], [write_x, write_x, read_x], "a1.b1.c1")
    assert of_objects(trace, 2) == [Cause(1, "data", "x")]
    assert of_objects(trace, 1) == [Cause(0, "data", "x")]


def test_a_write_does_not_depend_on_reads() -> None:
    assert of_objects(run([x], [read_x, write_x], "a1.b1"), 1) == []


def test_a_failed_compare_and_swap_wrote_nothing() -> None:
    async def swap() -> None:
        await n.atomic_cmpxchg(5, 6)

    async def look() -> None:
        await n.atomic_read()

    trace = run([n], [swap, look], "a1.b1")
    assert of_objects(trace, 1) == []


def test_an_acquisition_depends_on_the_release_that_let_it_in() -> None:
    trace = run([m], [locked, locked], "a2.b2")
    assert of_objects(trace, 2) == [Cause(1, "lock", "m")]


def test_a_lock_that_was_never_held_has_no_cause() -> None:
    assert of_objects(run([m], [locked, locked], "a2"), 0) == []


def test_a_writer_depends_on_the_last_reader_and_a_reader_on_the_downgrade() -> None:
    async def reader() -> None:
        await r.down_read()
        await r.up_read()

    async def writer() -> None:
        await r.down_write()
        await r.downgrade_write()
        await r.up_read()

    trace = run([r], [reader, reader, writer], "a1.b1.a1.b1.c1")
    assert of_objects(trace, 4) == [Cause(3, "lock", "r")]
    assert of_objects(trace, 3) == []
    assert of_objects(run([r], [writer, reader], "a2.b1"), 2) == [Cause(1, "lock", "r")]


def test_a_trylock_that_fails_depends_on_the_acquisition() -> None:
    async def tries() -> None:
        _ = await m.mutex_trylock()

    assert of_objects(run([m], [locked, tries], "a1.b1"), 1) == [Cause(0, "lock", "m")]
    assert of_objects(run([m], [locked, tries], "a2.b1"), 2) == [Cause(1, "lock", "m")]


def test_a_waiter_depends_on_its_completion() -> None:
    async def waits() -> None:
        await done.wait_for_completion()

    async def completes() -> None:
        await done.complete()

    assert of_objects(run([done], [waits, completes], "b1.a1"), 1) == [Cause(0, "lock", "done")]


def test_a_retry_depends_on_the_write_that_changed_the_sequence() -> None:
    async def reads() -> None:
        begun = await s.read_seqbegin()
        await s.read_seqretry(begun)

    async def writes() -> None:
        await s.write_seqlock()
        await s.write_sequnlock()

    again = run([s], [reads, writes], "a1.b2.a1")
    assert again.events[3].result is True
    assert of_objects(again, 3) == [Cause(1, "lock", "s")]
    assert of_objects(run([s], [reads, writes], "a2"), 1) == []


def test_a_lock_of_ones_own_is_asked_like_any_other() -> None:
    class Turnstile(Object):
        """State: whether somebody may pass."""

        @operation
        def push(self, free: bool, me: str) -> Outcome:
            return (False, None) if free else WAIT

        @operation
        def coin(self, free: bool, me: str) -> Outcome:
            return True, None

    gate = Turnstile("gate", False)

    async def push() -> None:
        await gate.push()

    async def coin() -> None:
        await gate.coin()

    assert of_objects(run([gate], [push, coin], "b1.a1"), 1) == [Cause(0, "lock", "gate")]


def test_a_rule_that_raises_in_another_state_is_no_error() -> None:
    class Picky(Object):
        """State: a number, of which `half` is asked only when it is even."""

        @operation
        def half(self, number: int, me: str) -> Outcome:
            if number % 2:
                raise ValueError(number)
            return number // 2, None

        @operation
        def up(self, number: int, me: str) -> Outcome:
            return number + 1, None

    picky = Picky("picky", 1)

    async def half() -> None:
        await x.read()
        await picky.half()

    async def up() -> None:
        await picky.up()

    assert of_objects(run([picky, x], [up, half], "a1.b2"), 2) == [Cause(0, "lock", "picky")]


def test_a_misuse_depends_on_who_brought_the_lock_there() -> None:
    async def unlock() -> None:
        await m.mutex_unlock()

    assert of_objects(run([m], [locked, unlock], "a1.b1"), 1) == [Cause(0, "lock", "m")]


def test_the_textbook_cells_are_all_that_fail() -> None:
    failing = []
    for module in pkgutil.iter_modules(textbook.__path__):
        model = catalogue.model(f"textbook.{module.name}")
        for scenario in model.scenarios:
            found = check(model.case(scenario, None)).results
            failing += [
                r.path
                for r in found
                if r.path and not r.claim.wanted and not isinstance(r.claim, Live)
            ]
    assert sorted(failing) == sorted(TEXTBOOK)


@pytest.mark.parametrize("path", [*TEXTBOOK, *HOTPLUG])
def test_what_is_kept_explains_and_nothing_of_it_can_go(path: str) -> None:
    found = shown(path)
    steps, shortest = explained(found)
    assert shortest
    assert explains(found, steps)
    for left_out in set(steps) - steps_named(diagnose(found)):
        assert not explains(found, [step for step in steps if step != left_out])


def randomly(examples: int) -> settings:
    """So many random systems, the same ones each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@randomly(12)
@given(programs())
def test_random_failures_are_explained_and_nothing_of_it_can_go(recipe: Recipe) -> None:
    explained_and_nothing_can_go(recipe)


@pytest.mark.slow
@randomly(60)
@given(programs())
def test_more_random_failures_are_explained_and_nothing_of_it_can_go(recipe: Recipe) -> None:
    explained_and_nothing_can_go(recipe)


def explained_and_nothing_can_go(recipe: Recipe) -> None:
    """Every failing run of a system is explained, by no more steps than it must."""
    system, _ = recipe.build()
    model = Model("random", "", lambda _: recipe.build()[0])
    for result in check(model.case("only", None), options=Options()).results:
        if result.choices is not None and not result.claim.wanted:
            found = of_system(system, result.choices, result.claim.name)
            steps, shortest = explained(found)
            assert explains(found, steps)
            for left_out in set(steps) - steps_named(diagnose(found)) if shortest else ():
                assert not explains(found, [step for step in steps if step != left_out])


def test_the_duyck_race_in_four_steps_of_23() -> None:
    found = shown(DUYCK)
    steps, _ = explained(found)
    assert (len(steps), len(found.trace.states) - 1) == (4, 23)
    assert ("adder-10", "write(zone.zone_start_pfn, 10)", None) in calls(found)
    assert calls(found)[-2:] == [
        ("adder-12", "read(zone.zone_start_pfn)", 10),
        ("adder-12", "read(zone.spanned_pages)", 1),
    ]


def test_a_lost_update_keeps_the_stale_read_and_both_writes() -> None:
    assert calls(shown("textbook.lost_update:only::sum::a1.b2.a1")) == [
        ("first", "read(counter)", 0),
        ("second", "write(counter, 1)", None),
        ("first", "write(counter, 1)", None),
    ]


def test_a_check_is_kept_though_no_value_of_it_is_used() -> None:
    assert ("user", "read(allocated)", True) in calls(shown(TEXTBOOK[1]))


def test_locks_go_where_only_memory_matters() -> None:
    assert not [call for _, call, _ in calls(shown(TEXTBOOK[1])) if "lock" in call]


def test_the_gap_between_two_locks_is_shown_where_it_is_named() -> None:
    named = [call for _, call, _ in calls(shown(TEXTBOOK[2])) if "(lock)" in call]
    assert named == ["up_write(lock)", "down_read(lock)"]


def test_a_step_of_a_thread_that_has_nothing_to_do_with_it_is_left_out() -> None:
    async def fails() -> None:
        seen = await x.read()
        require(seen == 0, "zero", seen=seen)

    async def other() -> None:
        await y.write(1)
        await y.write(2)

    threads = [Thread("fails", fails), Thread("writer", write_x), Thread("other", other)]
    system = System([x, y], threads, [required("zero")])
    found = of_system(system, "c1.b1.c1.a1", "zero")
    assert explained(found) == ((2, 4), True)


def test_an_atomic_block_is_kept_whole() -> None:
    async def both() -> None:
        async with atomic():
            await y.write(1)
            await x.write(1)

    async def fails() -> None:
        seen = await x.read()
        require(seen == 0, "zero", seen=seen)

    system = System([x, y], [Thread("w", both), Thread("f", fails)], [required("zero")])
    found = of_system(system, "a1.b1", "zero")
    assert relevant(found) == (0, 1, 2)


@pytest.mark.slow
def test_what_is_too_large_to_go_through_is_right_but_may_be_longer() -> None:
    async def busy(cell: Cell) -> None:
        async with section("busy"):
            for value in range(6):
                await cell.write(value)

    cells = [Cell(f"c{at}") for at in range(8)]
    threads = [Thread(f"t{at}", busy, (cell,)) for at, cell in enumerate(cells)]
    bad = at_end("all", lambda view: view[cells[0]] != 5)
    choices = ".".join(f"{letter}6" for letter in "abcdefgh")
    system = System(cells, threads, [bad])
    steps, shortest = explained(of_system(system, choices, "all"))
    assert not shortest
    assert 6 in steps


def test_a_run_of_no_steps_depends_on_none() -> None:
    assert relevant(shown("textbook.torn_read:only::data-race::-")) == ()
