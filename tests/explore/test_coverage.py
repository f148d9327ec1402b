"""Which lines of a model no run came to."""

from locking import Cell, System, Thread, at_end, procedure
from locking.explore.coverage import awaiting_lines, lines_missed, lines_reached
from tests.explore.compare import checked, explored

X = Cell("x", 0)


async def branching() -> None:
    """A thread one of whose branches is dead."""
    if await X.read() == 0:
        await X.write(1)
    else:
        await X.write(2)


@procedure
async def inner(value: int) -> None:
    """A procedure with a dead line."""
    if value:
        await X.write(value)


async def calling() -> None:
    """A thread that never makes it live."""
    await inner(0)
    await X.read()


def lines_of(program: object) -> list[int]:
    """The awaiting lines of a function, counted from its first."""
    code = program.__code__
    return sorted(line - code.co_firstlineno for line in awaiting_lines(code))


def missed_lines(*programs: object) -> list[int]:
    """The lines that are missed where these run, counted from the first of the first."""
    threads = [Thread(f"t{at}", each) for at, each in enumerate(programs)]
    report = checked(System([X], threads, [at_end("any", lambda s: s[X] < 9)]))
    first = programs[0].__code__.co_firstlineno
    return [site.line - first for site in lines_missed(report.lines)]


def test_awaits_are_the_lines_that_count() -> None:
    """One for each line with an `await`."""
    assert lines_of(branching) == [2, 3, 5]


def test_a_branch_that_no_run_takes_is_missed() -> None:
    """The cell is never anything but 0 when it is read."""
    assert missed_lines(branching) == [5]


def test_what_any_run_takes_is_reached() -> None:
    """With a second thread of its own kind, both branches are live."""
    assert missed_lines(branching, branching) == []


def test_lines_inside_procedures_count() -> None:
    """A function that was entered without a step is not spoken of."""
    assert missed_lines(calling) == []


def test_merging_reaches_the_same_lines() -> None:
    """Whether threads are merged or not."""
    system = System([X], [Thread("a", branching), Thread("b", branching)], [])
    plain, merged = (lines_reached(*explored(system, minimise=way)) for way in (False, True))
    assert plain == merged
