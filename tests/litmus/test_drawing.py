"""An execution is drawn with its edges."""

from locking.litmus.drawing import DrawnExecution, drawn_execution
from locking.litmus.report import LitmusSettings, litmus_report
from locking.litmus.to_dot import litmus_dot
from locking.litmus.to_mermaid import litmus_mermaid
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import CLASSICS

TEXTS = {each.name: each.text for each in CLASSICS}

BY_AXIOMS = LitmusSettings(LKMM, interleave=False)


def drawn(name: str) -> DrawnExecution:
    found = drawn_execution(litmus_report(TEXTS[name], BY_AXIOMS))
    assert found is not None
    return found


def edges(name: str) -> list[str]:
    """The edges between events that are shown."""
    found = drawn(name)
    names = {event: each.name for event, each in found.events.items()}
    return [
        f"{names[source]} {kind} {names[target]}"
        for source, kind, target in found.edges
        if source in names
    ]


def test_the_edges_of_what_sometimes_happens_are_drawn() -> None:
    assert edges("SB") == ["a po b", "c po d", "b fr c", "d fr a"]


def test_the_edges_of_what_never_happens_are_drawn() -> None:
    assert edges("MP+rel+acq") == ["a po b", "c po d", "b rf c", "d fr a"]


def test_what_others_say_already_is_not_drawn() -> None:
    assert edges("MP+wmb+rmb")[:4] == ["a po b", "b po c", "d po e", "e po f"]


def test_both_forms_have_every_event_and_edge() -> None:
    found = drawn("SB")
    dot, mermaid = litmus_dot(found), litmus_mermaid(found)
    assert dot.startswith("// SB. SC: Never. LKMM: Sometimes.\n")
    assert 'label="b r1 = READ_ONCE(*y)\\ny is 0, as at first"' in dot
    assert "flowchart TB\n    subgraph P0\n" in mermaid
    assert dot.count(" -> ") == mermaid.count(" -->|") == len(found.edges)
