"""What was measured: a CSV with a line a run; from its medians, the tables and the picture."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

SEARCH, WARM, EVERYTHING = "search alone", "verdicts, warm", "everything"
"""What is timed; docs/peers.md says what each is."""


class Key(NamedTuple):
    """Whose run it was."""

    program: str
    n: int
    tool: str
    configuration: str


class Run(NamedTuple):
    """A line of the CSV. Where nothing was counted, `note` says why."""

    program: str
    n: int
    tool: str
    configuration: str
    timed: str
    round: int
    states: int | None = None
    transitions: int | None = None
    seconds: float | None = None
    mib: float | None = None
    note: str = ""

    @property
    def key(self) -> Key:
        """Whose run it was."""
        return Key(self.program, self.n, self.tool, self.configuration)


def read(file: Path) -> list[Run]:
    """The runs that a CSV has."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [parsed(row) for row in csv.DictReader(lines)]


def parsed(row: dict[str, str]) -> Run:
    """A line of the CSV."""
    whole = {name: int(row[name]) if row[name] else None for name in ("states", "transitions")}
    parts = {name: float(row[name]) if row[name] else None for name in ("seconds", "mib")}
    at = (row["program"], int(row["n"]), row["tool"], row["configuration"], row["timed"])
    return Run(*at, int(row["round"]), note=row["note"], **whole, **parts)


class Cell(NamedTuple):
    """The medians of all rounds; `note` where there are none."""

    rounds: int
    states: int | None
    transitions: int | None
    seconds: float | None
    mib: float | None
    note: str


def cells(runs: Iterable[Run]) -> dict[Key, dict[str, Cell]]:
    """The medians, by whose they are and what was timed."""
    grouped: dict[Key, dict[str, list[Run]]] = {}
    for run in runs:
        grouped.setdefault(run.key, {}).setdefault(run.timed, []).append(run)
    return {
        key: {timed: cell(several) for timed, several in by_timed.items()}
        for key, by_timed in grouped.items()
    }


def cell(runs: Sequence[Run]) -> Cell:
    """The median of some rounds; a note in any of them makes it one."""
    note = next((run.note for run in runs if run.note), "")
    if note:
        return Cell(len(runs), None, None, None, None, note)
    first = runs[0]
    seconds = median(run.seconds for run in runs if run.seconds is not None)
    peak = median(run.mib for run in runs if run.mib is not None)
    return Cell(len(runs), first.states, first.transitions, seconds, peak, "")


COLUMNS = ["N", "who", "how", "states", "transitions", "search", "M/s", "to SPIN", "warm", "all"]
COLUMNS += ["MiB", "rounds"]
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n"

SHORT = {"not": "-", "needs": "absent", "would": "long", "over": "killed", "broke": "broke"}
"""Notes as the table has them, by their first words."""


def table(runs: Sequence[Run], program: str) -> str:
    """The table of one program."""
    found = {key: by for key, by in cells(runs).items() if key.program == program}
    fastest = {
        n: max((rate(by) for key, by in found.items() if (key.n, key.tool) == (n, "SPIN")))
        for n in {key.n for key in found if key.tool == "SPIN"}
    }
    return HEAD + "".join(
        f"| {' | '.join(line(key, by, fastest.get(key.n, 0.0)))} |\n" for key, by in found.items()
    )


def line(key: Key, by: dict[str, Cell], spins: float) -> list[str]:
    """The fields of a row, next to the fastest SPIN of that size."""
    known = [each for each in by.values() if each.states is not None]
    states, transitions = (
        "" if count is None else f"{count:,}"
        for count in ((known[0].states, known[0].transitions) if known else (None, None))
    )
    here = rate(by)
    return [
        str(key.n),
        key.tool,
        key.configuration,
        states,
        transitions,
        seconds(by, SEARCH),
        f"{here / 1e6:.2f}" if here else "",
        f"{here / spins:.2f}" if here and spins else "",
        seconds(by, WARM),
        seconds(by, EVERYTHING),
        f"{max(each.mib or 0 for each in known):,.0f}" if known else "",
        str(max(each.rounds for each in by.values())),
    ]


def rate(by: dict[str, Cell]) -> float:
    """States a second of the search alone; 0 where that is not known."""
    found = by.get(SEARCH)
    return found.states / found.seconds if found and found.states and found.seconds else 0.0


def seconds(by: dict[str, Cell], timed: str) -> str:
    """A field of the table: seconds, or why there are none."""
    found = by.get(timed)
    if found is None:
        return ""
    return SHORT[found.note.split()[0]] if found.note else f"{found.seconds:.3g}"


def put_between(page: str, mark: str, text: str) -> str:
    """The page, with `text` between the mark `measured ...` and the end of it."""
    pattern = rf"(<!-- measured {mark} -->\n).*?(<!-- end -->)"
    return re.sub(pattern, lambda found: f"{found[1]}{text}{found[2]}", page, flags=re.S)


def put(page: str, runs: Sequence[Run]) -> str:
    """The page, with the tables of `runs` between the marks of each program."""
    return re.sub(
        r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{table(runs, found[2])}{found[3]}",
        page,
        flags=re.S,
    )


MARKERS = {"ours": "o", "SPIN": "s", "rumur": "^", "TLC": "D"}
"""What stands at the points of each tool."""


def plot(runs: Sequence[Run], program: str, file: Path) -> None:
    """Write the picture of one program."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "locking", "svg.fonttype": "none"})
    from matplotlib import pyplot

    figure = drawn(runs, program)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def drawn(runs: Sequence[Run], program: str) -> Any:
    """Seconds and states over N, on logarithmic axes, with one key below all of them."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(16, 7.5))
    found = {key: by for key, by in cells(runs).items() if key.program == program}
    styles = styles_of(list(dict.fromkeys((key.tool, key.configuration) for key in found)))
    pictures = [(SEARCH, "seconds"), (EVERYTHING, "seconds"), (EVERYTHING, "states")]
    for axis, (timed, field) in zip(axes, pictures, strict=True):
        for name, style in styles.items():
            points = [
                (key.n, getattr(by[timed], field))
                for key, by in found.items()
                if key[2:] == name and timed in by and getattr(by[timed], field)
            ]
            if points:
                axis.plot(*zip(*points, strict=True), label=", ".join(name), **style)
        axis.set(yscale="log", xlabel="N", ylabel=field, title=f"{timed}: {field}")
        axis.set_xticks(sorted({key.n for key in found}))
        axis.grid(visible=True, which="both", alpha=0.3)
    figure.tight_layout(rect=(0, 0.17, 1, 1))
    lines = {line.get_label(): line for axis in axes for line in axis.lines}
    ordered = [lines[label] for label in map(", ".join, styles) if label in lines]
    figure.legend(handles=ordered, loc="lower center", ncols=4, fontsize=9)
    return figure


def styles_of(names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """How the lines of each tool and configuration look: no colour is that of two."""
    from matplotlib import colormaps

    shades = colormaps["tab20"].colors  # pairs of a dark and a light one: all dark ones come first
    colours = [*shades[::2], *shades[1::2]]
    if len(names) > len(colours):
        raise ValueError(f"{len(names)} lines, and {len(colours)} colours; draw fewer, or add some")
    return {
        name: {"color": colour, "marker": MARKERS.get(name[0], "x")}
        for name, colour in zip(names, colours, strict=False)
    }
