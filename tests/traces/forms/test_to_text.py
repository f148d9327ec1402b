"""The whole text of fixed runs: what a reader sees is the product, so it is compared whole."""

import inspect
import linecache
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from locking import (
    Cell,
    Fairness,
    Mutex,
    RwSem,
    System,
    Thread,
    always,
    assertions,
    at_end,
    atomic,
    choose,
    deadlock_free,
    no_misuse,
    require,
    required,
    section,
    sometimes,
    sometimes_together,
)
from locking.traces.forms.page import Detail, Page, Paint, unpainted
from locking.traces.forms.terminal.cells import Cells, few
from locking.traces.forms.to_text import render
from tests.traces.runs import of_system

Program = Callable[..., Any]

TOY = ["\n"] * 299
"""The lines of `toy.py`, which is nowhere but here."""


@pytest.fixture(autouse=True)
def toy_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other tests have done to the cache, the lines of `toy.py` are in it."""
    monkeypatch.setitem(linecache.cache, "toy.py", (0, None, TOY, "toy.py"))


def at_line(line: int) -> Callable[[Program], Program]:
    """A program whose source stands in `toy.py`, its `def` at `line`, wherever it stands here."""

    def move(program: Program) -> Program:
        source = inspect.getsource(program).splitlines(keepends=True)[1:]
        TOY[line - 1 : line - 1 + len(source)] = source
        program.__code__ = program.__code__.replace(co_filename="toy.py", co_firstlineno=line - 1)
        return program

    return move


def text(
    system: System,
    choices: str,
    width: int = 80,
    notes: Mapping[str, str] = {},
    detail: Detail = Detail.FOLDED,
    paint: Paint = unpainted,
) -> str:
    """The run of `choices`, which must show the first property of `system`."""
    run = replace(of_system(system, choices, notes=notes), path=f"toy:{choices}")
    return render(run, Page(width, detail, paint))


def same(shown: str, expected: str) -> None:
    """Compare with a text that is indented here for the eye."""
    assert shown == textwrap.dedent(expected).lstrip("\n")


x = Cell("x", 0)
a, b = Mutex("a"), Mutex("b")
lock = RwSem("mem_hotplug_lock")


@at_line(10)
async def add_one() -> None:
    seen = await x.read()
    await x.write(seen + 1)


@at_line(20)
async def take(first: Mutex, second: Mutex) -> None:
    async with first.hold(), second.hold():
        pass


@at_line(30)
async def work() -> None:
    async with section("RESIZE_ZONE"):
        seen = await x.read()
        await x.write(seen + 1)


@at_line(40)
async def unlock() -> None:
    await a.mutex_unlock()


@at_line(50)
async def configure() -> None:
    async with section("configure"), atomic():
        size = await choose(4, -4)
        await x.write(size)
    seen = await x.read()
    assert seen > 0


@at_line(60)
async def under_lock() -> None:
    async with lock.read(), section("page-init"):
        await x.read()


@at_line(70)
async def lock_once() -> None:
    await a.mutex_lock()


LOST_UPDATE = System(
    [x],
    [Thread("first", add_one), Thread("second", add_one)],
    [at_end("total", lambda s: s[x] == 2, "both updates arrive")],
)
ABBA = System(
    [a, b], [Thread("left", take, (a, b)), Thread("right", take, (b, a))], [deadlock_free()]
)
FOUR = System(
    [x],
    [Thread(f"worker-{number}", work) for number in range(4)],
    [at_end("total", lambda s: s[x] > 1, "not all updates but one are lost")],
)
MISUSE = System([a], [Thread("owner", lock_once), Thread("thief", unlock)], [no_misuse()])
BLOCK = System([x], [Thread("configures", configure)], [assertions()])
READERS = System(
    [lock, x],
    [Thread("one", under_lock), Thread("other", under_lock)],
    [sometimes_together("parallel", "page-init", "page-init", "pages are initialised in parallel")],
)
NOTES = {"RESIZE_ZONE": "move_pfn_range_to_zone(), mm/memory_hotplug.c, v4.19", "other": "nothing"}


def test_lost_update() -> None:
    """Two threads at 80 columns: source lines stand beside, and the stale read is named."""
    same(
        text(LOST_UPDATE, "a1.b2.a1"),
        """
        total fails after 4 steps, 2 context switches

            first                      second
            ─────────────────────────  ─────────────────────────
         1  read(x) = 0  seen = 0                                 toy.py:11
         2                             read(x) = 0  seen = 0      toy.py:11
         3                             write(x, 1)  0 -> 1        toy.py:12
         4  write(x, 1)                                           toy.py:12

        At the end:
          first   ended
          second  ended

        Why: Lost update: write(x, 1) by first in step 4 (toy.py:12) is the last to
          write x; second had changed x from 0 to 1 in step 3, after first had read 0 in
          step 1.

        Violated: both updates arrive
          x = 1

        Replay: locking replay toy:a1.b2.a1
        """,
    )


def test_lost_update_60() -> None:
    """At 60 columns the source lines stand under the operations."""
    same(
        text(LOST_UPDATE, "a1.b2.a1", width=60),
        """
        total fails after 4 steps, 2 context switches

            first                        second
            ───────────────────────────  ───────────────────────────
         1  read(x) = 0  seen = 0
              toy.py:11
         2                               read(x) = 0  seen = 0
                                           toy.py:11
         3                               write(x, 1)  0 -> 1
                                           toy.py:12
         4  write(x, 1)
              toy.py:12

        At the end:
          first   ended
          second  ended

        Why: Lost update: write(x, 1) by first in step 4 (toy.py:12)
          is the last to write x; second had changed x from 0 to 1
          in step 3, after first had read 0 in step 1.

        Violated: both updates arrive
          x = 1

        Replay: locking replay toy:a1.b2.a1
        """,
    )


def test_lost_update_120() -> None:
    """At 120 columns there is room for the text of the lines."""
    same(
        text(LOST_UPDATE, "a1.b2.a1", width=120),
        """
        total fails after 4 steps, 2 context switches

            first                      second
            ─────────────────────────  ─────────────────────────
         1  read(x) = 0  seen = 0                                 toy.py:11  seen = await x.read()
         2                             read(x) = 0  seen = 0      toy.py:11  seen = await x.read()
         3                             write(x, 1)  0 -> 1        toy.py:12  await x.write(seen + 1)
         4  write(x, 1)                                           toy.py:12  await x.write(seen + 1)

        At the end:
          first   ended
          second  ended

        Why: Lost update: write(x, 1) by first in step 4 (toy.py:12) is the last to write x; second had
          changed x from 0 to 1 in step 3, after first had read 0 in step 1.

        Violated: both updates arrive
          x = 1

        Replay: locking replay toy:a1.b2.a1
        """,  # noqa: E501
    )


def test_deadlock() -> None:
    """Each lock's holders and waiters stand under the step that changed them; the cycle is said."""
    same(
        text(ABBA, "a1.b1"),
        """
        deadlock-free fails after 2 steps, 1 context switch

            left               right
            ─────────────────  ─────────────────
         1  mutex_lock(a)                         toy.py:21
            · a: held by left
         2                     mutex_lock(b)      toy.py:21
            · a: held by left; waiting: right
            · b: held by right; waiting: left

        At the end:
          left   waits in mutex_lock(b) at toy.py:21
          right  waits in mutex_lock(a) at toy.py:21

        Why: ABBA deadlock: left holds a (since step 1) and waits for b; right holds b
          (since step 2) and waits for a: each waits for the other.

        Violated: every thread that waits can still go on

        Replay: locking replay toy:a1.b1
        """,
    )


def test_four_threads() -> None:
    """Four threads at 80 columns share one column too: so a step is a line."""
    same(
        text(FOUR, "a1.b2.c2.d2.a1", notes=NOTES),
        """
        total fails after 8 steps, 4 context switches

                                                                                  toy.py
            worker-0  ┌ RESIZE_ZONE
            worker-1  ┌ RESIZE_ZONE
            worker-2  ┌ RESIZE_ZONE
            worker-3  ┌ RESIZE_ZONE
         1  worker-0  │ read(x) = 0  seen = 0                                    line 32
         2  worker-1  │ read(x) = 0  seen = 0                                    line 32
         3  worker-1  │ write(x, 1)  0 -> 1  └ RESIZE_ZONE                       line 33
         4  worker-2  │ read(x) = 1  seen = 1                                    line 32
         5  worker-2  │ write(x, 2)  1 -> 2  └ RESIZE_ZONE                       line 33
         6  worker-3  │ read(x) = 2  seen = 2                                    line 32
         7  worker-3  │ write(x, 3)  2 -> 3  └ RESIZE_ZONE                       line 33
         8  worker-0  │ write(x, 1)  3 -> 1  └ RESIZE_ZONE                       line 33

        In the kernel:
          RESIZE_ZONE  move_pfn_range_to_zone(), mm/memory_hotplug.c, v4.19

        At the end:
          worker-0  ended
          worker-1  ended
          worker-2  ended
          worker-3  ended

        Why: Lost update: write(x, 1) by worker-0 in step 8 (toy.py:33, in RESIZE_ZONE)
          is the last to write x; worker-3 had changed x from 2 to 3 in step 7, in
          RESIZE_ZONE, while worker-0 was in RESIZE_ZONE and had read 0 in step 1.

        Violated: not all updates but one are lost
          x = 1

        Replay: locking replay toy:a1.b2.c2.d2.a1
        """,
    )


def test_four_threads_60() -> None:
    """Four at 60 columns share one column, which names them."""
    same(
        text(FOUR, "a1.b2.c2.d2.a1", width=60, notes=NOTES),
        """
        total fails after 8 steps, 4 context switches

                                                              toy.py
            worker-0  ┌ RESIZE_ZONE
            worker-1  ┌ RESIZE_ZONE
            worker-2  ┌ RESIZE_ZONE
            worker-3  ┌ RESIZE_ZONE
         1  worker-0  │ read(x) = 0  seen = 0                line 32
         2  worker-1  │ read(x) = 0  seen = 0                line 32
         3  worker-1  │ write(x, 1)  0 -> 1                  line 33
            worker-1  └ RESIZE_ZONE
         4  worker-2  │ read(x) = 1  seen = 1                line 32
         5  worker-2  │ write(x, 2)  1 -> 2                  line 33
            worker-2  └ RESIZE_ZONE
         6  worker-3  │ read(x) = 2  seen = 2                line 32
         7  worker-3  │ write(x, 3)  2 -> 3                  line 33
            worker-3  └ RESIZE_ZONE
         8  worker-0  │ write(x, 1)  3 -> 1                  line 33
            worker-0  └ RESIZE_ZONE

        In the kernel:
          RESIZE_ZONE  move_pfn_range_to_zone(),
                         mm/memory_hotplug.c, v4.19

        At the end:
          worker-0  ended
          worker-1  ended
          worker-2  ended
          worker-3  ended

        Why: Lost update: write(x, 1) by worker-0 in step 8
          (toy.py:33, in RESIZE_ZONE) is the last to write x;
          worker-3 had changed x from 2 to 3 in step 7, in
          RESIZE_ZONE, while worker-0 was in RESIZE_ZONE and had
          read 0 in step 1.

        Violated: not all updates but one are lost
          x = 1

        Replay: locking replay toy:a1.b2.c2.d2.a1
        """,
    )


def test_misuse() -> None:
    """A misuse is marked where it happens, and who had the lock is said."""
    same(
        text(MISUSE, "a1.b1"),
        """
        no-misuse fails after 2 steps, 1 context switch

            owner                            thief
            ───────────────────────────────  ───────────────────────────────
         1  mutex_lock(a)                                                     toy.py:71
            · a: held by owner
         2                                   mutex_unlock(a)                  toy.py:41
                                             !! misuse: thief unlocks a,
                                               which owner holds

        At the end:
          owner  ended
          thief  stopped, misuse at toy.py:41

        Why: mutex_unlock(a) by thief in step 2 (toy.py:41) is a misuse: thief unlocks
          a, which owner holds; owner had changed a from free to held by owner in step
          1, before thief's first step.

        Violated: every lock is used as its contract says

        Replay: locking replay toy:a1.b1
        """,
    )


def test_atomic_block() -> None:
    """The operations of an atomic block have one number and stand in brackets."""
    same(
        text(BLOCK, "a~1.a1"),
        """
        assertions fails after 2 steps, 0 context switches

            configures
            ─────────────────────────────
            ┌ configure
         1  │ atomic {
            │   choose -> -4  size = -4    toy.py:52
            │   write(x, -4)  0 -> -4      toy.py:53
            │ }
            └ configure
         2  read(x) = -4                   toy.py:54
            !! assertion false             toy.py:55

        At the end:
          configures  stopped, assertion false at toy.py:55

        Why: configures fails an assertion (toy.py:55) after step 2: read(x) = -4
          (toy.py:54).

        Violated: every assertion is true
          assert seen > 0
          seen = -4

        Replay: locking replay toy:a~1.a1
        """,
    )


def test_witness() -> None:
    """A witness says how many are inside at once and since when."""
    same(
        text(READERS, "a1.b1"),
        """
        parallel is witnessed after 2 steps, 1 context switch

            one                              other
            ───────────────────────────────  ───────────────────────────────
         1  down_read(mem_hotplug_lock)                                       toy.py:61
            · mem_hotplug_lock: read one
            ┌ page-init
         2  │                                down_read(mem_hotplug_lock)      toy.py:61
            · mem_hotplug_lock: read one, read other
            │                                ┌ page-init

        At the end:
          one    next read(x) at toy.py:62, inside page-init
          other  next read(x) at toy.py:62, inside page-init

        Why: 2 threads are inside page-init at the same time from step 2 on: one since
          step 1 and other since step 2.

        Shown: pages are initialised in parallel
          inside page-init = one, other

        Replay: locking replay toy:a1.b1
        """,
    )


def test_no_step() -> None:
    """A run of no steps has no columns."""
    system = System([x], [Thread("only", add_one)], [always("zero", lambda s: s[x] == 1, "x is 1")])
    same(
        text(system, "-"),
        """
        zero fails after 0 steps, 0 context switches

        At the end:
          only  next read(x) at toy.py:11

        Why: zero is broken at the start, before any thread takes a step.

        Violated: x is 1
          x = 0

        Replay: locking replay toy:-
        """,
    )


def test_idle_threads_have_no_column() -> None:
    """A thread that takes no step is listed at the end only."""
    shown = text(System([a], MISUSE.threads, [no_misuse()]), "b1")
    assert "owner" not in shown.partition("At the end:")[0]
    assert "  owner  next mutex_lock(a) at toy.py:71\n" in shown


@at_line(120)
async def resize() -> None:
    async with lock.write():
        for page in PAGES:
            async with section("ADD_SECTIONS"):
                await page.write("poison")
        async with section("RESIZE_ZONE"):
            seen = await x.read()
            await x.write(seen + 1)
            for page in PAGES:
                await page.write("zeroed")


@at_line(140)
async def walk() -> None:
    flags = await PAGES[1].read()
    for _ in range(3):
        await x.read()
    async with section("WALK"):
        seen = await x.read()
        assert flags != "zeroed" or seen == 0


PAGES = [Cell(f"page{number}", None) for number in range(10)]
WALK = System([lock, x, *PAGES], [Thread("adder", resize), Thread("walker", walk)], [assertions()])
WALKED = "a15.b5"


def test_a_long_run_is_folded() -> None:
    """Steps of one turn that don't matter are one line, with what they changed."""
    same(
        text(WALK, WALKED),
        """
        assertions fails after 20 steps, 1 context switch

            adder                            walker
            ───────────────────────────────  ───────────────────────────────
            ⋮ steps 1-12 of adder, through ADD_SECTIONS: page0, page1, page2, page3,
              page4, page5, page6, page7, page8, page9 None -> poison
            · mem_hotplug_lock: write adder
            ┌ RESIZE_ZONE
        13  │ write(x, 1)  0 -> 1                                             toy.py:127
        14  │ write(page0, 'zeroed')                                          toy.py:129
            │   poison -> zeroed
        15  │ write(page1, 'zeroed')                                          toy.py:129
            │   poison -> zeroed
        16  │                                read(page1) = 'zeroed'           toy.py:141
            │                                  flags = 'zeroed'
            ⋮ steps 17-19 of walker
            │                                ┌ WALK
        20  │                                │ read(x) = 1  seen = 1          toy.py:145
            │                                │ !! assertion false             toy.py:146

        At the end:
          adder   next write(page2, 'zeroed') at toy.py:129, inside RESIZE_ZONE
          walker  stopped, assertion false at toy.py:146, inside WALK

        Why: walker fails an assertion (toy.py:146) after step 20: read(x) = 1
          (toy.py:145, in WALK); adder had changed page1 from poison to zeroed in step
          15, in RESIZE_ZONE, before walker's first step.

        Violated: every assertion is true
          assert flags != 'zeroed' or seen == 0
          flags = 'zeroed'
          seen = 1

        Replay: locking replay toy:a15.b5
        """,
    )


def test_a_long_run_in_full() -> None:
    """Nothing is folded where that is asked for."""
    shown = text(WALK, WALKED, detail=Detail.FULL)
    assert "⋮" not in shown
    assert all(f"\n{number:2}  " in shown for number in range(1, 21))


def test_why_shows_what_matters_and_counts_the_rest() -> None:
    """Only the steps that the failure depends on."""
    same(
        text(WALK, WALKED, detail=Detail.WHY),
        """
        assertions fails after 20 steps, 1 context switch; it depends on 4 steps

            adder                            walker
            ───────────────────────────────  ───────────────────────────────
            ⋮ 12 steps of adder left out
            ┌ RESIZE_ZONE
        13  │ write(x, 1)  0 -> 1                                             toy.py:127
            ⋮ 1 step of adder left out
        15  │ write(page1, 'zeroed')                                          toy.py:129
            │   poison -> zeroed
        16  │                                read(page1) = 'zeroed'           toy.py:141
            │                                  flags = 'zeroed'
            ⋮ 3 steps of walker left out
            │                                ┌ WALK
        20  │                                │ read(x) = 1  seen = 1          toy.py:145
            │                                │ !! assertion false             toy.py:146

        Left out: 16 steps. Wherever they come, a run of these threads that takes the
          steps above in their order ends like this one.

        At the end:
          adder   next write(page2, 'zeroed') at toy.py:129, inside RESIZE_ZONE
          walker  stopped, assertion false at toy.py:146, inside WALK

        Why: walker fails an assertion (toy.py:146) after step 20: read(x) = 1
          (toy.py:145, in WALK); adder had changed page1 from poison to zeroed in step
          15, in RESIZE_ZONE, before walker's first step.

        Violated: every assertion is true
          assert flags != 'zeroed' or seen == 0
          flags = 'zeroed'
          seen = 1

        Replay: locking replay toy:a15.b5
        """,
    )


def test_why_of_a_run_without_steps() -> None:
    """There is nothing to leave out."""
    system = System([x], [Thread("only", add_one)], [always("zero", lambda s: s[x] == 1, "x is 1")])
    assert "left out" not in text(system, "-", detail=Detail.WHY).lower()


def test_why_of_a_run_of_which_no_step_matters() -> None:
    """A trace without a table says how many steps it left out."""
    system = System([x], [Thread("only", add_one)], [always("zero", lambda s: s[x] == 1, "x is 1")])
    shown = text(system, "a1", detail=Detail.WHY)
    assert "it depends on 0 steps\n\nLeft out: 1 step." in shown


LONG = RwSem("a lock with a very [red] long name," * 4)
BIG = Cell("zone." + "start_pfn" * 20, "é\t" * 90)


@at_line(80)
async def odd() -> None:
    async with section("$ section" * 30), LONG.read():
        seen = await BIG.read()
        await BIG.write(seen + "!")


SIZES = [(width, threads) for width in (1, 40, 60, 80, 120, 300) for threads in (1, 2, 4)]
ODD = [(*size, Detail.FULL) for size in SIZES] + [(60, 5, detail) for detail in Detail]


@pytest.mark.parametrize(("width", "threads", "detail"), ODD)
def test_odd_names_keep_to_the_width(width: int, threads: int, detail: Detail) -> None:
    """Long names are folded or cut, control characters are escaped, and no line is too wide."""
    names = [f"{'adder' * 30} {number}" for number in range(threads)]
    property_ = sometimes("% odd", lambda s: s[BIG] != "", "about\t" * 99)
    system = System([LONG, BIG], [Thread(name, odd) for name in names], [property_])
    choices = ".".join(f"{letter}4" for letter in "abcdefghijkl"[:threads])
    shown = text(system, choices, width, detail=detail)
    lines = shown.removesuffix("\n").split("\n")
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    assert max(map(len, lines[:-1])) <= max(width, 40)


def test_the_path_is_one_line() -> None:
    """The line to copy is not folded."""
    path = ".".join(["a1", "b1"] * 3 + ["a1"] * 60)
    shown = text(ENDLESS, path)
    assert shown.endswith(f"\nReplay: locking replay toy:{path}\n")


@at_line(90)
async def many() -> None:
    for _ in range(99):
        await x.read()


ENDLESS = System(
    [x], [Thread("one", many), Thread("other", many)], [always("never", lambda s: s[x], "x is set")]
)


def test_every_call_gives_the_same_text() -> None:
    """The text depends on the run alone."""
    assert text(FOUR, "a1.b2.c2.d2.a1") == text(FOUR, "a1.b2.c2.d2.a1")


@at_line(200)
async def look_once() -> None:
    async with section("WALK"):
        seen = await x.read()
        require(seen == 0, "zero", stop=False, seen=seen)


def test_what_was_not_met_stands_under_its_step() -> None:
    """The section that the thread then leaves was still open."""
    threads = [Thread("writer", set_one), Thread("walker", look_once)]
    shown = text(System([x, b], threads, [required("zero")]), "a1.b1")
    assert shown.index("!! requirement zero") < shown.index("└ WALK")


@at_line(210)
async def set_one() -> None:
    async with section("EARLY"):
        await x.write(1)
    async with section("MIDDLE"):
        await b.mutex_lock()
    async with section("LATE"):
        await b.mutex_unlock()


def test_the_legend_is_of_the_sections_that_are_shown() -> None:
    """With `--why`, one that is entered and left unseen is not explained."""
    threads = [Thread("writer", set_one), Thread("walker", look_once)]
    notes = {name: f"{name.lower()}()" for name in ("EARLY", "MIDDLE", "LATE", "WALK")}
    shown = text(
        System([x, b], threads, [required("zero")]), "a2.b1", notes=notes, detail=Detail.WHY
    )
    assert all(f"┌ {name}" in shown and f"{name.lower()}()" in shown for name in ("EARLY", "LATE"))
    assert "MIDDLE" not in shown


WORDS = [Cell(f"page{number}.word_of_it", number) for number in range(10)]


@at_line(220)
async def long_walk() -> None:
    await a.mutex_lock()
    async with section("FIRST"):
        await x.write(1)
        for cell in WORDS:
            await cell.write("here")
    await a.mutex_unlock()
    async with section("SECOND"):
        for cell in WORDS:
            await cell.read()


def test_a_fold_keeps_the_order_of_sections_and_locks() -> None:
    """Out of a section that is open, before the lock is let go and the next section is entered."""
    threads = [Thread("long", long_walk), Thread("walker", look_once)]
    shown = text(System([a, x, *WORDS], threads, [required("zero")]), "a23.b1")
    assert "of long, out of FIRST, through SECOND:" in shown
    assert shown.index("└ FIRST") < shown.index("· a: free", shown.index("⋮"))


def test_a_fold_tells_all_that_was_changed() -> None:
    """Even of ten objects, in 80 columns."""
    threads = [Thread("long", long_walk), Thread("walker", look_once)]
    shown = text(System([a, x, *WORDS], threads, [required("zero")]), "a23.b1")
    assert all(each.name in shown for each in WORDS)
    assert "…" not in shown


@at_line(240)
async def write_long() -> None:
    await WORD.write("twenty characters")
    seen = await WORD.read()
    assert not seen


WORD = Cell("a_word_of_a_structure", 0)


def test_a_wide_screen_breaks_no_more_than_a_narrow_one() -> None:
    """Where there is room for the model's text, the operation has room too."""
    system = System([WORD], [Thread("only", write_long)], [assertions()])
    for width in (80, 120):
        assert "write(a_word_of_a_structure, 'twenty characters')" in text(system, "a2", width)


def test_a_result_is_not_torn_from_its_sign() -> None:
    """Where a call and its result have no room on one line, the result has its own."""
    system = System([WORD], [Thread("only", write_long)], [assertions()])
    shown = text(system, "a2", 50)
    assert "read(a_word_of_a_structure) " in shown
    assert "  = 'twenty characters'" in shown


def test_a_thread_that_is_about_to_queue_up_has_to_wait() -> None:
    """The line of the thread agrees with the line of its lock."""
    fair = RwSem("fair", Fairness.FIFO)

    async def read_in_read() -> None:
        async with fair.read(), fair.read():
            pass

    async def write_once() -> None:
        async with fair.write():
            pass

    threads = [Thread("reader", read_in_read), Thread("writer", write_once)]
    shown = text(System([fair], threads, [deadlock_free()]), "a1.b1")
    assert "waiting: reader, writer" in shown
    assert "reader  waits in down_read(fair) at test_to_text.py" in shown


def test_a_few_of_many_waiting_threads_are_named() -> None:
    names = [f"t{number}" for number in range(20)]
    assert few(names[:3]) == "t0, t1, t2"
    assert few(names) == "t0, t1, t2, t3 and 16 more"


def test_a_line_of_the_model_is_folded_below_its_site() -> None:
    cells = Cells(30, 30, True, False, {})
    assert cells.with_text("toy.py:7", "await x.read()") == ["toy.py:7  await x.read()"]
    assert cells.with_text("toy.py:7", "await first.read_modify_write(1)") == [
        "toy.py:7",
        "  await first.",
        "    read_modify_write(1)",
    ]
