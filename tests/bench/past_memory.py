"""A whole check of more states than memory holds, killed and resumed on the way.

`python -m tests.bench.past_memory --steps 27 --memory 4096 --folder DIR` checks the grid of
large_models/grid.py: how many states and steps there are is a formula. The process is killed twice,
once a third and once two thirds of the states are in the file. What the command says at the end is
compared with the formula; what it took is printed, in seconds, those of a processor, and MiB.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

MODEL = Path(__file__).parent / "large_models" / "grid.py"
LOOKS = 0.5
"""Seconds between two looks at a command that runs."""


class Leg(NamedTuple):
    """A command until its end, or until it was killed: it and all that it started."""

    killed: bool
    seconds: float
    processor: float
    mib: float
    text: str


def wanted(threads: int, steps: int) -> tuple[int, int]:
    """How many states the grid has, and how many steps lead from them."""
    states = (steps + 1) ** threads
    return states, threads * steps * (steps + 1) ** (threads - 1)


def kept(checkpoint: Path) -> int:
    """The states that are in the files of a checkpoint, each in 8 bytes."""
    files = checkpoint.parent.glob(f"{checkpoint.name}.states-*")
    return max((each.stat().st_size // 8 for each in files), default=0)


def own_memory(process: psutil.Process) -> int:
    """The bytes of a process that are in no file: those of a mapped file need not be in memory."""
    told = process.memory_info()
    return int(told.rss - getattr(told, "shared", 0))


def leg(command: Sequence[str], checkpoint: Path, enough: float) -> Leg:
    """The command, killed with all that it started once `enough` states are in the file."""
    begun, peak, processor = time.perf_counter(), 0, 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as it:
        process = psutil.Process(it.pid)
        while it.poll() is None:
            try:
                every = [process, *process.children(recursive=True)]
                peak = max(peak, sum(map(own_memory, every)))
                processor = max(processor, sum(sum(each.cpu_times()[:2]) for each in every))
            except psutil.NoSuchProcess:
                continue
            if kept(checkpoint) >= enough:
                os.killpg(it.pid, signal.SIGKILL)
                it.wait()
                return Leg(True, time.perf_counter() - begun, processor, peak / 2**20, "")
            time.sleep(LOOKS)
        text = it.stdout.read() if it.stdout else ""
    return Leg(False, time.perf_counter() - begun, processor, peak / 2**20, text)


def legs(arguments: argparse.Namespace) -> list[Leg]:
    """The check, killed as often as is asked."""
    checkpoint = Path(arguments.folder) / "grid.checkpoint"
    command = [
        *(sys.executable, "-m", "locking", "check", str(MODEL)),
        *("--threads", str(arguments.threads), "--steps", str(arguments.steps)),
        *("--max-memory", arguments.memory, "--checkpoint", str(checkpoint), "--json"),
    ]
    states, _ = wanted(arguments.threads, arguments.steps)
    found = []
    for kill in range(1, arguments.kills + 2):
        last = kill > arguments.kills
        enough = float("inf") if last else states * kill / (arguments.kills + 1)
        found.append(leg(command, checkpoint, enough))
        print(found[-1]._replace(text=""), flush=True)
        if not found[-1].killed:
            break
    return found


def main() -> int:
    """Run the check; 0 if it was killed as often as asked, and says what the formula says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--steps", type=int, default=27)
    parser.add_argument("--memory", default="4096", help="in MiB")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--folder", default=".")
    arguments = parser.parse_args()
    found = legs(arguments)
    report: dict[str, Any] = json.loads(found[-1].text.splitlines()[0])
    said = report["states"], report["transitions"]
    right = said == wanted(arguments.threads, arguments.steps)
    kills = sum(each.killed for each in found)
    print(
        f"{said[0]:,} states and {said[1]:,} steps, which is {'right' if right else 'WRONG'}; "
        f"killed {kills} times; {sum(each.seconds for each in found):.0f} s, "
        f"{sum(each.processor for each in found):.0f} s of a processor, "
        f"{max(each.mib for each in found):,.0f} MiB at most, "
        f"{report['disk'] / 2**30:.1f} GiB on disk"
    )
    return 0 if right and kills == arguments.kills else 1


if __name__ == "__main__":
    sys.exit(main())
