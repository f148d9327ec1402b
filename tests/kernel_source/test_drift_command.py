"""`locking drift`: what has become of the functions that a model was pinned to."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.cli.main import main
from locking.kernel_source.pins import read_pins
from tests.kernel_source.trees import kernel_tree

SIMPLE = """static int grow(int x)
{
	return x + 1; /* one */
}

#ifdef CONFIG_A
int shrink(int x)
{
	return x - 1;
}
#else
int shrink(int x)
{
	return x;
}
#endif
"""

MODEL = "kernel_bugs.online_pages"
"""A model that has no named steps: the pins may call them as they like."""


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch, capsys) -> Path:
    """A tree with pins of two functions beside it, made by the command itself."""
    monkeypatch.chdir(tmp_path)
    Path("tree/mm").mkdir(parents=True)
    Path("tree/mm/zone.c").write_text(SIMPLE)
    Path("tree/Makefile").write_text("VERSION = 6\nPATCHLEVEL = 7\nSUBLEVEL = 8\n")
    Path("list.toml").write_text("[pins.grows]\ngrow = {}\n\n[pins.shrinks]\nshrink = {}\n")
    assert main(["drift", "tree", MODEL, "--pins", "list.toml", "-o", "pins.toml"]) == 0
    assert capsys.readouterr().out == "2 pins written to pins.toml\n"
    return tmp_path / "tree"


def drift(*words: str) -> int:
    return main(["drift", "tree", MODEL, "--pins", "pins.toml", *words])


@pytest.mark.usefixtures("pinned")
def test_pins_say_the_version_the_file_and_a_digest() -> None:
    pins = read_pins(Path("pins.toml"))
    assert pins.version == "6.7.8"
    assert [(each.step, each.function, each.file) for each in pins.pins] == [
        ("grows", "grow", "mm/zone.c"),
        ("shrinks", "shrink", "mm/zone.c"),
    ]
    assert len({each.digest for each in pins.pins}) == 2


@pytest.mark.usefixtures("pinned")
def test_the_tree_that_was_pinned_has_no_drift(capsys) -> None:
    assert drift() == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "from 6.7.8 to 6.7.8: 2 of 2 pinned functions are the same" in printed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("x + 1", "x + 2", "grows: grow() has changed, mm/zone.c:1\n"),
        ("static int", "int", "grows: grow() has changed, mm/zone.c:1\n"),
        ("x - 1", "x - 2", "shrinks: shrink() has changed, mm/zone.c:7\n"),
        ("return x;", "return 0;", "shrinks: shrink() has changed, mm/zone.c:7\n"),
        ("grow", "raise", "grows: grow() is gone; its tokens are those of raise(), mm/zone.c:1\n"),
        (SIMPLE.partition("#ifdef")[0], "", "grows: grow() is gone from mm/zone.c\n"),
    ],
)
def test_what_has_changed_is_named_with_its_step(pinned, capsys, old, new, said) -> None:
    assert old in SIMPLE
    (pinned / "mm/zone.c").write_text(SIMPLE.replace(old, new))
    assert drift() == 1
    printed = capsys.readouterr().out
    assert said in printed
    assert "1 of 2 pinned functions are the same" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("old", "new"), [(" /* one */", ""), ("return x + 1", "return x+\n 1"), ("#ifdef", "\n#ifdef")]
)
def test_layout_is_no_drift(pinned, old, new) -> None:
    (pinned / "mm/zone.c").write_text(SIMPLE.replace(old, new))
    assert drift() == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", "grows: grow() has moved from mm/zone.c to mm/new.c:1\n"),
        ("+ 1", "+ 3", "grows: grow() has moved from mm/zone.c to mm/new.c:1, and has changed\n"),
    ],
)
def test_a_function_in_another_file_has_moved(pinned, capsys, old, new, said) -> None:
    (pinned / "mm/zone.c").rename(pinned / "mm/new.c")
    (pinned / "mm/new.c").write_text(SIMPLE.replace(old, new, 1) if old else SIMPLE)
    assert drift() == 1
    assert said in capsys.readouterr().out


def test_a_function_that_is_only_called_is_gone_and_its_name_is_not(pinned, capsys) -> None:
    (pinned / "mm/zone.c").write_text("int h(void)\n{\n\treturn grow(1); /* shrink */\n}\n")
    assert drift() == 1
    printed = capsys.readouterr().out
    assert "grow() is gone from mm/zone.c; its name is still in mm/zone.c\n" in printed
    assert "shrink() is gone from mm/zone.c\n" in printed


def test_pins_are_renewed_and_what_is_not_there_is_said(pinned, capsys) -> None:
    (pinned / "mm/zone.c").write_text(SIMPLE.replace("grow", "raise").replace("- 1", "- 2"))
    assert drift("-o", "new.toml") == 0
    assert "not pinned: grows: grow() is not defined there" in capsys.readouterr().out
    assert main(["drift", "tree", MODEL, "--pins", "new.toml"]) == 0


def test_a_model_with_a_table_is_pinned_by_it(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.c").write_text(SIMPLE)
    Path("t.toml").write_text('[steps]\nchanges = ["grow", "shrink"]\n')
    assert main(["drift", "f.c", MODEL, "--table", "t.toml", "-o", "p.toml"]) == 0
    assert main(["drift", "f.c", MODEL, "--pins", "p.toml"]) == 0
    assert "2 of 2" in capsys.readouterr().out


PIN = '[pins.a]\nf = { file = "f.c", digest = "0" }\n'


@pytest.mark.parametrize(
    ("pins", "words", "said"),
    [
        (PIN, ["nowhere", MODEL], "nowhere: no such file or folder"),
        (PIN, ["."], "unknown named step in p.toml 'a'"),
        ("", ["."], "no function is pinned there"),
        ("a", ["."], "p.toml: "),
        (
            "strange = 1",
            ["."],
            "pins p.toml: unknown key of the table 'strange': known: version, pins",
        ),
        ("version = 6.1", ["."], "version: 6.1 is no text; write it in quotes"),
        ("pins = 1", ["."], "pins: 1 is no table; write [pins]"),
        ("[pins]\na = 1", ["."], "pins.a: 1 is no table; write [pins.a]"),
        ("[pins.a]\nf = 1", ["."], "pins.a.f: 1 is no table; write [pins.a.f]"),
        ("[pins.a]\nf = { line = '3' }", ["."], "unknown key of pins.a.f 'line'"),
        ("[pins.a]\nf = { file = 3 }", ["."], "pins.a.f.file: 3 is no text"),
        ("[pins.a]\nf = { file = '/f.c' }", ["."], "not a file below the top of the tree"),
        ("[pins.a]\nf = { file = '../f.c' }", ["."], "not a file below the top of the tree"),
        ("[pins.a]\nf = {}", [".", MODEL], "f of a has no file and digest yet"),
        ("[pins.a]\ng = {}", [".", MODEL, "-o", "q.toml"], "none of the functions is defined"),
        (PIN, [".", MODEL, "-o", "p.toml"], "it is there already"),
        (None, [".", MODEL], "has no online_pages.pins.toml"),
        (None, [".", MODEL, "-o", "q.toml"], "names no kernel function"),
    ],
)
def test_bad_input_is_refused(tmp_path, capsys, monkeypatch, pins, words, said) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.c").write_text("void f(void)\n{\n\ta();\n}\n")
    Path("p.toml").write_text(pins or "")
    assert main(["drift", *words, *(["--pins", "p.toml"] if pins is not None else [])]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_the_model_is_pinned_to_6_1(capsys, pytestconfig) -> None:
    assert main(["drift", str(kernel_tree("6.1", pytestconfig))]) == 0
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.slow
def test_what_6_12_changed_is_named(capsys, pytestconfig) -> None:
    assert main(["drift", str(kernel_tree("6.12", pytestconfig))]) == 1
    printed = capsys.readouterr().out
    assert "SET_CONTIGUOUS: set_zone_contiguous() has moved from mm/page_alloc.c" in printed
    assert "ONLINE_PAGES: online_pages() has changed, mm/memory_hotplug.c:" in printed
    assert "resize_zone_range" not in printed
    assert "is gone" not in printed
