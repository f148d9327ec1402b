"""A run as lockdep would report it, for readers who know its layout.

Kernel: kernel/locking/lockdep.c, kernel/hung_task.c; Documentation/locking/lockdep-design.rst.

What lockdep looks at is the order of locks: who took which lock while holding which other. The run
is gone through with its rules, and the first lock that closes a cycle is reported. The fixed
phrases are lockdep's, and for a task that waits without one, the hung-task detector's; all else is
of the model. The operation that takes a lock stands beside it.

Left out: classes (a name is a class), lock nesting annotations, and of interrupts all but those
that close a deadlock, which are in `lockdep_irqs.py`.
"""

from collections.abc import Hashable, Iterator

from locking.errors import UsageError
from locking.properties.deadlock import DeadlockFree
from locking.text.file_names import line_of
from locking.text.fit import escape
from locking.traces.forms.lockdep_irqs import interrupted
from locking.traces.forms.lockdep_words import at, lock_name, locks_of_thread, report_frame, who
from locking.traces.forms.page import Page
from locking.traces.forms.takings import (
    Edge,
    HeldBy,
    Taking,
    excludes,
    path,
    takings,
    threads_waiting,
)
from locking.traces.shown_run import ShownRun, used
from locking.traces.why.explain import diagnose


def render(run: ShownRun, page: Page) -> str:
    """The report. Errors: `UsageError` for a run that is no deadlock and has no cycle of locks."""
    lines = report(run)
    if not lines:
        raise UsageError(
            f"--to lockdep: this run, of {run.claim.name}, is no deadlock, and its threads take "
            f"their locks in no order that has a cycle; the other forms take every run"
        )
    case = escape(str(run.case))
    made = f"[ made by locking from a run of a model, {case}: no kernel printed this ]"
    replay = f"Replay: {page.command} {run.path}"
    return "\n".join([made, "", *lines, "", *lock_steps(run), "", escape(replay)])


def report(run: ShownRun) -> list[str]:
    """What is said at the first lock that closes a cycle; if none does, who waits in a deadlock."""
    order: dict[Hashable, Edge] = {}
    found, holding = takings(run.trace)
    for taking in [taking for taking in found if taking.waits]:
        for held in taking.under:
            if held.lock is taking.lock and excludes(held.lock, held.mode, taking.mode):
                return recursive(run, taking, held)
        for held in reversed(taking.under):
            chain = path(list(order.values()), taking, held)
            if chain:
                return circular(run, taking, held, chain)
        for held in taking.under:
            if held.lock is not taking.lock:
                key = (held.lock, held.mode, taking.lock, taking.mode)
                order.setdefault(key, Edge(held, taking))
    if not isinstance(run.claim, DeadlockFree):
        return []
    return interrupted(run, holding) or hung(run, holding)


def trying(run: ShownRun, taking: Taking, held: Taking) -> list[str]:
    """Who tries to take what, and holds what."""
    return [
        f"{who(run, taking.thread)} is trying to acquire lock:",
        at(taking),
        "",
        "but task is already holding lock:",
        at(held),
        "",
    ]


def recursive(run: ShownRun, taking: Taking, held: Taking) -> list[str]:
    """The report of a thread that takes what it holds."""
    name = lock_name(taking)
    return [
        *report_frame(run, "possible recursive locking detected", 44),
        *trying(run, taking, held),
        "other info that might help us debug this:",
        " Possible unsafe locking scenario:",
        "",
        "       CPU0",
        "       ----",
        f"  lock({name});",
        f"  lock({name});",
        "",
        " *** DEADLOCK ***",
        "",
        *locks_of_thread(run, taking.thread, taking.under),
    ]


def circular(run: ShownRun, taking: Taking, held: Taking, chain: list[Edge]) -> list[str]:
    """The report of a lock that closes a cycle."""
    wanted, parent, last = lock_name(taking), lock_name(chain[-1].first), lock_name(held)
    between = [f"Chain exists of:\n  {wanted} --> {parent} --> {last}", ""]
    return [
        *report_frame(run, "possible circular locking dependency detected", 54),
        *trying(run, taking, held),
        "which lock already depends on the new lock.",
        "",
        "",
        "the existing dependency chain (in reverse order) is:",
        "",
        *dependencies(run, taking, chain),
        "other info that might help us debug this:",
        "",
        *(between if chain[1:] else []),
        " Possible unsafe locking scenario:",
        "",
        "       CPU0                    CPU1",
        "       ----                    ----",
        f"  lock({last});",
        f"{'':31}lock({parent});",
        f"{'':31}lock({last});",
        f"  lock({wanted});",
        "",
        " *** DEADLOCK ***",
        "",
        *locks_of_thread(run, taking.thread, taking.under),
    ]


def dependencies(run: ShownRun, taking: Taking, chain: list[Edge]) -> Iterator[str]:
    """How each lock of the chain came to be taken, the last one first, the new one at the end."""
    links = [*(edge.then for edge in reversed(chain)), taking]
    for number, link in zip(range(len(chain), -1, -1), links, strict=True):
        yield f"-> #{number} ({lock_name(link)}){{{link.call}}}:"
        yield f"       {who(run, link.thread)}: {at(link)}"
        yield from (f"         holding {at(held)}" for held in link.under)
        yield ""


def hung(run: ShownRun, holding: HeldBy) -> list[str]:
    """The report of threads that wait, though no cycle of locks is why."""
    trace = run.trace
    blocked = [
        f"INFO: task {who(run, name)} blocked in {escape(str(step))}, at: {line_of(site)}"
        for name, step, site in threads_waiting(trace)
    ]
    held = [
        line
        for name, locks in holding.items()
        if locks
        for line in locks_of_thread(run, name, [*locks.values()])
    ]
    says = escape(diagnose(run))
    return [*blocked, "", "Showing all locks held in the system:", *held, "", says]


def lock_steps(run: ShownRun) -> list[str]:
    """Every operation of the run on a lock, and who waits at its end."""
    trace, locks = run.trace, used(run.trace)
    lines = ["the run, as far as it is on locks:"]
    for event in trace.events:
        if event.target in locks:
            gave = f" = {event.result!r}" if event.gave else ""
            queued = ", waits in the queue" if event.queued else ""
            misuse = f", misuse: {event.misuse}" if event.misuse else ""
            task = who(run, trace.names[event.thread])
            says = escape(event.call + gave + queued + misuse)
            lines.append(f"[{event.number:5}] {task}: {says}, at: {line_of(event.site)}")
    for name, step, site in threads_waiting(trace):
        says = f"waits in {escape(str(step))}, at: {line_of(site)}"
        lines.append(f"[  end] {who(run, name)}: {says}")
    return lines
