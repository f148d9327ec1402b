"""A placement drawn: the named steps of a role in a row, and a bracket over those under a lock.

           ┌ mem_hotplug_lock: write ──┐  ┌ mem_hotplug_lock: read ─┐
    adder  ADD_SECTIONS  RESIZE_ZONE      INIT_DEVICE_PAGES

An outer bracket is above an inner one. A downgrade goes on in the bracket of the lock that is
downgraded: `┌ lock: write ──┬ downgraded to read ─┐`. Steps that don't fit a line go on below; a
bracket that has no corner at an end of a line goes on there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise, repeat

from locking.objects.region import Region
from locking.placements.trees import Step, Tree, nests
from locking.text.fit import GAP, folded, middle


@dataclass(frozen=True)
class Bracket:
    """The steps from `first` to before `end`, held as `label` says; `level` others are around it.

    `joins` is whether the lock is held already when it begins, `goes_on` whether it still is when
    it ends: the two of a downgrade.
    """

    first: int
    end: int
    label: str
    level: int
    joins: bool = False
    goes_on: bool = False


def drawn_roles(
    roles: Mapping[str, Sequence[Tree]], width: int, indent: str = "", *, numbered: bool = False
) -> list[str]:
    """Some roles with their trees, drawn in lines of `width`, their names in a column.

    Regions are `numbered` in the order in which they are taken, if that is wanted.
    """
    longest = max(map(len, roles), default=0)
    lines: list[str] = []
    for role, trees in roles.items():
        room = width - len(indent) - longest - len(GAP)
        body = role_lines(trees, room, count(1) if numbered else repeat(""))
        named = next(at for at, (_, is_steps) in enumerate(body) if is_steps)
        for at, (line, _) in enumerate(body):
            name = role if at == named else ""
            lines.append(f"{indent}{name:<{longest}}{GAP}{line}".rstrip())
    return lines


def role_lines(
    trees: Sequence[Tree], width: int, numbers: Iterator[int | str]
) -> list[tuple[str, bool]]:
    """Lines, and of each whether it has steps; what does not nest stays as it is written."""
    if not nests(trees):
        written = f"[{', '.join(map(str, trees))}]"
        return [(line, True) for line in folded(written, width, limit=0)]
    names: list[str] = []
    brackets = list(bracketed(trees, names, 0, numbers))
    widths = step_widths(names, brackets)
    return [
        line for row in step_rows(widths, width) for line in step_row(row, names, widths, brackets)
    ]


def bracketed(
    trees: Sequence[Tree], names: list[str], level: int, numbers: Iterator[int | str]
) -> Iterator[Bracket]:
    """The brackets of trees that nest, inner ones first; the names of their steps are collected."""
    for tree in trees:
        if isinstance(tree, Step):
            names.append(tree.name)
        elif isinstance(tree, Region):
            first, number = len(names), next(numbers)
            yield from bracketed(tree.body, names, level + 1, numbers)
            label = f"{number} {tree.lock.name}: {tree.mode}".strip()
            yield Bracket(first, len(names), label, level, goes_on=bool(tree.lowered))
            if tree.lowered:
                first = len(names)
                yield from bracketed(tree.lowered, names, level + 1, numbers)
                yield Bracket(first, len(names), "downgraded to read", level, joins=True)


def step_widths(names: Sequence[str], brackets: Sequence[Bracket]) -> list[int]:
    """The columns of every step and of the gap after it, with room for what brackets say."""
    widths = [len(name) + len(GAP) for name in names]
    for each in brackets:
        missing = len(f"┌ {each.label} ┐") + len(GAP) - sum(widths[each.first : each.end])
        widths[each.end - 1] += max(missing, 0)
    return widths


def step_rows(widths: Sequence[int], width: int) -> list[range]:
    """The steps in rows, as many in each as fit `width`."""
    starts, used = [0], 0
    for at, each in enumerate(widths):
        if used and used + each - len(GAP) > width:
            starts.append(at)
            used = 0
        used += each
    return [range(first, end) for first, end in pairwise([*starts, len(widths)])]


def step_row(
    row: range, names: Sequence[str], widths: Sequence[int], brackets: Sequence[Bracket]
) -> Iterator[tuple[str, bool]]:
    """The brackets over a row of steps, the outermost first, and the steps."""
    shown = [each for each in brackets if each.first < row.stop and each.end > row.start]
    for level in sorted({each.level for each in shown}):
        line = ""
        for each in shown:
            if each.level != level:
                continue
            line = with_bracket(line, each, row, widths)
        yield line, False
    yield "".join(names[at].ljust(widths[at]) for at in row).rstrip(), True


def with_bracket(line: str, each: Bracket, row: range, widths: Sequence[int]) -> str:
    """A line with one more bracket, which ends before the gap after its last step."""
    begins, ends = each.first >= row.start, each.end <= row.stop
    start = sum(widths[row.start : max(each.first, row.start)])
    stop = sum(widths[row.start : min(each.end, row.stop)])
    stop -= 0 if each.goes_on and each.end < row.stop else len(GAP)
    left = ("┬" if each.joins else "┌") if begins else "─"
    right = "┐" if ends and not each.goes_on else "─"
    label = label_in(each.label, stop - start - len("┌  ┐"), begins)
    return line.ljust(start) + f"{left}{label}".ljust(stop - start - 1, "─") + right


def label_in(label: str, room: int, begins: bool) -> str:
    """What a part of a bracket says: where it goes on, the mode is enough."""
    mode = label.rpartition(": ")[2]
    text = label if begins or len(label) <= room else mode
    if len(text) > room and not (begins and room > len(mode)):
        return ""
    return f" {middle(text, room)} "
