"""Costs as a picture: makespans over nodes, or one run as bars. Drawn by matplotlib, an extra."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locking.durations.costs import Cost
from locking.durations.timeline import Timeline
from locking.errors import UsageError
from locking.report.costs import QUEUED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAITING_COLOUR = "0.85"
"""A light grey, for where a thread waits."""


def plot(costs: Sequence[Cost], path: Path, kind: str) -> None:
    """Draw costs into a file of a kind such as `svg`: of one case its run, else all over nodes.

    Errors: `UsageError` without matplotlib, for a kind that it can't write, and for what can't be
    drawn.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError(
            "--plot needs matplotlib; install it with `pip install 'locking[plot]'`"
        ) from error
    with rc_context({"svg.hashsalt": "locking"}):  # a picture of one thing is one file
        figure = Figure(figsize=(9, 6), layout="constrained")
        known = figure.canvas.get_supported_filetypes()
        if kind not in known:
            kinds = ", ".join(sorted(known))
            raise UsageError(
                f"--plot: can't write {kind or 'a file without a kind'}; it is {kinds}"
            )
        draw_costs(costs, figure.add_subplot())
        figure.legend(loc="outside lower left", fontsize="small")
        metadata = {"Date": None} if kind == "svg" else {}
        figure.savefig(path, format=kind, metadata=metadata)


def draw_costs(costs: Sequence[Cost], axes: "Axes") -> None:
    """Draw one run if there is one case, or else lines over nodes. Errors: `UsageError`."""
    if len(costs) == 1 and costs[0].run:
        draw_run(costs[0], costs[0].run, axes)
    elif len({each.nodes for each in costs}) > 1:
        draw_lines(costs, axes)
    else:
        raise UsageError(
            "--plot draws one case, such as --placement P, or several numbers of nodes, such as "
            "--nodes 1..8"
        )


def draw_run(cost: Cost, run: Timeline, axes: "Axes") -> None:
    """A bar for each thread; what is critical has a frame."""
    critical = {each.bar for each in run.critical}
    steps = dict.fromkeys(each.what for each in run.bars if not each.waits)
    colours = {step: f"C{at}" for at, step in enumerate(steps)}
    named = set[str]()
    for each in run.bars:
        label = f"waits for {each.what}" if each.waits else each.what
        look: dict[str, Any] = {"color": WAITING_COLOUR if each.waits else colours[each.what]}
        if each in critical:
            look |= {"edgecolor": "black", "linewidth": 1.5}
        if label not in named:
            look["label"] = label
            named.add(label)
        begin, end = cost.seconds(each.begin), cost.seconds(each.end)
        axes.barh(run.threads.index(each.thread), end - begin, left=begin, height=0.6, **look)
    axes.set_yticks(range(len(run.threads)), run.threads)
    axes.invert_yaxis()
    axes.set_xlabel("seconds; framed: the critical path")
    order = f", {QUEUED}" if cost.queued else ""
    axes.set_title(f"{cost.name}: {cost.seconds(run.end):.6g} s{order}")


def draw_lines(costs: Sequence[Cost], axes: "Axes") -> None:
    """A line for the worst times of each case; cases of one line share it.

    They are those of first come, first served, where an object knows that.
    """
    lines: dict[tuple[tuple[int, float], ...], list[str]] = {}
    for name in dict.fromkeys(each.name for each in costs):
        points = tuple(
            (each.nodes, each.seconds(shown.worst))
            for each in costs
            if each.name == name and (shown := each.queued or each.free) and shown.worst is not None
        )
        lines.setdefault(points, []).append(name)
    for drawn, names in lines.items():
        nodes, seconds = zip(*drawn, strict=True) if drawn else ((), ())
        axes.plot(nodes, seconds, marker="o", label=", ".join(names))
    axes.set_xticks(sorted({each.nodes for each in costs}))
    axes.set_xlabel("nodes")
    axes.set_ylabel("seconds until all threads have ended")
    axes.set_ylim(bottom=0)
    if any(each.queued for each in costs):
        axes.set_title(f"{costs[0].case.model.reference}, {QUEUED}")
