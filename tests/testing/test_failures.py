"""The text of a body that fails, and of one run of it."""

import pytest

from locking import Atomic, Mutex, together
from locking.errors import PathError
from locking.testing.failures import of_body, of_run
from locking.testing.scene import Scene, explore_scene
from locking.verdicts import Limits, Options


async def deadlock():
    one, other, count = Mutex("one"), Mutex("other"), Atomic("count")

    async def up():
        async with one.hold(), other.hold():
            await count.atomic_inc()

    async def down():
        async with other.hold(), one.hold():
            await count.atomic_inc()

    await together(up, down)
    assert await count.atomic_read() == 2


def text(states=None):
    """What is said of it."""
    report = explore_scene(Scene("body", deadlock), Options(limits=Limits(states=states)))
    return of_body(report, "again", 80)


def test_only_what_fails_is_said():
    said = text()
    assert said.startswith("deadlock-free fails after 2 steps, 1 context switch\n")
    assert said.endswith("\nReplay: again a1.b1\n")
    assert "not decided" not in said


def test_what_fails_is_said_before_what_is_not_decided():
    failing, undecided = text(states=10).split("not decided: ")
    assert "deadlock-free fails" in failing
    assert undecided == "more than 10 states (after-together, data-race)\n"


def test_one_run_says_the_same():
    assert of_run(Scene("body", deadlock), "a1.b1", "again", 80) == text()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ("a1.7", r"'7' is no turn; one reads a3 \(thread a, three steps\)"),
        ("", "'' is no turn"),
        ("a1.b2", r"step 3: down can't take it; it waits in mutex_lock\(one\)"),
        ("c1", "step 1: there is no thread number 3"),
        ("a1", "it can be run, but its end shows nothing wrong"),
        ("-", "it can be run, but its end shows nothing wrong"),
    ],
)
def test_choices_that_show_nothing_are_an_error(choices, message):
    with pytest.raises(PathError, match=message):
        of_run(Scene("body", deadlock), choices, "again", 80)
