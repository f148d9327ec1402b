"""What a thread of a litmus test does, as events: the C of the test, run step by step.

A thread is a generator. It yields requests, and is sent what they give. Two drivers run it:
`paths.py`, where a read gives a term and conditions go both ways, and `interleaved.py`, where
memory is that of the main engine and all is known. So both judge one and the same program.

Dependencies are those that herd7 counts (herd/modelUtils.ml and herd/CSem.ml of herdtools7). A
value carries the reads that it was made of (`data`), and those that also say which assignment it
comes from (`control`). An address makes an address dependency, a written value a data dependency.
A condition makes a control dependency on the events inside its `if`, its loop or its `switch`, and
on none after them: that too is herd7's rule.

Program order is that of statements. Within a statement an event comes after those that its operands
need: two reads of `READ_ONCE(*x) + READ_ONCE(*y)` are in no order.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import NamedTuple

from locking.errors import UsageError
from locking.litmus.awaiting import only_waits
from locking.litmus.requests import (
    AnotherRound,
    Decide,
    Locate,
    MemoryEvent,
    Request,
)
from locking.litmus.syntax import (
    AddressOf,
    Assignment,
    Branch,
    Computed,
    Departure,
    Dereference,
    Evaluation,
    LitmusBlock,
    LitmusExpression,
    LitmusLoop,
    LitmusNumber,
    LitmusStatement,
    LitmusThread,
    MemberAddress,
    Primitive,
    Selection,
    Variable,
)
from locking.litmus.tokens import LitmusError
from locking.litmus.values import LitmusValue, ReadTerm, computed_value, member_of

TermSteps = Generator[Request, object, "LitmusTerm"]
Running = Generator[Request, object, str]


class LitmusTerm(NamedTuple):
    """A value with the reads it was made of, and the events of its statement that came before."""

    value: LitmusValue
    data: int = 0
    control: int = 0
    before: int = 0


ZERO = LitmusTerm(0)


class ThreadRun:
    """One run of a thread."""

    def __init__(
        self,
        thread: LitmusThread,
        registers: Mapping[str, LitmusValue],
        primitives: Mapping[str, Callable[[ThreadRun, Primitive], TermSteps]],
    ) -> None:
        self.thread = thread
        self.primitives = primitives
        self.registers: dict[str, LitmusTerm] = {
            name: LitmusTerm(each) for name, each in registers.items()
        }
        for name in thread.parameters:
            self.registers.setdefault(name, LitmusTerm(name))
        self.count = 0
        self.earlier = 0
        """Events of the statements before this one."""
        self.context = 0
        """Reads that decide whether this statement is reached."""
        self.asked = 0
        """Reads that this statement looked at, also by way of registers."""
        self.decisions = 0
        """Conditions so far whose value depends on reads."""
        self.line = thread.line

    def run(self) -> Running:
        """All that the thread does. Its registers are what they are at the end."""
        yield from self.statements(self.thread.body)
        return ""

    def statements(self, body: tuple[LitmusStatement, ...]) -> Running:
        """Statements in order, until one of them leaves; how it does is returned."""
        for each in body:
            how = yield from self.statement(each)
            if how:
                return how
        return ""

    def statement(self, statement: LitmusStatement) -> Running:
        """One statement."""
        self.line = statement.line or self.line
        match statement:
            case Assignment(_, target, value):
                yield from self.assign(target, value)
            case Evaluation(_, value):
                yield from self.evaluate(value)
                self.next_statement()
            case LitmusBlock(_, body):
                return (yield from self.statements(body))
            case Branch():
                return (yield from self.branch(statement))
            case LitmusLoop():
                return (yield from self.loop(statement))
            case Selection():
                return (yield from self.selection(statement))
            case Departure(_, how):
                return how
        return ""

    def next_statement(self) -> None:
        """All events so far are before those of the next statement."""
        self.earlier = (1 << self.count) - 1
        self.asked = 0

    def branch(self, statement: Branch) -> Running:
        """`if`: what is in it depends on its condition."""
        outside = self.context
        chosen = yield from self.decide(statement.condition)
        how = ""
        body = statement.then if chosen else statement.otherwise
        if body is not None:
            how = yield from self.statement(body)
        self.context = outside
        return how

    def decide(self, condition: LitmusExpression) -> Generator[Request, object, bool]:
        """Whether a condition is true; from here on, events depend on it."""
        if isinstance(condition, Computed) and condition.operator in ("&&", "||"):
            first = yield from self.decide(condition.operands[0])
            if first == (condition.operator == "||"):
                return first
            return (yield from self.decide(condition.operands[1]))
        term = yield from self.evaluate(condition)
        self.note_decision()
        if isinstance(term.value, tuple):
            return bool((yield Decide(term.value)))
        return term.value != 0

    def note_decision(self) -> None:
        """From here on, events depend on what this condition or subject looked at."""
        self.decisions += self.asked != 0
        self.context |= self.asked
        self.next_statement()

    def decide_at(self, loop: LitmusLoop) -> Generator[Request, object, bool]:
        """Whether the condition of a loop is true, on its own line."""
        self.line = loop.line
        return (yield from self.decide(loop.condition))

    def loop(self, statement: LitmusLoop) -> Running:
        """A loop: each round depends on the conditions of those before."""
        outside, decisions = self.context, self.decisions
        always = isinstance(statement.condition, LitmusNumber)
        how = ""
        rounds = 0
        while (rounds == 0 and statement.first) or (yield from self.decide_at(statement)):
            counted = self.decisions == decisions if always else self.context == outside
            yield AnotherRound(rounds, counted, only_waits(statement))
            rounds += 1
            how = yield from self.statement(statement.body)
            if how in ("break", "return"):
                break
            if statement.after is not None:
                yield from self.statement(statement.after)
        self.context = outside
        return "return" if how == "return" else ""

    def selection(self, statement: Selection) -> Running:
        """`switch`: the first case that is equal, else the default."""
        outside = self.context
        subject = yield from self.evaluate(statement.subject)
        self.note_decision()
        body: tuple[LitmusStatement, ...] = ()
        for label, found in statement.cases:
            if label is None:
                body = body or found
                continue
            value = yield from self.evaluate(label)
            if (yield Decide(computed_value("==", subject.value, value.value))):
                body = found
                break
        how = yield from self.statements(body)
        self.context = outside
        return "" if how == "break" else how

    def assign(self, target: LitmusExpression, value: LitmusExpression) -> Running:
        """An assignment to a register, or a plain write. Errors: `LitmusError`."""
        if isinstance(target, Variable):
            term = yield from self.evaluate(value)
            self.set_register(target.name, term)
        elif isinstance(target, Dereference):
            address = yield from self.evaluate(target.address)
            term = yield from self.evaluate(value)
            yield from self.write(address, term, ("plain",))
        else:
            raise LitmusError(self.line, "what is assigned to is no register and no location")
        self.next_statement()
        return ""

    def set_register(self, name: str, term: LitmusTerm) -> None:
        """Give a register a value: what decided that this is reached decides the value too."""
        self.registers[name] = term._replace(control=term.control | self.context, before=0)

    def evaluate(self, expression: LitmusExpression) -> TermSteps:
        """The value of an expression, with all that it takes to know it. Errors: `LitmusError`."""
        match expression:
            case LitmusNumber(value):
                return LitmusTerm(value)
            case Variable(name):
                term = self.registers.get(name, ZERO)
                self.asked |= term.control
                return term
            case Dereference(address):
                return (yield from self.read((yield from self.evaluate(address)), ("plain",)))
            case AddressOf(Variable(name)):
                return LitmusTerm(self.location_named(name))
            case MemberAddress(address, name):
                term = yield from self.evaluate(address)
                return term._replace(value=member_of(term.value, name))
            case Computed():
                return (yield from self.compute(expression))
            case Primitive():
                return (yield from self.primitive(expression))
        raise LitmusError(self.line, "an expression of this kind is unknown")

    def location_named(self, name: str) -> str:
        """The address of a location that is named. Errors: `LitmusError` for a register."""
        if name in self.registers:
            raise LitmusError(self.line, f"{name} is a register here; *{name} is a location")
        return name

    def compute(self, expression: Computed) -> TermSteps:
        """An operator; `?` is run like an `if`."""
        operator, operands = expression
        if operator == "?":
            outside, asked = self.context, self.asked
            chosen = yield from self.decide(operands[0])
            self.asked |= asked | self.context
            term = yield from self.evaluate(operands[1] if chosen else operands[2])
            control = term.control | self.context
            self.context = outside
            return term._replace(control=control)
        left = yield from self.evaluate(operands[0])
        if len(operands) == 1:
            value = unary_value(operator, left.value)
            return left._replace(value=value)
        right = yield from self.evaluate(operands[1])
        return self.joined(computed_value_at(self.line, operator, left, right), left, right)

    def joined(self, value: LitmusValue, *terms: LitmusTerm) -> LitmusTerm:
        """A value that was made of terms."""
        data = control = before = 0
        for each in terms:
            data |= each.data
            control |= each.control
            before |= each.before
        return LitmusTerm(value, data, control, before)

    # events

    def event(
        self,
        kind: str,
        tags: tuple[str, ...],
        location: str = "",
        value: LitmusValue = 0,
        address: int = 0,
        data: int = 0,
        before: int = 0,
        partner: int = -1,
    ) -> Generator[Request, object, int]:
        """Yield an event; its number is returned."""
        number = self.count
        self.count += 1
        yield MemoryEvent(
            kind,
            tags,
            location,
            value,
            address,
            data,
            self.context,
            self.earlier | before,
            partner,
            self.line,
        )
        return number

    def locate(self, address: LitmusTerm) -> Generator[Request, object, str]:
        """The location at an address."""
        if isinstance(address.value, str):
            return address.value
        return str((yield Locate(address.value, self.line)))

    def read(
        self, address: LitmusTerm, tags: tuple[str, ...], kind: str = "R", after: int = 0
    ) -> TermSteps:
        """A read, and what it gives."""
        location = yield from self.locate(address)
        number = self.count
        self.count += 1
        value = yield MemoryEvent(
            kind,
            tags,
            location,
            ReadTerm(number),
            address.data,
            0,
            self.context,
            self.earlier | address.before | after,
            -1,
            self.line,
        )
        self.asked |= 1 << number
        before = address.before | after | 1 << number
        return LitmusTerm(value, 1 << number, 1 << number, before)  # type: ignore[arg-type]

    def write(
        self, address: LitmusTerm, value: LitmusTerm, tags: tuple[str, ...]
    ) -> Generator[Request, object, int]:
        """A write."""
        location = yield from self.locate(address)
        before = address.before | value.before
        number = yield from self.event(
            "W", tags, location, value.value, address.data, value.data, before
        )
        return number

    def fence(self, tags: tuple[str, ...], before: int = 0) -> Generator[Request, object, int]:
        """A fence; what comes later in the statement is after it."""
        number = yield from self.event("F", tags, before=before)
        return 1 << number

    def primitive(self, made: Primitive) -> TermSteps:
        """An operation of the vocabulary."""
        return (yield from self.primitives[made.kind](self, made))


def unary_value(operator: str, value: LitmusValue) -> LitmusValue:
    """`!` and `~` of a value."""
    if operator == "!":
        return computed_value("==", value, 0)
    return computed_value("-", computed_value("-", 0, value), 1)


def computed_value_at(line: int, operator: str, left: LitmusTerm, right: LitmusTerm) -> LitmusValue:
    """What an operator gives. Errors: `LitmusError`."""
    try:
        return computed_value(operator, left.value, right.value)
    except UsageError as error:
        raise LitmusError(line, str(error)) from error
