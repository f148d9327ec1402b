"""textbook.hotplug_shape as one would write it for each of the other tools, and how it is built."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.export.peers import Built, make, read_rumur, read_spin, read_tlc, tlc_command

HERE = Path(__file__).parent

PAGES = 4
"""Pages of each thread."""


def spin(n: int, states: int, folder: Path) -> Built:
    """SPIN, without reduction."""
    generating = ["spin", f"-DN={n}", f"-DP={PAGES}", "-a", str(HERE / "hotplug_shape.pml")]
    flags = ["-DSAFETY", "-DNOREDUCE", "-DMEMLIM=16000"]
    seconds = make([generating, ["gcc", "-w", "-O2", *flags, "-o", "pan", "pan.c"]], folder)
    width = max(16, min(28, (2 * states).bit_length()))
    return Built(["./pan", "-E", "-c0", "-m1000000", f"-w{width}"], folder, seconds, read_spin)


def rumur(n: int, _: int, folder: Path) -> Built:
    """rumur, with two threads."""
    text = (HERE / "hotplug_shape.m").read_text(encoding="utf-8")
    text = re.sub(r"\bP: \d+", f"P: {PAGES}", re.sub(r"\bN: \d+", f"N: {n}", text))
    (folder / "model.m").write_text(text, encoding="utf-8")
    options = ["--deadlock-detection", "off", "--threads", "2"]
    compiling = ["gcc", "-w", "-std=c11", "-O3", "-march=native", "-o", "model", "model.c"]
    generating = ["rumur", *options, "-o", "model.c", "model.m"]
    return Built(
        ["./model"], folder, make([generating, [*compiling, "-lpthread"]], folder), read_rumur
    )


def tlc(n: int, _: int, folder: Path) -> Built:
    """TLC, with two workers."""
    module = folder / "hotplug_shape.tla"
    module.write_text((HERE / module.name).read_text(encoding="utf-8"), encoding="utf-8")
    constants = f"CONSTANTS N = {n} P = {PAGES}\n"
    module.with_suffix(".cfg").write_text(f"{constants}INIT Init\nNEXT Next\n", encoding="utf-8")
    command = [*tlc_command(folder, "-XX:+UseParallelGC"), "-workers", "2", module.stem]
    return Built(command, folder, 0.0, read_tlc)


BY_HAND: dict[str, Callable[[int, int, Path], Built]] = {"SPIN": spin, "rumur": rumur, "TLC": tlc}
"""By the name of the tool: what builds it for N threads, and so many states."""
