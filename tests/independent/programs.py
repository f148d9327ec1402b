"""Random programs: lines of Python in the public words, around the objects of a stock."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.independent.adapter import HAS
from tests.independent.locks import BARE, LOCKABLE, locked
from tests.independent.stock import LOOKS, VALUES, Stock, Thing

Lines = list[str]

SECTIONS = ("room", "hall", "o0", "misuse")
REQUIREMENTS = ("seen", "kept", "room")
ODD_REQUIREMENTS = ("misuse", "assertion", "assertions", "no-misuse")


def indented(lines: Lines) -> Lines:
    """The lines, one level in; never none."""
    return [f"    {line}" for line in lines or ["pass"]]


@dataclass(frozen=True)
class Where:
    """Where a statement stands: variables that are there, how deep, in a loop or a block or not."""

    known: tuple[str, ...] = ()
    depth: int = 0
    loop: bool = False
    block: bool = False
    result: bool = False


@dataclass
class Author:
    """Writes functions; `functions` are those that are done, each as its lines."""

    rng: random.Random
    stock: Stock
    functions: list[Lines] = field(default_factory=list)
    sections: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    count: int = 0

    def fresh(self, stem: str) -> str:
        """A name that nothing has."""
        self.count += 1
        return f"{stem}{self.count}"

    def value(self, where: Where) -> str:
        """An expression without a step."""
        if where.known and self.rng.random() < 0.4:
            v = self.rng.choice(where.known)
            more = (v, v) if where.loop else (v, v, f"({v}, 1)", f"Pair({v}, 0)", f"repr({v})")
            return self.rng.choice(more)
        return self.rng.choice(VALUES)

    def condition(self, where: Where) -> str:
        """Something that is true or false."""
        if not where.known:
            return self.rng.choice(("True", "1", "True", "0"))
        v = self.rng.choice(where.known)
        return self.rng.choice(LOOKS).format(v=v, c=self.rng.choice(VALUES))

    def body(self, where: Where, most: int) -> tuple[Lines, Where]:
        """Up to `most` statements, and what is known after them."""
        lines: Lines = []
        for _ in range(self.rng.randint(1, most)):
            added, where = self.statement(where)
            lines += added
        return lines, where

    def statement(self, where: Where) -> tuple[Lines, Where]:
        """One statement, which may have others in it."""
        plain: list[Callable[[Where], tuple[Lines, Where]]] = [self.touch for _ in range(6)]
        plain += [self.locked] * 4 + [self.bare, self.require, self.choose]
        if where.depth < 3:
            plain += (
                [self.branch] * 2 + [self.section] * 2 + [self.atomic, self.called, self.assertion]
            )
            if not where.block:
                plain += [self.repeat, self.retry, self.retry_with, self.early]
        return self.rng.choice(plain)(where)

    def inner(self, where: Where, most: int = 2) -> Lines:
        """The body of a compound statement."""
        return indented(self.body(replace(where, depth=where.depth + 1), most)[0])

    def touch(self, where: Where) -> tuple[Lines, Where]:
        """An access to memory."""
        memory = self.stock.of("Cell", "Marked", "Record", "Atomic", "Refcount", "Register")
        return self.access(self.rng.choice(memory), where)

    def access(self, thing: Thing, where: Where) -> tuple[Lines, Where]:
        """One access to a thing."""
        new, n = self.value(where), self.rng.choice(("1", "1", "2", "-1"))
        var = thing.var
        marked = f"{var}.WRITE_ONCE({new})", f"{var}.READ_ONCE()"
        plain = f"{var}.write({new})", f"{var}.read()"
        match thing.kind:
            case "Cell":
                call = self.rng.choice((*plain, *plain, *marked))
            case "Marked":
                call = self.rng.choice(marked)
            case "Record":
                field_ = self.rng.choice("xy")
                call = (
                    f"{var}.{field_}.{self.rng.choice((f'write({new})', 'read()', 'READ_ONCE()'))}"
                )
            case "Register":
                call = self.rng.choice((f"{var}.swap({new})", f"{var}.peek()"))
            case "Refcount":
                kinds = ("read",) if where.loop else ("inc", "inc_not_zero", "dec_and_test", "read")
                call = f"{var}.refcount_{self.rng.choice(kinds)}()"
            case _:
                call = var + "." + self.rng.choice(self.atomics(where, n))
        if self.rng.random() < 0.3:
            return [f"await {call}"], where
        v = self.fresh("v")
        return [f"{v} = await {call}"], replace(where, known=(*where.known, v))

    def atomics(self, where: Where, n: str) -> list[str]:
        """Operations of an atomic; in a loop none that adds."""
        calls = ["atomic_read()", f"atomic_set({n})", f"atomic_xchg({n})", "atomic_max(2)"]
        calls += [f"atomic_cmpxchg(0, {n})", "atomic_cmpxchg(1, 0)"]
        if not where.loop:
            calls += [f"atomic_add({n})", f"atomic_add_return({n})", f"atomic_fetch_add({n})"]
            calls += [
                "atomic_inc()",
                "atomic_dec()",
                "atomic_inc_return()",
                "atomic_dec_and_test()",
            ]
        return ["atomic_" + each.removeprefix("atomic_") for each in calls]

    def locked(self, where: Where) -> tuple[Lines, Where]:
        """A lock, around something."""
        things = self.stock.of(*LOCKABLE)
        if where.depth > 2 or not things:
            return self.touch(where)
        return locked(self, self.rng.choice(things), where), where

    def bare(self, where: Where) -> tuple[Lines, Where]:
        """An operation of a lock, with no other that belongs to it."""
        things = [each for each in self.stock.things if each.kind in BARE]
        if not things or where.loop or self.rng.random() < 0.4:
            return self.touch(where)
        thing = self.rng.choice(things)
        return [f"await {thing.var}.{self.rng.choice(BARE[thing.kind])}()"], where

    def require(self, where: Where) -> tuple[Lines, Where]:
        """A requirement, which may let the run go on."""
        odd = self.rng.random() < 0.03
        name = self.rng.choice(ODD_REQUIREMENTS if odd else REQUIREMENTS)
        self.required.add(name)
        word = self.rng.choice(("seen", "seen", "name", "held", "got"))
        operands = f", {word}={self.rng.choice(where.known)}" if where.known else ""
        stop = self.rng.choice(("", ", stop=False", ", stop=False"))
        return [f"require({self.condition(where)}, {name!r}{stop}{operands})"], where

    def assertion(self, where: Where) -> tuple[Lines, Where]:
        """An assertion; now and then with a step in a `finally`."""
        check = [f"assert {self.condition(where)}"]
        if self.rng.random() < 0.8:
            return check, where
        return ["try:", *indented(check), "finally:", *indented(self.touch(where)[0])], where

    def choose(self, where: Where) -> tuple[Lines, Where]:
        """A choice."""
        v = self.fresh("v")
        options = ", ".join(self.value(where) for _ in range(2))
        return [f"{v} = await choose({options})"], replace(where, known=(*where.known, v))

    def branch(self, where: Where) -> tuple[Lines, Where]:
        """A condition."""
        lines = [f"if {self.condition(where)}:", *self.inner(where)]
        if self.rng.random() < 0.4:
            lines += ["else:", *self.inner(where)]
        return lines, where

    def section(self, where: Where) -> tuple[Lines, Where]:
        """A section."""
        name = self.rng.choice(SECTIONS)
        self.sections.add(name)
        return [f"async with section({name!r}):", *self.inner(where)], where

    def atomic(self, where: Where) -> tuple[Lines, Where]:
        """An atomic block."""
        inside = replace(where, block=True, depth=where.depth + 1)
        if self.rng.random() < 0.4:
            lines = indented(self.locked(inside)[0])
        else:
            lines = self.inner(replace(where, block=True), 3)
        return ["async with atomic():", *lines], where

    def repeat(self, where: Where) -> tuple[Lines, Where]:
        """A loop that is bounded."""
        v = self.fresh("i")
        inside = replace(where, known=(*where.known, v), depth=2)
        return [f"for {v} in range(2):", *self.inner(inside, 1)], where

    def early(self, where: Where) -> tuple[Lines, Where]:
        """A way out."""
        back = f"return {self.value(where)}" if where.result else "return"
        return [f"if {self.condition(where)}:", f"    {back}"], where

    def called(self, where: Where) -> tuple[Lines, Where]:
        """A call of a procedure, or of a function that is none."""
        name, v = self.fresh("p"), self.fresh("v")
        inside = Where(("given",), where.depth + 1, where.loop, where.block, result=True)
        lines, after = self.body(inside, 2)
        mark = ["@procedure"] if self.rng.random() < 0.7 else []
        lines += [f"return {self.value(after)}"]
        self.functions.append([*mark, f"async def {name}(given):", *indented(lines)])
        known = replace(where, known=(*where.known, v))
        return [f"{v} = await {name}({self.value(where)})"], known

    def attempt(self, arguments: str, again: str, where: Where) -> tuple[str, Where]:
        """A function for a loop: it gives up, `again`, unless something is so."""
        name = self.fresh("attempt")
        given = tuple(each for each in arguments.split(", ") if each)
        inside = Where(given, 3 if where.loop else 2, loop=True)
        lines, after = self.touch(inside)
        if self.rng.random() < 0.5:
            more, after = self.body(after, 1)
            lines += more
        lines += [f"if {self.condition(after)}:", f"    return {again.format(self.value(after))}"]
        value = self.value(after)
        lines += [f"return {value if value != 'None' else 0}"]
        self.functions.append([f"async def {name}({arguments}):", *indented(lines)])
        return name, after

    def retry(self, where: Where) -> tuple[Lines, Where]:
        """A loop until something comes."""
        name, _ = self.attempt("given", "None", where)
        v = self.fresh("v")
        known = replace(where, known=(*where.known, v))
        return [f"{v} = await retry({name}, {self.value(where)})"], known

    def retry_with(self, where: Where) -> tuple[Lines, Where]:
        """A loop that carries a value from round to round, if `retry_with` is there."""
        if not HAS["retry_with"]:
            return self.touch(where)
        name, _ = self.attempt("carried, given", "Again({})", where)
        v = self.fresh("v")
        known = replace(where, known=(*where.known, v))
        return [f"{v} = await retry_with({self.value(where)}, {name}, {self.value(where)})"], known

    def program(self, name: str, most: int, daemon: bool) -> None:
        """A program of one argument; a daemon goes on for ever, most of the time."""
        if daemon and self.rng.random() < 0.7:
            lines, _ = self.touch(Where(("given",), 2, loop=True))
            more, _ = self.body(Where(("given",), 2, loop=True), 1)
            self.functions.append([f"async def {name}_round(given):", *indented(lines + more)])
            lines = [f"await forever({name}_round, given)"]
        else:
            lines, _ = self.body(Where(("given",)), most)
        self.functions.append([f"async def {name}(given):", *indented(lines)])
