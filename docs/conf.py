"""The site: Sphinx makes it of the pages as they are, README.md first.

`sphinx-build -W --keep-going -c docs . build/site` writes it. A link that leads nowhere is an
error. The site loads nothing from elsewhere, and its search works from a file too.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PARTS = {
    "Start": ["docs/tutorial"],
    "How to": ["docs/how-to-design", "docs/how-to-read", "docs/how-to-search", "docs/how-to-ci"],
    "Beside a kernel": [
        "docs/read",
        "docs/drift",
        "docs/conform",
        "docs/monitor",
        "docs/litmus",
        "docs/memory-models",
    ],
    "More questions": ["docs/cost", "docs/any-number"],
    "Results": ["docs/findings", "docs/kernel-bugs", "docs/peers", "docs/speed"],
    "Look up": ["docs/reference", "docs/limits", "CHANGELOG"],
    "How it works": ["docs/design", "docs/soundness", "docs/developing"],
}
"""The pages in the order of the navigation."""

project = "locking"
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = ["README.md", "CHANGELOG.md", "docs/*.md"]
exclude_patterns = [".*", "build", "tests", "locking", "models"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "locking"
html_copy_source = False
html_show_sphinx = False


def add_navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    """Give the first page the list of all others, which it needs on the site only."""
    if page == root_doc:
        source[0] += "".join(
            f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{chr(10).join(pages)}\n```\n"
            for caption, pages in PARTS.items()
        )


def copy_first_page(app: Sphinx, failure: Exception | None) -> None:
    """Let the folder open with the first page."""
    if failure is None:
        shutil.copy(Path(app.outdir, f"{root_doc}.html"), Path(app.outdir, "index.html"))


def setup(app: Sphinx) -> None:
    """Connect both to the build."""
    app.connect("source-read", add_navigation)
    app.connect("build-finished", copy_first_page)
