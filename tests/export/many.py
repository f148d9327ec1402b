"""Runs of many random systems, as another tool judges them: python -m tests.export.many --peer TLC.

Several systems are one file (`side_by_side`). A tool that ends a run with the first property that
it finds broken gets those that we find broken one by one, each in the file of its own system.
Prints each system of which the tool says otherwise, by its seed; on stderr how many systems were
judged, and how many of their properties.
"""

import argparse
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from locking.export.tables import ExportedCase
from tests.export.live_peers import LIVE_PEERS, LivePeer
from tests.export.live_systems import WAY, Questioned, drawn
from tests.export.side_by_side import fits, member_property, side_by_side
from tests.independent.drive import Unfit

TOGETHER = 10
"""Systems of one file: with more, the C of SPIN's claims takes longer than it saves."""


class Told(NamedTuple):
    """What a tool said of some systems: how many properties it judged, and where it differs."""

    systems: int
    properties: int
    broken: int
    differ: tuple[str, ...]


def judged_together(peer: LivePeer, systems: Sequence[Questioned]) -> Told:
    """What a tool says of some systems, all of which are in one file."""
    judged = peer.judges(side_by_side([each.tables for each in systems]))
    wanted = frozenset().union(*(members(at, each.broken) for at, each in enumerate(systems)))
    finds = found_one_by_one if peer.done_at_first else found_at_once
    with TemporaryDirectory() as folder:
        try:
            wrong = finds(peer, systems, Path(folder)) ^ wanted & judged
        except ValueError as error:
            return Told(len(systems), 0, 0, (f"{error}\n{systems[0].source} and others",))
    differ = tuple(
        f"{peer.name} says otherwise of {', '.join(names)}\n{each.source}"
        for number, each in enumerate(systems)
        if (names := [n for n in asked_names(each) if member_property(number, n) in wrong])
    )
    return Told(len(systems), len(judged), len(wanted & judged), differ)


def members(number: int, names: Iterable[str]) -> frozenset[str]:
    """What properties of whole runs of the system at `number` are called among all."""
    return frozenset(member_property(number, name) for name in names if name != WAY.name)


def found_at_once(peer: LivePeer, systems: Sequence[Questioned], folder: Path) -> frozenset[str]:
    """What a tool finds broken in the file of all systems."""
    likely = frozenset().union(*(members(at, each.broken) for at, each in enumerate(systems)))
    return peer.found(side_by_side([each.tables for each in systems]), likely, folder)


def found_one_by_one(peer: LivePeer, systems: Sequence[Questioned], folder: Path) -> frozenset[str]:
    """What a tool finds broken: in one file what we say holds; of each system what does not."""
    held = [only(each, set(asked_names(each)) - each.broken) for each in systems]
    found = peer.found(side_by_side(held), (), folder)
    for number, each in enumerate(systems):
        found |= members(number, peer.found(only(each, each.broken), each.broken, folder))
    return found


def only(known: Questioned, names: Collection[str]) -> ExportedCase:
    """The case of a system, with the checks of some of its properties alone."""
    kept = tuple(each for each in known.tables.run_checks if each.property in names)
    return replace(known.tables, run_checks=kept)


def asked_names(known: Questioned) -> list[str]:
    """The properties of whole runs that a system was asked."""
    return list(dict.fromkeys(each.property for each in known.tables.run_checks))


def judged_many(peer: LivePeer, seeds: Iterable[int], together: int = TOGETHER) -> Iterator[Told]:
    """What a tool says of the systems of all seeds that can be judged, file by file."""
    systems = fit_to_judge(seeds)
    while some := list(islice(systems, together)):
        yield judged_together(peer, some)


def fit_to_judge(seeds: Iterable[int]) -> Iterator[Questioned]:
    """The systems of the seeds, without those that can't be judged or be one of many."""
    for seed in seeds:
        try:
            found = drawn(seed)
        except Unfit:
            continue
        if fits(found.tables):
            yield found


def main() -> int:
    """The command; its status is 1 if something differs."""
    peers = {each.name: each for each in LIVE_PEERS[:2]}  # rumur judges no runs
    asked = argparse.ArgumentParser(prog="python -m tests.export.many", description=__doc__)
    asked.add_argument("--peer", choices=peers, default="SPIN", help="the tool (SPIN)")
    asked.add_argument("--seed", type=int, default=1, help="the first system")
    asked.add_argument("--count", type=int, default=1000, help="how many seeds (1000)")
    asked.add_argument("--together", type=int, default=TOGETHER, help="systems of one file (10)")
    given = asked.parse_args()
    systems = properties = broken = wrong = 0
    seeds = range(given.seed, given.seed + given.count)
    for told in judged_many(peers[given.peer], seeds, given.together):
        systems += told.systems
        properties += told.properties
        broken += told.broken
        wrong += len(told.differ)
        print(*told.differ, sep="\n\n", end="\n" if told.differ else "", flush=True)
        said = f"{systems} systems, {properties} properties, {broken} broken, {wrong} differ"
        print(said, file=sys.stderr, flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
