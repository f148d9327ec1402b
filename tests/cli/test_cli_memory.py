"""`--memory`: what a check under another memory model prints, and where it is refused."""

import json

import pytest

from locking.cli.main import main

MODEL = "weak_memory.rcuwait_wake_up"


def test_a_check_says_its_memory_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", MODEL, "--memory", "tso"]) == 0
    out = capsys.readouterr().out
    assert "total store order (x86), data races not judged" in out
    assert "memory=tso:b1.a2.d1.b4" in out


def test_the_path_of_a_run_has_the_memory_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", f"{MODEL}:only::deadlock-free:memory=tso:b1.a2.d1.b4"]) == 0
    out = capsys.readouterr().out
    assert "WRITE_ONCE(read_count, 0) into reader.stores" in out
    assert "READ_ONCE(rcuwait.task) = False" in out


def test_json_has_it_in_the_scope(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", MODEL, "--memory", "tso", "--json"])
    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line)["scope"]["memory"] for line in lines} == {"tso"}


@pytest.mark.parametrize("command", ["synthesize", "cost", "lockorder"])
def test_commands_that_know_only_sc_say_so(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "memory_hotplug", "--memory", "tso"]) == 2
    assert "--memory tso: " in capsys.readouterr().err


def test_any_number_of_threads_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", MODEL, "--memory", "tso", "--any-number", "reader"]) == 2
    assert "--memory tso is of a search" in capsys.readouterr().err


def test_an_unknown_memory_model_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", f"{MODEL}:only::deadlock-free:memory=arm:b1"]) == 2
    assert "unknown memory model 'arm'" in capsys.readouterr().err
