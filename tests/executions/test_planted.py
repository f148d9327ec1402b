"""Errors planted in the executions of models: random programs and their litmus tests show each."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pytest

from locking.errors import ModelError
from locking.executions import meaning, objects, paths, together, trees, values, word_order
from tests.executions.programs import (
    ends_of_litmus,
    ends_of_model,
    program_of_sections,
    random_program,
)


def kept(
    way: trees.TakenWay,
    places: Mapping[str, int],
    held: tuple[Hashable, ...],
    after: Callable[..., Any] = together.words_after,
) -> tuple[Hashable, ...] | None:
    """What words hold behind a way, as if it wrote nothing."""
    return held if after(way, places, held) else None


PLANTED: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "no acquires": (meaning, "load_tags", lambda *_: ("once",)),
    "no releases": (meaning, "store_tags", lambda *_: ("once",)),
    "all reads return something": (meaning, "update_tags", lambda *_: ("acquire", "release")),
    "all depends": (paths, "depends", lambda *_: True),
    "nothing depends": (paths, "depends", lambda *_: False),
    "no value is passed on": (values, "passed_on", lambda _: set()),
    "a word keeps what it held": (together, "words_after", kept),
    "who wrote last does not count": (trees.TreeGrower, "own_alone", lambda *_: iter(())),
    "what comes later is not written": (together.ValueBits, "written_below", lambda *_: 0),
    "what may come later is waited for in vain": (
        word_order,
        "without_reads",
        lambda each, _: each,
    ),
    "no section of RCU": (objects, "RCU_TAGS", dict.fromkeys(objects.RCU_TAGS, "barrier")),
}


SEEDS = {"nothing depends": range(425, 426)}
"""Where the first programs that show an error come late, those that do."""


def differ(seeds: range) -> bool:
    """Whether a random program ends otherwise than its litmus test."""
    for seed in seeds:
        for program in (random_program(seed, dependent=True), program_of_sections(seed)):
            try:
                if ends_of_model(program) != ends_of_litmus(program):
                    return True
            except ModelError:
                return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, wrong = PLANTED[name]
    monkeypatch.setattr(where, what, wrong)
    assert differ(SEEDS.get(name, range(400)))


def test_none_is_caught_where_none_is_planted() -> None:
    assert not differ(range(8))
    assert trees.WRITING_ROUNDS > 1
