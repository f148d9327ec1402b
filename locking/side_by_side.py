"""Questions answered side by side, by copies of this process.

A question is a number. What its answer is, a function says that was there before the copies were.
So what is asked need not be sent: a copy has the same objects, in the same order, with the same
hashes. Only answers are sent, pickled, and a question has the same answer in every copy.

A copy is made by fork(2). That is safe while the process has no threads but the guard of
`programs/guard.py`, which a copy makes anew: nobody else can hold a lock that the copy would then
wait for. So the process that asks searches nothing itself as long as it has copies.

Rule of this file: every question gets an answer. A copy that ends, or says what it was not asked,
is given up, and its question is asked once more, of a copy alone; if that ends too, this is the
answer: the question is `Lost`. A copy whose memory others need is given up too, and its question
waits until there is enough. Who is asked again is told how long others were at the question.
"""

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import chain
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from traceback import format_exception
from types import FrameType
from typing import Any, NamedTuple

import psutil

LOOK_SECONDS = 0.1
"""Seconds between two looks at the memory of the copies, and at what the user wants."""

ENDING = (signal.SIGINT, signal.SIGTERM)
"""The signals that may end a search early."""

GUARD = "locking-guard"
"""The name of the one thread beside which a process can be copied."""

Tell = Callable[[Any], None]
"""What a copy calls to say how far it is."""

Answer = Callable[[int, float, Tell], Any]
"""Called with a question, with the seconds that were spent on it before, and with a `Tell`."""

Heard = Callable[[int, Any], None]
"""Called with a question, and with a remark on its answer."""


class Lost(Exception):
    """A question has no answer, because the process that was to give it ended; it says how."""


class Reply(NamedTuple):
    """What a copy gave or raised, and what it wrote to stdout and stderr on the way."""

    given: Any = None
    raised: BaseException | None = None
    out: str = ""
    err: str = ""


@dataclass(eq=False)
class Worker:
    """A copy of this process, and the question that it is at; None where it waits for one."""

    process: BaseProcess
    connection: Connection
    number: int | None = None
    asked: float = 0.0

    def ask(self, number: int, spent: float) -> None:
        """Ask a question; a copy that has ended is found to have when it is listened to."""
        self.number, self.asked = number, time.monotonic()
        with suppress(OSError):
            self.connection.send((number, spent))

    def memory(self) -> int:
        """The bytes of memory that it has; 0 where it has ended."""
        with suppress(psutil.Error):
            return int(psutil.Process(self.process.pid).memory_info().rss)
        return 0

    def stop(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def can_copy() -> bool:
    """Whether this process can be copied: the system can do that, and no thread is in the way."""
    others = {each.name for each in threading.enumerate()} - {threading.current_thread().name}
    return hasattr(os, "fork") and others <= {GUARD} and not current_process().daemon


class Workers:
    """Copies of this process that call `answer`, at most `most` at once; they end with the context.

    `memory` is what all of them together may have, in bytes. `heard` is called with the remarks
    that `answer` makes.
    """

    def __init__(
        self,
        answer: Answer,
        most: int,
        memory: int | None = None,
        heard: Heard = lambda *_: None,
    ) -> None:
        self.answer = answer
        self.most = most
        self.memory = memory
        self.heard = heard
        self.workers: list[Worker] = []
        self.answers: dict[int, Reply] = {}
        self.again: set[int] = set()
        self.spent: dict[int, float] = {}
        self.looked = time.monotonic()

    def __enter__(self) -> "Workers":
        self.lifeline = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.stop()
        for end in self.lifeline:
            os.close(end)

    def answer_to(self, number: int, then: Iterable[int] = ()) -> Any:
        """The answer to a question; copies that have nothing to do begin with those of `then`.

        Nobody wants to know any more what was asked before it by a lower number.

        Errors: what `answer` raised; `Lost`; `KeyboardInterrupt` at Ctrl-C.
        """
        for worker in list(self.workers):
            if worker.number is not None and worker.number < number:
                self.give_up(worker)
        self.answers = {at: reply for at, reply in self.answers.items() if at >= number}
        with keeping_interrupts() as interrupts:
            while number not in self.answers and not interrupts:
                self.hand_out(chain((number,), then))
                self.listen()
        return given_by(self.answers.pop(number))

    def answer_so_far(self, number: int) -> Any:
        """The answer after Ctrl-C: as far as it came; None where there is none. Others are ended.

        Errors: those of `answer_to`, but for a second Ctrl-C.
        """
        for worker in list(self.workers):
            if worker.number == number:
                worker.process.terminate()
            else:
                self.give_up(worker)
        with suppress(KeyboardInterrupt, Lost):
            with keeping_interrupts() as interrupts:
                while self.workers and number not in self.answers and not interrupts:
                    self.listen()
            if number in self.answers:
                return given_by(self.answers.pop(number))
        return None

    @property
    def busy(self) -> list[Worker]:
        """The copies that are at a question."""
        return [each for each in self.workers if each.number is not None]

    def hand_out(self, numbers: Iterable[int]) -> None:
        """Ask the questions `numbers` that are not asked yet, as far as there are copies to ask."""
        asked = {each.number for each in self.busy}
        for number in numbers if len(asked) < self.most else ():
            if number not in asked and number not in self.answers:
                self.ask(number)
                asked = {each.number for each in self.busy}
                if len(asked) >= self.most:
                    return

    def ask(self, number: int) -> None:
        """Ask a question of a copy that has nothing to do, if there is one or can be one."""
        try:
            self.idle_worker().ask(number, self.spent.get(number, 0.0))
        except OSError as error:
            self.most = max(1, len(self.workers))
            if not self.workers:
                lost = Lost(f"no process could be made for it: {error.strerror}")
                self.answers[number] = Reply(raised=lost)

    def idle_worker(self) -> Worker:
        """A copy that has nothing to do; it is made, where there is none."""
        for worker in self.workers:
            if worker.number is None:
                return worker
        ours, theirs = get_context("fork").Pipe()
        process = get_context("fork").Process(
            target=work, args=(self.answer, theirs, self.lifeline), daemon=True
        )
        process.start()
        theirs.close()
        worker = Worker(process, ours)
        self.workers.append(worker)
        return worker

    def listen(self) -> None:
        """Hear what copies say, for a moment; see that they have no more memory than they may."""
        ready = wait([each.connection for each in self.workers], LOOK_SECONDS)
        for worker in list(self.workers):
            if worker.connection in ready and not worker.connection.closed:
                self.hear(worker)
        now = time.monotonic()
        if self.memory is not None and now - self.looked > LOOK_SECONDS:
            self.looked = now
            self.keep_within(self.memory)

    def hear(self, worker: Worker) -> None:
        """Hear one thing that a copy says."""
        try:
            number, said = worker.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            self.lose(worker)
            return
        if number is None or number != worker.number:
            self.lose(worker, "its process answered what it was not asked")
        elif isinstance(said, Reply):
            worker.number = None
            self.answers[number] = said
        else:
            self.heard(number, said)

    def keep_within(self, memory: int) -> None:
        """Give up copies, the last question first, until those that are left have enough memory."""
        while len(self.workers) > 1:
            if sum(each.memory() for each in self.workers) <= memory:
                return
            idle = [each for each in self.workers if each.number is None]
            last = max(self.busy, key=lambda each: each.number or 0, default=None)
            self.give_up(idle[0] if idle or last is None else last)
            self.most = max(1, len(self.workers))

    def give_up(self, worker: Worker) -> None:
        """End a copy, whatever it is at; the time that it was at a question is spent."""
        if worker.number is not None:
            spent = self.spent.get(worker.number, 0.0)
            self.spent[worker.number] = spent + time.monotonic() - worker.asked
        self.workers.remove(worker)
        worker.stop()

    def lose(self, worker: Worker, how: str = "") -> None:
        """Give up a copy that can't go on: its question is asked once more, of a copy alone."""
        self.give_up(worker)
        if worker.number in self.again:
            self.answers[worker.number] = Reply(raised=Lost(how or how_ended(worker.process)))
        elif worker.number is not None:
            self.again.add(worker.number)
        self.most = 1
        for each in [each for each in self.workers if each.number is None]:
            self.give_up(each)


def given_by(answer: Reply) -> Any:
    """What an answer gives; what was written on the way to it is written here.

    Errors: what it raised.
    """
    for stream, text in ((sys.stdout, answer.out), (sys.stderr, answer.err)):
        if text:
            stream.write(text)
            stream.flush()
    if answer.raised is not None:
        raise answer.raised
    return answer.given


def how_ended(process: BaseProcess) -> str:
    """How a process ended that was to go on."""
    if process.exitcode is not None and process.exitcode < 0:
        name = signal.Signals(-process.exitcode).name
        return f"its process was ended by {name}; perhaps memory was short"
    return f"its process ended by itself, with exit status {process.exitcode}"


@contextmanager
def keeping_interrupts() -> Iterator[list[int]]:
    """A context in which Ctrl-C is only noted, in what it gives: no message is read by halves.

    So is any other signal that does the same. Errors: `KeyboardInterrupt` at its end, if there was
    one; immediately, if there was a second one.
    """
    noted: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append(number)

    ends = [each for each in ENDING if signal.getsignal(each) is signal.default_int_handler]
    if threading.current_thread() is not threading.main_thread():
        ends = []
    for each in ends:
        signal.signal(each, note)
    try:
        yield noted
    finally:
        for each in ends:
            signal.signal(each, signal.default_int_handler)
    if noted:
        raise KeyboardInterrupt


def work(answer: Answer, connection: Connection, lifeline: tuple[int, int]) -> None:
    """What a copy does: answer what it is asked, for as long as its parent lives.

    Ctrl-C goes to all processes of a terminal, but what it ends the parent decides, by SIGTERM. The
    first is enough: a batch system may send one to all processes too.
    """
    with suppress(KeyboardInterrupt, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, interrupt_once)
        alive, held_by_parent = lifeline
        os.close(held_by_parent)
        threading.Thread(target=end_after, args=(alive,), daemon=True).start()
        while True:
            number, spent = connection.recv()
            connection.send_bytes(message(number, reply_to(answer, number, spent, connection)))


def interrupt_once(*_: object) -> None:
    """Raise `KeyboardInterrupt`; what is known is told then, whatever signal comes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def end_after(alive: int) -> None:
    """End this process when the last one has ended that could write to the pipe `alive`."""
    os.read(alive, 1)
    os._exit(1)


def reply_to(answer: Answer, number: int, spent: float, connection: Connection) -> Reply:
    """The answer to a question, and what is written meanwhile."""
    given, raised, out, err = None, None, in_memory(), in_memory()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            given = answer(number, spent, lambda remark: connection.send((number, remark)))
        except BaseException as error:  # whatever it is, it is raised where it was asked for
            raised = error
    return Reply(given, raised, written_to(out), written_to(err))


def in_memory() -> TextIOWrapper:
    """A stream that keeps what is written to it."""
    return TextIOWrapper(BytesIO(), "utf-8", "backslashreplace", newline="\n")


def written_to(stream: TextIOWrapper) -> str:
    """What was written to a stream `in_memory`."""
    stream.seek(0)
    return stream.read()


def message(number: int, answer: Reply) -> bytes:
    """An answer as it is sent; what can't be sent is told in words."""
    try:
        sent = pickle.dumps((number, answer))
        if answer.raised is not None:
            pickle.loads(sent)  # some exceptions can be written, and not be read
    except Exception as error:  # values of a model may raise anything
        told = "".join(format_exception(answer.raised or error))
        sent = pickle.dumps((number, Reply(None, RuntimeError(told), answer.out, answer.err)))
    return sent
