"""Many random systems, from a seed on: python -m tests.independent --seed 1 --count 1000."""

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.independent.compare import EVERY, Difference, Unfit, differences, some
from tests.independent.generate import draw

Told = tuple[int, str, list[Difference]]
"""The seed of a system; why it was not judged, or empty; what differs."""


def tell(every: bool, seed: int) -> Told:
    """One system."""
    drawn = draw(seed)
    try:
        found = differences(drawn.source, EVERY if every else some(seed), drawn.forbidden)
    except Unfit as error:
        return seed, str(error), []
    return seed, "", found


def main() -> int:
    """The command; its status is 1 if something differs."""
    asked = argparse.ArgumentParser(prog="python -m tests.independent", description=__doc__)
    asked.add_argument("--seed", type=int, default=1, help="the first system")
    asked.add_argument("--count", type=int, default=1000, help="how many")
    asked.add_argument("--jobs", type=int, default=1, help="processes")
    asked.add_argument("--every", action="store_true", help="every reduction with every engine")
    asked.add_argument("--save", type=Path, help="a folder for the systems that differ")
    asked.add_argument("--ignore", nargs="*", default=[], help="kinds of difference to leave out")
    options = asked.parse_args()
    started = time.perf_counter()
    kinds: Counter[str] = Counter()
    judged = 0
    seeds = range(options.seed, options.seed + options.count)
    with ProcessPoolExecutor(options.jobs) as pool:
        for seed, unfit, found in pool.map(partial(tell, options.every), seeds, chunksize=20):
            judged += not unfit
            kinds.update([f"not judged: {unfit}"] if unfit else [])
            found = [each for each in found if each.kind not in options.ignore]
            kinds.update({each.kind for each in found})
            if found:
                print(f"seed {seed}: {found[0].kind}: {found[0].text}"[:400], flush=True)
            if found and options.save:
                name = found[0].kind.replace(" ", "-")
                options.save.mkdir(exist_ok=True)
                (options.save / f"{name}_{seed}.py").write_text(draw(seed).source)
    seconds = time.perf_counter() - started
    print(
        f"{judged} of {options.count} systems judged, {judged / seconds:.1f} a second",
        file=sys.stderr,
    )
    for kind, number in kinds.most_common():
        print(f"{number:7} {kind}", file=sys.stderr)
    return int(any(not kind.startswith("not judged") for kind in kinds))


if __name__ == "__main__":
    sys.exit(main())
