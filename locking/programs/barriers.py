"""Memory barriers: what they order beyond what the operations around them do.

Kernel: Documentation/memory-barriers.txt, EXPLICIT KERNEL BARRIERS (v6.12), and
tools/memory-model/Documentation/explanation.txt. Where nothing is reordered, under `--memory sc`,
a barrier does nothing, and is no step. Under `--memory tso` loads are not reordered with loads, nor
stores with stores, so only full barriers do something: they wait until the thread's stores are
visible. Under `--memory lkmm` each is a step.
"""

from locking.objects.in_force import InForce
from locking.objects.operation import Operation
from locking.programs.store_buffers import drain, own_buffer


async def fence(name: str) -> None:
    """The barrier of this name as a step, where barriers are steps."""
    if InForce.rules.fences is not None:
        await Operation(InForce.rules.fences, name)


async def full_barrier(name: str) -> None:
    """The full barrier of this name, by whichever memory model is in force."""
    if buffer := own_buffer():
        await drain(buffer)
    await fence(name)


async def smp_mb() -> None:
    """A full barrier: all that is before it comes before all that is after it."""
    await full_barrier("smp_mb")


async def smp_mb__before_atomic() -> None:
    """A full barrier before an atomic operation that orders nothing, such as `atomic_inc`."""
    await full_barrier("smp_mb__before_atomic")


async def smp_mb__after_atomic() -> None:
    """A full barrier after an atomic operation that orders nothing, such as `atomic_inc`."""
    await full_barrier("smp_mb__after_atomic")


async def smp_mb__after_spinlock() -> None:
    """A full barrier after a lock was taken: what is before the lock comes before all after it."""
    await full_barrier("smp_mb__after_spinlock")


async def smp_rmb() -> None:
    """A read barrier: loads before it come before loads after it."""
    await fence("smp_rmb")


async def smp_wmb() -> None:
    """A write barrier: stores before it come before stores after it."""
    await fence("smp_wmb")
