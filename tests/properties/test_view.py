"""What a predicate can ask of a state."""

from locking import Cell, Holding, Mutex, RwSem, RwState, System, Thread, View, view

lock, rwsem, cell = Mutex("lock"), RwSem("rwsem"), Cell("cell", "idle")


async def idle() -> None:
    """Do nothing."""


def seen(starts: dict[object, object]) -> View:
    """The first state of a system whose objects start so."""
    system = System([lock, rwsem, cell], [Thread("a", idle)], [], starts=starts)  # type: ignore[arg-type]
    product = system.product()
    return view(product, product.initial)


def test_who_holds_a_lock_is_told_with_the_mode() -> None:
    state = seen({lock: "a", rwsem: RwState(readers=("a", "b"))})
    assert state.held_by(lock) == (Holding("a", "held by"),)
    assert state.held_by(rwsem) == (Holding("a", "read"), Holding("b", "read"))


def test_what_nobody_holds_is_held_by_nobody() -> None:
    state = seen({})
    assert state.held_by(lock) == state.held_by(rwsem) == state.held_by(cell) == ()


def test_what_was_asked_for_is_shown() -> None:
    state = seen({rwsem: RwState("a")})
    state.held_by(rwsem)
    assert (state.operands, state.objects) == ({"rwsem": "write a"}, {rwsem})
