"""Mixes of roles on the command line, and in path strings."""

import json
from collections.abc import Callable

import pytest

Command = Callable[..., tuple[int, str, str]]

MIX = "adder+adder+remover"


def test_a_mix_is_checked_and_its_paths_replay(locking: Command) -> None:
    words = ("memory_hotplug", "--scenario", MIX, "--placement", "duyck")
    status, out, err = locking("check", *words, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (1, "")
    assert {(line["scenario"], line["expected"]) for line in lines} == {(MIX, None)}
    path = next(line["path"] for line in lines if line["property"] == "no-poison-read")
    assert path.startswith(f"memory_hotplug:{MIX}:duyck:no-poison-read::")
    status, out, err = locking("replay", path)
    assert (status, err) == (0, "")
    assert "remover-10" in out
    assert path in out


def test_a_trace_is_of_a_mix_too(locking: Command) -> None:
    words = ("memory_hotplug", "--scenario", MIX, "--placement", "duyck")
    status, out, _ = locking("trace", *words, "--property", "no-poison-read")
    assert status == 0
    assert f"memory_hotplug:{MIX}:duyck:no-poison-read::" in out


def test_mixes_come_after_the_scenarios_of_the_model_each_once(locking: Command) -> None:
    asked = ("adder", "remover+reader", "add-vs-remove", "adder")
    words = ("memory_hotplug", "--placement", "shared-repaired", "--scenario", *asked)
    status, out, _ = locking("check", *words, "--json")
    assert status == 0
    names = [json.loads(line)["scenario"] for line in out.splitlines()]
    assert list(dict.fromkeys(names)) == ["add-vs-remove", "adder", "remover+reader"]
    assert names.count("adder") == 9


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ("adder+removr", "unknown role of memory_hotplug 'removr': did you mean remover"),
        ("remover+remover", "memory_hotplug takes 1 of role remover, not 2"),
        ("bystander", "it has no role that acts; those are adder, hmm_adder, remover, "),
        ("removr", "unknown scenario of memory_hotplug 'removr': did you mean remover"),
    ],
)
@pytest.mark.parametrize("command", ["check", "trace"])
def test_a_mix_that_cannot_be_is_refused(
    locking: Command, command: str, scenario: str, message: str
) -> None:
    words = ("memory_hotplug", "--scenario", scenario, "--placement", "duyck")
    status, out, err = locking(command, *words)
    assert (status, out) == (2, "")
    assert message in err


def test_the_roles_of_a_mix_are_listed(locking: Command) -> None:
    status, out, _ = locking("list", "memory_hotplug")
    assert status == 0
    _, mixes = out.split("  roles of a mix, and how many at most\n")
    assert mixes.startswith("    adder          8\n")
    assert "    remover        1\n" in mixes
    assert "roles of a mix" not in locking("list", "toy.py")[1]


def test_a_path_of_a_mix_that_cannot_be_is_refused(locking: Command) -> None:
    status, _, err = locking("replay", "memory_hotplug:remover+remover:duyck:no-misuse::a1")
    assert status == 2
    assert "does not replay: scenario 'remover+remover': memory_hotplug takes 1 of" in err
