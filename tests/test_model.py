"""Models, scopes and declared verdicts: what is refused, and with which words."""

import pytest

from locking import Cell, Expect, Mutex, Parameter, System, Thread, never
from locking.errors import ModelError, UsageError
from locking.model import Model

X = Cell("x", 0)


async def idle() -> None:
    await X.read()


def system(**changed: object) -> System:
    parts: dict[str, object] = {
        "objects": [X],
        "threads": [Thread("a", idle)],
        "properties": [never("bad", lambda s: s[X])],
    }
    return System(**{**parts, **changed})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"threads": []}, "at least one thread"),
        ({"objects": [X, Mutex("x")]}, "two objects are called 'x'"),
        ({"threads": [Thread("a", idle), Thread("a", idle)]}, "two threads are called 'a'"),
        (
            {"properties": [never("bad", lambda s: s[X]), never("bad", lambda s: not s[X])]},
            "two properties are called 'bad'",
        ),
    ],
)
def test_a_system_has_threads_and_different_names(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        system(**changed)


@pytest.mark.parametrize(
    "expect",
    [
        Expect("bad", "", scenarios=("onyl",)),
        Expect("bad", "", placements=("mine",)),
        Expect("bad", "", scope={"pagse": (1,)}),
    ],
)
def test_a_declared_verdict_that_applies_to_nothing_is_refused(expect: Expect) -> None:
    with pytest.raises(ModelError, match="toy expects of bad: unknown"):
        Model("toy", "?", lambda _: system(), expected=(expect,))


@pytest.mark.parametrize("text", ["0", "9", "-1", "two", "1.5", "²", "9" * 5000])
def test_an_impossible_scope_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="impossible"):
        Parameter("pages", 1, "pages of a device").read(text)


def test_a_word_of_a_parameter_is_one_of_its_words() -> None:
    resize = Parameter("resize", "stepwise", "how", words=("stepwise", "one-step"))
    assert resize.read("one-step") == "one-step"
    with pytest.raises(UsageError, match="did you mean one-step"):
        resize.read("onestep")
