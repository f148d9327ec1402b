"""Liveness of many random systems, from a seed on: python -m tests.independent.live --count 1000.

Prints each that differs from what the judge of lassos says, by its seed; on stderr how far it is,
and how many there are of each kind.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.independent.drive import Unfit
from tests.independent.liveness import told


def judged_seeds(seeds: Iterable[int]) -> Iterator[tuple[int, str, str]]:
    """Each seed with what differs, or nothing, and the kind of what was judged, or why it wasn't.

    What the library or the judge raises differs as well.
    """
    for seed in seeds:
        try:
            text, kind = told(seed)
        except Unfit as error:
            text, kind = "", f"not judged: {error}"
        except Exception as error:  # of a system for which one of them gives up
            text, kind = f"seed {seed}: {type(error).__name__}: {error}", "raises"
        yield seed, text, kind


def main() -> int:
    """The command; its status is 1 if something differs."""
    asked = argparse.ArgumentParser(prog="python -m tests.independent.live", description=__doc__)
    asked.add_argument("--seed", type=int, default=1, help="the first system")
    asked.add_argument("--count", type=int, default=1000, help="how many")
    given = asked.parse_args()
    started = time.perf_counter()
    kinds: Counter[str] = Counter()
    wrong = 0
    seeds = range(given.seed, given.seed + given.count)
    for at, (_, text, kind) in enumerate(judged_seeds(seeds), 1):
        kinds[kind] += 1
        wrong += bool(text)
        if text:
            print(text, flush=True)
        if at % 100 == 0 or at == given.count:
            rate = at / (time.perf_counter() - started)
            print(f"{at} systems, {rate:.1f} a second, {wrong} differ", file=sys.stderr)
    for kind, number in kinds.most_common():
        print(f"{number:7} {kind}", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
