"""Algorithms that are watched by their specification: what they do wrong is found, nothing else."""

import random
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import pytest

from locking import Atomic, Mutex, Specification, System, Thread, refine, required, wait_until
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.properties.explored import Verdict
from locking.verdicts import Options
from tests.explore.compare import case_of
from tests.objects.test_specification import Event, explained

MUTEX = Mutex("m")
word = Atomic("word")
specification = Specification(MUTEX)

Body = tuple[str, ...]
"""A toy algorithm: what it does to one word, step by step."""

STEPS = ("await 0", "take", "set 1", "set 0")
TRIES = ("try", "win", "fail")


class Toy(NamedTuple):
    """A lock of toy algorithms, and what each of two threads calls."""

    lock: Body
    unlock: Body
    trylock: Body
    scripts: tuple[tuple[str, ...], tuple[str, ...]]

    def body(self, operation: str) -> Body:
        """The algorithm of an operation of a mutex."""
        return {"mutex_lock": self.lock, "mutex_unlock": self.unlock}.get(operation, self.trylock)


async def run_body(body: Body) -> bool | None:
    """The toy algorithm as a coroutine."""
    result = None
    for step in body:
        match step:
            case "await 0":
                await wait_until(lambda value: value == 0, word)
            case "take":
                while await word.atomic_cmpxchg(0, 1) != 0:
                    await wait_until(lambda value: value == 0, word)
            case "set 1" | "set 0":
                await word.atomic_set(int(step[-1]))
            case "try":
                result = await word.atomic_cmpxchg(0, 1) == 0
            case "win" | "fail":
                await word.atomic_read()
                result = step == "win"
    return result


async def follow(toy: Toy, script: tuple[str, ...]) -> None:
    """What one thread calls; after an attempt that failed it calls nothing more."""
    for operation in script:
        result = await refine(specification, operation, partial(run_body, toy.body(operation)))
        if result is False:
            return


def system_of(toy: Toy) -> System:
    threads = [Thread(name, follow, (toy, toy.scripts[at])) for at, name in enumerate("ab")]
    return System([word, specification], threads, [required("refinement")])


# --- the same, schedule by schedule, with no code of the library ----------------------------------


class Actor(NamedTuple):
    """Where one thread stands: the call of its script, and the step of that; -1 before the call."""

    call: int = 0
    at: int = -1
    result: bool | None = None


def stepped(body: Body, actor: Actor, value: int) -> tuple[Actor, int] | None:
    """The actor and the word after the next step of `body`; None where it has to wait."""
    step, after = body[actor.at], actor._replace(at=actor.at + 1)
    match step:
        case "await 0" if value:
            return None
        case "take":
            return None if value else (after, 1)
        case "set 1" | "set 0":
            return after, int(step[-1])
        case "try":
            return after._replace(result=value == 0), 1
        case "win" | "fail":
            return after._replace(result=step == "win"), value
    return after, value


def histories(
    toy: Toy, actors: tuple[Actor, ...], value: int, past: tuple[Event, ...]
) -> Iterator[tuple[Event, ...]]:
    """What users see in every schedule, as far as it goes."""
    stuck = True
    for me, actor in enumerate(actors):
        name, script = "ab"[me], toy.scripts[me]
        if actor.call == len(script):
            continue
        body, new, now = toy.body(script[actor.call]), value, past
        if actor.at < 0:
            after, now = actor._replace(at=0), (*past, Event(name, script[actor.call]))
        elif actor.at == len(body):
            ends = actor.result is False
            after = Actor(len(script) if ends else actor.call + 1)
            now = (*past, Event(name, None, actor.result))
        elif taken := stepped(body, actor, value):
            after, new = taken
        else:
            continue
        stuck = False
        yield from histories(toy, (*actors[:me], after, *actors[me + 1 :]), new, now)
    if stuck:
        yield past


def refines(toy: Toy) -> bool:
    """Whether every schedule shows what a mutex may show."""
    seen = set(histories(toy, (Actor(), Actor()), 0, ()))
    return all(
        explained(MUTEX, (), history[:length])
        for history in seen
        for length in range(1, len(history) + 1)
    )


def drawn(draw: random.Random) -> Toy:
    """A random toy; some are right."""
    scripts = [
        ("mutex_lock", "mutex_unlock"),
        ("mutex_trylock",),
        ("mutex_trylock", "mutex_unlock"),
    ]
    return Toy(
        tuple(draw.choices(STEPS, weights=(3, 6, 1, 1), k=draw.randrange(1, 3))),
        draw.choice([("set 0",), ("set 0",), ("set 1", "set 0"), ("set 0", "set 0")]),
        draw.choice([("try",), ("try",), ("win",), ("fail",), ("await 0", "try")]),
        (draw.choice(scripts[:1] * 2 + scripts), draw.choice(scripts)),
    )


def agree(seed: int, count: int, ways: list[Options]) -> int:
    """How many of the random toys fail; each is judged by every way, and schedule by schedule."""
    draw, failing = random.Random(seed), 0
    for _ in range(count):
        toy = drawn(draw)
        right = refines(toy)
        for options in ways:
            report = check(case_of(system_of(toy)), options=options)
            found = next(each for each in report.results if each.claim.name == "refinement")
            # Where no call ever returns, the requirement is never evaluated.
            assert (found.verdict is Verdict.FAILS) is not right, (toy, options)
        failing += not right
    return failing


def test_random_algorithms_are_judged_as_schedule_by_schedule() -> None:
    assert 3 < agree(1, 14, [Options()]) < 13


@pytest.mark.slow
def test_random_algorithms_are_judged_alike_by_every_reduction_and_engine() -> None:
    ways = [Options(engine=engine) for engine in ("reference", "compiled")]
    assert agree(2, 60, [*ways, *(Options(reduction=each) for each in REDUCTIONS)])
