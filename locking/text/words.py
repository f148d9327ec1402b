"""Words that sentences are made of: numbers with their nouns, and lists."""

from collections.abc import Sequence


def counted(count: int, noun: str, plural: str = "s") -> str:
    """A number with its noun; `plural` is what is put behind the noun of any other than one."""
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def listed(rows: Sequence[str]) -> str:
    """`rows`, of which there is at least one, as a list in a sentence."""
    return " and ".join([", ".join(rows[:-1]), rows[-1]]) if len(rows) > 1 else rows[0]
