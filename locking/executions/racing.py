"""The data race of an execution, in words."""

from collections.abc import Sequence

from locking.executions.executions import Execution
from locking.explore.learn import Learner
from locking.memory_models.candidate import Candidate
from locking.memory_models.lkmm.model import LKMM
from locking.properties.explored import Finding
from locking.text.file_names import line_of

RACE_FLAG = "data-race"


def race_found(execution: Execution, learners: Sequence[Learner]) -> Finding:
    """The accesses that race."""
    together = execution.together
    candidate = Candidate(together.shape.structure, execution.rf, execution.co)
    first, second = LKMM.flagged(candidate, RACE_FLAG)[0]
    words = []
    for at in sorted((first, second)):
        thread, _, each = together.events[at]
        step = together.paths[thread].steps[each.step].position
        words.append(f"{learners[thread].thread.name} in {step.next} at {line_of(step.site)}")
    return Finding(f"{' and '.join(words)} race")
