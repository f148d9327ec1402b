"""A comparison as JSON: one object for each property of each pair."""

import json
from collections.abc import Iterator, Sequence

from locking.report import to_json
from locking.studies.comparison import FlippedVerdict, Pair
from locking.studies.necessity import result_pairs


def comparison_lines(
    kind: str, pairs: Sequence[Pair], found: Sequence[FlippedVerdict]
) -> Iterator[str]:
    """One line of JSON for each property that both are judged by; `kind` is what is compared.

    `one` and `two` are as `check --json` has them. `differs` is whether the verdicts do; `second`
    whether the run that is followed on the other side is that of `two`, `stopped` what becomes of
    it there, and `apart` where they first do something else. They are null where there is no run.
    """
    flipped = {(each.where, each.flip.after.claim.name): each for each in found}
    for pair in pairs:
        one, two = pair.one.report, pair.two.report
        for mine, other in result_pairs(one, two):
            flip = flipped.get((pair.where, other.claim.name))
            entry = {
                "compared": kind,
                "differs": flip is not None,
                "one": {**to_json.found(one, mine), "variant": one.case.variant or None},
                "two": {**to_json.found(two, other), "variant": two.case.variant or None},
            }
            yield json.dumps({**entry, **followed_as_data(flip)})


def followed_as_data(flip: FlippedVerdict | None) -> dict[str, object]:
    """What becomes of the run of a verdict that flips."""
    if flip is None or flip.run is None:
        return {"second": None, "stopped": None, "apart": None}
    return {
        "second": flip.second,
        "stopped": flip.stopped,
        "apart": vars(flip.apart) if flip.apart else None,
    }
