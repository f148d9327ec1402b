"""A report that was sent says what it said, of the properties of the case that is here."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from locking import Case, Cell, Expect, Model, System, Thread, Verdict, at_end
from locking.check import check
from locking.errors import NotDeterministic
from locking.sending import as_received, as_sent
from locking.verdicts import Report

x = Cell("x", 0)


async def adds() -> None:
    """One more, by a load and a store; it fails where the other was between."""
    seen = await x.read()
    await x.write(seen + 1)
    assert await x.read() > 0
    if seen > 5:
        await x.read()


def build(_: Case) -> System:
    """Two of them."""
    sums = at_end("sum", lambda s: s[x] == 2)
    return System([x], [Thread("a", adds), Thread("b", adds)], [sums])


MODEL = Model("adds", "", build, expected=[Expect("sum", "lost", Verdict.FAILS)])


def told(report: Report) -> list[object]:
    """All that a report says, but what its properties are made of."""
    names = [(each.claim.name, type(each.claim)) for each in report.results]
    results = [replace(each, claim=None) for each in report.results]  # type: ignore[arg-type]
    numbers = report.states, report.explored, report.transitions, report.depth
    rest = report.interleavings, report.engine, report.seconds, report.cause, report.lines
    return [names, results, numbers, rest, report.counted, report.growing]


@pytest.mark.parametrize("names", [(), ("assertions", "sum")])
def test_a_report_is_received_as_it_was(names: Sequence[str]) -> None:
    case = MODEL.case("only", None)
    report = check(case, names)
    received = as_received(as_sent(report), case, names)
    assert told(received) == told(report)
    assert received.case is case


def test_a_case_that_is_built_otherwise_is_refused() -> None:
    sent = as_sent(check(MODEL.case("only", None)))
    built = build(MODEL.case("only", None))
    other = Model("adds", "", lambda _: System([x], built.threads, [at_end("end", bool)]))
    with pytest.raises(NotDeterministic, match="adds: built again, it has no property 'sum'"):
        as_received(sent, other.case("only", None), ())
