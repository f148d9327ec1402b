"""Studies of threads on processors: what samples and measures say of them, and what is refused."""

import pytest

from locking import Verdict
from locking.check import check
from locking.errors import CheckpointError
from locking.studies.measures import measured
from locking.studies.sampling import Plan, sample
from locking.verdicts import Limits, Options
from tests.explore.cpu_world import Judge
from tests.explore.test_against_cpu_world import Drawn


def failing(results) -> set[str]:
    return {each.claim.name for each in results if each.verdict is Verdict.FAILS}


@pytest.mark.parametrize("seed", range(5))
def test_a_sample_shows_what_the_judge_finds(seed: int) -> None:
    drawn = Drawn(seed)
    first = set(Judge(drawn.jobs).first)
    unjudged = {"race"} if any(job.blocks for job in drawn.jobs) else set()
    for plan in (Plan("bounded", preemptions=50), Plan("pct", runs=60), Plan("uniform", runs=60)):
        found = sample(drawn.case(), (), plan, Limits())
        assert failing(found.results) - unjudged <= first
        if plan.method == "bounded":  # a sample sees no deadlock beside which others go on
            assert failing(found.results) >= first - {"deadlock"}


def test_a_search_of_processors_is_kept_in_no_file(tmp_path) -> None:
    options = Options(checkpoint=str(tmp_path / "kept"))
    with pytest.raises(CheckpointError, match="threads that run on processors can't be kept"):
        check(Drawn(0).case(), options=options)


def test_a_processor_is_waited_for_and_is_no_lock() -> None:
    explored = []
    check(Drawn(2).case(), options=Options(), look=explored.append)
    measures = measured(explored[0], [])
    assert measures is not None
    assert {cost.lock for cost in measures.costs} >= {"cpu0"}
    assert not {"cpu0"} & {name for pair in measures.nesting for name in pair}
