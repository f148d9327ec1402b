"""Rules that a check puts in force: for the objects of one system, and for no other."""

import pytest

from locking import (
    WAIT,
    Case,
    Condition,
    Fairness,
    Model,
    Mutex,
    Object,
    Outcome,
    PercpuRwSem,
    RangeLock,
    Ruled,
    System,
    Thread,
    UpgradableRwLock,
    Verdict,
    WwClass,
    deadlock_free,
    operation,
    require,
    required,
)
from locking.check import check
from locking.errors import ModelError, UsageError
from locking.explore.product import Product
from locking.objects.rules import is_declared, rules_for, words_of_rule
from locking.scope import rule_key
from locking.studies.comparison import Pair, measured, verdict_differences
from locking.traces.replay import replay
from locking.verdicts import Report

lock, mutex, full = PercpuRwSem("lock"), Mutex("mutex"), Condition("full")


async def read_twice() -> None:
    async with lock.read(), lock.read():
        pass


async def write() -> None:
    async with lock.write():
        pass


async def wait_once() -> None:
    async with mutex.hold():
        await full.wait(mutex)
    require(False, "asleep")


def build(_: object) -> System:
    threads = [Thread("reader", read_twice), Thread("writer", write)]
    return System([lock, mutex, full], threads, [deadlock_free()])


def sleeping(_: object) -> System:
    return System([lock, mutex, full], [Thread("one", wait_once)], [required("asleep")])


READING = Model("reading", "?", build)
SLEEPING = Model("sleeping", "?", sleeping)


def under(model: Model, **words: str) -> Case:
    """The case under rules: a word for each object, or under `all`."""
    given = {rule_key("" if name == "all" else name): word for name, word in words.items()}
    return model.case("only", None, given)


def verdict(report: Report) -> Verdict:
    """Of the one property."""
    return report.results[0].verdict


def test_the_fairness_of_a_lock_is_chosen_by_the_check() -> None:
    found = [
        verdict(check(under(READING, **words)))
        for words in ({}, {"lock": "fifo"}, {"lock": "reader-preferring"}, {})
    ]
    assert found == [Verdict.FAILS, Verdict.FAILS, Verdict.HOLDS, Verdict.FAILS]


def test_spurious_wake_ups_are_chosen_by_the_check() -> None:
    assert verdict(check(under(SLEEPING))) is Verdict.NEVER_EVALUATED
    assert verdict(check(under(SLEEPING, all="spurious"))) is Verdict.FAILS
    assert verdict(check(under(SLEEPING))) is Verdict.NEVER_EVALUATED


def test_two_systems_of_the_same_objects_keep_their_own_rules() -> None:
    """They are asked in turn, and learn only then: neither may see what the other has in force."""
    one, other = (under(READING, lock=word).build() for word in ("fifo", "reader-preferring"))
    products = [one.product(), other.product()]
    queued = ((0, 0), (1, 0), (0, 0))  # the reader, the writer that waits, the reader again
    for _ in range(2):
        fifo, passing = (reach(each, queued[:1]) for each in products)
        assert [move[0] for move in products[0].moves(fifo)] == [0, 1]
        assert [move[0] for move in products[1].moves(passing)] == [0]
    assert not products[0].moves(reach(products[0], queued))
    assert replay(products[0], queued).end == reach(products[0], queued)
    assert replay(products[1], queued[::2]).end == reach(products[1], queued[::2])


def reach(product: Product, choices: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """The state that a run leads to."""
    state = product.initial
    for choice in choices:
        state = next(move[2] for move in product.moves(state) if move[:2] == choice)
    return state


def test_one_case_under_two_rules_is_compared() -> None:
    cases = [under(READING, lock=word) for word in ("fifo", "reader-preferring")]
    [flip] = verdict_differences([Pair(*map(measured, cases))])
    assert flip.of.case.scope == {"rule lock": "fifo"}
    assert "writer waits for lock, held by reader" in flip.stopped


def test_a_system_that_no_case_made_has_no_rules_in_force() -> None:
    check(under(READING, lock="reader-preferring"))
    product = build(None).product()
    assert [move[0] for move in product.moves(reach(product, ((0, 0),)))] == [0, 1]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (lock, {"reader-preferring", "writer-blocks-readers", "fifo"}),
        (UpgradableRwLock("up"), {"reader-preferring", "writer-blocks-readers", "fifo"}),
        (RangeLock("range", 4), {"reader-preferring", "fifo"}),
        (WwClass("class", ("a", "b")), {"wound-wait", "wait-die"}),
        (full, {"spurious", "never-spurious", "any", "fifo"}),
        (mutex, set()),
    ],
)
def test_an_object_says_its_words_and_which_it_was_made_with(kind: Object, words: set[str]) -> None:
    found = words_of_rule(kind)
    assert found.keys() == words
    assert sum(is_declared(kind, word) for word in words) == len(set(found.values()))


def test_what_an_object_was_made_with_is_what_it_has() -> None:
    assert PercpuRwSem("x").fairness is Fairness.WRITER_BLOCKS_READERS
    assert Condition("x", spurious=True).spurious is True


def test_a_word_for_all_leaves_out_what_has_one_of_its_own() -> None:
    up = UpgradableRwLock("up")
    found = rules_for((lock, full, up, mutex), {"": "fifo", "up": "reader-preferring"})
    assert found == {lock: ("fifo",), full: ("fifo",), up: ("reader-preferring",)}


def test_an_object_takes_a_word_for_each_of_its_rules() -> None:
    found = rules_for((lock, full), {"full": "fifo+spurious"})
    assert found == {full: ("fifo", "spurious")}
    found = rules_for((lock, full), {"full": "any", "": "spurious+fifo"})
    assert found == {lock: ("fifo",), full: ("spurious", "any")}


class Bag(Object):
    """An object of one's own, of which a thread takes what came first or last."""

    order = Ruled(oldest_first=True, newest_first=False)

    def __init__(self, name: str, order: object = True) -> None:
        super().__init__(name, ())
        self.order = order

    @operation
    def put(self, items: tuple[int, ...], me: str, item: int) -> Outcome:
        return (*items, item), None

    @operation
    def take(self, items: tuple[int, ...], me: str) -> Outcome:
        if not items:
            return WAIT
        return (items[1:], items[0]) if self.order else (items[:-1], items[-1])


class OwnOrder(Bag):
    order = Ruled(first=True, last=False)


class TwoAlike(Bag):
    other = Ruled(oldest_first=1, any=2)


class NeverSet(Object):
    order = Ruled(first=True, last=False)

    @operation
    def look(self, state: object, me: str) -> Outcome:
        return state, self.order


def test_an_object_of_ones_own_has_words() -> None:
    bag = Bag("bag")

    async def work() -> None:
        for item in (1, 2):
            await bag.put(item)
        require(await bag.take() == 1, "oldest")

    system = System([bag], [Thread("one", work)], [required("oldest")])
    bags = Model("bags", "?", lambda _: system)
    found = [verdict(check(under(bags, **words))) for words in ({}, {"bag": "newest-first"})]
    assert found == [Verdict.HOLDS, Verdict.FAILS]


def test_a_kind_below_another_may_have_words_of_its_own() -> None:
    assert words_of_rule(OwnOrder("bag")).keys() == {"first", "last"}


def test_what_is_no_rule_is_refused() -> None:
    with pytest.raises(ModelError, match=r"order is 'odd'; it may be True .oldest-first., False"):
        Bag("bag", "odd")
    with pytest.raises(ModelError, match="order and other both have the word 'oldest-first'"):
        words_of_rule(TwoAlike("bag"))
    with pytest.raises(ModelError, match="order was never set"):
        NeverSet("x").step("look", None, "me", ())
    with pytest.raises(ModelError, match="no words"):
        Ruled()


def test_two_words_for_one_rule_are_refused() -> None:
    for asked in ({"full": "fifo+any"}, {"": "spurious+never-spurious"}):
        with pytest.raises(UsageError, match="full can't be both"):
            rules_for((lock, full), asked)


@pytest.mark.parametrize(
    "asked", [{"mutex": "fifo"}, {"lock": "spurious"}, {"": "lifo"}, {"full": "fifo+lifo"}]
)
def test_a_rule_that_there_is_not_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="unknown"):
        rules_for((lock, full, mutex), asked)
