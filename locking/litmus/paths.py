"""All paths of a thread, without knowing what its reads will give.

A read gives a term. Where the thread asks whether a term is true, or which location it is the
address of, each answer is tried, and is a constraint: a candidate execution must fulfil it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from locking.errors import UsageError
from locking.litmus.awaiting import ROUNDS_OF_WAITING, WITHOUT_EFFECT
from locking.litmus.operations import PRIMITIVES
from locking.litmus.requests import (
    AnotherRound,
    Attempt,
    Constrain,
    Decide,
    Locate,
    MemoryEvent,
    Request,
)
from locking.litmus.semantics import ThreadRun
from locking.litmus.syntax import LitmusTest, LitmusThread
from locking.litmus.tokens import LitmusError
from locking.litmus.values import (
    LitmusValue,
    OperatorTerm,
    ReadTerm,
    computed_value,
    is_known,
    number_test,
    with_reads,
)

Pointers = defaultdict[str, set[str]]
"""For each location the addresses that it may have for a value, and `SOME_NUMBER`."""

SOME_NUMBER = ""
"""Stands for all values that are no address."""

MOST_COUNTED_ROUNDS = 1_000
"""Rounds of a loop whose number no read decides."""

MOST_EVENTS = 400
"""Events of one thread."""

MOST_PATHS = 20_000
"""Paths of one thread."""


class ThreadPath(NamedTuple):
    """One path: its events, what must be true or false of reads, and registers at the end."""

    events: tuple[MemoryEvent, ...]
    constraints: tuple[tuple[LitmusValue, bool], ...]
    registers: Mapping[str, LitmusValue]
    trouble: LitmusError | None
    """Why the thread stopped in the middle, if it did."""


class PathsFound(NamedTuple):
    """The paths of a thread."""

    paths: tuple[ThreadPath, ...]
    cut: bool
    """Whether a loop was not followed to its end on some path, though that may add final states."""


class TooManyRounds(Exception):
    """A loop would have another round, and is not followed further; `cut` if that may matter."""

    def __init__(self, *, cut: bool) -> None:
        super().__init__()
        self.cut = cut


class TooLong(Exception):
    """A thread does more than can be judged, whatever is read."""


def no_limit() -> None:
    """Let a search go on."""


class PathDriver:
    """Answers one run of a thread from a list of choices, and extends that list."""

    def __init__(
        self,
        choices: list[list[int]],
        pointers: Pointers,
        rounds: int,
        go_on: Callable[[], None] = no_limit,
    ) -> None:
        self.choices = choices
        """For each choice of the run the number taken, and how many there are."""
        self.pointers = pointers
        self.rounds = rounds
        self.go_on = go_on
        self.round_began = 0
        """Events before the last round of a loop that began."""
        self.made = 0
        self.known: dict[LitmusValue, bool] = {}
        """What is equal or not, as far as this path has decided it."""
        self.equals: dict[int, LitmusValue] = {}
        """Reads whose values this path has decided."""
        self.located: dict[LitmusValue, str] = {}
        self.events: list[MemoryEvent] = []
        self.constraints: list[tuple[LitmusValue, bool]] = []

    def choose(self, among: int) -> int:
        """The number of the next choice."""
        if self.made == len(self.choices):
            self.choices.append([0, among])
        self.made += 1
        return self.choices[self.made - 1][0]

    def answer(self, request: Request) -> object:
        """What a request gives. Errors: `TooManyRounds`, `TooLong`."""
        match request:
            case MemoryEvent():
                if len(self.events) == MOST_EVENTS:
                    raise TooLong(f"a thread with over {MOST_EVENTS} accesses and fences")
                self.events.append(request)
                return request.value
            case Decide(value):
                return self.decide(value)
            case Locate(address, line):
                return self.locate(address, line)
            case Attempt(must=must):
                return must or self.choose(2) == 0
            case Constrain(value, true):
                self.constrain(value, true)
            case AnotherRound():
                self.begin_round(request)
        return None

    def begin_round(self, begun: AnotherRound) -> None:
        """Let a loop go on. Errors: `TooManyRounds`, `TooLong`."""
        self.go_on()
        last = self.events[self.round_began :]
        self.round_began = len(self.events)
        if begun.counted:
            if begun.rounds == MOST_COUNTED_ROUNDS:
                raise TooLong(f"a loop of over {MOST_COUNTED_ROUNDS:,} rounds, which no read ends")
        elif begun.rounds >= self.rounds:
            waited = begun.waits and all(each.kind in WITHOUT_EFFECT for each in last)
            raise TooManyRounds(cut=not waited or begun.rounds < ROUNDS_OF_WAITING)

    def constrain(self, value: LitmusValue, true: bool) -> None:
        """Note what must be so."""
        asked, same = as_equality(value)
        self.known[asked] = true == same
        if true == same and isinstance(asked.left, ReadTerm) and is_known(asked.right):
            self.equals[asked.left.event] = asked.right
        self.constraints.append((value, true))

    def decide(self, value: LitmusValue) -> bool:
        """Whether a value is true, which stays so."""
        if not isinstance(value, tuple):
            return value != 0
        told = self.decided(value)
        if told is None:
            told = self.choose(2) == 0
            self.constrain(value, told)
        return told

    def decided(self, value: LitmusValue) -> bool | None:
        """Whether a value is true; None if what was decided before does not say so."""
        asked, same = as_equality(value)
        if asked in self.known:
            return self.known[asked] == same
        try:
            found = with_reads(value, lambda event: self.equals.get(event, ReadTerm(event)))
        except UsageError:  # judged where all reads are known
            return None
        return found != 0 if is_known(found) else None

    def locate(self, address: LitmusValue, line: int) -> str:
        """Which location a value is the address of, which stays so. Errors: `LitmusError`."""
        if address not in self.located:
            among = sorted(pointed_to(address, self.events, self.pointers))
            found = among[self.choose(len(among))] if among else SOME_NUMBER
            if found == SOME_NUMBER:
                self.constraints.append((number_test(address), True))
                raise LitmusError(
                    line, "what is dereferenced here may be no address; is a parameter missing?"
                )
            self.located[address] = found
            self.constraints.append((computed_value("==", address, found), True))
        return self.located[address]


def as_equality(value: LitmusValue) -> tuple[OperatorTerm, bool]:
    """An equality, and whether it is true where the value is true, or where it is not."""
    if isinstance(value, OperatorTerm) and value.operator in ("==", "!="):
        _, left, right = value
        sides = (right, left) if is_known(left) else (left, right)
        return OperatorTerm("==", *sides), value.operator == "=="
    return OperatorTerm("==", value, 0), False


def thread_paths(
    thread: LitmusThread,
    registers: Mapping[str, LitmusValue],
    pointers: Pointers,
    rounds: int,
    go_on: Callable[[], None] = no_limit,
) -> PathsFound:
    """All paths of a thread. Errors: `LitmusError`."""
    found: list[ThreadPath] = []
    cut = False
    choices: list[list[int]] = []
    while True:
        go_on()
        driver = PathDriver(choices, pointers, rounds, go_on)
        run = ThreadRun(thread, registers, PRIMITIVES)
        try:
            drive(run, driver)
        except TooManyRounds as stopped:
            cut = cut or stopped.cut
        except TooLong as error:
            raise LitmusError(run.line, str(error)) from None
        except RecursionError:
            raise LitmusError(run.line, "an expression here is nested too deep") from None
        except LitmusError as error:
            found.append(path_taken(run, driver, error))
        else:
            found.append(path_taken(run, driver))
        if len(found) > MOST_PATHS:
            raise LitmusError(thread.line, f"P{thread.number} has over {MOST_PATHS:,} paths")
        while choices and choices[-1][0] + 1 == choices[-1][1]:
            choices.pop()
        if not choices:
            return PathsFound(tuple(found), cut)
        choices[-1][0] += 1


def path_taken(
    run: ThreadRun, driver: PathDriver, trouble: LitmusError | None = None
) -> ThreadPath:
    """The path that a run has taken."""
    ends = {name: term.value for name, term in run.registers.items()}
    return ThreadPath(tuple(driver.events), tuple(driver.constraints), ends, trouble)


def drive(run: ThreadRun, driver: PathDriver) -> None:
    """Run a thread to its end."""
    steps = run.run()
    try:
        request = next(steps)
        while True:
            request = steps.send(driver.answer(request))
    except StopIteration:
        return


def pointed_to(value: LitmusValue, events: Sequence[MemoryEvent], pointers: Pointers) -> set[str]:
    """The addresses that a value may be, and `SOME_NUMBER` if it may be one.

    `events` are those of its thread so far.
    """
    if not isinstance(value, tuple):
        return {value if isinstance(value, str) else SOME_NUMBER}
    if isinstance(value, ReadTerm):
        return pointers[events[value.event].location]
    return {each for found in pointers.values() for each in found} | set(pointers)


def registers_of(test: LitmusTest, thread: int) -> dict[str, LitmusValue]:
    """The initial values of a thread's registers."""
    return {place.name: each for place, each in test.registers.items() if place.thread == thread}


def all_paths(
    test: LitmusTest, rounds: int, go_on: Callable[[], None] = no_limit
) -> list[PathsFound]:
    """The paths of every thread of a test. Errors: `LitmusError`, and what `go_on` raises.

    Which addresses a location may have grows with what the paths write, until it grows no more.
    """
    pointers: Pointers = defaultdict(set)
    for name, value in test.memory.items():
        pointers[name] = pointed_to(value, (), pointers)
    while True:
        before = sum(map(len, pointers.values()))
        found = [
            thread_paths(each, registers_of(test, each.number), pointers, rounds, go_on)
            for each in test.threads
        ]
        for each in found:
            for path in each.paths:
                note_pointers(path.events, pointers)
        if sum(map(len, pointers.values())) == before:
            return found


def note_pointers(events: Sequence[MemoryEvent], pointers: Pointers) -> None:
    """Add the addresses that events of one thread write."""
    for event in events:
        if event.kind == "W":
            pointers[event.location] |= pointed_to(event.value, events, pointers)
