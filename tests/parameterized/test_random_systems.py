"""Random systems: what is proved for any number of threads never fails with some."""

import pytest

from locking.errors import ModelError, Vacuous
from locking.explore.product import Product
from locking.explore.reference import explore
from locking.explore.search import search
from locking.judging import judge
from locking.parameterized import proving
from locking.parameterized.proving import Proof, prove_any_number
from locking.parameterized.wider import wider_cases
from locking.properties.explored import Explored, Verdict
from locking.system import called
from tests.parameterized.random_systems import random_model

MOST_STATES = 20_000


def proved(seed: int) -> Proof | None:
    """What is proved of a random system by views of two threads; None where it does not fit."""
    model, roles = random_model(seed)
    try:
        return prove_any_number(model.case("only", None), model.build, roles)
    except ModelError:
        return None


def wrong(proof: Proof, threads: int) -> list[str]:
    """The claims that so many threads show to be wrong, searched by the reference engine."""
    found = []
    build = proof.case.model.build
    for case in wider_cases(proof.case, build, proof.names, threads):
        try:
            system = case.build()
        except ModelError:  # no thread at all
            continue
        product: Product = system.product()
        graph = search(product, explore, lambda met, _: "enough" if met > MOST_STATES else None)
        explored = Explored(product, graph)
        for each in proof.found:
            if each.cutoff:
                try:
                    verdict = judge(explored, called(system, each.claim.name)).verdict
                except Vacuous:
                    continue
                shown = Verdict.HOLDS if each.claim.wanted else Verdict.FAILS
                if verdict is shown:
                    found.append(f"{case}: {each.claim.name} with {threads}")
    return found


def tried(seeds: range, most: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[str]]:
    """How many claims were proved, and those that are wrong."""
    monkeypatch.setattr(proving, "MOST_COPIES", 0)
    count, found = 0, []
    for seed in seeds:
        if proof := proved(seed):
            count += sum(bool(each.cutoff) for each in proof.found)
            for threads in range(most + 1):
                found += wrong(proof, threads)
    return count, found


def test_what_is_proved_never_fails_with_some_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    count, found = tried(range(12), 3, monkeypatch)
    assert found == []
    assert count > 20


@pytest.mark.slow
def test_what_is_proved_of_many_systems_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried(range(12, 300), 4, monkeypatch)[1] == []


@pytest.mark.campaign
def test_what_is_proved_of_thousands_of_systems_never_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tried(range(300, 5_300), 5, monkeypatch)[1] == []
