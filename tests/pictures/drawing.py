"""An SVG: shapes with a class each, readable on a light and on a dark page, with a text for each.

A picture has a background of its own, so it is readable on any page, and follows the reader's
choice of light or dark. Sizes are pixels; coordinates of a text are those of its baseline.
"""

from collections.abc import Iterable
from html import escape

STYLE = """
:root { --page: #ffffff; --ink: #1f2328; --muted: #59636e; --line: #d1d9e0; --fill: #f6f8fa;
  --write: #0b5cad; --read: #5b3fa8; --on: #ffffff; --bad: #b42318; --good: #1a7f37; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181e; --ink: #e6edf3; --muted: #a0abb6; --line: #3d444d; --fill: #20262e;
    --write: #7db8f5; --read: #c0a9f7; --on: #14181e; --bad: #ff8f85; --good: #6bd486; }
}
text { fill: var(--ink); font: 13px system-ui, -apple-system, "Segoe UI", Arial, sans-serif; }
.mono { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.muted { fill: var(--muted); }
.strong { font-weight: 600; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.on { fill: var(--on); }
.bad { fill: var(--bad); }
.good { fill: var(--good); }
.page { fill: var(--page); }
.box { fill: var(--fill); stroke: var(--line); }
.write { fill: var(--write); }
.read { fill: var(--read); }
.bare { fill: none; stroke: var(--muted); stroke-dasharray: 3 3; }
.line { stroke: var(--muted); fill: none; }
.thin { stroke: var(--line); fill: none; }
.call { stroke: var(--bad); fill: none; stroke-width: 1.5; }
.tip { fill: var(--muted); }
""".strip()

ARROW = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker>'
)
"""The tip of an arrow, which `arrow` refers to."""


def svg(title: str, says: str, width: int, height: int, shapes: Iterable[str]) -> str:
    """The file; `title` and `says` are what a reader hears who does not see it."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(says)}</desc>',
            f"<style>\n{STYLE}\n</style>",
            f"<defs>{ARROW}</defs>",
            box(0, 0, width, height, "page", 8),
            *shapes,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words)}</text>'


def mono(x: float, y: float, words: str, each: float) -> str:
    """A line of text in which each letter has the same width, whatever font a reader has."""
    return (
        f'<text x="{x:g}" y="{y:g}" class="mono" xml:space="preserve"'
        f' textLength="{len(words) * each:g}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(words)}</text>"
    )


def box(x: float, y: float, width: float, height: float, kind: str, round_: float = 3) -> str:
    """A rectangle."""
    at = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {at} rx="{round_:g}" class="{kind}"/>'


def line(x: float, y: float, to_x: float, to_y: float, kind: str = "line") -> str:
    """A line from one point to another."""
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" class="{kind}"/>'


def arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    """A line with a tip at its end."""
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" class="line" marker-end="url(#tip)"/>'
