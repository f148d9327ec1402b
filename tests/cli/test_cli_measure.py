"""What `measure` prints."""

import re


def test_measure_prints_shares_chances_and_what_locks_cost(locking) -> None:
    words = ("measure", "--scenario", "add-vs-remove", "--placement", "duyck")
    status, out, err = locking(*words)
    assert (status, err) == (0, "")
    assert out.startswith("memory_hotplug, add-vs-remove, duyck: 1,002 interleavings\n")
    assert re.search(r"^init-inside-span +594 +59\.28 % +7\.03 % +42$", out, re.MULTILINE)
    assert re.search(r"^mem_hotplug_lock +11 +adder-12 +9 +remover-10 +1$", out, re.MULTILINE)
    assert "lock order: mem_hotplug_lock -> pgdat_resize_lock, span_seqlock\n" in out
    assert max(map(len, out.splitlines())) <= 80
    assert locking(*words)[1] == out


def test_measure_names_an_order_that_goes_round(locking) -> None:
    status, out, _ = locking("measure", "textbook.abba")
    assert status == 0 and "lock order goes round: a -> b -> a\n" in out


def test_measure_says_what_it_can_not_measure(locking, here) -> None:
    status, out, _ = locking("measure", "toy.py", "--placement", "bare", "--max-states", "1")
    assert status == 3 and "toy.py, many, bare: not measured (more than 1 states)" in out
    (here / "spin.py").write_text(
        "from locking import *\n"
        "cell = Cell('cell', 0)\n"
        "async def look():\n    await cell.read()\n"
        "async def spin():\n    await forever(look)\n"
        "SYSTEM = System([cell], [Thread('a', spin, daemon=True)], [no_misuse()])\n"
        "MODEL = Model('spin', '', lambda case: SYSTEM)\n"
    )
    status, out, _ = locking("measure", "spin.py")
    assert status == 3 and "not measured: runs go round in a cycle" in out
