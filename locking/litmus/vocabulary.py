"""The kernel's vocabulary of memory: what each function and macro does, as primitives.

Sources: include/linux/atomic/atomic-instrumented.h, include/linux/spinlock.h, rcupdate.h, srcu.h,
Documentation/atomic_t.txt, tools/memory-model/Documentation/explanation.txt (v6.12). A lock of
readers and writers is what kernel/locking/qrwlock.c does to its counter. Its queue is left out: a
queue orders those that wait, and a litmus test is about the order of memory.

A primitive says what its events are; `semantics.py` makes them. Its first argument is an address.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from locking.litmus.syntax import (
    AddressOf,
    Computed,
    Dereference,
    Evaluation,
    LitmusBlock,
    LitmusExpression,
    LitmusNumber,
    Primitive,
    Variable,
)


class VocabularyMacro(NamedTuple):
    """What a name of the vocabulary stands for: a value, or statements, of its parameters."""

    parameters: tuple[str, ...]
    body: LitmusExpression | LitmusBlock


Vocabulary = Mapping[str, VocabularyMacro]

ORDERS = {"": "mb", "_relaxed": "once", "_acquire": "acquire", "_release": "release"}
"""How each form of a read-modify-write orders memory, by the end of its name."""

TAGGED = "tagged"
"""A second annotation: read and write have the tag of the first, also of what is fully ordered."""

OPERATORS = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^", "andnot": "&~"}

BY_ONE = {"inc": "+", "dec": "-"}

X, V, W = Variable("X"), Variable("V"), Variable("W")
ONE, ZERO = LitmusNumber(1), LitmusNumber(0)

FENCE_ANNOTATIONS = {
    "smp_mb": "mb",
    "smp_rmb": "rmb",
    "smp_wmb": "wmb",
    "barrier": "barrier",
    "smp_mb__before_atomic": "before-atomic",
    "smp_mb__after_atomic": "after-atomic",
    "smp_mb__after_spinlock": "after-spinlock",
    "smp_mb__after_unlock_lock": "after-unlock-lock",
    "smp_mb__after_srcu_read_unlock": "after-srcu-read-unlock",
    "rcu_read_lock": "rcu-lock",
    "rcu_read_unlock": "rcu-unlock",
    "synchronize_rcu": "sync-rcu",
    "synchronize_rcu_expedited": "sync-rcu",
}
"""What orders memory without touching any."""

WITHOUT_ORDER = (
    "cpu_relax",
    "preempt_disable",
    "preempt_enable",
    "local_irq_disable",
    "local_irq_enable",
)
"""What says nothing about the order of memory."""


def on(*parameters: str) -> Callable[[LitmusExpression | LitmusBlock], VocabularyMacro]:
    """A macro with these parameters, for what it stands for."""
    return lambda body: VocabularyMacro(parameters, body)


def primitive_of(
    kind: str, annotation: str = "", *arguments: LitmusExpression, operator: str = ""
) -> Primitive:
    """A primitive."""
    return Primitive(kind, (annotation,) if annotation else (), arguments, operator)


def stated(*parts: Primitive) -> LitmusBlock:
    """Primitives as statements: what has no value."""
    return LitmusBlock(0, tuple(Evaluation(0, each) for each in parts))


def single_accesses() -> Iterator[tuple[str, VocabularyMacro]]:
    """Reads and writes of one location, and fences."""
    at_x = AddressOf(X)
    yield "READ_ONCE", on("X")(primitive_of("load", "once", at_x))
    yield "WRITE_ONCE", on("X", "V")(primitive_of("store", "once", at_x, V))
    yield "smp_load_acquire", on("X")(primitive_of("load", "acquire", X))
    yield "smp_store_release", on("X", "V")(primitive_of("store", "release", X, V))
    stored = (primitive_of("store", "once", at_x, V), primitive_of("fence", "mb"))
    yield "smp_store_mb", on("X", "V")(stated(*stored))
    for name in ("rcu_dereference", "rcu_dereference_check", "rcu_access_pointer"):
        parameters = ("X", "V") if name.endswith("check") else ("X",)
        yield name, on(*parameters)(primitive_of("load", "once", at_x))
    yield "rcu_assign_pointer", on("X", "V")(primitive_of("store", "release", at_x, V))
    yield "RCU_INIT_POINTER", on("X", "V")(primitive_of("store", "once", at_x, V))
    for name, order in (("smp_cond_load_relaxed", "once"), ("smp_cond_load_acquire", "acquire")):
        yield name, on("X", "V")(primitive_of("awaited_load", order, X, V))
    for name, annotation in FENCE_ANNOTATIONS.items():
        yield name, on()(stated(primitive_of("fence", annotation)))
    for name in WITHOUT_ORDER:
        yield name, on()(stated())


def exchange_macros() -> Iterator[tuple[str, VocabularyMacro]]:
    """`xchg`, `cmpxchg` and `try_cmpxchg`, of integers and of atomics."""
    for prefix in ("", "atomic_", "atomic64_", "atomic_long_"):
        for suffix, order in ORDERS.items():
            yield f"{prefix}xchg{suffix}", on("X", "V")(primitive_of("xchg", order, X, V))
            yield (
                f"{prefix}cmpxchg{suffix}",
                on("X", "V", "W")(primitive_of("cmpxchg", order, X, V, W)),
            )
            tried = primitive_of("try_cmpxchg", order, X, V, W)
            yield f"{prefix}try_cmpxchg{suffix}", on("X", "V", "W")(tried)


def arithmetic_macros(prefix: str) -> Iterator[tuple[str, VocabularyMacro]]:
    """The arithmetic of one type of atomics, such as `atomic_add_return_relaxed`."""
    for name, operator in OPERATORS.items():
        yield from forms_of(f"{prefix}_", name, ("V", "X"), V, operator)
    for name, operator in BY_ONE.items():
        yield from forms_of(f"{prefix}_", name, ("X",), ONE, operator)


def forms_of(
    prefix: str, name: str, parameters: tuple[str, ...], by: LitmusExpression, operator: str
) -> Iterator[tuple[str, VocabularyMacro]]:
    """All forms of one change: silent, and returning the new value or the old one."""
    quiet = primitive_of("atomic_op", "", X, by, operator=operator)
    yield prefix + name, on(*parameters)(stated(quiet))
    for suffix, order in ORDERS.items():
        new = primitive_of("atomic_op_return", order, X, by, operator=operator)
        old = primitive_of("atomic_fetch_op", order, X, by, operator=operator)
        if operator in "+-":
            yield f"{prefix}{name}_return{suffix}", on(*parameters)(new)
        yield f"{prefix}fetch_{name}{suffix}", on(*parameters)(old)


def tests(prefix: str) -> Iterator[tuple[str, VocabularyMacro]]:
    """What returns whether the value has become zero or negative, or was added to at all."""
    for name, operator in BY_ONE.items():
        changed = primitive_of("atomic_op_return", "mb", X, ONE, operator=operator)
        yield f"{prefix}_{name}_and_test", on("X")(Computed("==", (changed, ZERO)))
    changed = primitive_of("atomic_op_return", "mb", X, V, operator="-")
    yield f"{prefix}_sub_and_test", on("V", "X")(Computed("==", (changed, ZERO)))
    for suffix, order in ORDERS.items():
        changed = primitive_of("atomic_op_return", order, X, V, operator="+")
        yield f"{prefix}_add_negative{suffix}", on("V", "X")(Computed("<", (changed, ZERO)))
    unless = primitive_of("atomic_add_unless", "mb", X, V, W)
    yield f"{prefix}_add_unless", on("X", "V", "W")(unless)
    unless = primitive_of("atomic_add_unless", "mb", X, ONE, ZERO)
    yield f"{prefix}_inc_not_zero", on("X")(unless)


def atomics() -> Iterator[tuple[str, VocabularyMacro]]:
    """The operations of `atomic_t`, `atomic64_t` and `atomic_long_t`."""
    for prefix in ("atomic", "atomic64", "atomic_long"):
        yield f"{prefix}_read", on("X")(primitive_of("load", "once", X))
        yield f"{prefix}_set", on("X", "V")(primitive_of("store", "once", X, V))
        yield f"{prefix}_read_acquire", on("X")(primitive_of("load", "acquire", X))
        yield f"{prefix}_set_release", on("X", "V")(primitive_of("store", "release", X, V))
        yield from arithmetic_macros(prefix)
        yield from tests(prefix)


def lock_macros() -> Iterator[tuple[str, VocabularyMacro]]:
    """Spinlocks, and reader-writer locks."""
    for flavour in ("spin", "raw_spin"):
        for end in ("", "_irq", "_bh"):
            yield f"{flavour}_lock{end}", on("X")(primitive_of("lock", "", X))
            yield f"{flavour}_unlock{end}", on("X")(primitive_of("unlock", "", X))
        yield f"{flavour}_lock_irqsave", on("X", "V")(primitive_of("lock", "", X))
        yield f"{flavour}_unlock_irqrestore", on("X", "V")(primitive_of("unlock", "", X))
        yield f"{flavour}_trylock", on("X")(primitive_of("trylock", "", X))
        yield f"{flavour}_is_locked", on("X")(primitive_of("islocked", "", X))
    for mode in ("read", "write"):
        for end in ("", "_irq", "_bh"):
            yield f"{mode}_lock{end}", on("X")(primitive_of(f"{mode}_lock", "acquire", X))
            yield f"{mode}_unlock{end}", on("X")(primitive_of(f"{mode}_unlock", "release", X))
        yield f"{mode}_trylock", on("X")(primitive_of(f"{mode}_trylock", "acquire", X))


def sleepable_rcu() -> Iterator[tuple[str, VocabularyMacro]]:
    """SRCU: to lock reads the domain, and to unlock writes to it what was read."""
    for name in ("srcu_read_lock", "srcu_down_read"):
        yield name, on("X")(primitive_of("load", "srcu-lock", X))
    for name in ("srcu_read_unlock", "srcu_up_read"):
        yield name, on("X", "V")(primitive_of("store", "srcu-unlock", X, V))
    for name in ("synchronize_srcu", "synchronize_srcu_expedited"):
        yield name, on("X")(primitive_of("srcu", "sync-srcu", X))


def kernel_vocabulary() -> dict[str, VocabularyMacro]:
    """All names that a test may use, by name."""
    parts = (single_accesses(), exchange_macros(), atomics(), lock_macros(), sleepable_rcu())
    return {name: macro for part in parts for name, macro in part}


def substituted(part: Any, given: Mapping[str, LitmusExpression]) -> Any:
    """A part of the syntax with expressions in place of the parameters of a macro."""
    match part:
        case Variable(name):
            return given.get(name, part)
        case AddressOf(target):
            return address_of(substituted(target, given))
        case tuple():
            parts = [substituted(each, given) for each in part]
            return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    return part


def address_of(target: LitmusExpression) -> LitmusExpression:
    """The address of what an expression names."""
    return target.address if isinstance(target, Dereference) else AddressOf(target)
