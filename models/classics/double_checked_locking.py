"""Double-checked locking: who finds the instance built takes no lock.

Is that safe? Yes, if the flag is stored by a release and looked at by an acquire: then what was
built is known to who sees the flag. Otherwise nothing orders the building before the use, whether
the accesses to the flag are plain ("plain") or marked ("marked"). A compiler or a processor may
then do what "early" does: the flag is seen before what it stands for. And without the second look,
under the lock, two threads build ("one-check").

Schmidt and Harrison, Double-Checked Locking (1996); Bacon and others, The "Double-Checked Locking
is Broken" Declaration (2000).
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    at_end,
    deadlock_free,
    happens_before_race_free,
    require,
    required,
)

lock, there, data, built = Mutex("lock"), Cell("there", False), Cell("data", 0), Atomic("built")
LOOK = {"plain": there.read, "marked": there.READ_ONCE}
STORE = {"plain": there.write, "marked": there.WRITE_ONCE}


async def construct(variant: str) -> None:
    store = STORE.get(variant, there.smp_store_release)
    if variant == "early":
        await store(True)
    await data.write(42)
    await built.atomic_inc()
    if variant != "early":
        await store(True)


async def use(variant: str) -> None:
    if not await LOOK.get(variant, there.smp_load_acquire)():
        async with lock.hold():
            if variant == "one-check" or not await there.read():
                await construct(variant)
    seen = await data.read()
    require(seen == 42, "complete", seen=seen)


def build(case: Case) -> System:
    complete = required("complete", "nobody uses what is half built")
    once = at_end("built-once", lambda s: s[built] == 1)
    properties = [complete, once, happens_before_race_free(), deadlock_free()]
    threads = [Thread(name, use, (case.variant,)) for name in ("one", "other")]
    return System([lock, there, data, built], threads, properties)


RACE = "nothing orders the building before the use"
MODEL = Model(
    "classics.double_checked_locking",
    "A lock that is taken only to build",
    build,
    variants=("right", "plain", "marked", "early", "one-check"),
    expected=(
        Expect("happens-before-race", RACE, variants=("plain", "marked", "early", "one-check")),
        Expect("complete", "the flag is seen before the data", variants=("early",)),
        Expect("built-once", "both saw that nothing was there", variants=("one-check",)),
    ),
)
