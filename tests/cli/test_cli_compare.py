"""`locking compare` of variants, scenarios and models: named in one way, mixtures refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

COUNTED = """
from locking import Case, Cell, Expect, Model, Mutex, Scenario, System, Thread, at_end, never

count, lock = Cell("count", 0), Mutex("lock")

async def add():
    seen = await count.read()
    await count.write(seen + 1)

async def add_locked():
    async with lock.hold():
        await add()

def build(case):
    program = add if case.variant == "before" else add_locked
    names = ("one", "other")[: 2 if case.scenario.name == "pair" else 1]
    properties = [at_end("sum", lambda s: s[count] == len(names))]
    if NAME == "second":
        properties.append(never("many", lambda s: s[count] > 2))
    return System([count, lock], [Thread(name, program) for name in names], properties)

NAME = "first"
MODEL = Model(
    NAME, "Does a counter need a lock?", build,
    scenarios=(Scenario("pair"), Scenario("alone")),
    variants=("before", "after"),
    expected=(Expect("sum", "both read", scenarios=("pair",), variants=("before",)),),
)
"""


@pytest.fixture(autouse=True)
def models(here: Path) -> None:
    """Two models in files: the second lacks a scenario and has a property more."""
    (here / "first.py").write_text(COUNTED)
    second = COUNTED.replace('NAME = "first"', 'NAME = "second"')
    second = second.replace('(Scenario("pair"), Scenario("alone"))', '(Scenario("pair"),)')
    (here / "second.py").write_text(second)


def text(out: str) -> str:
    """What was printed, its lines joined."""
    return " ".join(out.split())


def test_two_variants_are_compared_and_the_run_is_followed_in_the_other(locking: Callable) -> None:
    status, out, err = locking("compare", "before", "after", "--model", "first.py")
    assert (status, err) == (0, "")
    assert "sum: fails -> holds in pair" in out
    assert "after: the same schedule is stopped there after 2 steps: other waits for lock" in text(
        out
    )
    assert "they go apart in step 1, one: before does read(count) (first.py:7)" in text(out)
    assert "after: it does mutex_lock(lock) (first.py:11)." in text(out)


WOKEN = ("compare", "before", "after", "--model", "weak_memory.rcuwait_wake_up", "--memory", "lkmm")


def test_executions_of_two_variants_are_compared_and_what_is_not_ordered_is_said(
    locking: Callable, here: Path
) -> None:
    status, out, err = locking(*WOKEN, "--html", "page.html")
    assert (status, err) == (0, "")
    assert "deadlock-free: fails -> holds\n" in out
    why = "nothing orders WRITE_ONCE(read_count, 0) and READ_ONCE(rcuwait.task) of reader."
    assert f"before: {why}" in text(out)
    assert "executions" in out
    assert "critical" not in out
    assert why in (here / "page.html").read_text()


def test_the_second_side_that_fails_by_an_execution_is_named(locking: Callable) -> None:
    both = [{"after": "before", "before": "after"}.get(each, each) for each in WOKEN]
    _, out, _ = locking(*both)
    assert "deadlock-free: holds -> fails\n" in out
    assert "before: nothing orders WRITE_ONCE(read_count, 0)" in text(out)


def test_two_scenarios_are_compared_under_each_variant(locking: Callable) -> None:
    status, out, err = locking("compare", "pair", "alone", "--model", "first.py")
    assert (status, err) == (0, "")
    assert "sum: fails -> holds in before" in out and "b after" in out


def test_two_models_are_compared_and_what_only_one_has_is_said(locking: Callable) -> None:
    status, out, err = locking("compare", "first.py", "second.py")
    assert (status, err) == (0, "")
    assert "first: Does a counter need a lock?" in out
    assert "second: Does a counter need a lock?" in out
    assert "no verdict differs" in out
    assert "only second.py is judged by many" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("before", "pair"), "before is a variant, pair is a scenario; two of one kind are"),
        (("before", "first.py"), "before is a variant, first.py is a model; two of one kind"),
        (("before", "variant=before"), "before is the same variant twice; name two"),
        (("before", "afer"), "unknown placement, variant or scenario of first, or model 'afer'"),
        (("before", "scenario=after"), "unknown scenario of first 'after'"),
        (("before", "after", "--variant", "before"), "named without --variant"),
        (("pair", "alone", "--scenario", "pair"), "named without --scenario"),
    ],
)
def test_what_are_no_two_sides_is_refused(
    locking: Callable, words: tuple[str, ...], says: str
) -> None:
    status, out, err = locking("compare", *words, "--model", "first.py")
    assert (status, out) == (2, "") and says in err and err.count("\n") == 1


def test_of_two_models_with_no_property_in_common_it_is_not_said_that_none_differs(
    locking: Callable,
) -> None:
    status, out, _ = locking("compare", "textbook.abba", "textbook.lost_update")
    assert status == 0 and "no property is judged on both sides" in out
    assert "no verdict differs" not in out


def test_two_models_need_no_model_and_one_case_in_common(locking: Callable) -> None:
    status, _, err = locking("compare", "first.py", "second.py", "--model", "first.py")
    assert status == 2 and "named without --model" in err
    status, _, err = locking("compare", "first.py", "toy.py")
    assert status == 2 and "in no case is what was asked for judged of both models" in err


def test_a_name_that_is_two_things_says_which_it_is(locking: Callable, here: Path) -> None:
    source = (here / "first.py").read_text()
    source = source.replace('("before", "after")', '("pair", "alone")').replace("    expected", "#")
    (here / "first.py").write_text(source)
    status, _, err = locking("compare", "pair", "alone", "--model", "first.py")
    assert status == 2 and "`variant=pair variant=alone`" in err
    status, out, _ = locking("compare", "scenario=pair", "scenario=alone", "--model", "first.py")
    assert status == 0 and "a pair" in out


def test_a_comparison_in_json_has_both_sides_and_where_they_go_apart(locking: Callable) -> None:
    words = ("compare", "before", "after", "--model", "first.py", "--scenario", "pair", "--json")
    status, out, err = locking(*words)
    assert (status, err) == (0, "")
    [found] = map(json.loads, out.splitlines())
    assert (found["compared"], found["differs"], found["second"]) == ("variant", True, False)
    verdicts = [(found[side]["variant"], found[side]["verdict"]) for side in ("one", "two")]
    assert verdicts == [("before", "fails"), ("after", "holds")]
    assert found["apart"]["there"] == "mutex_lock(lock) (first.py:11)"
