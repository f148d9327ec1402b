"""Files of every format: harmless names, one command a step, and a check a property."""

import re
import shutil
import subprocess

import pytest

from locking import (
    Cell,
    Model,
    Mutex,
    System,
    Thread,
    always,
    at_end,
    atomic,
    choose,
    deadlock_free,
    forever,
    no_misuse,
    sometimes,
    wait_until,
)
from locking.errors import UsageError
from locking.export import CLOSED, FORMATS, exported, to_dot, to_murphi, to_promela, to_tla
from locking.model import Case
from locking.models.textbook import abba, hotplug_shape
from locking.verdicts import Limits
from tests.export.matrix import ours
from tests.export.peers import PEERS, run

RENDER = {
    "promela": to_promela.render,
    "tla": to_tla.render,
    "murphi": to_murphi.render,
    "dot": to_dot.render,
}

COMMENT = {
    "promela": r"/\*.*?\*/",
    "tla": r"\\\*[^\n]*",
    "murphi": "--[^\n]*",
    "dot": r'"[^"]*"|//[^\n]*',
}

HOSTILE = "*/ \"x' (* *) \\* -- // ==== ]]> \\\n# }; end; \u2028 \x00 ---- MODULE é"
"""Signs that mean something to a format."""

SHOWN = "".join(filter(str.isprintable, HOSTILE))
"""Those that may be in a name."""


def case_of(objects, threads, properties) -> Case:
    """A system as the only case of a model."""
    model = Model("test", "", lambda _: System(objects, threads, properties))
    return model.case("only", None)


def hostile() -> Case:
    """Two threads, a lock and a cell, all with names that could break out of a comment."""
    lock, cell = Mutex(f"lock {SHOWN}"), Cell(f"cell {SHOWN}", HOSTILE)

    async def work(mine):
        async with lock.hold():
            await cell.write(mine + HOSTILE)

    return case_of(
        [lock, cell],
        [Thread(f"{name} {SHOWN}", work, (name,)) for name in "ab"],
        [
            at_end(f"end {SHOWN}", lambda s: s[cell] == "a" + HOSTILE, HOSTILE),
            deadlock_free(),
        ],
    )


def mixture() -> Case:
    """An atomic block, a choice, a daemon that goes round, a misuse, and some predicates."""
    lock, cell, count = Mutex("lock"), Cell("cell", 0), Cell("count", 0)

    async def together():
        async with atomic():
            await cell.write(await choose(1, 2))
            await count.write(await cell.read())

    async def careless():
        if await cell.read() == 2:
            await lock.mutex_unlock()

    async def tick():
        await count.read()

    async def daemon():
        await forever(tick)

    return case_of(
        [lock, cell, count],
        [
            Thread("together", together),
            Thread("careless", careless),
            Thread("daemon", daemon, daemon=True),
        ],
        [
            no_misuse(),
            always("equal", lambda s: s[cell] == s[count]),
            always("never-two", lambda s: s[cell] != 2),
            sometimes("one", lambda s: s[cell] == 1 and s.about_to(cell, "read")),
            sometimes("raises", lambda s: 1 / (s[cell] - s[count] + 1) > 2),
        ],
    )


def waiting() -> Case:
    """Two conditions that are waited for, of which one comes true for good and one only may."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def publish():
        await x.WRITE_ONCE(1)
        await y.WRITE_ONCE(1)
        await x.WRITE_ONCE(2)

    async def passes():
        await wait_until(lambda x, y: x and y, x, y)

    async def may_pass():
        await wait_until(lambda x: x == 1, x)
        await y.WRITE_ONCE(3)

    return case_of(
        [x, y],
        [Thread(each.__name__, each) for each in (publish, passes, may_pass)],
        [deadlock_free(), sometimes("late", lambda s: s[x] == 2 and s[y] == 3)],
    )


EVERY_PEER = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


@pytest.mark.slow
@EVERY_PEER
@pytest.mark.parametrize("build", [hostile, mixture, waiting])
def test_a_peer_reads_what_is_hostile_and_counts_what_is_mixed(peer, build, tmp_path):
    if peer.missing:
        pytest.skip(f"{peer.name} needs {', '.join(peer.missing)}")
    known = ours(build())
    said = run(peer.build(known.tables, tmp_path))
    assert (said.states, said.found) == (known.tables.states, known.found)


def test_what_is_mixed_is_found_as_it_should_be():
    known = ours(mixture())
    found = {known.tables.checks[at - 1].property for at in known.found}
    assert found == {"no-misuse", "never-two", "one"}


@pytest.mark.parametrize("to", FORMATS)
def test_no_name_breaks_out_of_a_comment_or_a_line(to):
    text = RENDER[to](exported(hostile())[0])
    assert text.isascii() and "\0" not in text
    code = re.sub(COMMENT[to], "", text, flags=re.DOTALL)
    assert "hold" not in code and "cell" not in code and "MODULE ?" not in code


def test_a_picture_has_every_place_and_command():
    tables, _ = exported(abba.MODEL.case("only", None))
    text = to_dot.render(tables)
    assert text.count("->") == sum(len(actor.commands) for actor in tables.actors)
    assert text.count('peripheries="2"') == 2
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, capture_output=True)


def test_merged_tables_have_fewer_states_and_find_the_same():
    case = hotplug_shape.MODEL.case("only", None)
    full, merged = exported(case)[0], exported(case, merged=True)[0]
    assert merged.states < full.states
    assert len(merged.checks) == len(full.checks)


def test_every_file_checks_that_it_is_closed():
    tables, _ = exported(abba.MODEL.case("only", None), ["deadlock-free"])
    assert [check.property for check in tables.checks] == ["deadlock-free", CLOSED]


def test_a_search_that_was_cut_off_is_not_exported():
    with pytest.raises(UsageError, match="because not all is known: more than 5 states"):
        exported(abba.MODEL.case("only", None), limits=Limits(states=5))


@pytest.mark.slow
def test_a_property_that_looks_at_too_much_is_left_out_and_the_file_says_so():
    cells = [Cell(f"c{at}", 0) for at in range(9)]

    async def count(cell):
        for value in range(1, 5):
            await cell.write(value)

    async def one_by_one():
        for cell in cells:
            await count(cell)

    spread = always("spread", lambda s: sum(s[cell] for cell in cells) % 7 < 7)
    tables, _ = exported(case_of(cells, [Thread("a", one_by_one)], [spread]))
    assert tables.left_out == ("spread: it looks at too many combinations of values",)
    assert all("not in this file: spread" in RENDER[to](tables) for to in FORMATS if to != "dot")
