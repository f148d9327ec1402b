"""Bad input: one clear line, status 2, nothing else."""

from pathlib import Path

import pytest

REFUSED = {
    "": "say what to do: check, sample, trace, replay, ",
    "chek": "argument COMMAND: invalid choice: 'chek'",
    "check tooy.py": "tooy.py: No such file or directory",
    "check textbok.abba": "unknown model 'textbok.abba': did you mean textbook.abba",
    "check toy.py --scenario mony": "unknown scenario of toy 'mony': did you mean many",
    "check toy.py --placement lockd": "unknown placement of toy 'lockd': did you mean locked?",
    "check toy.py --placement mine.py#x": "unknown placement of mine.py 'x': known: mine",
    "check toy.py --placement none.py": "none.py: No such file or directory",
    "check toy.py --property smu": "unknown property of toy 'smu': did you mean sum?",
    "check toy.py --workers 5": "--workers 5: impossible; it is a whole number from 1 to 4",
    "check toy.py --workers two": "--workers two: impossible; it is a whole number from 1 to 4",
    "check toy.py --workers": "--workers needs a value",
    f"check toy.py --workers {'9' * 5000}": "impossible; it is a whole number from 1 to 4",
    "check toy.py --scenario alone --property parallel": "property of toy in alone 'parallel'",
    "check toy.py --wokers 3": "unknown option for toy '--wokers': did you mean --workers",
    "check toy.py --jsn": "unknown option for toy '--jsn': did you mean --json",
    "check toy.py --speed fats": "unknown --speed 'fats': did you mean fast?",
    "check toy.py --engine none": "unknown engine 'none': known: automatic, reference, compiled",
    "check toy.py --max-states 0": "argument --max-states: '0' is not a whole number above 0",
    "check toy.py --max-seconds nan": "argument --max-seconds: 'nan' is not a number above 0",
    "check mine.py": "mine.py: has no MODEL; write `MODEL = Model(...)` at its top level",
    "replay": "the following arguments are required: PATH",
    "replay x": "path 'x' has 1 fields, not 6",
    "replay toy.py:many:bare:sum::a1.b?": "path 'toy.py:many:bare:sum::a1.b?': 'b?' is no turn",
    "replay none:many:bare:sum::a1": "does not replay: unknown model 'none'",
    "replay toy.py:few:bare:sum::a1": "does not replay: unknown scenario of toy 'few'",
    "replay toy.py:many::sum::a1": "does not replay: it names no placement, and toy has some",
    "replay toy.py:many:bar:sum::a1": "does not replay: unknown placement of toy 'bar'",
    "replay toy.py:many:bare:smu::a1": "does not replay: unknown property 'smu'",
    "replay toy.py:many:bare:sum:size=1:a1": "does not replay: unknown parameter of toy 'size'",
    "replay toy.py:many:bare:sum::a1.b2.a1.c1": "step 5: there is no thread number 3",
    "replay toy.py:many:bare:sum::a1.b4.a1": "step 4: w1 can't take it; it has ended",
    "replay toy.py:many:bare:sum::a2.b2": "its end does not show sum",
}


@pytest.mark.parametrize("words", REFUSED)
def test_bad_input_is_refused_in_one_line(locking, words: str) -> None:
    status, out, err = locking(*words.split())
    assert (status, out) == (2, "")
    assert err.startswith("locking: ")
    assert REFUSED[words] in err
    assert err.count("\n") == 1


def test_an_error_of_the_model_names_the_case(locking, here: Path) -> None:
    toy = (here / "toy.py").read_text()
    (here / "raises.py").write_text(toy.replace("workers = int", "workers = 1 // 0 or int"))
    status, _, err = locking("check", "raises.py")
    assert status == 2
    assert err.startswith("locking: raises.py, many, locked: build() raised ZeroDivisionError: ")
    (here / "vacuous.py").write_text(toy.replace('"work", "work", "they', '"wrk", "work", "they'))
    status, _, err = locking("check", "vacuous.py")
    assert status == 2
    assert err.startswith("locking: vacuous.py, many, locked: property 'parallel': no run enters")


RAISING = {
    "sys.exit(0)": "build() raised SystemExit: 0 (",
    "None": "build() returned None; write `return System(...)` at its end",
    "System([n], [Thread('a', leave)], [deadlock_free()])": "SystemExit: 0",
    "System([n], [Thread('a', work)], [always('x', lambda s: sys.exit(0))])": "SystemExit: 0",
    "System([n], [Thread('a', work)], [])": ": it has no properties",
    "System([lock], [Thread('a', take)], [assertions()])": ": ZeroDivisionError: division",
}


@pytest.mark.parametrize("system", RAISING)
def test_whatever_a_model_raises_is_an_error_of_the_model(locking, here: Path, system: str) -> None:
    (here / "raising.py").write_text(f"""
import sys
from locking import (
    Cell, Model, Object, System, Thread, always, assertions, deadlock_free, operation,
)

class Lock(Object):
    @operation
    def take(self, state, me):
        return 1, None

    def show(self, state):
        return 1 / 0

n, lock = Cell("n", 0), Lock("lock", 0)

async def work():
    await n.read()

async def leave():
    await n.read()
    sys.exit(0)

async def take():
    await lock.take()
    assert False

MODEL = Model("raising", "?", lambda case: {system})
""")
    status, out, err = locking("check", "raising.py")
    assert (status, out) == (2, "")
    assert err.startswith("locking: raising.py: ")
    assert RAISING[system] in err
    assert err.count("\n") == 1


def test_a_model_without_scenarios_is_refused(locking, here: Path) -> None:
    toy = (here / "toy.py").read_text()
    toy = toy.replace("scenarios=(Sc", "scenarios=() and (Sc")
    (here / "none.py").write_text(toy.replace("expected=(", "expected=() and ("))
    status, _, err = locking("check", "none.py")
    assert (status, err) == (
        2,
        "locking: none.py: the model has no scenarios, so there is no case\n",
    )
