"""Threads that share more than objects: for every state the source is run anew.

Slow, and right whatever threads share: what they share is part of the state.
"""

from collections.abc import Hashable
from types import ModuleType
from typing import Any

from locking import WAIT, Misuse, Object, Queue
from tests.independent.adapter import Operation
from tests.independent.content import content, standing
from tests.independent.drive import Driver, Local, misused
from tests.independent.walk import Machine, Micro, State, rule, starts
from tests.independent.words import Claim, Model, System

FEWER = 250
"""States, after which such a system is not judged."""


def made(code: Any) -> tuple[System, dict[str, Any]]:
    """The system, and the module that it was made in."""
    namespace: dict[str, Any] = {"__name__": "judged_system"}
    exec(code, namespace)
    return namespace["MODEL"].build(None), namespace


class World(Machine):
    """The threads and objects of a system, together with everything that its module holds."""

    def __init__(self, code: Any) -> None:
        self.code = code
        super().__init__(made(code)[0])

    def start(self) -> State:
        """Where everything begins."""
        return self.after(())

    def after(self, events: tuple[tuple[int, int], ...]) -> State:
        """Where everything is after these operations, each with the option that is taken."""
        system, namespace = made(self.code)
        drivers = [Driver(each) for each in system.threads]
        ended: dict[int, Local] = {}
        values = list(starts(system))
        for number, chosen in events:
            driver = drivers[number]
            if not isinstance(driver.step, Operation):
                driver.give(driver.step.value[chosen])
                continue
            slot = self.slots[driver.step.target.name]
            outcome = rule(driver.step, values[slot], driver.name)
            if isinstance(outcome, Misuse):
                ended[number] = misused(driver.local(), outcome.reason)
            elif isinstance(outcome, Queue):
                values[slot] = outcome.state
            else:
                values[slot] = outcome[0]
                driver.give(outcome[1])
        locals_ = tuple(ended.get(at, each.local()) for at, each in enumerate(drivers))
        heap = (held(namespace), tuple(standing(each.coroutine) for each in drivers))
        for each in drivers:
            each.drop()
        return State(locals_, tuple(values), events, heap)

    def micro(self, state: State, number: int) -> list[Micro]:
        """All that the next operation of a thread can come to."""
        local = state.locals[number]
        if local.step is None:
            return []
        options, queued = 1, False
        if isinstance(local.step, Operation):
            slot = self.slots[local.step.target.name]
            outcome = rule(local.step, state.values[slot], self.thread(number).name)
            queued = isinstance(outcome, Queue)
            if outcome is WAIT:
                return []
            if isinstance(outcome, Queue) and (
                local.bound or content(outcome.state) == content(state.values[slot])
            ):
                return []
        else:
            options = len(local.step.value)
        after = [self.after((*state.events, (number, each))) for each in range(options)]
        return [Micro(each, options, queued) for each in after]


def held(namespace: dict[str, Any]) -> Hashable:
    """What the module holds that can change; of its classes the attributes."""
    found = []
    for name, value in sorted(namespace.items()):
        if name.startswith("__") or isinstance(value, ModuleType | Object | System | Model | Claim):
            continue
        if isinstance(value, type):
            if value.__module__ == namespace["__name__"] and not hasattr(value, "__members__"):
                kept = {key: each for key, each in vars(value).items() if not key.startswith("_")}
                found.append((name, content(kept)))
        elif getattr(value, "__module__", namespace["__name__"]) == namespace["__name__"]:
            found.append((name, content(value)))
    return tuple(found)
