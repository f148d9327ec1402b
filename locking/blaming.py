"""Running a model's own code: whatever it raises is an error of the model, which names the case."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import extract_tb

from loguru import logger

from locking.errors import LockingError, ModelError
from locking.mending import mend
from locking.model import Case


@contextmanager
def blaming(case: Case) -> Iterator[None]:
    """A context that turns what the model's code raises into a `ModelError` with case and line."""
    try:
        yield
    except ModelError as error:
        raise type(error)(f"{case}: {error}") from error
    except LockingError:
        raise
    except (Exception, SystemExit) as error:  # locks and predicates may raise anything
        logger.opt(exception=error).debug("what was raised, and where")
        frame = extract_tb(error.__traceback__)[-1]
        raise ModelError(
            f"{case}: {type(error).__name__}: {error} "
            f"({frame.filename}, line {frame.lineno}){mend(error)}"
        ) from error
