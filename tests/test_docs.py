"""The docs are true: what they show is run, and what the reference must have is on it.

A block fenced `console` has lines that begin with `$ `, which are run in a folder of the page's
own, each with its output below it; a line `...` there stands for any lines. A block fenced `python`
whose first line is a file's name (`# mine.py`) is written to that folder; any other is executed.
All in the order of the page. What takes long is fenced `console slow`, and run by a slow test only.
"""

import difflib
import io
import linecache
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

import locking
from locking import Object, errors
from locking.cli import main, searches
from locking.cli.commands import COMMANDS
from locking.cli.parsing import known_options
from locking.conformance.formats import TRACE_FORMATS
from locking.explore.reduction.levels import AUTOMATIC, REDUCTIONS
from locking.explore.search import ENGINES
from locking.export import FORMATS
from locking.models.memory_hotplug import MODEL
from locking.models.memory_hotplug.expected import EXPECTED
from locking.objects.operation import Call
from locking.objects.rmw import FORMS as FORMS_OF
from locking.objects.rmw import ReadModifyWrite
from locking.report.listing import properties_table
from locking.studies.sampling import METHODS
from locking.traces.forms import FORMS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)

FENCE = re.compile(r"^```(\w*(?: slow)?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SLOW = "console slow"
FILE = re.compile(r"# (\w+\.py)\n")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

WIDEST = 110
MACHINE = tuple(f"/{top}/" for top in ("work", "home", "root", "opt", "tmp"))
"""How paths of some machine begin."""


class Ran(NamedTuple):
    """A command of a page, with what the page says that it prints, and what it prints."""

    command: str
    shown: str
    printed: str


class Shell:
    """A folder in which the blocks of a page are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.status = 0
        self.names: dict[str, object] = {}

    def block(self, kind: str, text: str) -> list[Ran]:
        """Run a block; the commands in it."""
        file = FILE.match(text)
        if kind == "python" and file:
            (self.folder / file[1]).write_text(text)
        elif kind == "python":
            exec(compile(text, "<docs>", "exec"), self.names)
        elif kind in ("console", SLOW):
            return [Ran(*each, self.printed_by(each[0])) for each in commands(text)]
        return []

    def printed_by(self, command: str) -> str:
        """What `command` prints, stderr as well."""
        if command == "echo $?":
            return f"{self.status}\n"
        if re.search(r"[|><;&$]", command) or not command.startswith("locking "):
            return self.process(command)
        self.forget()
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with redirect_stdout(out), redirect_stderr(out):
            self.status = main.main(shlex.split(command)[1:])
        return out.buffer.getvalue().decode()

    def process(self, command: str) -> str:
        """What `command` prints in a shell of its own, stderr as well."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.status = done.returncode
        return done.stdout

    def forget(self) -> None:
        """Forget the files of the folder, as a new process would: a page may change them."""
        for name, module in list(sys.modules.items()):
            if str(self.folder) in (getattr(module, "__file__", None) or ""):
                del sys.modules[name]
        linecache.clearcache()


def commands(text: str) -> list[tuple[str, str]]:
    """The commands in a block, each with the output that is shown below it."""
    parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", text, flags=re.MULTILINE)
    assert not parts[0], f"a console block begins with a command, not {parts[0]!r}"
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return [(re.sub(r"\\\n\s*", "", command), shown) for command, shown in pairs]


def plain(text: str, folder: Path) -> str:
    """`text` without what differs from run to run: times, folders, the lines of our own models."""
    text = text.replace(f"{folder}/", "").replace(f"{ROOT}/", "")
    text = re.sub(r"\b\d+\.\d+s\b", "0.0s", text)
    text = re.sub(r'"seconds": [\d.e-]+', '"seconds": 0.0', text)
    text = re.sub(r'((?:time|name="seconds" value)=)"[\d.]+"', r'\1"0.0"', text)
    written = {file.name for file in folder.iterdir()}
    text = re.sub(r"\b(\w+\.py):\d+", lambda m: m[0] if m[1] in written else f"{m[1]}:N", text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def fits(shown: str, printed: str) -> bool:
    """Whether `printed` is `shown`, in which a line `...` stands for any lines."""
    parts = [
        r"(?:.*\n)*" if line == "..." else re.escape(f"{line}\n") for line in shown.splitlines()
    ]
    return re.fullmatch("".join(parts), printed) is not None


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell in a temporary folder, on a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "path", list(sys.path))
    shell = Shell(tmp_path)
    yield shell
    shell.forget()


NEEDED = {"read": "tree_sitter_c", "drift": "tree_sitter_c"}
"""Packages of extras without which a page's commands say only what to install."""


@EVERY_PAGE
def test_what_a_page_shows_is_what_comes_out(page, shell):
    if page.stem in NEEDED:
        pytest.importorskip(NEEDED[page.stem], reason="the extra `source` is not installed")
    run_page(page, [block for block in blocks(page) if block[0] != SLOW], shell)


@pytest.mark.slow
@EVERY_PAGE
def test_what_a_page_shows_that_takes_long_is_what_comes_out(page, shell):
    if any(kind == SLOW for kind, _ in blocks(page)):
        run_page(page, blocks(page), shell)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The blocks of a page, each with its kind."""
    return FENCE.findall(page.read_text())


def run_page(page: Path, run: list[tuple[str, str]], shell: Shell) -> None:
    """Run blocks of a page, and compare what they print with what it shows."""
    for kind, text in run:
        for command, shown, printed in shell.block(kind, text):
            shown, printed = plain(shown, shell.folder), plain(printed, shell.folder)
            if not fits(shown, printed):
                lines = difflib.unified_diff(
                    shown.splitlines(), printed.splitlines(), "the page", "the command", lineterm=""
                )
                pytest.fail(f"{page.name}: $ {command}\n" + "\n".join(lines), pytrace=False)


@EVERY_PAGE
def test_a_placement_of_a_readers_own_is_a_short_file(page):
    files = [text for _, text in blocks(page) if text.startswith("# mine.py\n")]
    assert [len(text.splitlines()) for text in files if len(text.splitlines()) > 15] == []


def outside_code(page: Path) -> str:
    """The text of a page without its blocks."""
    return FENCE.sub("", page.read_text())


@EVERY_PAGE
def test_lines_are_no_wider_than_a_screen(page):
    assert [line for line in outside_code(page).splitlines() if len(line) > WIDEST] == []


@EVERY_PAGE
def test_no_page_speaks_of_a_folder_of_one_machine(page):
    text = page.read_text()
    assert [path for path in MACHINE if re.search(rf"(?<![\w.]){path}", text)] == []


@EVERY_PAGE
def test_links_lead_somewhere(page):
    for link in LINK.findall(outside_code(page)):
        target, _, heading = link.partition("#")
        if re.match(r"\w+:", target):
            continue
        found = page.parent / target if target else page
        assert found.exists(), link
        assert not heading or heading in anchors(found), link


def anchors(page: Path) -> list[str]:
    """What the headings of a page are called in a link."""
    headings = re.findall(r"^#+ (.+)$", outside_code(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings]


REFERENCE = (DOCS / "reference.md").read_text()


def rows(name: str) -> int:
    """How many rows and items of the reference begin with `name`."""
    return len(re.findall(rf"^[|*] `{re.escape(name)}(?![\w-])", REFERENCE, re.MULTILINE))


def under(heading: str) -> str:
    """The part of the reference below a heading, up to the next of that level or above."""
    level = len(heading.split()[0])
    return re.split(rf"\n#{{2,{level}}} ", REFERENCE.split(f"\n{heading}\n")[1])[0]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_part_and_every_option_is_there_once(name):
    assert re.search(rf"^### `locking {name}\b", REFERENCE, re.MULTILINE)
    for option in known_options(main.parser(name)[1]):
        assert option == "--help" or rows(option) == 1, option


def test_every_exit_status_is_there_once():
    statuses = {
        value
        for module in (main, searches)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int)
    }
    found = re.findall(r"^\| (\d+) \|", under("## Exit status"), re.MULTILINE)
    assert sorted(map(int, found)) == sorted(statuses)


REGISTRIES = {
    "### Engines": ENGINES,
    "### Reductions": [AUTOMATIC, *REDUCTIONS],
    "### Methods of a sample": METHODS,
    "### Formats of an export": FORMATS,
    "### Formats of a kernel trace": TRACE_FORMATS,
    "## Forms of a trace": FORMS,
}
"""What has a table of its own in the reference, by the heading of that table."""


@pytest.mark.parametrize("heading", REGISTRIES)
def test_everything_that_is_registered_has_one_row(heading):
    found = re.findall(r"^\| `([^`]+)` \|", under(heading), re.MULTILINE)
    assert sorted(found) == sorted(REGISTRIES[heading])


def helped(name: str) -> str:
    """The help of a command, as one line."""
    return " ".join(main.parser(name)[1].format_help().split())


@pytest.mark.parametrize(
    ("command", "registry"),
    [
        ("check", ENGINES),
        ("check", REDUCTIONS),
        ("sample", METHODS),
        ("export", FORMATS),
        ("conform", TRACE_FORMATS),
        ("trace", FORMS),
    ],
)
def test_everything_that_is_registered_is_in_the_help(command, registry):
    text = helped(command).replace("- ", "-")
    assert [name for name in registry if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("name", locking.__all__)
def test_every_public_name_is_there_once(name):
    assert rows(name) == 1


def test_every_kind_of_error_is_there_once():
    kinds = [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.LockingError)
    ]
    found = re.findall(r"^### `(\w+)`$", under("## Errors"), re.MULTILINE)
    assert sorted(found) == sorted(kinds)


OBJECTS = [
    kind
    for name in locking.__all__
    if isinstance(kind := getattr(locking, name), type)
    and issubclass(kind, Object)
    and kind is not Object
]


def documented(kind: type) -> list[str]:
    """The operations that the item of a kind must name: not each in all of its four orders."""
    calls = {name: member for name, member in vars(kind).items() if isinstance(member, Call)}
    formed = [name for name, member in calls.items() if isinstance(member, ReadModifyWrite)]
    return [
        name for name in calls if name not in {each + end for each in formed for end in FORMS_OF}
    ]


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_operation_is_with_its_object(kind):
    [item] = re.findall(rf"^\* `{kind.__name__}\((?:.+\n)+?(?=\*|\n)", REFERENCE, re.MULTILINE)
    for name in documented(kind):
        assert re.search(rf"`{name}(?!\w)", item), name


def test_the_orders_of_an_operation_are_named_in_one_place():
    text = under("### Four orders")
    assert [end for end in FORMS_OF if f"`{end}`" not in text] == []


def test_every_step_is_there_once():
    for steps in MODEL.steps.values():
        for step in steps:
            assert rows(step.name) == 1, step.name


FINDINGS = DOCS / "findings.md"


@pytest.mark.skipif(not FINDINGS.exists(), reason="no findings yet")
def test_everything_that_is_checked_is_spoken_of():
    text = FINDINGS.read_text() + REFERENCE
    names = [*properties_table(MODEL)]
    names += [scenario.name for scenario in MODEL.scenarios]
    names += [placement.name for placement in MODEL.placements]
    names += [expect.property for expect in EXPECTED]
    assert [name for name in names if f"`{name}`" not in text] == []
