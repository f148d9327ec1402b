"""The fixture: cases of a model, each as it is declared."""

import sys

import pytest

from tests.pytest_plugin.conftest import sections

MODEL = '''
"""Workers that count; placements say what they do under the lock."""

from locking import Cell, Expect, Model, Mutex, Parameter, Placement, Scenario, System, Thread
from locking import at_end, data_race_free, perform, step

lock, count = Mutex("lock"), Cell("count", 0)

@step("COUNT")
async def COUNT(_):
    await count.write(await count.read() + 1)

def build(case):
    workers = int(case.scope["workers"])
    trees = case.placement.roles["worker"]
    return System(
        [lock, count],
        [Thread(f"w{n}", perform, (trees, None)) for n in range(workers)],
        [at_end("sum", lambda s: s[count] == workers, "all count"), data_race_free()],
    )

MODEL = Model(
    "toy", "Who counts?", build,
    placements=(
        Placement("locked", worker=[lock.hold(COUNT)]), Placement("bare", worker=[COUNT]),
    ),
    parameters=(Parameter("workers", 2, "how many", most=4),),
    expected=(Expect("sum", "both load first", placements=("bare",)),),
    steps={"worker": (COUNT,)},
)
'''

TESTS = """
from dataclasses import replace
import pytest
from locking import Placement
from locking.models.memory_hotplug import ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST
from locking.models.memory_hotplug import INIT_DEVICE_PAGES, hotplug
from toy import COUNT, MODEL, lock

MINE = Placement("mine", worker=[lock.hold(COUNT)])
BAD = Placement("bad", worker=[COUNT])

def test_all_as_declared(interleavings):
    reports = interleavings("toy.py", property="sum")
    assert [report.states > 1 for report in reports] == [True, True]

def test_a_verdict_that_is_not_declared(interleavings):
    interleavings("toy.py", placement="bare")

def test_a_verdict_that_is_declared_but_not_so(interleavings):
    interleavings("toy.py", placement=["locked", "bare"], property="sum", workers=1)

def test_a_scope_as_it_is_given(interleavings):
    [report] = interleavings("toy.py", placement=["locked"], workers=3)
    assert dict(report.case.scope) == {"workers": 3}

def test_a_model_and_placements(interleavings):
    assert len(interleavings(MODEL, placement=["locked", MINE])) == 2

def test_a_model_and_a_bad_one(interleavings):
    interleavings(MODEL, placement=[MINE, BAD], property=["sum"])

def test_a_placement_of_no_file(interleavings):
    interleavings(MODEL, placement=Placement("own", worker=[COUNT]), property=["sum"])

def test_limit(interleavings):
    interleavings("toy.py", placement="locked", max_states=3)

def test_hotplug(interleavings):
    mine = Placement(
        "mine",
        adder=[
            hotplug.write(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST),
            hotplug.read(INIT_DEVICE_PAGES),
        ],
    )
    interleavings(
        "memory_hotplug",
        scenario="add-vs-add",
        placement=mine,
        property=["sync-point"],
        adders=2,
    )

def test_hotplug_as_declared(interleavings):
    [report] = interleavings(
        "memory_hotplug", scenario="add-vs-add", placement="duyck", property="parallel-init"
    )

def test_unknown_model(interleavings):
    interleavings("toys")

def test_unknown_scope(interleavings):
    interleavings("toy.py", worker=3)

def test_impossible_scope(interleavings):
    interleavings("toy.py", workers=9)

def test_unknown_property(interleavings):
    interleavings("toy.py", property="sums")

def test_nothing_selected(interleavings):
    interleavings("toy.py", property=[])

def test_no_name(interleavings):
    interleavings("toy.py", scenario=3)

def test_no_limit(interleavings):
    interleavings("toy.py", max_memory=True)
"""

SAID = {
    "test_a_verdict_that_is_not_declared": [
        "toy.py, bare: data-race fails, expected holds",
        "Why: w0 is about to write count",
        "Replay: locking replay toy.py:only:bare:data-race::a1",
    ],
    "test_a_verdict_that_is_declared_but_not_so": ["toy.py, bare: sum holds, expected fails"],
    "test_a_model_and_a_bad_one": [
        "toy.py, test_it.py#bad: sum fails, expected holds",
        "Replay: locking replay toy.py:only:test_it.py#bad:sum::a1.b2.a1",
    ],
    "test_a_placement_of_no_file": ["toy.py, own: sum fails, expected holds", "count = 1"],
    "test_limit": ["toy.py, locked: not decided: more than 3 states (sum, data-race)"],
    "test_hotplug": ["memory_hotplug, add-vs-add, mine: sync-point fails", "Violated: "],
    "test_unknown_model": ["locking: unknown model 'toys'"],
    "test_unknown_scope": ["locking: unknown parameter of toy 'worker': did you mean workers?"],
    "test_impossible_scope": ["locking: --workers 9: impossible; it is a whole number from 1 to 4"],
    "test_unknown_property": ["locking: unknown property of toy 'sums': did you mean sum?"],
    "test_nothing_selected": ["locking: property=[] selects nothing, so nothing would be checked"],
    "test_no_name": ["locking: scenario=3: impossible; it is a name, or a list of names"],
    "test_no_limit": ["locking: max_memory=True: impossible; it is a whole number above 0"],
}


@pytest.mark.slow
def test_every_case_that_is_not_as_declared_is_shown_and_replays(pytester):
    pytester.makepyfile(toy=MODEL, test_it=TESTS)
    done = pytester.runpytest_subprocess("-W", "error")
    said = sections(done.stdout.str())
    assert sorted(said) == sorted(SAID)
    done.assert_outcomes(passed=4, failed=len(SAID))
    for name, texts in SAID.items():
        for text in texts:
            assert text in said[name]
    assert "Traceback" not in done.stdout.str()
    for name in ("test_a_placement_of_no_file", "test_hotplug"):
        assert "Replay" not in said[name]
    for name, text in said.items():
        _, replay, path = text.partition("Replay: locking replay ")
        if replay:
            shown = pytester.run(sys.executable, "-m", "locking", "replay", path.split()[0])
            assert (shown.ret, shown.stderr.str()) == (0, ""), name
            assert shown.stdout.str().strip() in text


def test_no_text_is_obeyed_by_a_terminal(pytester):
    pytester.makepyfile(
        """
        from locking import Cell, Model, System, Thread, always

        evil = "\\x1b[31m\\x07\\u202e"
        cell = Cell("cell", "zero" + evil)

        async def work():
            await cell.write(1)

        MODEL = Model("evil", evil, lambda _: System(
            [cell], [Thread("w", work)], [always("zero", lambda s: s[cell] != 1, "zero" + evil)]))

        def test_evil(interleavings):
            interleavings(MODEL)
        """
    )
    text = pytester.runpytest("--color=no").stdout.str()
    assert "zero\\x1b[31m" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
