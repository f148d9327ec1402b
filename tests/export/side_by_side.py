"""Many cases as one: its first step chooses which of them it goes on as.

So that a tool which takes long to begin judges many systems at a time. The cases share threads and
objects, by their numbers, and there is an object that says which was chosen: none at first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from locking.export.formula import (
    TRUE,
    All,
    AtLeast,
    Formula,
    In,
    Not,
    Some,
    both,
    either,
)
from locking.export.tables import (
    Actor,
    ExportedCase,
    ExportedObject,
    GuardedCommand,
    RunCheck,
    SlotChange,
)


def fits(case: ExportedCase) -> bool:
    """Whether a case can be one of many: it does not break off before its first step."""
    return not any(0 in actor.failed for actor in case.actors)


def side_by_side(cases: Sequence[ExportedCase]) -> ExportedCase:
    """The case that goes on as any of `cases`, with the checks of the runs of each."""
    threads = max(len(each.actors) for each in cases)
    things = [
        ExportedObject("shared", most_values(cases, at))
        for at in range(max(len(each.things) for each in cases))
    ]
    which = threads + len(things)
    begins = [1] * threads
    members: list[Member] = []
    for number, case in enumerate(cases):
        members.append(Member(number, case, tuple(begins), which))
        for thread, actor in enumerate(case.actors):
            begins[thread] += len(actor.places)
    chosen = ExportedObject("which", tuple(map(str, range(len(cases) + 1))))
    return ExportedCase(
        title="side by side",
        actors=tuple(actor_of_all(members, thread, size) for thread, size in enumerate(begins)),
        things=(*things, chosen),
        checks=(),
        left_out=(),
        states=1 + sum(each.states for each in cases),
        transitions=sum(1 + each.transitions for each in cases),
        run_checks=tuple(
            each.run_check(check) for each in members for check in each.case.run_checks
        ),
    )


def member_property(number: int, name: str) -> str:
    """What a property of the case at `number`, from 0 on, is called among all."""
    return f"{number} {name}"


def most_values(cases: Sequence[ExportedCase], at: int) -> tuple[str, ...]:
    """The values of a shared object: as many as it has in any case."""
    found = (each.things[at].values for each in cases if at < len(each.things))
    return tuple(map(str, range(max(map(len, found)))))


@dataclass(frozen=True)
class Member:
    """One of the cases: where its places begin, for each thread, and the slot `which`.

    Every thread stands at 0 at first. There the first one chooses; for the others it is the first
    place of each case.
    """

    number: int
    case: ExportedCase
    begins: tuple[int, ...]
    which: int

    @property
    def chosen(self) -> Formula:
        """That the case was chosen."""
        return In(self.which, (self.number + 1,))

    def place(self, thread: int, place: int) -> int:
        """A place of a thread, among those of all cases."""
        return self.begins[thread] + place if place or not thread else 0

    def slot(self, slot: int) -> int:
        """A slot, among those of all cases."""
        own = len(self.case.actors)
        return slot if slot < own else slot - own + len(self.begins)

    def moved(self, formula: Formula) -> Formula:
        """A condition, once the case is one of many."""
        match formula:
            case In(slot, values) if slot < len(self.case.actors):
                return In(slot, tuple(self.place(slot, each) for each in values))
            case In(slot, values):
                return In(self.slot(slot), values)
            case All(parts):
                return All(tuple(map(self.moved, parts)))
            case Some(parts):
                return Some(tuple(map(self.moved, parts)))
            case Not(part):
                return Not(self.moved(part))
            case AtLeast(number, parts):
                return AtLeast(number, tuple(map(self.moved, parts)))
        return formula

    def choice(self) -> GuardedCommand:
        """The step that chooses this case."""
        change = SlotChange(self.which, ((0, self.number + 1),))
        return GuardedCommand(0, TRUE, self.place(0, 0), (change,))

    def command(self, thread: int, command: GuardedCommand) -> GuardedCommand:
        """A step of a thread."""
        changes = (SlotChange(self.slot(each.slot), each.values) for each in command.changes)
        return GuardedCommand(
            self.place(thread, command.place),
            both(self.chosen, self.moved(command.guard)),
            self.place(thread, command.to),
            tuple(changes),
            command.queues,
        )

    def run_check(self, check: RunCheck) -> RunCheck:
        """A check of its runs, which counts once the case was chosen.

        What is fair to all threads of the case is fair to all of many: others take no step.
        """
        bad = both(self.chosen, self.moved(check.bad))
        if check.whole:
            bad = either(In(self.which, (0,)), bad)
        everybody = tuple(range(len(self.begins)))
        weak, strong = (
            everybody if len(told) == len(self.case.actors) else told
            for told in (check.weak, check.strong)
        )
        name = member_property(self.number, check.property)
        return RunCheck(name, check.about, bad, weak, strong, check.starved, check.whole)


def actor_of_all(members: Sequence[Member], thread: int, size: int) -> Actor:
    """A thread of all cases, which has so many places."""
    mine = [each for each in members if thread < len(each.case.actors)]
    of_cases = [(each, each.case.actors[thread]) for each in mine]
    choices = [each.choice() for each in members] if thread == 0 else []
    return Actor(
        name=f"thread {thread}",
        daemon=False,
        places=tuple(f"place {at}" for at in range(size)),
        commands=(
            *choices,
            *(
                each.command(thread, command)
                for each, actor in of_cases
                for command in actor.commands
            ),
        ),
        ended=frozenset(),
        failed=frozenset(
            each.place(thread, place) for each, actor in of_cases for place in actor.failed
        ),
        listed={},
    )
