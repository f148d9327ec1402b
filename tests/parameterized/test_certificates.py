"""Certificates: each is accepted by a checker that shares no code, each damaged one refused."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from locking.parameterized import certifier
from locking.parameterized.certificate import certificate, sealed
from locking.parameterized.certifier import certify
from locking.parameterized.cutoff import close
from locking.parameterized.protocol import WrittenSystem
from tests.parameterized.published import MESI, READERS_WRITERS, SZYMANSKI
from tests.parameterized.test_published import SAFE
from tests.samples import some_by_default


def made(system: WrittenSystem, bad: list[tuple[str, ...]], size: int = 2) -> dict[str, Any]:
    """The certificate of a system."""
    return certificate(system, close(system, size), {"claim": bad}, {"of": "a test"})


def refused(damaged: dict[str, Any]) -> bool:
    """Whether a certificate is refused, though its sum is right."""
    damaged.pop("sha256", None)
    try:
        certify(json.dumps(sealed(damaged)))
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("row", some_by_default(SAFE, 7), ids=lambda row: row[0])
def test_every_certificate_is_accepted(
    row: tuple[str, WrittenSystem, list[tuple[str, ...]], int],
) -> None:
    name, system, bad, size = row
    found = certify(json.dumps(made(system, bad, size)))
    assert list(found["never"]) == ["claim"], name


def test_a_claim_that_views_do_not_exclude_is_not_certified() -> None:
    assert made(READERS_WRITERS, [("read", "read")])["never"] == {}


def test_a_changed_certificate_has_another_sum() -> None:
    text = json.dumps(made(MESI, [("M", "M")]))
    with pytest.raises(ValueError, match="its sum is another"):
        certify(text.replace('"least"', '"most"').replace("a test", "another"))
    with pytest.raises(ValueError, match="lacks a part"):
        certify("{}")


@pytest.mark.parametrize("system", [MESI, READERS_WRITERS, SZYMANSKI])
def test_a_certificate_without_any_one_configuration_is_refused(system: WrittenSystem) -> None:
    whole = made(system, [])
    for at in range(len(whole["configurations"])):
        damaged = deepcopy(whole)
        del damaged["configurations"][at]
        assert refused(damaged), whole["configurations"][at]


def test_a_certificate_without_any_one_row_is_refused() -> None:
    whole = made(MESI, [("M", "M")])
    for part in ("table", "fixed"):
        for at in range(len(whole[part])):
            damaged = deepcopy(whole)
            del damaged[part][at]
            assert refused(damaged), whole[part][at]


def test_a_certificate_without_guards_that_it_needs_is_refused() -> None:
    whole = made(READERS_WRITERS, [("write", "write")])
    guarded = [at for at, row in enumerate(whole["table"]) if any(step[2] for step in row[3])]
    for at in guarded:
        damaged = deepcopy(whole)
        for step in damaged["table"][at][3]:
            step[2] = []
        assert refused(damaged), whole["table"][at]
    assert guarded


def test_a_certificate_of_what_shows_is_refused() -> None:
    damaged = made(READERS_WRITERS, [("write", "write")])
    damaged["never"]["claim"] = [["read", "read"]]
    assert refused(damaged)
    damaged["never"]["claim"] = [["read", "write", "idle"]]
    assert refused(damaged), "the views are too small to say"


def test_a_guard_that_would_hide_others_is_refused() -> None:
    for wrong in (-5, 0.5, "1", True):
        damaged = made(MESI, [("M", "M")])
        damaged["table"][0][3].append([0, 0, [["M", wrong, None, ""]], []])
        assert refused(damaged)


def test_the_checker_is_short_and_shares_no_code() -> None:
    text = Path(certifier.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 100
    assert "from locking" not in text
