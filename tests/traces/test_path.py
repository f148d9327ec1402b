"""Path strings: what is written is read back, and what is damaged is refused in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking.errors import PathError
from locking.traces.path import Path, decode, decode_choices, encode, letters, thread_number

NAMES = st.text(max_size=12) | st.sampled_from(["a:b", " x ", "größe", "%3A", "a,b=c", "x/y.py#1"])
CHOICES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3) | st.just(10**30)), max_size=30)
EXAMPLES = settings(derandomize=True, deadline=None, database=None, max_examples=150)


@EXAMPLES
@given(NAMES, NAMES, NAMES, NAMES, st.dictionaries(NAMES, NAMES, max_size=3), CHOICES)
def test_what_is_written_is_read_back(
    model: str,
    scenario: str,
    placement: str,
    property_: str,
    scope: dict[str, str],
    choices: list[tuple[int, int]],
) -> None:
    """Whatever the names, also with colons, spaces and signs of any script."""
    path = Path(model, scenario, placement, property_, scope, tuple(choices))
    text = encode(path)
    assert decode(text) == path
    assert decode(f"  {text}\n") == path
    assert not set(text) & set(" \n\t'\"$&;|<>")


def test_a_path_reads_as_turns() -> None:
    """Threads are letters, with how many steps each takes in turn."""
    choices = ((0, 0), (0, 0), (1, 2), (26, 0))
    path = Path("memory_hotplug", "add", "", "race", {"pages": "2"}, choices)
    assert encode(path) == "memory_hotplug:add::race:pages=2:a2.b~2.aa1"


def test_a_run_of_no_steps_is_a_dash() -> None:
    """A property may fail before anything happens."""
    assert decode("m:s::p::-").choices == ()
    assert encode(Path("m", "s", "", "p", {}, ())) == "m:s::p::-"


@pytest.mark.parametrize("thread", [0, 25, 26, 51, 52, 701, 702, 10_000])
def test_letters_name_threads(thread: int) -> None:
    """A to z, then aa, ab and so on."""
    assert thread_number(letters(thread)) == thread


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has 1 fields, not 6: MODEL:SCENARIO:PLACEMENT:PROPERTY:SCOPE:CHOICES"),
        ("m:s:p", "has 3 fields, not 6"),
        ("m:s::p::a1:a1", "has 7 fields, not 6"),
        ("m:s::p:pages:a1", "'pages' in its scope is not NAME=VALUE"),
        ("m:s::p::", "'' is no turn"),
        ("m:s::p::a1..a1", "'' is no turn"),
        ("m:s::p::a", "'a' is no turn; one reads a3 (thread a, three steps)"),
        ("m:s::p::a0", "'a0' is no turn"),
        ("m:s::p::3a", "'3a' is no turn"),
        ("m:s::p::A1", "'A1' is no turn"),
        ("m:s::p::a-1", "'a-1' is no turn"),
        ("m:s::p::a~", "'a~' is no turn"),
        ("m:s::p::a1~1", "'a1~1' is no turn"),
        ("m:s::p::a\u0661", "is no turn"),
        ("m:s::p::a1000001", "is no turn"),
    ],
)
def test_what_is_damaged_is_refused(text: str, says: str) -> None:
    """With what is wrong, and how it should read."""
    with pytest.raises(PathError) as refused:
        decode(text)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "turns", ["a" + "9" * 5000, "a~" + "9" * 5000, "a" * 5000 + "1", "a1000000.b1000000"]
)
def test_a_monstrous_path_is_refused(turns: str) -> None:
    """Numbers beyond all measure, and runs longer than any of this harness."""
    with pytest.raises(PathError):
        decode_choices("text", turns)


@EXAMPLES
@given(st.text(max_size=30) | st.text(alphabet="ab1:~.=,-%", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but `PathError` comes out of it."""
    try:
        decode(text)
    except PathError as error:
        assert str(error)
