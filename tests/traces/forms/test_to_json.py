"""The JSON document: valid against the schema that is shipped, and complete."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError

from locking.check import check
from locking.report.to_json import lines
from locking.traces.forms.page import Page
from locking.traces.forms.to_json import VERSION, render
from locking.traces.shown_run import ShownRun
from tests.traces import runs
from tests.traces.forms.hostile import EXAMPLES, hostile

SCHEMA = json.loads(files("locking.traces.forms").joinpath("trace.schema.json").read_text())


def strict(schema: Any) -> Any:
    """The schema, which allows new fields, made to allow none but those that it has."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if "properties" in made:
        made["additionalProperties"] = False
    return made


VALIDATOR = Draft202012Validator(SCHEMA)
STRICT = Draft202012Validator(strict(SCHEMA))


def document(told: ShownRun) -> Any:
    """The document of a run, which is valid and has no field that the schema lacks."""
    found = json.loads(render(told, Page()))
    VALIDATOR.validate(found)
    STRICT.validate(found)
    return found


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION


def test_the_schema_is_shipped():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    data = project["tool"]["setuptools"]["package-data"]
    assert "trace.schema.json" in data["locking.traces.forms"]


def test_every_run_is_valid():
    for told in [*runs.textbook(), *runs.small().values()]:
        document(told)


@pytest.mark.parametrize("field", SCHEMA["required"])
def test_a_document_that_lacks_a_field_is_not_valid(field):
    found = document(runs.small()["deadlock"])
    del found[field]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(found)


def test_another_version_is_not_valid():
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document(runs.small()["deadlock"]) | {"version": VERSION + 1})


def test_a_run_is_called_as_the_check_calls_it():
    """Both say the same by the same names."""
    told = next(told for told in runs.textbook() if told.claim.name == "deadlock-free")
    result = next(json.loads(line) for line in lines(check(told.case)))
    found = document(told)
    shared = ["model", "scenario", "placement", "scope", "property", "verdict", "path"]
    assert {name: found[name] for name in shared} == {name: result[name] for name in shared}


def test_who_holds_and_who_waits_is_said_with_its_mode():
    found = document(runs.small()["queue"])
    assert [event["locks"] for event in found["events"]] == [
        [
            {
                "name": "fair",
                "state": "read r",
                "holders": [{"thread": "r", "mode": "read"}],
                "waiters": ["w"],
            }
        ],
        [
            {
                "name": "fair",
                "state": "read r",
                "holders": [{"thread": "r", "mode": "read"}],
                "waiters": ["r", "w"],
            }
        ],
    ]
    assert [event["queued"] for event in found["events"]] == [False, True]


def test_who_waits_from_the_start_is_said_there():
    found = document(runs.small()["at once"])
    assert [(each["name"], each["waiters"]) for each in found["objects"] if each["waiters"]] == [
        ("done", ["w"])
    ]
    assert [each["waiters"] for event in found["events"] for each in event["locks"]] == [[]]


def test_where_every_thread_is_at_the_end_is_said():
    ends = {each["thread"]: each for each in document(runs.small()["completion"])["end"]}
    assert (ends["w"]["state"], ends["w"]["call"]) == ("waits", "wait_for_completion(done)")
    assert (ends["c"]["state"], ends["c"]["call"]) == ("waits", "mutex_lock(a)")


def test_what_a_thread_failed_is_said_with_its_values():
    found = document(runs.small()["requirement"])
    [failure] = [each for end in found["end"] for each in end["failures"]]
    assert (failure["kind"], failure["name"]) == ("requirement", "one")
    assert failure["values"] == [{"name": "seen", "value": "0"}] == found["condition"]["values"]


def test_the_statement_that_broke_the_run_off_is_said():
    found = document(runs.small()["atomic"])
    assert found["condition"]["statement"] == "assert seen is not None and seen > 0"
    [end] = found["end"]
    assert end["state"] == "stopped" and end["source"]["text"] == found["condition"]["statement"]


def test_causes_lead_to_earlier_events():
    for told in runs.textbook():
        for at, event in enumerate(document(told)["events"]):
            assert all(cause["event"] < at for cause in event["causes"])


@EXAMPLES
@given(hostile())
def test_names_of_any_signs_come_through(told):
    text = render(told, Page())
    assert text.isascii() and text.replace("\n", "").isprintable()
    found = document(told)
    trace = told.trace
    assert found["threads"] == list(trace.names)
    assert [event["call"] for event in found["events"]] == [event.call for event in trace.events]
    assert found["events"][0]["sections"]["after"] == list(trace.events[0].inside_after)
