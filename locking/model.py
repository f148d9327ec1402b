"""A model: objects, threads and properties, built for a scenario, a placement and a scope.

A small model is one system:

    MODEL = Model("abba", "Two locks in two orders", lambda case: System(objects, threads, checks))

A large one has scenarios, placements and parameters, and says which verdicts it expects and why.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from traceback import extract_tb

from locking.errors import LockingError, ModelError, PlacementError, UsageError, unknown
from locking.explore.product import Product
from locking.objects.memory import Record
from locking.objects.operation import Object
from locking.placements.placement import Placement, Step
from locking.placements.space import Space
from locking.programs.thread import Thread
from locking.properties.always import Always, bare
from locking.properties.explored import Property, Verdict

NUMBER = re.compile("[0-9]{1,18}")
"""A whole number that may be one of a scope."""


class System:
    """One thing to explore: `objects` (records count as their cells), `threads`, `properties`.

    `starts` are the states of objects that start in another than the one they were declared with.

    `unjudged` are the properties, of those that are judged always, that are not judged here:
    `required("span")`, `assertions()`, `no_misuse()`, `locks_released()`.

    Errors: `ModelError` where two of a kind share a name, there is no thread, or something is left
    `unjudged` that is judged only where it is asked for, or that is asked for.
    """

    def __init__(
        self,
        objects: Sequence[Object | Record],
        threads: Sequence[Thread],
        properties: Sequence[Property],
        starts: Mapping[Object, Hashable] | None = None,
        unjudged: Sequence[Property] = (),
    ) -> None:
        self.objects = tuple(
            cell
            for object_ in objects
            for cell in (object_.cells.values() if isinstance(object_, Record) else (object_,))
        )
        self.threads = tuple(threads)
        self.properties = tuple(properties)
        self.starts = dict(starts or {})
        self.unjudged = tuple(unjudged)
        check_unjudged(self.properties, self.unjudged)
        if not self.threads:
            raise ModelError("a system needs at least one thread")
        for kind, names in (
            ("objects", [object_.name for object_ in self.objects]),
            ("threads", [thread.name for thread in self.threads]),
            ("properties", [property_.name for property_ in self.properties]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ModelError(f"two {kind} are called {twice[0]!r}; give each its own name")

    @property
    def parts(self) -> tuple[tuple[Object, ...], tuple[Thread, ...], Mapping[Object, Hashable]]:
        """What a product of it is made of: objects, threads, and states that objects start in."""
        return self.objects, self.threads, self.starts

    def product(self, *threads: Thread) -> Product:
        """What `threads` can do together, in tables of their own; all threads, if none is named."""
        return Product(self.objects, threads or self.threads, self.starts)


def check_unjudged(properties: Sequence[Property], unjudged: Sequence[Property]) -> None:
    """Refuse to leave out what is not judged always, or is asked for. Errors: `ModelError`."""
    asked = [bare(each) for each in properties if isinstance(each, Always)]
    for each in unjudged:
        if not isinstance(each, Always):
            raise ModelError(
                f"unjudged: {each!r} is not judged always; what is: required(name), assertions(), "
                f"no_misuse(), locks_released()"
            )
        if bare(each) in asked:
            raise ModelError(f"unjudged: {each.name!r} is among the properties; take it out there")


@dataclass(frozen=True)
class Scenario:
    """Roles that run against each other, and the state that they start from.

    `roles` are those of the threads, in order; there are none where the model builds the scenario
    by itself. `file` is what it was read from, as the command line names it.
    """

    name: str
    about: str = ""
    roles: tuple[str, ...] = ()
    file: str = ""

    @property
    def reference(self) -> str:
        """How a path string and the command line name it: its file, or its name."""
        return self.file or self.name


def mix(roles: Sequence[str]) -> Scenario:
    """The scenario of these roles, which is called by them: `adder+adder+remover`."""
    return Scenario("+".join(roles), roles=tuple(roles))


@dataclass(frozen=True)
class Parameter:
    """A size of the scope: a whole number from `least` to `most`, or one of `words`."""

    name: str
    default: int | str
    about: str
    least: int = 1
    most: int = 8
    words: tuple[str, ...] = ()

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


@dataclass(frozen=True)
class Expect:
    """A verdict that the model declares, where it is not *holds*, and the reason for it.

    It applies to the scenarios and placements named (none named: to all), and to scopes in which
    every parameter in `scope` has one of the values given there. `steps` is the length of the
    shortest path, where that is pinned.
    """

    property: str
    because: str
    verdict: Verdict = Verdict.FAILS
    scenarios: tuple[str, ...] = ()
    placements: tuple[str, ...] = ()
    scope: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    steps: int | None = None


@dataclass(frozen=True)
class Size:
    """What a search of the unreduced model counts, pinned: an engine that differs is wrong."""

    states: int
    transitions: int
    depth: int
    interleavings: int | None


@dataclass(frozen=True)
class Case:
    """One point of a model: a scenario, a placement (if the model has them), and a scope."""

    model: "Model"
    scenario: Scenario
    placement: Placement | None
    scope: Mapping[str, int | str]

    def __str__(self) -> str:
        placement = [self.placement.reference] if self.placement else []
        return ", ".join([self.model.reference, self.scenario.reference, *placement])

    def build(self) -> System:
        """The system to explore. Errors: `ModelError`."""
        try:
            system = self.model.build(self)
        except LockingError:
            raise
        except (Exception, SystemExit) as error:  # a model is the user's code
            frame = extract_tb(error.__traceback__)[-1]
            raise ModelError(
                f"build() raised {type(error).__name__}: {error} "
                f"({frame.filename}, line {frame.lineno})"
            ) from error
        if not isinstance(system, System):
            raise ModelError(f"build() returned {system!r}; it returns a System")
        return system


@dataclass(frozen=True)
class Model:
    """A system under check. `build` makes the system of a case.

    `steps` are, for every role, the steps that a placement may arrange in it. `cast` are the roles
    of which a scenario may be made, a mix, each with how many there may be of it; one that has no
    steps, where others do, is no thread. With an empty cast there are only the model's scenarios.
    """

    name: str
    about: str
    build: Callable[[Case], System]
    scenarios: tuple[Scenario, ...] = (Scenario("only"),)
    placements: tuple[Placement, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    expected: tuple[Expect, ...] = ()
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    size: Size | None = None
    file: str = ""
    cast: Mapping[str, int] = field(default_factory=dict)
    space: Space | None = None

    def __post_init__(self) -> None:
        for scenario in self.scenarios:
            if scenario.roles and self.cast:
                try:
                    self.check_roles(scenario)
                except UsageError as refused:
                    raise ModelError(str(refused)) from refused
        # A declared verdict that applies to nothing would be a promise that nobody checks.
        scenarios = [each.name for each in self.scenarios]
        placements = [each.name for each in self.placements]
        parameters = [each.name for each in self.parameters]
        for expect in self.expected:
            for kind, names, known in (
                ("scenario", expect.scenarios, scenarios),
                ("placement", expect.placements, placements),
                ("parameter", expect.scope, parameters),
            ):
                for name in names:
                    if name not in known:
                        error = unknown(kind, name, known)
                        raise ModelError(f"{self.name} expects of {expect.property}: {error}")

    @property
    def reference(self) -> str:
        """How a path string names the model: the file that it was read from, or its name."""
        return self.file or self.name

    def case(
        self,
        scenario: str | Scenario,
        placement: Placement | None,
        given: Mapping[str, str] | None = None,
    ) -> Case:
        """The case of these names and values. Errors: `UsageError`, `PlacementError`."""
        found = self.scenario(scenario) if isinstance(scenario, str) else scenario
        if found not in self.scenarios:
            self.check_roles(found)
            # Its path strings would replay the other.
            if found.reference in [each.name for each in self.scenarios]:
                raise UsageError(f"scenario {found.name!r}: {self.name} has another of that name")
        if placement is not None:
            self.check_steps(placement)
        return Case(self, found, placement, self.scope(given or {}))

    def scenario(self, name: str) -> Scenario:
        """The model's own scenario called `name`, or the mix of the roles that a `+` joins.

        Errors: `UsageError`.
        """
        by_name = {scenario.name: scenario for scenario in self.scenarios}
        if name in by_name:
            return by_name[name]
        if not self.cast or ("+" not in name and name not in self.cast):
            raise unknown(f"scenario of {self.name}", name, [*by_name, *self.cast])
        found = mix(name.split("+"))
        self.check_roles(found)
        return found

    def check_roles(self, scenario: Scenario) -> None:
        """Refuse a scenario that the model's cast can't play. Errors: `UsageError`."""
        where = f"scenario {scenario.name!r}"
        if not scenario.roles or not self.cast:
            names = ", ".join(each.name for each in self.scenarios)
            why = f"{self.name} makes none of roles" if scenario.roles else "it has no roles"
            raise UsageError(f"{where}: {why}, and it is none of the model's own: {names}")
        for role, times in Counter(scenario.roles).items():
            if role not in self.cast:
                raise UsageError(f"{where}: {unknown(f'role of {self.name}', role, self.cast)}")
            if times > self.cast[role]:
                raise UsageError(
                    f"{where}: {self.name} takes {self.cast[role]} of role {role}, not {times}"
                )
        if not any(self.acts(role) for role in scenario.roles):
            acting = ", ".join(role for role in self.cast if self.acts(role))
            raise UsageError(f"{where}: it has no role that acts; those are {acting}")

    def acts(self, role: str) -> bool:
        """Whether a role of the cast is a thread."""
        return not self.steps or role in self.steps

    def placement(self, name: str) -> Placement:
        """The model's own placement called `name`. Errors: `UsageError`."""
        by_name = {placement.name: placement for placement in self.placements}
        if name not in by_name:
            raise unknown(f"placement of {self.name}", name, by_name)
        return by_name[name]

    def scope(self, given: Mapping[str, str]) -> dict[str, int | str]:
        """Every parameter's value. Errors: `UsageError`."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise unknown(f"parameter of {self.name}", name, known)
        return {
            name: parameter.read(given[name]) if name in given else parameter.default
            for name, parameter in known.items()
        }

    def check_steps(self, placement: Placement) -> None:
        """Refuse a placement with a role or a step that is not the model's."""
        for role in placement.roles:
            if role not in self.steps:
                raise PlacementError(
                    f"placement {placement.name!r}: {unknown('role', role, self.steps)}"
                )
            names = [step.name for step in self.steps[role]]
            for step in placement.steps(role):
                if step not in self.steps[role]:
                    raise PlacementError(
                        f"placement {placement.name!r}, {role}: {unknown('step', step.name, names)}"
                    )

    def declared(self, case: Case, property_: str) -> Expect | None:
        """The verdict declared for a case; None where scenario or placement is not its own."""
        if case.placement is not None and case.placement not in self.placements:
            return None
        if case.scenario not in self.scenarios:
            return None
        for expect in self.expected:
            if (
                expect.property == property_
                and case.scenario.name in (expect.scenarios or (case.scenario.name,))
                and (
                    not expect.placements
                    or (case.placement and case.placement.name in expect.placements)
                )
                and all(case.scope[name] in values for name, values in expect.scope.items())
            ):
                return expect
        return Expect(property_, "", Verdict.HOLDS)
