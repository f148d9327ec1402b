"""A report as bytes, which another process can be sent, and the report that it was.

A case is made of functions of the model, and so are its properties, and neither can be written.
Whoever gets a report has the case, and builds it for its properties.
"""

import marshal
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pickle import Pickler, Unpickler
from types import CodeType
from typing import Any

from locking.blaming import blaming
from locking.errors import NotDeterministic
from locking.model import Case, Expect
from locking.system import chosen
from locking.verdicts import Report


class ReportPickler(Pickler):
    """Writes a report: its case as a sign, properties of the case and what is declared by name."""

    def __init__(self, file: BytesIO, report: Report) -> None:
        super().__init__(file)
        self.case = report.case
        self.claims = {id(each.claim): each.claim.name for each in report.results if each.asked}

    def persistent_id(self, thing: Any) -> tuple[str, Any] | None:
        """What is written for `thing`: a kind and plain data; None where pickle can write it."""
        if thing is self.case:
            return "case", None
        if id(thing) in self.claims:
            return "claim", self.claims[id(thing)]
        if isinstance(thing, Expect):
            return "declared", thing.property
        if isinstance(thing, CodeType):
            return "code", marshal.dumps(thing)
        return None


class ReportUnpickler(Unpickler):
    """Reads a report of `case`, of the properties called `names`."""

    def __init__(self, file: BytesIO, case: Case, names: Sequence[str]) -> None:
        super().__init__(file)
        self.case = case
        with blaming(case), redirect_stdout(StringIO()):  # what it prints was printed once
            self.claims = {each.name: each for each in chosen(case.build(), names)}

    def persistent_load(self, written: tuple[str, Any]) -> Any:
        """What was written as a kind and plain data. Errors: `NotDeterministic`."""
        kind, what = written
        match kind:
            case "case":
                return self.case
            case "claim" if what in self.claims:
                return self.claims[what]
            case "declared":
                return self.case.model.declared(self.case, what)
            case "code":
                return marshal.loads(what)
        raise NotDeterministic(f"{self.case}: built again, it has no property {what!r}")


def as_sent(report: Report) -> bytes:
    """A report, as `as_received` takes it."""
    file = BytesIO()
    ReportPickler(file, report).dump(report)
    return file.getvalue()


def as_received(sent: bytes, case: Case, names: Sequence[str]) -> Report:
    """The report of `case` that was sent; `names` are of the properties that were asked for.

    Errors: `NotDeterministic`, where the case has other properties now; those of building it.
    """
    report = ReportUnpickler(BytesIO(sent), case, names).load()
    assert isinstance(report, Report)
    return report
