"""A search that was stopped, and gone on with from its file, is the search that was not stopped."""

import random
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from locking import Cell, System, Thread, at_end, resuming
from locking.check import check
from locking.errors import CheckpointError
from locking.explore import checkpoint as module
from locking.explore.graph import INTERRUPTED
from locking.explore.recorded import Recorded
from locking.explore.search import search
from locking.resuming import checkpoint
from locking.verdicts import Limits, Options
from tests.explore.compare import case_of, explored, merging_at_every_state
from tests.explore.systems import Recipe, placements, programs

EXAMPLES = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)

EDGES = ("offsets", "threads", "outcomes", "targets")


def counted(graph):
    """Everything that a graph holds, to compare."""
    arrays = [list(graph.depths), *(list(getattr(graph, name)) for name in EDGES)]
    return list(map(tuple, graph.states)), arrays, graph.cause


def stopping(most):
    """A watch that ends a walk after so many states, by a limit or by Ctrl-C."""
    begun = []

    def watch(_, through):
        begun.append(through)
        if len(begun) > most:
            if most % 2:
                raise KeyboardInterrupt
            return "enough"
        return None

    return watch


def in_pieces(build, path, pieces, *, minimise, engine="reference"):
    """The graph of a search that is stopped after each of `pieces`, and then gone through."""
    for most in (*pieces, None):
        system = build()
        kept = checkpoint(str(path), case_of(system), system, minimise=minimise, engine=engine)
        watch = (lambda *_: None) if most is None else stopping(most)
        try:
            graph = search(kept.product, kept.explore, watch, minimise=minimise)
        except KeyboardInterrupt:  # while threads were merged: the file is what it was before
            continue
        if graph.cause is None:
            break
        assert graph.cause in ("enough", INTERRUPTED)
    kept.end()
    return kept.product, graph


def compared(recipe, path, pieces, *, minimise, early):
    """Compare a search in pieces with one that is not stopped."""
    path.unlink(missing_ok=True)
    with merging_at_every_state() if early else nullcontext():
        product, whole = explored(recipe.build()[0], minimise=minimise)
        assume(len(whole.states) < 1_000)
        other, graph = in_pieces(lambda: recipe.build()[0], path, pieces, minimise=minimise)
    assert counted(graph) == counted(whole)
    assert other.halted == product.halted
    assert {each.name for each in other.touched} == {each.name for each in product.touched}


PIECES = st.lists(st.integers(1, 60), min_size=1, max_size=5)


@settings(EXAMPLES, max_examples=20)
@given(st.one_of(programs(), placements()), PIECES, st.booleans(), st.booleans())
def test_a_search_in_pieces_is_the_search(tmp_path_factory, recipe, pieces, minimise, early):
    path = tmp_path_factory.getbasetemp() / "pieces"
    compared(recipe, path, pieces, minimise=minimise, early=early)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "name", "planted"),
    [
        (Recorded, "mark_halted", lambda *_: None),
        (Recorded, "ask_again", lambda *_: None),
        (module, "unpacked", lambda body, sizes, width: first_lost(body, sizes, width)),
    ],
    ids=["where runs broke off is forgotten", "tables are not built", "a state is lost"],
)
def test_a_planted_mistake_is_found_by_the_comparison(
    monkeypatch, tmp_path_factory, owner, name, planted
):
    monkeypatch.setattr(owner, name, planted)

    @settings(EXAMPLES, max_examples=400, phases=[Phase.generate])
    @given(st.one_of(programs(), placements()), PIECES, st.booleans())
    def run(recipe: Recipe, pieces, minimise):
        path = tmp_path_factory.getbasetemp() / "planted"
        compared(recipe, path, pieces, minimise=minimise, early=False)

    with pytest.raises((AssertionError, LookupError)):
        run()


UNPACKED = module.unpacked


def first_lost(body, sizes, width):
    """What is in a file, but for the last state."""
    arrays, states = UNPACKED(body, sizes, width)
    return arrays, states[:-1]


def toy(stores=3, value=1):
    """Two threads that write one cell."""
    x = Cell("x", 0)

    async def program():
        for at in range(stores):
            await x.write(at * value)
            await x.read()

    threads = [Thread("a", program), Thread("b", program)]
    return System([x], threads, [at_end("some", lambda s: s[x] >= 0)])


@pytest.fixture
def begun(tmp_path):
    """The file of a search of the toy that was stopped."""
    path = tmp_path / "search"
    kept = checkpoint(str(path), case_of(toy()), toy(), minimise=True)
    search(kept.product, kept.explore, stopping(20))
    assert path.exists()
    return path


def reopened(path, system=None, *, minimise=True):
    """The checkpoint in a file, for the toy or for another system."""
    system = system or toy()
    return checkpoint(str(path), case_of(system), system, minimise=minimise)


def test_what_was_gone_through_is_not_gone_through_again(begun):
    kept, seen = reopened(begun), []
    search(kept.product, kept.explore, lambda _, through: seen.append(through))
    assert seen[0] == 20 and kept.resumed > 20


def test_a_file_that_is_cut_short_is_refused(begun):
    data = begun.read_bytes()
    for size in sorted({0, 1, 10, 30, 90, len(data) // 2, len(data) - 1}):
        begun.write_bytes(data[:size])
        with pytest.raises(CheckpointError, match="damaged"):
            reopened(begun)


def test_a_file_with_any_bit_turned_is_refused(begun):
    data, draw = begun.read_bytes(), random.Random(1)
    for at in [*range(100), *draw.sample(range(100, len(data)), 100)]:
        turned = bytearray(data)
        turned[at] ^= 1 << draw.randrange(8)
        begun.write_bytes(turned)
        with pytest.raises(CheckpointError, match=r"damaged|is of format"):
            reopened(begun)


def test_a_file_of_another_format_is_refused(begun):
    data = begun.read_bytes()
    begun.write_bytes(data.replace(b"locking-checkpoint 2 ", b"locking-checkpoint 7 ", 1))
    with pytest.raises(CheckpointError, match="is of format 7; this version reads 2"):
        reopened(begun)


def test_a_search_without_merging_is_another(begun):
    with pytest.raises(CheckpointError, match="merging differs: it has yes, this is no"):
        reopened(begun, minimise=False)


def test_a_file_of_another_python_is_refused(begun, monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.99")
    with pytest.raises(CheckpointError, match=r"python differs: it has 3\.\d+.*, this is 3.99"):
        reopened(begun)


def test_a_file_of_other_source_is_refused(begun, monkeypatch):
    monkeypatch.setattr(resuming, "source_texts", lambda *_: iter(["other"]))
    with pytest.raises(CheckpointError, match="source differs; remove"):
        reopened(begun)


def test_threads_that_do_otherwise_are_refused_whatever_the_file_says(begun):
    """The source is the same; what is asked again is answered otherwise."""
    for system in (toy(stores=2), toy(value=0)):
        with pytest.raises(CheckpointError, match="do otherwise now than they did then"):
            reopened(begun, system)


def test_what_can_not_be_read_or_written_is_an_error(begun, tmp_path):
    with pytest.raises(CheckpointError, match="can't be read: Is a directory"):
        reopened(tmp_path)
    kept = reopened(begun)
    kept.path = tmp_path / "none" / "file"
    with pytest.raises(CheckpointError, match="can't be written: No such file"):
        search(kept.product, kept.explore, stopping(2))


def test_the_file_is_written_now_and_then_and_goes_with_the_search(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.0)
    monkeypatch.setattr(module, "PERIOD", 1)
    path, seen = tmp_path / "search", []

    def watch(*_):
        seen.append(path.exists())

    kept = reopened(path)
    search(kept.product, kept.explore, watch)
    assert not seen[0] and any(seen)
    report = check(case_of(toy()), options=Options(checkpoint=str(path)))
    assert report.cause is None and not path.exists()


def test_states_that_a_kill_left_without_their_file_are_removed_at_the_end(tmp_path):
    path = tmp_path / "search"
    check(case_of(toy()), options=Options(limits=Limits(states=9), checkpoint=str(path)))
    (tmp_path / "search.states-1").write_bytes(b"")
    check(case_of(toy()), options=Options(checkpoint=str(path)))
    assert list(tmp_path.iterdir()) == []


def test_a_limit_keeps_the_search_and_a_greater_one_ends_it(tmp_path):
    path = tmp_path / "search"
    whole = check(case_of(toy()))
    stopped = check(case_of(toy()), options=Options(limits=Limits(states=9), checkpoint=str(path)))
    assert stopped.cause and path.exists()
    report = check(case_of(toy()), options=Options(checkpoint=str(path)))
    assert (report.states, report.transitions, report.depth, report.interleavings) == (
        whole.states,
        whole.transitions,
        whole.depth,
        whole.interleavings,
    )
    assert [each.verdict for each in report.results] == [each.verdict for each in whole.results]
