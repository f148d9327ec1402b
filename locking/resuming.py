"""Whose search a checkpoint is: what must be the same for it to be resumed."""

import platform
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from locking.errors import CheckpointError
from locking.explore.checkpoint import Checkpoint
from locking.explore.recorded import Recorded
from locking.model import Case
from locking.system import System


def checkpoint(
    file: str, case: Case, system: System, *, minimise: bool, engine: str = "reference"
) -> Checkpoint:
    """The search of `case` that is kept in `file`, by `engine`. Errors: `CheckpointError`."""
    if system.scheduled:
        raise CheckpointError(
            f"{case}: a search of threads that run on processors can't be kept; "
            f"leave out --checkpoint"
        )
    product = Recorded(*system.parts)
    return Checkpoint(Path(file), identity(case, system, minimise=minimise), product, engine)


def identity(case: Case, system: System, *, minimise: bool) -> dict[str, str]:
    """What makes the search of a case the one that it is, each as a text.

    It says early and plainly what differs. It does not prove that threads and objects do what they
    did: they are asked again.
    """
    return {
        "locking": version("locking"),
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "byte order": sys.byteorder,
        "case": str(case),
        "scope": " ".join(f"{name}={value}" for name, value in case.scope.items()) or "none",
        "merging": "yes" if minimise else "no",
        "placement": text_digest(str(case.placement)),
        "source": text_digest(*sorted(source_texts(case, system))),
    }


def source_texts(case: Case, system: System) -> Iterator[str]:
    """The text of every file that the model, its threads or its objects come from."""
    made_of: list[object] = [case.model.build, *(thread.program for thread in system.threads)]
    made_of += [step.run for steps in case.model.steps.values() for step in steps]
    made_of += [type(each) for each in system.objects]
    for name in dict.fromkeys(getattr(each, "__module__", "") for each in made_of):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            yield Path(file).read_text(encoding="utf-8", errors="replace")


def text_digest(*texts: str) -> str:
    """A digest of texts."""
    return sha256("\0".join(texts).encode()).hexdigest()
