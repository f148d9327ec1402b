"""Planted errors are found: a search with two or three threads refutes what they let be proved."""

import pytest

from locking import (
    Cell,
    Model,
    Mutex,
    RwSem,
    System,
    Thread,
    atomic,
    choose,
    data_race_free,
    never_together,
    section,
)
from locking.parameterized import proving
from locking.parameterized.proving import prove_any_number
from tests.parameterized.planted import PLANTS, Plant
from tests.parameterized.test_random_systems import wrong


def possible() -> Model:
    """A model of which every claim is wrong: all that it says never to be can be."""
    mutex, rwsem, crowd, x = Mutex("mutex"), RwSem("rwsem"), RwSem("crowd"), Cell("x", 0)

    async def user() -> None:
        if await choose(False, True):
            async with rwsem.read(), crowd.read(), section("reads"):
                await choose(None)
        elif await mutex.mutex_trylock():
            async with section("holds"):
                await x.write(1)
            await mutex.mutex_unlock()
        else:
            async with section("failed"):
                await choose(None)

    async def other() -> None:
        async with atomic():
            if had := await crowd.down_write_trylock():
                await crowd.up_write()
        if not had:
            async with section("refused"):
                await choose(None)
            return
        if await x.READ_ONCE() == 1:
            async with section("saw"), rwsem.write(), section("writes"):
                await choose(None)
        async with mutex.hold(), section("holds"):
            await choose(None)

    pairs = [
        ("reads", "reads"),
        ("failed", "holds"),
        ("failed", "failed"),
        ("refused", "refused"),
        ("saw", "saw"),
        ("saw", "holds"),
        ("saw", "reads"),
        ("writes", "holds"),
        ("reads", "holds"),
    ]
    threads = [Thread("user", user), Thread("other", other)]
    claims = [never_together(f"{one}-{two}", one, two) for one, two in pairs]
    return Model(
        "possible",
        "",
        lambda _: System([mutex, rwsem, crowd, x], threads, [*claims, data_race_free()]),
    )


def refuted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is proved of the model, and shown by a search to be wrong."""
    monkeypatch.setattr(proving, "MOST_COPIES", 0)
    monkeypatch.setattr(proving, "LARGEST_VIEWS", 2)
    model = possible()
    proof = prove_any_number(model.case("only", None), model.build, ["user", "other"])
    return wrong(proof, 3)


@pytest.mark.slow
def test_nothing_is_proved_of_what_can_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refuted(monkeypatch) == []


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_planted_error_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant.put(monkeypatch)
    assert refuted(monkeypatch)
