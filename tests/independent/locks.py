"""How each kind of lock is used in a random program, in the ways of its kind."""

from typing import TYPE_CHECKING

from tests.independent.stock import Thing

if TYPE_CHECKING:
    from tests.independent.programs import Author, Where

Lines = list[str]

PAIRS = {
    "Mutex": (("mutex_lock", "mutex_unlock", "mutex_trylock"),),
    "Spinlock": (("spin_lock", "spin_unlock", "spin_trylock"),),
    "RwSem": (
        ("down_read", "up_read", "down_read_trylock"),
        ("down_write", "up_write", "down_write_trylock"),
    ),
    "PercpuRwSem": (
        ("percpu_down_read", "percpu_up_read", "percpu_down_read_trylock"),
        ("percpu_down_write", "percpu_up_write", ""),
    ),
    "Seqlock": (("write_seqlock", "write_sequnlock", ""),),
    "Seqcount": (("write_seqcount_begin", "write_seqcount_end", ""),),
    "Semaphore": (("down", "up", "down_trylock"),),
    "Places": (("come", "go", ""),),
    "Ticket": (("take", "give", ""),),
    "Rotator": (("take", "give", ""),),
}
"""To take, to let go, and to try: for every mode of a kind of lock."""

REGIONS = {
    "Mutex": ("hold",),
    "Spinlock": ("hold",),
    "RwSem": ("read", "write"),
    "PercpuRwSem": ("read", "write"),
    "Seqlock": ("write",),
}
"""Modes that `async with` takes."""

READERS = {
    "Seqlock": ("read_seqbegin", "read_seqretry"),
    "Seqcount": ("read_seqcount_begin", "read_seqcount_retry"),
}

BARE = {
    **{
        kind: tuple(call for pair in pairs for call in pair if call)
        for kind, pairs in PAIRS.items()
    },
    "Completion": (
        "complete",
        "complete_all",
        "wait_for_completion",
        "try_wait_for_completion",
        "reinit_completion",
    ),
}
BARE["RwSem"] = (*BARE["RwSem"], "downgrade_write")
"""Operations that stand alone now and then."""

LOCKABLE = (*PAIRS, "Completion")
"""Kinds that something can be done under."""


def locked(author: "Author", thing: Thing, where: "Where") -> Lines:
    """A use of `thing`, with something under it."""
    if thing.kind == "Completion":
        calls = BARE["Completion"][1 if where.loop else 0 :]  # in a loop, one that adds has no end
        return [f"await {thing.var}.{author.rng.choice(calls)}()"]
    roll = author.rng.random()
    if thing.kind in READERS and (roll < 0.5 or where.loop):
        return looked_twice(author, thing, where)
    body = author.inner(where)
    plain = [line[4:] for line in body]
    var = thing.var
    if thing.kind in REGIONS and roll < 0.5:
        mode = author.rng.choice(REGIONS[thing.kind])
        return [f"async with {var}.{mode}():", *body]
    if thing.kind == "RwSem" and roll < 0.65:
        down = [f"await {var}.downgrade_write()", *(line[4:] for line in author.inner(where, 1))]
        return [f"await {var}.down_write()", *plain, *down, f"await {var}.up_read()"]
    take, give, attempt = author.rng.choice(PAIRS[thing.kind])
    if attempt and roll > 0.85:
        return [f"if await {var}.{attempt}():", *body, f"    await {var}.{give}()"]
    return [f"await {var}.{take}()", *plain, f"await {var}.{give}()"]


def looked_twice(author: "Author", thing: Thing, where: "Where") -> Lines:
    """A reader of a sequence, that looks again and does something if it was passed."""
    begin, retry = READERS[thing.kind]
    v = author.fresh("s")
    body = [line[4:] for line in author.inner(where, 1)]
    seen = [f"{v} = await {thing.var}.{begin}()", *body]
    return [*seen, f"if await {thing.var}.{retry}({v}):", *author.inner(where, 1)]
