"""Checks of whole runs: SPIN, TLC and rumur find those that we find, under each fairness."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from time import localtime, strftime, time
from typing import Any

import pytest

from locking import (
    Cell,
    Mutex,
    Property,
    RwSem,
    Spinlock,
    System,
    Thread,
    can_end,
    eventually,
    forever,
    no_livelock,
    require,
    retry,
    section,
    served,
)
from locking.export import never_claims, to_murphi, to_promela, to_tla
from locking.export.formula import TRUE, CanStep, both, either
from locking.export.tables import ExportedCase
from locking.model import Case
from tests.export.live_peers import LIVE_PEERS, LivePeer
from tests.export.live_systems import Questioned, drawn, questioned, with_questions
from tests.export.matrix import CASES
from tests.independent.drive import Unfit

Program = Callable[[], Any]

SPIN, TLC, RUMUR = LIVE_PEERS

SAID = re.compile(r"not in this file: ([^:]+):")

x, y, m, s, rw = Cell("x", 0), Cell("y", 0), Mutex("m"), Spinlock("s"), RwSem("rw")


async def sets() -> None:
    await x.WRITE_ONCE(1)


async def round_of_m() -> None:
    async with m.hold():
        await y.WRITE_ONCE(1)


async def locks_for_ever() -> None:
    await forever(round_of_m)


async def reads_for_ever() -> None:
    async def read() -> None:
        async with rw.read():
            await y.READ_ONCE()

    await forever(read)


async def writes() -> None:
    async with rw.write():
        await x.WRITE_ONCE(1)


async def polls() -> None:
    async def seen() -> bool | None:
        return True if await x.READ_ONCE() == 1 else None

    async with section("loop"):
        await retry(seen)


async def toggles() -> None:
    async def there_and_back() -> None:
        await x.WRITE_ONCE(1)
        await x.WRITE_ONCE(0)

    await forever(there_and_back)


async def one_way() -> None:
    async with m.hold(), s.hold():
        await x.READ_ONCE()


async def other_way() -> None:
    async with s.hold(), m.hold():
        await x.READ_ONCE()


async def fails() -> None:
    require(await x.READ_ONCE() == 0, "zero")


async def fails_at_once() -> None:
    require(False, "never")


def made(programs: Iterable[Program], *properties: Property) -> Questioned:
    """Threads a, b, ...: those that go round for ever are daemons; all that is shared is theirs."""
    threads = [
        Thread(name, each, daemon=each.__name__.endswith(("ever", "toggles")))
        for name, each in zip("abcdefg", programs, strict=False)
    ]
    return questioned(System([x, y, m, s, rw], threads, []), properties)


def under_each(make: Callable[[str, Any], Property]) -> list[Property]:
    """A property under each fairness; under none but to thread a, weakly and strongly."""
    told = {each: each for each in ("none", "weak", "strong")}
    mixed = {f"a-{each}": {"a": each} for each in ("weak", "strong")}
    return [make(name, fairness) for name, fairness in {**told, **mixed}.items()]


SYSTEMS: dict[str, Callable[[], Questioned]] = {
    "the mutex is stolen again and again": lambda: made(
        [round_of_m, locks_for_ever], *under_each(lambda n, f: served(m, n, f)), can_end("way")
    ),
    "readers overtake a writer": lambda: made(
        [writes, reads_for_ever, reads_for_ever], *under_each(lambda n, f: served(rw, n, f))
    ),
    "a loop waits for what comes": lambda: made(
        [polls, sets], *under_each(lambda n, f: served("loop", n, f)), can_end("way")
    ),
    "a loop looks at the wrong times": lambda: made(
        [polls, toggles], *under_each(lambda n, f: served("loop", n, f)), can_end("way")
    ),
    "a loop waits for what never comes": lambda: made(
        [polls], *under_each(lambda n, f: no_livelock(None, n, f)), can_end("way")
    ),
    "a deadlock": lambda: made(
        [one_way, other_way],
        *under_each(lambda n, f: eventually(n, lambda v: v.finished, "", f)),
        *under_each(lambda n, f: served(m, f"m-{n}", f)),
        *under_each(lambda n, f: no_livelock(None, f"round-{n}", f)),
        can_end("way"),
    ),
    "a run that ends too early": lambda: made(
        [polls, sets], eventually("never", lambda v: v[y] == 1), can_end("way")
    ),
    "a run that breaks off": lambda: made(
        [fails, sets], eventually("end", lambda v: v.finished), can_end("way")
    ),
    "more threads than one word of SPIN is fair to": lambda: made(
        [polls, sets, *[toggles] * 5], served("loop"), can_end("way")
    ),
    "an answer that is always so": lambda: made(
        [locks_for_ever, sets], *under_each(lambda n, f: eventually(n, lambda v: v[x] < 2, "", f))
    ),
    "a run that breaks off at once": lambda: made(
        [fails_at_once, sets], eventually("end", lambda v: v.finished), can_end("way")
    ),
}
"""What the default run asks SPIN is the first."""

BROKEN = {
    "the mutex is stolen again and again": {"none", "weak", "a-weak"},
    "readers overtake a writer": {"none", "weak", "a-weak", "strong", "a-strong"},
    "a loop waits for what comes": {"none", "a-weak", "a-strong"},
    "a loop looks at the wrong times": {"none", "weak", "strong", "a-weak", "a-strong"},
}


def agree(peer: LivePeer, known: Questioned, folder: Path) -> frozenset[str]:
    """Both find the same of what the peer can judge, which is given back."""
    judged = peer.judges(known.tables)
    found = peer.found(known.tables, known.broken, folder)
    assert found == known.broken & judged, f"{peer.name}, of {sorted(judged)}\n{known.source}"
    return judged


def skip_without(peer: LivePeer) -> None:
    """The test is skipped where the peer is not there."""
    if peer.missing:
        pytest.skip(f"{peer.name} needs {' and '.join(peer.missing)}")


EVERY_PEER = pytest.mark.parametrize("peer", LIVE_PEERS, ids=lambda each: each.name)


@pytest.mark.slow
def test_spin_finds_the_runs_that_we_find(tmp_path: Path) -> None:
    skip_without(SPIN)
    assert agree(SPIN, SYSTEMS["the mutex is stolen again and again"](), tmp_path)


@pytest.mark.slow
@EVERY_PEER
@pytest.mark.parametrize("name", SYSTEMS)
def test_every_peer_finds_the_runs_that_we_find(peer: LivePeer, name: str, tmp_path: Path) -> None:
    skip_without(peer)
    agree(peer, SYSTEMS[name](), tmp_path)


@pytest.mark.slow
def test_two_runs_of_tlc_that_begin_in_one_second_do_not_meet(tmp_path: Path) -> None:
    """Each has a folder that it calls after the time, and refuses one that is there."""
    skip_without(TLC)
    begun = [time() + second for second in range(30)]
    for each in begun:
        (tmp_path / "states" / strftime("%y-%m-%d-%H-%M-%S", localtime(each))).mkdir(parents=True)
    assert agree(TLC, SYSTEMS["a loop waits for what comes"](), tmp_path)


def test_spin_knows_from_the_start_that_a_run_broke_off_at_once() -> None:
    """Or it would take a state in which nothing moves for a deadlock."""
    text = to_promela.render(SYSTEMS["a run that breaks off at once"]().tables)
    assert "bit halted = 1;" in text
    assert "bit halted;" in to_promela.render(SYSTEMS["a run that breaks off"]().tables)


def test_a_format_says_what_it_leaves_out() -> None:
    everybody = [sets] * (never_claims.MOST_STRONG + 1)
    strong = no_livelock(None, "rounds", "strong")
    tables = made(everybody, strong, can_end("way")).tables
    assert SAID.findall(to_promela.render(tables)) == ["rounds", "way"]
    assert SAID.findall(to_tla.render(tables)) == ["way"]
    assert SAID.findall(to_murphi.render(tables)) == ["rounds"]
    few = made(everybody[1:], strong).tables
    assert SAID.findall(to_promela.render(few)) == []


def test_a_file_without_a_question_about_runs_has_no_word_of_them() -> None:
    tables = made([sets], eventually("set", lambda v: v[x] == 1)).tables
    bare = replace(tables, run_checks=())
    assert "LIVE" in to_promela.render(tables)
    assert "LIVE" not in to_promela.render(bare)
    assert "LiveSpec" in to_tla.render(tables)
    assert "LiveSpec" not in to_tla.render(bare)
    assert to_tla.render(bare).count("by'") == 0


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_file_says_of_every_step_who_took_it(name: str) -> None:
    tables = SYSTEMS[name]().tables
    text = to_promela.render(tables)
    commands = sum(len(actor.commands) for actor in tables.actors)
    assert text.count("BY(") in (0, commands + 2)
    assert never_claims.notes_steps(tables) == ("BY(" in text)


def test_fairness_decides_what_is_broken() -> None:
    """Or a peer that knew no fairness, and we with it, would agree all the same."""
    assert {name: SYSTEMS[name]().broken for name in BROKEN} == BROKEN


def agreements(peer: LivePeer, seeds: range, folder: Path) -> int:
    """How many properties of random systems were judged alike; all were, or the test fails."""
    judged = 0
    for seed in seeds:
        try:
            known = drawn(seed)
        except Unfit:
            continue
        here = folder / str(seed)
        here.mkdir()
        judged += len(agree(peer, known, here))
        for each in here.iterdir():
            each.unlink() if each.is_file() else None
    return judged


@pytest.mark.slow
@EVERY_PEER
def test_every_peer_finds_the_runs_of_random_systems_that_we_find(
    peer: LivePeer, tmp_path: Path
) -> None:
    skip_without(peer)
    assert agreements(peer, range(1, 9 if peer is TLC else 41), tmp_path)


@pytest.mark.campaign
def test_rumur_finds_the_ways_of_very_many_random_systems_that_we_find(tmp_path: Path) -> None:
    """What SPIN and TLC find is asked of many systems at a time: `test_many`."""
    skip_without(RUMUR)
    assert agreements(RUMUR, range(1, 501), tmp_path) >= 400


@pytest.mark.campaign
@EVERY_PEER
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_peer_finds_the_runs_of_every_model_that_we_find(
    peer: LivePeer, case: Case, tmp_path: Path
) -> None:
    skip_without(peer)
    assert agree(peer, with_questions(case), tmp_path)


FEW_CASES = CASES[:: len(CASES) // 12]
"""Of those, what the slow tests ask SPIN."""


@pytest.mark.slow
@pytest.mark.parametrize("case", FEW_CASES, ids=str)
def test_spin_finds_the_runs_of_a_model_that_we_find(case: Case, tmp_path: Path) -> None:
    skip_without(SPIN)
    assert agree(SPIN, with_questions(case), tmp_path)


def forgets_a_thread(tables: ExportedCase) -> ExportedCase:
    """The scheduler is fair to all but thread a."""
    checks = (
        replace(
            each,
            weak=tuple(thread for thread in each.weak if thread),
            strong=tuple(thread for thread in each.strong if thread),
        )
        for each in tables.run_checks
    )
    return replace(tables, run_checks=tuple(checks))


def strong_for_weak(tables: ExportedCase) -> ExportedCase:
    """Weak fairness is strong."""
    checks = (replace(each, weak=(), strong=each.weak) for each in tables.run_checks)
    return replace(tables, run_checks=tuple(checks))


def forgets_the_end(tables: ExportedCase) -> ExportedCase:
    """Runs count only if they never end."""
    goes_on = either(*(CanStep(thread) for thread in range(len(tables.actors))))
    checks = (replace(each, bad=both(each.bad, goes_on)) for each in tables.run_checks)
    return replace(tables, run_checks=tuple(checks))


def ends_when_broken_off(tables: ExportedCase) -> ExportedCase:
    """A run that breaks off owes what every other does."""
    return replace(tables, run_checks=tuple(replace(e, bad=TRUE) for e in tables.run_checks))


PLANTED = {
    "forgets a thread": (forgets_a_thread, "the mutex is stolen again and again"),
    "strong for weak": (strong_for_weak, "the mutex is stolen again and again"),
    "forgets the end": (forgets_the_end, "a run that ends too early"),
    "ends when broken off": (ends_when_broken_off, "a run that breaks off"),
}
"""Errors of an export, and where each shows."""


@pytest.mark.slow
@pytest.mark.parametrize("peer", [SPIN, TLC], ids=lambda each: each.name)
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_found(peer: LivePeer, name: str, tmp_path: Path) -> None:
    skip_without(peer)
    planted, where = PLANTED[name]
    known = SYSTEMS[where]()
    agree(peer, known, tmp_path)
    found = peer.found(planted(known.tables), known.broken, tmp_path)
    assert found != known.broken & peer.judges(known.tables)
