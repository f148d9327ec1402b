"""How much memory a process may have: of the machine, or of its control group.

Where a search takes all of it, the kernel kills the process, and what was found is lost.
"""

from collections.abc import Iterator
from pathlib import Path

import psutil

PART_OF_MEMORY = 0.8
"""The part of all memory that a search may have, if nothing else is said: others run as well."""


def most_memory() -> int:
    """The bytes that a search may have, if nothing else is said."""
    return int(PART_OF_MEMORY * min([psutil.virtual_memory().total, *group_limits(Path("/"))]))


def group_limits(root: Path) -> Iterator[int]:
    """The limits of the control groups that this process is in, in bytes; those without have none.

    `root` is where the system's files are. In /proc/self/cgroup a line is ID:CONTROLLERS:PATH, and
    that of version 2 names no controllers (cgroups(7)).
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:  # another system than Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            top, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        group = top / path.strip("/")
        for each in (group, *group.parents):
            if each == top.parent:
                break
            try:
                yield int((each / name).read_text())
            except (OSError, ValueError):  # none there, or "max"
                continue
