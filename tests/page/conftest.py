"""Pages opened in the browser, which fetch nothing and say nothing on its console."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from locking.catalogue import model
from locking.check import check
from locking.page import to_html
from locking.verdicts import Report
from tests.page.browsing import Open


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page, or that of reports; it may say nothing on the console and fetch nothing."""
    troubles: list[str] = []
    contexts = []

    def open_(
        reports: str | tuple[Report, ...], address: str = "", undone: Any = (), **how: Any
    ) -> Any:
        file = tmp_path / "report.html"
        text = reports if isinstance(reports, str) else to_html.render(reports, undone)
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("request", lambda asked: troubles.append(asked.url))
        page.goto(f"{file.as_uri()}{address}")
        troubles.remove(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def whole() -> str:
    """The page of the default check."""
    found = model("memory_hotplug")
    return to_html.render(
        [
            check(found.case(scenario, placement))
            for placement in found.placements
            for scenario in found.scenarios
        ]
    )
