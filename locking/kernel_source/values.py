"""Expressions of C: the calls in them, in order, and what is known of their values."""

from typing import TYPE_CHECKING

from locking.kernel_source.flow_ops import (
    ANY,
    NEGATIVE,
    POSITIVE,
    TRUE,
    ZERO,
    Ends,
    FlowBuilder,
    FlowOp,
    Value,
    fields,
)
from locking.kernel_source.grammar import line_of_node, node_text

if TYPE_CHECKING:
    from tree_sitter import Node

SAME = ("likely", "unlikely", "ERR_PTR", "PTR_ERR", "ERR_CAST", "READ_ONCE", "WARN_ON")
SAME_TRUTH = (*SAME, "WARN_ON_ONCE", "WARN", "WARN_ONCE", "VM_WARN_ON", "VM_WARN_ON_ONCE")
"""Macros that answer with the sign, or with the truth, of their first argument."""

ERRORS = {"IS_ERR": NEGATIVE, "IS_ERR_OR_NULL": NEGATIVE | ZERO}
"""Macros that ask for the sign of a pointer."""

NEVER_RETURN = ("BUG", "panic", "do_exit", "make_task_dead")

UNLESS = ("BUG_ON", "VM_BUG_ON")
"""Macros that never return where their argument is true."""

GUARDS = frozenset(("guard", "scoped_guard", "scoped_cond_guard", "CLASS", "ACQUIRE"))
"""Macros that begin a guard."""

NO_CALL = frozenset({*SAME_TRUTH, *ERRORS, *NEVER_RETURN, *UNLESS, *GUARDS})
"""Macros that are understood by their names, and are no calls in the graph."""

OPPOSITE = {"!=": "==", ">=": "<", ">": "<="}
"""Comparisons that are written as the opposite of another."""

COMPARED_SIGNS = {
    "==": ZERO,
    "!=": TRUE,
    "<": NEGATIVE,
    "<=": NEGATIVE | ZERO,
    ">": POSITIVE,
    ">=": POSITIVE | ZERO,
}
"""The signs for which a comparison with zero is true."""

CONSTANTS = {"NULL": ZERO, "false": ZERO, "true": POSITIVE}


def sign_of_constant(node: "Node") -> Value | None:
    """The sign of a constant; None for what is none."""
    text = node_text(node).strip("()")
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text.rstrip("uUlL").isdigit():
        return POSITIVE if int(text.rstrip("uUlL")) else ZERO
    if text.startswith("-") and (text[1:].isdigit() or text[1:].isupper()):
        return NEGATIVE
    return None


def name_of_call(node: "Node") -> str:
    """The name of the function that is called, or the text of what is called."""
    return node_text(fields(node, "function")[0])


def call_arguments(node: "Node") -> "tuple[Node, ...]":
    """The arguments of a call."""
    return tuple(each for each in fields(node, "arguments")[0].named_children)


def evaluate(flow: FlowBuilder, node: "Node", ends: Ends) -> tuple[Ends, Value]:
    """The operations of an expression behind `ends`, and its value."""
    found = sign_of_constant(node)
    if found is not None:
        return ends, found
    match node.type:
        case "identifier" | "field_expression":
            return ends, node_text(node)
        case "parenthesized_expression" | "cast_expression" | "expression_statement":
            return last_of(flow, node, ends)
        case "comma_expression":
            return last_of(flow, node, ends)
        case "compound_statement":
            return flow.block_value(node, ends)
        case "assignment_expression":
            return assigned_value(flow, node, ends)
        case "update_expression":
            key = node_text(node.named_children[0])
            return flow.add(FlowOp("set", line_of_node(node), key=key), ends), ANY
        case "call_expression":
            return called_value(flow, node, ends)
        case "conditional_expression":
            return conditional_value(flow, node, ends)
        case "sizeof_expression" | "type_descriptor" | "comment" | "string_literal":
            return ends, ANY
        case "binary_expression" | "unary_expression" if is_logical(node):
            true, false = branch(flow, node, ends)
            true = flow.add(FlowOp("set", line_of_node(node), key="$truth", value=POSITIVE), true)
            false = flow.add(FlowOp("set", line_of_node(node), key="$truth", value=ZERO), false)
            return true + false, "$truth"
    for child in node.named_children:
        ends = evaluate(flow, child, ends)[0]
    return ends, ANY


def is_logical(node: "Node") -> bool:
    """Whether an operator decides by truth."""
    operator = fields(node, "operator")[0]
    return operator is not None and node_text(operator) in ("&&", "||", "!", "==", "!=")


def last_of(flow: FlowBuilder, node: "Node", ends: Ends) -> tuple[Ends, Value]:
    """Expressions or statements in order; the value is that of the last."""
    value: Value = ANY
    for child in node.named_children:
        is_statement = child.type == "declaration" or child.type.endswith("_statement")
        if is_statement and child.type not in ("expression_statement", "compound_statement"):
            ends = flow.statement(child, ends)
        else:
            ends, value = evaluate(flow, child, ends)
    return ends, value


def assigned_value(flow: FlowBuilder, node: "Node", ends: Ends) -> tuple[Ends, Value]:
    """A variable set; by an operator such as += to what is not known."""
    left, right = fields(node, "left", "right")
    key, operator = node_text(left), node_text(node.children[1])
    ends, value = evaluate(flow, right, ends)
    if left.type not in ("identifier", "field_expression"):
        ends = evaluate(flow, left, ends)[0]
    ends = flow.add(
        FlowOp("set", line_of_node(node), key=key, value=value if operator == "=" else ANY), ends
    )
    return ends, key


def called_value(flow: FlowBuilder, node: "Node", ends: Ends) -> tuple[Ends, Value]:
    """The arguments, then the call. A guard holds until the end of its scope."""
    [function] = fields(node, "function")
    if function.type == "call_expression" and name_of_call(function) in GUARDS:
        given, kind = call_arguments(node), call_arguments(function)
        return flow.guarded(name_of_call(function), kind, given, ends), ANY
    name, given = node_text(function), call_arguments(node)
    values: list[Value] = []
    for argument in given:
        ends, value = evaluate(flow, argument, ends)
        values.append(value)
    if name in SAME and values:
        return ends, values[0]
    if name in NEVER_RETURN:
        return [], ANY
    if name in UNLESS:
        return branch(flow, given[0], ends)[1], ANY
    key = f"${line_of_node(node)}.{node.start_point[1]}"
    if function.type == "field_expression":
        ends = evaluate(flow, function, ends)[0]
    for variable in filter(None, map(variable_passed, given)):
        ends = flow.add(FlowOp("set", line_of_node(node), key=variable), ends)
    return flow.add(FlowOp("call", line_of_node(node), name, given, key), ends), key


def variable_passed(argument: "Node") -> str:
    """The variable whose address an argument is, so that the call may store to it."""
    if argument.type != "pointer_expression" or node_text(argument)[0] != "&":
        return ""
    inner = fields(argument, "argument")[0]
    return node_text(inner) if inner.type == "identifier" else ""


def conditional_value(flow: FlowBuilder, node: "Node", ends: Ends) -> tuple[Ends, Value]:
    """One of two expressions."""
    condition, yes, no = fields(node, "condition", "consequence", "alternative")
    true, false = branch(flow, condition, ends)
    true, left = evaluate(flow, yes, true) if yes else (true, TRUE)
    false, right = evaluate(flow, no, false)
    line = line_of_node(node)
    true = flow.add(FlowOp("set", line, key="$chosen", value=left), true)
    false = flow.add(FlowOp("set", line, key="$chosen", value=right), false)
    return true + false, "$chosen"


def branch(flow: FlowBuilder, node: "Node", ends: Ends) -> tuple[Ends, Ends]:
    """An expression as a condition: what comes behind it where it is true, and where false."""
    if node.type == "parenthesized_expression" and len(node.named_children) == 1:
        inner = node.named_children[0]
        if inner.type != "compound_statement":
            return branch(flow, inner, ends)
    operator = fields(node, "operator")[0]
    sign = node_text(operator) if operator else ""
    if node.type == "unary_expression" and sign == "!":
        true, false = branch(flow, fields(node, "argument")[0], ends)
        return false, true
    if node.type == "binary_expression" and sign in ("&&", "||"):
        left, right = fields(node, "left", "right")
        true, false = branch(flow, left, ends)
        if sign == "&&":
            second, others = branch(flow, right, true)
            return second, false + others
        second, others = branch(flow, right, false)
        return true + second, others
    if node.type == "binary_expression" and sign in COMPARED_SIGNS:
        return compared(flow, node, sign, ends)
    if node.type == "call_expression":
        name, given = name_of_call(node), call_arguments(node)
        if name in SAME_TRUTH and given:
            return branch(flow, given[0], ends)
        if name in ERRORS and given:
            ends, value = evaluate(flow, given[0], ends)
            return tested(flow, node, value, ERRORS[name], ends)
    if node.type == "comma_expression":
        left, right = fields(node, "left", "right")
        return branch(flow, right, evaluate(flow, left, ends)[0])
    ends, value = evaluate(flow, node, ends)
    if value == ANY:
        value = node_text(node) if not has_call(node) else ANY
    return tested(flow, node, value, TRUE, ends)


def compared(flow: FlowBuilder, node: "Node", sign: str, ends: Ends) -> tuple[Ends, Ends]:
    """A comparison: with zero by sign, else by its text; the opposite of one is not another."""
    left, right = fields(node, "left", "right")
    ends, one = evaluate(flow, left, ends)
    ends, two = evaluate(flow, right, ends)
    if two == ZERO:
        return tested(flow, node, one, COMPARED_SIGNS[sign], ends)
    if two == NEGATIVE and sign == "==":
        # Equal to one error: negative there, and nothing is known where it is another value.
        true, false = tested(flow, node, f"{node_text(left)} == {node_text(right)}", TRUE, ends)
        return true, false
    key = f"{node_text(left)} {OPPOSITE.get(sign, sign)} {node_text(right)}"
    value: Value = ANY if has_call(node) else key
    true, false = tested(flow, node, value, TRUE, ends)
    return (false, true) if sign in OPPOSITE else (true, false)


def has_call(node: "Node") -> bool:
    """Whether an expression calls something or changes a variable: then it has no lasting truth."""
    changing = ("call_expression", "assignment_expression", "update_expression")
    return node.type in changing or any(map(has_call, node.named_children))


def tested(
    flow: FlowBuilder, node: "Node", value: Value, signs: int, ends: Ends
) -> tuple[Ends, Ends]:
    """A test of a value: what comes behind it where it has one of `signs`, and where not."""
    if isinstance(value, int) and value != ANY:
        return (
            (ends, [])
            if value & signs == value
            else ([], ends)
            if not value & signs
            else (
                ends,
                ends,
            )
        )
    key = value if isinstance(value, str) else ""
    ends = flow.add(FlowOp("test", line_of_node(node), key=key, signs=signs), ends)
    return [(ends[0][0], True)], [(ends[0][0], False)]
