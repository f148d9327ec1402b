"""The vocabulary of a tree is read from its file of definitions."""

import os
from pathlib import Path

import pytest

from locking.errors import ModelError, UsageError
from locking.litmus.definitions import DEFINITIONS, read_definitions, vocabulary_of_tree
from locking.litmus.judged import judge_test
from locking.litmus.paths import all_paths
from locking.litmus.reading import read_test
from locking.litmus.syntax import LitmusBlock
from locking.litmus.vocabulary import VocabularyMacro, kernel_vocabulary
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import litmus_text

TEXT = """
// Accesses
peek(P) __load{once}(P)
poke(P, N) { __store{release}(*P, N); }
poke_then_wait(P, N) { poke(P, N); __fence{mb}; }
bump(P) __atomic_op_return{%s}(P, +, 1) == 1
clear_bits(P, N) { __atomic_op(P, &~, N); }
"""


def events_of(thread: str, order: str = "mb") -> list[str]:
    """The events of a thread, in a vocabulary of its own."""
    test = read_test(litmus_text((thread,), "exists (true)"), read_definitions(TEXT % order))
    (path,) = all_paths(test, 1)[0].paths
    return [f"{each.kind} {' '.join(each.tags)}".strip() for each in path.events]


def test_macros_are_read() -> None:
    assert events_of("r0 = peek(*x); poke_then_wait(y, 1)") == ["R once", "W release", "F mb"]


def test_a_macro_may_compute_with_what_a_primitive_gives() -> None:
    test = read_test(
        litmus_text(("r0 = bump(x); r1 = bump(x)",), "exists (0:r0=1 /\\ 0:r1=0)"),
        read_definitions(TEXT % "mb"),
    )
    assert judge_test(test, LKMM).observation == "Always"


def test_the_first_version_has_fences_and_the_second_has_tags() -> None:
    assert events_of("r0 = bump(x)") == [
        "F mb full-rmw",
        "R once rmw full-rmw",
        "W once rmw full-rmw",
        "F mb full-rmw",
    ]
    assert events_of("r0 = bump(x)", "MB") == ["R mb rmw", "W mb rmw"]


def test_operators_of_two_signs_are_read() -> None:
    test = read_test(
        litmus_text(("clear_bits(x, 5)",), "exists (x=2)", "x = 7"), read_definitions(TEXT % "mb")
    )
    assert judge_test(test, LKMM).observation == "Always"


TREES = [each for each in os.environ.get("LOCKING_KERNEL_TREES", "").split(":") if "6.12" in each]


def statement_of(name: str, macro: VocabularyMacro) -> str:
    """A statement that uses a name: on locations where it has addresses, else on values."""
    numbers = {"X": "x", "V": "1", "W": "2", "Y": "1"}
    if name in BY_VALUE:
        numbers["X"] = "*x"
    given = {each: numbers.get(each, "1") for each in macro.parameters}
    call = f"{name}({', '.join(given.values())})"
    return call if isinstance(macro.body, LitmusBlock) else f"r0 = {call}"


BY_VALUE = (
    "READ_ONCE", "WRITE_ONCE", "rcu_dereference", "rcu_assign_pointer", "smp_store_mb",
)  # fmt: skip
"""What is given the location itself, and no address."""


@pytest.mark.skipif(not TREES, reason="LOCKING_KERNEL_TREES names no tree of Linux 6.12")
def test_every_name_of_linux_6_12_has_the_events_that_it_has_in_our_vocabulary() -> None:
    definitions = vocabulary_of_tree(Path(TREES[0]))
    ours = kernel_vocabulary()
    for name, macro in definitions.items():
        text = litmus_text((statement_of(name, macro),), "exists (true)")
        found = [
            [
                [event._replace(line=0) for event in path.events]
                for path in all_paths(read_test(text, vocabulary), 1)[0].paths
            ]
            for vocabulary in (definitions, ours)
        ]
        assert found[0] == found[1], name


def test_a_tree_without_definitions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"linux-kernel\.def"):
        vocabulary_of_tree(tmp_path)


def test_definitions_that_make_no_sense_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / DEFINITIONS
    file.parent.mkdir(parents=True)
    file.write_text("peek(P) __load{once}(P)\npoke(P __store\n")
    with pytest.raises(ModelError, match="line 2"):
        vocabulary_of_tree(tmp_path)
    file.write_text("peek(P) __load{once}(P)\n")
    assert "peek" in vocabulary_of_tree(tmp_path)
    assert "WRITE_ONCE" in vocabulary_of_tree(tmp_path)
