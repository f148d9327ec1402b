"""Waiting for a condition over objects, in one step: `await wait_until(condition, x, y)`."""

import inspect
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from locking.errors import ModelError
from locking.objects.operation import UNTIL, Object
from locking.objects.until import Until
from locking.programs.constructs import atomic, procedure

T = TypeVar("T", bound=Hashable)


async def wait_until(condition: Callable[..., T], *objects: Object) -> T:
    """What `condition` returned of the states of `objects`, once that is true.

    Looking at all of them and going on is one step, which is taken only where the condition is
    true; a thread whose condition never comes true waits for good. The states that it saw are
    forgotten. A `Cell` or an `Atomic` is looked at by a marked load that acquires, which takes part
    in data races also while the thread waits; a `Refcount` by one that orders nothing. A look at
    any other object takes no part in races and orders nothing.

    Kernel: smp_cond_load_acquire() and atomic_cond_read_acquire(), include/asm-generic/barrier.h,
    which look at one word; over several it stands for code that looks at them under their lock.
    In papers: `await`, as in Owicki and Gries (Acta Informatica 6, 1976).

    Errors: `ModelError` where there is no object, or what is given is none, or the condition is no
    function or an `async def`.
    """
    if not callable(condition):
        raise ModelError(
            f"wait_until({condition!r}): write a function of states first, then the objects, "
            f"as in `wait_until(lambda x: x == 0, x)`"
        )
    for each in objects or (None,):
        if not isinstance(each, Object):
            raise ModelError(
                f"wait_until() got {'no object' if each is None else repr(each)}; write the "
                f"objects whose states the condition is given, as in "
                f"`wait_until(lambda x: x == 0, x)`"
            )
    return await until(condition, objects)


async def smp_cond_load_relaxed(word: Object, condition: Callable[[Any], T]) -> T:
    """`wait_until(condition, word)`, but by loads that order nothing.

    Kernel: smp_cond_load_relaxed() and atomic_cond_read_relaxed(), include/asm-generic/barrier.h.

    Errors: `ModelError` where the word is no object, or the condition no function.
    """
    if not (isinstance(word, Object) and callable(condition)):
        raise ModelError(
            f"smp_cond_load_relaxed({word!r}, {condition!r}): write an object first, then a "
            f"function of its state, as in `smp_cond_load_relaxed(x, lambda x: x == 0)`"
        )
    return await until(condition, (word,), relaxed=True)


@procedure
async def until(
    condition: Callable[..., T], objects: tuple[Object, ...], relaxed: bool = False
) -> T:
    """What `wait_until` returns of arguments that were checked. Errors: `ModelError`."""
    async with atomic():
        found = condition(*[await each.observing(relaxed) for each in objects])
        if inspect.iscoroutine(found):
            found.close()
            raise ModelError("the condition of wait_until() is an `async def`; write `def`")
        if not found:
            await Until(objects[-1], UNTIL, objects=objects)
    return found
