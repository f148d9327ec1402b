"""Files, parsed if they are what their schema says; and the reports of small models."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jsonschema import Draft4Validator
from xmlschema import XMLSchema

from locking import Model
from locking.check import check
from locking.verdicts import Limits, Options, Report

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def sarif_schema() -> Draft4Validator:
    """The validator of SARIF 2.1.0."""
    return Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text()))


@cache
def junit_schema() -> XMLSchema:
    """The validator of JUnit XML, as Jenkins takes it."""
    return XMLSchema(SCHEMAS / "junit-10.xsd")


def sarif(text: str) -> Any:
    """The one run of a SARIF file that is valid."""
    log = json.loads(text)
    sarif_schema().validate(log)
    [run] = log["runs"]
    return run


def junit(text: str) -> ElementTree.Element:
    """The root of a JUnit file that is valid."""
    junit_schema().validate(text)
    return ElementTree.fromstring(text.encode())


def reports(model: Model, states: int | None = None) -> list[Report]:
    """What searches of all the model's cases find, each of about so many states."""
    options = Options(limits=Limits(states=states))
    return [
        check(model.case(scenario.name, placement), options=options)
        for placement in model.placements or (None,)
        for scenario in model.scenarios
    ]
