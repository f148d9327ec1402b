"""Whole commands, beside an older release: `python -m tests.bench.everyday --against FOLDER`.

FOLDER is a checkout of the older release with a `.venv` that it is installed in. Old and new take
turns. Each command's run goes to the CSV as soon as it is known, and runs of commands that are not
measured again stay there. The table in docs/speed.md is made from it. A command that takes longer
than the limit is killed, and counts with the limit.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.bench.results import put_between
from tests.bench.subjects import TooLong, launched

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MODELS = Path(__file__).parent / "everyday_models"
CORES = 2

ALGORITHM = "check {models}/algorithms.py --scenario"
ALGORITHMS = {
    "ticket": (6, 7),
    "mcs": (4, 5),
    "bakery": (3, 4),
    "philosophers": (8, 10, 12),
    "readers-writers": (3, 4),
    "barrier": (4, 5),
}
"""Algorithms of everyday_models/algorithms.py, and the numbers of threads that are measured."""

ADDERS = "check memory_hotplug --scenario add-vs-add --adders 3 --pages"

COMMANDS = {
    "help": "--help",
    "default check": "check memory_hotplug",
    "default check, page": "check memory_hotplug --html {out}",
    "3 adders, 2 pages": f"{ADDERS} 2",
    "3 adders, 4 pages": f"{ADDERS} 4",
    **{
        f"{name}, {threads}": f"{ALGORITHM} {name} --threads {threads}"
        for name, sizes in ALGORITHMS.items()
        for threads in sizes
    },
    "condition variable": "check {models}/condition_variable.py",
    "explain": "explain shared-repaired",
    "synthesize, 1 region": "synthesize memory_hotplug --regions 1",
}
"""The words of each command, behind `locking`."""


class EverydayRun(NamedTuple):
    """A line of the CSV: a command in one release, in seconds, those of a processor, and MiB."""

    command: str
    release: str
    round: int
    seconds: float
    user: float
    mib: float
    ended: bool


def run_of(name: str, release: str, folder: Path, turn: int, limit: float) -> EverydayRun:
    """A command, run once in a release's checkout."""
    with TemporaryDirectory() as made:
        words = COMMANDS[name].format(models=MODELS, out=Path(made) / "page.html").split()
        command = [str(folder / ".venv/bin/python"), "-m", "locking", *words]
        try:
            said = launched(command, limit, CORES, folder)
        except TooLong:
            return EverydayRun(name, release, turn, limit, limit, 0, False)
    assert said.status in (0, 1), said.text[-500:]
    return EverydayRun(
        name, release, turn, round(said.seconds, 2), round(said.user, 2), round(said.mib), True
    )


def measure(older: Path, names: Iterable[str], rounds: int, limit: float) -> Iterator[EverydayRun]:
    """The runs, in turn."""
    for name in names:
        for turn in range(1, rounds + 1):
            yield run_of(name, "old", older, turn, limit)
            yield run_of(name, "new", ROOT, turn, limit)


COLUMNS = ("command", "old user s", "new user s", "old s", "new s", "old MiB", "new MiB", "ratio")


def everyday_table(runs: Iterable[EverydayRun]) -> str:
    """The table, of medians; the ratio is of a processor's seconds, the old ones over the new."""
    grouped: dict[str, dict[str, list[EverydayRun]]] = {}
    for run in runs:
        grouped.setdefault(run.command, {}).setdefault(run.release, []).append(run)
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for name, releases in grouped.items():
        cells = [
            said(releases[release], field)
            for field in ("user", "seconds", "mib")
            for release in ("old", "new")
        ]
        lines.append(f"| {' | '.join([name, *cells, ratio(releases['old'], releases['new'])])} |")
    return "\n".join(lines) + "\n"


def said(runs: Sequence[EverydayRun], field: str) -> str:
    """A median of some runs; with what is at least so much, if they were cut off."""
    if field == "mib":
        return f"{median(each.mib for each in runs):,.0f}" if all_ended(runs) else ""
    return f"{'' if all_ended(runs) else '> '}{median(getattr(e, field) for e in runs):.3g}"


def ratio(old: Sequence[EverydayRun], new: Sequence[EverydayRun]) -> str:
    """How many times the new release's seconds of a processor the old one took."""
    bound = "" if all_ended([*old, *new]) else "> " if all_ended(new) else "< "
    return f"{bound}{median(e.user for e in old) / median(e.user for e in new):.2g}"


def all_ended(runs: Sequence[EverydayRun]) -> bool:
    """Whether none was cut off."""
    return all(each.ended for each in runs)


def everyday_runs(file: Path) -> list[EverydayRun]:
    """The runs that a CSV has, if there is one, in the order of `COMMANDS`."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        runs = [
            EverydayRun(
                row["command"],
                row["release"],
                int(row["round"]),
                float(row["seconds"]),
                float(row["user"]),
                int(row["mib"]),
                row["ended"] == "True",
            )
            for row in csv.DictReader(lines)
        ]
    return sorted(runs, key=lambda each: list(COMMANDS).index(each.command))


def with_everyday_table(page: str, runs: Sequence[EverydayRun]) -> str:
    """The page with the table of `runs` between its marks."""
    return put_between(page, "everyday", everyday_table(runs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="a checkout of the older release")
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=COMMANDS, metavar="COMMAND")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--limit", type=float, default=600, help="seconds of one command (600)")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the files go")
    given = parser.parse_args(arguments)
    file = given.docs / "everyday.csv"
    if given.against:
        kept = [each for each in everyday_runs(file) if each.command not in given.only]
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(EverydayRun._fields)
            writer.writerows(kept)
            for run in measure(given.against, given.only, given.rounds, given.limit):
                writer.writerow(run)
                out.flush()
                print(*run, file=sys.stderr)
    page = given.docs / "speed.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(with_everyday_table(text, everyday_runs(file)), encoding="utf-8")


if __name__ == "__main__":
    main()
