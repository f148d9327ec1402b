"""Many random systems, from a seed on: python -m tests.independent --seed 1 --count 1000.

Prints each that differs, by its seed, then the first of them made small, as a file that
`locking check` takes; on stderr how far it is, and how many there are of each kind.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.independent.compare import EVERY, Difference, Unfit, Ways, differences, some
from tests.independent.generate import Drawn, draw, draw_copies
from tests.independent.shrink import shrink

Told = tuple[int, str, list[Difference]]
"""The seed of a system; why it was not judged, or empty; what differs."""

Drawing = Callable[[int], Drawn]
"""The system of a seed."""

SHARE = 20
"""Systems that a process is given at a time."""


def ways(every: bool, seed: int) -> Ways:
    """The ways in which the system of a seed is asked."""
    return EVERY if every else some(seed)


def tell(drawing: Drawing, every: bool, seed: int) -> Told:
    """What differs on one system."""
    drawn = drawing(seed)
    try:
        return seed, "", differences(drawn.source, ways(every, seed), drawn.forbidden)
    except Unfit as error:
        return seed, str(error), []


def small(drawn: Drawn, every: bool, kind: str) -> str:
    """A system, as small as it can be and still differ in this kind."""

    def shows(source: str) -> bool:
        try:
            found = differences(source, ways(every, drawn.seed), drawn.forbidden)
        except Exception:  # what is left of a system may be no program at all
            return False
        return any(each.kind == kind for each in found)

    return shrink(drawn.source, shows)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.independent", description=__doc__)
    asked.add_argument("--seed", type=int, default=1, help="the first system")
    asked.add_argument("--count", type=int, default=1000, help="how many")
    asked.add_argument("--jobs", type=int, default=1, help="processes")
    asked.add_argument("--every", action="store_true", help="every reduction with every engine")
    asked.add_argument(
        "--copies",
        dest="drawing",
        action="store_const",
        const=draw_copies,
        default=draw,
        help="systems of copies of one thread",
    )
    asked.add_argument("--save", type=Path, help="a folder for the sources of those that differ")
    return asked.parse_args()


def main() -> int:
    """The command; its status is 1 if something differs."""
    asked = arguments()
    started = time.perf_counter()
    kinds: Counter[str] = Counter()
    wrong: list[Told] = []
    seeds = range(asked.seed, asked.seed + asked.count)
    with ProcessPoolExecutor(asked.jobs) as pool:
        told = pool.map(partial(tell, asked.drawing, asked.every), seeds, chunksize=SHARE)
        for at, (seed, unfit, found) in enumerate(told, 1):
            kinds.update([f"not judged: {unfit}"] if unfit else {each.kind for each in found})
            if found:
                wrong.append((seed, unfit, found))
                print(f"seed {seed}: {found[0].kind}: {found[0].text}", flush=True)
            if found and asked.save:
                asked.save.mkdir(exist_ok=True)
                (asked.save / f"system_{seed}.py").write_text(asked.drawing(seed).source)
            if at % 100 == 0 or at == asked.count:
                rate = at / (time.perf_counter() - started)
                print(f"{at} systems, {rate:.1f} a second, {len(wrong)} differ", file=sys.stderr)
    for kind, number in kinds.most_common():
        print(f"{number:7} {kind}", file=sys.stderr)
    if wrong:
        seed, _, found = wrong[0]
        drawn = asked.drawing(seed)
        print(f"\n# seed {seed}: {found[0].text}\n{small(drawn, asked.every, found[0].kind)}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
