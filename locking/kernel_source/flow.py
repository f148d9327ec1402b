"""The control flow of a function, as a graph of small operations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from locking.errors import UsageError
from locking.kernel_source.flow_ops import (
    ANY,
    NEGATIVE,
    POSITIVE,
    ZERO,
    Ends,
    FlowOp,
    Value,
    fields,
)
from locking.kernel_source.grammar import line_of_node, node_text, nodes_below
from locking.kernel_source.guards import GUARD_CALLS
from locking.kernel_source.statements import (
    NO_TYPES,
    ancestors,
    condition_text,
    errors_below,
    heads_block,
    scoped_guard,
)
from locking.kernel_source.values import branch, evaluate

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass
class GuardScope:
    """A compound statement with the guards in it, each with the arguments of its end."""

    node: "Node"
    guards: list[FlowOp] = field(default_factory=list)


class Flow:
    """The graph of a function; the first operation is its entry.

    Errors: `UsageError` for syntax that the grammar does not know.
    """

    def __init__(self, function: "Node", name: str, where: str) -> None:
        for wrong in errors_below(function):
            raise UsageError(
                f"{where}: {name}() has syntax in line {line_of_node(wrong)} that is not understood"
            )
        self.name, self.where = name, where
        self.ops = [FlowOp("nop", line_of_node(function))]
        self.scopes: list[GuardScope] = []
        self.labels: dict[str, int] = {}
        self.gotos: list[tuple[str, Ends, int]] = []
        self.breaks: list[tuple[Ends, int]] = []
        self.continues: list[tuple[Ends, int]] = []
        body = function.child_by_field_name("body")
        assert body
        self.label_nodes = {
            node_text(each.named_children[0]): each
            for each in nodes_below(body, "labeled_statement")
        }
        ends = self.statement(body, [(0, True)])
        self.add(FlowOp("return", int(function.end_point[0]) + 1), ends)
        for label, origin, line in self.gotos:
            if label not in self.labels:
                raise UsageError(f"{where}:{line}: {name}() goes to {label!r}, which is not there")
            self.join(origin, self.labels[label])

    def add(self, op: FlowOp, ends: Ends) -> Ends:
        """The graph with one more operation behind `ends`; what comes behind it."""
        self.ops.append(op)
        self.join(ends, len(self.ops) - 1)
        return [(len(self.ops) - 1, True)]

    def join(self, ends: Ends, target: int) -> None:
        """Let `ends` go on at `target`."""
        for at, side in ends:
            (self.ops[at].then if side else self.ops[at].other).append(target)

    def statement(self, node: "Node", ends: Ends) -> Ends:
        """A statement behind `ends`; what comes behind it.

        Errors: `UsageError` for a macro before a block, where the block is not its alone.
        """
        make = getattr(self, f"on_{node.type}", None)
        if make:
            return make(node, ends)  # type: ignore[no-any-return]
        if node.type.startswith("preproc_if"):
            return self.on_preprocessor(node, ends)
        if node.type == "expression_statement":
            if scoped_guard(node) or heads_block(node):
                raise self.refused(node, "a macro before a block that another statement is around")
            ends = self.bare_macro(node, ends)
        return self.evaluated(node, ends)[0] if node.is_named else ends

    def on_compound_statement(self, node: "Node", ends: Ends) -> Ends:
        """Statements in order. Errors: as for `block_value`."""
        return self.block_value(node, ends)[0]

    def block_value(self, node: "Node", ends: Ends) -> tuple[Ends, Value]:
        """Statements in order, and the value of the last; guards are let go at the end.

        Errors: `UsageError` for a macro before a block that is not known.
        """
        value: Value = ANY
        self.scopes.append(GuardScope(node))
        children = [each for each in node.named_children if each.type != "comment"]
        at = 0
        while at < len(children):
            guard = scoped_guard(children[at])
            if guard and at + 1 < len(children):
                ends = self.guarded_block(guard, children[at + 1], ends)
                at += 2
            elif heads_block(children[at]):
                raise self.refused(children[at], "an unknown macro before a block")
            elif children[at].type == "expression_statement":
                ends = self.bare_macro(children[at], ends)
                ends, value = self.evaluated(children[at], ends)
                at += 1
            else:
                ends = self.statement(children[at], ends)
                at += 1
        return self.let_go(self.scopes.pop(), ends), value

    def refused(self, node: "Node", what: str) -> UsageError:
        """The error for something that the function has, with its line."""
        return UsageError(f"{self.where}:{line_of_node(node)}: {self.name}() has {what}")

    def bare_macro(self, node: "Node", ends: Ends) -> Ends:
        """A statement that is a name and no more: a macro is called so."""
        name = node.named_children[0] if len(node.named_children) == 1 else None
        if name is None or name.type != "identifier":
            return ends
        return self.add(FlowOp("call", line_of_node(node), node_text(name)), ends)

    def guarded(
        self, word: str, kind: "Sequence[Node]", held: "tuple[Node, ...]", ends: Ends
    ) -> Ends:
        """A guard of the class that is named first, and its end in the innermost scope."""
        line, name = line_of_node(kind[0]), node_text(kind[0])
        begin, end = GUARD_CALLS.get(word, (word, word))
        ends = self.add(FlowOp("call", line, f"{begin} {name}", held, "$guard"), ends)
        self.scopes[-1].guards.append(FlowOp("call", line, f"{end} {name}", (*kind[1:], *held)))
        return ends

    def guarded_block(self, guard: "Node", block: "Node", ends: Ends) -> Ends:
        """A statement under a guard, or what is done where it can't be had.

        It is a loop of one round, which `break` leaves.
        """
        called, arguments = fields(guard, "function", "arguments")
        kind, *held = [each for each in arguments.named_children if each.type != "comment"]
        fails = held.pop(0) if node_text(called) == "scoped_cond_guard" and held else None
        self.breaks.append(([], len(self.scopes)))
        self.continues.append(([], len(self.scopes)))
        self.scopes.append(GuardScope(block))
        ends = self.guarded(node_text(called), (kind,), tuple(held), ends)
        ends = self.add(FlowOp("test", line_of_node(guard), key="$guard"), ends)
        others: Ends = [(ends[0][0], False)]
        ends = self.let_go(self.scopes[-1], self.statement(block, ends))
        self.scopes.pop()
        ends += self.breaks.pop()[0] + self.continues.pop()[0]
        return ends + (self.not_guarded(fails, others) if fails else others)

    def not_guarded(self, node: "Node", ends: Ends) -> Ends:
        """What is done where a guard can't be had; `grammar` leaves a jump as one word."""
        text, line = node_text(node), line_of_node(node)
        word, _, rest = text.partition("_") if "_" in text else (text.split()[0], "", "")
        rest = rest or text.removeprefix(word).strip()
        match word:
            case "return":
                number = int(rest) if rest.isdecimal() else None
                known = {0: ZERO, None: ANY}.get(number, POSITIVE)
                return self.returned(NEGATIVE if rest[:1] == "-" else known, line, ends)
            case "goto":
                return self.go_to(rest, node, ends)
            case "continu" | "brea":
                return ends
        return self.evaluated(node, ends)[0]

    def let_go(self, scope: GuardScope, ends: Ends) -> Ends:
        """The guards of a scope, let go."""
        for guard in reversed(scope.guards):
            ends = self.add(FlowOp("call", guard.line, guard.name, guard.arguments), ends)
        return ends

    def leave(self, depth: int, ends: Ends) -> Ends:
        """The guards of all scopes from `depth` on, let go."""
        for scope in reversed(self.scopes[depth:]):
            ends = self.let_go(scope, ends)
        return ends

    def on_preprocessor(self, node: "Node", ends: Ends) -> Ends:
        """Both ways; one condition is answered in one way throughout."""
        alternative = node.child_by_field_name("alternative")
        condition = node.child_by_field_name("condition") or node.child_by_field_name("name")
        text = condition_text(condition)
        decided = node.type != "preproc_ifdef" and text in ("0", "1")
        kind = "nop" if decided else "test"
        ends = self.add(FlowOp(kind, line_of_node(node), key=f"#{text}"), ends)
        negated = bool(node.children) and node_text(node.children[0]) == "#ifndef"
        yes, no = [(ends[0][0], not negated)], [(ends[0][0], negated)]
        if decided:
            yes, no = (ends, []) if text == "1" else ([], ends)
        for child in node.named_children:
            if child not in (alternative, condition):
                yes = self.statement(child, yes)
        return yes + (self.statement(alternative, no) if alternative else no)

    def on_preproc_else(self, node: "Node", ends: Ends) -> Ends:
        """The statements after #else."""
        for child in node.named_children:
            ends = self.statement(child, ends)
        return ends

    def on_preproc_elif(self, node: "Node", ends: Ends) -> Ends:
        """A condition of its own."""
        return self.on_preprocessor(node, ends)

    def on_if_statement(self, node: "Node", ends: Ends) -> Ends:
        """Both branches."""
        condition, yes, no = fields(node, "condition", "consequence", "alternative")
        true, false = self.condition(condition, ends)
        taken = self.statement(yes, true)
        return taken + (self.statement(no, false) if no else false)

    def on_else_clause(self, node: "Node", ends: Ends) -> Ends:
        """What stands after `else`."""
        return self.statement(node.named_children[-1], ends)

    def on_while_statement(self, node: "Node", ends: Ends) -> Ends:
        """A loop with its test first; a macro such as `for_each` sets its arguments each round."""
        condition, body = fields(node, "condition", "body")
        head = self.add(FlowOp("nop", line_of_node(node)), ends)
        true, false = self.loop_condition(condition, head)
        return self.looped(body, true, head) + false + self.breaks.pop()[0]

    def loop_condition(self, condition: "Node", ends: Ends) -> tuple[Ends, Ends]:
        """The test of a loop; a macro gives what it names any value, and goes either way."""
        word = condition.prev_sibling
        assert word
        if condition.start_byte - word.start_byte <= len("while "):  # so `grammar` leaves a macro
            return self.condition(condition, ends)
        line = line_of_node(condition)
        for name in nodes_below(condition, "identifier"):
            ends = self.add(FlowOp("set", line, key=node_text(name)), ends)
        ends = self.add(FlowOp("test", line), ends)
        return ends, [(ends[0][0], False)]

    def on_for_statement(self, node: "Node", ends: Ends) -> Ends:
        """A loop with a start and an update."""
        start, condition, update, body = fields(node, "initializer", "condition", "update", "body")
        ends = self.statement(start, ends) if start else ends
        head = self.add(FlowOp("nop", line_of_node(node)), ends)
        true, false = self.condition(condition, head) if condition else (head, [])
        return self.looped(body, true, head, update) + false + self.breaks.pop()[0]

    def looped(self, body: "Node", ends: Ends, head: Ends, update: "Node | None" = None) -> Ends:
        """A body that goes back to `head`; nothing comes behind it but the breaks that are left."""
        self.breaks.append(([], len(self.scopes)))
        self.continues.append(([], len(self.scopes)))
        ends = self.statement(body, ends) + self.continues.pop()[0]
        if update:
            ends = self.evaluated(update, ends)[0]
        self.join(self.add(FlowOp("forget", line_of_node(body)), ends), head[0][0])
        return []

    def on_do_statement(self, node: "Node", ends: Ends) -> Ends:
        """A loop with its test last."""
        body, condition = fields(node, "body", "condition")
        head = self.add(FlowOp("nop", line_of_node(node)), ends)
        self.breaks.append(([], len(self.scopes)))
        self.continues.append(([], len(self.scopes)))
        ends = self.statement(body, head) + self.continues.pop()[0]
        true, false = self.loop_condition(condition, ends)
        self.join(self.add(FlowOp("forget", line_of_node(node)), true), head[0][0])
        return false + self.breaks.pop()[0]

    def on_switch_statement(self, node: "Node", ends: Ends) -> Ends:
        """Cases in order, each entered by its own test; the last way is none of them."""
        condition, body = fields(node, "condition", "body")
        ends = self.evaluated(condition, ends)[0]
        subject = node_text(condition).removeprefix("(").removesuffix(")")
        self.breaks.append(([], len(self.scopes)))
        self.scopes.append(GuardScope(body))
        fallen: Ends = []
        default: list[tuple[Node, Ends]] = []
        for case in body.named_children:
            if case.type != "case_statement":  # such as what stands behind an #endif in a case
                fallen = self.statement(case, fallen)
                continue
            value = case.child_by_field_name("value")
            entered: Ends = []
            if value:
                test = FlowOp("test", line_of_node(case), key=f"{subject} == {node_text(value)}")
                ends = self.add(test, ends)
                entered, ends = ends, [(ends[0][0], False)]
            else:
                entered = self.add(FlowOp("nop", line_of_node(case)), [])
                default = [(case, entered)]
            fallen = fallen + entered
            for child in case.named_children:
                if child != value:
                    fallen = self.statement(child, fallen)
        if default:
            self.join(ends, default[0][1][0][0])
            ends = []
        return self.let_go(self.scopes.pop(), fallen + ends) + self.breaks.pop()[0]

    def on_break_statement(self, node: "Node", ends: Ends) -> Ends:
        """To the end of the loop or switch."""
        return self.jumped(self.breaks, node, ends)

    def on_continue_statement(self, node: "Node", ends: Ends) -> Ends:
        """To the next round of the loop."""
        return self.jumped(self.continues, node, ends)

    def jumped(self, around: list[tuple[Ends, int]], node: "Node", ends: Ends) -> Ends:
        """Out of the innermost of what is around. Errors: `UsageError` where nothing is."""
        if not around:
            where = f"{self.where}:{line_of_node(node)}"
            raise UsageError(f"{where}: {self.name}() leaves a loop that is not known")
        jumped, depth = around[-1]
        jumped += self.leave(depth, ends)
        return []

    def on_goto_statement(self, node: "Node", ends: Ends) -> Ends:
        """To a label; going back, what is known of memory is forgotten."""
        return self.go_to(node_text(node.named_children[0]), node, ends)

    def go_to(self, label: str, node: "Node", ends: Ends) -> Ends:
        """From a node to a label, out of the scopes that are not around it."""
        target = self.label_nodes.get(label)
        if target:
            around = {each.id for each in ancestors(target)}
            depth = next(
                (at for at, scope in enumerate(self.scopes) if scope.node.id not in around),
                len(self.scopes),
            )
            ends = self.leave(depth, ends)
            if target.start_byte < node.start_byte:
                ends = self.add(FlowOp("forget", line_of_node(node)), ends)
        self.gotos.append((label, ends, line_of_node(node)))
        return []

    def on_labeled_statement(self, node: "Node", ends: Ends) -> Ends:
        """A label, and the statement behind it."""
        ends = self.add(FlowOp("nop", line_of_node(node)), ends)
        self.labels[node_text(node.named_children[0])] = ends[0][0]
        for child in node.named_children[1:]:
            ends = self.statement(child, ends)
        return ends

    def on_return_statement(self, node: "Node", ends: Ends) -> Ends:
        """The end of the function, after all guards are let go."""
        value: Value = ANY
        for child in node.named_children:
            ends, value = self.evaluated(child, ends)
        return self.returned(value, line_of_node(node), ends)

    def returned(self, value: Value, line: int, ends: Ends) -> Ends:
        """The end of the function with a value, after all guards are let go."""
        ends = self.add(FlowOp("set", line, key="$return", value=value), ends)
        self.add(FlowOp("return", line, key="$return"), self.leave(0, ends))
        return []

    def on_declaration(self, node: "Node", ends: Ends) -> Ends:
        """Variables with what they are initialised to.

        Errors: `UsageError` for a call behind a word that the grammar takes for its type.
        """
        kind, declared = fields(node, "type", "declarator")
        named = fields(declared, "declarator")[0] if declared else None
        is_call = named and declared.type == "function_declarator" and named.type == "identifier"
        if is_call and kind.type in NO_TYPES:
            raise self.refused(node, f"an unknown macro before a call: {node_text(kind)}")
        for child in node.named_children:
            if child.type == "init_declarator":
                name, value = fields(child, "declarator", "value")
                while name.type == "pointer_declarator":
                    name = name.named_children[-1]
                ends = self.assigned(node_text(name), value, ends, line_of_node(child))
        return ends

    def assigned(self, key: str, value: "Node", ends: Ends, line: int) -> Ends:
        """`key` set to what an expression comes to."""
        ends, found = self.evaluated(value, ends)
        return self.add(FlowOp("set", line, key=key, value=found), ends)

    def evaluated(self, node: "Node", ends: Ends) -> tuple[Ends, Value]:
        """The calls and assignments of an expression, in order, and its value."""
        return evaluate(self, node, ends)

    def condition(self, node: "Node", ends: Ends) -> tuple[Ends, Ends]:
        """An expression as a condition: what comes behind it where it is true, and where false."""
        return branch(self, node, ends)
