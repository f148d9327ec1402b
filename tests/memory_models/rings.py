"""Executions that are a ring of threads: what each thread keeps in order decides whether it can be.

A thread has two accesses, `a` and `b`, with a *link* between them; an *edge* goes from its second
access to the first of the next thread, at one location. So `mb fr mb fr` is store buffering with
two fences. (Alglave, Maranget, Sarkar, Sewell, *Fences in weak memory models*, 2012.)
"""

from itertools import product
from typing import NamedTuple

from locking.memory_models.candidate import Candidate
from tests.memory_models.executions import execution


class Link(NamedTuple):
    """What a thread has beside its two accesses; `#` is the thread's number."""

    before: str = ""
    between: str = ""
    after: str = ""
    first: str = "Once"
    """The tag of the first access; one that has none is plain."""
    second: str = "Once"
    related: str = ""
    """Pairs of events with the relation that has them: `addr a# b#`."""
    rf: str = ""
    co: str = ""
    """Writes of locations in their order: `z#: f# g#`."""


RMW = "r# R RMW Once @z#; w# W RMW Once @z#"
HELD = "k# R LKR @m#; v# W LKW @m#"
FREED = "f# W UL @m#; j# R LKR @n#; u# W LKW @n#"
HANDED = ("rmw k# v#, rmw j# u#", "m# k#, n# j#", "m#: v# f#, n#: u# g#")
SRCU = ("data f# g#", "s f#", "s: g#")

LINKS = {
    "po": Link(),
    "mb": Link(between="f# F Mb"),
    "rmb": Link(between="f# F Rmb"),
    "wmb": Link(between="f# F Wmb"),
    "acquire": Link(first="Acquire"),
    "release": Link(second="Release"),
    "addr": Link(related="addr a# b#"),
    "data": Link(related="data a# b#"),
    "ctrl": Link(related="ctrl a# b#"),
    "noreturn-rmb": Link(first="Noreturn", between="f# F Rmb"),
    "sync": Link(between="f# F Sync-rcu"),
    "srcu-sync": Link(between="f# SRCU Sync-srcu @s"),
    "srcu-sync-of-another": Link(between="f# SRCU Sync-srcu @t"),
    "section": Link(before="f# F Rcu-lock", after="g# F Rcu-unlock"),
    "srcu": Link("f# R Srcu-lock @s", "", "g# W Srcu-unlock @s", "Once", "Once", *SRCU),
    "srcu-of-another": Link("f# R Srcu-lock @t", "", "g# W Srcu-unlock @t", "Once", "Once",
                            "data f# g#", "t f#", "t: g#"),
    "before-atomic": Link("", f"f# F Before-atomic; {RMW}", "", "Once", "Once",
                          "rmw r# w#", "z# r#", "z#: w#"),
    "after-atomic": Link("", f"{RMW}; f# F After-atomic", "", "Once", "Once",
                         "rmw r# w#", "z# r#", "z#: w#"),
    "after-spinlock": Link("", f"{HELD}; f# F After-spinlock", "", "Once", "Once",
                           "rmw k# v#", "m# k#", "m#: v#"),
    "unlock-lock": Link(HELD, FREED, "g# W UL @n#", "Once", "Once", *HANDED),
    "after-unlock-lock": Link(HELD, f"{FREED}; h# F After-unlock-lock", "g# W UL @n#", "Once",
                              "Once", *HANDED),
    "after-srcu": Link("f# R Srcu-lock @s", "g# W Srcu-unlock @s; h# F After-srcu-read-unlock", "",
                       "Once", "Once", *SRCU),
    "own-write": Link(between="f# W Once @z#; g# R Once @z#", related="data a# f#, addr g# b#",
                      rf="f# g#", co="z#: f#"),
    "own-variable": Link(between="f# W @z#; g# R @z#", related="data a# f#, data g# b#",
                         rf="f# g#", co="z#: f#"),
    "own-overwrite": Link(between="f# W Once @z#; g# W Once @z#; h# R Once @z#",
                          related="data a# f#, addr h# b#", rf="g# h#", co="z#: f# g#"),
    "own-overread": Link(between="f# R Once @z#; g# W Once @z#; h# R Once @z#",
                         related="addr a# f#, addr h# b#", rf="z# f#, g# h#", co="z#: g#"),
    "addr-plain-wmb": Link(between="f# W @z#; g# F Wmb", related="addr a# f#", co="z#: f#"),
    "plain-po": Link(first=""),
    "po-plain": Link(second=""),
    "plain-wmb": Link(first="", between="f# F Wmb"),
    "wmb-plain": Link(second="", between="f# F Wmb"),
    "plain-rmb": Link(first="", between="f# F Rmb"),
    "rmb-plain": Link(second="", between="f# F Rmb"),
    "plain-mb": Link(first="", between="f# F Mb"),
    "mb-plain": Link(second="", between="f# F Mb"),
    "plain-release": Link(first="", second="Release"),
    "acquire-plain": Link(first="Acquire", second=""),
    "addr-plain": Link(second="", related="addr a# b#"),
    "ctrl-plain": Link(second="", related="ctrl a# b#"),
    "plain-sync": Link(first="", between="f# F Sync-rcu"),
    "sync-plain": Link(second="", between="f# F Sync-rcu"),
    "plain-section": Link("f# F Rcu-lock", "", "g# F Rcu-unlock", "", ""),
}  # fmt: skip
"""What may keep the accesses of a thread in order, or nearly so."""


class Edge(NamedTuple):
    """How two threads meet; `#` is the number of the first, `+` that of the next, `@` the place."""

    last: str
    """The second access of the first thread, and the first of the next."""
    first: str
    rf: str = ""
    co: str = ""
    related: str = ""
    before: str = ""
    """What the first thread begins with."""
    third: str = ""
    """A thread between the two."""


EDGES = {
    "rf": Edge("b# W {} @x+", "a+ R {} @x+", rf="b# a+", co="x+: b#"),
    "fr": Edge("b# R {} @x+", "a+ W {} @x+", rf="x+ b#", co="x+: a+"),
    "co": Edge("b# W {} @x+", "a+ W {} @x+", co="x+: b# a+"),
    "rmw": Edge("b# W {} @x+", "a+ R {} @x+", rf="b# p#, q# a+", co="x+: b# q#",
                related="rmw p# q#", third="p# R RMW Once @x+; q# W RMW Once @x+"),
    "lock": Edge("b# W UL @x+", "a+ R LKR @x+; o# W LKW @x+", rf="x+ p#, b# a+",
                 co="x+: q# b# o#", related="rmw p# q#, rmw a+ o#",
                 before="p# R LKR @x+; q# W LKW @x+"),
}  # fmt: skip
"""How the value or the order of a location leads from one thread to the next."""


def ring(name: str) -> Candidate:
    """The ring that is named by links and edges in turns: `mb fr mb fr`."""
    links, edges = name.split()[::2], name.split()[1::2]
    threads: list[str] = []
    said: dict[str, list[str]] = {"rf": [], "co": [], "related": []}
    for number, (link, edge) in enumerate(zip(links, edges, strict=True)):
        inner, outer, came = LINKS[link], EDGES[edge], EDGES[edges[number - 1]]

        def here(text: str, before: int = 0, number: int = number) -> str:
            own = (number - before) % len(links)
            return text.replace("#", str(own)).replace("+", str((own + 1) % len(links)))

        parts = [
            here(outer.before), here(inner.before),
            here(came.first, 1).format(inner.first), here(inner.between),
            here(outer.last).format(inner.second), here(inner.after),
        ]  # fmt: skip
        threads += ["; ".join(filter(None, parts)), *filter(None, [here(outer.third)])]
        for kind, found in said.items():
            found += [here(each) for each in (getattr(inner, kind), getattr(outer, kind)) if each]
    related = {"rmw": "", "addr": "", "data": "", "ctrl": ""}
    for pair in ", ".join(said["related"]).split(", "):
        kind, _, events = pair.partition(" ")
        if kind:
            related[kind] += f"{', ' if related[kind] else ''}{events}"
    return execution(*threads, rf=", ".join(said["rf"]), co=chains(said["co"]), **related)[0]


def chains(orders: list[str]) -> str:
    """The writes of each location as one chain."""
    found: dict[str, list[str]] = {}
    for each in ", ".join(orders).split(", "):
        place, _, writes = each.partition(": ")
        found.setdefault(place, []).append(writes)
    return ", ".join(" ".join(each) for place, each in found.items() if place)


def all_rings(size: int) -> list[str]:
    """The names of all rings of so many threads, not two that are turned."""
    pairs = [f"{link} {edge}" for link, edge in product(LINKS, EDGES)]
    names = product(pairs, repeat=size)
    return [" ".join(each) for each in names if list(each) == sorted(each)]
