"""`--memory`: what a check under another memory model prints, and where it is refused."""

import json

import pytest

from locking.cli.commands import COMMANDS
from locking.cli.main import main, parser
from locking.explore.learn import Learner

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


KNOW_EXECUTIONS = {"check", "trace", "compare", "explain", "barriers"}

OF_STATES = {
    f"export {MODEL} --to tla": "a file of another tool needs the states of interleavings",
    f"graph {MODEL}": "a picture needs the states of interleavings",
    f"measure {MODEL}": "a number over all runs needs the states of interleavings",
    f"sample {MODEL}": "a run needs the states of interleavings",
    f"cost {MODEL}": "stores that come late take no time here",
    f"lockorder {MODEL}": "only interleavings are looked at",
    f"synthesize {MODEL}": "what is found is carried over by what locks say",
}
"""What commands that know no executions say, and why."""


@pytest.mark.parametrize("words", OF_STATES)
def test_commands_that_look_at_states_refuse_executions_before_they_learn_a_thread(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Learner, "__init__", no_thread_is_learned)
    assert main([*words.split(), "--memory", "lkmm"]) == 2
    assert f"locking: --memory lkmm: {OF_STATES[words]}" in capsys.readouterr().err


def no_thread_is_learned(*_: object) -> None:
    """What is in place of learning a thread."""
    raise AssertionError("a thread is learned")


@pytest.mark.parametrize("form", ["--why", "--to mermaid", "--to perfetto"])
def test_a_form_that_executions_do_not_have_is_refused_first(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Learner, "__init__", no_thread_is_learned)
    assert main(["trace", MODEL, "--memory", "lkmm", *form.split()]) == 2
    assert "leave out --to and --why" in capsys.readouterr().err


def test_every_command_with_a_memory_model_is_known_here() -> None:
    owns = {name: parser(name)[1] for name in COMMANDS}
    with_lkmm = {
        name
        for name, own in owns.items()
        if own and any("--memory" in each.option_strings for each in own._actions)
    }
    assert with_lkmm - {"litmus"} == KNOW_EXECUTIONS | {each.split()[0] for each in OF_STATES}


def test_a_path_of_states_that_there_are_not_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", f"{MODEL}:only::deadlock-free:memory=lkmm:a1"]) == 2
    assert "--memory lkmm: a search needs the states" in capsys.readouterr().err
