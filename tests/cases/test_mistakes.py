"""Typical mistakes of one who writes a first model: one message says where, and what to do.

Each is a small model with one thing wrong. The message is one line of the harness's own words, and
no traceback; it names the line of the mistake where there is one, and what to write instead.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from locking.programs.guard import limited
from tests.cli.conftest import Outcome, here, locking

__all__ = ["here", "locking"]

HEAD = """
from locking import *

total, lock = Cell("total", 0), Mutex("lock")

async def work():
    async with lock.hold():
        await total.write(await total.read() + 1)

def model(objects=(total, lock), threads=(Thread("a", work),), properties=(deadlock_free(),)):
    return Model("m", "?", lambda case: System(objects, threads, properties))
"""

PLACED = """
@step("STEP")
async def STEP(_):
    await total.write(await total.read() + 1)

P = Placement("p", "one lock", role=[lock.hold(STEP)])

def build(case):
    return System([total, lock], [
        Thread("a", perform, (case.placement.roles["role"], None)),  # BUILD
    ], [at_end("sum", lambda s: s[total] == 1)])

def placed(**given):
    given = {"steps": {"role": [STEP]}, "placements": [P], **given}
    return Model("m", "?", build, **given)
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
    "verdict that is a word": (
        PLACED + "MODEL = placed(expected=[Expect('sum', 'why', 'fails')])  # HERE",
        "'fails' is no verdict; write one of Verdict.HOLDS, Verdict.FAILS,",
    ),
    "model without placements": (
        PLACED.replace("# BUILD", "# HERE") + "MODEL = placed(placements=[])",
        "give the model `placements=[...]`",
    ),
    "trees of no role": (
        PLACED + "Placement('q', 'two', [lock.hold(STEP)])  # HERE",
        "is of no role; write of which, as in role=[...]",
    ),
    "named step called": (
        PLACED + "Placement('q', role=[STEP(1)])  # HERE",
        "named step STEP is not called; write it into a placement",
    ),
    "placement performed": (
        PLACED + BODY.format("await perform(P, None)  # HERE"),
        'takes the trees of one role; write perform(placement.roles["role"], ...)',
    ),
    "named step performed": (
        PLACED + BODY.format("await perform(STEP, None)  # HERE"),
        "takes the trees of one role; write perform([STEP], ...)",
    ),
    "region of a placement entered": (
        PLACED + BODY.format("async with lock.hold(STEP): pass  # HERE"),
        "is of a placement; write `async with lock.hold():` with the steps inside",
    ),
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
    "no properties": (
        "def build(case):  # HERE\n    return System([], [Thread('a', work)], [])\n"
        "async def work(): await choose(1, 2)\n"
        "MODEL = Model('m', '?', build)",
        "it has no properties, so there is nothing to judge; give the system some",
    ),
    "two objects of one name": (
        "MODEL = model(objects=[total, Cell('total', 1), lock])",
        "two objects are called 'total'; give each its own name",
    ),
    "two threads of one name": (
        "MODEL = model(threads=[Thread('a', work), Thread('a', work)])",
        "two threads are called 'a'; give each its own name",
    ),
    "two properties of one name": (
        "MODEL = model(properties=[deadlock_free(), deadlock_free()])",
        "two properties are called 'deadlock-free'; give each its own name",
    ),
    "system for a model": ("MODEL = System([total], [Thread('a', work)], [])", "is of type System"),
    "syntax": ("async def broken(:  # HERE", "SyntaxError: invalid syntax: async def broken(:"),
    "thread made by a thread": (
        BODY.format("Thread('c', work); await total.read()  # HERE"),
        "makes a thread, c, which never runs",
    ),
    "what another library awaits": (
        "import asyncio\n" + BODY.format("await asyncio.gather(work(), work())  # HERE"),
        "which is no step of a model",
    ),
    "variable of the module": (
        "n = 0\n" + BODY.format("global n; n += 1; await total.write(n)  # HERE"),
        "changes the variable 'n', which is no object, from 0 to 1",
    ),
    "failed assertion caught": (
        BODY.format(
            "try: assert await total.read()\n"
            "    except AssertionError: await total.write(5)  # HERE"
        ),
        "catch the exception that is meant",
    ),
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
        "call it: `async with",
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
        "MODEL = model(properties=[always('p', lambda s: s['x'])])  # HERE",
        "write an object: s[x], not s['x']",
    ),
    "predicate of another object": (
        "z = Cell('z', 0)\nMODEL = model(properties=[never('p', lambda s: s[z])])  # HERE",
        "object 'z' is not among the model's objects; add it",
    ),
    "predicate without return": (
        "def p(s):  # HERE\n    s[total] == 1\nMODEL = model(properties=[never('p', p)])",
        "returns nothing; write `return` in front of its answer",
    ),
    "predicate that is async": (
        "async def p(s):  # HERE\n    return s[total]\nMODEL = model(properties=[always('p', p)])",
        "is no plain function; write `def`",
    ),
    "predicate that is a generator": (
        "def p(s):  # HERE\n    yield s[total]\nMODEL = model(properties=[sometimes('p', p)])",
        "is no plain function; write `def`",
    ),
    "predicate that calls an async one": (
        "async def q(s): return s[total]\nMODEL = model(properties=[at_end('p', lambda s: q(s))])"
        "  # HERE",
        "`q(s)` has no result until it is awaited, so it is always true",
    ),
    "lock that is not called": (
        BODY.format("lock.hold; await total.write(1)  # HERE"),
        "`lock.hold` alone does nothing (wrong.py:13); write `async with lock.hold():`",
    ),
    "lock asked whether it is free": (
        BODY.format("assert not lock  # HERE"),
        "`lock` is an object, which is always true, whatever its state is (wrong.py:13); await one",
    ),
    "object compared by identity": (
        BODY.format("assert total is not False; await total.read()  # HERE"),
        "`total is not False` is always so, for `total` is an object (wrong.py:13); write `await",
    ),
    "condition with another number": (
        BODY.format("assert await total.read() == 1 or 2  # HERE"),
        "is always true, because of its `2` (wrong.py:13); compare with each value",
    ),
    "predicate with another number": (
        "MODEL = model(properties=[always('p', lambda s: s[total] == 1 or 2)])  # HERE",
        "is always true, because of its `2` (wrong.py:12); compare with each value",
    ),
    "lock compared with a truth": (
        "MODEL = model(properties=[never('p', lambda s: s[lock] == True)])  # HERE",
        "is never so of a Mutex (wrong.py:12); write `s.held_by(lock)` to ask who holds it",
    ),
    "predicate that does not call": (
        "MODEL = model(properties=[always('p', lambda s: s.inside)])  # HERE",
        "returned 'inside', which is true in every state; call it",
    ),
    "operation by another name": (
        BODY.format("await lock.lock()  # HERE"),
        "did you mean mutex_lock or mutex_unlock?",
    ),
    "operation not called": (
        BODY.format("await total.read  # HERE"),
        "call it: put `()` behind its name",
    ),
    "operation with two values": (
        BODY.format("await total.write(1, 2)  # HERE"),
        "write `total.write(new)`",
    ),
    "sleep": (
        "import asyncio\n" + BODY.format("await asyncio.sleep(1)  # HERE"),
        "threads of a model don't run in asyncio",
    ),
    "value awaited": (
        BODY.format("await (await total.read())  # HERE"),
        "await an operation, such as `await cell.read()`",
    ),
    "yield": (
        "async def work():  # HERE\n    yield total.read()\n"
        "MODEL = model(threads=[Thread('b', work)])",
        "has a `yield`; write `await` instead",
    ),
    "program that is a lambda": (
        "MODEL = model(threads=[Thread('b', lambda: total.read())])  # HERE",
        "is not an `async def`; write one, and give its name to the thread",
    ),
    "arguments that don't fit": (
        "async def work(i):  # HERE\n    await total.write(i)\n"
        "MODEL = model(threads=[Thread('b', work)])",
        "write `Thread(name, program, (argument, ...))`",
    ),
    "build that is async": (
        "async def build(case): pass\nMODEL = Model('m', '?', build)",
        "build() is an `async def`; write `def build(case):`",
    ),
    "one property for many": (
        "MODEL = model(properties=deadlock_free())",
        "is no sequence; write `[...]` around it",
    ),
    "function for a thread": ("MODEL = model(threads=[work])", "'work' is no Thread; write"),
    "model by another name": ("other = model()", "write `MODEL = other` at its top level"),
    "argument of a model that is not there": (
        "MODEL = Model('m', '?', lambda case: None, expect={})  # HERE",
        "write `Model(name, about=, build=",
    ),
    "value of a state as an attribute": (
        "MODEL = model(properties=[always('p', lambda s: s.total == 0)])  # HERE",
        "write `s[cell]` for a value",
    ),
    "variable of a loop": (
        "def build(case):\n    threads = []\n    for n in (1, 2):\n"
        "        async def store():\n            await total.write(n)\n"
        "        threads.append(Thread(f't{n}', store))\n"
        "    return System([total, lock], threads, [deadlock_free()])\n"
        "MODEL = Model('m', '?', build)",
        "threads t1 and t2 use 'n', the variable of the loop in which store is defined",
    ),
    "variable of a loop of the module": (
        "THREADS = []\nfor n in (1, 2):\n    async def store(): await total.write(n)\n"
        "    THREADS.append(Thread(f't{n}', store))\n"
        "MODEL = model(threads=THREADS)",
        "write `async def store(n)` and `Thread(..., store, (n,))`",
    ),
    "placement that no thread takes": (
        PLACED + "def build(case):  # HERE\n"
        "    return System([total, lock], [Thread('a', work)], "
        "[deadlock_free()])\nMODEL = placed(placements=[P, Placement('q', '', role=[STEP])])",
        "build() never looks at case.placement",
    ),
    "operation that nobody awaits": (
        "def build(case):\n    lock.mutex_lock()  # HERE\n"
        "    return System([total, lock], [Thread('a', work)], [deadlock_free()])\n"
        "MODEL = Model('m', '?', build)",
        "build() makes mutex_lock(lock), and drops it",
    ),
    "predicate that is a value": (
        "MODEL = model(properties=[always('p', total)])  # HERE",
        "its predicate is Cell('total'); write a function",
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
    assert (
        "Traceback" not in err
        and " raised " not in err
        and "<string>" not in err
        and "/locking/" not in err
    )
    lines = [number for number, line in enumerate(source.splitlines(), 1) if "# HERE" in line]
    for line in lines[:1]:
        assert re.search(rf"wrong\.py(:|, line ){line}\b", err), err


def test_a_predicate_that_looks_at_nothing_is_never_evaluated(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    text = "MODEL = model(properties=[never('p', lambda _: False)])"
    (here / "wrong.py").write_text(HEAD + text)
    status, out, err = locking("check", "wrong.py")
    assert status == 2
    assert "∅" in out and "it looks at nothing of the state; write s[x]" in err


def test_a_thread_that_draws_by_chance_is_refused_with_both_steps(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    body = BODY.format("await total.write(random.random())")
    (here / "wrong.py").write_text(f"{HEAD}import random\n{body}")
    status, out, err = locking("check", "wrong.py")
    assert (status, out) == (2, "")
    assert err.count("it does write(total, 0.") == 2 and err.count("at line 14") == 2
    assert "must not use time or chance" in err


def test_code_that_never_awaits_is_stopped_with_its_line(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    (here / "wrong.py").write_text(HEAD + BODY.format("while True: pass"))
    with limited(0.2):
        status, _, err = locking("check", "wrong.py")
    assert status == 2
    assert "processor time without an await, at" in err and "wrong.py:13" in err
    assert "see that its loops end, or await an operation in them" in err


VERDICTS = {
    "lock kept by an early return": (
        BODY.format(
            "await lock.mutex_lock()\n    if await total.read(): return\n"
            "    await total.write(1)\n    await lock.mutex_unlock()"
        ),
        "fails locks-released",
        ["a ends after step 2", "still holds lock (since step 1), taken at wrong.py:13"],
    ),
    "lock forgotten": (
        BODY.format("await lock.mutex_lock()"),
        "fails locks-released",
        ["a ends after step 1", "still holds lock (since step 1), taken at wrong.py:13"],
    ),
    "lock taken twice": (
        BODY.format("async with lock.hold(), lock.hold(): await total.read()"),
        "fails no-misuse: Self-deadlock",
        ["wrong.py:13", "a waits for lock, which it holds itself"],
    ),
    "lock let go of in a finally": (
        BODY.format(
            "try:\n        await lock.mutex_lock()\n        await total.write(1)\n"
            "    finally: await lock.mutex_unlock()"
        ),
        "holds deadlock-free",
        ["all as expected"],
    ),
    "list for an argument": (
        "async def add(items): await total.write(len(items))\n"
        "MODEL = model(threads=[Thread('a', add, ([1, 2],))])",
        "holds deadlock-free",
        ["all as expected"],
    ),
    "number for a truth": (
        "MODEL = model(properties=[always('p', lambda s: s[total])])",
        "fails p",
        ["p is broken at the start"],
    ),
}


@pytest.mark.parametrize("mistake", VERDICTS)
def test_what_may_be_meant_is_judged_as_it_stands(
    here: Path, locking: Callable[..., Outcome], mistake: str
) -> None:
    text, verdict, says = VERDICTS[mistake]
    start = HEAD.replace('Cell("total", 0)', 'Cell("total", 1)') if "early" in mistake else HEAD
    (here / "wrong.py").write_text(start + text)
    status, out, err = locking("check", "wrong.py")
    assert (status, err) == (0 if "holds" in verdict else 1, "")
    shown = " ".join(out.split())
    assert verdict in shown
    for each in says:
        assert each in shown


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


def test_a_verdict_that_is_declared_of_no_property_is_refused_with_those_that_there_are(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    text = PLACED + "MODEL = placed(expected=[Expect('summ', 'why')])"
    (here / "wrong.py").write_text(HEAD + text)
    says = "unknown property, of which a verdict is declared, 'summ': did you mean sum?"
    status, out, err = locking("check", "wrong.py")
    assert status == 2 and "p: holds sum." in out
    assert err == f"locking: {says}\n"
    assert locking("check", "wrong.py", "--property", "sum")[0] == 0
