"""Event maps: what they can't have is refused, and a model of a user's own is judged by its own."""

from pathlib import Path

import pytest

from locking.conformance.event_map import read_event_map
from locking.conformance.following import Offence
from locking.conformance.judged import Conformance, judge_placement
from locking.conformance.reading import read_trace
from locking.conformance.recording import recording_of
from locking.errors import UsageError
from locking.model import Model
from locking.models.memory_hotplug import (
    ADD_SECTIONS,
    INIT_DEVICE_PAGES,
    MODEL,
    RAISE_HIGHEST,
    RESIZE_ZONE,
    SET_CONTIGUOUS,
    hotplug,
)
from locking.objects.exclusive import Spinlock
from locking.placements.placement import Placement, step
from locking.placements.trees import let_go, query, take, trylock, when
from locking.programs.sleeping.rwsem import RwSem
from tests.conformance.held import DATA, FORMS, INSIDE_WRITE, PLACEMENTS, ROOT


@step("A")
async def A(_: object) -> None:
    """Nothing."""


@step("B")
async def B(_: object) -> None:
    """Nothing."""


@query("ASK")
async def ASK(_: object) -> bool:
    """No."""
    return False


one, two, rw = Spinlock("one"), Spinlock("two"), RwSem("rw")

MAP = """
[locks]
one.hold = { take = ["+one"], release = ["-one"] }
two.hold = { take = ["+two"], release = ["-two"] }
rw.read = { take = ["+r"], release = ["-r"] }
rw.write = { take = ["+w"], release = ["-w"] }
rw.downgrade = ["down"]
[steps]
A = ["a"]
B = ["b"]
ASK = ["ask"]
""".replace('"+', '"got_').replace('"-', '"put_')


def judged(
    placement: Placement, told: str, folder: Path, table: str = MAP
) -> Offence | Conformance:
    """What comes of a trace: its words are `TASK:EVENT`, and + and - are for taken and let go.

    Events of steps are traced, and those of locks if any of them is there.
    """
    rows = [each.split(":") for each in told.replace("+", "got_").replace("-", "put_").split()]
    lines = [f"{n},{n}.0,0,t,{task},{name},\n" for n, (task, name) in enumerate(rows, 1)]
    trace, events = folder / "trace.csv", folder / "events.toml"
    trace.write_text("src_line,ts_s,cpu,task,pid,event,args\n" + "".join(lines))
    events.write_text(table)
    found = read_event_map([str(events)])
    placements = {each.name: each for each in (placement, ASKED)}
    model = Model(
        "toy", build=MODEL.build, placements=tuple(placements.values()), steps={"role": (A, B)}
    )
    locks = "got_" in trace.read_text()
    traced = [name for name in found.patterns if locks or name[3:4] != "_"]
    recording = recording_of(found, read_trace(str(trace)), traced)
    answer = judge_placement(model, placement, found, recording)
    return answer.offence or answer.conformance


def line_of(found: Offence | Conformance) -> int:
    """The number of the event that no run shows; 0 if there is none."""
    return found.at.event.line - 1 if isinstance(found, Offence) else 0


NESTED = Placement("nested", role=[one.hold(A, two.hold(B))])
OVERLAPPING = Placement(
    "overlapping",
    role=[take(one.hold()), A, take(two.hold()), let_go(one.hold()), B, let_go(two.hold())],
)
TRIED = Placement("tried", role=[trylock(one.hold(A), otherwise=[B])])
ASKED = Placement("asked", role=[when(ASK, A, otherwise=[B])])
LOWERED = Placement("lowered", role=[rw.write(A).downgrade(B)])
HIDDEN = Placement("hidden", role=[one.hold(A, B)])

CASES = [
    (NESTED, "1:+one 1:a 1:+two 1:b 1:-two 1:-one", 0),
    (NESTED, "1:+one 1:a 2:+one 1:+two", 3),
    (NESTED, "1:+one 1:a 1:+two 1:b 1:-one", 5),
    (NESTED, "1:+one 1:a 1:+two 1:b 1:-two 1:-one 2:+one 1:+one", 8),
    (OVERLAPPING, "1:+one 1:a 1:+two 1:-one 2:+one 1:b 1:-two 2:a 2:+two", 0),
    (OVERLAPPING, "1:+one 1:a 1:+two 1:-one 2:+one 2:a 2:+two", 7),
    (OVERLAPPING, "1:+one 1:a 1:-one", 3),
    (TRIED, "1:+one 1:a 2:b 1:-one", 0),
    (TRIED, "2:b 1:+one 1:a 1:-one", 1),
    (ASKED, "1:ask 1:b 1:ask 1:a", 0),
    (ASKED, "1:ask 1:ask", 2),
    (LOWERED, "1:+w 1:a 1:down 1:b 1:-r 2:+w", 0),
    (LOWERED, "1:+w 1:a 1:down 2:+w 1:b 1:-r", 4),
    (LOWERED, "1:+w 1:a 1:down 1:b 1:-w", 5),
    (HIDDEN, "1:a 1:b 2:a 2:b 1:a 1:b", 0),
    (HIDDEN, "1:a 2:a 1:b 2:b", 2),
    (HIDDEN, "1:b", 1),
]
"""A placement, a trace, and which of its events no run shows."""


@pytest.mark.parametrize(("placement", "told", "wrong"), CASES)
def test_every_tree_of_a_placement_is_followed(
    placement: Placement, told: str, wrong: int, tmp_path: Path
) -> None:
    assert line_of(judged(placement, told, tmp_path)) == wrong


def test_a_lock_that_nothing_shows_keeps_out_all_the_same(tmp_path: Path) -> None:
    found = judged(HIDDEN, "1:a 2:a", tmp_path)
    assert isinstance(found, Offence)
    assert found.why == "one is held: held by t-1"


REFUSED = {
    "no TOML": ("[steps", "it is no TOML"),
    "an unknown part": ("[setps]", "unknown key of the table 'setps': did you mean steps"),
    "an unknown key": (
        '[events]\nx = { nmae = "y" }\n[steps]\nA = ["x"]',
        "unknown key of events.x",
    ),
    "no list": ('[steps]\nA = "a"', "steps.A: 'a' is no list of events"),
    "no event": ('[steps]\nA = ["a b"]', "steps.A: 'a b' is no event"),
    "no release": (
        '[locks]\none.hold = { take = ["x"] }',
        "locks.one.hold.release: None is no list",
    ),
    "no table": ("steps = 3", r"steps: 3 is no table; write \[steps\]"),
    "no name": ("[events]\na = { name = 3 }", "events.a.name: 3 is no text"),
    "no text": ("[events]\na = { about = 3 }", "events.a.about: 3 is no text"),
    "no begin": ("[roles]\nrole = { begins = 3 }", "roles.role.begins: 3 is no text"),
    "no flag": ('[roles]\nrole = { played = "no" }', "roles.role.played: 'no' is neither true nor"),
    "no rules": ('[discipline]\nwhat = "x"', r"a rule begins with \[\[discipline\]\]"),
    "no table of rules": ("discipline = [3]", r"a rule begins with \[\[discipline\]\]"),
    "a rule of nothing": (
        '[[discipline]]\nwhat = "x"\nbegins = "a"\nends = "b"\ninside = ""',
        "unknown lock and mode of discipline '[.]'",
    ),
    "a rule of no lock": (
        '[[discipline]]\nwhat = "x"\nbegins = "a"\nends = "b"\ninside = "one.hodl"\n'
        '[locks]\none.hold = { take = ["a"], release = ["b"] }',
        "unknown lock and mode of discipline 'one.hodl': did you mean one.hold",
    ),
    "a rule of no text": (
        '[[discipline]]\nwhat = "x"\nbegins = 3\nends = "b"\ninside = "one.hold"',
        "discipline.begins: 3 is no text",
    ),
    "no rule": ('[[discipline]]\nwhat = "x"', "discipline: a rule has what, begins, ends"),
    "no argument": (
        '[events]\na = { about = "1 +" }\n[steps]\nA = ["a"]',
        "events.a.about: '1 [+]'",
    ),
    "an unknown step": ('[steps]\nAA = ["a"]', "unknown step of the event map 'AA'"),
    "an unknown role": ('[roles]\nrol = { begins = "a" }', "unknown role of the event map 'rol'"),
    "a tree of no lock": (
        '[steps]\nA = ["a"]\n[roles.own]\ntrees = [{ region = "three.hold", over = ["A"] }]',
        "unknown lock in roles.own.trees 'three'",
    ),
    "a tree of no mode": (
        '[steps]\nA = ["a"]\n[roles.own]\ntrees = [{ region = "one.write", over = ["A"] }]',
        "unknown mode of one in roles.own.trees 'write'",
    ),
    "a tree of no step": (
        '[steps]\nA = ["a"]\n[roles.own]\ntrees = ["C"]',
        "unknown step in roles.own.trees 'C'",
    ),
    "no trees": ("[roles.own]\ntrees = []", "roles.own.trees: .* is no list"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_map_can_not_have_is_refused(case: str, tmp_path: Path) -> None:
    table, message = REFUSED[case]
    with pytest.raises(UsageError, match=message):
        judged(NESTED, "1:a", tmp_path, table)


def test_a_map_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"events .*none.toml: it can't be read"):
        read_event_map([str(tmp_path / "none.toml")])


def test_a_map_of_a_users_own_replaces_rows(tmp_path: Path) -> None:
    first, second = tmp_path / "one.toml", tmp_path / "two.toml"
    first.write_text('[steps]\nA = ["a"]\nB = ["b"]')
    second.write_text('[steps]\nB = ["c"]')
    found = read_event_map([str(first), str(second)])
    assert {name: items[0].name for name, items in found.steps.items()} == {"A": "a", "B": "c"}
    assert sorted(found.patterns) == ["a", "c"]


LOCKED_INITIALISATION = Placement(
    "locked-initialisation",
    adder=[
        hotplug.write(ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, SET_CONTIGUOUS, INIT_DEVICE_PAGES)
    ],
)
"""What the kernel that initialises under the write lock does, C included."""


def test_with_an_event_for_c_the_rebuilt_kernel_runs_another_placement(tmp_path: Path) -> None:
    more = tmp_path / "more.toml"
    more.write_text('[steps]\nSET_CONTIGUOUS = ["set_zone_contiguous"]')
    events = read_event_map([str(ROOT / "models/memory_hotplug/events.toml"), str(more)])
    recording = recording_of(events, read_trace(str(DATA / f"{INSIDE_WRITE}{FORMS[0]}")))

    def conforms(placement: Placement) -> bool:
        judged = judge_placement(MODEL, placement, events, recording)
        return judged.conformance is Conformance.CONFORMS

    assert [each.name for each in PLACEMENTS.values() if conforms(each)] == []
    assert conforms(LOCKED_INITIALISATION)
