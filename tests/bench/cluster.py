"""What shards bring, and what 10^11 states would take: `python -m tests.bench.cluster`.

It checks the grid of large_models/grid.py whole, in one process and with 1 and 2 shards of a local
Ray cluster, in turns, on two processors that have nothing else to do. From these times, and from
how fast one core sorts tags, it says how long 10^11 states would take on so many machines.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from tests.bench.past_memory import MODEL, wanted

ENGINES = {
    "compiled": ["--engine", "compiled"],
    "1 shard": ["--engine", "ray", "--shards", "1"],
    "2 shards": ["--engine", "ray", "--shards", "2"],
}
"""What is measured: the options of each."""

WHOLE = ["--reduction", "none"]
"""Copies are not merged: what is measured is the walk through all states."""

BYTES_OF_TARGET = 24
"""What is sent of a target: its packed state, its tag, and the threads to leave out behind it."""

BYTES_OF_NEW = 20
"""What passes the first process of a new state: packed, with its tag, and its number back."""


class Rates(NamedTuple):
    """In a second: edges that a shard has done with, tags that are sorted, bytes of a network."""

    edges: float
    sorted: float
    network: float


class Estimate(NamedTuple):
    """The seconds of each part of a walk, if all machines have as much to do.

    `shards` expand, sort and look up; `network` hands on targets; `first` is the first process,
    which gives the numbers; `judging` goes through all edges there once.
    """

    machines: int
    shards: float
    network: float
    first: float
    judging: float


def estimate(states: float, edges: float, machines: int, cores: int, rates: Rates) -> Estimate:
    """A walk of so many states, with so many edges of each, a shard for each core of each machine.

    Of the targets all but one of so many go to another machine. In the first process one core sorts
    the tags of new states, which come there over the network.
    """
    targets = states * edges
    sent = targets * BYTES_OF_TARGET * (machines - 1) / machines
    return Estimate(
        machines,
        targets / (rates.edges * machines * cores),
        sent / machines / rates.network,
        states / rates.sorted + states * BYTES_OF_NEW / rates.network,
        targets / rates.edges,
    )


def seconds_of(options: list[str], threads: int, steps: int) -> float:
    """How long a whole check takes; its numbers are right."""
    command = [sys.executable, "-m", "locking", "check", str(MODEL), *options, *WHOLE, "--json"]
    begun = time.perf_counter()
    done = subprocess.run(
        [*command, "--threads", str(threads), "--steps", str(steps)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    taken = time.perf_counter() - begun
    states, transitions = wanted(threads, steps)
    assert f'"states": {states}, "transitions": {transitions},' in done.stdout
    return taken


def sorting_rate(length: int = 1 << 23) -> float:
    """Tags that one core sorts in a second of its time."""
    rows = np.random.default_rng(1).integers(0, 2**63, length)
    begun = time.process_time()
    np.argsort(rows)
    return length / (time.process_time() - begun)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--steps", type=int, default=13)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", type=float, default=1.25e9, help="bytes a second")
    parser.add_argument("--cores", type=int, default=16, help="of each machine")
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in ENGINES}
    for turn in range(arguments.rounds):
        for name, options in ENGINES.items():
            found[name].append(seconds_of(options, arguments.threads, arguments.steps))
            print(f"round {turn + 1}, {name}: {found[name][-1]:.1f} s", flush=True)
    states, transitions = wanted(arguments.threads, arguments.steps)
    middle = {name: median(each) for name, each in found.items()}
    print(f"{states:,} states, medians: {middle}")
    print(f"2 shards are {middle['1 shard'] / middle['2 shards']:.2f} times as fast as 1")
    rates = Rates(transitions / middle["1 shard"], sorting_rate(), arguments.network)
    print(f"a shard: {rates.edges:,.0f} edges a second; {rates.sorted:,.0f} tags are sorted")
    for machines in (1, 2, 4, 8, 16):
        print(estimate(1e11, transitions / states, machines, arguments.cores, rates))


if __name__ == "__main__":
    assert Path(MODEL).exists()
    main()
