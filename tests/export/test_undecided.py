"""Files of systems in which it is open whom a wake-up wakes: they claim no more than we do."""

from pathlib import Path
from types import ModuleType

import pytest

from locking import Atomic, Futex, System, Thread, can_end, forever, section, served
from locking.export import to_murphi, to_promela, to_tla
from locking.export.tables import RunCheck
from tests.export.live_peers import LIVE_PEERS, LivePeer
from tests.export.live_systems import Questioned, questioned
from tests.export.test_runs import SAID, agree, skip_without, under_each

SPIN, TLC, _ = LIVE_PEERS


def passed_over(*, fifo: bool) -> Questioned:
    """Two threads sleep again and again, and a bell wakes one of them: any, or the first."""
    word = Atomic("word")
    queue = Futex("queue", word, fifo=fifo)

    async def wait() -> None:
        async with section("waits"):
            await queue.futex_wait(0)
        await word.atomic_read()

    async def ring() -> None:
        await queue.futex_wake(1)

    bodies = {"a": wait, "b": wait, "bell": ring}
    threads = [Thread(name, forever, (body,), daemon=True) for name, body in bodies.items()]
    asked = [*under_each(lambda n, f: served("waits", n, f)), can_end("way")]
    return questioned(System([word, queue], threads, []), asked)


def says_of(known: Questioned, name: str) -> list[str]:
    """What each check of a property is about."""
    checks: tuple[RunCheck, ...] = known.tables.run_checks
    return [each.about for each in checks if each.property == name]


@pytest.mark.parametrize("form", [to_promela, to_tla, to_murphi])
def test_what_we_do_not_know_is_in_no_file(form: ModuleType) -> None:
    known = passed_over(fifo=False)
    assert known.broken == {"none", "weak", "a-weak", "a-strong"}
    text = form.render(known.tables)
    assert "strong" in SAID.findall(text)
    assert "not in this file: strong: we can't judge it: queue may pass a sleeping" in text
    assert not says_of(known, "strong")


def test_a_check_says_where_not_to_find_it_says_nothing() -> None:
    """One thread is passed over, and the property fails; of the other nothing is known."""
    says = "that it is not found says nothing: queue may pass a sleeping thread over forever"
    known = passed_over(fifo=False)
    for fairness in ("weak", "a-weak", "a-strong"):
        assert says_of(known, fairness)
        assert all(says in each for each in says_of(known, fairness))
    assert not any(says in each for each in says_of(known, "none"))
    text = to_promela.render(known.tables)
    assert text.count(says) == len([e for e in known.tables.run_checks if says in e.about])


def test_a_line_of_sleepers_leaves_nothing_open() -> None:
    known = passed_over(fifo=True)
    assert not known.tables.left_out
    assert says_of(known, "strong")
    assert not any("says nothing" in each.about for each in known.tables.run_checks)


@pytest.mark.slow
@pytest.mark.parametrize("fifo", [False, True])
@pytest.mark.parametrize("peer", [SPIN, TLC], ids=lambda each: each.name)
def test_the_others_find_what_we_know(peer: LivePeer, fifo: bool, tmp_path: Path) -> None:
    skip_without(peer)
    judged = agree(peer, passed_over(fifo=fifo), tmp_path)
    assert ("strong" in judged) == fifo
