"""A project of a user's own, and what pytest says of its tests, in a process of its own."""

import re

import pytest

SECTION = re.compile(r"^_{2,} (\S+) _{2,}$", re.MULTILINE)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns, and none of the options of whoever runs these tests."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)


def sections(output: str) -> dict[str, str]:
    """What is said of every test that fails, by its name."""
    body = re.split("^=+ FAILURES =+$", output, flags=re.MULTILINE)[1]
    body = re.split("^=+ short test summary info =+$", body, flags=re.MULTILINE)[0]
    parts = SECTION.split(body)
    return dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
