"""Names of a model, made harmless: the files have them in comments and in quoted labels alone.

Whatever could end a comment, a label or a line, or is not plain ASCII, becomes a question mark.
What the files compute with has names of our own: `t0` is a thread, `o0` an object, `p0` a place.
"""

import re
from collections.abc import Iterable, Sequence

from locking.export.tables import Check, ExportedCase, RunCheck

HARMFUL = re.compile(r"[^A-Za-z0-9 _.,:;()\[\]{}<>=+/&|!@~'-]")


def one_line(text: str) -> str:
    """The text on one line, without what might end a comment or a label."""
    return HARMFUL.sub("?", text)


def slot_names(tables: ExportedCase) -> list[str]:
    """What the files call every slot."""
    threads, objects = range(len(tables.actors)), range(len(tables.things))
    return [*(f"t{at}" for at in threads), *(f"o{at}" for at in objects)]


def export_legend(tables: ExportedCase, left_out: Iterable[str]) -> list[str]:
    """What every file says at its beginning: what it is, and what its numbers stand for.

    `left_out` are properties that this format can't say, beside those that none can.
    """
    lines = [
        f"{tables.title}; written by locking export",
        f"{tables.states} states, {tables.transitions} transitions",
        "",
        "t0, t1, ... are threads: where each stands, in its list of places.",
    ]
    for at, actor in enumerate(tables.actors):
        lines.append(f"  t{at}: {actor.name}{', a daemon' if actor.daemon else ''}")
        lines += [f"      {number}  {place}" for number, place in enumerate(actor.places)]
    lines.append("o0, o1, ... are objects: the state of each, in its list.")
    for at, thing in enumerate(tables.things):
        states = "; ".join(f"{number} {value}" for number, value in enumerate(thing.values))
        lines.append(f"  o{at}: {thing.name}: {states}")
    lines.append("Checks:")
    for number, check in enumerate(tables.checks, 1):
        lines.append(f"  {number}: {check_in_words(check)}")
    lines += [f"  not in this file: {each}" for each in (*tables.left_out, *left_out)]
    return [one_line(line).rstrip() for line in lines]


def check_in_words(check: Check) -> str:
    """A check in words."""
    counted = f", {check.at_least} threads in parallel" if check.at_least else ""
    sense = "to be found" if check.wanted else "must not be found"
    says = f" ({check.about})" if check.about else ""
    return f"{check.property}{counted}{says}: {sense}"


def run_checks_in_words(named: Sequence[tuple[str, RunCheck]]) -> list[str]:
    """Checks of whole runs in words, with their names in the file."""
    return [one_line(f"  {name}: {each.property} ({each.about})") for name, each in named]


def without_repeats(*texts: str) -> list[str]:
    """The texts, none of them twice."""
    return list(dict.fromkeys(texts))
