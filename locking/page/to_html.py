"""A page: one document, and the scripts that show it, joined into one file.

Rule of this file: the page asks no network for anything, and a name of a model is never markup. The
document stands in it as JSON without any character that HTML knows; the page makes text of it.
"""

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from locking.page.document import page_document
from locking.page.origin import origin
from locking.page.table import JsonValue
from locking.report.sentences import Undone
from locking.verdicts import Report

SCRIPTS = (
    *("element", "theme", "threads", "run", "rows", "wrap", "columns", "cells", "arrows", "heads"),
    *("execution", "timeline", "overview", "legend", "source", "placement", "aside", "facts"),
    *("waiting", "grid", "strip", "matrix", "whatif", "keys", "head", "foot", "player", "page"),
)
"""The parts of the script of the report page, in order."""

STYLES = ("page", "matrix", "run", "diagnosis", "costs", "litmus", "studies", "narrow", "print")
"""The parts of the style, in order."""


def render(reports: Sequence[Report], undone: Sequence[Undone] = ()) -> str:
    """The whole file."""
    cases = [*(report.case for report in reports), *(case for case, _ in undone)]
    made = origin(cases[0].model.build if cases else None)
    return page({**page_document(reports, undone), "made": made}, SCRIPTS)


def page(shown: JsonValue, scripts: Sequence[str]) -> str:
    """The page on which scripts show a document."""
    style = "\n".join(page_file(f"{name}.css") for name in STYLES)
    script = "\n".join(
        ["(() => { 'use strict';", *(page_file(f"{name}.js") for name in scripts), "})();"]
    )
    policy = (
        f"default-src 'none'; style-src '{policy_digest(style)}'; "
        f"script-src '{policy_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    parts = {"policy": policy, "style": style, "script": script, "document": carried(shown)}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page_file("page.html"))


def page_file(name: str) -> str:
    """A file of the page."""
    return (files("locking.page") / name).read_text(encoding="utf-8")


def policy_digest(code: str) -> str:
    """What a policy calls a style or a script that it lets through."""
    return f"sha256-{b64encode(sha256(code.encode()).digest()).decode()}"


def carried(shown: JsonValue) -> str:
    """A document as JSON in ASCII that holds neither markup nor the beginning of any."""
    plain = json.dumps(shown, separators=(",", ":"))
    return re.sub("[<>&]", lambda sign: f"\\u{ord(sign[0]):04x}", plain)
