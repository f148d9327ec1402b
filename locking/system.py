"""A system: objects, threads and properties, which is what a search explores."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from copy import copy
from inspect import iscoroutine
from typing import Any

from locking.errors import ModelError, UsageError, unknown
from locking.explore.product import Product
from locking.explore.scheduled import Scheduled
from locking.names import check_name, check_names
from locking.objects.fences import Fences
from locking.objects.groups import members
from locking.objects.in_force import ChosenRules, InForce
from locking.objects.operation import Object
from locking.objects.processor import Processor
from locking.objects.rules import rules_for
from locking.programs.algorithm import Algorithm, stand_for
from locking.programs.children import Child
from locking.programs.keys import NoValue, typed
from locking.programs.loop_variables import refuse_loop_variables
from locking.programs.position import Requirement
from locking.programs.store_buffers import with_buffers
from locking.programs.thread import Thread
from locking.properties.always import Always, bare, property_called
from locking.properties.explored import Property
from locking.properties.failing import NeverFails
from locking.properties.happens_before import HappensBeforeRaceFree
from locking.properties.kinds import Subject, kind_of
from locking.scope import LKMM, TSO, without_states
from locking.sequences import in_words, tuple_of


class System:
    """One thing to explore: `objects`, `threads`, `properties`.

    Records count as their cells; a list, tuple or dict of objects counts as what is in it.

    The lifetimes of threads that are started are objects as well, and so are processors.

    `starts` are the states of objects that start in another than the one they were declared with.

    `rules` are the rules and the algorithms that its case puts in force; there are none at first.

    `unjudged` are the properties, of those that are judged always, that are not judged here:
    `required("span")`, `assertions()`, `no_misuse()`, `locks_released()`, `can_end()`.

    Errors: `ModelError` where two of a kind share a name, or there is no thread.
    """

    def __init__(
        self,
        objects: Iterable[Any] | Mapping[Any, Any],
        threads: Sequence[Thread],
        properties: Sequence[Property],
        starts: Mapping[Object, Hashable] | None = None,
        unjudged: Sequence[Property] = (),
    ) -> None:
        where = "objects of the system"
        if isinstance(objects, str) or not isinstance(objects, Iterable):
            raise ModelError(
                f"{where}: {in_words(objects)} is no sequence; write `[...]` around it"
            )
        given = objects if isinstance(objects, Mapping) else tuple(objects)
        self.objects = tuple(members(where, given))
        self.threads = tuple_of(Thread, "threads of the system", threads)
        self.objects += tuple(
            each.lifetime
            for each in self.threads
            if isinstance(each, Child) and each.lifetime not in self.objects
        )
        self.objects += tuple(
            dict.fromkeys(
                each.processor
                for each in self.threads
                if each.processor and each.processor not in self.objects
            )
        )
        where = "properties of the system"
        if isinstance(properties, str) or not isinstance(properties, Iterable):
            raise ModelError(
                f"{where}: {in_words(properties)} is no sequence; write `[...]` around it"
            )
        self.properties = tuple(properties)
        for each in self.properties:
            if not hasattr(each, "judge"):
                name = getattr(each, "__name__", None) or each
                known = isinstance(name, str) and name.isidentifier()
                made = f"{name}()" if known else "deadlock_free()"
                raise ModelError(f"{where}: {in_words(each)} is no property; write `{made}`")
        self.check_takes_processors()
        self.starts = dict(starts or {})
        self.unjudged = tuple(unjudged)
        self.rules = ChosenRules()
        check_unjudged(self.properties, self.unjudged)
        if not self.threads:
            raise ModelError("a system needs at least one thread")
        check_names("object", "objects", [each.name for each in self.objects])
        check_names("thread", "threads", [each.name for each in self.threads])
        refuse_loop_variables(self.threads)
        check_names("property", "properties", [each.name for each in self.properties])
        check_starts(self.objects, self.starts)
        check_values(self.objects, self.starts)

    def check_takes_processors(self) -> None:
        """Refuse a property that knows no processors. Errors: `ModelError`."""
        for each in self.properties:
            if self.scheduled and isinstance(each, HappensBeforeRaceFree):
                raise ModelError(
                    f"property {each.name!r}: what a processor orders is not known to "
                    f"happens_before_race_free(); threads run on one here, so write "
                    f"data_race_free()"
                )

    def put_in_force(self, rules: Mapping[str, str], algorithms: Mapping[str, Algorithm]) -> None:
        """Let objects work by other `rules`, and `algorithms` stand for locks, all by their names.

        Errors: `UsageError` for what there is not, and for a rule of a lock that has an algorithm;
        `ModelError`.
        """
        both = sorted(rules.keys() & algorithms.keys())
        if both:
            raise UsageError(f"{both[0]} has a rule and an algorithm; give it one of them")
        names = tuple(each.name for each in self.threads)
        self.objects, done = stand_for(self.objects, names, self.starts, algorithms)
        check_names("object", "objects", [each.name for each in self.objects])
        self.rules = ChosenRules(rules_for(self.objects, rules), done)

    def under(self, memory: object) -> "System":
        """The system as a memory model needs it; None stands for SC. Errors: `ModelError`."""
        if memory == LKMM:
            return self.with_fences()
        return self.with_store_buffers() if memory == TSO else self

    def with_store_buffers(self) -> "System":
        """The system whose threads have store buffers, as on x86. Errors: `ModelError`.

        Data races are about sequentially consistent runs, so they are not judged there.
        """
        if self.scheduled:
            raise ModelError("threads run on processors here, which know no --memory but sc")
        if counting := [each for each in self.objects if getattr(each, "unbounded", False)]:
            raise ModelError(f"{counting[0]!r} is unbounded, which knows no --memory but sc")
        found = copy(self)
        found.objects, found.threads, buffers, performs = with_buffers(self.objects, self.threads)
        check_names("object", "objects", [each.name for each in found.objects])
        check_names("thread", "threads", [each.name for each in found.threads])
        found.properties = tuple(each for each in self.properties if not about_races(each))
        if self.properties and not found.properties:
            names = ", ".join(each.name for each in self.properties)
            raise ModelError(f"{names}: data races are judged under --memory sc alone")
        algorithms = {**performs, **self.rules.algorithms}
        found.rules = self.rules._replace(algorithms=algorithms, buffers=buffers)
        return found

    def with_fences(self) -> "System":
        """The system whose barriers are steps, as its executions need them. Errors: `ModelError`.

        Threads that must end have executions; what goes on for ever has none.
        """
        if self.scheduled:
            raise ModelError("threads run on processors here, which --memory lkmm does not know")
        if daemons := [each for each in self.threads if each.daemon]:
            raise ModelError(f"{daemons[0].name} is a daemon, which --memory lkmm does not know")
        found = copy(self)
        found.rules = self.rules._replace(fences=Fences())
        return found

    @property
    def parts(self) -> tuple[tuple[Object, ...], tuple[Thread, ...], Mapping[Object, Hashable]]:
        """What a product of it is made of: objects, threads, and states that objects start in.

        The product has the rules that are in force when it is made: those of the system.

        Errors: `UsageError` for a system that has only executions.
        """
        if self.rules.fences is not None:
            raise without_states("a search")
        InForce.rules = self.rules
        return self.objects, self.threads, self.starts

    def product(self, *threads: Thread) -> Product:
        """What `threads` can do together, in tables of their own; all threads, if none is named."""
        objects, everybody, starts = self.parts
        kind = Scheduled if self.scheduled else Product
        return kind(objects, threads or everybody, starts)

    def unmerged(self, product: Product) -> Product:
        """What all threads can do together, in tables of its own, with nothing merged.

        What `product`, one of this system, has learned of the threads need not be learned again.
        """
        objects, threads, starts = self.parts
        learners = [automaton.learner for automaton in product.automata]
        return (Scheduled if self.scheduled else Product)(objects, threads, starts, learners)

    @property
    def scheduled(self) -> bool:
        """Whether threads of it run on processors, and so not all can move that have a step."""
        return any(isinstance(each, Processor) for each in self.objects)


def about_races(property_: Property) -> bool:
    """Whether a property is about data races, in one sense or the other."""
    happens_before = isinstance(property_, HappensBeforeRaceFree)
    return happens_before or kind_of(property_).speaks_of is Subject.ACCESSES


def check_starts(objects: Sequence[Object], starts: Mapping[Object, Hashable]) -> None:
    """Refuse states that no run can start in. Errors: `ModelError`, which names the object.

    A state is one of an object if the object can show it, and say by which names it is held.
    """
    for object_, state in starts.items():
        if object_ not in objects:
            known = ", ".join(each.name for each in objects)
            raise ModelError(f"starts has {object_!r}, which is none of the objects: {known}")
        try:
            object_.show(state)
            holders = object_.holders(state)
            for holding in holders:
                check_name("holder", holding.thread)
        except Exception as error:  # the object may be the user's, and raise anything
            raise ModelError(
                f"starts has {state!r} for {object_!r}, which is no state of it "
                f"({type(error).__name__}: {error})"
            ) from error


def check_values(objects: Sequence[Object], starts: Mapping[Object, Hashable]) -> None:
    """Refuse objects that start in what is no value. Errors: `ModelError`, which names one."""
    for each in objects:
        try:
            typed(starts.get(each, each.start))
        except NoValue as error:
            raise ModelError(f"the start of {each!r}: {error}") from error


def chosen(system: System, names: Sequence[str]) -> Sequence[Property]:
    """The properties called `names`, or all of them; what is judged always has a name too.

    A name that none has is that of a requirement; `refuse_unknown` says whether there is one.
    """
    return [called(system, name) for name in names] or system.properties


def refuse_unknown(system: System, chosen: Iterable[Property], product: Product) -> None:
    """Refuse what was asked for by a name that no property has, and no requirement in `product`.

    Errors: `UsageError`, which names those that there are.
    """
    own = [each.name for each in system.properties]
    evaluated = sorted({name for each in product.automata for name in each.required})
    for each in chosen:
        kind = each.kind if isinstance(each, NeverFails) else None
        if isinstance(kind, Requirement) and each.name not in own and kind.name not in evaluated:
            raise unknown("property", each.name, dict.fromkeys([*own, *evaluated]))


def check_unjudged(properties: Sequence[Property], unjudged: Sequence[Property]) -> None:
    """Refuse to leave out what is not judged always, or is asked for. Errors: `ModelError`."""
    asked = [bare(each) for each in properties if isinstance(each, Always)]
    for each in unjudged:
        if not isinstance(each, Always):
            raise ModelError(
                f"unjudged: {each!r} is not judged always; what is: required(name), assertions(), "
                f"no_misuse(), locks_released(), can_end()"
            )
        if bare(each) in asked:
            raise ModelError(f"unjudged: {each.name!r} is among the properties; take it out there")


def called(system: System, name: str) -> Property:
    """The property of `system` called `name`, or the one that is judged always under that name."""
    return property_called(system.properties, name)


def as_system(given: object) -> System:
    """What a model's `build` returned. Errors: `ModelError`, where it is no system."""
    if iscoroutine(given):
        given.close()  # or Python warns of it when it is dropped, at any time
        raise ModelError("build() is an `async def`; write `def build(case):`")
    if not isinstance(given, System):
        raise ModelError(f"build() returned {given!r}; write `return System(...)` at its end")
    return given
