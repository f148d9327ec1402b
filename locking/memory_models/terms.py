"""Terms over sets and relations of events: what the axioms of memory models are made of.

A term is built once, by the operators of Python or by the cat language, and evaluated for many
candidate executions. Equal terms are one object, so what is shared is evaluated once.

    fr = rf.inverse.then(co)              # rf^-1 ; co
    po_release = only(M).then(po, only(RELEASES))    # [M] ; po ; [Release]
"""

from dataclasses import dataclass
from functools import cache

from locking.errors import ModelError

SET = "set"
RELATION = "relation"

CHOSEN_RELATIONS = ("rf", "co")
"""The relations that differ between the candidates of one event structure."""


class KindError(ModelError):
    """A set stands where a relation is needed, or the other way round."""


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Term:
    """A set or a relation of events. Equal terms are identical.

    `depends` has the terms in it whose value isn't that of the event structure alone: `rf`, `co`,
    and variables of recursions around it.
    """

    operator: str
    operands: tuple["Term", ...]
    name: str
    """Of a set or relation that is given, and of a variable."""
    kind: str
    depends: frozenset["Term"]

    def __or__(self, other: "Term") -> "Term":
        """Union."""
        if EMPTY_TERM in (self, other):
            return other if self is EMPTY_TERM else self
        return _alike("or", self, other)

    def __and__(self, other: "Term") -> "Term":
        """Intersection."""
        return EMPTY_TERM if EMPTY_TERM in (self, other) else _alike("and", self, other)

    def __sub__(self, other: "Term") -> "Term":
        """Difference."""
        if EMPTY_TERM in (self, other):
            return self
        return _alike("minus", self, other)

    def __invert__(self) -> "Term":
        """All events, or pairs, that are not in it."""
        return made("not " + self.kind, (self,), self.kind)

    def __mul__(self, other: "Term") -> "Term":
        """The relation of each event of a set with each of another."""
        if other is ALL_EVENTS:
            return made("rows", (of(SET, self),), RELATION)
        if self is ALL_EVENTS:
            return made("columns", (of(SET, other),), RELATION)
        return (self * ALL_EVENTS) & (ALL_EVENTS * other)

    def then(self, *others: "Term") -> "Term":
        """Composition with one relation after the other: `;`."""
        found = of(RELATION, self)
        for other in others:
            found = _composed(found, of(RELATION, other))
        return found

    @property
    def inverse(self) -> "Term":
        """The relation turned round: `^-1`."""
        return made("inverse", (of(RELATION, self),), RELATION)

    @property
    def plus(self) -> "Term":
        """The transitive closure: `+`."""
        return made("plus", (of(RELATION, self),), RELATION)

    @property
    def star(self) -> "Term":
        """The reflexive and transitive closure: `*`."""
        return self.plus | ID

    @property
    def maybe(self) -> "Term":
        """The relation, or no step at all: `?`."""
        return of(RELATION, self) | ID

    @property
    def domain(self) -> "Term":
        """The events that are related to some event."""
        return made("domain", (of(RELATION, self),), SET)

    @property
    def range_(self) -> "Term":
        """The events that some event is related to."""
        return made("range", (of(RELATION, self),), SET)


@cache
def made(operator: str, operands: tuple[Term, ...], kind: str, name: str = "") -> Term:
    """The term of this operator."""
    depends = frozenset[Term]().union(*(varying(each) for each in operands))
    return Term(operator, operands, name, kind, depends)


def varying(term: Term) -> frozenset[Term]:
    """What the value of a term depends on beside the event structure; that may be itself."""
    chosen = term.operator == "given" and term.name in CHOSEN_RELATIONS
    return frozenset({term}) if chosen or term.operator == "variable" else term.depends


def of(kind: str, term: Term) -> Term:
    """A term that must be of this kind.

    Errors: `KindError` if it is of the other.
    """
    if term.kind != kind and term is not EMPTY_TERM:
        raise KindError(f"a {kind} is needed, but this is a {term.kind}")
    return term


def _alike(operator: str, first: Term, second: Term) -> Term:
    """Two operands of one kind."""
    return made(operator, (first, of(first.kind, second)), first.kind)


def _composed(first: Term, second: Term) -> Term:
    """`first ; second`, with no composition where one of them only selects events."""
    if EMPTY_TERM in (first, second):
        return EMPTY_TERM
    if ID in (first, second):
        return second if first is ID else first
    if first.operator == "identity":
        return (first.operands[0] * ALL_EVENTS) & second
    if second.operator == "identity":
        return first & (ALL_EVENTS * second.operands[0])
    return made("then", (first, second), RELATION)


def given_set(name: str) -> Term:
    """A set of the event structure."""
    return made("given", (), SET, name)


def given(name: str) -> Term:
    """A relation of the event structure, or `rf` or `co`."""
    return made("given", (), RELATION, name)


def only(events: Term) -> Term:
    """Each event of a set with itself: `[S]`."""
    return made("identity", (of(SET, events),), RELATION)


ALL_EVENTS = made("all", (), SET)
"""All events: `_`."""

EMPTY_TERM = made("none", (), RELATION)
"""The empty set, and the empty relation: `0`."""

ID = made("identity", (ALL_EVENTS,), RELATION)


def variable(name: str, kind: str) -> Term:
    """A new variable, for a recursion."""
    return Term("variable", (), name, kind, frozenset())


def recursion(variables: tuple[Term, ...], bodies: tuple[Term, ...]) -> tuple[Term, ...]:
    """The values of variables that are equal to their bodies: `let rec ... and ...`.

    All start empty. In each round each gets the value of its body, one after the other, until a
    round changes nothing. So what is not monotone may be defined too.
    Errors: `ModelError` if one recursion is inside another.
    """
    depends = frozenset[Term]().union(*(varying(each) for each in bodies)) - {*variables}
    if any(each.operator == "variable" for each in depends):
        raise ModelError("a `let rec` inside another that uses its names can't be evaluated")
    whole = Term("recursion", (*variables, *bodies), "", RELATION, depends)
    return tuple(
        made("result", (whole,), each.kind, str(number)) for number, each in enumerate(variables)
    )
