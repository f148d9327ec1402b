"""The pictures of the docs, made from what the harness says by `python -m tests.pictures`."""

from pathlib import Path

from tests.pictures import pipeline, placements, torn_span, trace

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"

DRAWINGS = {
    "pipeline.svg": pipeline.render,
    "placements.svg": placements.render,
    "torn-span.svg": torn_span.render,
    "trace.svg": trace.render,
}
"""The drawings by the names of their files."""
