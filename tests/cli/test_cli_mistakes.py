"""Typical mistakes of one who writes a first model: one message says where, and what to do.

Each is a small model with one thing wrong. The message is one line of the harness's own words, and
no traceback; it names the line of the mistake where there is one, and what to write instead.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

HEAD = """
from locking import *

total, lock = Cell("total", 0), Mutex("lock")

async def work():
    async with lock.hold():
        await total.write(await total.read() + 1)

def model(objects=(total, lock), threads=(Thread("a", work),), properties=(deadlock_free(),)):
    return Model("m", "?", lambda case: System(objects, threads, properties))
"""

BODY = "async def work():\n    {}\nMODEL = model(threads=[Thread('a', work)])\n"
RULE = """
class Thing(Object):
    @operation
    {}

thing = Thing("thing", 0)

async def use():
    await thing.go()

MODEL = model(objects=[thing], threads=[Thread("a", use)])
"""

MISTAKES = {
    "no model": ("", "has no MODEL; write `MODEL = Model(...)`"),
    "no about": (
        "MODEL = Model('m', lambda case: None)  # HERE",
        "write `Model(name, about, build)`",
    ),
    "build of no argument": (
        "MODEL = Model('m', '?', lambda: None)  # HERE",
        "write `def build(case):`",
    ),
    "no parameter": (
        "MODEL = Model('m', '?', lambda case: case.scope['n'])  # HERE",
        "the scope has no 'n'; the model's parameters: none",
    ),
    "default out of range": ("Parameter('n', 20, '')  # HERE", "a whole number from 1 to 8"),
    "scenarios of names": (
        "MODEL = Model('m', '?', model, scenarios=['one'])  # HERE",
        "'one' is no Scenario",
    ),
    "no properties": ("MODEL = model(properties=())", "it has no properties"),
    "property not called": ("MODEL = model(properties=[deadlock_free])", "write `deadlock_free()`"),
    "objects in a set": (
        "MODEL = model(objects=[{1}])",
        "{1} is no Object or Record, and no list, tuple or dict of them",
    ),
    "coroutine for a program": ("Thread('b', work())  # HERE", "write `work`, not `work()`"),
    "arguments that are no tuple": ("Thread('b', work, 1)  # HERE", "a tuple of them, `(1,)`"),
    "program that is not async": (
        "def plain():  # HERE\n    pass\nMODEL = model(threads=[Thread('b', plain)])",
        "write `async def plain`",
    ),
    "start that is not hashable": (
        "x = Cell('x', [])\nMODEL = model(objects=[x, total, lock])",
        "the start of Cell('x'): [] is shared, passed or returned, but is no value: use a tuple.",
    ),
    "object that is missing": (
        "MODEL = model(objects=[total])",
        "not among the model's objects; add",
    ),
    "region awaited": (BODY.format("await lock.hold()  # HERE"), "write `async with lock.hold():`"),
    "with": (BODY.format("with lock.hold(): pass  # HERE"), "write `async with`, not `with`"),
    "lock entered": (
        BODY.format("async with lock: pass  # HERE"),
        "write `async with lock.hold():`",
    ),
    "hold not called": (
        BODY.format("async with lock.hold: pass  # HERE"),
        "call that: `async with",
    ),
    "operation that is not there": (
        BODY.format("await lock.read()  # HERE"),
        "Mutex('lock') has no 'read'; it has mutex_lock, mutex_trylock, mutex_unlock, lockdep",
    ),
    "attribute for an operation": (
        BODY.format("total.value += 1  # HERE"),
        "has no 'value'; it has",
    ),
    "await forgotten": (BODY.format("total.write(1)"), "write `await` in front of it"),
    "value that is not hashable": (BODY.format("await total.write([])  # HERE"), "use a tuple"),
    "rule that is async": (
        RULE.format("async def go(self, state, me): return 1, None"),
        "is an `async def`; write `def`",
    ),
    "rule without a state": (
        RULE.format("def go(self): return 1, None"),
        "takes too little; write `def go(self, state, me)`",
    ),
    "rule that returns nothing": (
        RULE.format("def go(self, state, me): pass"),
        "it returns (new state, result), WAIT, Queue or Misuse",
    ),
    "predicate by name": (
        "MODEL = model(properties=[always('p', lambda s: s['x'])])",
        "write an object: s[x], not s['x']",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message_with_the_line_and_what_to_write(
    here: Path, locking: Callable[..., Outcome], mistake: str
) -> None:
    text, says = MISTAKES[mistake]
    source = HEAD + text
    (here / "wrong.py").write_text(source)
    status, out, err = locking("check", "wrong.py")
    assert (status, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert "Error" not in err and "<string>" not in err and "/locking/" not in err
    lines = [number for number, line in enumerate(source.splitlines(), 1) if "# HERE" in line]
    for line in lines[:1]:
        assert re.search(rf"wrong\.py(:|, line ){line}\b", err), err


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RULE.format("def go(self, state, me): return state['k'], None  # HERE"), "TypeError"),
        ("MODEL = model(properties=[always('p', lambda s: 1 / s[total])])  # HERE", "ZeroDivision"),
        (BODY.format("{}[await total.read()]  # HERE"), "KeyError"),
    ],
)
def test_what_the_models_own_code_raises_is_shown_with_its_line(
    here: Path, locking: Callable[..., Outcome], text: str, kind: str
) -> None:
    (here / "wrong.py").write_text(HEAD + text)
    status, _, err = locking("check", "wrong.py")
    [line] = [at for at, each in enumerate((HEAD + text).splitlines(), 1) if "# HERE" in each][:1]
    assert status == 2
    assert kind in err and f"wrong.py:{line}" in err
