"""`locking litmus`: what the kernel's memory model says of litmus tests."""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from locking.cli.output_files import fill_files, naming, prepared_files, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Parser
from locking.cli.terminal import drawable, print_message, width
from locking.cli.trace_output import paint
from locking.errors import LockingError, UsageError
from locking.litmus.definitions import vocabulary_of_tree
from locking.litmus.drawing import DrawnExecution, drawn_execution
from locking.litmus.judged import LITMUS_ROUNDS
from locking.litmus.report import GivenUp, LitmusReport, LitmusSettings, litmus_report
from locking.litmus.to_dot import litmus_dot
from locking.litmus.to_json import litmus_entry
from locking.litmus.to_mermaid import litmus_mermaid
from locking.litmus.to_terminal import line_of_test, litmus_page
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.cat.files import LIBRARY_MODELS, kernel_model, library_model
from locking.memory_models.lkmm.model import LKMM
from locking.text.fit import folded
from locking.text.words import counted

SUFFIX = ".litmus"

MOST_CHARACTERS = 200_000
"""Characters of a file."""

TEXT = "terminal"

WHOLE = 0
"""The limit of lines for a text of which nothing is left out."""

KERNELS = "lkmm"
"""The kernel's memory model, as `--memory` names it."""

DRAWINGS: dict[str, Callable[[DrawnExecution], str]] = {
    "dot": litmus_dot,
    "mermaid": litmus_mermaid,
}
"""How an execution is drawn."""

EPILOG = """
A FILE is a litmus test in C, as in tools/memory-model/litmus-tests of a kernel tree. In a folder,
all files that end in .litmus are judged, and each has a line.

Exit status: 0 each verdict is the Result that its file gives, if it gives one; 1 a verdict differs;
2 bad usage, or the only test can't be read; 3 a test of a folder can't be read, a test was given
up, or more rounds of a loop may change its verdict. A Result is of the kernel's model. Under
another model it is not compared.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("tests", metavar="FILE|FOLDER", help="a litmus test, or a folder of them")
    parser.add_argument(
        "--tree", metavar="KERNEL", help="judge by the memory model of this kernel source tree"
    )
    parser.add_argument(
        "--memory",
        choices=[KERNELS, *(each for each in LIBRARY_MODELS if each != "sc")],
        default=KERNELS,
        help=f"the memory model; SC is judged beside it; default: {KERNELS}, the kernel's",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=LITMUS_ROUNDS,
        metavar="N",
        help=f"rounds of a loop; default: {LITMUS_ROUNDS}",
    )
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="time for one test; default: 10"
    )
    parser.add_argument(
        "--to", choices=(TEXT, *DRAWINGS), default=TEXT, help="draw the execution of one test"
    )
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each test")
    fill_files(parser, "html")


def run(arguments: Namespace) -> int:
    """Judge, and print what is found. Errors: `LockingError`."""
    if arguments.rounds < 1:
        raise UsageError("--rounds is at least 1")
    if arguments.tree and arguments.memory != KERNELS:
        raise UsageError(f"--tree is the kernel's own model; --memory {arguments.memory} is not")
    tree = Path(arguments.tree) if arguments.tree else None
    path = Path(arguments.tests)
    asked = LitmusSettings(
        model_of(arguments),
        vocabulary_of_tree(tree) if tree else None,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        interleave=not path.is_dir(),
        of_kernel=arguments.memory == KERNELS,
    )
    if path.is_dir():
        if arguments.to != TEXT or arguments.html:
            raise UsageError("--to and --html draw one execution; give them a file")
        return judge_folder(path, asked, as_json=arguments.json)
    return judge_file(path, asked, arguments)


def model_of(arguments: Namespace) -> AxiomaticModel:
    """The memory model that is asked for. Errors: `LockingError`."""
    if arguments.memory != KERNELS:
        return library_model(arguments.memory)
    return kernel_model(Path(arguments.tree)) if arguments.tree else LKMM


def text_of_test(path: Path) -> str:
    """The text of a file. Errors: `UsageError`."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except OSError as error:
        raise UsageError(error.strerror or str(error)) from error
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"this is no litmus test: it has over {MOST_CHARACTERS:,} characters")
    return text


def text_in_folder(path: Path) -> str:
    """The text of a file in a folder, which may also have pipes. Errors: `UsageError`."""
    if path.exists() and not path.is_file():
        raise UsageError("this is no file")
    return text_of_test(path)


def judge_file(path: Path, asked: LitmusSettings, arguments: Namespace) -> int:
    """Judge one test. Errors: `LockingError`."""
    files = prepared_files({"html": arguments.html})
    try:
        report = litmus_report(text_of_test(path), asked)
    except GivenUp:
        print_line(f"{path}: given up after {asked.seconds:g} s; --seconds gives it more")
        return NOT_ALL_KNOWN
    except LockingError as error:
        raise UsageError(f"{path}: {error}") from error
    if "html" in files:
        from locking.page import litmus_to_html  # not needed without a page

        with naming(f"--html {arguments.html}"):
            replace_file(files["html"], litmus_to_html.render(report, str(path)))
    if arguments.to != TEXT:
        print(drawing_of(report, arguments.to), end="")
    elif arguments.json:
        print(json.dumps(litmus_entry(report, str(path))))
    else:
        print(drawable(paint()(litmus_page(report, str(path), width()))), end="")
    if not report.as_expected:
        return NOT_AS_DECLARED
    return AS_DECLARED if report.conclusive else NOT_ALL_KNOWN


def drawing_of(report: LitmusReport, to: str) -> str:
    """The execution of a report, drawn. Errors: `UsageError`, if it has none."""
    drawn = drawn_execution(report)
    if drawn is None:
        raise UsageError(f"{report.test.name} has no execution to draw: nothing gives its values")
    return DRAWINGS[to](drawn)


def judge_folder(folder: Path, asked: LitmusSettings, *, as_json: bool) -> int:
    """Judge all tests of a folder, a line for each. Errors: `UsageError`, if it has none."""
    files = sorted(folder.rglob(f"*{SUFFIX}"))
    if not files:
        raise UsageError(f"{folder} has no file that ends in {SUFFIX}")
    reports: list[LitmusReport] = []
    failed = 0
    try:
        for path in files:
            found = judge_one(path, str(path.relative_to(folder)), asked, as_json=as_json)
            failed += found is None
            reports += [found] if found else []
    except KeyboardInterrupt:
        print_message(f"interrupted: {len(reports)} of {len(files)} judged")
    if not as_json:
        print("\n".join(summary(reports, failed)))
    if not all(each.as_expected for each in reports):
        return NOT_AS_DECLARED
    known = sum(each.conclusive for each in reports)
    return NOT_ALL_KNOWN if known < len(files) else AS_DECLARED


def judge_one(
    path: Path, name: str, asked: LitmusSettings, *, as_json: bool
) -> LitmusReport | None:
    """The report of one test, whose line is printed; None where it has no verdict."""
    try:
        report = litmus_report(text_in_folder(path), asked)
    except (LockingError, GivenUp) as error:
        print_failure(name, error, asked, as_json=as_json)
        return None
    if as_json:
        print(json.dumps(litmus_entry(report, name)), flush=True)
    else:
        print_line(line_of_test(report, name))
    return report


def print_line(text: str) -> None:
    """Print what is said of one test of a folder."""
    print("\n".join(folded(text, width(), limit=WHOLE)), flush=True)


def print_failure(name: str, error: Exception, asked: LitmusSettings, *, as_json: bool) -> None:
    """Print why a test has no verdict."""
    given_up = isinstance(error, GivenUp)
    said = f"given up after {asked.seconds:g} s" if given_up else str(error)
    if as_json:
        line = getattr(error, "line", None)
        print(json.dumps({"file": name, "error": said, "line": line}), flush=True)
    else:
        print_line(f"{name}: {said}")


def summary(reports: list[LitmusReport], failed: int) -> Iterator[str]:
    """How many tests have which verdict."""
    yield ""
    yield f"{counted(len(reports) + failed, 'test')}, {failed} without a verdict"
    pairs = Counter((each.sequentially, each.answer.observation) for each in reports)
    for (sequentially, observed), count in sorted(pairs.items()):
        yield f"  SC {sequentially}, {reports[0].model} {observed}: {count:,}"
    cut = sum(not each.conclusive for each in reports)
    if cut:
        yield f"  {counted(cut, 'verdict')} that more rounds of a loop may change"
    different = sum(not each.as_expected for each in reports)
    if different:
        yield f"  {counted(different, 'verdict')} other than the file expects"
