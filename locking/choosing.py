"""Which reduction is used by default: the first that is found to pay while a merged walk grows."""

from collections.abc import Callable, Sequence

from locking.explore.learn import Learner
from locking.explore.reduction.levels import MERGED
from locking.explore.reduction.symmetry import classes, most_images
from locking.folding import FOLDS, LEAST, Folding
from locking.judging import Spaces
from locking.leaning import SERVES, Leaning
from locking.properties.explored import Property
from locking.properties.kinds import kind_of


def choose_levels(
    spaces: Spaces,
    properties: Sequence[Property],
    always: Sequence[Property],
    learners: Callable[[], Sequence[Learner]],
) -> None:
    """Explore the first level of `spaces` at which `properties` are judged, and set the levels.

    `always` is what is judged besides, `learners` what the merged walk has learned of the threads.
    Errors: `ModelError`.
    """
    if not all(kind_of(each).reduced for each in properties):
        spaces.levels = (MERGED,)
        return
    watch = spaces.watch
    _, threads, _ = spaces.parts
    orders = most_images(classes(threads, frozenset()))
    if orders >= LEAST:
        watch = Folding(spaces, properties, orders)
    watch = Leaning(spaces, (*properties, *always), learners, watch)
    explored = spaces.explore(MERGED, watch)
    if explored.graph.cause not in (FOLDS, SERVES):
        spaces.levels = (MERGED,)
        spaces.keep(MERGED, explored)
