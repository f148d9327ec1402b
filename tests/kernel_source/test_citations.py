"""What a model cites is held against a tree: gone, renamed, moved, or not reached is said."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.cli.main import main
from locking.kernel_source.citations import Citation, citation_remarks, citations_in
from locking.kernel_source.sources import SourceTree
from locking.placements.placement import step
from locking.placements.trees import Step
from tests.kernel_source.test_read_command import SMALL, tree

LACKS_RESIZE = "  lacks: RESIZE_ZONE: resize_zone_range() "


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("f(), mm/a.c, v4.19", [Citation("f", "mm/a.c", "v4.19")]),
        ("f(), g() locked, mm/a.c, v5.4", [("f", "", "v5.4"), ("g", "mm/a.c", "v5.4")]),
        ("f(), a.c; b.c; v4.19.1", [("f", "a.c", "v4.19.1")]),
        ("f() by WRITE_ONCE", [("f", "", "")]),
        ("nothing, v4.19", []),
        ("", []),
    ],
)
def test_a_citation_names_functions_with_file_and_version(text, cited) -> None:
    assert citations_in(text) == cited


def cites(text: str) -> Step:
    @step("A", text)
    async def cited(own: object) -> None:
        """Nothing is done."""

    return cited


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("f(), a.c, v4.19", []),
        ("f(), v4.19", []),
        ("f(), b.c, v4.19", ["A: f() has moved to a.c since v4.19"]),
        ("g(), a.c, v4.19", []),
        ("h(), a.c, v4.19", ["A: h() is gone since v4.19"]),
        ("h()", ["A: h() is gone"]),
    ],
)
def test_what_a_step_cites_is_gone_or_has_moved(tmp_path, text, said) -> None:
    (tmp_path / "a.c").write_text("void f(void)\n{\n\tg(); /* as h() did */\n}\n")
    assert list(citation_remarks(SourceTree(tmp_path), [cites(text)])) == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("resize_zone_range(zone);", "/* resize_zone_range() */", "is gone\n"),
        ("resize_zone_range", "grow_zone_range", "is gone\n"),
        (
            "\tresize_zone_range(zone);\n",
            "}\n\nvoid other(struct zone *zone)\n{\n\tresize_zone_range(zone);\n",
            "is not reached from memremap_pages()\n",
        ),
    ],
)
def test_a_step_is_never_silently_absent(tmp_path, capsys, old, new, said) -> None:
    words = ["read", tree(tmp_path, SMALL.replace(old, new)), "--role", "adder"]
    assert main(words) == 1
    assert LACKS_RESIZE + said in capsys.readouterr().out


def test_one_of_the_functions_of_a_step_is_enough(tmp_path, capsys) -> None:
    assert main(["read", tree(tmp_path, SMALL), "--role", "adder"]) == 0
    printed = capsys.readouterr().out
    assert "lacks" not in printed
    assert "  cited: ADD_SECTIONS: add_pages() is gone\n" in printed


def test_what_a_given_placement_does_not_have_is_not_lacking(tmp_path, capsys) -> None:
    words = ["read", tree(tmp_path, SMALL.replace("memmap_init_zone_device", "other"))]
    words += ["--role", "adder", "--against"]
    assert main([*words, "duyck-noshrink"]) == 1
    assert "lacks: INIT_DEVICE_PAGES" in capsys.readouterr().out
    assert main([*words, "baseline"]) == 1
    assert "lacks" not in capsys.readouterr().out


def test_a_patch_that_takes_a_step_away_is_said(tmp_path, capsys) -> None:
    line = SMALL.splitlines().index("\tresize_zone_range(zone);") + 1
    Path(tmp_path / "p.diff").write_text(
        f"--- a/mm/memremap.c\n+++ b/mm/memremap.c\n@@ -{line},2 +{line},1 @@\n"
        "-\tresize_zone_range(zone);\n \tmemmap_init_range(zone);\n"
    )
    words = [tree(tmp_path, SMALL), "--role", "adder", "--patch", str(tmp_path / "p.diff")]
    assert main(["read", *words]) == 1
    printed = capsys.readouterr().out
    assert printed.count(LACKS_RESIZE + "is gone\n") == 1


MODEL = """
from locking import Model, Mutex, Placement, System, Thread, perform, step

lock = Mutex("lock")

@step("GROW")
async def GROW(own):
    await lock.lock()

async def work(placement):
    await perform(placement.roles["worker"], None)

def build(case):
    return System([lock], {"one": Thread(work, case.placement)})

MODEL = Model(
    "mine", "a model", build, steps={"worker": (GROW,)},
    placements=(Placement("one", worker=[GROW]),),
)
"""


def test_a_renamed_function_is_found_by_its_pin(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MODEL)
    Path("functions.toml").write_text('[steps]\nGROW = ["grow"]\n[entries]\nworker = ["f"]\n')
    text = "int grow(int x)\n{\n\treturn x + 1;\n}\n\nint f(void)\n{\n\treturn grow(1);\n}\n"
    Path("a.c").write_text(text)
    assert main(["drift", "a.c", "mine.py", "-o", "mine.pins.toml"]) == 0
    assert main(["drift", "a.c", "mine.py"]) == 0
    assert main(["read", "a.c", "--model", "mine.py"]) == 0
    Path("a.c").write_text(text.replace("grow", "raise_by_one"))
    assert main(["read", "a.c", "--model", "mine.py"]) == 1
    said = "grow() is gone; its tokens are those of raise_by_one(), a.c:1\n"
    assert f"  lacks: GROW: {said}" in capsys.readouterr().out


def test_a_function_that_is_asked_for_and_not_reached_is_said(tmp_path, capsys) -> None:
    (tmp_path / "a.c").write_text("void f(void)\n{\n\ta();\n}\n\nvoid g(void)\n{\n\tb();\n}\n")
    words = ["read", str(tmp_path / "a.c"), "--entry", "f", "--functions", "a", "b"]
    assert main(words) == 0
    assert "  lacks: b: b() is not reached from f()\n" in capsys.readouterr().out
