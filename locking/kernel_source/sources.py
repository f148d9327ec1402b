"""The functions of a source tree, found by their names; a file is parsed when it is needed."""

import re
from collections.abc import Container, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from locking.errors import UsageError, unknown
from locking.kernel_source.flow_ops import ANY, POSITIVE
from locking.kernel_source.grammar import (
    closing_bracket,
    line_of_node,
    node_text,
    nodes_below,
    parsed,
)
from locking.kernel_source.guards import GuardClass, guard_classes, guard_function, is_guard
from locking.kernel_source.macros import (
    MACRO_NAME,
    Macro,
    as_function,
    expanded,
    expressions_of,
    macros_in,
    stored_parameters,
    unlike_functions,
    without_comments,
)
from locking.kernel_source.patches import patched

if TYPE_CHECKING:
    from tree_sitter import Node

HEAD = re.compile(rb"^(?![#\s/*}])[^;={}\n]*\(", re.MULTILINE)
HEAD_NAME = re.compile(rb"\b(\w+)[ \t]*\(")
"""A line that begins in its first column and may begin a definition; what it may define."""

BODY = re.compile(rb"(?:\s*+\w++[ \t]*+(?:\([^()\n]*+\))?+){0,6}+\s*+\{")
"""What comes behind the parameters of a definition: annotations, if any, and its body."""

STORED = re.compile(rb"(?:->|\.)\s*(\w+)(?:\[[^]\n]*\])?\s*(?:[-+|&^*/%]|<<|>>)?=(?!=)")
STEPPED = re.compile(rb"(?:->|\.)(\w+)\s*(?:\+\+|--)|(?:\+\+|--)[\w.>-]*(?:->|\.)(\w+)")
"""A field that is stored to, or stepped."""

THROUGH_POINTER = re.compile(
    rb"[;{})]\s*\*+\(?\w[\w>.-]*\)?\s*(?:[-+|&^*/%]|<<|>>)?=(?!=)|\]\s*=(?!=)"
)
VARIABLE_STORED = re.compile(
    rb"(?<![\w.>])(\w+)\s*(?:(?:[-+|&^*/%]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)\s*(\w+)"
)
"""A store through a pointer or to an element, and to a variable."""

ANYWHERE = "*"
"""Stands for what is stored to through a pointer, among the names of fields."""

NEVER_RETURNS = re.compile(rb"\b__noreturn\b[\w\s*]*?\b(\w+)[ \t]*\(")
"""A function that is declared never to return."""

CALLED = re.compile(rb"\b(\w+)\s*\(|(?:[;{})]|\belse|\bdo)\s*(\w+)\s*(?=;)")
"""A name that is called, or that is a whole statement, as a macro may be."""


@dataclass(frozen=True)
class Function:
    """A definition, in a file named from the top of the tree.

    Of a macro, `stored` are the parameters that it stores to; of a function it is None.
    """

    name: str
    file: str
    line: int
    parameters: tuple[str, ...]
    node: "Node" = field(compare=False, repr=False)
    calls: frozenset[str] = field(compare=False, repr=False)
    stored: frozenset[str] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The variables that it declares, its parameters among them."""
        return frozenset(self.parameters) | {
            name for each in nodes_below(self.body, "declaration") for name in declared_names(each)
        }

    @property
    def body(self) -> "Node":
        """Its statements."""
        body = self.node.child_by_field_name("body")
        assert body
        return body


class SourceTree:
    """The C files of a tree, or a single file. Errors: `UsageError` where there are none."""

    def __init__(self, tree: Path, folders: Sequence[str] = ()) -> None:
        if not tree.exists():
            raise UsageError(f"{tree}: no such file or folder")
        self.tree = tree
        self.texts = {}
        tops = [tree / each for each in folders if (tree / each).exists()] or [tree]
        files = [file for top in tops for file in c_files(top)]
        self.base = tree if tree.is_dir() else tree.parent
        self.texts = {file.relative_to(self.base).as_posix(): file.read_bytes() for file in files}
        if not self.texts:
            raise UsageError(f"{tree}: there are no C files")
        self.index()

    def index(self) -> None:
        """Note which files may define which functions; nothing is parsed yet."""
        self.places: dict[str, list[str]] = {}
        for file, text in self.texts.items():
            for name in {name.decode() for _, name in heads_in(text)}:
                self.places.setdefault(name, []).append(file)
        self.unread: dict[str, list[Function]] = {}
        self.never_return = frozenset(
            name.decode() for text in self.texts.values() for name in NEVER_RETURNS.findall(text)
        )
        self.parsed: dict[str, list[Function]] = {}
        self.macro_places: dict[str, list[str]] = {}
        for file, text in self.texts.items():
            for name in {found.decode() for found in MACRO_NAME.findall(text)}:
                self.macro_places.setdefault(name, []).append(file)
        vars(self).pop("classes", None)
        self.meant: dict[str, list[Macro]] = {}
        self.macros: dict[str, list[Macro]] = {}
        self.macro_functions: dict[tuple[str, Macro], Function] = {}
        self.best: dict[str, Function | None] = {}
        self.stores: dict[str, frozenset[str]] = {}

    def with_patch(self, name: str, patch: str) -> "SourceTree":
        """The tree with a unified diff applied, in memory. Errors: `UsageError`."""
        made = copy(self)
        made.texts = patched(name, patch, self.texts)
        made.index()
        return made

    def functions_in(self, file: str) -> list[Function]:
        """The definitions of a file, in order."""
        if file not in self.parsed:
            self.parsed[file] = definitions_below(file, parsed(self.texts[file]), self.texts[file])
        return self.parsed[file]

    def unread_in(self, file: str) -> list[Function]:
        """The definitions of a file that the parser lost, each as one that can't be read."""
        if file not in self.unread:
            known = {each.name for each in self.functions_in(file)}
            self.unread[file] = list(lost_definitions(file, self.texts[file], known))
        return self.unread[file]

    def find(self, name: str) -> Function | None:
        """The definition of a function: one with a body that does something, before a stub."""
        for definitions in (self.functions_in, self.unread_in):
            found = [
                each
                for file in self.places.get(name, ())
                for each in definitions(file)
                if each.name == name
            ]
            if found:
                return max(found, key=weight)
        return None

    def callee(self, name: str) -> Function | None:
        """What a call of `name` does: a function, or a macro with parameters."""
        if is_guard(name):
            return self.guard(name)
        if name not in self.best:
            found = [] if (function := self.find(name)) is None else [function]
            for file in self.macro_places.get(name, ()):
                found += [each for each in self.macros_of(file, name) if each.name == name]
            self.best[name] = max(found, key=weight, default=None)
        return self.best[name]

    def guard(self, call: str) -> Function | None:
        """What a guard does at its beginning or its end; None where its class is not known."""
        if call not in self.best:
            self.best[call] = None
            text = guard_function(call, self.classes)
            if text is not None:
                [made] = definitions_below(call, parsed(text), text)
                self.best[call] = replace(made, name=call)
        return self.best[call]

    def signs_of_guard(self, call: str) -> int:
        """The signs of the result of a guard that takes nothing which is looked for."""
        found = self.classes.get(call.partition(" ")[2])
        return ANY if found and found.base else POSITIVE

    @cached_property
    def classes(self) -> dict[str, GuardClass]:
        """The classes of guards that the tree defines."""
        return {
            name: each
            for text in self.texts.values()
            if b"DEFINE_" in text
            for name, each in guard_classes(text).items()
        }

    def expanded(self, text: str) -> str:
        """An expression in which macros that name something are what they name."""
        return expanded(text, self.meanings)

    def meanings(self, name: str) -> list[Macro]:
        """The definitions of a macro, as they stand in the tree."""
        if name not in self.meant:
            files = self.macro_places.get(name, ())
            self.meant[name] = [
                each for file in files for each in expressions_of(self.texts[file], name)
            ]
        return self.meant[name]

    def macros_of(self, file: str, word: str) -> list[Function]:
        """The macros of a file in which a word stands, as functions."""
        if file not in self.macros:
            self.macros[file] = macros_in(self.texts[file])
        return [
            self.macro_function(file, each)
            for each in self.macros[file]
            if word == each.name or word in each.body
        ]

    def macro_function(self, file: str, macro: Macro) -> Function:
        """A macro, as the function that does what it does."""
        if (file, macro) not in self.macro_functions:
            found = [
                each
                for text in (as_function(macro), unlike_functions(macro))
                for each in definitions_below(file, parsed(text), text)
            ]
            calls = names_called(macro.body.encode())
            self.macro_functions[file, macro] = replace(
                found[0],
                name=macro.name,
                line=macro.line,
                parameters=macro.parameters,
                calls=frozenset(calls - {macro.name}),
                stored=stored_parameters(macro),
            )
        return self.macro_functions[file, macro]

    def stored_by(self, function: Function) -> frozenset[str]:
        """The names of what a function, or what it calls, may store to: fields and variables.

        `ANYWHERE` is among them where it stores through a pointer, or to an element.
        """
        if function.name not in self.stores:
            fields: set[str] = set()
            seen, waiting = {function.name}, [function]
            while waiting:
                each = waiting.pop()
                if each.name in self.stores:
                    fields |= self.stores[each.name]
                    continue
                fields |= names_stored(each.node.text or b"")
                for name in each.calls - seen:
                    seen.add(name)
                    waiting += [callee] if (callee := self.callee(name)) else []
            self.stores[function.name] = frozenset(fields)
        return self.stores[function.name]

    def get(self, name: str) -> Function:
        """The definition of a function. Errors: `UsageError` where there is none."""
        found = self.find(name)
        if found is None:
            raise unknown(f"function in {self.tree}", name, self.places)
        return found


def heads_in(text: bytes) -> Iterator[tuple[int, bytes]]:
    """The names that a text may define, each with where its bracket opens."""
    for line in HEAD.finditer(text):
        end = text.find(b"\n", line.start())
        for found in HEAD_NAME.finditer(text, line.start(), end if end >= 0 else len(text)):
            yield found.end() - 1, found[1]


def lost_definitions(file: str, text: bytes, known: Container[str]) -> Iterator[Function]:
    """The functions that a text defines and that are not `known`; none of them can be read."""
    for opening, word in heads_in(text):
        name = word.decode()
        behind = BODY.match(text, closing_bracket(text, opening) + 1)
        if name in known or behind is None or closing_bracket(text, opening) < 0:
            continue
        end = text.find(b"\n}", behind.end())
        body = without_comments(text[behind.end() : end if end >= 0 else len(text)])
        line = text.count(b"\n", 0, opening) + 1
        macro = Macro(name, line, (), body.decode("utf-8", "replace"))
        written = unlike_functions(macro)
        [made] = definitions_below(file, parsed(written), written)
        calls = frozenset(names_called(body) - {name})
        yield replace(made, name=name, line=line, calls=calls)


def names_called(text: bytes) -> set[str]:
    """The names that a text calls."""
    return {name.decode() for pair in CALLED.findall(text) for name in pair if name}


def names_stored(text: bytes) -> set[str]:
    """The names of the fields and variables that a text stores to."""
    pairs = [*STEPPED.findall(text), *VARIABLE_STORED.findall(text)]
    names = {name.decode() for pair in pairs for name in pair if name}
    names |= {name.decode() for name in STORED.findall(text)}
    return names | ({ANYWHERE} if THROUGH_POINTER.search(text) else set())


def c_files(top: Path) -> list[Path]:
    """The C files of a folder, or the file itself."""
    if top.is_file():
        return [top]
    return sorted([*top.rglob("*.c"), *top.rglob("*.h")])


def weight(function: Function) -> tuple[bool, int, bool]:
    """How much speaks for a definition, where there are several: stubs have little or no body."""
    return (
        bool(function.body.named_child_count),
        len(function.calls),
        function.file.endswith(".c"),
    )


def definitions_below(file: str, node: "Node", text: bytes) -> list[Function]:
    """The definitions below a node of a file with this text, which may be inside of `#if`."""
    found = []
    for child in node.named_children:
        if child.type == "function_definition":
            declarator = child.child_by_field_name("declarator")
            while declarator and declarator.type != "function_declarator":
                declarator = declarator.child_by_field_name("declarator")
            name = declarator and declarator.child_by_field_name("declarator")
            if declarator and name and child.child_by_field_name("body"):
                own = without_comments(text[child.start_byte : child.end_byte])
                calls = names_called(own)
                found.append(
                    Function(
                        node_text(name),
                        file,
                        line_of_node(child),
                        parameter_names(declarator),
                        child,
                        frozenset(calls - {node_text(name)}),
                    )
                )
        elif child.type.startswith("preproc_") or child.type in ("declaration_list", "ERROR"):
            found += definitions_below(file, child, text)
    return found


def declared_names(node: "Node") -> list[str]:
    """The names that a declaration in a function declares."""
    inner = node.children_by_field_name("declarator")
    return [node_text(each) for each in inner if each.type == "identifier"] + [
        name for each in inner for name in declared_names(each)
    ]


def parameter_names(declarator: "Node") -> tuple[str, ...]:
    """The names of the parameters, in order; of one without a name the empty text."""
    parameters = declarator.child_by_field_name("parameters")
    return tuple(
        declared_name(each)
        for each in (parameters.named_children if parameters else ())
        if each.type == "parameter_declaration"
    )


def declared_name(node: "Node") -> str:
    """The name that a declaration declares."""
    inner = node.child_by_field_name("declarator")
    while inner and inner.type != "identifier":
        inner = inner.child_by_field_name("declarator") or next(iter(inner.named_children), None)
    return node_text(inner) if inner else ""
