"""Random systems for Hypothesis, small enough that every schedule can be run.

A thread is a list of instructions, plain tuples, that `execute` performs; so a failing example
prints as the program that it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import factorial, prod
from typing import Any

from hypothesis import strategies as st

from locking import (
    Atomic,
    Cell,
    Fairness,
    Mutex,
    RwSem,
    Spinlock,
    System,
    Thread,
    always,
    assertions,
    at_end,
    atomic,
    choose,
    data_race_free,
    deadlock_free,
    interruptible,
    let_go,
    never,
    never_together,
    no_misuse,
    perform,
    procedure,
    query,
    require,
    required,
    section,
    sometimes,
    sometimes_together,
    step,
    take,
    timed,
    trylock,
    wait_until,
    when,
)
from tests.explore.brute import Question

Instruction = tuple[Any, ...]

SIZE = 1_500
"""Schedules that a system without locks and choices may have; longer programs are cut."""

ORDERS = {
    "m": ("mutex_lock", "mutex_unlock", "mutex_trylock"),
    "s": ("spin_lock", "spin_unlock", "spin_trylock"),
    "read": ("down_read", "up_read", "down_read_trylock"),
    "write": ("down_write", "up_write", "down_write_trylock"),
}
"""Lock, unlock, try; the rwsem is taken in one of two modes."""


class Objects:
    """What the threads of a random system share."""

    def __init__(self, fairness: Fairness) -> None:
        self.x = Cell("x", 0)
        self.y = Cell("y", 0)
        self.m = Mutex("m")
        self.s = Spinlock("s")
        self.r = RwSem("r", fairness)
        self.a = Atomic("a", 0, minimum=0, maximum=2)
        self.all = (self.x, self.y, self.m, self.s, self.r, self.a)

    def lock(self, mode: str) -> Any:
        """The lock that `mode` speaks of."""
        return getattr(self, mode, self.r)


async def execute(items: tuple[Instruction, ...], o: Objects, last: Any) -> Any:
    """Perform instructions; `last` is the one local variable."""
    for item in items:
        match item:
            case ("read", name):
                last = await getattr(o, name).read()
            case ("load", name):
                last = await getattr(o, name).READ_ONCE()
            case ("write", name, value):
                await getattr(o, name).write(value)
            case ("store", name, value):
                await getattr(o, name).WRITE_ONCE(value)
            case ("bump", name):
                await getattr(o, name).write(min(last + 1, 2))
            case ("copy", name):
                await getattr(o, name).write(last)
            case ("until", name, value):
                await wait_until(lambda v, value=value: v == value, getattr(o, name))
            case ("until-both", value):
                last = await wait_until(lambda x, y, value=value: x == value and 1 + y, o.x, o.y)
            case ("until-free",):
                await wait_until(lambda y, owner: owner is None or y == 2, o.y, o.m)
            case ("inc",):
                await o.a.atomic_inc()
            case ("dec",):
                last = await o.a.atomic_dec_and_test()
            case ("hold", mode, body):
                await getattr(o.lock(mode), ORDERS[mode][0])()
                last = await execute(body, o, last)
                await getattr(o.lock(mode), ORDERS[mode][1])()
            case ("raw", mode, which):
                await getattr(o.lock(mode), ORDERS[mode][which])()
            case ("downgrade", body, after):
                await o.r.down_write()
                last = await execute(body, o, last)
                await o.r.downgrade_write()
                last = await execute(after, o, last)
                await o.r.up_read()
            case ("try", (mode, ended), body, other):
                take, let_go, attempt = (getattr(o.lock(mode), each) for each in ORDERS[mode])
                if await (ended(take) if ended else attempt()):
                    last = await execute(body, o, last)
                    await let_go()
                else:
                    last = await execute(other, o, last)
            case ("section", name, body):
                async with section(name):
                    last = await execute(body, o, last)
            case ("atomic", body):
                async with atomic():
                    last = await execute(body, o, last)
            case ("choose", options):
                last = await choose(*options)
            case ("call", body, used):
                told = await called(body, o, last, used)
                last = told if used else last
            case ("if", value, body, other):
                last = await execute(body if last == value else other, o, last)
            case ("assert", most):
                assert last <= most
            case ("require", most, stop):
                require(last <= most, "small", stop=stop, last=last)
    return last


@procedure
async def called(items: tuple[Instruction, ...], o: Objects, last: Any, used: bool) -> Any:
    """A procedure, which tells its caller something only if that is `used`."""
    told = await execute(items, o, last)
    return told if used else None


async def program(items: tuple[Instruction, ...], o: Objects) -> None:
    """A thread."""
    await execute(items, o, 0)


MODES = st.sampled_from(["m", "s", "read", "write"])
TRIES = st.tuples(MODES, st.sampled_from([None, interruptible, timed]))
"""A lock, and by what a wait for it ends; None for an attempt that does not wait."""

CELLS = st.sampled_from(["x", "y"])
VALUES = st.sampled_from([0, 1, 1, 2, True])

SIMPLE = st.one_of(
    st.tuples(st.just("read"), CELLS),
    st.tuples(st.just("write"), CELLS, VALUES),
    st.tuples(st.just("bump"), CELLS),
    st.tuples(st.just("copy"), CELLS),
    st.tuples(st.sampled_from(["load"]), CELLS),
    st.tuples(st.just("store"), CELLS, VALUES),
    st.just(("inc",)),
    st.tuples(st.just("choose"), st.sampled_from([(0, 1), (0, 1, 2), (1,), (1, True)])),
    st.tuples(st.just("assert"), st.sampled_from([0, 1])),
    st.tuples(st.just("require"), st.sampled_from([0, 1]), st.booleans()),
)


ODD = st.one_of(
    SIMPLE,
    SIMPLE,
    SIMPLE,
    st.just(("dec",)),
    st.tuples(st.just("until"), st.sampled_from("xya"), VALUES),
    st.tuples(st.just("until-both"), VALUES),
    st.just(("until-free",)),
    st.tuples(st.just("raw"), MODES, st.sampled_from([0, 1, 2])),
)
"""Now and then something that is likely a misuse."""


def nested(inner: st.SearchStrategy[Instruction]) -> st.SearchStrategy[Instruction]:
    """Instructions with a body."""
    body = st.lists(inner, max_size=3).map(tuple)
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.tuples(st.just("hold"), MODES, some),
        st.tuples(st.just("hold"), MODES, some),
        st.tuples(st.just("downgrade"), body, body),
        st.tuples(st.just("try"), TRIES, body, body),
        st.tuples(st.just("section"), st.sampled_from("pq"), some),
        st.tuples(st.just("atomic"), some),
        st.tuples(st.just("call"), body, st.booleans()),
        st.tuples(st.just("if"), st.sampled_from([0, 1]), body, body),
    )


INSTRUCTIONS = st.recursive(ODD, nested, max_leaves=6)
CROSSED = st.builds(
    lambda pair, inner: ("hold", pair[0], (("hold", pair[1], inner),)),
    st.permutations(["m", "s", "read", "write"]).filter(
        lambda modes: {*modes[:2]} != {"read", "write"}
    ),
    st.lists(SIMPLE, max_size=1).map(tuple),
)
"""A lock inside a lock: where threads do it in different orders, they deadlock."""

PROGRAMS = st.lists(st.one_of(INSTRUCTIONS, INSTRUCTIONS, CROSSED), min_size=1, max_size=4).map(
    tuple
)


def steps(items: tuple[Instruction, ...]) -> int:
    """How many steps these instructions may take, at most."""
    return sum(map(weight, items))


def weight(item: Instruction) -> int:
    """How many steps one instruction may take, at most."""
    match item:
        case ("hold", _, body):
            return 2 + steps(body)
        case ("downgrade", body, after):
            return 3 + steps(body) + steps(after)
        case ("try", (_, ended), body, other):
            return (3 if ended else 1) + max(1 + steps(body), steps(other))
        case ("overlap", _, body, _, after):
            return 4 + steps(body) + steps(after)
        case ("section" | "call", *_):
            body = item[1] if item[0] == "call" else item[2]
            return steps(body)
        case ("atomic", body):
            return min(1, steps(body))
        case ("if", _, body, other):
            return max(steps(body), steps(other))
        case ("assert", _) | ("require", _, _):
            return 0
    return 1


def orders(lengths: list[int]) -> int:
    """How many ways there are to interleave independent runs of these lengths."""
    return factorial(sum(lengths)) // prod(map(factorial, lengths))


@dataclass(frozen=True)
class Recipe:
    """A random system: one program a thread, or one placement tree a thread; and the fairness."""

    programs: tuple[tuple[Instruction, ...], ...]
    fairness: Fairness = Fairness.READER_PREFERRING
    trees: tuple[tuple[Instruction, ...], ...] = ()
    daemon: bool = False

    def build(self) -> tuple[System, dict[str, Question]]:
        """The system, and its properties as questions to the brute-force explorer."""
        o = Objects(self.fairness)
        names = "tuvw"
        threads = [
            Thread(names[at], program, (items, o)) for at, items in enumerate(self.programs)
        ] + [
            Thread(names[len(self.programs) + at], perform, (tuple(grown(items, o)), None))
            for at, items in enumerate(self.trees)
        ]
        if self.daemon:
            threads[-1] = Thread(threads[-1].name, threads[-1].program, threads[-1].args, True)
        properties, questions = claims(o)
        return System(o.all, threads, properties), questions


def grown(items: tuple[Instruction, ...], o: Objects) -> Iterator[Any]:
    """The trees of a placement: ("step", name, program), ("hold", ...) and so on."""
    for item in items:
        match item:
            case ("step", name, body):
                yield made_step(name, body, o)
            case ("hold", mode, body):
                yield region(mode, o, body)
            case ("try", (mode, _), body, other):
                yield trylock(region(mode, o, body), otherwise=[*grown(other, o)])
            case ("if", name, body, other):
                yield when(asking(getattr(o, name)), *grown(body, o), otherwise=[*grown(other, o)])
            case ("overlap", mode, body, other, after):
                yield take(region(mode, o))
                yield from grown(body, o)
                yield take(region(other, o))
                yield let_go(region(mode, o))
                yield from grown(after, o)
                yield let_go(region(other, o))
            case ("downgrade", body, after):
                yield o.r.write(*grown(body, o)).downgrade(*grown(after, o))


def region(mode: str, o: Objects, body: tuple[Instruction, ...] = ()) -> Any:
    """A lock held in a mode over what grows of `body`."""
    lock, kind = o.lock(mode), mode if mode in ("read", "write") else "hold"
    return getattr(lock, kind)(*grown(body, o))


def asking(cell: Cell) -> Any:
    """A query that asks whether a cell counts as true."""

    @query(f"ask {cell.name}")
    async def ask(_: Any) -> bool:
        return bool(await cell.READ_ONCE())

    return ask


def made_step(name: str, body: tuple[Instruction, ...], o: Objects) -> Any:
    """A step that performs `body`."""

    @step(name)
    async def run(_: Any) -> None:
        await execute(body, o, 0)

    return run


def claims(o: Objects) -> tuple[list[Any], dict[str, Question]]:
    """Properties, and by the same names what they ask of a moment; `deadlock` is asked anyway."""
    bad: dict[str, tuple[Callable[[Any], Any], str]] = {
        "x1": (lambda s: s[o.x] == 1, "never"),
        "x-true": (lambda s: s[o.x] is True, "never"),
        "x-not-y": (lambda s: s[o.x] > s[o.y], "always"),
        "p-while-y": (lambda s: s[o.y] and s.inside("p"), "never"),
        "y2": (lambda s: s[o.y] == 2, "sometimes"),
        "held": (lambda s: s[o.m] and s[o.s] and s[o.x], "sometimes"),
        "writes": (lambda s: len(s.about_to(o.x, "write")) > 1, "never"),
        "end-x": (lambda s: s[o.x] != 0, "at-end"),
        "end-a": (lambda s: s[o.a] + s[o.y] > 1, "at-end"),
    }
    properties: list[Any] = [
        deadlock_free("deadlock"),
        no_misuse("misuse"),
        assertions("assertion"),
        required("small"),
        data_race_free("race"),
    ]
    questions: dict[str, Question] = {
        "misuse": lambda s: s.failed("misuse"),
        "assertion": lambda s: s.failed("assertion"),
        "small": lambda s: s.failed("small"),
        "race": lambda s: s.racing,
    }
    for name, (predicate, kind) in bad.items():
        properties.append(declared(name, kind, predicate))
        questions[name] = at_the_end(predicate) if kind == "at-end" else predicate
    for one, other in (("p", "p"), ("p", "q")):
        properties.append(never_together(f"never-{one}{other}", one, other))
        properties.append(sometimes_together(f"sometimes-{one}{other}", one, other))
        for count in (2, 3):
            questions[f"{one}{other}{count}"] = at_least(one, other, count)
    return properties, questions


def declared(name: str, kind: str, predicate: Callable[[Any], Any]) -> Any:
    """A property of one kind, that `predicate` shows."""
    match kind:
        case "never":
            return never(name, predicate)
        case "always":
            return always(name, lambda s: not predicate(s))
        case "at-end":
            return at_end(name, lambda s: not predicate(s))
    return sometimes(name, predicate)


def at_the_end(predicate: Callable[[Any], Any]) -> Question:
    """Whether everything has ended, so that `predicate` is true."""
    return lambda seen: seen.finished and predicate(seen)


def at_least(one: str, other: str, count: int) -> Question:
    """Whether that many are inside."""
    return lambda seen: seen.together(one, other) >= count


def cut(programs: list[tuple[Instruction, ...]]) -> tuple[tuple[Instruction, ...], ...]:
    """The programs, without the ends that would make them too long to run by force."""
    while orders([steps(items) for items in programs]) > SIZE:
        longest = max(range(len(programs)), key=lambda at: steps(programs[at]))
        programs[longest] = programs[longest][:-1]
    return tuple(programs)


FAIRNESS = st.sampled_from(list(Fairness))


@st.composite
def programs(draw: Any) -> Recipe:
    """Two or three threads of random instructions."""
    count = draw(st.sampled_from([2, 2, 3]))
    drawn = [draw(PROGRAMS) for _ in range(count)]
    if draw(st.booleans()):
        drawn[-1] = drawn[0]  # copies of each other
    return Recipe(cut(drawn), draw(FAIRNESS), daemon=draw(st.integers(0, 4)) == 0)


STEPS = st.tuples(
    st.just("step"), st.sampled_from("pq"), st.lists(SIMPLE, min_size=1, max_size=2).map(tuple)
)


def write_of(lock: str) -> str:
    """The mode in which a lock is held alone."""
    return "write" if lock == "r" else lock


@st.composite
def trees(draw: Any, free: tuple[str, ...] = ("m", "s", "r")) -> tuple[Instruction, ...]:
    """A placement tree, in which no lock stands inside itself."""
    found: list[Instruction] = []
    for _ in range(draw(st.integers(1, 2))):
        lock = draw(st.sampled_from([*free, "step"]))
        if lock == "step":
            found.append(draw(STEPS))
            continue
        left = tuple(name for name in free if name != lock)
        body = draw(trees(left))
        mode = lock if lock != "r" else draw(st.sampled_from(["read", "write", "downgrade"]))
        shape = draw(st.sampled_from(["hold", "hold", "hold", "try", "if", "overlap"]))
        if mode == "downgrade":
            found.append(("downgrade", body, draw(trees(left))))
        elif shape == "try":
            found.append(("try", (mode, None), body, draw(trees(left))))
        elif shape == "if":
            found.append(("if", draw(CELLS), body, draw(trees(left))))
        elif shape == "overlap" and left:
            next_one = draw(st.sampled_from(left))
            rest = tuple(name for name in left if name != next_one)
            after = draw(trees(tuple(rest)))
            found.append(("overlap", mode, draw(trees(rest)), write_of(next_one), after))
        else:
            found.append(("hold", mode, body))
    return tuple(found)


@st.composite
def placements(draw: Any) -> Recipe:
    """Two or three threads that a random placement arranges."""
    count = draw(st.sampled_from([2, 2, 3]))
    return Recipe((), draw(FAIRNESS), cut([draw(trees()) for _ in range(count)]))
