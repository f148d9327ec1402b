"""The page of the default check in a browser, a PNG: it needs chromium and the extra `page`.

It is not compared with the file of the docs: two browsers draw one page with other pixels.
"""

import shutil
import tempfile
from pathlib import Path

from locking.check import check
from locking.models.memory_hotplug import MODEL
from locking.page import to_html

CELL = "#williams-rwsem-gap/sync-point/add-vs-remove"
SIZE = {"width": 1280, "height": 1120}


def write(file: Path) -> None:
    """Write the picture of the page, with the run of `CELL` open."""
    from playwright.sync_api import sync_playwright

    reports = [
        check(MODEL.case(scenario, placement))
        for placement in MODEL.placements
        for scenario in MODEL.scenarios
    ]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder, "report.html")
        page_file.write_text(to_html.render(reports, ()), encoding="utf-8")
        # A container's root has no sandbox; no page but ours is opened.
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        page.goto(page_file.as_uri() + CELL)
        page.evaluate("scrollTo(0, 0)")  # the address scrolled to the run
        page.screenshot(path=file)
        browser.close()
