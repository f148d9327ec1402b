"""Variants of a model on the command line: a row each, or the one that is asked for."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Outcome

SOURCE = """
from locking import Cell, Expect, Model, System, Thread, at_end

x = Cell("x", 0)


async def work(new):
    await x.write(new)


def build(case):
    thread = Thread("a", work, (1 if case.variant == "before" else 2,))
    return System([x], [thread], [at_end("two", lambda s: s[x] == 2)])


MODEL = Model(
    "forms", "Two forms", build,
    variants=("before", "after"),
    expected=(Expect("two", "it writes 1", variants=("before",)),),
)
"""


Locking = Callable[..., Outcome]


def test_a_check_has_a_row_for_every_variant(here: Path, locking: Locking) -> None:
    (here / "forms.py").write_text(SOURCE)
    status, out, _ = locking("check", "forms.py")
    rows = [line.split()[:3] for line in out.splitlines() if line.startswith("forms, ")]
    assert status == 0
    assert rows[:2] == [["forms,", "before", "fails"], ["forms,", "after", "ok"]]
    assert "variant=" not in out.replace(":variant=", "")


def test_one_variant_is_asked_for_by_name(here: Path, locking: Locking) -> None:
    (here / "forms.py").write_text(SOURCE)
    out = locking("check", "forms.py", "--variant", "after")[1]
    assert "forms, after" in out and "forms, before" not in out
    assert locking("check", "forms.py", "--variant", "between")[0] == 2


def test_a_path_string_replays_the_variant_that_it_is_of(here: Path, locking: Locking) -> None:
    (here / "forms.py").write_text(SOURCE.replace("== 2)]", "== 3)]"))
    out = locking("check", "forms.py")[1]
    path = next(word for word in out.split() if ":variant=after:" in word)
    assert "write(x, 2)" in locking("replay", path)[1]


def test_an_unexpected_verdict_names_its_variant(here: Path, locking: Locking) -> None:
    (here / "forms.py").write_text(SOURCE.replace("== 2)]", "== 3)]"))
    status, out, _ = locking("check", "forms.py")
    assert status == 1
    assert "forms.py only after: two fails, expected holds" in " ".join(out.split())
