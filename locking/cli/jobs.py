"""Searching cases side by side, in processes that are copies of this one."""

from collections.abc import Iterator
from typing import Any

from locking.cli.case_search import CaseSearch
from locking.report.progress import Show
from locking.sending import as_received, as_sent
from locking.side_by_side import Lost, Workers
from locking.verdicts import Report, unknown_report


def side_by_side(search: CaseSearch, jobs: int, show: Show | None) -> Iterator[tuple[Report, Any]]:
    """What is found of each case, in order, of which `jobs` are searched at once.

    All of them together have the memory of `search`. A case whose process ends is unknown.

    Errors: as `reports_of` says; `KeyboardInterrupt`, after what was found until then.
    """

    def answer(number: int, remark: Show) -> tuple[bytes, Any]:
        report, seen = search.found(number, show and remark)
        return as_sent(report), seen

    def heard(number: int, text: str) -> None:
        busy = [worker.number for worker in workers.busy if worker.number is not None]
        if show and number == min(busy):
            show(f"{len(busy)} at once, of which {text}" if len(busy) > 1 else text)

    with Workers(answer, jobs, search.options.limits.memory, heard) as workers:
        for number, (case, names) in enumerate(search.cases):
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
