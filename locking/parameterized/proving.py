"""`--any-number`: the properties of a case, for any number of threads of some roles.

Views of more and more threads are closed, until each property is excluded that can be. What is not
excluded is looked for with more threads by the ordinary search, which alone says *fails*: views
say more than can happen, and never less.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from locking.blaming import blaming
from locking.check import check
from locking.errors import ModelError, UsageError
from locking.explore.automaton import PlaceSplit
from locking.explore.deadline import OutOfTime, within
from locking.explore.product import Product
from locking.explore.search import ROUNDS
from locking.model import Case
from locking.objects.observed import observed
from locking.objects.operation import Object
from locking.parameterized.asking import LocalState
from locking.parameterized.claims import Claim, claim_of
from locking.parameterized.conditions import LooksBeyondCells, judge_cells
from locking.parameterized.configurations import SystemConfiguration, TooManyViews
from locking.parameterized.cutoff import Closed, close, least_size, not_excluded
from locking.parameterized.derived import DerivedSystem
from locking.parameterized.marks import broken_mark, cell_marks, failure_mark
from locking.parameterized.wider import copies_by_role, wider_cases
from locking.programs.position import Fault, Requirement
from locking.programs.thread import Thread
from locking.properties.always import judged_always
from locking.properties.explored import Property, Verdict
from locking.properties.failing import NeverFails
from locking.properties.state import Never
from locking.system import System, chosen, refuse_unknown
from locking.traces.shown_run import call_of
from locking.verdicts import Limits, Options, Result

LARGEST_VIEWS = 3
"""Threads of a view, up to which views are closed."""

MOST_STATES = 200_000
"""States of each such search, unless a limit is given."""

VIEWS_OF_PAIRS, VIEWS_BEYOND = 20_000, 1_000
"""Views of up to two threads, up to which they are closed, and of more threads."""

MOST_COPIES = 4
"""Threads that come in any number, up to which runs are looked for."""


@dataclass(frozen=True)
class ForAnyNumber:
    """What is known of a property for any number of threads of some roles.

    `cutoff` is the number of threads in whose views it was excluded. A `result` of a search is
    beside it that has a run: `case` is the one that was searched, with so many `threads`. Else
    `view` says what was not excluded. `outside` says why nothing was asked.
    """

    claim: Property
    verdict: Verdict
    cutoff: int | None = None
    result: Result | None = None
    case: Case | None = None
    threads: int = 0
    view: str = ""
    outside: str = ""


@dataclass(frozen=True)
class Proof:
    """What is known of all properties of a case; `closed` has the views that say so, of `system`.

    `closed` is None where there are too many of them.
    """

    case: Case
    names: tuple[str, ...]
    found: tuple[ForAnyNumber, ...]
    claims: Mapping[str, Claim]
    system: DerivedSystem | None
    closed: Closed | None


class Proving:
    """A case under way; `build` makes its system, in which each of `names` is a thread's name."""

    def __init__(self, case: Case, build: Callable[[Case], System], names: Sequence[str]) -> None:
        self.build = build
        self.case = replace(case, model=replace(case.model, build=build, expected=()))
        self.system = self.case.build()
        refuse_what_does_not_fit(self.system, names)
        self.roles = copies_by_role(self.system, names)
        self.conditions: list[Never] = []
        self.looked: dict[str, dict[Object, None]] = {}
        self.beyond: dict[str, str] = {}

    def derived(self, product: Product, many: Sequence[int]) -> DerivedSystem:
        """The parameterized system of what is learned so far."""
        judged = [each for each in self.conditions if each.name not in self.beyond]

        def judge(value: Callable[[Object], Any]) -> frozenset[str]:
            return frozenset(map(broken_mark, judge_cells(judged, value, self.looked)))

        return DerivedSystem(product, many, judge)

    def close(self, size: int, most: int) -> tuple[DerivedSystem, Closed]:
        """Up to `most` views of a size, over threads that are merged as far as they can be.

        Errors: `TooManyViews`, `ModelError`.
        """
        copies = {at for each in self.roles.values() for at in each}
        threads = [
            thread
            for at, thread in enumerate(self.system.threads)
            if at not in copies or thread.name in self.roles
        ]
        many = [at for at, each in enumerate(threads) if each.name in self.roles]
        observed.named -= self.roles.keys()
        product = self.system.product(*threads)
        merges = 0
        while True:
            try:
                derived = self.derived(product, many)
                closed = close(derived, size, most)
                for at in closed.everything:
                    derived.fixed_marks(at.shared)
            except LooksBeyondCells as looks:
                self.beyond[looks.name] = looks.why
                continue
            except PlaceSplit:
                merges += 1
                product.merge()
                if merges > ROUNDS:
                    product.unmerge()
                continue
            merges += 1
            if merges > ROUNDS or not product.merge():
                product.confirm()
                self.refuse_names()
                return derived, closed

    def refuse_names(self) -> None:
        """Refuse threads that ask for their names, by which copies differ. Errors: `ModelError`."""
        if asked := sorted(observed.named & self.roles.keys()):
            raise ModelError(
                f"any number of threads: {asked[0]} asks for its name by current(), and copies of "
                f"it differ in that; check a number of threads"
            )

    def claims(self, properties: Sequence[Property]) -> dict[str, Claim]:
        """The properties that can be claimed, by name."""
        found = {each.name: claim_of(each, self.system.objects) for each in properties}
        return {name: each for name, each in found.items() if each and name not in self.beyond}

    def prove(self, names: Sequence[str], options: Options) -> Proof:
        """What is known of the properties called `names`, or of all. Errors: `ModelError`."""
        properties = list(chosen(self.system, names))
        self.conditions = [
            each.property
            for each in self.claims(properties).values()
            if isinstance(each.property, Never)
        ]
        least = least_size({name: each.patterns for name, each in self.claims(properties).items()})
        known: dict[str, ForAnyNumber] = {}
        derived, closed, why, started = None, None, "", time.perf_counter()
        for size in range(least, max(least, LARGEST_VIEWS) + 1):
            try:
                with within(left_of(options.limits, started).seconds):
                    most = VIEWS_OF_PAIRS if size <= 2 else VIEWS_BEYOND
                    derived, closed = self.close(size, most)
            except TooManyViews:
                break
            except OutOfTime as late:
                why = str(late)
                break
            refuse_unknown(self.system, properties, derived.product)
            marks = {mark for at in closed.everything for mark in marks_at(derived, at)}
            properties = [*chosen(self.system, names), *self.always(derived, marks)]
            claims = self.claims(properties)
            for name, claim in claims.items():
                if name not in known or known[name].verdict is Verdict.UNKNOWN:
                    known[name] = self.by_views(claim, derived, closed, marks)
            if not any(known[name].verdict is Verdict.UNKNOWN for name in claims):
                break
        claims = self.claims(properties)
        for name, claim in claims.items():
            known.setdefault(name, ForAnyNumber(claim.property, Verdict.UNKNOWN, outside=why))
        self.look_for_runs(known, options, started)
        found = [
            known[each.name] if each.name in claims else self.outside(each) for each in properties
        ]
        return Proof(self.case, tuple(self.roles), tuple(found), claims, derived, closed)

    def outside(self, property_: Property) -> ForAnyNumber:
        """A property that views of few threads say nothing of."""
        why = self.beyond.get(property_.name, "it speaks of more than a few threads or cells show")
        return ForAnyNumber(property_, Verdict.UNKNOWN, outside=why)

    def always(self, derived: DerivedSystem, marks: Collection[str]) -> list[Property]:
        """What is judged though no property speaks of it: failures that a view shows.

        Errors: `ModelError` for a thread that raises an error, as a search refuses it.
        """
        if failure_mark(Fault.ERROR) in marks:
            raise ModelError(
                "any number of threads: a thread raises an error, as far as views tell; check a "
                "number of threads, which shows where if it does"
            )
        required = {name for each in derived.product.automata for name in each.required}
        kinds = [*Fault, *map(Requirement, sorted(required))]
        seen = [each for each in kinds if failure_mark(each) in marks]
        judged = judged_always(self.system.properties, self.system.unjudged, seen)
        return [each for each in judged if isinstance(each, NeverFails)]

    def by_views(
        self, claim: Claim, derived: DerivedSystem, closed: Closed, marks: Collection[str]
    ) -> ForAnyNumber:
        """What views say of a claim, whose threads have `marks`."""
        property_ = claim.property
        view = not_excluded(derived, closed, claim.patterns)
        if view is not None:
            return ForAnyNumber(property_, Verdict.UNKNOWN, view=view_in_words(derived, view))
        if not property_.wanted and (says := self.never_met(claim, derived, marks)):
            return ForAnyNumber(property_, Verdict.NEVER_EVALUATED, closed.size, outside=says)
        verdict = Verdict.FAILS if property_.wanted else Verdict.HOLDS
        return ForAnyNumber(property_, verdict, closed.size)

    def never_met(self, claim: Claim, derived: DerivedSystem, marks: Collection[str]) -> str:
        """Why a claim is never evaluated; empty if it is."""
        if missing := [each for each in claim.speaks_of if each not in marks]:
            return f"no thread is {missing[0]}"
        match claim.property:
            case NeverFails(kind=Requirement(name)):
                if not any(name in each.required for each in derived.product.automata):
                    return f"no thread evaluates the requirement {name!r}"
            case Never(name=name):
                cells = self.looked.get(name, {})
                if not any(cell_marks(cell) & set(marks) for cell in cells):
                    names = ", ".join(sorted(cell.name for cell in cells)) or "nothing"
                    return f"no thread touches what it looks at ({names})"
        return ""

    def look_for_runs(
        self, known: dict[str, ForAnyNumber], options: Options, started: float
    ) -> None:
        """Search with more and more threads for what no views exclude, and note what is shown.

        Proving and all searches have the time of one, since it was `started`.
        """
        own = {each.name for each in self.system.properties}
        if options.limits.states is None:
            options = replace(options, limits=replace(options.limits, states=MOST_STATES))
        for threads in range(not self.fixed, MOST_COPIES + 1):
            for case in wider_cases(self.case, self.build, tuple(self.roles), threads):
                open_ = [name for name, each in known.items() if each.verdict is Verdict.UNKNOWN]
                limits = left_of(options.limits, started)
                if not open_ or limits.seconds == 0:
                    return
                asked = [name for name in open_ if name in own]
                report = check(case, asked, replace(options, limits=limits))
                for result in report.results:
                    name = result.claim.name
                    if name in open_ and result.choices is not None:
                        known[name] = replace(
                            known[name],
                            verdict=result.verdict,
                            result=result,
                            case=case,
                            threads=threads,
                        )

    @property
    def fixed(self) -> int:
        """How many threads of the system there are once."""
        return len(self.system.threads) - sum(map(len, self.roles.values()))


def left_of(limits: Limits, started: float) -> Limits:
    """The limits, with the seconds that are left since something was `started`."""
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=max(0, limits.seconds - (time.perf_counter() - started)))


def refuse_what_does_not_fit(system: System, names: Sequence[str]) -> None:
    """Refuse a system with more in it than plain threads. Errors: `UsageError`, `ModelError`."""
    if not names:
        raise UsageError("--any-number: name the threads that come in any number")
    where = "any number of threads:"
    if system.scheduled:
        raise ModelError(f"{where} threads run on processors here; leave those out")
    if system.rules.algorithms:
        raise ModelError(f"{where} --lock has words of its own; leave it out")
    for thread in system.threads:
        if type(thread) is not Thread:
            kind = type(thread).__name__
            raise ModelError(f"{where} {thread.name} is a {kind}; leave it out, or write a Thread")


def prove_any_number(
    case: Case,
    build: Callable[[Case], System],
    roles: Sequence[str],
    names: Sequence[str] = (),
    options: Options | None = None,
) -> Proof:
    """What is known of the properties of a case called `names`, for any number of some threads.

    `roles` are names of threads in the system that `build` makes of the case. Errors: `UsageError`,
    `ModelError`, which names the case.
    """
    with blaming(case):
        return Proving(case, build, roles).prove(names, options or Options())


def marks_at(derived: DerivedSystem, at: SystemConfiguration) -> set[str]:
    """The marks of all threads of a configuration."""
    found = {mark for marks in derived.fixed_marks(at.shared) for mark in marks}
    return found.union(*(derived.marks(at.shared, place) for place in at.places))


def view_in_words(derived: DerivedSystem, at: SystemConfiguration) -> str:
    """A view as people read it: where each thread is, and the values of cells."""
    shared = derived.shareds[at.shared]
    threads = [*shared.fixed, *(derived.locals[place] for place in at.places)]
    read = derived.reader(at.shared)
    values = [f"{each.name} is {each.show(read(each))}" for each in derived.cells]
    return "; ".join([*(local_in_words(derived, each) for each in threads), *values])


def local_in_words(derived: DerivedSystem, local: LocalState) -> str:
    """Where a thread stands, and what it has of locks."""
    position = derived.position(local)
    step = "ended" if position.next is None else f"before {call_of(position.next)}"
    had = [f"has {lock.name} ({thing})" for lock, thing in derived.things_had(local)]
    inside = [f"in {position.inside[-1]}"] if position.inside else []
    return " ".join([derived.product.threads[local.thread].name, *inside, step, *had])
