"""Whether a certificate proves what it says: a checker that shares no code with what made it.

It believes the table of steps, which `locking certify FILE MODEL` derives anew, and nothing else.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from itertools import combinations, combinations_with_replacement, permutations, product
from typing import Any


def certify(text: str) -> dict[str, Any]:
    """The certificate, if it is one and every claim in it follows. Errors: `ValueError`."""
    found: dict[str, Any] = json.loads(text)
    try:
        given = found.pop("sha256")
        plain = json.dumps(found, sort_keys=True, separators=(",", ":"))
        demand(given == sha256(plain.encode()).hexdigest(), "its sum is another: it was changed")
        check_closed(found)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"it lacks a part ({type(error).__name__}: {error})") from error
    return found


def demand(good: bool, says: str) -> None:
    """Nothing, if it is good. Errors: `ValueError`."""
    if not good:
        raise ValueError(says)


def check_closed(c: dict[str, Any]) -> None:
    """Check a certificate. Errors: `ValueError`, `KeyError` for what the table lacks."""
    size, linear = c["size"], c["linear"]
    demand(c["format"] == "locking-views-1" and 0 < size < 10, "its format is unknown")
    fixed = {row[0]: row[1:] for row in c["fixed"]}
    table = {(row[0], row[1]): row[2:] for row in c["table"]}
    demand(len(table) == len(c["table"]) and len(fixed) == len(c["fixed"]), "a row comes twice")
    there = {(shared, tuple(places)) for shared, places in c["configurations"]}
    demand({s for s, _ in there} == set(fixed), "rows of shared parts and configurations differ")
    demand({(s, p) for s, at in there for p in at} == set(table), "rows and places differ")

    def order(places: Any) -> tuple[int, ...]:
        return tuple(places if linear else sorted(places))

    def marks(shared: int, places: Any) -> list[set[str]]:
        return [set(table[shared, place][0]) for place in places]

    def targets(shared: int, places: Any) -> Iterator[tuple[int, tuple[int, ...]]]:
        own: list[tuple[Any, Any]] = [(None, step) for step in fixed[shared][1]]
        own += [(m, s) for m, p in enumerate(places) for s in table[shared, p][1]]
        seen = marks(shared, places)
        for mover, (to, place, guards, others) in own:
            moved = dict(map(tuple, others))
            if all(met(guard, mover, seen) for guard in guards):
                new = [place if n == mover else moved.get(p, p) for n, p in enumerate(places)]
                yield to, order(new)

    def met(guard: Any, mover: Any, seen: list[set[str]]) -> bool:
        mark, least, most, side = guard
        left, right = seen[:mover], seen if mover is None else seen[mover + 1 :]
        near = right if mover is None else {"": left + right, "left": left, "right": right}[side]
        count = sum(mark in each for each in near)
        return bool(count >= least and (most is None or count <= most))

    def fits(shared: int, places: Any) -> bool:
        return all((shared, order(some)) in there for some in combinations(places, size))

    begins, never = sorted(c["begins"]), c["never"]
    demand(bool(begins and never) and all(never.values()), "it claims nothing, or of nobody")
    for few in range(size + 1):
        ways = product(begins, repeat=few) if linear else combinations_with_replacement(begins, few)
        demand(all((c["start"], way) in there for way in ways), "a beginning is missing")
    steps = [s for row in c["table"] for s in row[3]] + [s for row in c["fixed"] for s in row[2]]
    guards = [guard for step in steps for guard in step[2]]
    plain = all(
        type(each[1]) is int and each[1] >= 0 and (linear or not each[3]) for each in guards
    )
    demand(plain, "a guard is none")
    more = 1 + max((sum(guard[1] for guard in step[2]) for step in steps), default=0)
    pending = list(there)
    for shared, places in pending:  # it grows by what may be larger
        demand(order(places) == places, "places are not sorted")
        for to, after in targets(shared, places):
            for view in combinations(after, min(size, len(after))):
                demand((to, view) in there, f"a step leads to {view} at {to}, which is missing")
        if size <= len(places) < size + more:
            for place in {p for s, p in table if s == shared}:
                larger = (*places, place)
                if order(larger) == larger and fits(shared, larger):
                    pending.append((shared, larger))
    for name, patterns in never.items():
        good = all(0 < len(each) <= size and type(each) is list for each in patterns)
        demand(good, f"{name}: it has no marks, or more than its views have threads")
        for (shared, places), pattern in product(there, patterns):
            seen = [set(each) for each in fixed[shared][0]] + marks(shared, places)
            for chosen in permutations(seen, len(pattern)):
                shows = all(mark in each for mark, each in zip(pattern, chosen, strict=True))
                demand(not shows, f"{name} shows in {places} at {shared}")
