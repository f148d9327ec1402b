"""`locking lockorder`: which lock is taken under which in all runs, and where that goes round."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of
from locking.cli.arguments import SCOPE, fill_narrowing, fill_search
from locking.cli.case_arguments import cases_of, refuse_algorithms, refuse_memory_models
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Parser
from locking.cli.searches import Checked, looked_at
from locking.cli.terminal import console, drawable, width
from locking.errors import UsageError
from locking.model import Model
from locking.properties.released import may_be_held

if TYPE_CHECKING:
    from locking.studies.kernel_files import KernelLocks

EPILOG = (
    SCOPE
    + """
Exit status: 0 no run closes a cycle; 1 a run closes one, or the model has one together with the
kernel, or a lock is then taken both in handlers and where handlers may come; 2 bad usage or a wrong
model; 3 not all runs are known, because a limit was reached or the command was interrupted.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, "--scenario", "--placement")
    parser.add_argument(
        "--kernel",
        metavar="FILE",
        help="compare with FILE, a copy of /proc/lockdep or /proc/lockdep_chains, or a report",
    )
    fill_search(parser)


def kernel_locks(file: str) -> "KernelLocks":
    """What a copy of a kernel's file says. Errors: `UsageError`."""
    from locking.studies.kernel_files import read_kernel_locks

    try:
        text = Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--kernel {file}: {error}; name a copy of /proc/lockdep") from None
    return read_kernel_locks(text, file)


def with_all_locks(model: Model) -> dict[str, str]:
    """The values of parameters where none is given and the model has one for this."""
    return {
        each.name: str(each.in_lockorder)
        for each in model.parameters
        if each.in_lockorder is not None
    }


def run(arguments: Namespace) -> int:
    """Print the lock order of every case, as it comes. Errors: `LockingError`."""
    from locking.report.lock_order import kernel_lines, one_order, render  # not needed by others
    from locking.studies.irq_order import IrqOrder
    from locking.studies.kernel_order import compare_with_kernel
    from locking.studies.kernel_usage import compare_usages
    from locking.studies.lock_order import Dependencies, LockOrder

    refuse_algorithms(arguments, "the order is that in which locks are asked for, not their words")
    refuse_memory_models(arguments, "only interleavings are looked at")
    arguments.property = []
    seen_by_kernel = kernel_locks(arguments.kernel) if arguments.kernel else None
    model = catalogue.model(arguments.model)
    arguments.scope = {**with_all_locks(model), **arguments.scope}
    cases = cases_of(model, arguments, placements_of(model, arguments.placement))
    checked = Checked(len(cases))
    orders: list[Dependencies] = []
    locks: set[str] = set()
    marks: set[tuple[str, str]] = set()
    closed = False
    looked = looked_at(cases, arguments, checked, lambda _, explored: LockOrder(explored))
    for number, (report, found) in enumerate(looked):
        orders.append(found.order)
        locks |= {each.name for each in found.product.objects if may_be_held(each)}
        irqs = IrqOrder(found)
        marks |= {(each.held.lock.name, each.mark) for each in irqs.usages}
        closed |= any(cycle.choices is not None for cycle in found.cycles)
        closed |= any(inversion.choices is not None for inversion in irqs.inversions)
        print(
            ("\n" if number else "") + drawable(render(report, found, irqs, console())),
            end="",
            flush=True,
        )
    for line in [*one_order(orders, width()), *filter(None, [checked.stopped])]:
        print(drawable(line))
    if seen_by_kernel:
        pairs = {(each.outer.lock.name, each.inner.lock.name) for order in orders for each in order}
        compared = compare_with_kernel(seen_by_kernel.taken_next, pairs, locks)
        usages = compare_usages(seen_by_kernel, marks)
        closed |= bool(compared.cycles or usages.clashes)
        for line in kernel_lines(compared, usages, arguments.kernel, width()):
            print(drawable(line))
    if closed:
        return NOT_AS_DECLARED
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED
