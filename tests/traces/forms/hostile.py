"""Runs of a model whose names have any signs that show, and whose texts have any at all.

There is markup among them, controls, and what a form itself writes.
"""

from hypothesis import settings
from hypothesis import strategies as st

from locking import Cell, Model, Mutex, System, Thread, section, sometimes
from locking.properties.explored import Property
from locking.traces.rerun import rerun
from locking.traces.shown_run import ShownRun

EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True)

SNIPPETS = [
    "<script>alert(1)</script>",
    "]]>",
    "-->",
    "a: b; c #35; d",
    "end",
    "%%{init: {}}%%",
    "style x:y#z;",
    "<br/>",
    "ab->>ba: hi",
    "\x1b[31mred\x1b[0m",
    "\n",
    "\r\n  participant t9 as x",
    "\x00\x07\x7f",
    "\u202etxt",
    "\ud800",
    "[bold]x[/bold]",
    "${x}`\\'\"",
    "*** DEADLOCK ***",
    "ﬂ°°35¶ß",
]


def names() -> st.SearchStrategy[str]:
    """A name: what `texts` has, but no sign that does not show."""
    shown = texts().map(lambda text: "".join(filter(str.isprintable, text)).strip())
    return shown.filter(bool)


def texts() -> st.SearchStrategy[str]:
    """Any signs, or something that a form might take for its own."""
    signs = st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=12)
    parts = st.one_of(signs, st.sampled_from(SNIPPETS))
    return st.lists(parts, min_size=1, max_size=3).map("".join)


@st.composite
def hostile(draw: st.DrawFn) -> ShownRun:
    """A run in which a lock, a cell, threads, a section and a property have such names."""
    own, other = draw(st.lists(names(), min_size=2, max_size=2, unique=True))
    lock, cell = draw(st.lists(names(), min_size=2, max_size=2, unique=True))
    label, claim, value, about = draw(names()), draw(names()), draw(texts()), draw(texts())
    return told(own, other, Mutex(lock), Cell(cell, 0), label, claim, value, about)


def told(
    own: str, other: str, lock: Mutex, cell: Cell, label: str, claim: str, value: str, about: str
) -> ShownRun:
    """The run of these names: a lock is taken in a section, a value written and read."""

    async def work() -> None:
        async with section(label), lock.hold():
            await cell.write(value)
            seen = await cell.read()
            assert seen

    async def wait() -> None:
        await lock.mutex_lock()

    property_: Property = sometimes(claim, lambda s: s[cell] == value, about)
    threads = [Thread(own, work), Thread(other, wait)]
    system = System([lock, cell], threads, [property_])
    case = Model("hostile", "", lambda _: system).case("only", None)
    return rerun(case, claim, ((0, 0), (0, 0), (0, 0)))
