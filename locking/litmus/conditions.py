"""Initial values and conditions of a litmus test."""

from collections.abc import Iterator

from locking.litmus.expressions import begins_type, skip_type
from locking.litmus.syntax import Combined, Compared, LitmusCondition, LitmusPlace
from locking.litmus.tokens import LitmusError, Token, Tokens, number_of

TRUE, FALSE = Combined("and", ()), Combined("or", ())


def read_initial(tokens: Tokens) -> tuple[dict[str, int | str], dict[LitmusPlace, int | str]]:
    """The initial values of locations and registers, with their braces. Errors: `LitmusError`."""
    opened = tokens.expect("{", "before initial values")
    memory: dict[str, int | str] = {}
    registers: dict[LitmusPlace, int | str] = {}
    while not tokens.accept("}"):
        if tokens.next.kind == "end":
            raise LitmusError(opened.line, "these initial values never end; } is missing")
        if tokens.accept(";"):
            continue
        for place, value in initial_values(tokens):
            if place.thread is None:
                memory[place.name] = value
            else:
                registers[place] = value
        if not tokens.has("}"):
            tokens.expect(";", "between initial values")
    return memory, registers


def initial_values(tokens: Tokens) -> Iterator[tuple[LitmusPlace, int | str]]:
    """One place with its value, or all cells of an array or members of a structure."""
    skip_type(tokens)
    while tokens.accept("*"):
        pass
    if tokens.next.kind == "name" and is_name_after(tokens):
        tokens.take()
        while tokens.accept("*"):
            pass
    place = read_place(tokens)
    size = read_size(tokens)
    if not tokens.accept("="):
        yield from ((each, 0) for each in cells_of(place, size))
    elif tokens.has("{"):
        yield from braced_values(tokens, place, size)
    else:
        yield place, read_value(tokens)


def is_name_after(tokens: Tokens) -> bool:
    """Whether what comes next is a type that is not known, with a name after it."""
    after = tokens.text[tokens.ends :].lstrip()
    return after[:1].isalpha() or after[:1] in ("_", "*")


MOST_CELLS = 1_000
"""Cells of an array."""


def read_size(tokens: Tokens) -> int | None:
    """The size of an array, in brackets; None for no array. Errors: `LitmusError`."""
    if not tokens.accept("["):
        return None
    line = tokens.next.line
    size = 0 if tokens.has("]") else tokens.expect_number("the size of an array")
    if not 0 <= size <= MOST_CELLS:
        raise LitmusError(line, f"an array of {size} cells; it has 0 to {MOST_CELLS:,}")
    tokens.expect("]", "after the size of an array")
    return size


def cells_of(place: LitmusPlace, size: int | None) -> Iterator[LitmusPlace]:
    """The place itself, or the cells of the array there."""
    if size is None:
        yield place
    else:
        yield from (array_cell(place, each) for each in range(size))


def array_cell(place: LitmusPlace, index: int) -> LitmusPlace:
    """A cell of an array; the first has the array's own name."""
    return place._replace(name=f"{place.name}[{index}]" if index else place.name)


def braced_values(
    tokens: Tokens, place: LitmusPlace, size: int | None
) -> Iterator[tuple[LitmusPlace, int | str]]:
    """Values in braces: of cells, or of members that are named with a dot."""
    tokens.expect("{", "before values")
    index = 0
    while not tokens.accept("}"):
        if tokens.accept("."):
            name = tokens.expect_name("a member")
            tokens.expect("=", "after a member")
            yield place._replace(name=f"{place.name}.{name}"), read_value(tokens)
        else:
            yield array_cell(place, index), read_value(tokens)
            index += 1
        if not tokens.has("}"):
            tokens.expect(",", "between values")
    yield from ((array_cell(place, each), 0) for each in range(index, size or 0))


def read_value(tokens: Tokens) -> int | str:
    """A number, or the address of a location. Errors: `LitmusError`."""
    if tokens.accept("ATOMIC_INIT", "__SPIN_LOCK_UNLOCKED", "__RW_LOCK_UNLOCKED"):
        tokens.expect("(", "after ATOMIC_INIT")
        value = read_value(tokens)
        tokens.expect(")", "after the value of ATOMIC_INIT")
        return value
    if tokens.accept("("):
        skip_type(tokens)
        while tokens.accept("*"):
            pass
        value = 0 if tokens.has(")") else read_value(tokens)
        tokens.expect(")", "after a value")
        cast = tokens.next.kind in ("number", "name") or tokens.has("&", "-", "(")
        return read_value(tokens) if cast else value
    if tokens.next.kind == "number" or tokens.has("-"):
        return tokens.expect_number("a value")
    tokens.accept("&")
    if tokens.accept("NULL"):
        return 0
    return location_name(tokens)


def location_name(tokens: Tokens) -> str:
    """The name of a location, with an index and members."""
    name = tokens.expect_name("a location")
    while True:
        if tokens.accept("["):
            index = tokens.expect_number("an index")
            name = f"{name}[{index}]" if index else name
            tokens.expect("]", "after an index")
        elif tokens.accept("."):
            name = f"{name}.{tokens.expect_name('a member')}"
        else:
            return name


def read_place(tokens: Tokens) -> LitmusPlace:
    """A location, or a register as `0:r1` or `P0:r1`. Errors: `LitmusError`."""
    if tokens.accept("["):
        name = location_name(tokens)
        tokens.expect("]", "after a location")
        return LitmusPlace(None, name)
    token = tokens.next
    if token.kind == "number":
        return register_of(tokens, number_of(tokens.take()))
    if token.kind != "name":
        raise LitmusError(token.line, f"a register or a location expected, not {token.text!r}")
    if is_thread(token) and tokens.text[tokens.ends : tokens.ends + 1] == ":":
        return register_of(tokens, int(tokens.take().text[1:]))
    name = tokens.take().text
    while tokens.accept("."):
        name = f"{name}.{tokens.expect_name('a member')}"
    return LitmusPlace(None, name)


def is_thread(token: Token) -> bool:
    """Whether this is the name of a thread."""
    return token.text[:1] == "P" and token.text[1:].isdigit()


def register_of(tokens: Tokens, thread: int) -> LitmusPlace:
    """The register that a colon and a name say."""
    tokens.expect(":", "after the number of a thread")
    return LitmusPlace(thread, tokens.expect_name("a register").removeprefix("%"))


class ConditionParser:
    """Reads conditions, and notes the places that they ask for. Errors: `LitmusError`."""

    def __init__(self, tokens: Tokens, threads: int) -> None:
        self.tokens = tokens
        self.threads = threads
        self.places: dict[LitmusPlace, None] = {}

    def place(self) -> LitmusPlace:
        """A place, with an index if it is a cell of an array. Errors: `LitmusError`."""
        tokens = self.tokens
        line = tokens.next.line
        tokens.accept("*")
        found = read_place(tokens)
        if tokens.accept("["):
            found = array_cell(found, tokens.expect_number("an index"))
            tokens.expect("]", "after an index")
        if found.thread is not None and found.thread >= self.threads:
            raise LitmusError(line, f"{found} is of P{found.thread}, and there is no such thread")
        self.places[found] = None
        return found

    def implication(self) -> LitmusCondition:
        """Conditions with `=>` between them, which binds least."""
        left = self.either()
        if self.tokens.accept("=>"):
            return Combined("implies", (left, self.implication()))
        return left

    def either(self) -> LitmusCondition:
        """Conditions with an or between them."""
        parts = [self.both()]
        while self.tokens.accept("\\/", "||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Combined("or", tuple(parts))

    def both(self) -> LitmusCondition:
        """Conditions with an and between them."""
        parts = [self.single()]
        while self.tokens.accept("/\\", "&&"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else Combined("and", tuple(parts))

    def single(self) -> LitmusCondition:
        """One comparison, a negation, or what is in parentheses."""
        tokens = self.tokens
        if tokens.accept("~", "not", "!"):
            return Combined("not", (self.single(),))
        if tokens.accept("true"):
            return TRUE
        if tokens.accept("false"):
            return FALSE
        if tokens.accept("("):
            made = self.implication()
            tokens.expect(")", "after a condition")
            return made
        return self.comparison()

    def comparison(self) -> LitmusCondition:
        """A place and what it is to have. Errors: `LitmusError`."""
        tokens = self.tokens
        place = self.place()
        if not tokens.has("=", "==", "!=", "<>"):
            raise LitmusError(tokens.next.line, f"= expected after {place}")
        equal = tokens.take().text in ("=", "==")
        if self.is_place():
            return Compared(place, self.place(), equal)
        return Compared(place, read_value(tokens), equal)

    def is_place(self) -> bool:
        """Whether the right side is a place, and no value."""
        tokens = self.tokens
        return tokens.has("[", "*") or tokens.text[tokens.ends : tokens.ends + 1] == ":"

    def locations(self) -> None:
        """The places that `locations [...]` names."""
        tokens = self.tokens
        tokens.expect("[", "after locations")
        while not tokens.accept("]"):
            self.place()
            while tokens.accept("*") or begins_type(tokens):
                skip_type(tokens)
            if not tokens.has("]"):
                tokens.expect(";", "between locations")


def read_condition(
    tokens: Tokens, threads: int
) -> tuple[str, LitmusCondition, LitmusCondition | None, tuple[LitmusPlace, ...]]:
    """The quantifier, the condition, the filter, and the places shown. Errors: `LitmusError`."""
    parser = ConditionParser(tokens, threads)
    kept = None
    while tokens.has("locations", "filter"):
        if tokens.take().text == "locations":
            parser.locations()
        else:
            asked = dict(parser.places)
            kept = parser.implication()
            parser.places = asked
    quantifier = read_quantifier(tokens)
    condition = parser.implication() if quantifier else TRUE
    tokens.accept(";")
    if tokens.next.kind != "end":
        raise LitmusError(tokens.next.line, f"{tokens.next.text!r} after the end of the condition")
    return quantifier or "forall", condition, kept, tuple(parser.places)


def read_quantifier(tokens: Tokens) -> str:
    """`exists`, `~exists` or `forall`; nothing at the end. Errors: `LitmusError`."""
    if tokens.accept("~", "not"):
        tokens.expect("exists", "after ~")
        return "~exists"
    if tokens.accept("exists", "final"):
        return "exists"
    if tokens.accept("forall"):
        return "forall"
    if tokens.has("("):
        return "exists"
    if tokens.next.kind == "end":
        return ""
    raise LitmusError(tokens.next.line, f"exists expected, not {tokens.next.text!r}")
