"""Threads that a loop makes: what is refused, and what is right and stays so."""

import pytest

from locking import Cell, Thread, Verdict, at_end
from locking.errors import ModelError
from tests.systems import verdict

cell = Cell("cell", 0)


def judged(threads: list[Thread]) -> Verdict:
    """The verdict on threads that store a value."""
    return verdict([cell], threads, at_end("stored", lambda s: s[cell] > 0))


def test_the_last_value_of_a_loop_for_every_thread_is_refused() -> None:
    threads = []
    for n in (1, 2):

        async def store() -> None:
            await cell.write(n)  # noqa: B023

        threads.append(Thread(f"t{n}", store))
    with pytest.raises(ModelError, match="threads t1 and t2 use 'n', the variable of the loop"):
        judged(threads)


def test_a_value_that_is_given_to_the_thread_is_right() -> None:
    threads = []
    for n in (1, 2):

        async def store(value: int) -> None:
            await cell.write(value)

        threads.append(Thread(f"t{n}", store, (n,)))
    assert judged(threads) is Verdict.HOLDS


def test_a_value_of_a_function_that_is_called_in_the_loop_is_right() -> None:
    def storing(n: int) -> Thread:
        async def store() -> None:
            await cell.write(n)

        return Thread(f"t{n}", store)

    assert judged([storing(n) for n in (1, 2)]) is Verdict.HOLDS


def test_the_variable_of_a_loop_around_the_search_is_right() -> None:
    for value in (1, 2):

        async def store() -> None:
            await cell.write(value)  # noqa: B023

        assert judged([Thread("a", store), Thread("b", store)]) is Verdict.HOLDS


def test_the_variable_of_an_outer_loop_is_right() -> None:
    for value in (1, 2):
        threads = []
        for name in "ab":

            async def store() -> None:
                await cell.write(value)  # noqa: B023

            threads.append(Thread(name, store))
        assert judged(threads) is Verdict.HOLDS
