"""Random programs, each as a litmus test in C and as threads of a model, and how both end.

A statement is a tuple. `out` is a word of each thread in which it leaves what it has read: the last
that it does, so it orders nothing.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

import pytest

from locking import (
    Atomic,
    Cell,
    Rcu,
    Spinlock,
    System,
    Thread,
    smp_mb,
    smp_rmb,
    smp_wmb,
    wait_until,
)
from locking.executions.ending import ExecutionEnding
from locking.executions.executions import Execution
from locking.executions.judged import RACE_FLAG, ExecutionSearch
from locking.litmus.judged import judge_paths
from locking.litmus.paths import all_paths
from locking.litmus.reading import read_test
from locking.litmus.structures import Combination
from locking.memory_models.lkmm.model import LKMM
from locking.programs.barriers import smp_mb__after_atomic, smp_mb__before_atomic
from tests.litmus.classics import litmus_text

Statement = tuple[Any, ...]
Code = tuple[Statement, ...]

CELLS, ATOMICS = ("x", "y"), ("z",)

LOCK, RCU = Spinlock("s"), Rcu("rcu")

FENCES = {
    "smp_mb": smp_mb,
    "smp_rmb": smp_rmb,
    "smp_wmb": smp_wmb,
    "smp_mb__before_atomic": smp_mb__before_atomic,
    "smp_mb__after_atomic": smp_mb__after_atomic,
}
ORDERS = ("", "_acquire", "_release", "_relaxed")


class Ends(NamedTuple):
    """The final values of x, y, z and of the registers of all threads; and whether some race."""

    states: frozenset[tuple[int, ...]]
    race: bool


def random_statement(random: Random, *, dependent: bool, plain: bool) -> Statement:
    """One statement."""
    cell, register, value = random.choice(CELLS), random.randint(0, 1), random.randint(1, 2)
    order = random.choice(ORDERS)
    kinds = [
        "W",
        "W",
        "R",
        "R",
        "RA",
        "WR",
        "fence",
        "fence",
        "xchg",
        "cmpxchg",
        "atomic",
        "counter",
    ]
    kinds += ["copy", "if", "if-else"] if dependent else []
    kinds += ["PW", "PR"] if plain else []
    match random.choice(kinds):
        case "fence":
            return "fence", random.choice(tuple(FENCES))
        case "xchg":
            return "xchg", cell, value, register, order
        case "cmpxchg":
            return "cmpxchg", cell, random.randint(0, 1), value, register, order
        case "atomic":
            name = random.choice(["atomic_inc", "atomic_dec", "atomic_add", "atomic_set"])
            return "quiet", name, "z", value
        case "counter":
            name = random.choice(["atomic_add_return", "atomic_fetch_add", "atomic_read"])
            return "counted", name, "z", value, register, order
        case "if":
            return "if", register, ("W", cell, value)
        case "if-else":
            other = random.choice(CELLS), random.randint(1, 2)
            return "if-else", register, ("W", cell, value), ("W", *other)
        case "copy":
            return "copy", cell, register
        case kind:
            return (kind, cell, value) if "W" in kind else (kind, cell, register)


def random_section(random: Random) -> Statement:
    """A section of a spinlock or of RCU, or a grace period."""
    first, second = (
        random_statement(random, dependent=False, plain=random.random() < 0.2) for _ in range(2)
    )
    match random.choice(["lock", "lock", "try", "rcu", "rcu", "sync", "await"]):
        case "await":
            return "await", random.choice(CELLS), random.randint(1, 2)
        case "lock":
            return "lock", first
        case "try":
            return "try", random.randint(0, 1), ("W", random.choice(CELLS), 1)
        case "rcu":
            return "rcu", first, second
        case _:
            return ("sync",)


def program_of_sections(seed: int) -> tuple[Code, ...]:
    """Threads with sections of a spinlock and of RCU, and what is before or behind them."""
    random = Random(seed)
    return tuple(
        tuple(
            random_section(random)
            if random.random() < 0.6
            else random_statement(random, dependent=False, plain=False)
            for _ in range(random.randint(1, 3))
        )
        for _ in range(2)
    )


def random_program(seed: int, *, dependent: bool = False, plain: bool = False) -> tuple[Code, ...]:
    """Two or three threads of a few statements; the first of each is an access."""
    random = Random(seed)
    threads = random.choice((2, 2, 2, 3))
    return tuple(
        tuple(
            random_statement(random, dependent=dependent, plain=plain)
            for _ in range(random.randint(2, 4 if threads == 2 else 3))
        )
        for _ in range(threads)
    )


def c_of(statement: Statement) -> str:
    """A statement in C."""
    match statement:
        case ("W", cell, value):
            return f"WRITE_ONCE(*{cell}, {value})"
        case ("WR", cell, value):
            return f"smp_store_release({cell}, {value})"
        case ("PW", cell, value):
            return f"*{cell} = {value}"
        case ("R", cell, register):
            return f"r{register} = READ_ONCE(*{cell})"
        case ("RA", cell, register):
            return f"r{register} = smp_load_acquire({cell})"
        case ("PR", cell, register):
            return f"r{register} = *{cell}"
        case ("fence", name):
            return f"{name}()"
        case ("xchg", cell, value, register, order):
            return f"r{register} = xchg{order}({cell}, {value})"
        case ("cmpxchg", cell, old, new, register, order):
            return f"r{register} = cmpxchg{order}({cell}, {old}, {new})"
        case ("quiet", "atomic_add", name, value):
            return f"atomic_add({value}, {name})"
        case ("quiet", "atomic_set", name, value):
            return f"atomic_set({name}, {value})"
        case ("quiet", operation, name, _):
            return f"{operation}({name})"
        case ("counted", "atomic_read", name, _, register, _):
            return f"r{register} = atomic_read({name})"
        case ("counted", operation, name, value, register, order):
            return f"r{register} = {operation}{order}({value}, {name})"
        case ("if", register, inner):
            return f"if (r{register}) {{; {c_of(inner)}; }}"
        case ("if-else", register, inner, other):
            return f"if (r{register}) {{; {c_of(inner)}; }} else {{; {c_of(other)}; }}"
        case ("lock", inner):
            return f"spin_lock(s); {c_of(inner)}; spin_unlock(s)"
        case ("try", register, inner):
            taken = f"if (r{register}) {{; {c_of(inner)}; spin_unlock(s); }}"
            return f"r{register} = spin_trylock(s); {taken}"
        case ("rcu", first, second):
            return f"rcu_read_lock(); {c_of(first)}; {c_of(second)}; rcu_read_unlock()"
        case ("sync",):
            return "synchronize_rcu()"
        case ("await", cell, value):
            return f"smp_cond_load_acquire({cell}, VAL == {value})"
        case ("copy", cell, register):
            return f"WRITE_ONCE(*{cell}, r{register})"
    raise AssertionError(statement)


async def do(statement: Statement, words: dict[str, Any], registers: list[int]) -> None:
    """A statement in a thread of a model."""
    match statement:
        case ("W", cell, value):
            await words[cell].WRITE_ONCE(value)
        case ("WR", cell, value):
            await words[cell].smp_store_release(value)
        case ("PW", cell, value):
            await words[cell].write(value)
        case ("R", cell, register):
            registers[register] = await words[cell].READ_ONCE()
        case ("RA", cell, register):
            registers[register] = await words[cell].smp_load_acquire()
        case ("PR", cell, register):
            registers[register] = await words[cell].read()
        case ("fence", name):
            await FENCES[name]()
        case ("xchg", cell, value, register, order):
            registers[register] = await getattr(words[cell], f"xchg{order}")(value)
        case ("cmpxchg", cell, old, new, register, order):
            registers[register] = await getattr(words[cell], f"cmpxchg{order}")(old, new)
        case ("quiet", operation, name, value):
            given = (value,) if operation in ("atomic_add", "atomic_set") else ()
            await getattr(words[name], operation)(*given)
        case ("counted", "atomic_read", name, _, register, _):
            registers[register] = await words[name].atomic_read()
        case ("counted", operation, name, value, register, order):
            registers[register] = await getattr(words[name], f"{operation}{order}")(value)
        case ("if", register, inner):
            if registers[register]:
                await do(inner, words, registers)
        case ("if-else", register, inner, other):
            await do(inner if registers[register] else other, words, registers)
        case ("lock", inner):
            await LOCK.spin_lock()
            await do(inner, words, registers)
            await LOCK.spin_unlock()
        case ("try", register, inner):
            registers[register] = int(await LOCK.spin_trylock())
            if registers[register]:
                await do(inner, words, registers)
                await LOCK.spin_unlock()
        case ("rcu", *inner):
            await RCU.rcu_read_lock()
            for each in inner:
                await do(each, words, registers)
            await RCU.rcu_read_unlock()
        case ("sync",):
            await RCU.synchronize_rcu()
        case ("await", cell, value):
            await wait_until(lambda found: found == value, words[cell])
        case ("copy", cell, register):
            await words[cell].WRITE_ONCE(registers[register])
        case _:
            raise AssertionError(statement)


async def run(code: Code, words: dict[str, Any], out: Cell) -> None:
    """The code of a thread; what it has read is in `out` in the end."""
    registers = [0, 0]
    for statement in code:
        await do(statement, words, registers)
    await out.WRITE_ONCE(tuple(registers))


class AllEnds(ExecutionSearch):
    """A search that keeps how all executions end."""

    def __init__(self, system: System) -> None:
        super().__init__(system, [])
        self.endings: list[ExecutionEnding] = []

    def note(self, execution: Execution, ending: ExecutionEnding) -> None:
        """Keep the end."""
        super().note(execution, ending)
        self.endings.append(ending)


def system_of(program: Sequence[Code]) -> System:
    """A program as a model."""
    words: dict[str, Any] = {
        **{name: Cell(name, 0) for name in CELLS},
        **{name: Atomic(name, 0) for name in ATOMICS},
    }
    outs = [Cell(f"out{at}", (0, 0)) for at, _ in enumerate(program)]
    threads = [
        Thread(f"P{at}", run, (code, words, out))
        for at, (code, out) in enumerate(zip(program, outs, strict=True))
    ]
    return System([*words.values(), *outs, LOCK, RCU], threads, [])


def ends_of_model(program: Sequence[Code]) -> Ends:
    """How a program ends, by the executions of its model."""
    search = AllEnds(system_of(program).with_fences())
    assert search.go(lambda: None) in (None, "no execution comes to an end")
    states = {
        (
            *(each.memory[name] for name in (*CELLS, *ATOMICS)),
            *(value for at, _ in enumerate(program) for value in each.memory[f"out{at}"]),
        )
        for each in search.endings
        if each.whole and not each.stuck
    }
    return Ends(frozenset(states), search.race is not None)


def litmus_of(program: Sequence[Code]) -> str:
    """A program as a litmus test."""
    threads = tuple("; ".join(["r0 = 0", "r1 = 0", *map(c_of, code)]) for code in program)
    shown = "; ".join(f"{at}:r0; {at}:r1" for at, _ in enumerate(program))
    return litmus_text(threads, f"locations [x; y; z; {shown}] exists (true)")


def ends_of_litmus(program: Sequence[Code]) -> Ends:
    """How a program ends, by the executions of its litmus test."""
    test = read_test(litmus_of(program))
    answer = judge_paths(test, all_paths(test, 1), LKMM)
    return Ends(frozenset(answer.states), RACE_FLAG in answer.flags)  # type: ignore[arg-type]


def ends_without_dependencies(program: Sequence[Code]) -> Ends:
    """How the litmus test of a program ends if no dependency orders anything."""
    lifted = Combination.lifted

    def none(self: Combination, name: str) -> list[int]:
        masks = lifted(self, name)
        return masks if name == "before" else [0] * len(masks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Combination, "lifted", none)
        return ends_of_litmus(program)
