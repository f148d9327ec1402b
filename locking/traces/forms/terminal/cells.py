"""What one step shows in the column of its thread, and the source line beside it.

`┌ NAME` and `└ NAME` are where a thread enters and leaves a section; the bar between them says that
it is still inside. The bars of one section have one style throughout a trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from locking.objects.operation import Site
from locking.programs.frames import HelperCall
from locking.text.file_names import line_of
from locking.text.fit import GAP, escape, folded, middle
from locking.text.source_lines import line_at
from locking.text.styled import Line, Part, plain, styled
from locking.traces.forms.sections import shared
from locking.traces.replay import Event, Held

LINES_OF_SOURCE = 2
"""Lines that a line of the model may fill before it is cut short."""

MOST_NAMES = 8
"""Threads that wait for a lock and are named one by one."""

DEEPEST = 4
"""Bars that a column shows at most."""


@dataclass(frozen=True)
class Cells:
    """Cells of a trace: `width` of a column, `source` of the one beside it, 0 if there is none.

    `text` says whether that one shows the model's text too, `one_file` whether it leaves out the
    name of the file; `sections` numbers the sections.
    """

    width: int
    source: int
    text: bool
    one_file: bool
    sections: Mapping[str, int]

    def bars(self, inside: Sequence[str]) -> Line:
        """One bar for each section that a thread is inside."""
        shown = [Part("│", self.style(name)) for name in inside[:DEEPEST]]
        return (*shown, Part(" ")) if shown else ()

    def style(self, section: str) -> str:
        """The style of a section."""
        return f"section:{self.sections.get(section, 0)}"

    def left(self, before: Sequence[str], after: Sequence[str]) -> list[Line]:
        """The ends of the sections that are left, innermost first."""
        depths = range(len(before) - 1, shared(before, after) - 1, -1)
        return [self.mark("└", before, depth) for depth in depths]

    def entered(self, before: Sequence[str], after: Sequence[str]) -> list[Line]:
        """The beginnings of the sections that are entered, outermost first."""
        depths = range(shared(before, after), len(after))
        return [self.mark("┌", after, depth) for depth in depths]

    def mark(self, corner: str, inside: Sequence[str], depth: int) -> Line:
        """The line at which the section at `depth` begins or ends."""
        outer = self.bars(inside[: min(depth, DEEPEST - 1)])[:-1]
        text = middle(f"{corner} {escape(inside[depth])}", self.width - len(outer))
        return (*outer, Part(text, self.style(inside[depth])))

    def marks(self, before: Sequence[str], after: Sequence[str]) -> list[Part]:
        """The sections that are left and those that are entered, to stand behind an operation."""
        kept = shared(before, after)
        ends = [("└", name) for name in reversed(before[kept:])]
        begins = [("┌", name) for name in after[kept:]]
        return [Part(f"{sign} {escape(name)}", self.style(name)) for sign, name in [*ends, *begins]]

    def body(self, event: Event, indent: str) -> list[Line]:
        """What an event does."""
        prefix = (*self.bars(event.inside), Part(indent))
        room = self.width - len(plain(prefix))
        call, *others = event_pieces(event)
        if len(call[0].text) <= room < len(plain(call)):  # the result gets a line of its own
            others = [tuple(part._replace(text=part.text.strip()) for part in call[1:]), *others]
            call = call[:1]
        lines = fitted(call, room, call[0].style)
        for piece in others:
            if len(plain(lines[-1])) + len(GAP) + len(plain(piece)) <= room:
                lines[-1] = (*lines[-1], Part(GAP), *piece)
            else:
                under = fitted(piece, room - len(GAP), piece[-1].style)
                lines += [(Part(GAP), *line) for line in under]
        if event.misuse:
            lines += styled(folded(f"!! misuse: {escape(event.misuse)}", room), "failure")
        if not self.source:
            lines.append((Part(GAP), Part(middle(line_of(event.site), room - len(GAP)), "source")))
        return [(*prefix, *line) for line in lines]

    def beside(self, site: Site, called: HelperCall | None = None) -> list[Line]:
        """The column of source lines; with how the line was `called`, where it is in a helper."""
        if not self.source:
            return []
        if self.one_file:
            return [(Part(f"line {site.line}".rjust(self.source), "source"),)]
        text = line_of(site)
        if self.text:
            lines = self.with_text(text, escape(line_at(site)))
            if called:
                note = escape(helper_note(site, called))
                lines += [GAP + each for each in folded(note, self.source - len(GAP), 1)]
            return styled(lines, "source")
        return [(Part(middle(text, self.source), "source"),)]

    def with_text(self, site: str, text: str) -> list[str]:
        """A site and its text on one line; where that is too long, the text below the site."""
        if len(site + GAP + text) <= self.source:
            return [site + GAP + text]
        below = folded(text, self.source - len(GAP), LINES_OF_SOURCE)
        return [site, *(GAP + line for line in below)]


def helper_note(site: Site, called: HelperCall) -> str:
    """In which helper a line is, and where that was called."""
    here = called.site.filename == site.filename
    where = f"in line {called.site.line}" if here else f"at {line_of(called.site)}"
    return f"in {'/'.join(called.helpers)}, called {where}"


def unlimited_text(event: Event) -> list[str]:
    """What an event shows, were there all the room for it."""
    all_ = Cells(1000, 1, False, False, {})
    text = GAP.join(map(plain, event_pieces(event)))
    marks = [*all_.left(event.inside, ()), *all_.entered((), event.inside_after)]
    return [plain(all_.bars(event.inside)) + GAP * 2 + text, *map(plain, marks)]


def event_pieces(event: Event) -> list[Line]:
    """The call with its result, and what came of it: change and variables."""
    found: list[Line] = [
        (
            Part(escape(event.call), f"thread:{event.thread}"),
            *(Part(text, "value") for text in result(event)),
        )
    ]
    if event.queued:
        found.append((Part("waits in the queue", "wait"),))
    if event.change and not event.change.is_lock and not event.queued:
        old, new = Part(escape(event.change.old), "old"), Part(escape(event.change.new), "new")
        found.append((old, Part(" -> "), new))
    variables = [f"{escape(name)} = {escape(text)}" for name, text in event.locals]
    return [*found, *styled(variables, "value")]


def result(event: Event) -> list[str]:
    """What an operation returned, or which option was chosen; nothing where there is none."""
    if event.returned is None:
        return []
    return [f" {'=' if event.step else '->'} {escape(event.returned)}"]


def fitted(line: Line, room: int, style: str) -> list[Line]:
    """A line; where it is too long, in several, which are of one style."""
    text = plain(line)
    return [line] if len(text) <= room else styled(folded(text, room), style)


def lock_line(held: Held, width: int) -> list[Line]:
    """Who holds a lock and who waits for it."""
    return styled(folded(f"· {held.name}: {state_in_few_words(held)}", width), "lock")


def state_in_few_words(held: Held) -> str:
    """The state of a lock, and who waits for it."""
    return held.says + (f"; waiting: {few(held.waiters)}" if held.waiters else "")


def few(names: Sequence[str]) -> str:
    """Some names; of many, the first ones and how many more there are."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    shown = MOST_NAMES // 2
    return f"{', '.join(names[:shown])} and {len(names) - shown} more"


def news_of(held: Held, target: str, told: bool) -> str:
    """What has become of a lock; not its name if that is the `target` of the operation before it.

    If its state is `told` already, only who waits for it is left to say.
    """
    if told:
        for_it = "" if held.name == target else f" for {held.name}"
        return f"waiting{for_it}: {few(held.waiters)}"
    text = state_in_few_words(held)
    return text if held.name == target else f"{held.name}: {text}"
