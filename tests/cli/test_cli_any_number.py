"""`locking check --any-number` and `locking certify`: what they print, write and refuse."""

import json
from pathlib import Path

import pytest

from locking.cli.any_number import derived_anew
from locking.cli.main import main
from locking.errors import UsageError
from tests.samples import some_by_default

SKELETONS = [
    *("check", "memory_hotplug", "--scenario", "add-vs-remove", "--placement", "baseline"),
    *("--any-number", "adder-12", "remover-10", "--never-together", "INIT_PAGES", "INIT_PAGES"),
]
MODEL = """
from locking import Cell, Model, Mutex, System, Thread, deadlock_free, never_together, section
from locking import sometimes_together

m, x = Mutex("m"), Cell("x", 0)


async def run():
    async with m.hold(), section("in"):
        await x.write({value})


async def peek():
    async with section("out"):
        await x.read()


MODEL = Model("mine", "", lambda case: System([m, x], [Thread("t", run), Thread("p", peek)], [
    never_together("alone", "in", "in"), never_together("apart", "in", "out"), deadlock_free(),
    sometimes_together("peeks", "out", "out"),
]))
"""


@pytest.fixture(name="mine", autouse=True)
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MODEL.format(value=1))
    return tmp_path


def test_a_verdict_says_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "mine.py", "--any-number", "t", "--property", "alone"]) == 0
    assert "alone: holds for any number (cut-off 2)" in capsys.readouterr().out
    assert main(["check", "mine.py", "--any-number", "t"]) == 1
    out = capsys.readouterr().out
    assert "apart: fails with 1" in out
    assert "deadlock-free: unknown: it speaks of more than a few threads" in out
    assert "peeks: fails for any number" in out
    assert "Replay:" not in out
    assert main(["check", "mine.py", "--any-number", "t", "--property", "deadlock-free"]) == 3


@pytest.mark.slow
def test_verdicts_are_written_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "mine.py", "--any-number", "t", "p", "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    known = [(each["property"], each["verdict"], each["cutoff"], each["threads"]) for each in found]
    assert known == [
        ("alone", "holds", 2, None),
        ("apart", "fails", None, 2),
        ("deadlock-free", "unknown", None, None),
        ("peeks", "holds", None, 2),
    ]


def test_a_certificate_is_written_and_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    main([*SKELETONS, "--certificate", "proof.json"])
    out = capsys.readouterr().out
    assert "add-vs-remove, baseline, any number of skeletons of adder-12, remover-10" in one(out)
    assert "holds for any number of skeletons (cut-off 2)" in one(out)
    assert "so of the model as long as named steps return, leave these locks alone" in one(out)
    assert main(["certify", "proof.json"]) == 0
    out = capsys.readouterr().out
    assert "never INIT_PAGES with INIT_PAGES" in out
    assert "the file alone does not show" in out
    assert "adder" not in out
    assert main(["certify", "proof.json", "memory_hotplug"]) == 0
    out = capsys.readouterr().out
    assert "add-vs-remove, baseline, any number of skeletons of adder-12, remover-10" in one(out)


def one(text: str) -> str:
    """Text in one line."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    "about",
    [
        *([], None, 5, "about", {}),
        *({"scope": {"pages": 1}}, {"scope": []}, {"scenario": ["x"]}, {"placement": 1}),
        *({"any_number": []}, {"any_number": "t"}, {"any_number": ["u"]}, {"properties": None}),
        *({"properties": ["none"]}, {"never_together": [["a"]]}, {"model": None}, {"more": 1}),
        *({"never_together": "ab"}, {"scenario": "none"}, {"placement": "none"}),
    ],
)
def test_a_certificate_about_what_makes_no_sense_is_refused(
    about: object,
) -> None:
    good = {
        "model": "mine.py",
        "scenario": "only",
        "placement": None,
        "scope": {},
        "any_number": ["t"],
        "properties": ["alone"],
        "never_together": [],
    }
    with pytest.raises(UsageError):
        derived_anew("mine.py", {**good, **about} if isinstance(about, dict) and about else about)


def test_a_property_that_no_case_evaluates_is_refused(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (mine / "mine.py").read_text().replace('"in", "in")', '"in", "nowhere")')
    (mine / "mine.py").write_text(text)
    assert main(["check", "mine.py", "--any-number", "t", "--property", "alone"]) == 2
    assert "no thread is in nowhere" in capsys.readouterr().err


@pytest.mark.slow
def test_a_certificate_of_another_model_is_refused(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["check", "mine.py", "--any-number", "t", "--property", "alone"]
    assert main([*arguments, "--certificate", "proof.json"]) == 0
    assert main(["certify", "proof.json", "mine.py"]) == 0
    unlocked = MODEL.format(value=1).replace("async with m.hold(),", "async with")
    (mine / "other.py").write_text(unlocked)
    assert main(["certify", "proof.json", "other.py"]) == 2
    assert "differs" in capsys.readouterr().err
    (mine / "proof.json").write_text((mine / "proof.json").read_text().replace("in", "on"))
    assert main(["certify", "proof.json"]) == 2
    assert "proves nothing" in capsys.readouterr().err
    assert main(["certify", "nothing.json"]) == 2
    assert main(["certify", "mine.py"]) == 2


@pytest.mark.parametrize(
    "refused",
    some_by_default(
        [
            (["check", "mine.py", "--certificate", "f"], "--certificate needs --any-number"),
            (["check", "mine.py", "--never-together", "a", "b"], "needs --any-number"),
            (["check", "mine.py", "--any-number", "t", "--html", "f"], "leave it out"),
            (["check", "mine.py", "--any-number", "t", "--checkpoint", "f"], "leave it out"),
            (["check", "mine.py", "--any-number", "u"], "unknown thread"),
            (
                ["check", "mine.py", "--any-number", "t", "--never-together", "a", "b"],
                "performs trees",
            ),
            (
                [*SKELETONS, "--never-together", "a", "INIT_PAGES"],
                "unknown section of the skeleton",
            ),
            ([*SKELETONS, "--never-together", "..b", "INIT_PAGES"], "two named steps"),
            ([*SKELETONS, "--any-number", "walker"], "unknown thread that performs trees"),
            (
                [*SKELETONS[:6], "--any-number", "adder-12", *SKELETONS[9:]],
                "name remover-10 as well",
            ),
            ([*SKELETONS, "--property", "zone-span"], "unknown property of skeletons"),
        ],
        4,
    ),
)
def test_what_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], refused: tuple[list[str], str]
) -> None:
    arguments, says = refused
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
