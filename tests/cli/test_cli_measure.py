"""What `measure` prints."""

import re

from locking.explore.deadline import OutOfTime


def test_measure_prints_shares_chances_and_what_locks_cost(locking) -> None:
    words = ("measure", "--scenario", "add-vs-remove", "--placement", "duyck")
    status, out, err = locking(*words)
    assert (status, err) == (0, "")
    assert "\n\nmemory_hotplug, add-vs-remove, duyck: 1,002 interleavings\n" in out
    assert out.startswith("runs       how many of all interleavings show the property\n")
    assert re.search(r"^init-inside-span +594 +59\.28 % +7\.03 % +42$", out, re.MULTILINE)
    assert re.search(r"^mem_hotplug_lock +11 +adder-12 +9 +remover-10 +1$", out, re.MULTILINE)
    assert "lock order: mem_hotplug_lock -> pgdat_resize_lock, span_seqlock\n" in out
    assert max(map(len, out.splitlines())) <= 80
    assert locking(*words)[1] == out


def test_measure_names_an_order_that_goes_round(locking) -> None:
    status, out, _ = locking("measure", "textbook.abba")
    assert status == 0 and "lock order has a cycle: a -> b -> a\n" in out


def test_measure_says_what_it_can_not_measure(locking) -> None:
    status, out, _ = locking("measure", "toy.py", "--placement", "bare", "--max-states", "1")
    assert status == 3 and "toy.py, many, bare: not measured (more than 1 states)" in out


SPIN = (
    "from locking import *\n"
    "cell = Cell('cell', 0)\n"
    "async def up():\n    await cell.WRITE_ONCE(1)\n"
    "async def seen():\n    return True if await cell.READ_ONCE() else None\n"
    "async def look():\n    await retry(seen)\n"
    "THREADS = [Thread('a', up), Thread('b', look)]\n"
    "MODEL = Model('spin', '', lambda case: System([cell], THREADS, [deadlock_free()]))\n"
)
"""A thread that looks until the other has written."""


def test_measure_says_whether_random_runs_end(locking, here) -> None:
    (here / "spin.py").write_text(SPIN)
    status, out, _ = locking("measure", "spin.py")
    assert status == 0
    text = " ".join(out.split())
    assert "some runs repeat steps forever, so there is no number of runs" in text
    assert "a random run ends, after 3 steps on average (exact)" in text
    assert re.search(r"^b, spin\.py:6 +2$", out, re.MULTILINE)
    assert "rounds how many rounds a random run begins" in text

    (here / "spins.py").write_text(SPIN.replace("WRITE_ONCE(1)", "WRITE_ONCE(0)"))
    status, out, _ = locking("measure", "spins.py")
    assert status == 0
    assert "a random run never ends with a chance of 100 % (exact)" in out
    assert re.search(r"^b, spins\.py:6 +endless$", out, re.MULTILINE)


def test_measure_says_what_is_too_large_to_solve(locking, here, monkeypatch) -> None:
    monkeypatch.setattr("locking.explore.chain.MOST_WORK", 0)
    (here / "spin.py").write_text(
        SPIN.replace("Thread('a', up)", "Thread('c', look), Thread('d', on), Thread('a', up)")
        .replace("async def look", "async def on():\n    await forever(flip)\nasync def look")
        .replace("async def look", "async def flip():\n    await cell.cmpxchg(0, 2)\n"
                 "    await cell.cmpxchg(2, 0)\nasync def look", 1)
    )  # fmt: skip
    status, out, err = locking("measure", "spin.py")
    assert status == 3, err
    assert "chances are not measured" in out and "states lead to each other" in out


def test_measure_names_what_it_tells_no_chance_of(locking, here) -> None:
    """Where a run could stay for ever, a random one may come out of: that is no chance."""
    asked = "[deadlock_free(), no_livelock(fairness='none'), eventually('up', lambda s: s[cell])]"
    (here / "spin.py").write_text(SPIN.replace("[deadlock_free()]", asked))
    status, out, _ = locking("measure", "spin.py")
    assert status == 0
    says = "no chance is told of no-livelock and up: a run shows it, and no state alone"
    assert says in " ".join(out.split())
    (here / "bare.py").write_text(SPIN)
    assert "no chance is told" not in locking("measure", "bare.py")[1]


def test_measure_prints_what_it_knows_when_its_time_is_over(locking, monkeypatch) -> None:
    def over(*_):
        raise OutOfTime("stopped after 1 second")

    words = ("measure", "toy.py", "--placement", "bare", "--scenario", "many")
    whole = locking(*words)
    monkeypatch.setattr("locking.studies.measures.odds", over)
    status, out, err = locking(*words)
    assert (whole[0], status, err) == (0, 3, "")
    assert "interleavings" in out and "unknown" in out and "stopped after 1 second" in out
    assert "Traceback" not in out
