"""What ends a command, where Python makes another error of it."""

import pytest

from locking.cli.main import main
from locking.cli.signals import comes_of_signal


def test_an_interrupt_that_python_wraps_ends_a_command_as_any_other(here, locking) -> None:
    (here / "named.py").write_text(
        "class Interrupted:\n"
        "    def __set_name__(self, owner, name):\n"
        "        raise KeyboardInterrupt\n\n"
        "class Whole:\n"
        "    member = Interrupted()\n"
    )
    status, out, err = locking("check", "named.py")
    assert (status, out) == (3, "")
    assert err == "locking: interrupted; what was known until then is printed\n"


def test_an_error_of_the_harness_that_python_made_of_an_interrupt_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(_: object) -> int:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise RuntimeError("Error calling __set_name__") from error

    monkeypatch.setattr("locking.cli.main.run", run)
    assert main(["list"]) == 3


def test_an_error_that_no_interrupt_caused_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    error = RuntimeError("a fault of the harness")
    assert not comes_of_signal(error)

    def run(_: object) -> int:
        raise error

    monkeypatch.setattr("locking.cli.main.run", run)
    with pytest.raises(RuntimeError, match="a fault of the harness"):
        main(["list"])
