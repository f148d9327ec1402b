"""A word of memory that is exchanged, compared and exchanged, or changed bit by bit.

Kernel: xchg, cmpxchg, try_cmpxchg, include/linux/atomic/atomic-instrumented.h (v6.12); set_bit and
the others, Documentation/atomic_bitops.txt. Each is one indivisible step and counts as marked. What
is compared may be any value, such as a pointer and a tag in one tuple: an atomic reference. Left
out: how many bits a word has, and that `try_cmpxchg` also stores what it found.
"""

from collections.abc import Hashable
from typing import Any

from locking.objects.alike import alike
from locking.objects.operation import Misuse, Object, Outcome, access, ordered
from locking.objects.order import ACQUIRE, FULLY_ORDERED, NO_ORDER, RELEASE, Order
from locking.objects.rmw import read_modify_write


def found_old(found: Any, given: tuple[Hashable, ...]) -> bool:
    """Whether a compare that returns what it found has exchanged it."""
    return alike(found, given[0])


def said_so(result: Any, _: tuple[Hashable, ...]) -> bool:
    """Whether an operation that returns whether it changed the word did."""
    return bool(result)


def if_unset(was_set: Any, _: tuple[Hashable, ...]) -> Order:
    """What taking a bit as a lock orders: an acquire, if it was there to be taken."""
    return NO_ORDER if was_set else ACQUIRE


class Word(Object):
    """The rule of a word. State: the value."""

    @read_modify_write()
    def xchg(self, value: Any, me: str, new: Hashable) -> Outcome:
        """The value before; it is `new` now."""
        return new, value

    @read_modify_write(found_old)
    def cmpxchg(self, value: Any, me: str, old: Hashable, new: Hashable) -> Outcome:
        """The value before; it is `new` now if that was `old`."""
        return (new if alike(value, old) else value), value

    @read_modify_write(said_so)
    def try_cmpxchg(self, value: Any, me: str, old: Hashable, new: Hashable) -> Outcome:
        """Whether the value was `old`; it is `new` now if so."""
        return (new, True) if alike(value, old) else (value, False)

    def with_bit(self, word: Any, me: str, bit: int, new: int | None, result: bool) -> Outcome:
        """The word with `bit` as `new` says (None: the other); with `result`, what the bit was.

        It is a misuse where the word is no number.
        """
        if type(word) is not int:
            return Misuse(f"{me} asks for bit {bit} of {self.name}, which is {word!r}, no number")
        was = word >> bit & 1
        now = 1 - was if new is None else new
        return word & ~(1 << bit) | now << bit, (bool(was) if result else None)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def set_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Nothing; the bit is 1."""
        return self.with_bit(word, me, bit, 1, result=False)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def clear_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Nothing; the bit is 0."""
        return self.with_bit(word, me, bit, 0, result=False)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def change_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Nothing; the bit is the other of 0 and 1."""
        return self.with_bit(word, me, bit, None, result=False)

    @ordered(RELEASE)
    @access(writes=True, marked=True)
    def clear_bit_unlock(self, word: int, me: str, bit: int) -> Outcome:
        """Nothing; the bit is 0, after all before it."""
        return self.with_bit(word, me, bit, 0, result=False)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def test_and_set_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit was 1; it is 1 now."""
        return self.with_bit(word, me, bit, 1, result=True)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def test_and_clear_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit was 1; it is 0 now."""
        return self.with_bit(word, me, bit, 0, result=True)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def test_and_change_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit was 1; it is the other of 0 and 1 now."""
        return self.with_bit(word, me, bit, None, result=True)

    @ordered(if_unset)
    @access(writes=True, marked=True)
    def test_and_set_bit_lock(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit was 1; it is 1 now, before all after it if it was not."""
        return self.with_bit(word, me, bit, 1, result=True)

    @access(writes=False, marked=True)
    def test_bit(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit is 1."""
        return self.tested(word, me, bit)

    @ordered(ACQUIRE)
    @access(writes=False, marked=True)
    def test_bit_acquire(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit is 1, before all after it."""
        return self.tested(word, me, bit)

    def tested(self, word: int, me: str, bit: int) -> Outcome:
        """Whether the bit is 1; the word stays as it is."""
        outcome = self.with_bit(word, me, bit, 1, result=True)
        return outcome if isinstance(outcome, Misuse) else (word, bool(word >> bit & 1))
