"""The table of durations: which named steps and sections take how long.

A table is TOML. `role` is the role of which there is one a node; it may be left out.

    role = "adder"

    [steps]
    INIT_PAGES = 20
    RESIZE_ZONE = { seconds = 0.1, holding = "pgdat_resize_lock" }

A step that a table does not name takes as long as the step that it is a variant of, or no time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from math import lcm
from pathlib import Path
from typing import Any

from locking.errors import UsageError, unknown
from locking.model import Model
from locking.placements.trees import Step
from locking.text.toml_tables import entries, keys, read_table, text_in, written

FILE_NAME = "durations.toml"
"""How the table of a model is called, in the folder that has the model's name."""

MOST_SECONDS = 10**9
"""The longest duration: some thirty years."""

FINEST = Decimal("1e-9")
"""Durations are whole multiples of a nanosecond, so that the numbers of units stay small."""


@dataclass(frozen=True)
class Duration:
    """How many seconds a thread spends in the section `step`, each time that it enters it.

    With `holding`, the name of an object, the time passes when the thread is inside and holds that.
    """

    step: str
    seconds: Fraction
    holding: str = ""


@dataclass(frozen=True)
class Durations:
    """The durations of steps by their names, and the role of which there is one a node."""

    steps: Mapping[str, Duration] = field(default_factory=dict)
    role: str = ""

    def overridden(self, other: "Durations") -> "Durations":
        """These durations, but those of `other` where it has some.

        What `other` does not say of a step that is known here, it leaves as it is: its `holding`.
        """
        steps = dict(self.steps)
        for name, each in other.steps.items():
            known = steps.get(name)
            steps[name] = Duration(
                name, each.seconds, each.holding or (known.holding if known else "")
            )
        return Durations(steps, other.role or self.role)

    def for_steps(self, steps: Iterable[Step]) -> "Durations":
        """These durations, and those of variants: as long as the step that each is a variant of."""
        found = dict(self.steps)
        for each in steps:
            known = found.get(each.variant_of or "")
            if each.name not in found and known:
                found[each.name] = Duration(each.name, known.seconds, known.holding)
        return Durations(found, self.role)

    def unit(self, *others: Fraction) -> Fraction:
        """The largest number of seconds of which all durations, and `others`, are multiples."""
        seconds = [each.seconds for each in self.steps.values()] + list(others)
        return Fraction(1, lcm(*(each.denominator for each in seconds)))


def durations_of(
    model: Model, files: Sequence[str], measured: Durations | None = None
) -> Durations:
    """The durations of a model: its own table, overridden by what was `measured`, then by `files`.

    Errors: `UsageError` for a file that can't be read or is no such table, for a name that the
    model's steps do not have, and where there is no table at all.
    """
    own = Path(model.build.__code__.co_filename).parent
    table = str(own / FILE_NAME)
    has_table = own.name == model.name and Path(table).exists()
    if not has_table and not files and not measured:
        raise UsageError(
            f"{model.reference} has no table of durations; give one: --durations FILE.toml"
        )
    found = read_durations(table, model) if has_table else Durations()
    found = found.overridden(measured or Durations())
    for path in files:
        found = found.overridden(read_durations(path, model))
    return found.for_steps(step for steps in model.steps.values() for step in steps)


def read_durations(path: str, model: Model) -> Durations:
    """The table in a file. Errors: `UsageError`, which names the file and what is wrong in it."""
    return read_table("durations", path, partial(durations_in, model), exact)


def durations_in(model: Model, table: Mapping[str, Any]) -> Durations:
    """The durations that a table has. Errors: `UsageError`, which names the row."""
    keys(table, "the table", ("role", "steps"))
    role = text_in("role", table.get("role", ""))
    if role and role not in model.cast:
        raise unknown(f"role of {model.name}", role, model.cast)
    rows = entries("steps", table.get("steps", {}))
    return Durations({name: duration(name, row) for name, row in rows}, role)


def exact(text: str) -> Decimal:
    """A number as it is written; one that is too large or too small to be counted is infinite."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def duration(name: str, row: Any) -> Duration:
    """What a table says of one step. Errors: `UsageError`."""
    where = f"steps.{name}"
    if not isinstance(row, dict):
        row = {"seconds": row}
    keys(row, where, ("seconds", "holding"))
    seconds = row.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | Decimal):
        raise UsageError(f"{where}: {written(seconds)} is no number of seconds; write such as 0.1")
    if Decimal(seconds).is_nan() or not 0 <= seconds <= MOST_SECONDS or seconds % FINEST:
        raise UsageError(
            f"{where}: {written(seconds)} seconds; "
            f"write 0 to {MOST_SECONDS:,}, by {FINEST:f} at the finest"
        )
    return Duration(name, Fraction(seconds), text_in(f"{where}.holding", row.get("holding", "")))
