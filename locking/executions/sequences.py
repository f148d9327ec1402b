"""What operations of sequence counters are to a memory model, by include/linux/seqlock.h.

    read_seqbegin         READ_ONCE() until it is even, smp_rmb()
    read_seqretry         smp_rmb(), READ_ONCE()
    write_seqlock         the lock of a spinlock, sequence++, smp_wmb()
    write_sequnlock       smp_wmb(), sequence++, the writer_unlocks

The operations of a `seqcount_t` are the same without a spinlock. `sequence++` is a load and a
store that are marked here, for the kernel tells KCSAN to take them so. Under the spinlock the load
is left out: it sees the last store, and the lock orders whatever it would.

Source: Linux 6.1. In 6.12 a reader begins with smp_load_acquire() and no smp_rmb(). That orders
later stores too, and no earlier loads.
"""

from functools import partial
from typing import Any

from locking.executions.meaning import (
    DraftEvent,
    Meaning,
    StepDone,
    Touching,
    access_at,
    outcome_of,
)
from locking.objects.operation import Misuse, Operation
from locking.objects.seqlock import Seqcount, SeqState, Sequence

SEQUENCE = ".sequence"
"""What the sequence of a seqlock has behind the name of the seqlock."""

RMB, WMB = DraftEvent("F", ("rmb",)), DraftEvent("F", ("wmb",))


def words_of_sequence(object_: Sequence, state: Any) -> dict[str, Any]:
    """The words of a sequence in a state: of a seqlock, that of its spinlock is one more."""
    if isinstance(object_, Seqcount) or object_.unbounded:
        return {object_.name: state}
    return {object_.name: state, object_.name + SEQUENCE: state.sequence}


def meaning_of_sequence(step: Operation) -> Meaning | None:
    """What an operation of a seqlock or a sequence counter is; None if it is not known."""
    target = step.target
    assert isinstance(target, Sequence)
    if target.unbounded:
        return None
    word = target.name if isinstance(target, Seqcount) else target.name + SEQUENCE
    match step.name:
        case "read_seqbegin" | "read_seqcount_begin":
            return Meaning(word, Touching.LOAD, partial(reader_begins, step, word))
        case "read_seqretry" | "read_seqcount_retry":
            return Meaning(word, Touching.LOAD, partial(reader_ends, step, word))
        case "write_seqlock":
            return Meaning(target.name, Touching.UPDATE, partial(writer_locks, step), "RL")
        case "write_sequnlock":
            return Meaning(target.name, Touching.STORE, partial(writer_unlocks, step))
        case "write_seqcount_begin" | "write_seqcount_end":
            return Meaning(word, Touching.UPDATE, partial(sequence_moves, step))
        case _:
            return None


def state_with_sequence(word: int | SeqState) -> SeqState:
    """A state with the sequence in a word: that of a seqlock does not say who writes."""
    if isinstance(word, SeqState):
        return word
    return SeqState(word, "another" if word % 2 else None)


def reader_begins(step: Operation, word: str, me: str, value: Any) -> StepDone | Misuse | None:
    """A reader begins, or spins."""
    outcome = outcome_of(step, me, state_with_sequence(value))
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    return StepDone(outcome[1], (access_at(word, "R", ("once",), value), RMB))


def reader_ends(step: Operation, word: str, me: str, value: Any) -> StepDone | Misuse | None:
    """A reader asks whether it has to read again."""
    outcome = outcome_of(step, me, state_with_sequence(value))
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    return StepDone(outcome[1], (RMB, access_at(word, "R", ("once",), value)))


def writer_locks(step: Operation, me: str, state: Any) -> StepDone | Misuse | None:
    """A writer takes the spinlock, and makes the sequence odd."""
    outcome = outcome_of(step, me, state)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    name = step.target.name
    read = access_at(name, "LKR", (), state)
    write = access_at(name, "LKW", (), new)._replace(ends_update=True)
    odd = access_at(name + SEQUENCE, "W", ("once",), new.sequence)
    return StepDone(result, (read, write, odd, WMB))


def writer_unlocks(step: Operation, me: str, state: Any) -> StepDone | Misuse | None:
    """A writer makes the sequence even, and lets the spinlock go."""
    outcome = outcome_of(step, me, state)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    name = step.target.name
    even = access_at(name + SEQUENCE, "W", ("once",), new.sequence)
    return StepDone(result, (WMB, even, access_at(name, "UL", (), new)))


def sequence_moves(step: Operation, me: str, state: Any) -> StepDone | Misuse | None:
    """A writer of a sequence counter makes it odd, or even."""
    outcome = outcome_of(step, me, state)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    name = step.target.name
    moved = (access_at(name, "R", ("once",), state), access_at(name, "W", ("once",), new))
    return StepDone(result, (*moved, WMB) if step.name.endswith("begin") else (WMB, *moved))
