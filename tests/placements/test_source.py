"""Placements as the file that makes them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking import Mutex, Object, Placement, RwSem, Step, step
from locking.errors import ModelError, PlacementError
from locking.names import check_name
from locking.objects.region import region_in_mode, region_modes
from locking.placements.source import placement_source
from locking.placements.trees import Tree

RUFF = Path(sys.executable).with_name("ruff")

sem, mutex = RwSem("mem_hotplug_lock"), Mutex("device_hotplug_lock")


def steps(*names: str) -> tuple[Step, ...]:
    async def run(_: Any) -> None: ...

    return tuple(step(name)(run) for name in names)


A, B, LONG, LONGER = steps(
    "A", "B", "INIT_DEVICE_PAGES_AND_THEIR_PGMAP", "RAISE_HIGHEST_MEMMAP_PFN_ATOMIC"
)
EXPORTED = {
    "A": A,
    "B": B,
    LONG.name: LONG,
    LONGER.name: LONGER,
    "hotplug": sem,
    "mem_hotplug_lock": sem,
    "device": mutex,
}

TEXT = """\
from locking import Placement

from toy import (
    INIT_DEVICE_PAGES_AND_THEIR_PGMAP,
    RAISE_HIGHEST_MEMMAP_PFN_ATOMIC,
    A,
    B,
    device,
    mem_hotplug_lock,
)

MY_OWN = Placement(
    "my-own",
    about="what it is",
    worker=[mem_hotplug_lock.write(A).downgrade(B)],
    other=[
        mem_hotplug_lock.read(
            INIT_DEVICE_PAGES_AND_THEIR_PGMAP,
            RAISE_HIGHEST_MEMMAP_PFN_ATOMIC,
            device.hold(A),
        ),
    ],
)

A_2 = Placement(
    "a",
    worker=[],
)
"""


def test_a_file_is_written_as_one_writes_it_by_hand() -> None:
    worker = [sem.write(A).downgrade(B)]
    other = [sem.read(LONG, LONGER, mutex.hold(A))]
    mine = Placement("my-own", about="what it is", worker=worker, other=other)
    assert placement_source("toy", EXPORTED, [mine, Placement("a", worker=[])]) == TEXT


def test_a_placement_without_steps_imports_none() -> None:
    text = placement_source("toy", EXPORTED, [Placement("p", worker=[])])
    assert text == 'from locking import Placement\n\nP = Placement(\n    "p",\n    worker=[],\n)\n'


def test_what_the_module_does_not_export_is_refused() -> None:
    with pytest.raises(PlacementError, match=r"^toy exports no name for the lock own$"):
        placement_source("toy", EXPORTED, [Placement("p", worker=[Mutex("own").hold(A)])])
    with pytest.raises(PlacementError, match=r"^toy exports no name for the step A$"):
        placement_source("toy", EXPORTED, [Placement("p", worker=[*steps("A")])])


def trees(locks: tuple[Object, ...]) -> st.SearchStrategy[list[Tree]]:
    """Lists of steps and of regions of `locks`."""
    some = st.sampled_from([A, B, LONG, LONGER])
    return st.lists(st.one_of(some, regions(locks)) if locks else some, min_size=1, max_size=5)


@st.composite
def regions(draw: st.DrawFn, locks: tuple[Object, ...]) -> Tree:
    lock = draw(st.sampled_from(locks))
    inner = trees(tuple(other for other in locks if other is not lock))
    region = region_in_mode(lock, draw(st.sampled_from(region_modes(lock))), tuple(draw(inner)))
    return region.downgrade(*draw(inner)) if region.lower and draw(st.booleans()) else region


def is_name(text: str) -> bool:
    """Whether a text may be what something is called."""
    try:
        check_name("placement", text)
    except ModelError:
        return False
    return True


PLACEMENTS = st.builds(
    lambda name, about, worker, other: Placement(name, about=about, worker=worker, other=other),
    st.text(max_size=20).filter(is_name)
    | st.sampled_from(["it's", 'say "x"', "x~adder.1.drop", "A", "1st", "é"]),
    st.text(max_size=20),
    trees((sem, mutex)),
    trees((sem, mutex)),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(PLACEMENTS, min_size=1, max_size=4))
def test_a_file_makes_the_same_placements_again(placements: list[Placement]) -> None:
    names = dict(EXPORTED)
    text = placement_source("toy", EXPORTED, placements).replace(
        "\nfrom toy import", "\nif 0: from x import"
    )
    exec(compile(text, "mine.py", "exec"), names)
    made = [each for each in names.values() if isinstance(each, Placement)]
    assert [(each.name, each.about, each.roles) for each in made] == [
        (each.name, each.about, each.roles) for each in placements
    ]


@pytest.mark.slow
@pytest.mark.skipif(not RUFF.exists(), reason="no ruff: the layout was not compared")
@settings(max_examples=30, deadline=None)
@given(st.lists(PLACEMENTS, min_size=1, max_size=4))
def test_a_formatter_leaves_a_file_as_it_is(placements: list[Placement]) -> None:
    text = placement_source("toy", EXPORTED, placements)
    command = [str(RUFF), "format", "--isolated", "--line-length", "100", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert done.stdout == text
