"""Pictures: a node a state, an arrow a step, the shortest path marked, names that do no harm."""

import shutil
import subprocess
from typing import NamedTuple

import pytest

from locking import Cell, Mutex, PercpuRwSem, RwSem, Thread, atomic, no_misuse
from locking.export import export_case, exported, picture_of_object, picture_of_states, to_dot
from locking.export.state_labels import labels_of_states
from locking.models.textbook import abba, lost_update, seqlock_reader, torn_read
from tests.export.dot import Picture, read
from tests.export.test_formats import HOSTILE, case_of, hostile

MODELS = [lost_update.MODEL, abba.MODEL, torn_read.MODEL, seqlock_reader.MODEL]
EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def states(model, name: str) -> tuple[Picture, list, int]:
    """The picture of a property's states, its path, and the number of states."""
    explored, report = export_case(model.case("only", None), [name], merged=True)
    [result] = report.results
    text = picture_of_states.states_picture(str(report.case), explored, result)
    return read(text), list(result.choices or ()), report.states


def claims(model) -> list[str]:
    """The names of a model's properties."""
    return [each.name for each in model.case("only", None).build().properties]


@EVERY_MODEL
def test_the_marked_path_is_the_shortest_to_a_state_that_shows_the_property(model):
    for name in claims(model):
        picture, choices, number = states(model, name)
        assert len(picture.nodes) == number
        marked = [edge for edge in picture.edges if "penwidth" in edge.attributes]
        steps = {int(edge.attributes["label"].split(":")[0].split()[1]): edge for edge in marked}
        shown = {at for at, each in picture.nodes.items() if each.get("shape") == "octagon"}
        assert len(steps) == len(marked) == len(choices)
        if not shown:
            assert not marked
            continue
        at = "s0"
        for number in range(1, len(steps) + 1):
            assert steps[number].one == at
            at = steps[number].other
        assert at in shown
        assert len(steps) == picture.distance("s0", shown)


def test_states_in_which_a_run_ends_have_a_second_border():
    picture, _, _ = states(lost_update.MODEL, "sum")
    leaving = {edge.one for edge in picture.edges}
    doubled = {at for at, each in picture.nodes.items() if each.get("peripheries") == "2"}
    assert doubled == set(picture.nodes) - leaving != set()


@EVERY_MODEL
def test_a_thread_has_a_node_for_every_local_state(model):
    tables, _ = exported(model.case("only", None), merged=True)
    for thread, actor in enumerate(tables.actors):
        picture = read(to_dot.threads_picture(tables, [thread]))
        assert len(picture.nodes) == len(actor.places)
        assert len(picture.edges) == len(actor.commands)
        ends = [at for at, each in picture.nodes.items() if each.get("peripheries") == "2"]
        assert ends == [f"t{thread}p{place}" for place in sorted(actor.ended)]


def test_the_picture_of_one_thread_is_a_part_of_that_of_all():
    tables, _ = exported(abba.MODEL.case("only", None), merged=True)
    whole = to_dot.render(tables)
    alone = to_dot.threads_picture(tables, [1])
    assert all(line in whole.splitlines() for line in alone.splitlines())


def automaton(case, object_) -> Picture:
    """The picture of an object."""
    explored, _ = export_case(case, merged=True)
    return read(picture_of_object.object_picture("case", explored.product, object_))


def arrows(picture: Picture) -> set[tuple[str, str, str]]:
    """Every arrow between what nodes say, with what it says."""
    says = {at: each["label"] for at, each in picture.nodes.items()}
    return {(says[one], says[other], each["label"]) for one, other, each in picture.edges}


def test_a_lock_has_its_states_and_who_waits_in_which():
    found = automaton(abba.MODEL.case("only", None), abba.a)
    assert arrows(found) == {
        ("free\\n(start)", "held by ab", "ab: mutex_lock()"),
        ("free\\n(start)", "held by ba", "ba: mutex_lock()"),
        ("held by ab", "free\\n(start)", "ab: mutex_unlock()"),
        ("held by ba", "free\\n(start)", "ba: mutex_unlock()"),
        ("held by ab", "held by ab", "ba: mutex_lock()\\n(waits)"),
        ("held by ba", "held by ba", "ab: mutex_lock()\\n(waits)"),
    }
    waits = [edge for edge in found.edges if edge.one == edge.other]
    assert all(edge.attributes["style"] == "dashed" for edge in waits)


def test_a_misuse_and_what_is_inside_a_block_are_drawn():
    cell, lock = Cell("cell", 0), Mutex("lock")

    async def write():
        async with atomic():
            await cell.write(1)
            await cell.write(2)
        await lock.mutex_unlock()

    case = case_of([cell, lock], [Thread("a", write)], [no_misuse()])
    assert arrows(automaton(case, lock)) == {("free\\n(start)", "misuse", "a: mutex_unlock()")}
    assert {each[:2] for each in arrows(automaton(case, cell))} == {
        ("0\\n(start)", "1"),
        ("1", "2"),
    }


def test_threads_that_do_the_same_share_an_arrow():
    lock = RwSem("lock")

    async def look():
        async with lock.read():
            pass

    case = case_of([lock], [Thread("a", look), Thread("b", look)], [no_misuse()])
    taken = [says for _, _, says in arrows(automaton(case, lock)) if "down_read" in says]
    assert sorted(taken) == ["a: down_read()", "a: down_read()", "b: down_read()", "b: down_read()"]


def test_states_that_differ_in_the_queue_alone_have_labels_that_differ():
    lock = PercpuRwSem("lock")

    async def look():
        async with lock.read():
            pass

    async def change():
        async with lock.write():
            pass

    made = [Thread("a", look), Thread("b", change), Thread("c", change)]
    picture = automaton(case_of([lock], made, [no_misuse()]), lock)
    says = [each["label"] for each in picture.nodes.values()]
    assert len(set(says)) == len(says)
    assert {"read a\\nqueue: write b", "read a\\nqueue: write b, write c"} <= set(says)
    assert "free\\nqueue: none\\n(start)" in says


class Unnamed:
    """A value that says nothing of itself."""

    def __repr__(self) -> str:
        return "?"


class Pair(NamedTuple):
    one: int
    other: int


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 1], [("0",), ("1",)]),
        (["1", 1], [("1", "'1'"), ("1", "1")]),
        ([Unnamed(), Unnamed()], [("?", "?", "state 0"), ("?", "?", "state 1")]),
        ([Pair(1, 2), Pair(1, 3)], [("Pair(one=1, other=2)",), ("Pair(one=1, other=3)",)]),
    ],
)
def test_states_have_the_parts_in_which_they_differ_and_no_more(values, labels):
    states = dict(enumerate(values))
    assert [*labels_of_states(Cell("cell", values[0]), states).values()] == labels


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_no_two_states_of_any_object_have_one_label(model):
    explored, _ = export_case(model.case("only", None), merged=True)
    product = explored.product
    for object_ in product.objects:
        values = product.values[product.slot_of[object_] - len(product.threads)]
        states = {at: values[at] for at in range(len(values))}
        labels = labels_of_states(object_, states)
        assert len(set(labels.values())) == len(states)


def hostile_pictures() -> list[str]:
    """All kinds of pictures of a case whose names could break out of a label."""
    case = hostile()
    explored, report = export_case(case, merged=True)
    tables, _ = exported(case)
    return [
        to_dot.render(tables),
        picture_of_states.states_picture(HOSTILE, explored, report.results[0]),
        *(
            picture_of_object.object_picture(HOSTILE, explored.product, each)
            for each in explored.product.objects
        ),
    ]


def test_hostile_names_stay_inside_their_labels():
    for text in hostile_pictures():
        picture = read(text)
        says = [each["label"].replace("\\n", " ") for each in picture.nodes.values()]
        assert any("free" in each or "\\x00 ---- MODULE é" in each for each in says)


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "&#27;[31m", "\\N\\G\\n", '"];x['],
)
def test_graphviz_draws_a_hostile_name_as_text(name):
    cell = Cell(name, 0)

    async def write():
        await cell.write(1)

    case = case_of([cell], [Thread(name, write)], [no_misuse()])
    explored, report = export_case(case, merged=True)
    text = picture_of_states.states_picture(name, explored, report.results[0])
    done = subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, capture_output=True)
    assert not done.stderr
    assert (
        "<script" not in done.stdout and "\x1b" not in done.stdout and "\u202e" not in done.stdout
    )
    assert all(letter.isprintable() or letter == "\n" for letter in done.stdout)


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
def test_graphviz_draws_every_kind():
    for text in hostile_pictures():
        subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, capture_output=True)
