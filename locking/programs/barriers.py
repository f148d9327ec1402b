"""Memory barriers: what they order beyond what the operations around them do.

Kernel: Documentation/memory-barriers.txt, EXPLICIT KERNEL BARRIERS (v6.12), and
tools/memory-model/Documentation/explanation.txt. Where nothing is reordered, under `--memory sc`,
a barrier does nothing, and is no step. Under `--memory tso` loads are not reordered with loads, nor
stores with stores, so only full barriers do something: they wait until the thread's stores are
visible.
"""

from locking.programs.store_buffers import drain, own_buffer


async def smp_mb() -> None:
    """A full barrier: all that is before it comes before all that is after it."""
    if buffer := own_buffer():
        await drain(buffer)


async def smp_mb__before_atomic() -> None:
    """A full barrier before an atomic operation that orders nothing, such as `atomic_inc`."""
    await smp_mb()


async def smp_mb__after_atomic() -> None:
    """A full barrier after an atomic operation that orders nothing, such as `atomic_inc`."""
    await smp_mb()


async def smp_mb__after_spinlock() -> None:
    """A full barrier after a lock was taken: what is before the lock comes before all after it."""
    await smp_mb()


async def smp_rmb() -> None:
    """A read barrier: loads before it come before loads after it."""


async def smp_wmb() -> None:
    """A write barrier: stores before it come before stores after it."""
