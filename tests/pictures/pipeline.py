"""From threads to a verdict: what a check does, and which part is compared with which."""

from typing import NamedTuple

from tests.pictures.drawing import arrow, box, svg, text


class Stage(NamedTuple):
    """A stage of a check: what it is called, what it does, and its folder or file."""

    name: str
    does: tuple[str, ...]
    file: str


STAGES = (
    Stage("Threads", ("async def functions,", "locks, memory"), "programs/, objects/"),
    Stage("Learn", ("every result of every", "operation, into tables"), "explore/learn.py"),
    Stage("Explore", ("every interleaving,", "as tuples of numbers"), "explore/reference.py"),
    Stage("Judge", ("each property in", "every state or run"), "judging.py"),
    Stage("Replay", ("the shortest run, with", "the real coroutines"), "traces/replay.py"),
)
"""The stages in order; files are below `locking/`."""

WIDTH, HEIGHT = 900, 220
LEFT, EACH, BOX, TOP = 16, 177, 158, 44


def render() -> str:
    """The picture."""
    shapes = [text(LEFT, 26, "locking check: from threads to a verdict", "strong")]
    for at, stage in enumerate(STAGES):
        x = LEFT + at * EACH
        shapes.append(box(x, TOP, BOX, 92, "box", 6))
        shapes.append(text(x + 10, TOP + 24, stage.name, "strong"))
        shapes += [text(x + 10, TOP + 44 + 17 * n, each) for n, each in enumerate(stage.does)]
        shapes.append(text(x + 10, TOP + 82, stage.file, "muted"))
        if at:
            shapes.append(arrow(x - EACH + BOX, TOP + 46, x - 1, TOP + 46))
    end = LEFT + 4 * EACH + BOX / 2
    shapes += [
        f'<path d="M{end:g} {TOP + 92}V{TOP + 122}H{LEFT + EACH + BOX / 2:g}V{TOP + 94}"'
        ' class="line" marker-end="url(#tip)"/>',
        text(
            LEFT + 2.5 * EACH,
            TOP + 140,
            "every step is compared with the tables: a wrong table shows no run",
            "middle",
        ),
        text(LEFT, TOP + 164, "holds", "good strong"),
        text(LEFT + 50, TOP + 164, "no interleaving breaks it"),
        text(LEFT + 260, TOP + 164, "fails", "bad strong"),
        text(LEFT + 300, TOP + 164, "with the shortest run, replayed"),
        text(LEFT + 540, TOP + 164, "unknown", "strong"),
        text(LEFT + 612, TOP + 164, "the search did not end, and why"),
    ]
    says = "; ".join(f"{each.name}: {' '.join(each.does)} ({each.file})" for each in STAGES)
    return svg("From threads to a verdict", says, WIDTH, HEIGHT, shapes)
