"""Rules of objects that a check may set otherwise than the model does.

What an object decides by is often an attribute that it was made with: the fairness of a lock,
whether a wait may end for nothing. Such an attribute is a `Ruled` one, with a word for each value.
A check puts other words in force, and the model is not edited.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from locking.errors import unknown
from locking.objects.in_force import InForce
from locking.objects.operation import Object


class Ruled:
    """An attribute of a kind of object, with a word for each of its values."""

    def __init__(self, **words: Any) -> None:
        self.values = {word.replace("_", "-"): value for word, value in words.items()}

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, target: Object | None, owner: type) -> Any:
        if target is None:
            return self
        word = InForce.rules.words.get(target, "")
        return self.values[word] if word in self.values else self.declared(target)

    def __set__(self, target: Object, value: Any) -> None:
        target.__dict__[self.name] = value

    def declared(self, target: Object) -> Any:
        """The value that the model made the object with."""
        return target.__dict__[self.name]


def words_of_rule(target: Object) -> dict[str, Ruled]:
    """The words that may be put in force for an object, each with what it sets."""
    return {
        word: each
        for owner in reversed(type(target).__mro__)
        for each in vars(owner).values()
        if isinstance(each, Ruled)
        for word in each.values
    }


def is_declared(target: Object, word: str) -> bool:
    """Whether an object was made with the value of this word."""
    ruled = words_of_rule(target)[word]
    return bool(ruled.declared(target) == ruled.values[word])


def rules_for(objects: Sequence[Object], asked: Mapping[str, str]) -> Mapping[Object, str]:
    """What is asked for by the names of objects, of a system that has these.

    A word under no name, the empty one, is for every object that knows it and has no other.

    Errors: `UsageError` for an unknown object or word, which says what there is.
    """
    ruled = {each.name: each for each in objects if words_of_rule(each)}
    found: dict[Object, str] = {}
    for name, word in asked.items():
        if name and name not in ruled:
            raise unknown("object with a rule to choose", name, ruled)
        takers = [ruled[name]] if name else list(ruled.values())
        known = dict.fromkeys(each for taker in takers for each in words_of_rule(taker))
        if word not in known:
            raise unknown(f"rule{f' of {name}' if name else ''}", word, known)
        own = [each for each in takers if name or each.name not in asked]
        found.update({each: word for each in own if word in words_of_rule(each)})
    return found
