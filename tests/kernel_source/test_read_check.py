"""`locking read --check`: sources that are no placement, judged as threads; verdicts by hand."""

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

from locking.cli.main import main

MODEL = """
from locking import *

first, second = RwSem("first"), RwSem("second")
x, y = Cell("x", 0), Cell("y", 0)

@step("ADD_X")
async def ADD_X(_):
    await x.write(await x.read() + 1)

@step("ADD_Y")
async def ADD_Y(_):
    await y.write(await y.read() + 1)

def build(case):
    trees = case.placement.roles["clerk"]
    added = at_end("x-added", lambda s: s[x] == 2), at_end("y-added", lambda s: s[y] == 2)
    return System(
        [first, second, x, y],
        [Thread(name, perform, (trees, None)) for name in ("ann", "bob")],
        [*added, deadlock_free(), no_misuse(), data_race_free()],
    )

NESTED = Placement("nested", clerk=[first.write(ADD_X), second.write(ADD_Y)])
MODEL = Model(
    "clerks", "", build, placements=(NESTED,), steps={"clerk": (ADD_X, ADD_Y)},
    scenarios=(Scenario("two", roles=("clerk", "clerk")),), cast={"clerk": 2},
)
"""
"""Two threads do what is read; x and y lose an addition where two add at once."""

TABLE = """
[steps]
ADD_X = ["add_x"]
ADD_Y = ["add_y"]

[locks]
first = "first"
second = "second"

[entries]
clerk = ["f"]
"""

HAND_OVER_HAND = """
	down_write(&first);
	ret = add_x();
	if (ret) {
		up_write(&first);
		return ret;
	}
	down_write(&second);
	up_write(&first);
	add_y();
	up_write(&second);
	return 0;
"""
TRIED = """
	if (!down_write_trylock(&first))
		return 0;
	add_x();
	up_write(&first);
	down_write(&second);
	add_y();
	up_write(&second);
	return 0;
"""
SPIN = TRIED.replace("if (!", "while (!").replace("return 0;\n\tadd_x", "cpu_relax();\n\tadd_x")
TWO_ORDERS = """
	if (x) {
		down_write(&first);
		down_write(&second);
	} else {
		down_write(&second);
		down_write(&first);
	}
	add_x();
	add_y();
	up_write(&second);
	up_write(&first);
	return 0;
"""
VERDICTS: dict[str, tuple[str, set[str]]] = {
    "hand_over_hand": (HAND_OVER_HAND, set()),
    "let_go_too_early": (
        HAND_OVER_HAND.replace(
            "\tadd_y();\n\tup_write(&second);", "\tup_write(&second);\n\tadd_y();"
        ),
        {"y-added", "data-race"},
    ),
    "mode_changed": (
        HAND_OVER_HAND.replace("down_write(&second)", "down_read(&second)").replace(
            "up_write(&second)", "up_read(&second)"
        ),
        {"y-added", "data-race"},
    ),
    "let_go_in_another_mode": (
        HAND_OVER_HAND.replace("up_write(&second)", "up_read(&second)"),
        {"no-misuse"},
    ),
    "not_let_go_where_it_fails": (
        HAND_OVER_HAND.replace("\t\tup_write(&first);\n\t\treturn", "\t\treturn"),
        {"y-added", "deadlock-free", "locks-released"},
    ),
    "let_go_twice": (
        HAND_OVER_HAND.replace("return 0", "up_write(&second);\n\treturn 0"),
        {"no-misuse"},
    ),
    "two_orders": (TWO_ORDERS, {"deadlock-free"}),
    "tried": (TRIED, {"x-added", "y-added"}),
    "tried_until_it_succeeds": (SPIN, set()),
    "downgraded": (
        HAND_OVER_HAND.replace("\tadd_y", "\tdowngrade_write(&second);\n\tadd_y").replace(
            "up_write(&second)", "up_read(&second)"
        ),
        set(),
    ),
}
"""For each body of f() the properties that fail; what takes only one of the two ways to fail."""


def read_and_check(tmp_path: Path, statements: str, *more: str) -> int:
    """The exit status of `locking read --check` of a function with these statements."""
    (tmp_path / "clerks.py").write_text(MODEL)
    (tmp_path / "functions.toml").write_text(TABLE)
    (tmp_path / "f.c").write_text(f"int f(int x)\n{{\n\tint ret;\n{statements}}}\n")
    model = str(tmp_path / "clerks.py")
    return main(["read", str(tmp_path / "f.c"), "--model", model, "--check", *more])


def failing(printed: str) -> set[str]:
    """The properties that are said to fail."""
    lines = printed.split("checked:\n")[1]
    return {
        name
        for each in lines.split("    ")
        if each.startswith("fails: ")
        for name in each.removeprefix("fails: ").replace(",", "").split()
    }


SAMPLE = ("hand_over_hand", "two_orders", "tried_until_it_succeeds")
"""Forms that are tried by default."""


@pytest.mark.parametrize(
    "form",
    [each if each in SAMPLE else pytest.param(each, marks=pytest.mark.slow) for each in VERDICTS],
)
def test_what_is_no_placement_has_the_verdicts_of_its_paths(tmp_path, capsys, form) -> None:
    statements, fails = VERDICTS[form]
    status = read_and_check(tmp_path, statements)
    printed = capsys.readouterr().out
    assert "  as an automaton:\n" in printed
    assert failing(printed) == fails
    assert status == 1


def test_a_placement_is_judged_as_one(tmp_path, capsys) -> None:
    nested = HAND_OVER_HAND.replace("\tdown_write(&second);\n\tup_write(&first);\n", "")
    nested = nested.replace("\tadd_y", "\tup_write(&first);\n\tdown_write(&second);\n\tadd_y")
    assert read_and_check(tmp_path, nested) == 0
    printed = capsys.readouterr().out
    assert "automaton" not in printed
    assert failing(printed) == set()


def test_a_run_cites_the_lines_of_the_source(tmp_path, capsys) -> None:
    statements, _ = VERDICTS["not_let_go_where_it_fails"]
    read_and_check(tmp_path, statements, "--property", "locks-released")
    printed = capsys.readouterr().out
    assert "f.c:5: first is taken and not released; the path ends at f.c:8" in printed
    assert "choose -> 'end (f.c:8)'" in printed
    assert "and still holds first (for writing, since step 1), taken at f.c:5." in " ".join(
        printed.split()
    )
    assert "  ADD_X  f.c:6\n" in printed


UNKNOWN = {
    "refused": (HAND_OVER_HAND.replace("\tadd_y", "\tg();\n\tadd_y"), "line 21 that is not"),
    "one_result": (
        "\twhile (!down_write_trylock(&first))\n\t\tadd_y();\n\tadd_x();\n\tup_write(&first);\n",
        "f.c:4: no path that was read goes on where the trylock of first fails",
    ),
    "lacks": (HAND_OVER_HAND.replace("\tadd_y();\n", ""), "it lacks a named step"),
}


@pytest.mark.parametrize("form", UNKNOWN)
def test_what_is_not_known_whole_is_never_judged(tmp_path, capsys, form) -> None:
    statements, said = UNKNOWN[form]
    tail = "}\nvoid g(void)\n{\n\tup_write(&first);\n\tint 5x = ;\n"
    status = read_and_check(tmp_path, statements + tail)
    printed = capsys.readouterr()
    assert status == 2
    assert "holds:" not in printed.out
    assert said in printed.err
