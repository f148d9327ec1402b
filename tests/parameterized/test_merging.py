"""Conditions that are joined say what they said before."""

from itertools import product

from locking.parameterized.merging import OthersCondition, joined_conditions

THINGS = ("a", "b", "c")


def is_true(conditions: list[OthersCondition], had: frozenset[str]) -> bool:
    """Whether one of some conditions is true where others have these things."""
    return any(all((thing in had) is has for _, thing, has in each) for each in conditions)


def test_joined_conditions_are_true_where_one_of_the_given_is() -> None:
    everything = [
        frozenset(thing for thing, has in zip(THINGS, bits, strict=True) if has)
        for bits in product((False, True), repeat=len(THINGS))
    ]
    for chosen in product((False, True), repeat=len(everything)):
        given = [
            frozenset((0, thing, thing in had) for thing in THINGS)
            for had, wanted in zip(everything, chosen, strict=True)
            if wanted
        ]
        joined = joined_conditions(given)
        assert len(joined) <= len(given)
        for had in everything:
            assert is_true(joined, had) is is_true(given, had)
    assert joined_conditions(given) == [frozenset()]
