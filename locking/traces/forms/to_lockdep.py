"""A run as lockdep would report it, for readers who know its layout.

Kernel: kernel/locking/lockdep.c, kernel/hung_task.c; Documentation/locking/lockdep-design.rst.

What lockdep looks at is the order of locks: who took which lock while holding which other. The run
is gone through with its rules, and the first lock that closes a cycle is reported. The fixed
phrases are lockdep's, and for a task that waits without one, the hung-task detector's; all else is
of the model. The operation that takes a lock stands beside it.

Left out: classes (a name is a class), interrupts, lock nesting annotations.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from locking.errors import UsageError
from locking.objects.operation import Misuse, Object, Operation, Queue, Site, Wait
from locking.objects.processor import Processor
from locking.objects.reader_writer import Fairness, ReaderWriter
from locking.properties.deadlock import DeadlockFree, blocked_in
from locking.text.file_names import line_of
from locking.text.fit import escape
from locking.text.words import counted
from locking.traces.forms.page import Page
from locking.traces.replay import Held, Trace
from locking.traces.shown_run import ShownRun, used
from locking.traces.why.explain import diagnose


@dataclass(frozen=True)
class Taking:
    """A thread takes a lock in a mode, or waits to: with what, in which step (0 at the end), where.

    `under` are those that it holds then, in the order in which it took them; `waits` is whether it
    waits where the lock can't be had, and is not told so, as a trylock is.
    """

    thread: str
    lock: Object
    mode: str
    call: str
    number: int
    site: Site
    under: tuple["Taking", ...]
    waits: bool


HeldBy = dict[str, dict[str, Taking]]
"""For every thread, the locks that it holds, by name."""


@dataclass(frozen=True)
class Edge:
    """`then` was taken while `first` was held."""

    first: Taking
    then: Taking


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
    return hung(run, holding) if isinstance(run.claim, DeadlockFree) else []


def takings(trace: Trace) -> tuple[list[Taking], HeldBy]:
    """Every lock that a thread takes, in the order of the run; and what each holds at the end.

    Those who wait at the end come last.
    """
    holding: HeldBy = held_at_first(trace)
    found = []
    for event in trace.events:
        who = trace.names[event.thread]
        step, held = event.step, holding[who]
        taking = lock_taken(who, step, event.number, event.site, held) if step else None
        if taking:
            found.append(taking)
        change(holding, event.held, taking)
    for who, step, site in threads_waiting(trace):
        taking = lock_taken(who, step, 0, site, holding[who])
        if taking:
            found.append(taking)
    return found, holding


def held_at_first(trace: Trace) -> HeldBy:
    """For every thread the locks that it holds from the start."""
    product, holding = trace.product, HeldBy({name: {} for name in trace.names})
    for lock in product.objects:
        for who, mode in lock.holders(product.value(lock, product.initial)):
            if who in holding:
                site = product.position(trace.names.index(who), product.initial).site
                under = tuple(holding[who].values())
                holding[who][lock.name] = Taking(
                    who, lock, mode, "held from the start", 0, site, under, waits=False
                )
    return holding


def threads_waiting(trace: Trace) -> Iterator[tuple[str, Operation, Site]]:
    """The threads that wait at the end, or would if they took their step: in what, and where."""
    product = trace.product
    for thread, name in enumerate(trace.names):
        position = product.position(thread, trace.end)
        step = blocked_in(product, thread, trace.end) or position.next
        if isinstance(step, Operation):
            state = product.value(step.target, trace.end)
            got = step.target.step(step.name, state, name, step.args)
            if isinstance(got, Wait | Queue) or step is not position.next:
                yield name, step, position.site


def lock_taken(
    who: str, step: Operation, number: int, site: Site, held: Mapping[str, Taking]
) -> Taking | None:
    """The lock that an operation takes, if it takes one: asked of the lock as it is when free.

    A processor is held by those who keep others off, and is no lock.
    """
    if isinstance(step.target, Processor):
        return None
    outcome = step.target.step(step.name, step.target.start, who, step.args)
    if isinstance(outcome, Wait | Queue | Misuse):
        return None
    state, answer = outcome
    modes = [each.mode for each in step.target.holders(state) if each.thread == who]
    if not modes:
        return None
    under = tuple(held.values())
    return Taking(who, step.target, modes[0], step.name, number, site, under, answer is None)


def change(holding: HeldBy, now: Sequence[Held], taking: Taking | None) -> None:
    """Note who holds what once a step, which may have been a `taking`, has changed it."""
    for held in now:
        for name, locks in holding.items():
            modes = [each.mode for each in held.holders if each.thread == name]
            known = locks.get(held.name)
            if not modes:
                locks.pop(held.name, None)
            elif known and known.mode not in modes:
                locks[held.name] = replace(known, mode=modes[0])
            elif not known and taking and (taking.thread, taking.lock.name) == (name, held.name):
                locks[held.name] = taking


def excludes(lock: Object, held: str, wanted: str) -> bool:
    """Whether one who wants a lock may have to wait for one who holds it."""
    recursive = isinstance(lock, ReaderWriter) and lock.fairness is Fairness.READER_PREFERRING
    return not (recursive and held == wanted == "read")


def path(order: Sequence[Edge], taking: Taking, held: Taking) -> list[Edge]:
    """The shortest chain of locks from the one that is taken to one that is held; else nothing."""
    chains = [[edge] for edge in order if follows(taking, edge.first)]
    seen = {id(chain[0]) for chain in chains}
    for chain in chains:
        if follows(chain[-1].then, held):
            return chain
        further = [e for e in order if id(e) not in seen and follows(chain[-1].then, e.first)]
        seen |= {id(edge) for edge in further}
        chains += [[*chain, edge] for edge in further]
    return []


def follows(wanted: Taking, held: Taking) -> bool:
    """Whether the lock that is wanted is the one that is held, in modes that exclude each other."""
    return wanted.lock is held.lock and excludes(held.lock, held.mode, wanted.mode)


def report_frame(run: ShownRun, says: str, rule: int) -> list[str]:
    """The frame that a report begins with."""
    return ["=" * rule, f"WARNING: {says}", f"{escape(str(run.case))}, a model", "-" * rule]


def who(run: ShownRun, name: str) -> str:
    """A thread as lockdep names tasks, with its number."""
    return f"{escape(name)}/{run.trace.names.index(name) + 1}"


def at(taking: Taking) -> str:
    """A lock, how it is taken, and where."""
    step = f", step {taking.number}" if taking.number else ""
    return f"({lock_name(taking)}){{{taking.call}}}, at: {line_of(taking.site)}{step}"


def lock_name(taking: Taking) -> str:
    """The name of the lock."""
    return escape(taking.lock.name)


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


def locks_of_thread(run: ShownRun, thread: str, locks: Sequence[Taking]) -> list[str]:
    """The locks that a thread holds."""
    return [
        f"{counted(len(locks), 'lock')} held by {who(run, thread)}:",
        *(f" #{number}: {at(held)}" for number, held in enumerate(locks)),
    ]


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
