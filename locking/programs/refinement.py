"""Calls of an algorithm that its specification watches.

await refine(specification, "mutex_lock", algorithm.lock)
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from locking.objects.specification import Specification
from locking.programs.constructs import procedure, require

T = TypeVar("T", bound=Hashable)


@procedure
async def refine(
    specification: Specification,
    operation: str,
    algorithm: Callable[..., Awaitable[T]],
    *args: Hashable,
) -> T:
    """What `algorithm(*args)` returns, called as `operation` of the specification's lock.

    The requirement `refinement` fails if the specification can't return that here. The call and the
    return are steps of their own, so others can move between them and the algorithm's own steps.
    The lock's operation is given `args` too. Misuse: one that breaks the contract of the lock.
    """
    await specification.called(operation, args)
    result = await algorithm(*args)
    allowed = await specification.returned(result)
    require(allowed, "refinement", operation=operation, returned=result)
    return result
