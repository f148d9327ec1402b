"""The lock order of a case, as a person reads it."""

from collections.abc import Iterable, Iterator

from rich.console import Console

from locking.explore.graph import Choice
from locking.properties.deadlock import DeadlockFree
from locking.report.to_terminal import fill, pointed, printed
from locking.studies.irq_order import Inversion, IrqOrder, Usage
from locking.studies.kernel_order import KernelComparison
from locking.studies.kernel_usage import UsageComparison
from locking.studies.lock_order import Cycle, Dependencies, Dependency, HeldLock, LockOrder
from locking.text.file_names import line_of
from locking.text.words import counted, listed
from locking.traces.path import encode, path_of
from locking.verdicts import Report


def render(report: Report, order: LockOrder, irqs: IrqOrder, console: Console) -> str:
    """The dependencies, each with a place at which it comes about, the cycles, and what irqs do."""
    lines = list(dependency_lines(order.order, console.width)) or [
        "    no lock is taken under another"
    ]
    for cycle in order.cycles:
        lines += ["", *cycle_lines(report, cycle, console.width)]
    for inversion in irqs.inversions:
        lines += ["", *inversion_lines(report, irqs, inversion, console.width)]
    covered = f"NOT every interleaving ({report.cause})" if report.cause else "every interleaving"
    head = fill(f"{report.case}: lock order over {covered}", console.width)
    return printed(head, [], lines, console)


def one_order(orders: Iterable[Dependencies], width: int) -> list[str]:
    """An order of all locks that all of these keep, or that there is none."""
    ranks = ranks_of({each for order in orders for each in order})
    if any(name in under for name, under in ranks.items()):
        return ["", "no order of locks that all keep"]
    names = sorted(ranks, key=lambda name: (-len(ranks[name]), name))
    return ["", *fill(f"outermost first: {', '.join(names)}", width)] if names else []


def kernel_lines(
    found: KernelComparison, usages: UsageComparison, file: str, width: int
) -> list[str]:
    """What a kernel and a model agree on, what only one of them has, and what is wrong together."""
    rows = {
        "in both": [each for each in found.links if each.kernel and each.model],
        "only in the kernel": [each for each in found.links if not each.model],
        "only in the model": [each for each in found.links if not each.kernel],
    }
    lines = ["", f"compared with {file}:"]
    for what, links in rows.items():
        says = ", ".join(f"{each.outer} -> {each.inner}" for each in links) or "none"
        lines += fill(f"{what}: {says}", width, "    ")
    lines += usage_lines(usages, width)
    if found.unknown:
        lines += fill(f"not in the kernel: {', '.join(found.unknown)}", width, "    ")
    for cycle in found.cycles:
        names = " -> ".join([*cycle, cycle[0]])
        lines += ["", *fill(f"cycle of the kernel and the model together: {names}", width)]
    for lock, theirs, ours in usages.clashes:
        says = f"inconsistent lock state of {lock}: {{{theirs}}} in the kernel, {{{ours}}} here"
        lines += ["", *fill(says, width)]
    return lines


def usage_lines(found: UsageComparison, width: int) -> Iterator[str]:
    """How handlers and others use the locks of which both know that."""
    rows = (
        ("usage in both", found.kernel & found.model),
        ("usage only in the kernel", found.kernel - found.model),
        ("usage only in the model", found.model - found.kernel),
    )
    for what, marks in rows if found.kernel | found.model else ():
        says = ", ".join(f"{{{mark}}} {lock}" for lock, mark in sorted(marks)) or "none"
        yield from fill(f"{what}: {says}", width, "    ")


def dependency_lines(order: Dependencies, width: int) -> Iterator[str]:
    """What is taken under what, outermost locks first."""
    ranks = ranks_of(order)
    found = sorted(order, key=lambda each: (-len(ranks[each.outer.lock.name]), names_of(each)))
    for each in found:
        place = order[each][0]
        at = f"{place.thread}, {place.call} at {line_of(place.site)}"
        yield from fill(
            f"{lock_in_words(each.outer)} -> {lock_in_words(each.inner)}: {at}", width, "    "
        )


def names_of(each: Dependency) -> tuple[str, str, str, str]:
    """The names and modes of a dependency, to sort by."""
    return each.outer.lock.name, each.outer.mode, each.inner.lock.name, each.inner.mode


def ranks_of(found: Iterable[Dependency]) -> dict[str, set[str]]:
    """For every lock the locks that can be taken under it, directly or not."""
    under: dict[str, set[str]] = {}
    for each in found:
        under.setdefault(each.outer.lock.name, set()).add(each.inner.lock.name)
        under.setdefault(each.inner.lock.name, set())
    for _ in under:
        for inner in under.values():
            inner |= {name for one in inner for name in under[one]}
    return under


def lock_in_words(held: HeldLock) -> str:
    """A lock, and its mode if it has several."""
    return held.lock.name if held.mode == "held by" else f"{held.lock.name} ({held.mode})"


def cycle_lines(report: Report, cycle: Cycle, width: int) -> Iterator[str]:
    """A cycle, and the run that closes it, or why none does."""
    names = [lock_in_words(each.outer) for each in cycle.dependencies]
    text = f"cycle {' -> '.join([*names, names[0]])}: "
    if cycle.choices is None:
        yield from fill(text + why_open(cycle, report.cause), width)
    else:
        yield from closed_by(report, text, cycle.choices, width)


def closed_by(report: Report, text: str, choices: tuple[Choice, ...], width: int) -> Iterator[str]:
    """That a run closes it, with its path."""
    claims = [each.claim.name for each in report.results if isinstance(each.claim, DeadlockFree)]
    path = encode(path_of(report.case, claims[0], choices)) if claims else ""
    yield from pointed(f"{text}closed after {counted(len(choices), 'step')}", path, width, "")


def inversion_lines(
    report: Report, irqs: IrqOrder, inversion: Inversion, width: int
) -> Iterator[str]:
    """What a handler and those whom it interrupts may do to each other, in lockdep's terms."""
    unsafe, safe = (usage_with_place(irqs, each) for each in (inversion.unsafe, inversion.safe))
    if inversion.chain:
        names = [lock_in_words(each.outer) for each in inversion.chain]
        names.append(lock_in_words(inversion.chain[-1].inner))
        kind = inversion.safe.context.name
        says = f"{kind}-safe -> {kind}-unsafe lock order {' -> '.join(names)}"
    else:
        says = f"inconsistent lock state of {inversion.safe.held.lock.name}"
    text = f"{says}: {unsafe}; {safe}: "
    if inversion.choices is not None:
        yield from closed_by(report, text, inversion.choices, width)
    elif report.cause:
        yield from fill(f"{text}no run that was explored closes it", width)
    elif not inversion.together:
        yield from fill(f"{text}no run closes it: they share no processor", width)
    else:
        yield from fill(f"{text}no run closes it", width)


def usage_with_place(irqs: IrqOrder, usage: Usage) -> str:
    """A usage as lockdep writes it, and who has it where."""
    place = irqs.usages[usage][0]
    where = f"{place.thread} on {place.processor} at {line_of(place.site)}"
    return f"{{{usage.mark}}} {where}"


def why_open(cycle: Cycle, cause: str | None) -> str:
    """What keeps a cycle open, where all runs are known."""
    if cause:
        return "no run that was explored closes it"
    if not cycle.guards:
        return "no run closes it, though no lock keeps apart those who would"
    return f"no run closes it: {listed(list(cycle.guards))} keeps apart those who would"
