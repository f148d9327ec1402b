"""The reference has whatever a test may give."""

import inspect
import re
from pathlib import Path

import pytest

from locking.pytest_plugin import OPTION, check_cases
from locking.testing.given import LIMITS

REFERENCE = (Path(__file__).parent.parent.parent / "docs" / "reference.md").read_text()


def table(first: str) -> str:
    """The rows of the table that begins so."""
    return REFERENCE.split(f"| {first} | |\n")[1].split("\n\n")[0]


@pytest.mark.parametrize("name", [*LIMITS, "data_races"])
def test_every_argument_of_the_marker_is_there(name):
    assert re.search(rf"^\| `{name}[`=]", table("argument of the marker"), re.MULTILINE)


def test_every_argument_of_the_fixture_is_there():
    parameters = inspect.signature(check_cases).parameters.values()
    names = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
    for name in names[1:]:  # the first is the width
        assert f"`{name}`" in table("argument of the fixture"), name


def test_the_option_is_there():
    assert f"| `{OPTION} CHOICES` |" in REFERENCE
