"""Our engines beside SPIN, rumur and TLC: `python -m tests.bench.peers`.

Every subject is measured in processes of its own, all in turn, then all again, several rounds. A
line for each run goes to the CSV as soon as it is known. In the end the tables in docs/peers.md
and the picture are made from the CSV. What takes more than `SLOW` seconds is run once; what runs
longer than the limit is killed, and what would, as its last size and the growth of the space say,
is not begun; both are in the CSV as what they are.

The files of the peers are written from tables that our own search filled, and that search is in no
number of theirs.
"""

import argparse
import csv
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.results import SEARCH, Run, plot, put, read
from tests.bench.subjects import PROGRAMS, Program, Subject, TooLong, subjects, tables_for

SLOW = 3.0
LIMIT = 60.0
DOCS = Path(__file__).parents[2] / "docs"

Taken = dict[tuple[str, str, str], float]
"""Seconds of the last size, by tool, configuration and what was timed."""


def measure(program: Program, sizes: Sequence[int], rounds: int, limit: float) -> Iterator[Run]:
    """The runs of a program."""
    taken: Taken = {}
    states = 0
    for n in sizes:
        tables = None if program.properties else tables_for(program.case(n))
        met = tables.states if tables else 0
        growth, states = (met / states if states else 1.0), met
        before, taken = taken, {}
        for turn in range(1, rounds + 1):
            for subject in subjects(program, n, tables):
                key = (subject.tool, subject.configuration, subject.timed)
                if turn > 1 and taken.get(key, limit) > SLOW:
                    continue
                searching = (*key[:2], SEARCH)
                expected = max(before.get(searching, 0.0) * growth, taken.get(searching, 0.0))
                reason = why_not(subject, states, expected, limit)
                run = measured(subject, reason, limit)(program.name, n, turn)
                if run.seconds is not None or "over" in run.note:
                    taken.setdefault(key, run.seconds or limit)
                yield run


def why_not(subject: Subject, states: int, expected: float, limit: float) -> str | None:
    """Why a subject is not measured at a size, if it is not; `expected` is how long it searches."""
    if subject.missing:
        return f"needs {' and '.join(subject.missing)}"
    if subject.most is not None and states > subject.most:
        return "not measured"
    if subject.full and expected >= limit:
        return f"would take over {limit:g} s"
    return None


def measured(subject: Subject, reason: str | None, limit: float) -> Callable[..., Run]:
    """A run of a subject, but for program, size and round."""

    def run(program: str, n: int, turn: int) -> Run:
        head = (program, n, subject.tool, subject.configuration, subject.timed, turn)
        if reason:
            return Run(*head, note=reason)
        try:
            counts = subject.run(limit)
        except TooLong:
            return Run(*head, note=f"over {limit:g} s")
        except (RuntimeError, ValueError, subprocess.CalledProcessError) as error:
            print(f"{head}: {error}", file=sys.stderr)
            return Run(*head, note="broke")
        states, transitions, seconds, mib = counts
        return Run(*head, states, transitions, round(seconds, 4), round(mib, 1))

    return run


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds a run may take (60)")
    parser.add_argument("--most", type=int, default=6, help="the largest N (6)")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the files go")
    parser.add_argument("--old", action="store_true", help="measure nothing: use the CSV there is")
    given = parser.parse_args(arguments)
    file = given.docs / "peers.csv"
    if not given.old:
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(Run._fields)
            for program in PROGRAMS:
                sizes = [n for n in program.sizes if n <= given.most]
                for run in measure(program, sizes, given.rounds, given.limit):
                    writer.writerow("" if value is None else value for value in run)
                    out.flush()
                    print(*run, file=sys.stderr)
    write(given.docs)


def write(docs: Path) -> None:
    """Make the tables of the page and the pictures from the CSV."""
    runs = read(docs / "peers.csv")
    page = docs / "peers.md"
    if page.exists():
        page.write_text(put(page.read_text(encoding="utf-8"), runs), encoding="utf-8")
    plot(runs, PROGRAMS[0].name, docs / "peers.svg")


if __name__ == "__main__":
    main()
