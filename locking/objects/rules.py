"""Rules of objects that a check may set otherwise than the model does.

What an object decides by is often an attribute that it was made with: the fairness of a lock,
whether a wait may end for nothing. Such an attribute is a `Ruled` one, with a word for each value.
A check puts other words in force, and the model is not edited. An object that has several such
attributes takes a word for each: `spurious+fifo`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from locking.errors import ModelError, UsageError, unknown
from locking.objects.in_force import InForce
from locking.objects.operation import Object

MOST_KINDS = 4096
"""Classes of objects whose words are cached; a limit, because every test may make new ones."""


class Ruled:
    """An attribute of a kind of object, with a word for each of its values.

    `order = Ruled(oldest_first=True, any=False)` in a class of objects: `self.order` is then what
    the object was made with, or what `--rule OBJECT=oldest-first` says. The start state of the
    object must not depend on it. A word has `-` where its keyword has `_`.

    Errors: `ModelError` for no word, for a value that has none, and for one that was never set.
    """

    def __init__(self, **words: Any) -> None:
        if not words:
            raise ModelError(
                "Ruled() has no words; write one for each value: Ruled(fifo=True, ...)"
            )
        self.values = {word.replace("_", "-"): value for word, value in words.items()}

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, target: Object | None, owner: type) -> Any:
        if target is None:
            return self
        for word in InForce.rules.words.get(target, ()):
            if word in self.values:
                return self.values[word]
        return self.declared(target)

    def __set__(self, target: Object, value: Any) -> None:
        if value not in self.values.values():
            known = ", ".join(f"{each!r} ({word})" for word, each in self.values.items())
            raise ModelError(f"{target!r}: {self.name} is {value!r}; it may be {known}")
        target.__dict__[self.name] = value

    def declared(self, target: Object) -> Any:
        """The value that the model made the object with. Errors: `ModelError` for none."""
        if self.name not in target.__dict__:
            raise ModelError(f"{target!r}: {self.name} was never set; set it in `__init__`")
        return target.__dict__[self.name]


def words_of_rule(target: Object) -> Mapping[str, Ruled]:
    """The words that may be put in force for an object, each with what it sets.

    Errors: `ModelError` for a word of two attributes.
    """
    kind: Any = type(target)
    return words_of_kind(kind)


@lru_cache(MOST_KINDS)
def words_of_kind(kind: Any) -> Mapping[str, Ruled]:
    """The words that may be put in force for objects of a class. Errors: `ModelError`."""
    parts = {name: each for owner in reversed(kind.__mro__) for name, each in vars(owner).items()}
    found: dict[str, Ruled] = {}
    for each in parts.values():
        for word in each.values if isinstance(each, Ruled) else ():
            if word in found:
                raise ModelError(
                    f"class {kind.__name__}: {found[word].name} and {each.name} both have "
                    f"the word {word!r}; give one of them another"
                )
            found[word] = each
    return found


def is_declared(target: Object, word: str) -> bool:
    """Whether an object was made with the value of this word."""
    ruled = words_of_rule(target)[word]
    return bool(ruled.declared(target) == ruled.values[word])


def rules_for(
    objects: Sequence[Object], asked: Mapping[str, str]
) -> Mapping[Object, tuple[str, ...]]:
    """What is asked for by the names of objects, of a system that has these.

    Words under no name, the empty one, are for every object that knows them and has no other word
    for what they set.

    Errors: `UsageError` for an unknown object or word, which says what there is, and for two words
    that set one attribute.
    """
    ruled = {each.name: each for each in objects if words_of_rule(each)}
    found: dict[Object, dict[Ruled, str]] = {}
    for name in sorted(asked, key=bool):  # those of one object come last, and so prevail
        if name and name not in ruled:
            raise unknown("object with a rule to choose", name, ruled)
        takers = [ruled[name]] if name else list(ruled.values())
        known = dict.fromkeys(word for each in takers for word in words_of_rule(each))
        words = asked[name].split("+")
        for word in words:
            if word not in known:
                raise unknown(f"rule{f' of {name}' if name else ''}", word, known)
        for each in takers:
            found[each] = {**found.get(each, {}), **chosen(each, words)}
    return {each: tuple(words.values()) for each, words in found.items() if words}


def chosen(target: Object, words: Sequence[str]) -> dict[Ruled, str]:
    """Those of `words` that an object knows, by what they set. Errors: `UsageError` for two."""
    known, found = words_of_rule(target), dict[Ruled, str]()
    for word in words:
        if word in known and found.setdefault(known[word], word) != word:
            other = found[known[word]]
            raise UsageError(f"{target.name} can't be both {other} and {word}: give it one of them")
    return found
