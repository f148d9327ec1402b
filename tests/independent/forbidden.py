"""What a model must not do: threads that remember what they may not, and values of odd kinds.

Each is refused, or judged right. In a program, `NAME` stands for what it is called, `CELL` for a
cell of the system, and `VALUE`, `OTHER`, `MANY` and `STOP` for what is drawn.
"""

import random

PRIVATE = {
    "nonlocal over rounds": """async def NAME(given):
    seen = 0

    async def attempt():
        nonlocal seen
        value = await CELL.read()
        if seen == 1:
            return "again"
        seen = 1 if value == VALUE else 0
        return "at once" if value == OTHER else None

    got = await retry(attempt)
    require(got == "at once", "kept", stop=STOP)
""",
    "list over rounds": """async def attempt_NAME(seen):
    value = await CELL.READ_ONCE()
    if value == VALUE and len(seen) < 2:
        seen.append(value)
    return "done" if value == OTHER else None


async def NAME(given):
    seen = []
    await retry(attempt_NAME, seen)
    require(not seen, "kept", stop=STOP)
""",
    "value of the last round": """async def NAME(given):
    last = [None]

    async def attempt():
        before, last[0] = last[0], await CELL.read()
        return (before,) if last[0] == OTHER else None

    got = await retry(attempt)
    require(got != (VALUE,), "kept", stop=STOP)
""",
    "list out of a procedure": """@procedure
async def look_NAME(seen):
    seen.append(await CELL.read())
    return 0


async def NAME(given):
    seen = []
    await look_NAME(seen)
    await CELL.write(OTHER)
    require(seen[0] != VALUE, "kept", stop=STOP)
""",
    "attribute out of a procedure": """class Box_NAME:
    value = None


@procedure
async def look_NAME(carrier):
    carrier.value = await CELL.READ_ONCE()


async def NAME(given):
    carrier = Box_NAME()
    await look_NAME(carrier)
    if carrier.value == VALUE:
        await CELL.WRITE_ONCE(OTHER)
""",
    "nonlocal out of a procedure": """async def NAME(given):
    seen = None

    @procedure
    async def look():
        nonlocal seen
        seen = await CELL.read()

    await look()
    await CELL.write(VALUE)
    require(seen != VALUE, "kept", stop=STOP)
""",
    "iterator over rounds": """async def NAME(given):
    left = iter((1, 2))

    async def attempt():
        value = await CELL.read()
        if value == OTHER:
            return next(left, "none left")
        if value == VALUE:
            next(left, None)
        return None

    got = await retry(attempt)
    require(got == 1, "kept", stop=STOP)
""",
    "generator out of a procedure": """def count_NAME():
    yield "first"
    yield "second"
    yield "third"


@procedure
async def look_NAME(numbers):
    if await CELL.read() == VALUE:
        next(numbers)
    return 0


async def NAME(given):
    numbers = count_NAME()
    await look_NAME(numbers)
    require(next(numbers) == "first", "kept", stop=STOP)
""",
    "dict over rounds of forever": """async def NAME(given):
    seen = {}

    async def body():
        value = await CELL.read()
        require(value != OTHER or VALUE not in seen, "kept", stop=STOP)
        if value == VALUE:
            seen[value] = True

    await forever(body)
""",
    "default of an inner function": """async def NAME(given):
    async def attempt(seen=[]):
        value = await CELL.read()
        if value == OTHER:
            return tuple(seen)
        if value == VALUE and not seen:
            seen.append(value)
        return None

    got = await retry(attempt)
    require(not got, "kept", stop=STOP)
""",
}
"""Kept inside one thread: a local that outlives a round or a procedure."""

SHARED = {
    "a list of the module": """SEEN = []


async def NAME(given):
    await CELL.READ_ONCE()
    SEEN.append(1)
    await CELL.READ_ONCE()
    require(len(SEEN) < MANY, "kept", stop=STOP)
""",
    "a global": """seen = 0


async def NAME(given):
    global seen
    value = await CELL.READ_ONCE()
    seen = seen + 1
    await CELL.WRITE_ONCE(VALUE)
    if seen == MANY:
        await CELL.WRITE_ONCE(OTHER)
""",
    "a default": """async def NAME(given, seen=[]):
    await CELL.READ_ONCE()
    seen.append(given)
    if len(seen) == MANY:
        await CELL.WRITE_ONCE(VALUE)
    await CELL.READ_ONCE()
""",
    "an attribute of the function": """async def NAME(given):
    await CELL.READ_ONCE()
    NAME.seen = getattr(NAME, "seen", 0) + 1
    await CELL.READ_ONCE()
    require(NAME.seen < MANY, "kept", stop=STOP)
""",
    "an attribute of a class": """class Box_NAME:
    seen = 0


async def NAME(given):
    await CELL.READ_ONCE()
    Box_NAME.seen += 1
    value = await CELL.READ_ONCE()
    assert Box_NAME.seen < MANY
""",
    "a dict in a dict": """KEPT = {"in": {}}


async def NAME(given):
    value = await CELL.READ_ONCE()
    KEPT["in"][value] = True
    await CELL.WRITE_ONCE(VALUE)
    require(OTHER not in KEPT["in"], "kept", stop=STOP)
""",
    "a closure of the module": """def counter_NAME():
    count = 0

    def more():
        nonlocal count
        count += 1
        return count

    return more


more_NAME = counter_NAME()


async def NAME(given):
    await CELL.READ_ONCE()
    if more_NAME() == MANY:
        await CELL.WRITE_ONCE(VALUE)
    await CELL.READ_ONCE()
""",
}
"""Kept where all threads see it, and not in an object."""

ODD = {
    "Decimal": ('Decimal("1.0")', 'Decimal("1.00")', "str(seen) == '1.00'"),
    "float subclass": ("Short(1.01)", "Short(1.02)", "type(seen) is Short and seen > 1.015"),
    "coarse __eq__": ("Coarse(1)", "Coarse(2)", "getattr(seen, 'value', 0) == 2"),
    "string subclass": ("Named('a', 1)", "Named('a', 2)", "getattr(seen, 'mark', 0) == 2"),
    "int subclass": ("Number(1, 1)", "Number(1, 2)", "getattr(seen, 'mark', 0) == 2"),
    "tuple subclass": ("Few((1,), 1)", "Few((1,), 2)", "getattr(seen, 'mark', 0) == 2"),
    "a list": ("[1]", "[2]", "seen == [2]"),
    "dataclass with a coarse field": (
        "Point(Coarse(1))",
        "Point(Coarse(2))",
        "'x' in dir(seen) and seen.x.value == 2",
    ),
    "tuple of decimals": ('(Decimal("1.0"),)', '(Decimal("1.00"),)', "'1.00' in repr(seen)"),
    "dataclass that compares less": ("Less(1, 1)", "Less(1, 2)", "getattr(seen, 'hidden', 0) == 2"),
    "object with a coarse __eq__": ("Odd.ONE", "Odd.TWO", "getattr(seen, 'mark', 0) == 2"),
}
"""Two values that are hard to tell apart, and a question that tells them."""

ODD_CLASSES = """class Short(float):
    def __repr__(self):
        return f"{self:.1f}"


class Coarse:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Coarse)

    def __hash__(self):
        return 1

    def __repr__(self):
        return "Coarse()"


class Named(str):
    def __new__(cls, text, mark):
        made = super().__new__(cls, text)
        made.mark = mark
        return made


class Number(int):
    def __new__(cls, value, mark):
        made = super().__new__(cls, value)
        made.mark = mark
        return made


class Few(tuple):
    def __new__(cls, values, mark):
        made = super().__new__(cls, values)
        made.mark = mark
        return made


@dataclass(frozen=True)
class Less:
    shown: int
    hidden: int = 0

    def __eq__(self, other):
        return isinstance(other, Less) and self.shown == other.shown

    def __hash__(self):
        return hash(self.shown)


class Odd:
    def __init__(self, mark):
        self.mark = mark

    def __eq__(self, other):
        return isinstance(other, Odd)

    def __hash__(self):
        return 3


Odd.ONE, Odd.TWO = Odd(1), Odd(2)
"""


def leak(rng: random.Random, name: str, cell: str) -> tuple[str, str]:
    """The kind, and the source of a program that keeps what it may not."""
    return kept(rng, rng.choice(sorted(PRIVATE.items())), name, cell)


def share(rng: random.Random, name: str, cell: str) -> tuple[str, str]:
    """The kind, and the source of a program that shares more than objects."""
    kind, source = kept(rng, rng.choice(sorted(SHARED.items())), name, cell)
    return f"shared: {kind}", source


def kept(rng: random.Random, program: tuple[str, str], name: str, cell: str) -> tuple[str, str]:
    """A program, with its blanks filled in."""
    kind, source = program
    value, other = rng.sample(("0", "1", "2"), 2)
    source = source.replace("NAME", name).replace("CELL", cell).replace("MANY", rng.choice("23"))
    source = source.replace("VALUE", value).replace("OTHER", other)
    return kind, source.replace("STOP", rng.choice(("True", "False")))


def odd(rng: random.Random, name: str, cell: str) -> tuple[str, str]:
    """The kind, and the source of a program that stores one of two odd values, and tells them."""
    kind = rng.choice(sorted(ODD))
    one, other, asks = ODD[kind]
    through = rng.choice(("cell", "choose", "procedure", "forgotten choice"))
    drawn = f"    pick = await choose(0, 1)\n    await {cell}.write({one} if pick else {other})\n"
    first = {
        "cell": f"{drawn}    seen = await {cell}.read()\n",
        "choose": f"    seen = await choose({one}, {other})\n    await {cell}.read()\n",
        "procedure": f"    seen = await make_{name}()\n    await {cell}.read()\n",
        "forgotten choice": f"{drawn}    pick = 0\n    seen = await {cell}.read()\n",
    }[through]
    made = f"@procedure\nasync def make_{name}():\n    pick = await choose(0, 1)\n"
    made += f"    return {one} if pick else {other}\n\n\n"
    end = f"    require(not ({asks}), 'kept', stop=False)\n"
    end += f"    await {cell}.write(1 if {asks} else 2)\n"
    start = ODD_CLASSES + "\n\n" + (made if through == "procedure" else "")
    return f"{kind}, {through}", f"{start}async def {name}(given):\n{first}{end}"
