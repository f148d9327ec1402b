"""What a try orders: as the wait that it stands for if it passed, and else nothing."""

from collections.abc import Hashable
from typing import Any

from locking.objects.order import ACQUIRE, NO_ORDER, Order


def if_passed(passed: Any, _: tuple[Hashable, ...]) -> Order:
    """What a try orders: an acquire if it passed."""
    return ACQUIRE if passed else NO_ORDER
