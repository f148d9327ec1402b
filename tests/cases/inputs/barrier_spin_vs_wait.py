"""A barrier whose threads look at the case while they run: by `retry`, or by waiting."""

from locking import (
    WAIT,
    Atomic,
    Case,
    Model,
    Object,
    Outcome,
    Scenario,
    System,
    Thread,
    assertions,
    deadlock_free,
    no_misuse,
    operation,
    retry,
)


class Sense(Object):
    """State: 0 or 1."""

    @operation
    def look(self, state, me) -> Outcome:
        return state, state

    @operation
    def turn(self, state, me, new) -> Outcome:
        return new, None

    @operation
    def wait_not(self, state, me, old) -> Outcome:
        return WAIT if state == old else (state, None)

    def show(self, state):
        return str(state)


def build(case: Case) -> System:
    count, sense = Atomic("count", 0), Sense("sense", 0)

    async def turned(old):
        return True if await sense.look() != old else None

    async def work():
        my = 0
        for _ in range(2):
            if await count.atomic_add_return(1) == 2:
                await sense.turn(1 - my)
                await count.atomic_set(0)
            elif case.scenario.name == "spin":
                await retry(turned, my)
            else:
                await sense.wait_not(my)
            my = 1 - my

    return System(
        [count, sense],
        [Thread("t0", work), Thread("t1", work)],
        [assertions(), no_misuse(), deadlock_free()],
    )


MODEL = Model(
    "barrier-spin-vs-wait",
    "?",
    build,
    scenarios=[Scenario("spin", "retry"), Scenario("wait", "WAIT")],
)
