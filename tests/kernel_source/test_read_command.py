"""`locking read`: the roles of memory hotplug in a small tree, and in the kernel's own sources."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.cli.main import main
from tests.kernel_source.trees import kernel_tree

SMALL = """
void mem_hotplug_begin(void)
{
	percpu_down_write(&mem_hotplug_lock);
}

void mem_hotplug_done(void)
{
	percpu_up_write(&mem_hotplug_lock);
}

static void move_pfn_range_to_zone(struct zone *zone)
{
	resize_zone_range(zone);
	memmap_init_range(zone);
	set_zone_contiguous(zone);
}

void *memremap_pages(struct dev_pagemap *pgmap, int nid)
{
	int error;

	mem_hotplug_begin();
	error = arch_add_memory(nid);
	if (!error)
		move_pfn_range_to_zone(pgmap->zone);
	mem_hotplug_done();
	if (error)
		return ERR_PTR(error);
	memmap_init_zone_device(pgmap);
	return pgmap;
}
"""


def tree(tmp_path: Path, text: str) -> str:
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm" / "memremap.c").write_text(text)
    return str(tmp_path)


def test_the_adder_of_a_small_tree_is_that_of_a_known_placement(tmp_path, capsys) -> None:
    status = main(["read", tree(tmp_path, SMALL), "--role", "adder", "--against", "duyck-noshrink"])
    printed = capsys.readouterr().out
    assert status == 0
    assert "    RESIZE_ZONE           mm/memremap.c:14\n" in printed
    assert "  adder  ADD_SECTIONS  RESIZE_ZONE" in printed
    assert "as duyck-noshrink has it" in printed


def test_a_step_that_is_moved_out_of_the_region_differs(tmp_path, capsys) -> None:
    moved = SMALL.replace("\tif (!error)\n\t\tmove_pfn_range_to_zone(pgmap->zone);\n", "")
    moved = moved.replace(
        "\tmemmap_init_zone_device", "\tmove_pfn_range_to_zone(0);\n\tmemmap_init_zone_device"
    )
    status = main(["read", tree(tmp_path, moved), "--role", "adder", "--against", "duyck-noshrink"])
    assert status == 1
    assert "differs from duyck-noshrink" in capsys.readouterr().out


def test_what_is_read_is_written_as_a_placement_that_is_checked(
    tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["read", tree(tmp_path, SMALL), "--role", "adder", "-o", "mine.py"]) == 0
    assert main(["check", "--placement", "mine.py", "--scenario", "add-vs-add"]) in (0, 1)
    assert "mine.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "no such file"),
        ([".", "--role", "adder"], "no C files"),
        (["f.c", "--entry", "f"], "--entry needs --functions"),
        (["f.c", "--entry", "g", "--functions", "a"], "unknown function"),
        (["f.c", "--entry", "f", "--functions", "zz"], "nothing there is called zz"),
        (["f.c", "--role", "nobody"], "unknown role"),
        (["f.c", "--table", "bad.toml"], "table bad.toml: unknown key of the table 'strange'"),
        (["f.c", "--model", "textbook.lost_update"], "has no functions.toml"),
    ],
)
def test_bad_input_is_refused(tmp_path, capsys, monkeypatch, words, said) -> None:
    monkeypatch.chdir(tmp_path)
    if words[0] == "f.c":
        Path("f.c").write_text("void f(void)\n{\n\ta();\n}\n")
    Path("bad.toml").write_text("strange = 1\n")
    assert main(["read", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("version", ["6.1", "6.12"])
def test_the_kernel_has_the_placement_of_v5_4(version, capsys, pytestconfig) -> None:
    folder = kernel_tree(version, pytestconfig)
    status = main(["read", str(folder), "--against", "duyck-noshrink"])
    printed = capsys.readouterr().out
    assert status == 0
    assert "placements of memory_hotplug that are like it: duyck-noshrink\n" in printed
    for site, called in lines_with_sites(printed):
        file, line = site.split(":")
        text = (folder / file).read_text().splitlines()[int(line) - 1]
        assert any(each in text for each in called), (site, text)


STANDS = {
    "mem_hotplug_lock.write": ("mem_hotplug_begin", "mem_hotplug_done"),
    "ADD_SECTIONS": ("arch_add_memory", "add_pages"),
    "RESIZE_ZONE": ("resize_zone_range",),
    "RAISE_HIGHEST": ("memmap_init_range",),
    "SET_CONTIGUOUS": ("set_zone_contiguous",),
    "INIT_DEVICE_PAGES": ("memmap_init_zone_device",),
    "KEEP_SPAN": ("remove_pfn_range_from_zone",),
    "REMOVE_SECTIONS": ("__remove_pages", "arch_remove_memory"),
    "ONLINE_PAGES": ("online_pages",),
    "OFFLINE_PAGES": ("offline_pages",),
}
"""What must stand on the line that is given for each part."""


def lines_with_sites(printed: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every place that is printed, with what must stand there."""
    return [
        (site.strip(","), STANDS[words[0]])
        for words in map(str.split, printed.splitlines())
        if words and words[0] in STANDS
        for site in words[1:]
    ]


PATCH = """--- a/mm/memremap.c
+++ b/mm/memremap.c
@@ -25,9 +25,9 @@
 ~error = arch_add_memory(nid);
-~if (!error)
-~~move_pfn_range_to_zone(pgmap->zone);
 ~mem_hotplug_done();
 ~if (error)
 ~~return ERR_PTR(error);
+~move_pfn_range_to_zone(pgmap->zone);
 ~memmap_init_zone_device(pgmap);
""".replace("~", "\t")


def test_a_patch_says_which_role_and_which_verdicts_it_changes(tmp_path, capsys) -> None:
    (tmp_path / "p.diff").write_text(PATCH)
    main(["read", tree(tmp_path, SMALL), "--role", "adder", "--patch", str(tmp_path / "p.diff")])
    printed = capsys.readouterr().out
    assert "the patch changes: adder\n" in printed
    assert "  add-vs-add: zone-span holds before, fails after\n" in printed


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ("nothing\n", "no unified diff"),
        (PATCH.replace("nid", "node"), "line 3: the hunk does not fit mm/memremap.c"),
        (PATCH.replace("memremap", "hmm"), "changes no file that is read"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(tmp_path, capsys, patch, said) -> None:
    (tmp_path / "p.diff").write_text(patch)
    words = ["read", tree(tmp_path, SMALL), "--role", "adder", "--patch"]
    assert main([*words, str(tmp_path / "p.diff")]) == 2
    assert said in capsys.readouterr().err
    assert main([*words, str(tmp_path / "absent")]) == 2
