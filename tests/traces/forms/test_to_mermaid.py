"""The sequence diagram: whole for one run, of the grammar for all, and names are text in it."""

import re
import textwrap

from hypothesis import given

from locking.text.fit import escape
from locking.traces.forms.page import Detail, Page
from locking.traces.forms.to_mermaid import render
from locking.traces.why.relevance import explained
from tests.traces import runs
from tests.traces.forms.hostile import EXAMPLES, hostile
from tests.traces.forms.read_back import drawn, from_mermaid

TEXT = r"(?:[ \w.,()\[\]'/+*=>-]|#\d+;|<br/>)+"
"""A text: plain signs, entities, ends of lines. No colon, no semicolon, no hash, no markup."""

LINE = re.compile(
    rf"    (?:title: {TEXT}|participant [to]\d+ as {TEXT}|Note over [to]\d+(?:,[to]\d+)?: {TEXT}"
    rf"|t\d+(?:->>|-\)|-x|--x)[to]\d+: {TEXT}|critical atomic|loop forever|end)",
    re.ASCII,
)
"""A line of the part of Mermaid's grammar that we write."""


def parsed(text: str) -> list[str]:
    """The lines, each of the grammar; frames are closed, and lifelines declared first."""
    first, *lines = text.split("\n")
    assert first == "sequenceDiagram"
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    declared = re.findall(r"^    participant (\w+) as", text, re.MULTILINE)
    body = "\n".join(line for line in lines if not re.match("    (?:title|participant)", line))
    joined = re.findall(r"^    (t\d+)-[->x)]+([to]\d+):", body, re.MULTILINE)
    over = re.findall(r"^    Note over ([\w,]+):", body, re.MULTILINE)
    used = {life for pair in joined for life in pair} | {
        life for o in over for life in o.split(",")
    }
    assert used <= set(declared) and len(declared) == len(set(declared))
    open_frames = 0
    for line in lines:
        open_frames += line in ("    critical atomic", "    loop forever")
        open_frames -= line == "    end"
        assert open_frames >= 0
    assert open_frames == 0
    return lines


def test_a_diagram_reads_like_this():
    shown = re.sub(r"runs\.py#58;\d+", "runs.py#58;LINE", render(runs.small()["deadlock"], Page()))
    text, _, diagnosis = shown.rpartition("<br/>ABBA")
    assert diagnosis.replace("<br/>", " ").endswith("each waits for the other.")
    assert text == textwrap.dedent(
        """\
        sequenceDiagram
            title: small
            participant t1 as one
            participant t2 as two
            participant o1 as a
            participant o2 as passing
            t1->>o2: 1. down_read(passing)<br/>runs.py#58;LINE
            Note over o2: read one
            t2->>o1: 2. mutex_lock(a)<br/>runs.py#58;LINE
            Note over o1: held by two#59; waiting#58; one
            Note over o2: read one#59; waiting#58; two
            t1--xo1: waits in mutex_lock(a)
            t2--xo2: waits in down_write(passing)
            Note over t1,o2: deadlock-free fails#58; every thread that waits can still go on<br/>\
one #61; waits in mutex_lock(a)<br/>two #61; waits in down_write(passing)"""
    )


def test_an_atomic_block_is_a_frame_and_sections_are_notes():
    lines = [line.strip() for line in parsed(render(runs.small()["atomic"], Page()))]
    begin, end = lines.index("critical atomic"), lines.index("end")
    assert lines[begin - 2 : begin] == [
        "Note over t1: enters outer",
        "Note over t1: enters configure",
    ]
    assert [line.partition("<br/>")[0] for line in lines[begin + 1 : end]] == [
        "t1->>t1: 1. choose -> None",
        "t1->>t1: 1. write(x, None)",
        "Note over t1: enters late",
        "t1->>t1: 1. read(x) = None",
        "Note over t1: leaves late",
        "Note over t1: leaves configure",
    ]


def test_what_was_not_met_is_said_where_the_thread_stands():
    lines = parsed(render(runs.small()["requirement"], Page()))
    assert "    Note over t1: requirement one not met" in lines
    assert "    Note over t1: assertion false" in parsed(render(runs.small()["atomic"], Page()))


def test_who_waits_from_the_start_is_said_before_the_first_step():
    lines = parsed(render(runs.small()["at once"], Page()))
    note = lines.index("    Note over o1: 0 may pass#59; waiting#58; w")
    assert lines[note + 1].startswith("    t2->>o1: 1. complete(done)")


def test_every_run_is_of_the_grammar():
    for told in [*runs.textbook(), *runs.small().values()]:
        parsed(render(told, Page()))


def test_a_diagram_that_says_why_has_the_steps_that_matter_and_counts_the_others():
    for told in [*runs.textbook(), *runs.small().values()]:
        lines = parsed(render(told, Page(detail=Detail.WHY)))
        drawn_steps = {
            int(found[1])
            for line in lines
            if (found := re.match(r"    t\d+(?:->>|-\)|-x)[to]\d+: (\d+)\.", line))
        }
        assert drawn_steps == set(explained(told).steps)
        counts = [re.search(r"(\d+) steps?(?: of \S+)? left out", line) for line in lines]
        left = sum(int(found[1]) for found in counts if found)
        assert left == len(told.trace.states) - 1 - len(drawn_steps), told.path


def test_after_what_is_left_out_locks_are_as_they_are_then():
    told = next(each for each in runs.textbook() if len(explained(each).steps) > 1)
    whole = parsed(render(told, Page()))
    short = parsed(render(told, Page(detail=Detail.WHY)))
    assert whole[-1] == short[-1]  # what it shows, and why
    for line in re.findall(r"Note over (o\d+): (.*)", "\n".join(short)):
        assert f"    Note over {line[0]}: {line[1]}" in whole


@EXAMPLES
@given(hostile())
def test_names_of_any_signs_are_text(told):
    text = render(told, Page())
    assert text.isascii()
    lines = parsed(text)
    assert from_mermaid(text) == drawn(told.trace)
    shown = [
        re.sub(r"#(\d+);", lambda m: chr(int(m[1])), line.partition(" as ")[2]) for line in lines
    ]
    assert [name for name in shown if name][:2] == [escape(name) for name in told.trace.names]
