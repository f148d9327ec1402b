"""The site is built of every page, no link leads nowhere, and it works from a folder, offline."""

import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.reading import PAGES, ROOT


def test_every_page_is_in_the_navigation_once() -> None:
    settings = runpy.run_path(str(ROOT / "docs" / "conf.py"))
    pages = [settings["root_doc"], *(page for part in settings["PARTS"].values() for page in part)]
    assert sorted(pages) == sorted(str(page.relative_to(ROOT).with_suffix("")) for page in PAGES)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as docs/developing.md says, with warnings as errors."""
    if not all(map(find_spec, ("sphinx", "myst_parser", "furo"))):
        pytest.skip("the extra `docs` is not installed")
    folder = tmp_path_factory.mktemp("site")
    build = ["-q", "-W", "--keep-going", "-d", str(folder / "cache"), "-c", "docs", "."]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *build, str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.mark.slow
def test_every_page_is_on_the_site(site: Path) -> None:
    names = [page.relative_to(ROOT).with_suffix(".html") for page in PAGES]
    assert [name for name in names if not (site / name).exists()] == []
    assert (site / "index.html").read_text() == (site / "README.html").read_text()


@pytest.mark.slow
def test_the_search_works_from_a_file_and_nothing_comes_from_elsewhere(
    site: Path, browser: Any
) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{(site / 'index.html').as_uri()}")
    page.fill("input[name=q]", "downgrade")
    page.press("input[name=q]", "Enter")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results").inner_text()
    page.close()
    assert "Findings" in found
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
