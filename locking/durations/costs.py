"""What a case costs in time, and how that grows with nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from locking.durations.clock import Clock
from locking.durations.makespan import (
    MOST_TIMED_STATES,
    NO_WORST,
    Makespan,
    TooManyStates,
    Walked,
    walk,
)
from locking.durations.memoryless import Memoryless, Remembering
from locking.durations.table import Durations
from locking.durations.timeline import Timeline, timeline
from locking.errors import ModelError, UsageError, unknown
from locking.model import Case, Model, Scenario, mix
from locking.objects.rules import words_of_rule
from locking.scope import RULE, Scope, chosen_in
from locking.system import System

FIFO = "fifo"
"""The rule by which an object lets go on first who came first."""

FEW_NODES = 2
"""Nodes up to which every order of all steps is walked, memory included."""


@dataclass(frozen=True)
class Cost:
    """What one case costs: `free` where any of those that wait may be next, `queued` first come.

    `free` goes by the rules that the model, or `--rule`, puts in force; `queued` by `fifo` where an
    object knows that, and is None where none does. `nodes` is how many threads there are of the
    role of the table, 0 where nobody counts. `name` tells the case from others of the model; cases
    that differ in their nodes alone have one. `shortest` and `longest` are runs of `free` of the
    best and the worst time, `longest_queued` is one of `queued`; None where there is no such time.
    One unit is `unit` seconds. `sections` are those that threads entered. `cause` is why there are
    no numbers.
    """

    case: Case
    name: str
    nodes: int
    unit: Fraction
    free: Makespan | None = None
    queued: Makespan | None = None
    shortest: Timeline | None = None
    longest: Timeline | None = None
    longest_queued: Timeline | None = None
    sections: frozenset[str] = frozenset()
    cause: str = ""

    @property
    def run(self) -> Timeline | None:
        """The run to show where one is shown: the longest, of `queued` if there is that."""
        return self.longest_queued if self.queued else self.longest

    def seconds(self, units: int) -> float:
        """Units as seconds."""
        return float(units * self.unit)


def with_nodes(model: Model, scenario: Scenario | None, role: str, nodes: int) -> Scenario:
    """A scenario with so many of `role` in place of those that it has; of `role` alone, if None.

    Errors: `UsageError` where there is no role to count.
    """
    if not role:
        raise UsageError(
            f"--nodes: no table says of which role of {model.reference} there is one a node; "
            f'write role = "NAME" into the file of --durations'
        )
    others = [each for each in scenario.roles if each != role] if scenario else []
    return mix([role] * nodes + others)


def cost_of(
    case: Case,
    durations: Durations,
    stagger: Fraction = Fraction(0),
    nodes: int = 0,
    most: int = MOST_TIMED_STATES,
) -> Cost:
    """The cost of a case, in which each thread begins `stagger` seconds after the one before.

    Where `nodes` are counted, memory is left out; see `memoryless`.

    Errors: `UsageError` for durations of what there is not, or of what nobody is ever seen to
    spend time on while it holds a lock; `ModelError`.
    """
    unit = durations.unit(stagger)
    name = name_of_cost(case, durations.role if nodes else "")
    try:
        free = walked(case, durations, stagger, nodes, most)
        fifo = in_line(case)
        queued = walked(fifo, durations, stagger, nodes, most) if fifo else None
    except TooManyStates:
        return Cost(case, name, nodes, unit, cause=f"more than {most:,} states")
    if nodes > FEW_NODES and any(each.broken for each in (free, queued) if each):
        why = "a thread fails, and without memory it is not known in which runs"
        return Cost(case, name, nodes, unit, cause=why)
    return Cost(
        case,
        name,
        nodes,
        unit,
        free.makespan(),
        queued.makespan() if queued else None,
        timed_run(free, free.best()),
        timed_run(free, free.worst()),
        timed_run(queued, queued.worst()) if queued else None,
        free.clock.sections,
    )


def name_of_cost(case: Case, role: str) -> str:
    """What tells a case from the others, but for the number of those of `role`, if one is given."""
    names = list(case.names[1:])
    if role:
        others = "+".join(each for each in case.scenario.roles if each != role)
        names[:1] = [f"with {others}"] if others else []
    return ", ".join(names) or case.model.reference


def timed_run(found: Walked, times: list[int | None]) -> Timeline | None:
    """A run that takes as long as `times` says by state: None where none takes so long."""
    if times[0] is None or times[0] >= NO_WORST:
        return None
    return timeline(found.clock, found.run(times))


def in_line(case: Case) -> Case | None:
    """The case with `fifo` in force; None where no object knows it, or another rule is chosen."""
    knows = any(FIFO in words_of_rule(each) for each in case.build().objects)
    if not knows or chosen_in(case.scope):
        return None
    return replace(case, scope=Scope({RULE: FIFO, **case.scope}))


def walked(case: Case, durations: Durations, stagger: Fraction, nodes: int, most: int) -> Walked:
    """All that a case can do in time. Errors: `TooManyStates`, and those of `cost_of`."""
    system = case.build()
    unit = durations.unit(stagger)
    starts = [int(at * stagger / unit) for at in range(len(system.threads))]
    if not nodes:
        found = walk(Clock(system.product(), durations, unit, starts), most)
    else:
        alike = roles_apart(case, system)
        found = walk(Memoryless(system.product(), durations, unit, starts, alike), most)
        if nodes <= FEW_NODES:
            found = with_memory(
                found, walk(Remembering(system.product(), durations, unit, starts), most)
            )
    check_spent(found.clock, system, durations)
    return found


def with_memory(found: Walked, whole: Walked) -> Walked:
    """The walk of every order.

    Errors: `ModelError` where the one without memory has other times, though no thread fails.
    """
    if whole.broken:  # which of the runs break off may depend on memory
        return whole
    if (found.best()[0], found.worst()[0]) != (whole.best()[0], whole.worst()[0]):
        raise ModelError(
            "what memory holds, or which thread it is, decides how long runs take; so --nodes "
            "can't leave it out"
        )
    return whole


def roles_apart(case: Case, system: System) -> list[int]:
    """A number for each thread, by which those of one role may be exchanged."""
    acting = [role for role in case.scenario.roles if case.model.acts(role)]
    if len(acting) != len(system.threads):
        return list(range(len(system.threads)))
    return [acting.index(role) for role in acting]


def check_spent(clock: Clock, system: System, durations: Durations) -> None:
    """Refuse a time that nobody is seen to spend, though its section is entered.

    Errors: `UsageError`.
    """
    timed = {each.section for each in clock.spendings}
    for step in sorted(timed & clock.sections - clock.spent):
        holding = durations.steps[step].holding
        objects = [each.name for each in system.objects]
        if holding and holding not in objects:
            raise unknown(f"object that is held in {step}", holding, objects)
        if holding and step in clock.entered:
            raise UsageError(
                f"the time of {step} passes while {holding} is held, and no state of this case "
                f"shows that it is held in {step}; is that one atomic block?"
            )
        raise UsageError(f"{step} has a duration, and no thread takes a step in it to spend it on")


def check_all_known(durations: Durations, model: Model, costs: Sequence[Cost]) -> None:
    """Refuse durations of what is neither a step of the model nor a section of some case.

    Nothing is refused where a case was not gone through. Errors: `UsageError`.
    """
    steps = [step.name for steps in model.steps.values() for step in steps]
    known = dict.fromkeys([*steps, *sorted({name for each in costs for name in each.sections})])
    if any(each.cause for each in costs):
        return
    for name in durations.steps:
        if name not in known:
            raise unknown("step or section that has a duration", name, known)
