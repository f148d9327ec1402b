"""Files of traces: every format is read, and what is no trace is refused with its line."""

import gzip
from pathlib import Path

import pytest

from locking.conformance.formats import TRACE_FORMATS, trace_format
from locking.conformance.reading import read_trace
from locking.conformance.recorded_event import LostEvents, RecordedEvent, arguments_in
from locking.errors import UsageError

HEAD = "src_line,ts_s,cpu,task,pid,event,args\n"

SAMPLES = {
    "csv": HEAD + '7,1.5,0,bind:A-1,182,w_acq,"name=""Device"" sem=a"\n',
    "ftrace": "# tracer: nop\n#\n        bind:A-1-182     [000] d..2.  1.500000: w_acq: "
    '(percpu_down_write+0xa2/0x170) name="Device" sem=a\n',
    "trace-cmd": "cpus=2\n        bind:A-1-182   [000]     1.500000: w_acq:                "
    '(ffffffff811) name="Device" sem=a\n',
    "perf": "        bind:A-1   182 [000]     1.500000: probe:w_acq: "
    '(ffffffff811) name="Device" sem=a\n\tffffffff811 percpu_down_write+0x1 ([kernel])\n\n',
}
"""One event in every format: what a task does whose name has a colon and a hyphen."""


def written(folder: Path, text: str | bytes, name: str = "trace.txt") -> str:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(TRACE_FORMATS)


@pytest.mark.parametrize("form", SAMPLES)
def test_a_format_is_recognised_and_read(form: str, tmp_path: Path) -> None:
    [event] = read_trace(written(tmp_path, SAMPLES[form]))
    assert isinstance(event, RecordedEvent)
    assert (event.seconds, event.cpu, event.task, event.pid) == (1.5, 0, "bind:A-1", 182)
    assert event.name == "w_acq"
    assert arguments_in(event.text)["name"] == "Device"
    assert arguments_in(event.text)["sem"] == "a"
    assert list(read_trace(written(tmp_path, SAMPLES[form]), form)) == [event]


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(SAMPLES["csv"].encode())
    [event] = read_trace(written(tmp_path, packed, "trace.csv.gz"))
    assert isinstance(event, RecordedEvent)


FTRACE = "  a-1  [000] .....  1.000000: "


def test_the_function_tracer_says_who_called(tmp_path: Path) -> None:
    [event] = read_trace(written(tmp_path, f"{FTRACE}memremap_pages <-devm_memremap_pages\n"))
    assert isinstance(event, RecordedEvent)
    assert (event.name, arguments_in(event.text)) == (
        "memremap_pages",
        {"caller": "devm_memremap_pages"},
    )
    [event] = read_trace(
        written(tmp_path, "cpus=1\n  a-1  [000]  1.000000: function:   f <-- g\n"), "trace-cmd"
    )
    assert isinstance(event, RecordedEvent)
    assert (event.name, arguments_in(event.text)) == ("f", {"caller": "g"})


def test_what_trace_printk_says_begins_with_a_message() -> None:
    found = arguments_in("rz_zone_read zone=Device nid=0")
    assert found == {"message": "rz_zone_read", "zone": "Device", "nid": "0"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0xffff8881 mem_hotplug_lock", {"lock": "mem_hotplug_lock"}),
        ("0xffff8881 read &a->b", {"lock": "&a->b", "read": "1"}),
        ("0000000081b5d260 try read mem_hotplug_lock.rw_sem", None),
    ],
)
def test_events_of_lockdep_name_the_lock(text: str, found: dict[str, str] | None) -> None:
    wanted = found or {"lock": "mem_hotplug_lock.rw_sem", "try": "1", "read": "1"}
    assert arguments_in(text) == wanted


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("ftrace", f"{FTRACE}a: x=1\nCPU:1 [LOST 12 EVENTS]\n"),
        ("ftrace", f"{FTRACE}a: x=1\nCPU:1 [LOST EVENTS]\n"),
        ("trace-cmd", f"{FTRACE}a: x=1\nCPU:1 [12 EVENTS DROPPED]\n"),
        ("perf", "a 1 [000] 1.0: a: x=1\na 1 [000] 2.0: PERF_RECORD_LOST lost 7\n"),
    ],
)
def test_a_loss_is_noticed_in_its_line(form: str, text: str, tmp_path: Path) -> None:
    _, lost = read_trace(written(tmp_path, text), form)
    assert isinstance(lost, LostEvents)
    assert lost.line == 2


def test_a_buffer_that_was_overwritten_is_lost_from_the_start(tmp_path: Path) -> None:
    text = f"# tracer: nop\n# entries-in-buffer/entries-written: 1/20   #P:2\n{FTRACE}a: x=1\n"
    first, *_ = read_trace(written(tmp_path, text))
    assert isinstance(first, LostEvents)


REFUSED = {
    "empty": ("", "it is empty"),
    "only blank lines": ("\n\n", "line 1: .* begins none of the formats"),
    "a binary": (b"\x7fELF\0\0\n", "line 1: it is no text"),
    "latin-1": (f"{FTRACE}a: x=\xe4\n".encode("latin-1"), "line 1: it is no text"),
    "a trace.dat": (b"\x17\x08Dtracing6\n", "line 1: it is a trace.dat.*trace-cmd report"),
    "a perf.data": (b"PERFILE2\0\n", "line 1: it is a perf.data.*perf script"),
    "gzip without the name": (gzip.compress(b"a\n"), "line 1: it is packed by gzip"),
    "another text": ("Dear all,\nhello\n", "line 1: 'Dear all,' begins none of the formats"),
    "another table": ("a,b,c\n1,2,3\n", "line 1: 'a,b,c' begins none of the formats"),
    "a garbled line": (f"{FTRACE}a: x=1\n!!##\n{FTRACE}b: x=1\n", "line 2: '!!##' is not an event"),
    "a cut line": (f"{FTRACE}a: x=1\n  a-1  [000] ..", "line 2: .* the file was cut off"),
    "a line without an end": (f"{FTRACE}a: x=1", "line 1: .* the file was cut off"),
    "no event": ("# tracer: nop\n#\n", "line 2: it ends without any event"),
    "nothing done": (f"{FTRACE}\n", "line 1: .* is not what an event of ftrace says"),
    "too few": (
        f"# tracer: nop\n# entries-in-buffer/entries-written: 3/3   #P:2\n{FTRACE}a: x=1\n",
        "line 3: the file ends after 1 of the 3 events",
    ),
    "time goes back": (
        f"{FTRACE}a: x=1\n  a-1  [001] .....  0.500000: b: x=1\n",
        "line 2: time goes back from 1.000000 to 0.500000",
    ),
    "a row too short": (HEAD + "1,1.0,0,a,1\n", "line 2: .* is not a row"),
    "a row with words": (HEAD + "1,soon,0,a,1,b,\n", "line 2: .* is not a row"),
    "a row at no time": (HEAD + "1,nan,0,a,1,b,\n", "line 2: .* is not a row"),
    "a row of nobody": (HEAD + "1,1.0,0,a,x,b,\n", "line 2: .* is not a row"),
    "an open quote": (HEAD + '1,1.0,0,a,1,b,"x\n', "line 2: .* is not a row"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_trace_is_refused_with_its_line(case: str, tmp_path: Path) -> None:
    text, message = REFUSED[case]
    with pytest.raises(UsageError, match=f"trace .*trace.txt: {message}"):
        list(read_trace(written(tmp_path, text)))


def test_a_packed_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(SAMPLES["csv"].encode() * 50)
    with pytest.raises(UsageError, match="gzip data are damaged or cut off"):
        list(read_trace(written(tmp_path, packed[:-20], "trace.csv.gz")))
    with pytest.raises(UsageError, match="gzip data are damaged or cut off"):
        list(read_trace(written(tmp_path, b"no gzip\n", "trace.csv.gz")))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: No such file"):
        list(read_trace(str(tmp_path / "none.txt")))
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        list(read_trace(str(tmp_path)))


def test_a_format_that_is_not_known_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown format of a trace 'ftraec': did you mean ftrace"):
        trace_format("ftraec")
