"""Tables that users write in TOML: one way to read them, and one to say what is wrong in them.

`read_table` names the file in each error. The functions after it look at one value; `where` says in
their errors which value of the table it is, as in `roles.adder.begins`.
"""

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from locking.errors import LONGEST_NAME, UsageError, unknown
from locking.text.fit import cut

TableMeaning = TypeVar("TableMeaning")


def read_table(
    what: str,
    file: str | Path,
    made_of: Callable[[dict[str, Any]], TableMeaning],
    parse_float: Callable[[str], Any] = float,
) -> TableMeaning:
    """What `made_of` makes of the table in a file; `what` says in errors what the file is for.

    Errors: `UsageError`, which names the file, for a file that `parsed_toml` or `made_of` refuses.
    """
    try:
        return made_of(parsed_toml(file, parse_float))
    except UsageError as error:
        raise UsageError(f"{what} {file}: {error}") from None


def parsed_toml(file: str | Path, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The table in a file. Errors: `UsageError`, with the line where it is known, not the file."""
    try:
        content = Path(file).read_bytes()
        return tomllib.loads(content.decode(), parse_float=parse_float)
    except OSError as error:
        raise UsageError(f"it can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"it is no TOML: line {line} is no UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"it is no TOML: {error}") from None
    except ValueError:
        raise UsageError("it has a number of too many digits") from None
    except RecursionError:
        raise UsageError("it is nested too deep") from None


def entries(where: str, table: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a table. Errors: `UsageError`, where it is none."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{where}: {written(table)} is no table; write [{where}]")
    return iter(table.items())


def keys(row: Any, where: str, known: Collection[str]) -> bool:
    """True for a table that has no other keys than `known`. Errors: `UsageError` for another."""
    for name, _ in entries(where, row):
        if name not in known:
            raise unknown(f"key of {where}", name, known)
    return True


def text_in(where: str, value: Any) -> str:
    """A value that is a text. Errors: `UsageError`, where it is none."""
    if not isinstance(value, str):
        raise UsageError(f"{where}: {written(value)} is no text; write it in quotes")
    return value


def flag_in(where: str, value: Any) -> bool:
    """A value that is true or false. Errors: `UsageError`, where it is neither."""
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {written(value)} is neither true nor false")
    return value


def name_list_in(where: str, value: Any) -> list[str]:
    """A value that is a list of names. Errors: `UsageError`, where it is none."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise UsageError(f'{where}: {written(value)} is no list of names; write ["NAME", ...]')
    return value


def written(value: Any) -> str:
    """A value for a message, cut short where it is very long."""
    return cut(str(value) if isinstance(value, Decimal) else repr(value), LONGEST_NAME)
