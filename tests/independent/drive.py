"""One thread, driven by hand: from its start, through a list of results, to where it stands."""

import ast
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from tests.independent.adapter import Operation, closing
from tests.independent.content import content, standing
from tests.independent.words import MISUSE, Mark, Thread, notes

LONGEST = 400
"""Results and marks of one thread; one that takes more is not judged."""


class Unfit(Exception):
    """A system that the judge does not judge, and why."""


@dataclass(frozen=True)
class Local:
    """Where a thread stands.

    `step` is what it does next, None once it has ended or failed. `failed` is what it failed since
    its step before, `stopped` whether the run ends of it. `bound` says that it stands in the middle
    of an atomic block. `key` tells histories apart that are different; of a round of a loop that
    has ended there is kept what the frames hold. `image` is the history as the reference words
    it: a procedure counts by its value, a round that has ended not at all.
    """

    step: Any
    inside: tuple[str, ...]
    failed: tuple[str, ...]
    stopped: bool
    bound: bool
    key: Hashable
    image: Hashable
    results: tuple[Any, ...]
    evaluated: frozenset[str]

    @property
    def ended(self) -> bool:
        """Whether it came to its end."""
        return self.step is None and not self.stopped


class Driver:
    """A coroutine under way."""

    def __init__(self, thread: Thread) -> None:
        self.name = thread.name
        self.coroutine = thread.program(*thread.args)
        self.key: list[Hashable] = []
        self.image: list[Hashable] = []
        self.begun: list[tuple[int, int]] = []
        self.sections: list[str] = []
        self.blocks = 0
        self.stepped = False
        self.bound = False
        self.failed: list[str] = []
        self.operands: list[str] = []
        self.evaluated: set[str] = set()
        self.results: list[Any] = []
        self.step: Any = None
        self.stopped = False
        self.resume(None)

    def give(self, result: Any) -> None:
        """Go on with the result of the step."""
        self.results.append(result)
        self.key.append(content(result))
        self.image.append(content(result))
        self.stepped = self.blocks > 0
        if not self.bound:
            self.failed, self.operands = [], []
        self.resume(result)

    def resume(self, value: Any) -> None:
        """Run to the next step, or to the end."""
        for _ in range(LONGEST):
            notes.failed, notes.operands = [], []
            notes.evaluated, notes.stopped = set(), False
            got: Any = None
            ended = False
            try:
                got = self.coroutine.send(value)
            except StopIteration:
                ended = True
            except Exception as error:
                if not notes.stopped:
                    raise Unfit(f"{self.name} raised {type(error).__name__}: {error}") from error
            self.failed += notes.failed
            self.operands += notes.operands
            self.evaluated |= notes.evaluated
            self.stopped = notes.stopped
            if self.stopped or ended:
                self.step, self.bound = None, False
                return
            if isinstance(got, Operation) or (isinstance(got, Mark) and got.kind == "choose"):
                self.step, self.bound = got, self.blocks > 0 and self.stepped
                return
            self.mark(got)
            value = None
        raise Unfit(f"{self.name} goes on for ever between two steps")

    def mark(self, got: Mark) -> None:
        """Take note of a mark."""
        match got.kind:
            case "enter section":
                self.sections.append(got.value)
            case "leave section":
                last = max(at for at, name in enumerate(self.sections) if name == got.value)
                del self.sections[last]
            case "enter atomic":
                self.blocks += 1
            case "leave atomic":
                self.blocks -= 1
                self.stepped = self.stepped and self.blocks > 0
            case "begin":
                self.begun.append((len(self.key), len(self.image)))
                self.key.append(("begun", standing(self.coroutine), self.stepped))
                self.image.append(("begun", carried_by(got)))
            case "end":
                _, start = self.begun.pop()
                self.image[start:] = [("returned", content(got.value))]
            case "again":
                key, image = self.begun[-1]
                self.key[key:] = [("begun", standing(self.coroutine), self.stepped)]
                inside = ["again"] if self.stepped else []
                self.image[image:] = [("begun", carried_by(got)), *inside]
            case _:
                raise AssertionError(got)

    def local(self) -> Local:
        """Where it stands."""
        ended = self.step is None and not self.stopped
        here = (tuple(self.failed), tuple(self.operands), self.bound, self.stopped)
        return Local(
            self.step,
            () if ended else tuple(self.sections),
            tuple(self.failed),
            self.stopped,
            self.bound,
            (tuple(self.key), *here),
            (tuple(self.image), *here),
            tuple(self.results),
            frozenset(self.evaluated),
        )

    def drop(self) -> None:
        """Close the coroutine, without resuming what its `finally` blocks await."""
        with closing():
            try:
                self.coroutine.close()
            except Exception:
                return


def carried_by(mark: Mark) -> Hashable:
    """What the round that a mark begins is given, None where rounds carry nothing."""
    return None if mark.value is None else tuple(map(content, mark.value))


def drive(thread: Thread, results: tuple[Any, ...]) -> Local:
    """Where `thread` stands after `results`."""
    driver = Driver(thread)
    try:
        for result in results:
            driver.give(result)
        return driver.local()
    finally:
        driver.drop()


def misused(local: Local, reason: str) -> Local:
    """Where a thread stands whose step was a misuse."""
    failed = (*(local.failed if local.bound else ()), MISUSE)
    more = ("misuse", reason)
    return Local(
        None,
        local.inside,
        failed,
        True,
        False,
        (local.key, more),
        (local.image, more),
        local.results,
        local.evaluated,
    )


class Asserts(ast.NodeTransformer):
    """Turns `assert x` into `check_assertion(x)`."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        name = ast.Name("check_assertion", ast.Load())
        return ast.copy_location(ast.Expr(ast.Call(name, [node.test], [])), node)


def judged_code(source: str) -> Any:
    """The source of a system, compiled to be run with the judge's own words."""
    text = source.replace("from locking import", "from tests.independent.words import")
    tree = Asserts().visit(ast.parse(text))
    first = ast.parse("from tests.independent.words import check_assertion").body
    tree.body = [*first, *tree.body]
    return compile(ast.fix_missing_locations(tree), "judged", "exec")
