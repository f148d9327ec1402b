"""Words for events, lines and failures, which sentences and columns share."""

from locking.objects.operation import Site
from locking.programs.position import Failure, FailureKind, Fault, Requirement
from locking.text.file_names import line_of
from locking.text.fit import cut
from locking.traces.replay import Event

LONGEST_VALUE = 60
"""Characters of a value that a sentence quotes."""


def does(event: Event) -> str:
    """What an event does, and where."""
    change = event.change
    if not change or change.is_lock:
        return said(event) + place_in_trace(event)
    changed = f"{change.object} from {short(change.old)} to {short(change.new)}"
    return f"{said(event)} changes {changed}{place_in_trace(event)}"


def said(event: Event) -> str:
    """The call, with its result."""
    result = f" = {short(repr(event.result))}" if event.gave else ""
    return short(event.call) + result


def place_in_trace(event: Event) -> str:
    """The line of an event, and its section."""
    return f" ({line_of(event.site)}{in_section(event)})"


def in_section(event: Event) -> str:
    """The sections of an event, outermost first."""
    return f", in {'/'.join(event.inside)}" if event.inside else ""


def steps_in_words(numbers: range) -> str:
    """Steps in a row, by their numbers."""
    first, last = numbers[0], numbers[-1]
    return f"step {first}" if first == last else f"steps {first}-{last}"


def at_site(site: Site) -> str:
    """Where that is: the file and the line."""
    return f" at {line_of(site)}"


def short(text: str) -> str:
    """`text`, or its beginning and an ellipsis."""
    return cut(text, LONGEST_VALUE)


def failure_in_words(failure: Failure) -> str:
    """What a thread failed, in a few words."""
    match failure.kind:
        case Requirement(name):
            return f"requirement {name} not met"
        case Fault.ASSERTION:
            return "assertion false"
        case Fault.MISUSE:
            return "misuse"
        case Fault.ERROR:
            return "error"


def does_wrong(kind: FailureKind) -> str:
    """What a thread does that fails so, as a sentence goes on after its name."""
    match kind:
        case Requirement(name):
            return f"fails requirement {name}"
        case Fault.ASSERTION:
            return "fails an assertion"
        case Fault.MISUSE:
            return "misuses an object"
        case Fault.ERROR:
            return "raises an error"
