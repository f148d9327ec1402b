"""Threads that wait for good because of who runs on their processor.

Rule of this file: who has a processor is read off the state at the end, as the product reads it.
"""

from locking.objects.operation import Operation
from locking.objects.processor import Context, Processor
from locking.programs.handlers import Handler
from locking.programs.thread import Thread
from locking.properties.deadlock import Waits
from locking.text.file_names import line_of
from locking.text.words import listed
from locking.traces.replay import Trace

HANDLER_WORDS = {
    Context.SOFTIRQ: "softirq",
    Context.HARDIRQ: "interrupt handler",
    Context.NMI: "NMI handler",
}
"""What a sentence calls a handler."""


def for_a_processor(step: Operation) -> bool:
    """Whether what a thread waits for is to run, or to come, on a processor."""
    return isinstance(step.target, Processor)


def interrupted_holder(waits: Waits, threads: tuple[Thread, ...]) -> tuple[str, str] | None:
    """A handler that spins for a lock, and the thread below it that holds the lock; or None."""
    handlers = {each.name for each in threads if isinstance(each, Handler)}
    for who, (step, holders) in waits.items():
        if who not in handlers or for_a_processor(step):
            continue
        for held in holders:
            below, above = waits.get(held, (None, []))
            if below and for_a_processor(below) and below.name == "run" and who in above:
                return who, held
    return None


def processor_row(trace: Trace, who: str, step: Operation, others: list[str]) -> str:
    """The sentence that others have the processor of a thread, or keep a handler off."""
    cpu = step.target.name
    if step.name == "run":
        row = listed([thread_in_words(trace, each) + since(trace, each, cpu) for each in others])
        return f"{row} {'runs' if len(others) == 1 else 'run'} on {cpu} in place of {who}"
    site = trace.product.position(trace.names.index(who), trace.end).site
    kept = [f"{thread_in_words(trace, each)}{since(trace, each, cpu)}" for each in others]
    return f"{thread_in_words(trace, who)} ({line_of(site)}) is kept off {cpu} by {listed(kept)}"


def thread_in_words(trace: Trace, who: str) -> str:
    """A thread by its name, and what it is if it is a handler."""
    thread = next(each for each in trace.product.threads if each.name == who)
    return f"{HANDLER_WORDS[thread.args[1]]} {who}" if isinstance(thread, Handler) else who


def since(trace: Trace, who: str, cpu: str) -> str:
    """The last step by which a thread came to keep others off its processor, in brackets."""
    number, held = 0, False
    for event in trace.events:
        for lock in event.held:
            if lock.name == cpu:
                had, held = held, who in [each.thread for each in lock.holders]
                number = event.number if held and not had else number
    return f" (since step {number})" if held and number else ""
