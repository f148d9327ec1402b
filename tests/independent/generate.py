"""Random systems, as Python source in the public words."""

import random
from dataclasses import dataclass

from tests.independent.adapter import HAS
from tests.independent.forbidden import leak, odd, share
from tests.independent.programs import SECTIONS, Author, indented
from tests.independent.stock import HEADER, OWN, VALUES, WORDS, Stock, draw_stock

NAMES = ("a", "b", "c", "d")
ODD_NAMES = ("o0", "room", "0", "a.b", "None", "all", "write", "A", "held by", "é")
FORBIDDEN = 0.15
"""The share of systems in which something is forbidden."""


@dataclass(frozen=True)
class Drawn:
    """A system; `forbidden` says what it must not do, empty if it is as models should be."""

    seed: int
    source: str
    forbidden: str = ""


def draw_copies(seed: int) -> Drawn:
    """A system of three or four copies of one thread."""
    rng = random.Random(f"copies {seed}")
    names = [*NAMES[: rng.choice((3, 3, 4))]]
    author = Author(rng, draw_stock(rng, [*names, "room", "seen", "o9"]))
    author.program("work", {3: 3, 4: 2}[len(names)], False)
    threads = [f"Thread({name!r}, work, (0,))" for name in names]
    return Drawn(seed, written(author, threads, draw_claims(author), ""))


def draw(seed: int) -> Drawn:
    """The system of a seed."""
    rng = random.Random(seed)
    names = list(NAMES)
    if rng.random() < 0.15:
        names[rng.randrange(2)] = rng.choice(ODD_NAMES)
    count = rng.choice((2, 2, 2, 3, 3, 4))
    free = dict.fromkeys([*names[:count], "room", "seen", "o9"])
    stock = draw_stock(rng, [each for each in free if each != "o0"])
    author = Author(rng, stock)
    what, extra = "", ""
    if rng.random() < FORBIDDEN:
        cell = "box"
        what, extra = rng.choice((leak, odd, share))(rng, "odd", cell)
    threads = draw_threads(author, names[:count], bool(extra))
    claims = draw_claims(author)
    return Drawn(seed, written(author, threads, claims, extra), what)


def draw_threads(author: Author, names: list[str], extra: bool) -> list[str]:
    """The threads as they are declared; several may run one program with one argument."""
    rng = author.rng
    most = {2: 4, 3: 3, 4: 2}[len(names)]
    daemon = rng.random() < 0.2
    author.program("work", most, False)
    programs = ["work"]
    threads = []
    argument = rng.choice(VALUES)
    for at, name in enumerate(names):
        if extra and at == 0:
            threads.append(f"Thread({name!r}, odd, (0,))")
            continue
        if extra and at == 1 and rng.random() < 0.5:
            threads.append(f"Thread({name!r}, odd, (0,))")
            continue
        is_daemon = daemon and at == len(names) - 1
        if is_daemon or rng.random() < 0.45:
            programs.append(f"work{at}")
            author.program(programs[-1], most, is_daemon)
        program = programs[-1] if rng.random() < 0.8 or is_daemon else "work"
        given = argument if rng.random() < 0.7 else rng.choice(VALUES)
        end = ", daemon=True" if is_daemon else ""
        threads.append(f"Thread({name!r}, {program}, ({given},){end})")
    if extra:
        # Somebody else must change what the odd one looks at.
        steps = [f"await box.write({rng.choice('012')})" for _ in range(rng.randint(1, 2))]
        author.functions.append(["async def stir(given):", *indented(steps)])
        threads[-1] = f"Thread({names[-1]!r}, stir, (0,))"
    return threads


def draw_claims(author: Author) -> list[str]:
    """The properties."""
    rng = author.rng
    claims = []
    for at in range(rng.choice((1, 2, 3))):
        kind = rng.choice(("always", "never", "at_end", "at_end", "sometimes"))
        claims.append(f"{kind}('p{at}', lambda s: {predicate(author)})")
    sections = sorted(author.sections) or ["room"]
    for at in range(rng.choice((0, 0, 1))):
        kind = rng.choice(("never_together", "sometimes_together"))
        one, other = rng.choice(sections), rng.choice(sections)
        claims.append(f"{kind}('t{at}', {one!r}, {other!r})")
    for name in sorted(author.required):
        if rng.random() < 0.85:
            called = f"required-{name}" if name in ("assertions", "no-misuse") else name
            claims.append(f"required({name!r})" if called == name else "")
    claims = [each for each in claims if each]
    for name in ("assertions", "no_misuse", "data_race_free", "deadlock_free"):
        if rng.random() < 0.85:
            claims.append(f"{name}()")
    if HAS["locks_released"] and rng.random() < 0.7:
        claims.append("locks_released()")
    rng.shuffle(claims)
    return claims


def predicate(author: Author) -> str:
    """A condition on a state."""
    rng, things = author.rng, author.stock.things
    memory = author.stock.of("Cell", "Marked", "Register", "Atomic", "Refcount")
    thing = rng.choice(memory or things)
    looked = f"s[{thing.var}]" if thing.kind != "Record" else f"s[{thing.var}.x]"
    value = rng.choice(VALUES)
    match rng.randrange(8):
        case 0 | 1:
            return f"{looked} == {value}"
        case 2:
            return f"repr({looked}) != {value!r}"
        case 3:
            return f"bool({looked}) or s.finished"
        case 4:
            return f"len(s.inside({rng.choice(sorted(author.sections) or SECTIONS)!r})) < 2"
        case 5:
            return f"{looked} is not None and not s.finished"
        case 6 if thing.kind == "Cell":
            return f"s.about_to({thing.var}, 'write') or {looked} != {value}"
        case _:
            locks = author.stock.of("Mutex", "Spinlock", "Completion", "Semaphore") or [thing]
            lock = rng.choice(locks)
            return f"s[{lock.var}{'.x' if lock.kind == 'Record' else ''}] or {looked} != {value}"


def written(author: Author, threads: list[str], claims: list[str], extra: str) -> str:
    """The source."""
    stock: Stock = author.stock
    words = [*WORDS, *(["Again", "retry_with"] if HAS["retry_with"] else [])]
    words += ["locks_released"] if HAS["locks_released"] else []
    kinds = {each.kind for each in stock.things}
    parts = [HEADER.format(words=",\n    ".join(sorted(words)))]
    parts += [OWN[kind] for kind in sorted(kinds & OWN.keys())]
    things = [f"{each.var} = {each.declared}" for each in stock.things]
    parts.append("\n".join([*things, *(["box = Cell('box', 0)"] if extra else [])]) + "\n")
    parts += ["\n".join(lines) + "\n" for lines in author.functions]
    parts += [extra] if extra else []
    objects = ", ".join([*(each.var for each in stock.things), *(["box"] if extra else [])])
    starts = ", ".join(f"{each.var}: {each.starts}" for each in stock.things if each.starts)
    ending = ["SYSTEM = System(", f"    [{objects}],", "    ["]
    ending += [f"        {each}," for each in threads] + ["    ],", "    ["]
    ending += [f"        {each}," for each in claims] + ["    ],"]
    ending += [f"    starts={{{starts}}},", ")", ""]
    ending += ['MODEL = Model("random", "A random system", lambda case: SYSTEM)', ""]
    return "\n\n".join(parts) + "\n\n" + "\n".join(ending)
