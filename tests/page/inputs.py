"""Every kind of page, by a name: of checks short and long, of studies, and under memory models."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from locking.catalogue import model
from locking.check import check
from locking.cli.main import main
from locking.litmus.report import LitmusSettings, litmus_report
from locking.memory_models.lkmm.model import LKMM
from locking.page import costs_to_html, litmus_to_html, synthesis_to_html, to_html
from locking.studies.asking import question
from locking.studies.synthesis import Synthesis
from locking.verdicts import Report
from tests.litmus.classics import CLASSICS
from tests.page import checked
from tests.studies.toy import MODEL


def hotplug(scenario: str, placements: tuple[str, ...], **given: str) -> tuple[Report, ...]:
    """The check of some placements of memory hotplug."""
    found = model("memory_hotplug")
    chosen = [each for each in found.placements if each.name in placements]
    return tuple(check(found.case(scenario, each, given)) for each in chosen)


def studied(*arguments: str) -> str:
    """The page that a command writes."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "study.html"
        assert main([*arguments, "--scenario", "add-vs-remove", "--html", str(file)]) in (0, 3)
        return file.read_text(encoding="utf-8")


def by_executions() -> tuple[Report, ...]:
    """A check under the kernel's memory model."""
    found = model("weak_memory.rwsem_wake")
    given = [{"memory": "lkmm", "variant": each} for each in found.variants]
    return tuple(check(found.case("only", None, each)) for each in given)


def searched() -> str:
    """The page of a front."""
    synthesis = Synthesis(question(MODEL, regions=1))
    for _ in synthesis.run():
        pass
    return synthesis_to_html.render(synthesis)


def litmus(name: str) -> str:
    """The page of a litmus test."""
    [text] = [each.text for each in CLASSICS if each.name == name]
    report = litmus_report(text, LitmusSettings(LKMM, interleave=False))
    return litmus_to_html.render(report, f"litmus-tests/of/a/folder/{name}.litmus")


REPORTS: dict[str, Callable[[], tuple[Report, ...]]] = {
    "12 threads": lambda: checked.ring(12),
    "32 threads in a ring": lambda: checked.ring(32),
    "32 threads that wait": lambda: checked.readers(31),
    "32 threads in turn": lambda: checked.crowded(32, 8),
    "364 steps": lambda: checked.long(364),
    "10,000 steps": lambda: checked.crowded(20, 500),
    "200 properties": lambda: checked.many(200),
    "200 wrong verdicts": lambda: checked.many(400),
    "a deadlock": checked.abba,
    "a lasso": checked.livelock,
    "an atomic block": checked.block,
    "a data race": checked.toy,
    "a torn read": lambda: hotplug("add-vs-add", ("duyck", "shared-repaired")),
    "a what-if of three threads": lambda: hotplug(
        "add-vs-add", ("duyck", "williams-rwsem-downgrade", "shared-repaired"), adders="3"
    ),
    "what is not known": lambda: checked.toy(limit=3),
    "hostile names": checked.hostile,
    "executions": by_executions,
}
"""Checks."""

TEXTS: dict[str, Callable[[], str]] = {
    "explain": lambda: studied("explain", "baseline"),
    "synthesize": searched,
    "measure": lambda: studied("measure", "--placement", "duyck", "baseline"),
    "compare": lambda: studied("compare", "duyck", "baseline"),
    "litmus": lambda: litmus("MP+rel+acq"),
    "costs": lambda: costs_to_html.render(checked.costs()),
}
"""Pages of other commands."""

NAMES = ("the default check", *REPORTS, *TEXTS)


@cache
def made(name: str) -> str:
    """The page of this name; that of the default check is made once, by the fixture `whole`."""
    return TEXTS[name]() if name in TEXTS else to_html.render(REPORTS[name]())
