"""What a lock may do, as an object that watches an algorithm which is said to do that.

A user of a lock sees calls and what they return. In the specification, an operation takes effect
in one step, some time between the call and the return (Herlihy and Wing, "Linearizability", ACM
TOPLAS 12(3), 1990). When it did is not seen, so the state is a set: every way to explain all that
was seen so far. If a return leaves no explanation, the algorithm does what its specification never
does.

The set is the subset construction of the specification (Rabin and Scott, "Finite automata and their
decision problems", IBM Journal 3(2), 1959): after every event it has exactly the states to which
the specification can come by these events.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.objects.alike import alike
from locking.objects.operation import WAIT, Call, Misuse, Object, Outcome, Queue, operation, ordered
from locking.objects.order import NO_ORDER
from locking.objects.values import renamed


class Pending(NamedTuple):
    """A call that has not returned; `result` is a tuple with one value once it took effect."""

    thread: str
    operation: str
    args: tuple[Hashable, ...]
    result: tuple[Hashable, ...] = ()


class Possibility(NamedTuple):
    """One way to explain what was seen: the state of the specification, and the calls that last."""

    state: Any
    pending: frozenset[Pending] = frozenset()

    def of(self, thread: str) -> Pending | None:
        """The call of `thread` that lasts, if one does."""
        return next((each for each in self.pending if each.thread == thread), None)

    def replaced(self, old: Pending, *new: Pending, state: Any) -> "Possibility":
        """The specification in `state`, with `new` for the call `old`."""
        return Possibility(state, self.pending - {old} | frozenset(new))


Possibilities = frozenset[Possibility]


class Unspecified(NamedTuple):
    """Why an operation that took effect breaks the contract of the specification."""

    reason: str


class Specification(Object):
    """`lock`, which an algorithm refines: all that its users see is a behaviour of `lock`.

    `may_fail` names operations, such as trylocks, that may also return False without any effect,
    whatever the state is. State: the ways to explain what was seen. Every thread sees one call at a
    time. The object orders nothing, so an algorithm must order by itself what it protects.

    Errors: `ModelError` where `lock` is no object, or has no such operation.
    """

    def __init__(self, lock: Object, may_fail: Iterable[str] = ()) -> None:
        if not isinstance(lock, Object):
            raise ModelError(f"Specification({lock!r}): give it an object, such as Mutex('m')")
        super().__init__(f"{lock.name}.specification", frozenset({Possibility(lock.start)}))
        self.lock = lock
        self.may_fail = (may_fail,) if isinstance(may_fail, str) else tuple(may_fail)
        for each in self.may_fail:
            if not isinstance(getattr(type(lock), each, None), Call):
                raise ModelError(f"{self!r}: {lock!r} has no operation {each!r} that may fail")

    @ordered(NO_ORDER)
    @operation
    def called(self, state: Possibilities, me: str, name: str, args: tuple[Any, ...]) -> Outcome:
        """Nothing; `me` has called operation `name` of the lock, which may take effect now."""
        rule = getattr(type(self.lock), name, None)
        if not isinstance(rule, Call):
            return Misuse(f"{self.lock!r} has no operation {name!r}")
        if len(args) != rule.arity:
            return Misuse(f"{name} of {self.lock!r} takes {rule.arity} arguments, not {args!r}")
        if any(each.of(me) for each in state):
            return Misuse(f"{me} calls {name} before its last call has returned")
        asked = Pending(me, name, args)
        found = self.closed({each._replace(pending=each.pending | {asked}) for each in state})
        return Misuse(found.reason) if isinstance(found, Unspecified) else (found, None)

    @ordered(NO_ORDER)
    @operation
    def returned(self, state: Possibilities, me: str, result: Hashable) -> Outcome:
        """Whether the lock may return `result` to `me` now; if not, nothing changes."""
        if not any(each.of(me) for each in state):
            return Misuse(f"{me} returns from no call")
        found = frozenset(after for each in state for after in self.once_returned(each, me, result))
        return (found, True) if found else (state, False)

    def once_returned(self, before: Possibility, me: str, result: Any) -> Iterator[Possibility]:
        """`before` without the call of `me`, if that took effect with this result."""
        call = before.of(me)
        if call and call.result and alike(call.result[0], result):
            yield before.replaced(call, state=before.state)

    def closed(self, known: set[Possibility]) -> Possibilities | Unspecified:
        """All that `known` become by the unseen steps of the lock, or why one is a misuse."""
        todo = list(known)
        while todo:
            before = todo.pop()
            for after in self.steps(before):
                if isinstance(after, Unspecified):
                    return after
                if after not in known:
                    known.add(after)
                    todo.append(after)
        return frozenset(known)

    def steps(self, before: Possibility) -> Iterator[Possibility | Unspecified]:
        """What one unseen step makes of `before`: a call takes effect, fails, or queues up."""
        for call in before.pending:
            if not call.result:
                yield from self.effects(before, call)

    def effects(self, before: Possibility, call: Pending) -> Iterator[Possibility | Unspecified]:
        """What one unseen step of `call` makes of `before`."""
        if call.operation in self.may_fail:
            yield before.replaced(call, call._replace(result=(False,)), state=before.state)
        outcome = self.lock.step(call.operation, before.state, call.thread, call.args)
        if isinstance(outcome, Misuse):
            yield Unspecified(outcome.reason)
        elif isinstance(outcome, Queue):
            yield before._replace(state=outcome.state)
        elif outcome is not WAIT:
            state, result = outcome
            yield before.replaced(call, call._replace(result=(result,)), state=state)

    def rename(self, state: Possibilities, names: Mapping[str, str]) -> Possibilities:
        """The explanations with other names in them."""
        return frozenset(
            Possibility(self.lock.rename(each.state, names), renamed(each.pending, names))
            for each in state
        )

    def show(self, state: Possibilities) -> str:
        """The states that the lock may be in, in words."""
        return " or ".join(sorted({self.lock.show(each.state) for each in state}))
