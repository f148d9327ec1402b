"""`python -m tests.pictures` writes the drawings of the docs; with `page`, that of the page too."""

import sys

from tests.pictures import DRAWINGS, FOLDER, page

for name, render in DRAWINGS.items():
    (FOLDER / name).write_text(render(), encoding="utf-8")
if "page" in sys.argv[1:]:
    page.write(FOLDER / "page.png")
