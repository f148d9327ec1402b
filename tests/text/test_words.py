"""Numbers with their nouns, and lists."""

from locking.text.words import counted, listed


def test_only_one_has_no_plural() -> None:
    assert [counted(at, "step") for at in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]
    assert counted(2, "switch", "es") == "2 switches"
    assert counted(12_000, "state") == "12,000 states"


def test_a_list_has_an_and_before_its_last() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(("a", "b", "c")) == "a, b and c"
