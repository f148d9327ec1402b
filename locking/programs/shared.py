"""What a thread shares with the rest of the program besides objects: none of it may change.

What a search learned of a thread holds only as long as the Python values that the thread reaches
stay as they are. They are found once, and looked at after every step that is learned, so that one
that is set and set back is seen as well. One that changed is refused, whoever would have read it.

Threads of many cases run the same functions, and what those reach is found once for all of them:
the values are the same ones, as long as none of them has changed.
"""

from collections import OrderedDict
from collections.abc import Hashable
from itertools import chain

from locking.errors import NotDeterministic
from locking.objects.in_force import InForce
from locking.objects.operation import Site
from locking.programs.parts import ATOMS
from locking.programs.reach import Reach, Way, starts_of
from locking.programs.thread import Thread
from locking.programs.watched import WatchedValues

MOST_SHARED = 32
"""Threads whose shared values are cached: one is learned, then replayed, and is in many cases."""

KEPT_SHARED: "OrderedDict[Hashable, Shared]" = OrderedDict()

MOST_CODE = 32
"""Groups of functions whose values are cached."""

KEPT_CODE: "OrderedDict[tuple[int, ...], CodeValues]" = OrderedDict()


class CodeValues(WatchedValues):
    """All that is reached from some functions and classes, whichever thread runs them.

    `looked_at` are those, by their `id`, in which nothing was found to be refused.
    """

    def __init__(self, code: tuple[Way, ...]) -> None:
        reach = Reach(code)
        super().__init__(reach, {key: way.value for key, way in reach.ways.items()})
        self.looked_at: set[int] = set()


class Shared:
    """What `thread` shares. `values` are all Python values that it reaches, by their `id`.

    `code` are those that functions and classes reach, `own` the others.
    """

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.algorithms = InForce.rules.algorithms
        reach = Reach(starts_of(thread), into_code=False)
        self.code = code_values(tuple(reach.code.values()))
        self.values = self.code.values | {key: way.value for key, way in reach.ways.items()}
        self.own = WatchedValues(reach, self.values)

    @property
    def is_of_these_rules(self) -> bool:
        """Whether the algorithms that stand for locks are those of the rules in force."""
        now = InForce.rules.algorithms
        return self.algorithms is now or not (self.algorithms or now)

    def stands(self) -> bool:
        """Whether everything holds the very values that it held."""
        return self.own.stands() and self.code.stands()

    def refuse_change(self, site: Site) -> None:
        """Refuse the thread if something has changed by the time it came to the line `site`.

        Errors: `NotDeterministic`.
        """
        if self.stands():
            return
        known = Reach(starts_of(self.thread)).ways  # by the names that this thread has for them
        for change in chain(self.own.changes(known), self.code.changes(known)):
            raise NotDeterministic(
                f"thread {self.thread.name} changes the variable {change.name!r}, which is no "
                f"object, from {change.old} to {change.new} (on its way to "
                f"{site.filename}:{site.line}): no step says so, and so no search sees it; "
                f"use a Cell, or a variable of the thread's own"
            )
        # Values were replaced by others that nothing tells from them; who comes next finds those.
        self.own.note()
        self.code.note()
        KEPT_SHARED.clear()
        KEPT_CODE.clear()


def shared_by(thread: Thread) -> Shared:
    """What a thread shares, as it is now."""
    key = key_of_thread(thread)
    found = KEPT_SHARED.get(key)
    if found is None or not found.is_of_these_rules or not found.stands():
        found = KEPT_SHARED[key] = Shared(thread)
        while len(KEPT_SHARED) > MOST_SHARED:
            KEPT_SHARED.popitem(last=False)
    KEPT_SHARED.move_to_end(key)
    return found


def key_of_thread(thread: Thread) -> Hashable:
    """What tells threads apart, for as long as they are kept; equal for what are the same values.

    Those are the name, the program and its arguments.
    """
    given = [
        (type(each), each) if type(each) in ATOMS else id(each)
        for each in (thread.program, *thread.args)
    ]
    return thread.name, *given


def code_values(code: tuple[Way, ...]) -> CodeValues:
    """What functions and classes reach, as it is now."""
    key = key_of(code)
    found = KEPT_CODE.get(key)
    if found is None or not found.stands():
        found = KEPT_CODE[key] = CodeValues(code)
        while len(KEPT_CODE) > MOST_CODE:
            KEPT_CODE.popitem(last=False)
    KEPT_CODE.move_to_end(key)
    return found


def key_of(code: tuple[Way, ...]) -> tuple[int, ...]:
    """What tells functions and classes from all others, for as long as they are kept."""
    return tuple(id(way.value) for way in code)
