"""Litmus tests are read as they are, and what can't be read is refused with its line."""

import pytest

from locking.litmus.judged import judge_test
from locking.litmus.reading import read_test
from locking.litmus.syntax import LitmusPlace
from locking.litmus.tokens import LitmusError
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import litmus_text


def states(text: str) -> set[tuple[object, ...]]:
    return set(judge_test(read_test(text), LKMM).states)


def final(thread: str, asked: str, initial: str = "") -> set[tuple[object, ...]]:
    """The final values that are asked for, of one thread alone."""
    return states(litmus_text((thread,), f"locations [{asked}] exists (true)", initial))


INITIAL = [
    ("int *x = (int *)&y;", {("y",)}),
    ("x = (int)(-3);", {(-3,)}),
    ("x = 2", {(2,)}),
    ("int x = 2;", {(2,)}),
    ("atomic_t x = ATOMIC_INIT(-3);", {(-3,)}),
    ("(* a comment (* inside *) *) x=0x10; /* and another */", {(16,)}),
    ("int *x = &y", {("y",)}),
    ("x = y;", {("y",)}),
    ("struct thing *x = NULL", {(0,)}),
    ("int x; 0:r0 = 7", {(0,)}),
]


PARAMETERS = [
    ("0:p=&x; x=4;", 4),
    ("0:p=x; x=4; p=5;", 4),
    ("x=4; p=5;", 5),
]


@pytest.mark.parametrize(("initial", "found"), PARAMETERS)
def test_a_parameter_may_have_an_initial_value(initial: str, found: int) -> None:
    text = f"C parameter {{ {initial} }} P0(int *p) {{ int r0 = READ_ONCE(*p); }} exists (0:r0=1)"
    assert states(text) == {(found,)}


def test_a_parameter_may_be_a_number() -> None:
    text = "C n { 0:n=2; } P0(int *x, int n) { WRITE_ONCE(*x, n + 1); } exists (x=3)"
    assert states(text) == {(3,)}


def test_comments_of_either_kind_are_between_threads() -> None:
    text = """C comments { }
    (* one (* inside *) *) /* and */ // two
    P0(int *x) { WRITE_ONCE(*x, 1); (* a call without one *x) }
    """
    with pytest.raises(LitmusError, match="line 3"):
        read_test(text + "exists (x=1)")
    between = text.replace("(* a call without one *x)", "") + "(* P7() {} *) exists (x=1)"
    assert states(between) == {(1,)}


@pytest.mark.parametrize(("initial", "found"), INITIAL)
def test_initial_values_are_read(initial: str, found: set[tuple[object, ...]]) -> None:
    assert final("barrier()", "x", initial) == found


STATEMENTS = [
    ("int r0 = 2 + 3 * 4 - (10 >> 1)", {(9,)}),
    ("r0 = 7 / 2 % 2 == 1 && !0 || 0", {(1,)}),
    ("r0 = (int)5 & ~1", {(4,)}),
    ("r0 = 1 ? 2 : 3", {(2,)}),
    ("r0 = 1; r0 += 4; r0 <<= 2; r0++", {(21,)}),
    ("if (0) {; r0 = 1; } else {; r0 = 2; }", {(2,)}),
    ("switch (2) {; case 1: r0 = 1; break; case 2: r0 = 3; case 4: r0 += 1; break; "
     "default: r0 = 9; }", {(4,)}),
    ("switch (5) {; case 1: r0 = 1; default: r0 = 9; }", {(9,)}),
    ("r0 = 0; for (int i = 0; i < 3; i++) {; r0 = r0 + 2; }", {(6,)}),
    ("r0 = 0; while (1) {; r0 = r0 + 1; if (r0 < 3) continue; break; }", {(3,)}),
    ("r0 = 0; do {; r0++; } while (r0 < 4)", {(4,)}),
    ("r0 = 1; return; r0 = 2", {(1,)}),
    ("*x = 3; r0 = *x", {(3,)}),
    ("WRITE_ONCE(x[2], 3); r0 = *(x + 2)", {(3,)}),
    ("x->u = 3; r0 = READ_ONCE(x->u)", {(3,)}),
    ("r1 = &x[1]; *r1 = 3; r0 = x[1]", {(3,)}),
    ("smp_store_mb(*x, 1); r0 = atomic_add_return(2, x)", {(3,)}),
    ("r0 = atomic_fetch_add(2, x); r0 = atomic_fetch_or(5, x)", {(2,)}),
    ("r0 = atomic_dec_and_test(x)", {(0,)}),
    ("r0 = atomic_add_unless(x, 1, 0)", {(0,)}),
    ("r1 = 0; r0 = try_cmpxchg(x, &r1, 5)", {(1,)}),
    ("r0 = 4; r1 = try_cmpxchg(x, &r0, 5)", {(0,)}),
    ("WRITE_ONCE(*x, 3); r0 = smp_cond_load_acquire(x, VAL > 2)", {(3,)}),
    ("read_lock(l); read_lock(l); read_unlock(l); r0 = write_trylock(l)", {(0,)}),
    ("write_lock(l); r0 = read_trylock(l); write_unlock(l)", {(0,)}),
    ("spin_lock(s); r0 = spin_is_locked(s); spin_unlock(s)", {(1,)}),
    ("raw_spin_lock_irqsave(s, r9); r0 = spin_trylock(s); raw_spin_unlock_irqrestore(s, r9)",
     {(0,)}),
]  # fmt: skip


@pytest.mark.parametrize(("thread", "found"), STATEMENTS)
def test_statements_are_run(thread: str, found: set[tuple[object, ...]]) -> None:
    assert final(thread, "0:r0") == found


CONDITIONS = [
    ("exists (0:r0=1)", "Always"),
    ("exists (0:r0==1 /\\ ~0:r0=2 /\\ not (x=1))", "Always"),
    ("~exists (0:r0=2 \\/ 0:r0<>1)", "Never"),
    ("forall (x=0 => 0:r0=1)", "Always"),
    ("exists (P0:r0=[y])", "Never"),
    ("exists (0:r0=0:r0 /\\ [x]=[y])", "Always"),
    ("locations [x; 0:r0;] filter (0:r0=1) exists (false)", "Never"),
    ("exists (x=y)", "Never"),
    ("(0:r0=1)", "Always"),
    ("", "Always"),
]


@pytest.mark.parametrize(("condition", "verdict"), CONDITIONS)
def test_conditions_are_judged(condition: str, verdict: str) -> None:
    text = litmus_text(("r0 = 1",), condition)
    assert judge_test(read_test(text), LKMM).observation == verdict


def test_the_places_of_the_condition_and_of_locations_are_shown() -> None:
    text = litmus_text(("r0 = 1",), "locations [x; 0:r1] exists (0:r0=1)")
    assert read_test(text).shown == (
        LitmusPlace(None, "x"),
        LitmusPlace(0, "r1"),
        LitmusPlace(0, "r0"),
    )


REFUSED = [
    ("", 1, "empty"),
    ("PPC MP\n{}\n", 1, "a test for PPC"),
    ("AArch64 MP\n{}\n", 1, "a test for AArch64"),
    ("C x\nP0(int *x)\n", 3, "{ expected"),
    ("C x\n{ x = ; }\nP0(){}\n", 2, "location expected"),
    ("C x\n{}\n(* never\n", 3, "never ends"),
    ("C x\n{}\nexists (x=1)\n", 3, "P0(...) expected"),
    ("C x\n{}\nP1(int *x)\n{\n}\n", 3, "P0, P1"),
    ("C x\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1;\n}\n", 5, "',' expected"),
    ("C x\n{}\nP0(int *x)\n{\n\tWRITE_ONCES(*x, 1);\n}\n", 5, "did you mean WRITE_ONCE"),
    ("C x\n{}\nP0(int *x)\n{\n\tsmp_mb(x);\n}\n", 5, "takes 0 arguments, not 1"),
    ("C x\n{}\nP0(int *x)\n{\n\n\tint r0 = smp_mb();\n}\n", 6, "has no value"),
    ("C x\n{}\nP0(int *x)\n{\n\tgoto out;\n}\n", 5, "goto"),
    ("C x\n{}\nP0(int *x)\n{\nout: r0 = 1;\n}\n", 5, "labels"),
    ('C x\n{}\nP0(int *x)\n{\n\tasm("nop");\n}\n', 5, "asm is unknown"),
    ("C x\n{}\nP0(int *x)\n{\n\treturn 1;\n}\n", 5, "returns nothing"),
    ("C x\n{}\nP0(int *x)\n{\n\tr0 = 1 +;\n}\n", 5, "a value expected"),
    ("C x\n{}\nP0(int *x)\n{\n\tr0 = 1;\n", 4, "never closed"),
    ("C x\n{}\nP0(int *x)\n{\n}\nexist (x=1)\n", 6, "exists expected"),
    ("C x\n{}\nP0(int *x)\n{\n}\nexists (1:r0=1)\n", 6, "no such thread"),
    ("C x\n{}\nP0(int *x)\n{\n}\nexists (x+1=1)\n", 6, "= expected"),
    ("C x\n{}\nP0(int *x)\n{\n}\nexists (x=1)\nmore\n", 7, "'more' after the end"),
    ("C x\n{ int a[9999]; }\nP0(int *x)\n{\n}\nexists (x=1)\n", 2, "an array of 9999 cells"),
    ("C x\n{ 5:r0=1; }\nP0(int *x)\n{\n}\nexists (x=1)\n", 2, "no such thread"),
    ("C x\n{}\nint f(void)\n{\n}\nP0(int *x)\n{\n}\nexists (x=1)\n", 3, "f is a function"),
    ("C x\n{}\n#define N 1\nP0(int *x)\n{\n}\nexists (x=1)\n", 3, "preprocessor"),
    ("C x\n{}\nP0(int *x)\n{\n\tr0 = 1.5;\n}\nexists (x=1)\n", 5, "no whole number"),
    ("C x\n{}\nP0(int *x)\n{\n\tbreak;\n}\nexists (x=1)\n", 5, "break is in no loop"),
    ("C x\n{}\nP0(int *x)\n{\n\tsmp_mb;\n}\nexists (x=1)\n", 5, "smp_mb is a function"),
    ("C x\n{}\nP0(int *x)\n{\n\tfoo();\n}\n", 5, "unknown function 'foo'"),
    (f"C x\n{{}}\nP0(int *x)\n{{\n\t*x = {9**30};\n}}\n", 5, "more than 64 bits"),
    (f"C x\n{{}}\nP0(int *x)\n{{\n\t*x = {'(' * 9999};\n}}\n", 5, "nested too deep"),
    (f"C x\n{{}}\nP0(int *x)\n{{\n{'{' * 9999}\n}}\n", 5, "nested too deep"),
]


@pytest.mark.parametrize(("text", "line", "said"), REFUSED)
def test_what_can_not_be_read_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(LitmusError) as caught:
        read_test(text)
    assert caught.value.line == line
    assert said in str(caught.value)


REFUSED_LATER = [
    ("WRITE_ONCE(x, 1)", "*x is a location"),
    ("*3 = 1", "may be no address"),
    ("r0 = READ_ONCE(*z); r1 = READ_ONCE(*r0)", "may be no address"),
    ("r0 = READ_ONCE(*y) & 1; WRITE_ONCE(*z, r0)", "can't be known"),
    ("r0 = x * 2", "can't be known"),
    ("r0 = 1 / 0", "division by zero"),
    ("r0 = 1 << 99999999999", "a shift by 99999999999 bits"),
    ("r0 = 1 >> -1", "a shift by -1 bits"),
    ("r0 = READ_ONCE(*x)" + " + 1" * 2_000, "nested too deep"),
    ("spin_lock(nowhere)", "is a parameter missing?"),
]


@pytest.mark.parametrize(("thread", "said"), REFUSED_LATER)
def test_what_can_not_be_run_is_refused_with_its_line(thread: str, said: str) -> None:
    with pytest.raises(LitmusError, match=r"line [1356]") as caught:
        final(thread, "x", "y = z")
    assert said in str(caught.value)
