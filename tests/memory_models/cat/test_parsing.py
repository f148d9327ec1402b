"""Cat is read as its manual says, and what is no cat is refused with its line."""

import pytest

from locking.errors import ModelError
from locking.memory_models.cat.parsing import parsed_cat
from locking.memory_models.cat.syntax import (
    Applied,
    CatExpression,
    CatName,
    CatOperation,
    CheckLine,
    Lambda,
    Let,
    LetIn,
    Try,
)


def shape(said: CatExpression) -> str:
    """An expression with all its brackets."""
    match said:
        case CatName(text):
            return text
        case CatOperation(operator, (operand,)):
            return f"{operator.removeprefix('postfix ')}({shape(operand)})"
        case CatOperation(operator, operands):
            return f"({f' {operator} '.join(map(shape, operands))})"
        case Applied(function, arguments):
            return f"{shape(function)}<{', '.join(map(shape, arguments))}>"
        case Lambda(parameters, body):
            return f"fun {' '.join(parameters)} -> {shape(body)}"
        case LetIn():
            bound = " and ".join(f"{each.name} = {shape(each.value)}" for each in said.bindings)
            return f"let {bound} in {shape(said.body)}"
        case Try():
            return f"try {shape(said.first)} with {shape(said.second)}"
    raise AssertionError(said)


def expression(text: str) -> CatExpression:
    """The expression of this text."""
    (found,) = parsed_cat("a.cat", f"let it = {text}")
    assert isinstance(found, Let)
    return found.bindings[0].value


SHAPES = {
    "a | b ; c \\ d & e * f": "(a | (b ; (c \\ (d & (e * f)))))",
    "a * f & e \\ d ; c | b": "(((((a * f) & e) \\ d) ; c) | b)",
    "a \\ b \\ c": "((a \\ b) \\ c)",
    "~a^-1 ; b? ; c+": "((~(^-1(a)) ; ?(b)) ; +(c))",
    "(a ; b)* ; c*": "(*((a ; b)) ; *(c))",
    "(a * b) | c*": "((a * b) | *(c))",
    "[W] ; po-loc ; [R & M]": "(([](W) ; po-loc) ; []((R & M)))",
    "rf^+ | co^* | fr^?": "((+(rf) | *(co)) | ?(fr))",
    "fencerel(Rmb | Wmb)": "fencerel<(Rmb | Wmb)>",
    "imply(a, b ; c)": "imply<a, (b ; c)>",
    "map f (LF \\ range(rfi-lf))": "map<f><(LF \\ range<rfi-lf>)>",
    "p ++ 0": "(p ++ 0)",
    "UL * {e} & po-loc": "((UL * {}(e)) & po-loc)",
    "try RL with emptyset": "try RL with emptyset",
    "let f x = x ; x in f po": "let f = fun x -> (x ; x) in f<po>",
    "fun x -> x+": "fun x -> +(x)",
    "begin a | b end": "(a | b)",
    "a (* outer (* inner *) still *) ; b // and the rest": "(a ; b)",
}


@pytest.mark.parametrize("text", SHAPES)
def test_an_expression_has_the_shape_that_operators_bind_it_to(text: str) -> None:
    assert shape(expression(text)) == SHAPES[text]


def test_a_star_at_the_end_of_a_line_is_a_closure_if_a_statement_follows() -> None:
    found = parsed_cat("a.cat", "let a = (b | c)*\nlet d = a*\nacyclic d as e")
    assert [type(each).__name__ for each in found] == ["Let", "Let", "CheckLine"]


CHECKS = {
    "acyclic po as a": ("acyclic", False, False, "a"),
    "empty po": ("empty", False, False, "line 1"),
    "~empty po as a": ("empty", True, False, "a"),
    "flag ~empty po as a": ("empty", True, True, "a"),
    "undefined_unless empty po as a": ("empty", True, True, "a"),
    "irreflexive po as a-b.c": ("irreflexive", False, False, "a-b.c"),
}


@pytest.mark.parametrize("text", CHECKS)
def test_a_check_says_what_it_tests_and_whether_it_is_a_flag(text: str) -> None:
    (found,) = parsed_cat("a.cat", text)
    assert isinstance(found, CheckLine)
    assert (found.test, found.negated, found.is_flag, found.name) == CHECKS[text]


def test_what_changes_no_verdict_is_left_out() -> None:
    text = """C11 A title of an older file
    (* enum *) enum Accesses = 'once || 'a-b
    instructions R[{'once, 'a-b}]
    show po, rf \\ id as rest
    unshow co
    # a comment of an older file
    """
    assert [type(each).__name__ for each in parsed_cat("a.cat", text)] == ["Tags"]


@pytest.mark.parametrize("title", ["", '"A model"', "C11", 'RISCV "A model"', "An older title"])
def test_a_title_is_left_out(title: str) -> None:
    assert len(parsed_cat("a.cat", f"{title}\nlet a = po")) == 1


WRONG = {
    "let a = (b | c": "a.cat:1: ')' should come here, not 'the end of the file'",
    "let a = \n\n | b": "a.cat:3: an expression should come here, not '|'",
    "let a b": "a.cat:1: '=' should come here, not 'the end of the file'",
    "acyclic po as a\nfoo": "a.cat:2: 'foo' begins no statement that is known here",
    "procedure p(x) =\nempty x":
        "a.cat:2: 'the end of the file' begins no statement that is known here",
    "procedure rec p(x) = end": "a.cat:1: a procedure that calls itself is not read",
    "procedure p(x) = end end": "a.cat:1: 'end' begins no statement that is known here",
    "\nlet f x = match x with || {} -> 0 end":
        "a.cat:2: `match` is not read: it takes a set apart, one by one",
    "match x with end": "a.cat:1: `match` is not read: it takes a set apart, one by one",
    "let a = b\nforall x in W do empty x end":
        "a.cat:2: `forall` is not read: it takes a set apart, one by one",
    'if "a" empty b': "a.cat:1: 'the end of the file' begins no statement that is known here",
    "let a =\n if b = c then d else e":
        "a.cat:2: only a variant such as \"cos-opt\" can be a condition, not 'b'",
    'let a = if "b" && then c':
        "a.cat:1: only a variant such as \"cos-opt\" can be a condition, not 'then'",
    'let a = if "b" then c': "a.cat:1: 'else' should come here, not 'the end of the file'",
    "(* open\n\n let a = b": "a.cat:1: this comment has no end: a `*)` is missing",
    "let a = $b": "a.cat:1: '$' begins nothing that cat has",
    "include lock": "a.cat:1: a string should come here, not 'lock'",
    "enum A = once": "a.cat:1: a tag such as 'once should come here, not 'once'",
    "flag acyc po": "a.cat:1: acyclic or irreflexive or empty should come here, not 'acyc'",
    "let a = b in c": "a.cat:1: `let ... in` is an expression, and this is none",
    "let let = a": "a.cat:1: a name should come here, not 'let'",
    "let a = let b = c": "a.cat:1: 'in' should come here, not 'the end of the file'",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_cat_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ModelError) as refused:
        parsed_cat("a.cat", text)
    assert str(refused.value) == WRONG[text]
