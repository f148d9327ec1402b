"""The tables beside a model, and its event map: what commands that read traces share."""

from collections.abc import Sequence
from pathlib import Path

import locking.catalogue as catalogue
from locking.cli.parsing import Parser
from locking.conformance.event_map import EventMap, read_event_map
from locking.errors import UsageError
from locking.model import Model


def fill_events(parser: Parser) -> None:
    """Add the option that extends an event map."""
    parser.add_argument(
        "--events",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="TOML files that say which event stands for what, after the model's own",
    )


def table_beside(reference: str, name: str) -> Path:
    """Where a model has a table: `NAME.toml` in its folder, or `FILE.NAME.toml` beside FILE.py."""
    source = Path(str(catalogue.module_of_model(reference).__file__))
    in_folder = source.name == "__init__.py"
    return source.with_name(f"{name}.toml") if in_folder else source.with_suffix(f".{name}.toml")


def event_map_for(reference: str, model: Model, more: Sequence[str]) -> EventMap:
    """The model's own event map, extended by others. Errors: `UsageError`, where there is none."""
    own = table_beside(reference, "events")
    files = [str(own)] if own.exists() else []
    if not files and not more:
        raise UsageError(f"{model.name} has no event map; write {own.name}")
    return read_event_map([*files, *more])
