"""Random threads on processors: counts, depths and verdicts are those of a judge of its own."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from random import Random
from typing import Any

import pytest

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Object,
    Processor,
    Spinlock,
    System,
    Thread,
    Verdict,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    hardirq,
    local_bh_disable,
    local_bh_enable,
    local_irq_disable,
    local_irq_enable,
    local_irq_restore,
    local_irq_save,
    locks_released,
    nmi,
    no_misuse,
    preempt_disable,
    preempt_enable,
    softirq,
    wait_until,
)
from locking.check import check
from locking.explore import scheduled
from locking.explore.reduction.levels import REDUCTIONS
from locking.explore.scheduled import Scheduled
from locking.objects.processor import Context
from locking.objects.waiting import Waiting
from locking.programs import turns
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.explore.cpu_world import Code, Job, Judge

HANDLERS = {"hardirq": hardirq, "softirq": softirq, "nmi": nmi}


class Drawn:
    """A random system: as jobs of the judge, and as a case of the library."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        cpus = chance.choice((1, 1, 2))
        kinds = chance.choices(
            ("task", "task", "hardirq", "softirq", "nmi"), (4, 3, 4, 2, 1), k=chance.choice((2, 3))
        )
        if not any(kind == "task" for kind in kinds):
            kinds[0] = "task"
        self.jobs = tuple(job(chance, f"{kind}{at}", kind, cpus) for at, kind in enumerate(kinds))

    def case(self) -> Case:
        return Model("drawn", "", lambda _: self.system()).case("only", None)

    def system(self) -> System:
        objects: dict[str, Object] = {
            "x": Cell("x", 0),
            "y": Cell("y", 0),
            "l": Spinlock("l"),
            "k": Spinlock("k"),
            "m": Mutex("m"),
        }
        cpus = [Processor("cpu0"), Processor("cpu1")]
        threads = [thread(job, objects, cpus) for job in self.jobs]
        judge = Judge(self.jobs)
        properties = (
            deadlock_free("deadlock"),
            no_misuse("misuse"),
            data_race_free("race"),
            locks_released("leak"),
            at_end("end", lambda s: s[objects["x"]] == judge.adds),
        )
        return System(list(objects.values()), threads, properties)


def job(chance: Random, name: str, kind: str, cpus: int) -> Job:
    """A thread; one in eight tasks runs on a processor of its own."""
    bare = kind == "task" and not chance.randrange(8)
    program: Code = ()
    blocks: list[tuple[int, int]] = []
    for _ in range(chance.choice((1, 1, 2, 2, 3))):
        begin = len(program)
        program += piece(chance, "bare" if bare else kind)
        if not chance.randrange(8):
            blocks.append((begin, len(program)))
    if bare:
        return Job(name, program, blocks=tuple(blocks))
    priority = chance.choice((0, 1, 2)) if kind == "task" else 0
    return Job(name, program, kind, chance.randrange(cpus), priority, tuple(blocks))


MISUSED = {"softirq": ("mutex",), "hardirq": ("mutex", "bh"), "nmi": ("mutex", "bh")}
"""What handlers must not do, and rarely do."""


def piece(chance: Random, kind: str) -> Code:
    """A few instructions that belong together, or that somebody got wrong; `bare`: only locks."""
    add: Code = (("read", "x"), ("add", "x"))
    lock = chance.choice("llk")
    around: list[tuple[Code, Code]] = [
        ((("spin", lock),), (("unspin", lock),)),
        ((("mutex", "m"),), (("unmutex", "m"),)),
        ((("save",),), (("restore",),)),
        ((("irqs", False),), (("irqs", True),)),
        ((("bh", 1),), (("bh", -1),)),
        ((("preempt", 1),), (("preempt", -1),)),
        ((("save",), ("spin", lock)), (("unspin", lock), ("restore",))),
        ((("bh", 1), ("spin", lock)), (("unspin", lock), ("bh", -1))),
    ]
    if kind == "bare":
        around = around[:2]
    elif chance.randrange(8):
        around = [each for each in around if each[0][0][0] not in MISUSED.get(kind, ())]
    before, after = chance.choice(around)
    inside = chance.choice((add, add, (("until", "y"),), (("read", "y"), ("add", "y")), ()))
    whole = (*before, *inside, *after)
    match chance.randrange(10):
        case 0:
            return add
        case 1:
            return before + inside
        case 2:
            return (("try", lock), *inside)
        case 3:
            outer_before, outer_after = chance.choice(around)
            return (*outer_before, *whole, *outer_after)
    return whole


def thread(job: Job, objects: dict[str, Object], cpus: list[Processor]) -> Thread:
    """A thread of the library that runs the code of a job."""

    async def program() -> None:
        value, flags = 0, True
        for region, steps in parts(job):
            async with region():
                for step in steps:
                    match step:
                        case ("read", cell):
                            value = await objects[cell].read()
                        case ("save",):
                            flags = await local_irq_save()
                        case ("restore",):
                            await local_irq_restore(flags)
                        case _:
                            await instruction(step, objects, value)

    if job.cpu is None:
        return Thread(job.name, program)
    cpu = cpus[job.cpu]
    if job.kind == "task":
        return Thread(job.name, program, processor=cpu, priority=job.priority)
    return HANDLERS[job.kind](job.name, program, cpu)


def parts(job: Job) -> list[tuple[Callable[[], Any], Code]]:
    """The code in pieces, each in an atomic block or in none."""
    found: list[tuple[Callable[[], Any], Code]] = []
    at = 0
    for begin, end in (*job.blocks, (len(job.code), len(job.code))):
        found += [(nullcontext, job.code[at:begin]), (atomic, job.code[begin:end])]
        at = end
    return [part for part in found if part[1]]


def instruction(step: tuple[Any, ...], objects: dict[str, Object], value: int) -> Awaitable[Any]:
    """What an instruction without a result that matters awaits."""
    plain: dict[Any, Callable[[], Awaitable[Any]]] = {
        ("irqs", False): local_irq_disable,
        ("irqs", True): local_irq_enable,
        ("bh", 1): local_bh_disable,
        ("bh", -1): local_bh_enable,
        ("preempt", 1): preempt_disable,
        ("preempt", -1): preempt_enable,
    }
    if step in plain:
        return plain[step]()
    target = objects[step[1]]
    match step[0]:
        case "add":
            return target.write(value + 1)  # type: ignore[no-any-return]
        case "until":
            return wait_until(lambda seen: seen != 0, target)
    calls = {
        "spin": "spin_lock",
        "unspin": "spin_unlock",
        "try": "spin_trylock",
        "mutex": "mutex_lock",
        "unmutex": "mutex_unlock",
    }
    return getattr(target, calls[step[0]])()  # type: ignore[no-any-return]


def differences(drawn: Drawn, ways: list[Options]) -> list[str]:
    """What the library says otherwise than the judge."""
    judge = Judge(drawn.jobs)
    found = []
    for options in ways:
        report = check(drawn.case(), options=options)
        told = {
            each.claim.name: len(each.choices or ())
            for each in report.results
            if each.verdict is Verdict.FAILS
        }
        if any(job.blocks for job in drawn.jobs):
            told.pop("race", None)
        if told != judge.first:
            found.append(f"{options.reduction}, {options.engine}: {told} and not {judge.first}")
        if report.counted and report.interleavings != judge.runs:
            found.append(f"{options.reduction}: {report.interleavings} runs, not {judge.runs}")
        counts = (report.states, report.depth), (len(judge.depths), max(judge.depths.values()))
        if options.reduction == "none" and counts[0] != counts[1]:
            found.append(f"{counts[0]} states and depth, not {counts[1]}")
    return found


PLAIN = [Options(reduction="none")]
EVERY_WAY = [
    *(Options(engine=engine, reduction="none") for engine in ENGINES),
    *(Options(reduction=reduction) for reduction in REDUCTIONS),
]


def test_random_systems_are_explored_exactly() -> None:
    for seed in range(15):
        assert differences(Drawn(seed), PLAIN) == [], seed


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_every_reduction_says_what_the_judge_says(reduction: str) -> None:
    for seed in range(3):
        assert differences(Drawn(seed), [Options(reduction=reduction)]) == [], seed


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(range(40), marks=pytest.mark.slow, id="forty"),
        pytest.param(range(40, 300), marks=pytest.mark.campaign, id="three hundred"),
    ],
)
def test_many_random_systems_are_explored_exactly_every_way(seeds: range) -> None:
    for seed in seeds:
        assert differences(Drawn(seed), EVERY_WAY) == [], seed


Plant = Callable[[pytest.MonkeyPatch], None]


def interrupts_come_though_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Processor, "lets_in", lambda _, frames, __: frames[-1].context is not Context.NMI)


def softirqs_come_though_off(patch: pytest.MonkeyPatch) -> None:
    lets_in = Processor.lets_in

    def lets_softirqs_in(cpu: Processor, frames: Any, context: Context) -> bool:
        return lets_in(cpu, (*frames[:-1], frames[-1]._replace(bh_off=0)), context)

    patch.setattr(Processor, "lets_in", lets_softirqs_in)


def all_run_beside_a_handler(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Processor, "may_run", lambda *_: True)


def priorities_count_for_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Scheduled, "can_run", lambda *_: False)


def who_spins_counts_as_asleep(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scheduled, "way_of_waiting", lambda _: Waiting.SLEEPS)


def restoring_enables(patch: pytest.MonkeyPatch) -> None:
    restore = Processor.call("local_irq_restore")
    rule = restore.rule
    patch.setattr(restore, "rule", lambda cpu, frames, me, _: rule(cpu, frames, me, True))


def spinning_lets_others_in(patch: pytest.MonkeyPatch) -> None:
    for module in (scheduled, turns):
        patch.setattr(module, "begins_to_spin", lambda *_, **__: False)


def a_spinlock_lets_others_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(turns, "hold_count", lambda *_: 0)


def all_may_sleep(patch: pytest.MonkeyPatch) -> None:
    for module in (scheduled, turns):
        patch.setattr(module, "asleep_while_atomic", lambda *_: None)


def handlers_return_as_they_are(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Processor, "exit", lambda _, frames, *__: (frames[:-1], None))


def steps_are_tabled_by_too_little(patch: pytest.MonkeyPatch) -> None:
    can_run = Scheduled.can_run
    patch.setattr(
        Scheduled, "can_run", lambda self, thread, state, _: can_run(self, thread, state, {})
    )


PLANTED: dict[Plant, int] = {
    interrupts_come_though_off: 3,
    softirqs_come_though_off: 24,
    all_run_beside_a_handler: 0,
    priorities_count_for_nothing: 0,
    who_spins_counts_as_asleep: 117,
    restoring_enables: 8,
    spinning_lets_others_in: 38,
    a_spinlock_lets_others_in: 3,
    all_may_sleep: 7,
    handlers_return_as_they_are: 0,
    steps_are_tabled_by_too_little: 11,
}
"""Errors of the library, each with the first system in which the judge finds it."""


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_error_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Drawn(PLANTED[plant])
    assert differences(drawn, PLAIN) == []
    plant(monkeypatch)
    assert differences(drawn, PLAIN)
