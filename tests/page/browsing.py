"""What tests of the page in a browser ask of it."""

from collections.abc import Callable
from typing import Any

Open = Callable[..., Any]
"""Opens a page: of its text, or of the reports that it shows."""


def step(page: Any) -> str:
    """The step that the page says it shows, and that its timeline marks."""
    marked = page.locator(".timeline [aria-current=step]")
    assert marked.count() == 1
    said = page.locator("#count").inner_text()
    place = int(marked.get_attribute("data-at"))
    assert said.startswith("start" if place < 0 else "step")
    return str(said)


def violations(page: Any) -> list[str]:
    """The rules of axe-core that the page breaks."""
    from axe_core_python.sync_playwright import Axe

    return sorted(each["id"] for each in Axe().run(page)["violations"])
