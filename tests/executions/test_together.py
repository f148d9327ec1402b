"""Paths go together where one order of a word has what they read; nothing else is left out."""

import pytest

from locking import (
    TASK_UNINTERRUPTIBLE,
    Cell,
    System,
    Task,
    Thread,
    Verdict,
    choose,
    data_race_free,
    procedure,
    require,
    required,
    retry,
)
from locking.executions import together, trees, values
from locking.executions.judged import ExecutionSearch, judge_executions
from locking.executions.values import grown_trees
from tests.executions.programs import ends_of_model, program_of_sections, random_program


def ends_with_no_word_chosen(seed: int) -> list[object]:
    """How two random programs end, where no word is followed in turns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "most_chosen_word", lambda _: "")
        return ends_of_programs(seed)


def ends_of_programs(seed: int) -> list[object]:
    """How two random programs end."""
    programs = random_program(seed, dependent=True, plain=seed % 2 == 1), program_of_sections(seed)
    return [ends_of_model(each) for each in programs]


def test_the_word_that_is_followed_changes_nothing() -> None:
    for seed in range(6):
        assert ends_of_programs(seed) == ends_with_no_word_chosen(seed)


@pytest.mark.slow
def test_the_word_that_is_followed_changes_nothing_in_many_programs() -> None:
    for seed in range(3_000, 3_150):
        assert ends_of_programs(seed) == ends_with_no_word_chosen(seed)


word, seen = Cell("word", 0), Cell("seen", 0)


@procedure
async def exchanges(new: int) -> None:
    await word.xchg_relaxed(new)


async def exchanges_often() -> None:
    for new in range(8):
        await exchanges(new)


def test_equal_parts_of_a_tree_are_grown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "LARGEST_TREE", 100)
    threads = [Thread("a", exchanges_often), Thread("b", exchanges_often)]
    search = ExecutionSearch(System([word], threads, []), [])
    grown = grown_trees(search.learners, search.initial)
    assert [len(list(trees.all_trees(each))) for each in grown.trees] == [9, 9]


@procedure
async def finds_it() -> int | None:
    await seen.read()
    return await word.smp_load_acquire() or None


async def spins_and_reads() -> None:
    await retry(finds_it)


async def sets_it() -> None:
    await seen.write(1)
    await word.smp_store_release(1)


def test_a_round_that_is_part_of_no_other_path_is_followed_to_its_races() -> None:
    threads = [Thread("a", spins_and_reads), Thread("b", sets_it)]
    system = System([word, seen], threads, [data_race_free()])
    found = judge_executions(system, system.properties, lambda: None)
    assert found.verdicts[0].verdict is Verdict.FAILS


@procedure
async def may_write() -> None:
    if await choose("write", "skip") == "write":
        await word.WRITE_ONCE(1)


async def may_write_and_reads() -> None:
    await may_write()
    require(await word.READ_ONCE() == 1, "never-at-first")


async def writes_one() -> None:
    await word.WRITE_ONCE(1)


def test_a_part_behind_no_write_of_its_own_may_see_what_was_there_at_first() -> None:
    threads = [Thread("a", may_write_and_reads), Thread("b", writes_one)]
    system = System([word], threads, [required("never-at-first")])
    found = judge_executions(system, system.properties, lambda: None)
    assert found.verdicts[0].verdict is Verdict.FAILS


sleeper = Task("sleeper")


async def sleeps() -> None:
    await sleeper.set_current_state(TASK_UNINTERRUPTIBLE)
    await sleeper.schedule()


async def wakes() -> None:
    await sleeper.wake_up_process()


def test_a_word_that_a_step_looks_at_and_then_writes_is_not_followed_in_turns() -> None:
    threads = [Thread("sleeper", sleeps), Thread("b", wakes)]
    search = ExecutionSearch(System([sleeper], threads, []), [])
    roots = grown_trees(search.learners, search.initial).trees
    assert any(each.looks_at == "sleeper.task" for root in roots for each in trees.all_trees(root))
    assert together.most_chosen_word(roots) == ""
