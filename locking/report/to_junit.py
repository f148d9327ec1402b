"""A check as JUnit XML: a test suite for each case, and in it a test for each property.

Rule of this file: only a verdict that is known, and is the declared one, is a test that passes.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from locking.explore.graph import INTERRUPTED
from locking.model import Case
from locking.properties.explored import Verdict
from locking.report.places import home
from locking.report.sentences import Undone, diagnosis, verdict_in_words
from locking.report.to_json import search_entry
from locking.text.file_names import uri
from locking.verdicts import Report, Result, never_evaluated

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may have, in whatever spelling."""

TOTALS = {"tests": "testcase", "failures": "failure", "errors": "error"}
"""The attributes of the whole that count, and the elements that they count."""

COUNTED = {**TOTALS, "skipped": "skipped"}
"""Those of a suite."""


def render(reports: Sequence[Report], undone: Sequence[Undone] = ()) -> str:
    """The whole file; what is `undone` is an error in it, or it would look like a pass."""
    root = Element("testsuites", {"name": "locking check", **dict.fromkeys(TOTALS, "")})
    root.set("time", schema_time(sum(report.seconds for report in reports)))
    vacuous = {id(result) for _, result in never_evaluated(reports)}
    root.extend(suite(report, vacuous) for report in reports)
    root.extend(unsearched(*each) for each in undone)
    for element in [root, *root]:
        # The schema has no count of what was skipped in all suites together.
        for name, tag in COUNTED.items() if element is not root else TOTALS.items():
            element.set(name, str(len(list(element.iter(tag)))))
    for element in root.iter():
        make_writable(element)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def suite(report: Report, vacuous: Collection[int]) -> Element:
    """One case: what its search counted, and its properties; `vacuous` are results, by `id`."""
    made = empty_suite(report.case, report.seconds)
    properties = SubElement(made, "properties")
    for name, value in case_properties(report):
        SubElement(properties, "property", name=name, value=value)
    made.extend(test(report.case, result, id(result) in vacuous) for result in report.results)
    if report.cause == INTERRUPTED:
        made.append(unfinished(report.case, report.cause))
    return made


def unsearched(case: Case, why: str) -> Element:
    """A case of which there is no report."""
    made = empty_suite(case, 0.0)
    made.append(unfinished(case, why))
    return made


def empty_suite(case: Case, time: float) -> Element:
    """The suite of a case, with nothing in it."""
    made = Element("testsuite", {"name": str(case), **dict.fromkeys(COUNTED, "")})
    made.set("time", schema_time(time))
    site = home(case)
    if site:
        made.set("file", uri(site.filename))
    return made


def case_properties(report: Report) -> Iterator[tuple[str, str]]:
    """The scope of a case and what its search counted, by name."""
    for name, size in report.case.scope.items():
        yield f"scope.{name}", str(size)
    for name, value in {**search_entry(report), "cause": report.cause}.items():
        if value is not None:
            yield name, str(value)


def test(case: Case, result: Result, vacuous: bool) -> Element:
    """The test of one property; `vacuous` is whether it is never evaluated in any case."""
    made = empty_test(case, result.claim.name)
    if result.verdict is Verdict.UNKNOWN:
        SubElement(made, "error", type="unknown", message=verdict_in_words(result))
    elif vacuous:
        SubElement(made, "error", type="never evaluated", message=verdict_in_words(result))
    elif result.verdict is Verdict.NEVER_EVALUATED and not result.wrong:
        SubElement(made, "skipped", message=verdict_in_words(result))
    elif result.wrong:
        wrong = SubElement(
            made, "failure", type=result.verdict.value, message=verdict_in_words(result)
        )
        why = "" if result.choices is None else diagnosis(case, result.claim.name, result.choices)
        wrong.text = "\n".join(
            filter(None, [verdict_in_words(result), why, replay_command(result)])
        )
    else:
        lines = filter(None, [verdict_in_words(result), replay_command(result)])
        SubElement(made, "system-out").text = "\n".join(lines)
    return made


def unfinished(case: Case, why: str) -> Element:
    """The test that a case was searched to the end, failed."""
    made = empty_test(case, "search")
    SubElement(made, "error", type="unfinished", message=why)
    return made


def empty_test(case: Case, name: str) -> Element:
    """A test that passes; CI groups tests by the part of the class's name before its last dot."""
    return Element("testcase", name=name, classname=".".join(case.names))


def replay_command(result: Result) -> str:
    """The command that shows the run, if there is one."""
    return f"locking replay {result.path}" if result.path else ""


def schema_time(time: float) -> str:
    """A time, with no more digits than the schema allows."""
    return f"{time:.3f}"


def make_writable(element: Element) -> None:
    """Spell out the characters that no XML may have."""
    for name, value in element.attrib.items():
        element.set(name, spelt_out(value))
    if element.text:
        element.text = spelt_out(element.text)


def spelt_out(value: str) -> str:
    """`value`, with such characters written as Python would write them."""
    return FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
