"""Our liveness beside SPIN's nested depth-first search: `python -m tests.bench.liveness`.

Both judge a property that holds, and so go through all of one graph, in turn, several rounds. A
line for each run goes to the CSV as soon as it is known; the table in docs/peers.md is made from
it. What is told is seconds of a processor, for a machine may have other work.

Ours is the second check in a process: it learns the threads, walks, and judges, of which the last
is told by itself as well. SPIN's is the process that was built, from its start to its end; it
searches while it judges.
"""

import argparse
import csv
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from locking.check import check
from locking.export import exported, to_promela
from locking.export.never_claims import claimed, fair_words, spin_is_fair
from locking.properties.explored import Explored
from locking.verdicts import Options
from tests.bench.results import put_between
from tests.bench.rounds import NO_FAIRNESS, WEAK_FAIRNESS, case_of_rounds
from tests.bench.subjects import launched
from tests.export.peers import make, number

DOCS = Path(__file__).parents[2] / "docs"
WORKERS, STEPS = 5, 4
LIMIT = 600.0


class LiveRun(NamedTuple):
    """A line of the CSV; `judging` is the part that liveness alone took, where that is known."""

    property: str
    who: str
    round: int
    states: int
    transitions: int
    user: float
    mib: float
    judging: float | None = None


def ours(name: str) -> None:
    """A check of ours, of which the second in a process is told, as JSON."""
    case = case_of_rounds(WORKERS, STEPS)
    found: list[Explored] = []
    options = Options("compiled", reduction="none")
    check(case, [name], options)
    started = time.process_time()
    report = check(case, [name], options, look=found.append)
    used = time.process_time() - started
    (result,) = (each for each in report.results if each.claim.name == name)
    started = time.process_time()
    judged = result.claim.judge(found[0]).verdict
    judging = time.process_time() - started
    counted = {"states": report.states, "transitions": report.transitions}
    print(json.dumps({**counted, "user": used, "judging": judging, "verdict": judged.value}))


def run_of_ours(name: str, turn: int) -> LiveRun:
    """A run of ours."""
    said = launched([sys.executable, "-m", "tests.bench.liveness", "--ours", name], LIMIT, 2)
    found = json.loads(said.text.splitlines()[0])
    assert found["verdict"] == "holds"
    used, judging = round(found["user"], 2), round(found["judging"], 2)
    return LiveRun(
        name, "ours", turn, found["states"], found["transitions"], used, round(said.mib), judging
    )


def run_of_spin(command: Sequence[str], folder: Path, name: str, turn: int) -> LiveRun:
    """A run of SPIN, on what was built in a folder."""
    said = launched(list(command), LIMIT, 1, folder)
    assert "errors: 0" in said.text and "max search depth too small" not in said.text, said.text
    states = number(r"([\d.e+]+) states, stored", said.text)
    visited = re.search(r"([\d.e+]+) transitions", said.text)
    assert visited
    used = round(said.user, 2)
    return LiveRun(name, "SPIN", turn, states, round(float(visited[1])), used, round(said.mib))


def measure(rounds: int) -> Iterator[LiveRun]:
    """The runs, in turn."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        tables, _ = exported(case_of_rounds(WORKERS, STEPS), [NO_FAIRNESS, WEAK_FAIRNESS])
        (folder / "live.pml").write_text(to_promela.render(tables))
        flags = ["-O2", "-w", "-DNOREDUCE", f"-DNFAIR={fair_words(tables)}", "-DMEMLIM=16000"]
        building = ["gcc", *flags, "-o", "pan", "pan.c"]
        make([["spin", "-DLIVE", "-o2", "-o3", "-a", "live.pml"], building], folder)
        for turn in range(1, rounds + 1):
            for claim, each in claimed(tables):
                fair = ["-f"] if spin_is_fair(tables, each) else []
                command = ["./pan", "-a", *fair, "-m20000000", "-w24", "-N", claim]
                yield run_of_ours(each.property, turn)
                yield run_of_spin(command, folder, each.property, turn)


COLUMNS = ("property", "who", "states", "transitions", "user s", "of that judging", "MiB", "rounds")


def live_table(runs: Iterable[LiveRun]) -> str:
    """The table, of medians."""
    grouped: dict[tuple[str, str], list[LiveRun]] = {}
    for run in runs:
        grouped.setdefault((run.property, run.who), []).append(run)
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for (name, who), several in grouped.items():
        used = median(each.user for each in several)
        judging = [each.judging for each in several if each.judging is not None]
        part = f"{median(judging):.3g}" if judging else ""
        mib = f"{median(each.mib for each in several):,.0f}"
        first = several[0]
        counts = f"{first.states:,} | {first.transitions:,}"
        lines.append(
            f"| {name} | {who} | {counts} | {used:.3g} | {part} | {mib} | {len(several)} |"
        )
    return "\n".join(lines) + "\n"


def live_runs(file: Path) -> list[LiveRun]:
    """The runs that a CSV has."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [parsed_run(row) for row in csv.DictReader(lines)]


def parsed_run(row: dict[str, str]) -> LiveRun:
    """A line of the CSV."""
    judging = float(row["judging"]) if row["judging"] else None
    counts = (int(row["round"]), int(row["states"]), int(row["transitions"]))
    return LiveRun(
        row["property"], row["who"], *counts, float(row["user"]), float(row["mib"]), judging
    )


def with_live_table(page: str, runs: Sequence[LiveRun]) -> str:
    """The page with the table of `runs` between its marks."""
    return put_between(page, "liveness", live_table(runs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the files go")
    parser.add_argument("--old", action="store_true", help="measure nothing: use the CSV there is")
    parser.add_argument("--ours", metavar="PROPERTY", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.ours:
        ours(given.ours)
        return
    file = given.docs / "live.csv"
    if not given.old:
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(LiveRun._fields)
            for run in measure(given.rounds):
                writer.writerow("" if value is None else value for value in run)
                out.flush()
                print(*run, file=sys.stderr)
    page = given.docs / "peers.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(with_live_table(text, live_runs(file)), encoding="utf-8")


if __name__ == "__main__":
    main()
