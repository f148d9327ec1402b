"""A lock that is held at the start: every command says so, and none breaks down."""

from collections.abc import Callable
from pathlib import Path

import pytest

from locking.cli.trace_output import FORMS
from tests.cli.conftest import Outcome

HELD = """
from locking import Model, Mutex, Parameter, System, Thread, deadlock_free

lock, other = Mutex("lock"), Mutex("other")

async def work():
    async with lock.hold():
        pass

async def idle():
    async with other.hold():
        pass

def build(case):
    threads = [Thread("a", work), Thread("b", idle)]
    return System([lock, other], threads, [deadlock_free()], {lock: case.scope["owner"]})

WORDS = ("firmware", "b")
MODEL = Model("held", "", build, parameters=(Parameter("owner", "firmware", "", words=WORDS),))
"""

NOBODY = "held from the start by firmware, which is no thread of this system"
THREAD = "b, which has ended, still holds (from the start)"


@pytest.fixture(autouse=True)
def held(here: Path) -> None:
    """The model, in the folder where we stand."""
    (here / "held.py").write_text(HELD)


@pytest.mark.parametrize(("owner", "says"), [("firmware", NOBODY), ("b", THREAD)])
@pytest.mark.parametrize("form", ["text", *FORMS])
def test_every_form_of_a_trace_says_so(
    locking: Callable[..., Outcome], form: str, owner: str, says: str
) -> None:
    status, out, err = locking("trace", "held.py", "--owner", owner, "--to", form)
    assert (status, err) == (0, "")
    if form in ("text", "json"):
        assert says in " ".join(out.split())


@pytest.mark.parametrize("owner", ["firmware", "b"])
@pytest.mark.parametrize(
    "words",
    [
        ("check", "held.py"),
        ("check", "held.py", "--json"),
        ("check", "held.py", "--html", "page.html"),
        ("check", "held.py", "--sarif", "found.sarif"),
        ("check", "held.py", "--junit", "found.xml"),
        ("check", "held.py", "--reduction", "all"),
        ("measure", "held.py"),
        ("sample", "held.py", "--runs", "50"),
        ("sample", "held.py", "--method", "bounded"),
        ("export", "held.py", "--to", "promela"),
        ("graph", "held.py"),
    ],
    ids=" ".join,
)
def test_every_command_takes_it(
    locking: Callable[..., Outcome], words: tuple[str, ...], owner: str
) -> None:
    status, _, err = locking(*words, "--owner", owner)
    assert status in (0, 1, 3)
    assert "Error" not in err


def test_a_start_that_is_no_state_is_refused(here: Path, locking: Callable[..., Outcome]) -> None:
    (here / "held.py").write_text(HELD.replace('{lock: case.scope["owner"]}', "{lock: 5}"))
    status, _, err = locking("check", "held.py")
    assert status == 2
    assert "starts has 5 for Mutex('lock'), which is no state of it" in err
