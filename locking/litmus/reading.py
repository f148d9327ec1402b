"""A litmus test, from its text: the head, initial values, threads and the condition."""

import re
from functools import cache

from locking.litmus.conditions import read_condition, read_initial
from locking.litmus.expressions import begins_type, skip_type
from locking.litmus.statements import StatementParser
from locking.litmus.syntax import LitmusTest, LitmusThread
from locking.litmus.tokens import LitmusError, Tokens
from locking.litmus.vocabulary import Vocabulary, kernel_vocabulary

THREAD = re.compile(r"P([0-9]+)\Z")


@cache
def usual_vocabulary() -> Vocabulary:
    """The kernel's vocabulary, made once."""
    return kernel_vocabulary()


def read_test(text: str, vocabulary: Vocabulary | None = None) -> LitmusTest:
    """The test that a text has. Errors: `LitmusError`."""
    tokens = Tokens(text)
    try:
        return read_parts(tokens, vocabulary)
    except RecursionError:
        raise LitmusError(tokens.next.line, "this is nested too deep") from None


def read_parts(tokens: Tokens, vocabulary: Vocabulary | None) -> LitmusTest:
    """The test, part by part. Errors: `LitmusError`."""
    name = read_head(tokens)
    line = tokens.next.line
    memory, registers = read_initial(tokens)
    threads = read_threads(tokens, vocabulary or usual_vocabulary())
    numbers = [each.number for each in threads]
    if numbers != list(range(len(numbers))):
        raise LitmusError(
            threads[0].line, f"threads are P0, P1 ... in order, not {thread_list(numbers)}"
        )
    for place in registers:
        if place.thread not in numbers:
            raise LitmusError(line, f"{place} is of P{place.thread}, and there is no such thread")
    for thread in threads:
        for parameter in thread.parameters:
            memory.setdefault(parameter, 0)
    quantifier, condition, kept, shown = read_condition(tokens, len(threads))
    for place in shown:
        if place.thread is None:
            memory.setdefault(place.name, 0)
    return LitmusTest(name, memory, registers, threads, quantifier, condition, kept, shown)


def thread_list(numbers: list[int]) -> str:
    """Threads by their names."""
    return ", ".join(f"P{each}" for each in numbers)


def read_head(tokens: Tokens) -> str:
    """The name, with the words and lines before the initial values. Errors: `LitmusError`."""
    language = tokens.take()
    if language.kind == "end":
        raise LitmusError(language.line, "the file is empty")
    if language.text != "C":
        raise LitmusError(
            language.line,
            f"a test for {language.text}; only tests in C can be read, which begin with C",
        )
    end = tokens.text.find("\n", tokens.at)
    rest = tokens.text[tokens.at : end if end >= 0 else None]
    name = re.split(r"\(\*|//|/\*|\{", rest)[0].strip() or "unnamed"
    while not tokens.has("{"):
        if tokens.next.kind == "end":
            raise LitmusError(tokens.next.line, "{ expected, with initial values, possibly none")
        tokens.take()
    return name


def read_threads(tokens: Tokens, vocabulary: Vocabulary) -> tuple[LitmusThread, ...]:
    """All threads; between them comments may be of either kind. Errors: `LitmusError`."""
    found: list[LitmusThread] = []
    while begins_thread(tokens):
        tokens.c = True
        skip_type(tokens)
        if not THREAD.match(tokens.next.text):
            raise no_thread(tokens)
        found.append(read_thread(tokens, vocabulary))
        tokens.world(c=False)
    if not found or tokens.has("#"):
        raise no_thread(tokens)
    return tuple(found)


def no_thread(tokens: Tokens) -> LitmusError:
    """The error of what stands where a thread is expected."""
    found = tokens.next
    if found.text == "#":
        return LitmusError(found.line, "#: a preprocessor is not run; write what it would make")
    if found.kind == "name" and tokens.text[tokens.ends : tokens.ends + 1] == "(":
        return LitmusError(
            found.line, f"{found.text} is a function, and a test has only threads P0, P1 ..."
        )
    return LitmusError(found.line, f"P0(...) expected, not {found.text!r}")


def begins_thread(tokens: Tokens) -> bool:
    """Whether a thread comes next."""
    return bool(THREAD.match(tokens.next.text)) or begins_type(tokens)


def read_thread(tokens: Tokens, vocabulary: Vocabulary) -> LitmusThread:
    """A thread, from its name on. Errors: `LitmusError`."""
    token = tokens.take()
    found = THREAD.match(token.text)
    assert found is not None, "only a thread's name comes here"
    tokens.expect("(", f"after {token.text}")
    parameters: list[str] = []
    while not tokens.accept(")"):
        skip_type(tokens)
        while tokens.accept("*", "const", "volatile", "__restrict", "__rcu"):
            pass
        if tokens.has(")") and not parameters:
            continue
        parameters.append(tokens.expect_name("the name of a parameter"))
        if tokens.accept("["):
            while not tokens.accept("]"):
                tokens.take()
        if not tokens.has(")"):
            tokens.expect(",", "between parameters")
    body = StatementParser(tokens, vocabulary).block()
    return LitmusThread(int(found[1]), token.line, tuple(parameters), body)
