"""What stands after `together`, as a property of the states in which all threads have ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from locking.errors import ModelError, Vacuous
from locking.explore.product import Product, State
from locking.objects.operation import Object
from locking.programs.keys import typed
from locking.properties.explored import Explored, Finding, Judgement, Verdict, finding_of
from locking.properties.state import Never
from locking.properties.view import View, view
from locking.testing.body import BodyStart, Stop, finish
from locking.testing.together import Program
from locking.text.file_names import line_of
from locking.text.source_lines import statement


class Rest:
    """The rest of a body, run on the objects' states in a view.

    `blind` are the objects, by name, that were all it looked at in some run though no thread uses
    them.
    """

    def __init__(self, program: Program, start: BodyStart, objects: Iterable[Object]) -> None:
        self.program = program
        self.start = start
        self.known = {object_.name: object_ for object_ in objects}
        self.blind: set[str] = set()

    def __call__(self, seen: View) -> Stop | None:
        """What is wrong, if anything is. Errors: `ModelError`."""
        strange: set[str] = set()

        def final(object_: Object) -> Any:
            known = self.known.get(object_.name)
            if known is None:
                strange.add(object_.name)
                return object_.start
            refuse_other(known, object_)
            return seen[known]

        stop = finish(self.program, self.start, final)
        if not seen.objects:
            self.blind |= strange
        return stop


def refuse_other(one: Object, other: Object) -> None:
    """Refuse an object that is not the other one made anew. Errors: `ModelError`."""
    if (type(one), typed(one.start)) != (type(other), typed(other.start)):
        raise ModelError(f"two objects are called {one.name!r}; give each its own name")


@dataclass(frozen=True)
class Ending(Never):
    """`rest` goes through, whenever all threads have ended."""

    rest: Rest = field(kw_only=True)

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first end where it does not. Errors: `Vacuous`."""
        found = super().judge(explored)
        if found.verdict is Verdict.HOLDS and self.rest.blind:
            names = ", ".join(sorted(self.rest.blind))
            raise Vacuous(f"no thread uses what is looked at after together() ({names})")
        return found

    def find(self, product: Product, state: State) -> Finding | None:
        """What is wrong after `together`, with the values that were looked at."""
        end = view(product, state)
        stop = self.rest(end) if end.finished else None
        if stop is None:
            return None
        known = {repr(object_) for object_ in product.objects}
        named = {name: text for name, text in stop.operands if text not in known}
        where = f"{statement(stop.site)} ({line_of(stop.site)})"
        says = f"{where}: {stop.says}" if stop.says else where
        seen = finding_of(says, end)
        return replace(seen, operands=tuple({**named, **end.operands}.items()))


def ending(rest: Rest) -> Ending:
    """The property that `rest` goes through, which may look at nothing but that all have ended."""

    def bad(seen: View) -> bool:
        return seen.finished and rest(seen) is not None

    return Ending("after-together", bad, only_finished=True, rest=rest)
