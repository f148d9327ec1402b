"""The scope of a case: how large the system is, and which variant of the model."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from locking.errors import ModelError, UsageError, unknown
from locking.names import check_name
from locking.sequences import tuple_of

NUMBER = re.compile("[0-9]{1,18}")
"""A whole number that may be one of a scope."""

VARIANT = "variant"
"""The parameter that says which variant of a model a case is."""


RULE, LOCK, MEMORY = "rule", "lock", "memory"
"""How a scope has the rule that is put in force for an object: under `rule NAME`, or `rule`; the
algorithm that stands for a lock: under `lock NAME`; and the memory model, if it is not SC."""

SC, TSO, LKMM = "sc", "tso", "lkmm"
"""Memory models: sequential consistency, and the total store order of x86."""

MEMORY_MODELS = {
    SC: "sequentially consistent",
    TSO: "total store order (x86), data races not judged",
    LKMM: "Linux-kernel memory model",
}
"""What a search under each memory model is said to be."""


def rule_key(object_: str = "") -> str:
    """The key of the scope for the rule of an object, or without a name for that of all."""
    return f"{RULE} {object_}" if object_ else RULE


def is_rule(name: str) -> bool:
    """Whether a key of the scope is that of a rule."""
    return name.partition(" ")[0] == RULE


def lock_key(lock: str) -> str:
    """The key of the scope for the algorithm that stands for a lock."""
    return f"{LOCK} {lock}"


def is_lock(name: str) -> bool:
    """Whether a key of the scope is that of an algorithm."""
    return name.startswith(f"{LOCK} ")


def locks_in(scope: Mapping[str, int | str]) -> dict[str, str]:
    """The algorithms of a scope, by the names of the locks for which they stand."""
    return {name.partition(" ")[2]: str(word) for name, word in scope.items() if is_lock(name)}


def memory_of(scope: Mapping[str, int | str]) -> str:
    """The memory model of a scope, in words."""
    return MEMORY_MODELS[str(scope.get(MEMORY, SC))]


def is_chosen(name: str) -> bool:
    """Whether a key of the scope is no parameter of a model, but chooses what is in force."""
    return is_rule(name) or is_lock(name) or name == MEMORY


def chosen_in(scope: Mapping[str, int | str]) -> dict[str, str]:
    """The rules, the algorithms and the memory model of a scope."""
    memory = {MEMORY: str(scope[MEMORY])} if MEMORY in scope else {}
    return {**rules_in(scope), **locks_in(scope), **memory}


def rules_in(scope: Mapping[str, int | str]) -> dict[str, str]:
    """The rules of a scope, by the names of objects; under an empty name that of all."""
    return {name.partition(" ")[2]: str(word) for name, word in scope.items() if is_rule(name)}


class Scope(dict[str, int | str]):
    """The values of parameters; one that is not there is told by its name."""

    def __missing__(self, name: str) -> int | str:
        known = ", ".join(self) or "none"
        raise ModelError(f"the scope has no {name!r}; the model's parameters: {known}")


def fix(given: object, **fields: object) -> None:
    """Put `fields` of a frozen dataclass in the form in which all else expects them."""
    for name, value in fields.items():
        object.__setattr__(given, name, value)


def without_states(what: str) -> UsageError:
    """The error where `what` is of states, and the memory model has only executions."""
    return UsageError(
        f"--memory {LKMM}: {what} needs the states of interleavings, and there are only "
        f"executions; take --memory {SC} or {TSO}, or ask `locking check`, `trace`, `compare`, "
        f"`explain` or `barriers`"
    )


def with_memory(scope: Mapping[str, int | str]) -> Scope:
    """A scope that says its memory model, whichever it is."""
    return Scope({MEMORY: SC, **scope})


def refuse_memory(where: str, words: Iterable[int | str]) -> None:
    """Refuse words of which one is no memory model. Errors: `ModelError`."""
    for each in words:
        if each not in MEMORY_MODELS:
            raise ModelError(f"{where}: {unknown('memory model', str(each), MEMORY_MODELS)}")


def checked_memory(scope: Scope) -> Scope:
    """The scope, whose memory model there is. Errors: `UsageError`."""
    if MEMORY in scope and scope[MEMORY] not in MEMORY_MODELS:
        raise unknown("memory model", str(scope[MEMORY]), MEMORY_MODELS)
    return scope


@dataclass(frozen=True)
class Parameter:
    """A size of the scope: a whole number from `least` to `most`, or one of `words`.

    `in_lockorder` is its value in `locking lockorder`, if that is not `default`: one with which
    locks are there that decide no verdict, and so are left out of checks.
    """

    name: str
    default: int | str
    about: str
    least: int = 1
    most: int = 8
    words: tuple[str, ...] = ()
    in_lockorder: int | str | None = None

    def __post_init__(self) -> None:
        check_name("parameter", self.name)
        if self.name == MEMORY:
            raise ModelError(f"a parameter can't be called {MEMORY!r}: --memory is an option")
        fix(self, words=tuple_of(str, f"parameter {self.name!r}: words", self.words))
        self.check_value("the default", self.default)
        if self.in_lockorder is not None:
            self.check_value("the value in lockorder", self.in_lockorder)

    def check_value(self, what: str, value: int | str) -> None:
        """Refuse what no user could give. Errors: `ModelError`."""
        try:
            read = self.read(str(value))
        except UsageError as error:
            raise ModelError(f"{what} of parameter {self.name!r}: {error}") from error
        if read != value:
            raise ModelError(f"{what} of parameter {self.name!r} is {value!r}; write {read!r}")

    def read(self, text: str) -> int | str:
        """The value that `text` means. Errors: `UsageError` for an impossible one."""
        if self.words:
            if text not in self.words:
                raise unknown(f"--{self.name}", text, self.words)
            return text
        if not NUMBER.fullmatch(text) or not self.least <= int(text) <= self.most:
            raise UsageError(
                f"--{self.name} {text}: impossible; "
                f"it is a whole number from {self.least} to {self.most}"
            )
        return int(text)
