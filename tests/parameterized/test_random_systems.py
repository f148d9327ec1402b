"""Random systems: what is proved for any number of threads never fails with some."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress

import pytest

from locking.errors import ModelError, Vacuous
from locking.explore.product import Product
from locking.explore.reference import explore
from locking.explore.search import search
from locking.judging import judge
from locking.parameterized import proving
from locking.parameterized.certificate import certificate, never_shown
from locking.parameterized.certifier import certify
from locking.parameterized.cutoff import run_to_pattern
from locking.parameterized.proving import Proof, prove_any_number
from locking.parameterized.wider import wider_cases
from locking.properties.explored import Explored, Verdict
from locking.system import called
from locking.verdicts import Limits, Options
from tests.parameterized.random_systems import COUNTING, KINDS_OF_CODE, random_model

MOST_STATES = 4_000


def proved(seed: int, roles: int = 2, kinds: Sequence[str] = KINDS_OF_CODE) -> Proof | None:
    """What is proved of a random system by views of two threads; None where it does not fit."""
    model, names = random_model(seed, roles, kinds)
    try:
        options = Options(limits=Limits(states=MOST_STATES))
        return prove_any_number(model.case("only", None), model.build, names, (), options)
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


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prove by few views, and look for no run."""
    for name, value in (("MOST_COPIES", 0), ("LARGEST_VIEWS", 2), ("VIEWS_OF_PAIRS", 600)):
        monkeypatch.setattr(proving, name, value)


def tried(
    seeds: Iterable[int],
    most: int,
    monkeypatch: pytest.MonkeyPatch,
    roles: int = 2,
    kinds: Sequence[str] = KINDS_OF_CODE,
) -> tuple[int, list[str]]:
    """How many claims were proved, and those that are wrong."""
    small(monkeypatch)
    count, found = 0, []
    for seed in seeds:
        if proof := proved(seed, roles, kinds):
            count += sum(bool(each.cutoff) for each in proof.found)
            for threads in range(most + 1):
                found += wrong(proof, threads)
    return count, found


def test_what_is_proved_never_fails_with_some_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    count, found = tried((2, 7), 1, monkeypatch)
    assert found == []
    assert count > 3


@pytest.mark.slow
def test_what_is_proved_of_many_systems_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried(range(40), 4, monkeypatch)[1] == []


@pytest.mark.slow
def test_what_is_proved_of_systems_that_count_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    count, found = tried(range(6), 3, monkeypatch, 3, COUNTING)
    assert found == []
    assert count > 3


@pytest.mark.campaign
def test_what_is_proved_of_a_thousand_systems_that_count_never_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tried(range(20, 1_020), 5, monkeypatch, 3, COUNTING)[1] == []


@pytest.mark.campaign
def test_what_is_proved_of_thousands_of_systems_never_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tried(range(40, 5_040), 5, monkeypatch)[1] == []


def shown_by_engine(proof: Proof, threads: int) -> set[str] | None:
    """The claims that so many threads show something of; None where that is not known."""
    found: set[str] = set()
    for case in wider_cases(proof.case, proof.case.model.build, proof.names, threads):
        try:
            system = case.build()
        except ModelError:  # no thread at all
            continue
        product = system.product()
        graph = search(product, explore, lambda met, _: "enough" if met > MOST_STATES else None)
        explored = Explored(product, graph)
        if graph.cause or explored.failed:  # a run that breaks off goes on as derived
            return None
        for name, claim in proof.claims.items():
            with suppress(Vacuous):
                if judge(explored, claim.property).goals:
                    found.add(name)
    return found


def different(seed: int, threads: int) -> list[str]:
    """What so many threads show as derived, or as searched, but not both."""
    proof = proved(seed)
    if proof is None or proof.system is None:
        return []
    engine = shown_by_engine(proof, threads)
    if engine is None:
        return []
    derived = {
        name
        for name, claim in proof.claims.items()
        if run_to_pattern(proof.system, claim.patterns, threads)
    }
    # An atomic block counts as about to make its accesses also while it waits for a lock.
    apart = engine ^ derived if engine - derived else (engine ^ derived) - {"data-race"}
    return [f"{seed} with {threads}: {name}" for name in sorted(apart)]


@pytest.mark.slow
def test_few_threads_show_as_derived_what_they_show_when_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small(monkeypatch)
    found = [each for seed in range(40) for n in range(1, 3) for each in different(seed, n)]
    assert found == []


def certified(seeds: range) -> int:
    """How many certificates of random systems are accepted; one that is not is an error."""
    count = 0
    for seed in seeds:
        proof = proved(seed)
        if proof and proof.system and proof.closed:
            made = certificate(proof.system, proof.closed, never_shown(proof.claims), {})
            assert certify(json.dumps(made))["never"] == made["never"]
            count += bool(made["never"])
    return count


@pytest.mark.slow
def test_certificates_of_random_systems_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    assert certified(range(40)) > 20
