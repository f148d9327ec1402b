"""A small interpreter of the bpftrace scripts that are written, line by line.

It knows nothing of automata: it runs the blocks of a script for calls and returns of functions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

BLOCK = re.compile(r"^(\S[^\n{]*)\n\{\n(.*?)^\}$", re.M | re.S)
PROBE = re.compile(r"(kprobe|kretprobe):(\w+)(\+\w+)?(?: /(.*)/)?")
ONE_LINE = re.compile(r"if \((.*)\) \{ (.*); \}")
OPENS = re.compile(r"if \((.*)\) \{")
PRINTF = re.compile(r'printf\("(.*)\\n"(?:, (.*))?\)')


@dataclass
class Call:
    """The task that runs, the first argument, and the variables of a block."""

    tid: int = 0
    comm: str = ""
    arg0: int = 0
    variables: dict[str, object] = field(default_factory=dict)


@dataclass
class Script:
    """A script that runs: its maps, and what it printed."""

    text: str
    symbols: dict[str, int]
    maps: dict[tuple[str, object], object] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blocks = BLOCK.findall(self.text)
        for head, body in self.blocks:
            if head == "BEGIN":
                self.run(body, Call())

    def fire(self, kind: str, function: str, at: str, tid: int, comm: str, arg0: int = 0) -> None:
        """What happens when a function is entered (`kprobe`) or returns (`kretprobe`)."""
        for head, body in self.blocks:
            probe = PROBE.fullmatch(head)
            if not probe or (probe[1], probe[2], probe[3] or "") != (kind, function, at):
                continue
            call = Call(tid, comm, arg0)
            if not probe[4] or self.value(probe[4], call):
                self.run(body, call)

    def run(self, body: str, call: Call) -> None:
        """Run the statements of a block."""
        for condition, statement in statements(body):
            if not condition or self.value(condition, call):
                self.do(statement, call)

    def do(self, statement: str, call: Call) -> None:
        """Run one statement."""
        if found := re.fullmatch(r"delete\((.*)\)", statement):
            self.maps.pop(self.entry(found[1], call), None)
        elif found := PRINTF.fullmatch(statement):
            words = found[2].split(", ") if found[2] else []
            self.printed.append(found[1] % tuple(self.value(each, call) for each in words))
        else:
            left, right = statement.split(" = ", 1)
            if left.startswith("$"):
                call.variables[left] = self.value(right, call)
            else:
                self.maps[self.entry(left, call)] = self.value(right, call)

    def entry(self, place: str, call: Call) -> tuple[str, object]:
        """The entry of a map."""
        name, index = place.removesuffix("]").split("[")
        return name, self.value(index, call)

    def value(self, text: str, call: Call) -> object:
        """The value of an expression."""
        if " && " in text:
            return all(self.value(each, call) for each in text.split(" && "))
        if found := re.fullmatch(r"(.*) (==|!=) (.*)", text):
            equal = self.value(found[1], call) == self.value(found[3], call)
            return equal == (found[2] == "==")
        if found := re.fullmatch(r'kaddr\("(.*)"\)', text):
            return self.symbols[found[1]]
        if text.startswith("@"):
            return self.maps.get(self.entry(text, call), 0)
        if text.startswith('"'):
            return text[1:-1]
        if text.startswith("$"):
            return call.variables[text]
        return vars(call)[text] if text in vars(call) else int(text.removeprefix("(int64)"))


def statements(body: str) -> Iterator[tuple[str, str]]:
    """The statements, each with its condition, which is empty where there is none."""
    condition = ""
    for line in map(str.strip, body.splitlines()):
        if found := ONE_LINE.fullmatch(line):
            yield found[1], found[2]
        elif found := OPENS.fullmatch(line):
            condition = found[1]
        elif line == "}":
            condition = ""
        elif line and not line.startswith("//"):
            assert line.endswith(";"), line
            yield condition, line[:-1]
