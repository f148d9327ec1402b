"""The thread's placements, for any number of adders and removers that come again and again."""

import pytest

import locking.catalogue as catalogue
from locking.parameterized.proving import prove_any_number
from locking.parameterized.skeletons import refuse_other_users, system_of_skeletons, trees_of
from locking.properties.explored import Verdict

WRITE = "mem_hotplug_lock.write"

PROVED = {
    "baseline": "excluded sync-point resize init",
    "duyck": "resize",
    "duyck-noshrink": "resize",
    "hocko": "",
    "hocko-oscar": "",
    "williams-deeper": "excluded sync-point resize init",
    "williams-deeper-idxlock": "excluded sync-point resize init",
    "williams-rwsem-gap": "excluded resize",
    "williams-rwsem-downgrade": "excluded sync-point resize init",
    "shared": "excluded sync-point",
    "shared-oscar-idxlock": "excluded sync-point",
    "shared-repaired": "excluded sync-point",
}
"""What holds for any number: a writer excludes initialisation; a page in the span is initialised
while another writes; one resize at a time; one initialisation at a time, which is serial. All else
fails with two."""


def proved(placement: str) -> str:
    """What is proved of a placement; the rest must fail with two threads."""
    model = catalogue.model("memory_hotplug")
    case = model.case("add-vs-remove", model.placement(placement))
    assert case.placement
    steps = [step.name for step in case.placement.steps("adder")]
    resize = next(each for each in steps if each.startswith("RESIZE_ZONE"))
    init = next(each for each in steps if each.startswith("INIT_"))
    pairs = {
        "excluded": (WRITE, init),
        "sync-point": (WRITE, f"{resize}..{init}"),
        "resize": (resize, resize),
        "init": (init, init),
    }
    system = case.build()
    roles = [thread.name for thread in system.threads]
    trees = trees_of(system, roles)
    skeletons = system_of_skeletons(trees, list(pairs.values()))
    assert refuse_other_users(system, trees, list(pairs.values())).states
    found = prove_any_number(case, lambda _: skeletons, roles).found
    for each in found:
        assert (each.verdict, each.cutoff) == (Verdict.HOLDS, 2) or each.threads == 2
    return " ".join(name for name, each in zip(pairs, found, strict=True) if each.cutoff)


@pytest.mark.slow
@pytest.mark.parametrize("placement", PROVED)
def test_what_every_placement_excludes_for_any_number(placement: str) -> None:
    assert proved(placement) == PROVED[placement]
