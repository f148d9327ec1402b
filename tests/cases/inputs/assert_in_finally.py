"""What fails in front of a `finally` that awaits what never comes: `--by` says what."""

from locking import (
    Case,
    Cell,
    Completion,
    Model,
    Parameter,
    System,
    Thread,
    assertions,
    deadlock_free,
    require,
    required,
)

done, x = Completion("done"), Cell("x", 0)


async def by_assert() -> None:
    try:
        assert await x.READ_ONCE() == 1
    finally:
        await done.wait_for_completion()


async def by_require() -> None:
    try:
        require(await x.READ_ONCE() == 1, "one")
    finally:
        await done.wait_for_completion()


def build(case: Case) -> System:
    asserts = case.scope["by"] == "assert"
    thread = Thread("server", by_assert if asserts else by_require, daemon=True)
    return System(
        [done, x], [thread], [assertions() if asserts else required("one"), deadlock_free()]
    )


MODEL = Model(
    "assert_in_finally",
    "",
    build,
    parameters=(Parameter("by", "assert", "", words=("assert", "require")),),
)
