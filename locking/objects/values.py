"""States of objects as plain values: in words, and with other names in them."""

from collections.abc import Mapping
from typing import Any


def value_in_words(value: Any) -> str:
    """A value as people read it: text without quotes, anything else as Python writes it."""
    return str(value) if isinstance(value, str) else repr(value)


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A value with other names in it, also inside tuples and frozen sets."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple | frozenset):
        found = [renamed(each, names) for each in value]
        return type(value)(*found) if hasattr(value, "_fields") else type(value)(found)
    return value
