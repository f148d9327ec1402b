"""Changes to placements: each makes the trees that it says, and is found again by its name."""

import pytest

from locking import Mutex, Placement, RwSem, step
from locking.errors import PlacementError
from locking.placements.edit import Edit, edited, edits, parse, regions
from locking.placements.placement import steps_in_order

lock = RwSem("lock")
mutex = Mutex("mutex")


def named(name):
    @step(name)
    async def run(_):
        pass

    return run


A, B, C, D = map(named, "ABCD")

NESTED = Placement("nested", worker=[A, lock.write(B, mutex.hold(C)), D])
LOWERED = Placement("lowered", worker=[lock.write(A, B).downgrade(C, D)], other=[lock.read(A)])


@pytest.mark.parametrize(
    ("placement", "edit", "tree"),
    [
        (NESTED, "worker.1.drop", "[A, B, mutex.hold(C), D]"),
        (NESTED, "worker.1.out.1", "[A, B, lock.write(mutex.hold(C)), D]"),
        (NESTED, "worker.1.out.2", "[A, lock.write(B), mutex.hold(C), D]"),
        (NESTED, "worker.1.read", "[A, lock.read(B, mutex.hold(C)), D]"),
        (NESTED, "worker.1.before", "[lock.write(A, B, mutex.hold(C)), D]"),
        (NESTED, "worker.1.after", "[A, lock.write(B, mutex.hold(C), D)]"),
        (NESTED, "worker.2.drop", "[A, lock.write(B, C), D]"),
        (NESTED, "worker.2.before", "[A, lock.write(mutex.hold(B, C)), D]"),
        (NESTED, "mutex.drop", "[A, lock.write(B, C), D]"),
        (LOWERED, "worker.1.drop", "[A, B, C, D]"),
        (LOWERED, "worker.1.out.1", "[A, lock.write(B).downgrade(C, D)]"),
        (LOWERED, "worker.1.out.2", "[lock.write(A), B, lock.read(C, D)]"),
        (LOWERED, "worker.1.out.3", "[lock.write(A, B), C, lock.read(D)]"),
        (LOWERED, "worker.1.out.4", "[lock.write(A, B).downgrade(C), D]"),
        (LOWERED, "worker.1.read", "[lock.read(A, B, C, D)]"),
        (LOWERED, "worker.1.split", "[lock.write(A, B), lock.read(C, D)]"),
        (LOWERED, "worker.1.up", "[lock.write(A, B), C, D]"),
        (LOWERED, "lock.drop", "[A, B, C, D]"),
    ],
)
def test_a_change_makes_the_trees_that_it_says(placement, edit, tree):
    base, change = parse(f"{placement.name}~{edit}")
    assert (base, str(change)) == (placement.name, edit)
    made = edited(placement, change)
    assert made.show("worker") == tree
    assert made.reference == made.name == f"{placement.name}~{edit}"


@pytest.mark.parametrize("placement", [NESTED, LOWERED])
def test_every_change_that_is_tried_keeps_the_steps_and_their_order(placement):
    tried = list(edits(placement))
    shapes = [placement.roles, *(edited(placement, edit).roles for edit in tried)]
    for role in placement.roles:
        steps = {tuple(steps_in_order(roles[role])) for roles in shapes}
        assert steps == {placement.steps(role)}
    texts = [str(edited(placement, edit).roles) for edit in tried if edit.region]
    assert len(set(texts)) == len(texts), "two changes come to the same"


def test_a_change_that_comes_to_the_same_as_another_is_not_tried():
    one = Placement("one", worker=[lock.read(A)])
    assert [str(edit) for edit in edits(one)] == ["worker.1.drop"]


def test_a_region_does_not_grow_into_one_of_its_own_lock():
    placement = Placement("gap", worker=[lock.write(A), lock.read(B)])
    assert not [edit for edit in edits(placement) if edit.kind in ("before", "after")]


def test_regions_are_numbered_in_the_order_in_which_they_are_taken():
    assert [region.lock for _, _, region in regions(NESTED.roles["worker"])] == [lock, mutex]


def test_changes_can_be_made_one_after_another():
    base, change = parse("nested~worker.2.drop~worker.1.read")
    assert base == "nested~worker.2.drop"
    first = edited(NESTED, parse(base)[1])
    assert edited(first, change).show("worker") == "[A, lock.read(B, C), D]"
    assert edited(first, change).reference == "nested~worker.2.drop~worker.1.read"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Edit("worker", 3, "drop"), "worker has no region 3"),
        (Edit("walker", 1, "drop"), "it says nothing of a role 'walker'"),
        (Edit("lack", None, "drop"), "it takes no lock 'lack'"),
        (Edit("worker", 2, "read"), r"mutex.hold\(C\) can't be changed by read"),
        (Edit("worker", 1, "split"), "can't be changed by split"),
        (Edit("worker", 1, "out", 9), "can't be changed by out"),
        (Edit("worker", 2, "after"), "has nothing beside it there"),
    ],
)
def test_a_change_that_can_not_be_made_is_refused(edit, says):
    with pytest.raises(PlacementError, match=says):
        edited(NESTED, edit)


@pytest.mark.parametrize(
    "reference",
    [
        "baseline",
        "mine.py",
        "a~b",
        "a~b.1",
        "a~b.1.fly",
        "a~b.read",
        "a~b.x.fly",
        "~b.1.drop",
        "a~",
    ],
)
def test_other_names_are_no_changes(reference):
    assert parse(reference) is None


@pytest.mark.parametrize("name", ["zone.lock", "a b", "x\n.y", "größe"])
def test_a_lock_of_any_name_can_be_dropped(name):
    assert parse(f"mine.py#a~{name}.drop") == ("mine.py#a", Edit(name, None, "drop"))


def test_a_changed_region_stands_where_the_placement_has_it():
    made = edited(LOWERED, Edit("worker", 1, "split"))
    sites = {region.site for _, _, region in regions(made.roles["worker"])}
    assert {site.filename for site in sites} == {__file__}
