"""A deadlock that an interrupt closes, as lockdep would report it.

Kernel: print_usage_bug() and print_bad_irq_dependency(), kernel/locking/lockdep.c. The fixed
phrases are lockdep's. A handler waits for a lock that it has interrupted the holder of, or for one
whose holder waits, through others or not, for somebody whom it has interrupted.
"""

from typing import NamedTuple

from locking.objects.lockdep import SHARED
from locking.objects.processor import Context, Processor
from locking.programs.handlers import Handler
from locking.properties.deadlock import Waits, waits_for
from locking.traces.forms.lockdep_words import at, lock_name, locks_of_thread, report_frame, who
from locking.traces.forms.takings import HeldBy, Taking, lock_taken
from locking.traces.replay import Trace
from locking.traces.shown_run import ShownRun


class Chain(NamedTuple):
    """A handler of `context`, what it waits for, and the locks held on the way to its victim.

    `held` are that of what the handler waits for, then of what this one's holder waits for, and so
    on; the last is held by the thread that the handler has interrupted.
    """

    context: Context
    wanted: Taking
    held: tuple[Taking, ...]


def interrupted(run: ShownRun, holding: HeldBy) -> list[str]:
    """The report of a deadlock that a handler closes; nothing of any other."""
    chain = chain_of(run.trace, holding)
    if chain is None:
        return []
    return order_report(run, chain) if chain.held[1:] else state_report(run, chain)


def chain_of(trace: Trace, holding: HeldBy) -> Chain | None:
    """What a handler waits for, up to whom it has interrupted, if any does."""
    waits = waits_for(trace.product, trace.end)
    for thread in trace.product.threads:
        if isinstance(thread, Handler) and thread.name in waits:
            held = held_up_to(waits, thread.name, holding)
            wanted = wanted_by(trace, thread.name, waits, holding)
            if held and wanted:
                return Chain(thread.args[1], wanted, tuple(held))
    return None


def wanted_by(trace: Trace, name: str, waits: Waits, holding: HeldBy) -> Taking | None:
    """What a thread waits to take."""
    site = trace.product.position(trace.names.index(name), trace.end).site
    return lock_taken(name, waits[name][0], 0, site, holding[name])


def held_up_to(waits: Waits, handler: str, holding: HeldBy) -> list[Taking]:
    """The locks from what a handler waits for to one of somebody it interrupted; else nothing."""
    found: list[Taking] = []
    name = handler
    while name in waits and len(found) < len(waits):
        step, holders = waits[name]
        if isinstance(step.target, Processor):
            return found if handler in holders else []
        mine = [each for each in holders if step.target.name in holding.get(each, {})]
        if not mine:
            return []
        name = mine[0]
        found.append(holding[name][step.target.name])
    return []


def usage(taking: Taking) -> str:
    """Whether a lock is taken for reading or for writing, by lockdep's letter."""
    return "R" if taking.mode in SHARED else "W"


def state_report(run: ShownRun, chain: Chain) -> list[str]:
    """The report of a lock that a handler takes and that is held with such handlers let in."""
    kind, [held] = chain.context.name, chain.held
    let_in = f"{{{kind}-ON-{usage(held)}}}"
    return [
        *report_frame(run, "inconsistent lock state", 32),
        f"inconsistent {let_in} -> {{IN-{kind}-{usage(chain.wanted)}}} usage.",
        f"{who(run, chain.wanted.thread)} takes:",
        at(chain.wanted),
        f"{let_in} state was registered at:",
        f"  {who(run, held.thread)}: {at(held)}",
        "",
        "other info that might help us debug this:",
        " Possible unsafe locking scenario:",
        "",
        "       CPU0",
        "       ----",
        f"  lock({lock_name(held)});",
        "  <Interrupt>",
        f"    lock({lock_name(held)});",
        "",
        " *** DEADLOCK ***",
        "",
        *locks_of_thread(run, chain.wanted.thread, chain.wanted.under),
    ]


def order_report(run: ShownRun, chain: Chain) -> list[str]:
    """The report of a lock of a handler that comes before one held with such handlers let in."""
    kind, safe, unsafe = chain.context.name, chain.held[0], chain.held[-1]
    first, last = lock_name(safe), lock_name(unsafe)
    names = [lock_name(each) for each in chain.held]
    between = [f"Chain exists of:\n  {' --> '.join(names)}", ""] if names[2:] else []
    return [
        *report_frame(run, f"{kind}-safe -> {kind}-unsafe lock order detected", 53),
        f"{who(run, chain.held[-2].thread)} is trying to acquire:",
        f"({last})",
        "",
        "and this task is already holding:",
        at(chain.held[-2]),
        "which would create a new lock dependency:",
        f" ({names[-2]}) -> ({last})",
        "",
        f"but this new dependency connects a {kind}-irq-safe lock:",
        f" ({first})",
        f"... which became {kind}-irq-safe at:",
        f"  {who(run, chain.wanted.thread)}: {at(chain.wanted)}",
        "",
        f"to a {kind}-irq-unsafe lock:",
        f" ({last})",
        f"... which became {kind}-irq-unsafe at:",
        f"  {who(run, unsafe.thread)}: {at(unsafe)}",
        "",
        "other info that might help us debug this:",
        "",
        *between,
        " Possible interrupt unsafe locking scenario:",
        "",
        "       CPU0                    CPU1",
        "       ----                    ----",
        f"  lock({last});",
        f"{'':31}local_irq_disable();",
        f"{'':31}lock({first});",
        f"{'':31}lock({names[1]});",
        "  <Interrupt>",
        f"    lock({first});",
        "",
        " *** DEADLOCK ***",
        "",
        *locks_of_thread(run, chain.held[-2].thread, (*chain.held[-2].under, chain.held[-2])),
    ]
