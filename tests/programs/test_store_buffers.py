"""Total store order: what the buffers let happen, beside a machine of its own, and by name."""

from random import Random
from typing import Any

import pytest

from locking import Cell, System, Thread, array, smp_mb
from locking.explore import reference
from locking.explore.search import search
from tests.programs.tso_machine import Outcome, Program, outcomes, random_programs

WORDS = 2


async def run(program: Program, words: list[Cell], out: Cell) -> None:
    loaded: tuple[int, ...] = ()
    for kind, *given in program:
        match kind, given:
            case "store", (word, value):
                await words[word].WRITE_ONCE(value)
            case "load", (word,):
                loaded = (*loaded, await words[word].READ_ONCE())
            case "xchg", (word, value):
                loaded = (*loaded, await words[word].xchg(value))
            case _:
                await smp_mb()
    await out.WRITE_ONCE(loaded)


def ours(programs: tuple[Program, ...], *, buffered: bool = True) -> set[Outcome]:
    """All outcomes, by the search."""
    words: Any = array(Cell, "word", WORDS, 0)
    out: Any = array(Cell, "out", len(programs), ())
    threads = [
        Thread(f"t{at}", run, (program, words, out[at])) for at, program in enumerate(programs)
    ]
    system = System([words, out], threads, [])
    if buffered:
        system.buffer_stores()
    product = system.product()
    graph = search(product, reference.explore, lambda *_: None)
    ends = [
        state
        for state in map(tuple, graph.states)
        if all(product.position(at, state).next is None for at in range(len(programs)))
    ]
    return {
        (
            tuple(product.value(each, state) for each in out),
            tuple(product.value(each, state) for each in words),
        )
        for state in ends
    }


def differing(seeds: range) -> list[int]:
    """The seeds of random programs of which the machine says otherwise."""
    found = []
    for seed in seeds:
        programs = random_programs(Random(seed))
        if ours(programs) != outcomes(programs, WORDS):
            found.append(seed)
    return found


def test_random_programs_have_the_outcomes_of_a_machine_with_store_buffers() -> None:
    assert differing(range(12)) == []


@pytest.mark.slow
def test_many_random_programs_have_the_outcomes_of_a_machine_with_store_buffers() -> None:
    assert differing(range(12, 400)) == []


@pytest.mark.campaign
def test_5000_random_programs_have_the_outcomes_of_a_machine_with_store_buffers() -> None:
    assert differing(range(400, 5_400)) == []
