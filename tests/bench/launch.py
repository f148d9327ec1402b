"""One command, timed: `python -I -S launch.py SECONDS CORES COMMAND...`, as JSON on stderr.

A process of its own, and a small one: the peak of memory is that of the command and what it
started, and can't be told below that of this process. What runs longer than so many seconds is
killed, with all that it started.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from types import FrameType


def launch(seconds: float, cores: int, command: list[str]) -> dict[str, float | int]:
    """What the command took: seconds, those of a processor in `user`, MiB at its peak, its status.

    The exit status is -9 if it was killed.
    """
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    started = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.STDOUT, start_new_session=True)

    def stop(_: int, __: FrameType | None) -> None:
        os.killpg(process.pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    status = process.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    taken = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": taken,
        "user": used.ru_utime,
        "mib": used.ru_maxrss / 1024,
        "status": status,
    }


if __name__ == "__main__":
    found = launch(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    print(json.dumps(found), file=sys.stderr)
