"""Questions answered side by side: in order, once each, whatever happens to a copy."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from locking import side_by_side
from locking.errors import ModelError
from locking.side_by_side import Answer, Lost, Reply, Tell, Worker, Workers, can_copy

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork(2)")


def answers(answer: Answer, count: int, most: int = 2, **more: Any) -> list[Any]:
    """The answers to the first questions; what is raised stands for the answer."""
    with Workers(answer, most, **more) as workers:
        return [answer_or_error(workers, number, count) for number in range(count)]


def answer_or_error(workers: Workers, number: int, count: int) -> Any:
    """The answer to a question, or what it raises."""
    try:
        return workers.answer_to(number, range(number + 1, count))
    except Exception as error:
        return error


def once(flag: Path) -> bool:
    """Whether this is the first of all processes that asks."""
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def square(number: int, *_: object) -> int:
    return number * number


@pytest.mark.parametrize("most", [1, 2, 5])
def test_answers_come_in_the_order_of_questions(most: int) -> None:
    assert answers(square, 4, most) == [0, 1, 4, 9]


def test_a_question_may_be_answered_before_an_earlier_one(tmp_path: Path) -> None:
    later = tmp_path / "later"

    def answer(number: int, *_: object) -> int:
        while number == 0 and not later.exists():
            pass
        if number == 1:
            later.touch()
        return number

    assert answers(answer, 3) == [0, 1, 2]


def test_each_copy_is_another_process_and_none_is_left() -> None:
    with Workers(lambda *_: os.getpid(), 1) as workers:
        pids = {workers.answer_to(number) for number in range(3)}
    assert len(pids) == 1
    assert os.getpid() not in pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_what_is_raised_is_raised_where_it_was_asked_for() -> None:
    def answer(number: int, *_: object) -> int:
        if number == 1:
            raise ModelError("a wrong model")
        return number

    first, error, last = answers(answer, 3)
    assert (first, last) == (0, 2)
    assert isinstance(error, ModelError)
    assert str(error) == "a wrong model"


class TwoParts(Exception):
    """An exception that can be written, and not be read: it is made of two parts."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def test_what_can_not_be_sent_is_told_in_words() -> None:
    def answer(number: int, *_: object) -> Any:
        if number == 0:
            raise TwoParts("a wrong ", "model")
        if number == 1:
            error = ModelError("of what can't be written")
            error.why = lambda: None  # type: ignore[attr-defined]
            raise error
        return lambda: None

    found = answers(answer, 3)
    assert [type(each) for each in found] == [RuntimeError] * 3
    assert "TwoParts: a wrong model" in str(found[0])
    assert "ModelError: of what can't be written" in str(found[1])
    assert "pickle" in str(found[2])


def test_what_a_copy_prints_is_printed_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(number: int, *_: object) -> None:
        print(f"answers {number}")
        print(f"logs {number}", file=sys.stderr)

    answers(answer, 3)
    assert capsys.readouterr() == (
        "answers 0\nanswers 1\nanswers 2\n",
        "logs 0\nlogs 1\nlogs 2\n",
    )


def test_remarks_are_heard_with_their_question() -> None:
    heard: list[tuple[int, str]] = []
    answers(lambda number, _, tell: tell(f"at {number}"), 2, heard=lambda *said: heard.append(said))
    assert sorted(heard) == [(0, "at 0"), (1, "at 1")]


def test_the_question_of_a_copy_that_was_killed_is_asked_again(tmp_path: Path) -> None:
    met = tmp_path / "met"

    def answer(number: int, *_: object) -> int:
        if number == 1 and once(tmp_path / "killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        while number == 0 and not (tmp_path / "killed").exists():
            pass
        met.touch()
        return number

    assert answers(answer, 4) == [0, 1, 2, 3]


def test_who_is_asked_again_is_told_how_long_another_was_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = tmp_path / "killed"

    def answer(number: int, spent: float, _: Tell) -> float:
        if number == 1 and once(killed):
            os.kill(os.getpid(), signal.SIGKILL)
        return spent

    clock = SimpleNamespace(monotonic=lambda: 60.0 if killed.exists() else 0.0)
    monkeypatch.setattr(side_by_side, "time", clock)
    assert answers(answer, 3, 1) == [0.0, 60.0, 0.0]


def test_a_question_is_lost_whose_copies_are_killed_each_time() -> None:
    def answer(number: int, *_: object) -> int:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    first, lost, last = answers(answer, 3)
    assert (first, last) == (0, 2)
    assert isinstance(lost, Lost)
    assert str(lost) == "its process was ended by SIGKILL; perhaps memory was short"


def test_a_copy_that_ends_by_itself_is_lost() -> None:
    (lost,) = answers(lambda *_: os._exit(7), 1)
    assert str(lost) == "its process ended by itself, with exit status 7"


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each copy answers the question 1 twice."""
    real = side_by_side.message

    def message(number: int, reply: Reply) -> bytes:
        sent = real(number, reply)
        return sent if number != 1 else Twice(sent)

    class Twice(bytes):
        pass

    send = side_by_side.Connection._send_bytes

    def send_bytes(connection: Any, sent: Any) -> None:
        send(connection, sent)
        if isinstance(sent.obj, Twice):
            send(connection, sent)

    monkeypatch.setattr(side_by_side, "message", message)
    monkeypatch.setattr(side_by_side.Connection, "_send_bytes", send_bytes)
    yield


@pytest.mark.usefixtures("twice")
def test_a_copy_that_answers_twice_is_given_up_and_no_answer_is_wrong() -> None:
    assert answers(square, 4, 1) == answers(square, 4, 2) == [0, 1, 4, 9]


def test_a_copy_that_answers_what_it_was_not_asked_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = side_by_side.message
    monkeypatch.setattr(side_by_side, "message", lambda number, reply: real(number + 1, reply))
    first, second = answers(square, 2)
    assert str(first) == str(second) == "its process answered what it was not asked"


def test_copies_that_take_too_much_memory_are_fewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = tmp_path / "given up"

    def answer(number: int, *_: object) -> int:
        while not given_up.exists():
            pass
        return number

    def give_up(workers: Workers, worker: Worker) -> None:
        assert [each.number for each in workers.workers] == [0, 1]
        assert worker.number == 1
        real(workers, worker)
        given_up.touch()

    real = Workers.give_up
    monkeypatch.setattr(Workers, "give_up", give_up)
    with Workers(answer, 2, memory=1) as workers:
        assert [workers.answer_to(number, range(number + 1, 3)) for number in range(3)] == [0, 1, 2]
        assert workers.most == len(workers.workers) == 1


def test_where_no_process_can_be_made_a_question_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more(_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(Workers, "idle_worker", no_more)
    (lost,) = answers(square, 1)
    assert str(lost) == "no process could be made for it: Resource temporarily unavailable"


def test_ctrl_c_gives_the_answer_so_far_and_ends_the_others() -> None:
    def answer(number: int, _: float, tell: Tell) -> str:
        tell("begun")
        try:
            while True:
                pass
        except KeyboardInterrupt:
            return f"{number} so far"

    def interrupt(number: int, _: object) -> None:
        if number == 0:
            signal.raise_signal(signal.SIGINT)

    with Workers(answer, 2, heard=interrupt) as workers:
        with pytest.raises(KeyboardInterrupt):
            workers.answer_to(0, range(1, 3))
        assert workers.answer_so_far(0) == "0 so far"
        assert workers.answer_so_far(1) is None


def test_a_copy_that_gives_no_answer_at_ctrl_c_gives_none() -> None:
    def answer(_number: int, _spent: float, tell: Tell) -> None:
        tell("begun")
        while True:
            pass

    with Workers(answer, 1, heard=lambda *_: signal.raise_signal(signal.SIGINT)) as workers:
        with pytest.raises(KeyboardInterrupt):
            workers.answer_to(0)
        assert workers.answer_so_far(0) is None


def test_copies_end_with_the_process_that_made_them() -> None:
    code = """
import os, signal
from locking.side_by_side import Workers

def answer(number, spent, tell):
    tell(os.getpid())
    while True:
        pass

def heard(number, pid):
    print(pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

with Workers(answer, 1, heard=heard) as workers:
    workers.answer_to(0)
"""
    # All that hold the pipe must have ended, or this would wait for ever.
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert ran.stdout.strip().isdigit()


def test_a_process_with_threads_of_others_is_not_copied() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert not can_copy()
    end.set()
    thread.join()


def test_a_question_that_nobody_waits_for_any_more_is_given_up() -> None:
    def answer(number: int, _: float, tell: Tell) -> int:
        tell("begun")
        while number == 1:
            pass
        return number

    with Workers(answer, 2) as workers:
        assert workers.answer_to(0, range(1, 3)) == 0
        assert workers.answer_to(3) == 3
        assert [each.number for each in workers.workers if each.number == 1] == []
