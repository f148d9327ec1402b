"""An operation that is called as a method of every object."""

from locking import Model, Object, Outcome, System, Thread, deadlock_free, operation


class Thing(Object):
    @operation
    def call(self, state, me) -> Outcome:
        return (state or 0) + 1, None

    @operation
    def other(self, state, me) -> Outcome:
        return state, None


thing = Thing("thing", 0)


async def work() -> None:
    await thing.other()
    await thing.call()


MODEL = Model(
    "op-named-call", "?", lambda _: System([thing], [Thread("a", work)], [deadlock_free()])
)
