"""Many objects of one kind: one lock for each bucket, one cell for each slot.

A group is a plain tuple or dict, so it is indexed and gone through as those are, and it is no
object itself: each member is, under a name of its own.

    locks = array(Spinlock, "bucket", 4)             # locks[2] is the Spinlock "bucket[2]"
    pages = table(Cell, "page", ("a", "b"), None)    # pages["a"] is the Cell "page[a]"
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from locking.errors import ModelError
from locking.objects.memory import Record
from locking.objects.operation import Object

Member = TypeVar("Member", bound=Object | Record)
Key = TypeVar("Key", bound=Hashable)


def array(
    make: Callable[..., Member], name: str, length: int, /, *args: Any, **kwargs: Any
) -> tuple[Member, ...]:
    """`length` members, `make("name[0]", *args, **kwargs)` and so on.

    Errors: `ModelError` for a length that is no whole number, or less than 1.
    """
    if type(length) is not int or length < 1:
        raise ModelError(f"array {name!r} has length {length!r}; write a whole number, at least 1")
    return tuple(make(f"{name}[{at}]", *args, **kwargs) for at in range(length))


def table(
    make: Callable[..., Member], name: str, keys: Iterable[Key], /, *args: Any, **kwargs: Any
) -> dict[Key, Member]:
    """A member for each of `keys`, `make("name[key]", *args, **kwargs)`, by that key.

    Errors: `ModelError` where there is no key, or two of them are equal.
    """
    found = list(keys)
    if not found or len(set(found)) < len(found):
        raise ModelError(f"table {name!r} has the keys {found!r}; write some, each of them once")
    return {key: make(f"{name}[{key}]", *args, **kwargs) for key in found}


def members(where: str, given: Any) -> Iterator[Object]:
    """The objects in `given`: one, a record's cells, or what a list, tuple or dict has in it.

    Errors: `ModelError`, which begins with `where`, for what is none of these.
    """
    if isinstance(given, Object):
        yield given
    elif isinstance(given, Record):
        yield from given.cells.values()
    elif isinstance(given, Mapping):
        yield from members(where, list(given.values()))
    elif isinstance(given, list | tuple):
        for each in given:
            yield from members(where, each)
    else:
        raise ModelError(
            f"{where}: {given!r} is no Object or Record, and no list, tuple or dict "
            f"of them; write `System(objects, threads, properties)`, each a list"
        )
