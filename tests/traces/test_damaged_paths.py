"""Path strings that were damaged: either refused in words, or the run that they now say."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking.cli.commands.replay import case_of_path
from locking.errors import LockingError
from locking.traces.path import decode, encode
from locking.traces.rerun import rerun

REAL = [
    "textbook.lost_update:only::sum::a1.b2.a1",
    "textbook.abba:only::deadlock-free::a1.b1",
    "textbook.torn_read:only::whole::a1.b2",
    "memory_hotplug:add-vs-remove:duyck:init-inside-span::a10.b6.a4",
    "memory_hotplug:add-vs-remove:duyck:init-inside-span:pages=2:a18.b7.a1",
    "memory_hotplug:adder+remover:duyck~adder.1.drop:init-inside-span::a5.b6.a7",
]

SIGNS = st.sampled_from([*"ab19~.:=,-%#*+", "%00", "%1b", "aa", "a1", "b~1", "\x1b", "\u202e", "é"])
EXAMPLES = settings(derandomize=True, deadline=None, database=None, max_examples=40)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A real path with pieces put in, taken out, or put twice; or its end with another's front."""
    text = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        to = min(len(text), at + draw(st.integers(0, 6)))
        match draw(st.integers(0, 4)):
            case 0:
                text = text[:at] + draw(SIGNS) + text[at:]
            case 1:
                text = text[:at] + text[to:]
            case 2:
                text = text[:to] + text[at:]
            case 3:
                text = text[:at] + draw(SIGNS) + text[to:]
            case _:
                other = draw(st.sampled_from(REAL)).split(":")
                field = draw(st.integers(0, 5))
                text = ":".join([*text.split(":")[:field], *other[field:]])
    return text


def story(text: str) -> tuple[str, list[str]]:
    """How a path string is printed again, and what its run does. Errors: `LockingError`."""
    path = decode(text)
    run = rerun(case_of_path(path), path.property, path.choices)
    assert {event.number for event in run.trace.events} == set(range(1, len(path.choices) + 1))
    return run.path, [repr(event) for event in run.trace.events]


@EXAMPLES
@given(damaged())
def test_a_damaged_path_is_refused_or_tells_the_story_that_it_says(text: str) -> None:
    """Nothing else comes out of it, and it takes no time."""
    started = time.process_time()
    try:
        path, events = story(text)
    except LockingError as error:
        assert str(error)
    else:
        said, printed = decode(text), decode(path)
        assert (printed.choices, printed.property) == (said.choices, said.property)
        assert story(path) == (path, events)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("text", REAL)
def test_a_whole_path_tells_the_same_story_however_it_is_written(text: str) -> None:
    """Percent signs where none is needed, and turns that are cut in two, say the same."""
    fields = text.split(":")
    choices = ".".join(f"{'ab'[thread]}1" for thread, _ in decode(text).choices)
    written = "".join(f"%{ord(sign):02x}" for sign in fields[0])
    again = ":".join([written, *fields[1:5], choices])
    assert story(again) == story(text)
    assert encode(decode(again)) == encode(decode(text))
