"""Objects and operations: an operation is made by calling it, and taken by awaiting it."""

import pytest

from locking import Cell, Model, Mutex, Object, Seqlock, System, Thread, no_misuse, operation
from locking.check import check
from locking.traces.replay import replay
from tests.systems import ask


def test_calling_an_operation_makes_it_and_takes_no_step():
    made = Cell("cell", 0).write(3)
    assert (made.target.name, made.name, made.args) == ("cell", "write", (3,))


def test_an_operation_reads_as_a_call_in_c():
    assert str(Mutex("lock").mutex_lock()) == "mutex_lock(lock)"
    assert str(Cell("cell", 0).write("x")) == "write(cell, 'x')"


def test_operations_are_equal_if_object_and_name_are():
    """What they are given is compared as keys, in `Position.given`: 1 equals True."""
    cell = Cell("cell", 0)
    assert cell.write(1) == cell.write(2)
    assert cell.write(1) != cell.WRITE_ONCE(1)
    assert cell.write(1) != Cell("cell", 0).write(1)


@pytest.mark.parametrize("args", [(), (1, 2)])
def test_a_wrong_number_of_arguments_is_a_type_error(args):
    with pytest.raises(TypeError, match=r"wrong arguments; by position, write `cell.write\(new\)`"):
        Cell("cell", 0).write(*args)


def test_arguments_go_by_position():
    with pytest.raises(TypeError, match="by position"):
        Cell("cell", 0).write(new=1)


def test_an_unknown_operation_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Mutex has no operation 'spin_lock'"):
        ask(Mutex("lock"), None, "spin_lock")


def test_an_operation_says_what_it_does():
    assert Mutex.mutex_unlock.__doc__ == "Let go, which only the owner may do."


def test_locks_take_no_part_in_data_races():
    assert Mutex("lock").access("mutex_lock") is None
    assert Seqlock("seq").access("read_seqbegin") is None


def test_an_object_of_ones_own_is_a_class_with_rules():
    class Counter(Object):
        @operation
        def increase(self, value, me, by):
            return value + by, f"{me} made it {value + by}"

    assert ask(Counter("counter", 1), 1, "increase", "me", 2) == (3, "me made it 3")


def test_an_object_may_replace_a_rule_of_another():
    class Generous(Mutex):
        @operation
        def mutex_unlock(self, owner, me):
            return self.release(me, me) if owner else (owner, None)

    assert ask(Generous("lock"), "you", "mutex_unlock") == (None, None)
    assert ask(Generous("lock"), "you", "mutex_lock") == ask(Mutex("lock"), "you", "mutex_lock")


def test_a_lock_that_nobody_holds_is_free():
    assert Mutex("lock").holders(None) == ()
    assert Mutex("lock").show(None) == "free"
    assert repr(Mutex("lock")) == "Mutex('lock')"


def test_an_object_that_says_nothing_else_shows_its_state():
    shown = [Object("thing").show(each) for each in (None, 3, "idle", ("a", 1))]
    assert shown == ["None", "3", "idle", "('a', 1)"]


def test_a_lock_that_nobody_holds_and_that_has_changed_shows_its_state():
    class Broken(Mutex):
        def holders(self, state):
            return ()

    assert (Broken("lock").show(None), Broken("lock").show("a")) == ("free", "a")


def test_an_instance_stands_in_any_number_of_systems():
    """It keeps no state: a second search starts where the first one did."""
    lock = Mutex("lock")

    async def take():
        await lock.mutex_lock()

    model = Model("test", "", lambda _: System([lock], [Thread("a", take)], []))
    first, second = (check(model.case("only", None)) for _ in range(2))
    assert (first.states, lock.start) == (second.states, None)


def test_a_misuse_ends_the_run_and_leaves_the_object_as_it_was():
    lock = Mutex("lock")

    async def hold():
        await lock.mutex_lock()

    async def let_go():
        await lock.mutex_unlock()

    system = System([lock], [Thread("a", hold), Thread("b", let_go)], [no_misuse()])
    end = replay(system.product(), [(0, 0), (1, 0)])
    assert end.events[-1].misuse == "b unlocks lock, which a holds"
    assert end.product.value(lock, end.end) == "a"
    assert end.product.moves(end.end) == []
