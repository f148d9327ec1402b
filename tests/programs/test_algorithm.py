"""Algorithms that stand for locks: what threads do, what properties see, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from locking import (
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Algorithm,
    Atomic,
    Cell,
    Implementation,
    Model,
    Mutex,
    Processor,
    System,
    Task,
    Thread,
    Verdict,
    at_end,
    atomic,
    current,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    never,
    retry,
    served,
    wait_until,
    workers,
)
from locking.check import check
from locking.errors import LockingError, ModelError, NotDeterministic, UsageError
from locking.scope import lock_key, rule_key
from locking.verdicts import Options, Report

m, x = Mutex("m"), Cell("x", 0)


async def attempt(word: Atomic, variant: str) -> bool | None:
    await wait_until(lambda value: value == 0, word)
    if variant == "two-steps":
        await word.atomic_set(1)
        return True
    if variant == "relaxed":
        return await word.atomic_try_cmpxchg_relaxed(0, 1) or None
    return await word.atomic_try_cmpxchg(0, 1) or None


async def lock(word: Atomic, variant: str) -> None:
    await retry(attempt, word, variant)


async def trylock(word: Atomic, variant: str) -> bool:
    return True if variant == "yes" else await word.atomic_try_cmpxchg(0, 1)


async def unlock(word: Atomic, variant: str) -> None:
    if variant == "forgets":
        await word.atomic_read()
    elif variant == "relaxed":
        await word.atomic_set(0)
    else:
        await word.atomic_set_release(0)


def make(variant: str, name: str, _: tuple[str, ...]) -> Implementation:
    word = Atomic(f"{name}.word")
    return Implementation(
        [word],
        {
            "mutex_lock": partial(lock, word, variant),
            "mutex_trylock": partial(trylock, word, variant),
        },
        {"mutex_unlock": partial(unlock, word, variant)},
    )


VARIANTS = ("right", "two-steps", "relaxed", "forgets", "yes")
ALGORITHMS = tuple(Algorithm(each, "a word", partial(make, each)) for each in VARIANTS)


async def add() -> None:
    async with m.hold():
        await x.write(await x.read() + 1)


async def try_to_add() -> None:
    if await m.mutex_trylock():
        await x.write(await x.read() + 1)
        await m.mutex_unlock()


def build(_: object, *programs: Callable) -> System:
    threads = [Thread(f"t{at}", each) for at, each in enumerate(programs or (add, add))]
    properties = [
        deadlock_free(),
        data_race_free(),
        happens_before_race_free(),
        served(m),
        never("two", lambda s: len(s.held_by(m)) > 1),
        at_end("sum", lambda s: s[x] == len(threads)),
        never("both ask", lambda s: len(s.about_to(m, "mutex_lock")) == 2),
    ]
    return System([m, x], threads, properties)


def model(*programs: Callable) -> Model:
    return Model("adding", "?", lambda case: build(case, *programs), algorithms=ALGORITHMS)


def judged(name: str, *programs: Callable, how: str = "merge") -> dict[str, Verdict]:
    """The verdicts with an algorithm in place of m, or with m itself."""
    given = {lock_key("m"): name} if name else {}
    return verdicts(
        check(model(*programs).case("only", None, given), options=Options(reduction=how))
    )


def verdicts(report: Report) -> dict[str, Verdict]:
    return {each.claim.name: each.verdict for each in report.results}


@pytest.mark.parametrize("how", ["none", "merge", "symmetry", "partial-order", "all"])
def test_a_right_algorithm_gives_the_verdicts_of_the_lock(how: str) -> None:
    assert judged("right", how=how) == judged("", how=how)


@pytest.mark.parametrize("how", ["none", "merge", "symmetry", "partial-order", "all"])
def test_an_algorithm_that_lets_two_in_is_misused(how: str) -> None:
    assert judged("two-steps", how=how)["no-misuse"] is Verdict.FAILS
    assert judged("", how=how).get("no-misuse") is None


def test_the_algorithm_itself_must_order_what_it_protects() -> None:
    found = judged("relaxed")
    name = happens_before_race_free().name
    assert found[name] is Verdict.FAILS and judged("right")[name] is Verdict.HOLDS
    assert found[data_race_free().name] is Verdict.HOLDS


def test_who_waits_in_an_algorithm_for_good_is_in_a_deadlock_and_not_served() -> None:
    found = judged("forgets")
    assert found["deadlock-free"] is found["served"] is Verdict.FAILS


def test_an_attempt_that_fails_takes_nothing_and_one_that_lies_is_a_misuse() -> None:
    programs = (try_to_add, try_to_add)
    assert "no-misuse" not in judged("right", *programs)
    assert judged("right", *programs)["sum"] is Verdict.FAILS
    assert judged("yes", *programs)["no-misuse"] is Verdict.FAILS


def test_who_asks_for_a_lock_is_about_to_take_it_all_along() -> None:
    seen: set[int] = set()

    def ask(_: object) -> System:
        looks = never("asks", lambda s: bool(seen.add(len(s.about_to(m, "mutex_lock")))))
        return System([m, x], workers(2, add), [looks])

    asking = Model("asking", "?", ask, algorithms=ALGORITHMS)
    check(asking.case("only", None, {lock_key("m"): "right"}))
    assert seen == {0, 1, 2}


async def held_twice() -> None:
    async with m.hold(), m.hold():
        pass


def test_to_ask_for_a_lock_that_one_holds_is_a_deadlock_of_the_algorithm() -> None:
    assert judged("", held_twice)["no-misuse"] is Verdict.FAILS
    assert judged("right", held_twice)["deadlock-free"] is Verdict.FAILS


async def unlock_at_once() -> None:
    await m.mutex_unlock()


def test_to_let_go_what_one_does_not_hold_is_a_misuse_still() -> None:
    assert judged("right", unlock_at_once)["no-misuse"] is Verdict.FAILS


async def assert_held() -> None:
    async with m.hold():
        await m.lockdep_assert_held()
    await m.lockdep_assert_not_held()


def test_the_lock_still_answers_who_holds_it() -> None:
    found = judged("right", assert_held)
    assert "no-misuse" not in found and found["deadlock-free"] is Verdict.HOLDS


async def in_a_block() -> None:
    async with atomic(), m.hold():
        await x.read()


async def ends_its_wait() -> None:
    await m.mutex_lock_killable()


async def looks_at_it() -> None:
    await wait_until(lambda owner: owner is None, m)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (in_a_block, "takes mutex_lock(m) in an atomic block, and an algorithm stands for it"),
        (ends_its_wait, "has no operation 'ask mutex_lock'; it has mutex_lock, mutex_trylock"),
        (looks_at_it, "takes observe(m) in an atomic block"),
    ],
)
def test_what_an_algorithm_can_not_do_is_refused(program: Callable, says: str) -> None:
    assert program is ends_its_wait or judged("", program)
    with pytest.raises(ModelError, match=says.replace("(", r"\(").replace(")", r"\)")):
        judged("right", program)


def test_what_can_not_have_an_algorithm_is_refused() -> None:
    def held(_: object) -> System:
        return System([m, x], [Thread("a", unlock_at_once)], [deadlock_free()], {m: "a"})

    def on_processor(_: object) -> System:
        thread = Thread("a", add, processor=Processor("cpu"))
        return System([m, x], [thread], [deadlock_free()])

    right = {lock_key("m"): "right"}
    for made, given, says in (
        (held, right, "m is held from the start"),
        (on_processor, right, "threads run on processors here"),
        (build, {lock_key("x"): "right"}, "unknown lock 'x'"),
        (build, {lock_key("m"): "wrong"}, "unknown algorithm for m 'wrong'"),
        (build, {**right, rule_key("m"): "fifo"}, "m has a rule and an algorithm"),
    ):
        with pytest.raises(UsageError, match=says):
            Model("refused", "?", made, algorithms=ALGORITHMS).case("only", None, given).build()


CALLS: list[int] = []


async def counts(word: Atomic) -> None:
    CALLS.append(len(CALLS))
    await word.atomic_xchg(1)


async def swallows(word: Atomic) -> None:
    try:
        await word.atomic_xchg(1)
    except BaseException:
        await word.atomic_xchg(0)


@pytest.mark.parametrize(("method", "error"), [(counts, NotDeterministic), (swallows, ModelError)])
def test_code_of_an_algorithm_is_held_to_the_rules_of_threads(
    method: Callable, error: type[LockingError]
) -> None:
    def made(_: str, __: object) -> Implementation:
        word = Atomic("w")
        does = partial(method, word)
        return Implementation([word], {"mutex_lock": does}, {"mutex_unlock": does})

    wrong = replace(model(), algorithms=(Algorithm("wrong", "?", made),))
    with pytest.raises(error):
        check(wrong.case("only", None, {lock_key("m"): "wrong"}))


def test_an_algorithm_can_stand_for_a_word_of_another() -> None:
    def around(name: str, _: object) -> Implementation:
        inner = Mutex(f"{name}.inner")
        return Implementation(
            [inner],
            {"mutex_lock": partial(take_inner, inner)},
            {"mutex_unlock": partial(let_go_inner, inner)},
        )

    two = replace(model(), algorithms=(*ALGORITHMS, Algorithm("around", "?", around)))
    given = {lock_key("m"): "around", lock_key("m.inner"): "right"}
    assert verdicts(check(two.case("only", None, given))) == judged("")


async def sleep_on(word: Atomic) -> None:
    await retry(sleep_once, word)


async def sleep_once(word: Atomic) -> bool | None:
    task = Task(current())
    await task.set_current_state(TASK_UNINTERRUPTIBLE)
    if await word.atomic_try_cmpxchg(0, 1):
        await task.set_current_state(TASK_RUNNING)
        return True
    await task.schedule()
    return None


async def wake_all(word: Atomic, threads: tuple[str, ...]) -> None:
    await word.atomic_set_release(0)
    for each in threads:
        await Task(each).wake_up_process()


def sleeping(name: str, threads: tuple[str, ...]) -> Implementation:
    word = Atomic(f"{name}.word")
    return Implementation(
        [word, {each: Task(each) for each in threads}],
        {"mutex_lock": partial(sleep_on, word)},
        {"mutex_unlock": partial(wake_all, word, threads)},
    )


n = Mutex("n")


async def add_under_both() -> None:
    async with m.hold(), n.hold():
        await x.write(await x.read() + 1)


def test_algorithms_of_several_locks_share_the_tasks_of_the_threads_with_the_model() -> None:
    """A thread has one task, however many locks it sleeps for."""

    def both(_: object) -> System:
        threads = workers(2, add_under_both)
        own = [Task(threads[0].name)]
        return System([m, n, x, *own], threads, [deadlock_free(), at_end("2", lambda s: s[x] == 2)])

    made = Model("both", "?", both, algorithms=(Algorithm("sleeping", "?", sleeping),))
    case = made.case("only", None, {lock_key("m"): "sleeping", lock_key("n"): "sleeping"})
    assert set(verdicts(check(case)).values()) == {Verdict.HOLDS}


def test_a_word_that_an_algorithm_has_twice_is_refused() -> None:
    def twice(name: str, _: object) -> Implementation:
        word = Atomic(f"{name}.word")
        return Implementation([word, word], {"mutex_lock": word.atomic_inc})

    wrong = replace(model(), algorithms=(Algorithm("twice", "?", twice),))
    with pytest.raises(ModelError, match=r"m\.word"):
        wrong.case("only", None, {lock_key("m"): "twice"}).build()


async def take_inner(inner: Mutex) -> None:
    await inner.mutex_lock()


async def let_go_inner(inner: Mutex) -> None:
    await inner.mutex_unlock()


def test_an_algorithm_knows_the_threads_and_which_one_calls() -> None:
    def made(name: str, threads: tuple[str, ...]) -> Implementation:
        turn = Atomic(f"{name}.turn", 0)
        return Implementation(
            [turn],
            {"mutex_lock": partial(wait_for_turn, turn, threads)},
            {"mutex_unlock": turn.atomic_inc},
        )

    in_turn = replace(model(), algorithms=(Algorithm("in turn", "?", made),))
    found = verdicts(check(in_turn.case("only", None, {lock_key("m"): "in turn"})))
    assert found["sum"] is found["deadlock-free"] is Verdict.HOLDS


async def wait_for_turn(turn: Atomic, threads: tuple[str, ...]) -> None:
    await wait_until(lambda value: threads[value % len(threads)] == current(), turn)


def test_what_makes_no_implementation_is_refused() -> None:
    with pytest.raises(ModelError, match="both takes and releases"):
        Implementation([], {"a": add}, {"a": add})
    with pytest.raises(ModelError, match="no operation takes anything"):
        Implementation([], {})
    with pytest.raises(ModelError, match="makes no Implementation"):
        Algorithm("a", "?", 3)  # type: ignore[arg-type]
    wrong = replace(model(), algorithms=(Algorithm("a", "?", lambda *_: None),))  # type: ignore[arg-type, return-value]
    with pytest.raises(ModelError, match="returned no Implementation"):
        wrong.case("only", None, {lock_key("m"): "a"}).build()
