"""Searching cases side by side, in processes that are copies of this one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from locking.cli.case_search import CaseSearch
from locking.errors import ModelError
from locking.report.progress import Show
from locking.sending import as_received, as_sent
from locking.side_by_side import Lost, Workers
from locking.studies.synthesis import Synthesis
from locking.verdicts import Report, unknown_report


def side_by_side(
    search: CaseSearch, jobs: int, show: Show | None, first: int = 0
) -> Iterator[tuple[Report, Any]]:
    """What is found of each case from the `first` on, in order; `jobs` are searched at once.

    All of them together have the memory of `search`. A case whose process ends is unknown.

    Errors: as `reports_of` says; `KeyboardInterrupt`, after what was found until then.
    """

    def answer(number: int, spent: float, remark: Show) -> tuple[bytes, Any]:
        report, seen = search.found(number, show and remark, spent)
        return as_sent(report), seen

    def heard(number: int, text: str) -> None:
        busy = [worker.number for worker in workers.busy if worker.number is not None]
        if show and number == min(busy):
            show(f"{len(busy)} in parallel, of which {text}" if len(busy) > 1 else text)

    with Workers(answer, jobs, search.options.limits.memory, heard) as workers:
        for number, (case, names) in enumerate(search.cases[first:], first):
            interrupted = False
            try:
                found = workers.answer_to(number, range(number + 1, len(search.cases)))
            except Lost as lost:
                yield unknown_report(case, names, search.options.engine, str(lost)), None
                continue
            except KeyboardInterrupt:
                interrupted, found = True, workers.answer_so_far(number)
            if found:
                yield as_received(found[0], case, names), found[1]
            if interrupted:
                raise KeyboardInterrupt


@contextmanager
def searching_side_by_side(synthesis: Synthesis, jobs: int) -> Iterator[None]:
    """A context in which a placement is searched in `jobs` of its scenarios at once."""

    def answer(number: int, spent: float, _: object) -> bytes | None:
        report = synthesis.report(number, spent)
        return as_sent(report) if report else None

    def ask(number: int, then: Iterable[int]) -> Report | None:
        case = synthesis.case(number)
        try:
            sent = workers.answer_to(number, then)
        except Lost as lost:
            raise ModelError(f"{case}: {lost}") from lost
        return as_received(sent, case, synthesis.names(case)) if sent else None

    with Workers(answer, jobs, synthesis.question.options.limits.memory) as workers:
        synthesis.ask = ask
        yield
