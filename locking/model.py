"""A model: objects, threads and properties, built for a scenario, a placement and a scope.

A small model is one system:

    MODEL = Model("abba", "Two locks in two orders", lambda case: System(objects, threads, checks))

A large one has scenarios, placements and parameters, and says which verdicts it expects and why.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb

from locking.errors import LockingError, ModelError, PlacementError, UsageError, unknown
from locking.mending import mend
from locking.names import check_name, check_names
from locking.placements.placement import Placement
from locking.placements.space import Space
from locking.placements.trees import Step
from locking.programs.algorithm import Algorithm
from locking.programs.building import built, names_line
from locking.programs.guard import Runaway, endless
from locking.properties.explored import Verdict
from locking.scope import (
    MEMORY,
    VARIANT,
    Parameter,
    Scope,
    checked_memory,
    chosen_in,
    fix,
    is_chosen,
    locks_in,
    refuse_memory,
    rules_in,
    with_memory,
)
from locking.sequences import tuple_of
from locking.system import System, as_system

HOUSE = str(Path(__file__).parent)
"""Where the code is that is no model's."""


def is_users(filename: str) -> bool:
    """Whether a file is of a model, not of the harness."""
    return not filename.startswith((HOUSE, "<string>"))  # the latter is a dataclass's


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

    def __post_init__(self) -> None:
        check_name("scenario", self.name)
        fix(self, roles=tuple_of(str, f"scenario {self.name!r}: roles", self.roles))

    @property
    def reference(self) -> str:
        """How a path string and the command line name it: its file, or its name."""
        return self.file or self.name


def mix(roles: Sequence[str]) -> Scenario:
    """The scenario of these roles, which is called by them: `adder+adder+remover`."""
    return Scenario("+".join(roles), roles=tuple(roles))


@dataclass(frozen=True)
class Expect:
    """A verdict that the model declares, where it is not *holds*, and the reason for it.

    It applies to the scenarios, placements and variants named (none named: to all), and to scopes
    in which every parameter in `scope` has one of the values given there; `memory` is the memory
    model, `sc`, `tso` or `lkmm`. `steps` is the length of the shortest path, where that is pinned.
    """

    property: str
    because: str
    verdict: Verdict = Verdict.FAILS
    scenarios: tuple[str, ...] = ()
    placements: tuple[str, ...] = ()
    scope: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    steps: int | None = None
    variants: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"what is expected of {self.property}"
        if not isinstance(self.verdict, Verdict):
            known = ", ".join(f"Verdict.{each.name}" for each in Verdict)
            raise ModelError(f"{where}: {self.verdict!r} is no verdict; write one of {known}")
        refuse_memory(where, self.scope.get(MEMORY, ()))
        fix(
            self,
            scenarios=tuple_of(str, f"{where}: scenarios", self.scenarios),
            placements=tuple_of(str, f"{where}: placements", self.placements),
            variants=tuple_of(str, f"{where}: variants", self.variants),
        )


ONLY = Scenario("only")
"""The scenario of a model that declares none; nothing is called after it."""


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
        return ", ".join(name for name in self.names if name != ONLY.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The model, the scenario, and what there is of a placement, a variant, rules and locks."""
        placement = self.placement.reference if self.placement else ""
        names = (self.model.reference, self.scenario.reference, placement, self.variant)
        rules = (f"{name} {word}".strip() for name, word in chosen_in(self.scope).items())
        return (*filter(None, names), *rules)

    @property
    def variant(self) -> str:
        """The variant of the model that this is; empty if the model has none."""
        return str(self.scope[VARIANT]) if self.model.variants else ""

    def build(self) -> System:
        """The system to explore. Errors: `ModelError`."""
        try:
            system = as_system(built(self.model.build, self))
        except ModelError as error:
            frames = [each for each in extract_tb(error.__traceback__) if is_users(each.filename)]
            if type(error) is not ModelError or not frames or names_line(error, frames[-1]):
                raise
            at = f"{frames[-1].filename}, line {frames[-1].lineno}"
            raise ModelError(f"{error} ({at})") from error
        except LockingError:
            raise
        except Runaway as error:
            raise endless("build()", error) from None
        except (Exception, SystemExit) as error:  # a model is the user's code
            frames = list(extract_tb(error.__traceback__))
            if not any(is_users(each.filename) for each in frames) and isinstance(error, TypeError):
                code = getattr(self.model.build, "__code__", None)
                at = f"{code.co_filename}, line {code.co_firstlineno}" if code else "?"
                raise ModelError(
                    f"build() can't be called with the case ({at}); write `def build(case):`"
                ) from error
            at = f"{frames[-1].filename}, line {frames[-1].lineno}"
            says = f"build() raised {type(error).__name__}: {error} ({at}){mend(error)}"
            if self.placement is None and self.model.steps and "NoneType" in str(error):
                says = f"build() wants a placement ({at}); give the model `placements=[...]`"
            raise ModelError(says) from error
        known = {each.reference: each for each in self.model.algorithms}
        algorithms = {}
        for lock, name in locks_in(self.scope).items():
            if name not in known:
                raise unknown(f"algorithm for {lock}", name, known)
            algorithms[lock] = known[name]
        system.put_in_force(rules_in(self.scope), algorithms)
        return system.under(self.scope.get(MEMORY))


def nothing_to_judge(case: Case) -> ModelError:
    """The error for a case whose system has no properties; it says where that is built."""
    code = getattr(case.model.build, "__code__", None)
    at = f" ({code.co_filename}, line {code.co_firstlineno})" if code else ""
    return ModelError(
        f"{case}: it has no properties, so there is nothing to judge; "
        f"give the system some, such as `deadlock_free()`{at}"
    )


def missing(case: Case) -> System:
    """Refuse a case of a model that has no `build`. Errors: `ModelError`."""
    raise ModelError(f"{case.model.name} has no build")


@dataclass(frozen=True)
class Model:
    """A system under check. `build` makes the system of a case.

    `steps` are, for every role, the steps that a placement may arrange in it. `cast` says how many
    threads of each role a mix, a scenario made of roles, may have; a role without steps, where
    others have some, is no thread. With an empty cast there are only the model's scenarios.
    `variants` are names of what `build` tells apart by `case.variant`, such as the code before and
    after a fix: a check has each of them in a row of its own, all else takes the first by default.
    """

    name: str
    about: str = ""
    build: Callable[[Case], System] = missing
    scenarios: tuple[Scenario, ...] = (ONLY,)
    placements: tuple[Placement, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    expected: tuple[Expect, ...] = ()
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    size: Size | None = None
    file: str = ""
    cast: Mapping[str, int] = field(default_factory=dict)
    space: Space | None = None
    variants: tuple[str, ...] = ()
    algorithms: tuple[Algorithm, ...] = ()

    def __post_init__(self) -> None:
        self.check_given()
        for scenario in self.scenarios:
            if scenario.roles and self.cast:
                try:
                    self.check_roles(scenario)
                except UsageError as refused:
                    raise ModelError(str(refused)) from refused
        # A declared verdict that applies to nothing would be a promise that nobody checks.
        scenarios = [each.name for each in self.scenarios]
        placements = [each.name for each in self.placements]
        parameters = [each.name for each in self.parameters if each.name != VARIANT]
        for expect in self.expected:
            for kind, names, known in (
                ("scenario", expect.scenarios, scenarios),
                ("placement", expect.placements, placements),
                ("parameter", expect.scope, (*parameters, MEMORY)),
                ("variant", expect.variants, self.variants),
            ):
                for name in names:
                    if name not in known:
                        error = unknown(kind, name, known)
                        raise ModelError(f"{self.name} expects of {expect.property}: {error}")

    def check_given(self) -> None:
        """Take what was given as tuples, and refuse what has no good name. Errors: `ModelError`."""
        check_name("model", self.name)
        if not isinstance(self.about, str) or self.build is missing or not callable(self.build):
            raise ModelError(
                f"model {self.name!r} lacks what it is about, or how it is built; write "
                f"`Model(name, about, build)`, of which the last is a function of the case"
            )
        where = f"model {self.name!r}"
        fix(
            self,
            scenarios=tuple_of(Scenario, f"{where}: scenarios", self.scenarios),
            placements=tuple_of(Placement, f"{where}: placements", self.placements),
            parameters=tuple_of(Parameter, f"{where}: parameters", self.parameters),
            expected=tuple_of(Expect, f"{where}: expected", self.expected),
            algorithms=tuple_of(Algorithm, f"{where}: algorithms", self.algorithms),
            steps={
                role: tuple_of(Step, f"{where}: steps of {role}", steps)
                for role, steps in self.steps.items()
            },
        )
        fix(self, variants=tuple_of(str, f"{where}: variants", self.variants))
        check_names("variant", "variants", self.variants)
        if self.variants and VARIANT not in [each.name for each in self.parameters]:
            which = Parameter(VARIANT, self.variants[0], "which variant", words=self.variants)
            fix(self, parameters=(which, *self.parameters))
        check_names("scenario", "scenarios", [each.name for each in self.scenarios])
        check_names("placement", "placements", [each.name for each in self.placements])
        check_names("parameter", "parameters", [each.name for each in self.parameters])
        check_names("algorithm", "algorithms", [each.reference for each in self.algorithms])
        check_names("role", "roles", self.steps)
        check_names("role", "roles", self.cast)
        for role, steps in self.steps.items():
            check_names("step", f"steps of {role}", [each.name for each in steps])

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

    def scope(self, given: Mapping[str, str]) -> Scope:
        """Every parameter's value. Errors: `UsageError`."""
        known = {parameter.name: parameter for parameter in self.parameters}
        chosen = {name: word for name, word in given.items() if is_chosen(name)}
        for name in given:
            if name not in known and name not in chosen:
                raise unknown(f"parameter of {self.name}", name, known)
        values = {
            name: parameter.read(given[name]) if name in given else parameter.default
            for name, parameter in known.items()
        }
        return checked_memory(Scope({**values, **chosen}))

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
        """The verdict declared for a case; None where what it is made of is not the model's own."""
        placed = case.placement is None or case.placement in self.placements
        own = placed and case.scenario in self.scenarios
        if not own or chosen_in(case.scope).keys() - {MEMORY}:
            return None
        scope = with_memory(case.scope)
        for expect in self.expected:
            if (
                expect.property == property_
                and case.scenario.name in (expect.scenarios or (case.scenario.name,))
                and (
                    not expect.placements
                    or (case.placement and case.placement.name in expect.placements)
                )
                and case.variant in (expect.variants or (case.variant,))
                and all(scope[name] in values for name, values in expect.scope.items())
            ):
                return expect
        return Expect(property_, "", Verdict.HOLDS)
