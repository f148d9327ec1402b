"""What `litmus` prints, and its status."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.litmus.classics import CLASSICS

Locking = Callable[..., Outcome]

TEXTS = {each.name: each.text for each in CLASSICS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with tests of all kinds."""
    for name in ("SB", "MP+rel+acq"):
        (tmp_path / f"{name}.litmus").write_text(TEXTS[name])
    (tmp_path / "ppc.litmus").write_text("PPC MP\n{}\n")
    (tmp_path / "broken.litmus").write_text("C x\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x;\n}\n")
    (tmp_path / "bytes.litmus").write_bytes(b"\xff\x00\x1b[2J")
    (tmp_path / "notes.txt").write_text("no test")
    return tmp_path


def file(folder: Path, name: str, text: str = "") -> str:
    """A file with a test in it."""
    path = folder / f"{name}.litmus"
    path.write_text(text or TEXTS[name])
    return str(path)


def test_both_verdicts_are_in_one_line(locking: Locking, tmp_path: Path) -> None:
    status, out, err = locking("litmus", file(tmp_path, "SB"))
    assert (status, err) == (0, "")
    assert "\nSC: Never. LKMM: Sometimes.\n" in out
    assert "4 final states, 4 executions: 1 positive, 3 negative" in out
    assert "as asked, not under SC" in out
    assert "SC was judged by all interleavings." in out


def test_a_verdict_other_than_the_file_expects_is_status_1(
    locking: Locking, tmp_path: Path
) -> None:
    file(tmp_path, "expects", TEXTS["SB"].replace("{", "(* Result: Never *) {", 1))
    status, out, _ = locking("litmus", str(tmp_path))
    assert status == 1
    assert "expects.litmus: SC Never, LKMM Sometimes 1/3, expects Never\n" in out
    assert out.endswith("  1 verdict other than the file expects\n")


def test_a_test_is_an_object_of_json(locking: Locking, tmp_path: Path) -> None:
    _, out, _ = locking("litmus", file(tmp_path, "SB"), "--json")
    found = json.loads(out)
    assert (found["sc"], found["verdict"], found["sc_by"]) == (
        "Never",
        "Sometimes",
        "interleavings",
    )
    assert (found["positive"], found["negative"]) == (1, 3)
    assert found["states"][0] == {
        "values": {"0:r1": "0", "1:r0": "0"},
        "executions": 1,
        "sc": False,
    }
    assert [each[1] for each in found["not_sc"]] == ["po", "fr", "po", "fr"]
    assert [each["line"] for each in found["execution"]] == [5, 6, 10, 11]


def test_a_folder_has_a_line_for_each_test_and_goes_on_after_an_error(
    locking: Locking, folder: Path
) -> None:
    status, out, err = locking("litmus", str(folder))
    assert (status, err) == (3, "")
    assert "SB.litmus: SC Never, LKMM Sometimes 1/3\n" in out
    assert "broken.litmus: line 5: ',' expected between arguments, not ';'\n" in out
    assert "ppc.litmus: line 1: a test for PPC; only tests in C can be read" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert "\n5 tests, 3 without a verdict\n  SC Never, LKMM Never: 1\n" in out


def test_a_folder_goes_through_whatever_is_in_it(locking: Locking, folder: Path) -> None:
    (folder / "folder.litmus").mkdir()
    (folder / "loop.litmus").symlink_to("loop.litmus")
    (folder / "dangling.litmus").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.litmus")
    (folder / "deep.litmus").write_text(TEXTS["SB"].replace("*x, 1", "*x, " + "(" * 9_999))
    (folder / "empty.litmus").write_text("")
    (folder / "huge.litmus").write_text(TEXTS["SB"] * 1_000)
    (folder / "endless.litmus").write_text(TEXTS["SB"].replace("WRITE", "while (1) WRITE"))
    (folder / "marked.litmus").write_bytes(b"\xef\xbb\xbf" + TEXTS["SB"].encode())
    (folder / "crlf.litmus").write_text(TEXTS["SB"].replace("\n", "\r\n"))
    status, out, err = locking("litmus", str(folder))
    assert (status, err) == (3, "")
    assert "folder.litmus: this is no file\n" in out
    assert "loop.litmus: Too many levels of symbolic links\n" in out
    assert "dangling.litmus: No such file or directory\n" in out
    assert "pipe.litmus: this is no file\n" in out
    assert "deep.litmus: line 5: this is nested too deep\n" in out
    assert "empty.litmus: line 1: the file is empty\n" in out
    assert "huge.litmus: this is no litmus test: it has over 200,000 characters\n" in out
    assert "endless.litmus: line 5: a thread with over 400 accesses and fences\n" in out
    assert "marked.litmus: SC Never, LKMM Sometimes 1/3\n" in out
    assert "crlf.litmus: SC Never, LKMM Sometimes 1/3\n" in out
    assert "\n15 tests, 11 without a verdict\n" in out


def test_lines_of_a_folder_are_as_wide_as_the_terminal(
    locking: Locking, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = locking("litmus", str(folder))[1]
    assert "ppc.litmus: line 1: a test for PPC; only tests in C can be\n  read, which" in out
    assert max(map(len, out.splitlines())) <= 60


def test_a_verdict_that_more_rounds_may_change_is_status_3(locking: Locking, folder: Path) -> None:
    text = TEXTS["SB"].replace("WRITE_ONCE(*x, 1)", "while (atomic_add_return(1, x) < 9) r9 = 1")
    loop = file(folder, "loop", text.replace("0:r1=0", "0:r9=2"))
    status, out, _ = locking("litmus", loop)
    assert status == 3
    assert "within 3 rounds" in out
    status, out, _ = locking("litmus", str(folder))
    assert "  1 verdict that more rounds of a loop may change\n" in out


def test_a_folder_has_a_line_of_json_for_each_test(locking: Locking, folder: Path) -> None:
    _, out, _ = locking("litmus", str(folder), "--json")
    found = {each["file"]: each for each in map(json.loads, out.splitlines())}
    assert found["broken.litmus"]["line"] == 5
    assert found["SB.litmus"]["sc_by"] == "axioms"


def test_what_takes_too_long_is_given_up(locking: Locking, folder: Path) -> None:
    status, out, _ = locking("litmus", str(folder / "SB.litmus"), "--seconds", "0")
    assert status == 3
    assert "given up after 0 s" in out


def test_a_test_has_a_page(locking: Locking, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    status, out, err = locking("litmus", file(tmp_path, "SB"), "--html", str(page))
    assert (status, err) == (0, "")
    assert "SC: Never. LKMM: Sometimes.\n" in out
    assert "LKMM: Sometimes." in page.read_text()


def test_another_model_is_asked_for_no_result_of_the_kernels(
    locking: Locking, tmp_path: Path
) -> None:
    named = file(tmp_path, "MP", TEXTS["MP"].replace("{", "(* Result: Sometimes *) {", 1))
    for model, title, verdict in (("tso", "TSO", "Never"), ("armv8", "ARMv8", "Sometimes")):
        status, out, err = locking("litmus", named, "--memory", model)
        assert (status, err) == (0, "")
        assert f"\nSC: Never. {title}: {verdict}.\n" in out


def test_a_model_without_an_order_of_execution_does_not_say_what_is_out_of_order(
    locking: Locking, tmp_path: Path
) -> None:
    named = file(tmp_path, "MP+wmb+po")
    said = "Not in the order of the program: d and e of P1."
    for model, says in (("armv8", True), ("rc11", False)):
        out = locking("litmus", named, "--memory", model)[1]
        assert "No interleaving does this" in out
        assert (said in out, "of the program" in out) == (says, says)


REFUSED = [
    ([".", "--html", "page.html"], "give them a file"),
    (["SB.litmus", "--html", "no/such/page.html"], "--html no/such/page.html"),
    (["ppc.litmus"], "line 1: a test for PPC"),
    (["nothing.litmus"], "No such file"),
    (["SB.litmus", "--tree", "."], "linux-kernel"),
    (["SB.litmus", "--rounds", "0"], "--rounds"),
    (["SB.litmus", "--tree", ".", "--memory", "tso"], "--memory tso is not"),
    (["SB.litmus", "--memory", "sc"], "invalid choice"),
    (["RCU-MP.litmus", "--memory", "armv8"], "its assertion no-grace-periods (armv8.cat:"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_bad_usage_is_status_2(
    locking: Locking, folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(folder)
    file(folder, "RCU-MP")
    status, _, err = locking("litmus", *words)
    assert status == 2
    assert said in err


def test_a_folder_without_tests_is_refused(locking: Locking, tmp_path: Path) -> None:
    assert locking("litmus", str(tmp_path))[0] == 2
