"""The table of durations: which named steps and sections take how long.

A table is TOML. `role` is the role of which there is one a node; it may be left out.

    role = "adder"

    [steps]
    INIT_PAGES = 20
    RESIZE_ZONE = { seconds = 0.1, holding = "pgdat_resize_lock" }

A step that a table does not name takes as long as the step that it is a variant of, or no time.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import lcm
from pathlib import Path

from locking.errors import UsageError, unknown
from locking.model import Model
from locking.placements.trees import Step

FILE_NAME = "durations.toml"
"""How the table of a model is called, in the folder that has the model's name."""


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
    try:
        text = Path(path).read_bytes().decode()
        table = tomllib.loads(text, parse_float=Decimal)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
        raise UsageError(f"{path}: it is no TOML: {error}") from error
    for key in table:
        if key not in ("role", "steps"):
            raise UsageError(f"{path}: {unknown('key', key, ('role', 'steps'))}")
    role, steps = table.get("role", ""), table.get("steps", {})
    if not isinstance(role, str) or (role and role not in model.cast):
        raise UsageError(f"{path}: {unknown(f'role of {model.name}', str(role), model.cast)}")
    if not isinstance(steps, dict):
        raise UsageError(f"{path}: steps is {steps!r}; write [steps], and below it NAME = SECONDS")
    return Durations({name: duration(path, name, said) for name, said in steps.items()}, role)


def duration(path: str, name: str, said: object) -> Duration:
    """What a table says of one step. Errors: `UsageError`."""
    where = f"{path}: {name}"
    holding: object = ""
    if isinstance(said, dict):
        for key in said:
            if key not in ("seconds", "holding"):
                raise UsageError(f"{where}: {unknown('key', key, ('seconds', 'holding'))}")
        holding = said.get("holding", "")
        said = said.get("seconds")
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        raise UsageError(f"{where} is {said!r}; write its seconds, such as 0.1")
    if not Decimal(said).is_finite() or said < 0:
        raise UsageError(f"{where} takes {said} seconds; write a number that is not below 0")
    if not isinstance(holding, str):
        raise UsageError(f"{where}: holding is {holding!r}; write the name of a lock, in quotes")
    return Duration(name, Fraction(said), holding)
