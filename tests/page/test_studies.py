"""Pages of studies: what an explanation, a comparison, measures and a front say stands on them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from locking.cli.main import main
from tests.page.browsing import Open, violations

PAGES = {
    "explain": ["explain", "baseline"],
    "compare": ["compare", "duyck", "baseline"],
    "measure": ["measure", "--placement", "duyck"],
}
NARROW = ["--scenario", "add-vs-remove"]

OUTSIDE = """parts => parts.flatMap((part) => {
    const around = part.getBoundingClientRect();
    return [...part.querySelectorAll('.tree, table, li')].filter((each) => {
        const { top, bottom } = each.getBoundingClientRect();
        return top < around.top - 1 || bottom > around.bottom + 1;
    }).map((each) => each.innerText);
})"""
"""What stands outside of the part of the page that it belongs to."""


def made(folder: Path, name: str) -> str:
    """The page of a study."""
    return written(folder, [*PAGES[name], *NARROW])


def written(folder: Path, command: list[str]) -> str:
    """The page that a command writes."""
    file = folder / "study.html"
    assert main([*command, "--html", str(file)]) in (0, 3)
    return file.read_text(encoding="utf-8")


def first(values: list[str]) -> str:
    """The first of some values."""
    return values[0]


def document(text: str) -> Any:
    """What a page shows."""
    found = re.search(r'id="document">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])


def part(shown: Any, kind: str) -> Any:
    """The first part of a kind."""
    return next(each for each in shown["parts"] if each["kind"] == kind)


@pytest.mark.slow
def test_an_explanation_is_a_matrix_of_regions_and_changes(tmp_path: Path) -> None:
    shown = document(made(tmp_path, "explain"))
    table = part(shown, "table")
    assert "not taken at all" in table["columns"]
    rows = {name: dict(zip(table["columns"], cells, strict=True)) for name, cells in table["rows"]}
    [dropped] = [cells["not taken at all"] for name, cells in rows.items() if "adder, " in name]
    assert dropped[0].startswith("breaks")
    assert any(path for _, path in dropped[2])
    assert [name for name, _ in part(shown, "trees")["items"]] == ["baseline"]


@pytest.mark.slow
def test_what_a_change_breaks_is_said_with_the_names_of_scenarios(tmp_path: Path) -> None:
    file = tmp_path / "study.html"
    both = ["--scenario", "add-vs-add", "add-vs-remove"]
    assert main(["explain", "baseline", *both, "--html", str(file)]) in (0, 3)
    rows = part(document(file.read_text(encoding="utf-8")), "table")["rows"]
    lines = [text for _, cells in rows for _, _, detail, _ in cells for text, _ in detail]
    broken = [text for text in lines if text.startswith("breaks ")]
    assert any(text.endswith(" in add-vs-add and add-vs-remove") for text in broken)
    assert all(text.endswith(("add-vs-add", "add-vs-remove")) for text in broken)


@pytest.mark.slow
def test_a_comparison_draws_both_placements_and_tells_what_differs(tmp_path: Path) -> None:
    shown = document(made(tmp_path, "compare"))
    assert [name for name, _ in part(shown, "trees")["items"]] == ["duyck", "baseline"]
    assert "only baseline keeps" in shown["headline"]
    differing = [name for name, cells in part(shown, "table")["rows"] if cells[2][0]]
    assert differing
    assert sorted(name for name, _ in part(shown, "groups")["groups"]) == sorted(differing)


@pytest.mark.slow
def test_a_comparison_has_a_square_for_each_scenario_and_claims_no_more_than_they_show(
    tmp_path: Path,
) -> None:
    scenarios = ["add-vs-add", "add-vs-walker", "online-vs-sysfs-online"]
    sides = ["duyck", "williams-rwsem-downgrade"]
    shown = document(written(tmp_path, ["compare", *sides, "--scenario", *scenarios]))
    table = part(shown, "table")
    assert table["squares"] == scenarios
    squares = {name: [[*map(first, each[3])] for each in cells] for name, cells in table["rows"]}
    assert squares["data-race"][:2] == [["fails", "fails", "holds"], ["holds", "fails", "fails"]]
    assert squares["parallel-init"][:2] == [[], []]
    kept = re.search("only duyck keeps ([^;.]*)", shown["headline"])
    assert kept
    assert kept[1].split(", ") == ["present-pages"]
    assert "both fail data-race, but not in the same cases" in shown["headline"]


@pytest.mark.slow
def test_a_comparison_draws_only_the_roles_that_differ(tmp_path: Path) -> None:
    drawn = dict(part(document(made(tmp_path, "compare")), "trees")["items"])
    roles = {name: dict(tree) for name, tree in drawn.items()}
    assert [*roles["duyck"]] == [*roles["baseline"]] == ["adder", "sysfs_onliner"]
    assert roles["baseline"]["sysfs_onliner"] is None


@pytest.mark.slow
def test_measures_are_bars_no_longer_than_all(tmp_path: Path) -> None:
    shown = document(made(tmp_path, "measure"))
    rows = [row for each in shown["parts"] if each["kind"] == "bars" for row in each["rows"]]
    assert rows
    assert all(0 <= length <= 1 for _, _, length in rows)


@pytest.mark.slow
def test_the_table_of_a_study_shows_that_it_goes_on_to_the_right(
    opened: Open, tmp_path: Path
) -> None:
    page = opened(made(tmp_path, "explain"), viewport={"width": 390, "height": 844})
    page.wait_for_selector("#verdicts .wide.goes-on + .rest")
    page.locator("#verdicts .wide").first.evaluate("each => each.scrollTo(each.scrollWidth, 0)")
    page.wait_for_selector("#verdicts .wide:not(.goes-on)")


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_the_page_of_a_study(
    opened: Open, tmp_path: Path, scheme: str, width: int, name: str
) -> None:
    size = {"width": width, "height": 900}
    page = opened(made(tmp_path, name), viewport=size, color_scheme=scheme, bypass_csp=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.locator(".part").evaluate_all(OUTSIDE)
    assert outside == []
    for button in page.locator(".matrix button.fails").all()[:1]:
        button.click()
        assert page.locator("#run .lines li").count() > 1
