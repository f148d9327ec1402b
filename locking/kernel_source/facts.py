"""What is known of variables, by their signs, and what a store ends of it."""

import re

from locking.kernel_source.flow_ops import ANY, POSITIVE, ZERO, FlowOp, Value
from locking.kernel_source.grammar import node_text
from locking.kernel_source.sources import ANYWHERE, Function

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")

Facts = tuple[tuple[str, int], ...]
"""For each variable or condition, in words of the source, the signs that it may have."""


def arguments_stored(op: FlowOp, callee: Function | None) -> list[str]:
    """The arguments that a call itself may store to: fields by address, parameters of a macro."""
    texts = [node_text(each) for each in op.arguments]
    named = zip(callee.parameters if callee else (), texts, strict=False)
    stored = (callee and callee.stored) or frozenset()
    return [each[1:] for each in texts if each[:1] == "&"] + [
        text for name, text in named if name in stored
    ]


def is_of_variables(key: str, function: Function) -> bool:
    """Whether what is known is of variables that a function declares, or of the configuration."""
    if key[:1] in "#$":
        return True
    names = IDENTIFIER.findall(key)
    return set(names) <= function.variables and not re.search(r"[.>*\[]", key)


def may_be_stored(key: str, stored: frozenset[str]) -> bool:
    """Whether a store to what is named so may change what is known by `key`."""
    if ANYWHERE in stored and re.search(r"[*\[]", key):
        return True
    return not stored.isdisjoint(IDENTIFIER.findall(key))


def argument_sign(text: str, facts: Facts) -> int:
    """What is known of an argument."""
    constants = {"NULL": ZERO, "false": ZERO, "true": POSITIVE, "0": ZERO, "1": POSITIVE}
    return constants.get(text) or sign_of(text, facts)


def sign_of(value: Value, facts: Facts) -> int:
    """The signs that a value may have."""
    if isinstance(value, int):
        return value
    return dict(facts).get(value, ANY)


def with_answer(facts: Facts, key: str, signs: int) -> Facts:
    """Facts with another, which was tested and not stored."""
    if not key:
        return facts
    return tuple(sorted({**dict(facts), key: signs}.items()))


def with_fact(facts: Facts, key: str, signs: int) -> Facts:
    """Facts after a store to `key`: what depends on it is no longer known."""
    if not key:
        return facts
    names = IDENTIFIER.findall(key)
    changed = names[-1] if names and not key.startswith("$") else key
    left = {
        name: value
        for name, value in facts
        if name != key and (key.startswith("$") or changed not in IDENTIFIER.findall(name))
    }
    if signs != ANY:
        left[key] = signs
    return tuple(sorted(left.items()))


def without_memory(facts: Facts) -> Facts:
    """Facts of local variables, and of the configuration."""
    return tuple((name, signs) for name, signs in facts if name[:1] == "#" or name.isidentifier())
