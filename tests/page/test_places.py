"""A placement on the page: boxes, in which the named steps are."""

from typing import Any

from locking import Mutex, Placement, let_go, query, step, take, trylock, when
from locking.page.places import placement_entry

lock, other = Mutex("lock"), Mutex("other")


@step("A")
async def first(_: Any) -> None: ...


@step("B", kernel="b() in b.c")
async def second(_: Any) -> None: ...


@query("Q")
async def asked(_: Any) -> bool:
    return True


A, B = {"step": "A", "kernel": ""}, {"step": "B", "kernel": "b() in b.c"}


def box(name: str, mode: str, *over: object) -> dict[str, object]:
    return {"lock": name, "mode": mode, "over": list(over), "lowered": []}


def test_what_does_not_nest_has_boxes_and_leaves_of_its_own() -> None:
    placement = Placement(
        "p",
        worker=[
            take(other.hold()),
            trylock(lock.hold(first), otherwise=[second]),
            when(asked, first, otherwise=[second]),
            let_go(other.hold()),
        ],
    )
    assert placement_entry(placement) == [
        [
            "worker",
            [
                {"step": "take(other.hold())", "kernel": ""},
                box("lock", "hold, if it can be had", A),
                box("lock", "if not", B),
                box("Q", "if so", A),
                box("Q", "if not", B),
                {"step": "let_go(other.hold())", "kernel": ""},
            ],
        ]
    ]
