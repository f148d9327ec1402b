"""Models, scopes and declared verdicts: what is refused, and with which words."""

from dataclasses import replace

import pytest

from locking import Case, Cell, Expect, Model, Mutex, Parameter, Scenario, System, Thread, never
from locking.check import check
from locking.errors import ModelError, UsageError
from locking.placements.placement import step
from locking.traces.path import decode

X = Cell("x", 0)


async def idle() -> None:
    await X.read()


def system(**changed: object) -> System:
    parts: dict[str, object] = {
        "objects": [X],
        "threads": [Thread("a", idle)],
        "properties": [never("bad", lambda s: s[X])],
    }
    return System(**{**parts, **changed})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"threads": []}, "at least one thread"),
        ({"objects": [X, Mutex("x")]}, "two objects are called 'x'"),
        ({"threads": [Thread("a", idle), Thread("a", idle)]}, "two threads are called 'a'"),
        (
            {"properties": [never("bad", lambda s: s[X]), never("bad", lambda s: not s[X])]},
            "two properties are called 'bad'",
        ),
    ],
)
def test_a_system_has_threads_and_different_names(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        system(**changed)


@pytest.mark.parametrize(
    "expect",
    [
        Expect("bad", "", scenarios=("onyl",)),
        Expect("bad", "", placements=("mine",)),
        Expect("bad", "", scope={"pagse": (1,)}),
    ],
)
def test_a_declared_verdict_that_applies_to_nothing_is_refused(expect: Expect) -> None:
    with pytest.raises(ModelError, match="toy expects of bad: unknown"):
        Model("toy", "?", lambda _: system(), expected=(expect,))


@pytest.mark.parametrize("text", ["0", "9", "-1", "two", "1.5", "²", "9" * 5000])
def test_an_impossible_scope_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="impossible"):
        Parameter("pages", 1, "pages of a device").read(text)


def test_a_word_of_a_parameter_is_one_of_its_words() -> None:
    resize = Parameter("resize", "stepwise", "how", words=("stepwise", "one-step"))
    assert resize.read("one-step") == "one-step"
    with pytest.raises(UsageError, match="did you mean one-step"):
        resize.read("onestep")


@step("PUT")
async def PUT(_: object) -> None:
    await X.write(1)


def played(case: Case) -> System:
    """A thread for every role; a writer makes it bad."""
    programs = {"writer": PUT.run, "other": PUT.run}
    acting = [role for role in case.scenario.roles if role in programs]
    threads = [Thread(f"{role}{at}", programs[role], (None,)) for at, role in enumerate(acting)]
    return system(threads=threads)


PLAY = Model(
    "play",
    "Who writes?",
    played,
    scenarios=(Scenario("usual", "one writes", roles=("writer",)),),
    expected=(Expect("bad", "one writes"),),
    steps={"writer": (PUT,), "other": (PUT,)},
    cast={"writer": 2, "other": 1, "bystander": 1},
)


@pytest.mark.parametrize(
    "name", ["writer", "writer+writer", "other+writer", "writer+bystander", "bystander+writer"]
)
def test_roles_joined_by_plus_are_a_scenario_in_that_order(name: str) -> None:
    assert PLAY.scenario(name) == Scenario(name, roles=tuple(name.split("+")))
    assert PLAY.case(name, None) == PLAY.case(PLAY.scenario(name), None)


def test_the_models_own_scenarios_come_before_mixes() -> None:
    play = replace(PLAY, scenarios=(Scenario("writer", "two", roles=("writer", "writer")),))
    assert play.scenario("writer").roles == ("writer", "writer")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "writer+othr",
            r"scenario 'writer\+othr': unknown role of play 'othr': did you mean other",
        ),
        ("writer+", r"scenario 'writer\+': unknown role of play ''"),
        ("writer+writer+writer", "play takes 2 of role writer, not 3"),
        ("bystander", "scenario 'bystander': it has no role that acts; those are writer, other"),
        ("wrter", "unknown scenario of play 'wrter': did you mean writer"),
        ("usul", "unknown scenario of play 'usul': did you mean usual"),
    ],
)
def test_a_mix_that_the_cast_cannot_play_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        PLAY.case(name, None)


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (Scenario("mine", roles=("walker",)), "scenario 'mine': unknown role of play 'walker'"),
        (Scenario("mine", roles=("other", "other")), "scenario 'mine': play takes 1 of role other"),
        (Scenario("usual", roles=("other",)), "'usual': play has another of that name"),
        (Scenario("mine"), "'mine': it has no roles, and it is none of the model's own: usual"),
        (Scenario("usual"), "'usual': it has no roles, and it is none of the model's own: usual"),
    ],
)
def test_a_scenario_that_the_cast_cannot_play_is_refused(scenario: Scenario, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        PLAY.case(scenario, None)


def test_a_model_without_a_cast_takes_only_its_own_scenarios() -> None:
    model = Model("toy", "?", lambda _: system())
    assert model.case(Scenario("only"), None) == model.case("only", None)
    with pytest.raises(UsageError, match=r"unknown scenario of toy 'a\+b': known: only"):
        model.scenario("a+b")
    with pytest.raises(UsageError, match="scenario 'mine': toy makes none of roles"):
        model.case(Scenario("mine", roles=("a",)), None)


def test_a_models_own_scenario_is_of_its_cast() -> None:
    with pytest.raises(ModelError, match="scenario 'usual': play takes 1 of role writer, not 2"):
        replace(
            PLAY,
            scenarios=(Scenario("usual", roles=("writer", "writer")),),
            cast={"writer": 1},
        )


def test_without_placements_every_role_of_the_cast_acts() -> None:
    play = replace(PLAY, steps={}, cast={"writer": 1, "bystander": 1})
    assert play.case("bystander", None).scenario.roles == ("bystander",)


def test_a_scenario_is_named_by_its_file_where_it_has_one() -> None:
    mine = Scenario("mine", roles=("other", "writer"), file="mine.py#mine")
    assert mine.reference == "mine.py#mine"
    case = PLAY.case(mine, None)
    assert str(case) == "play, mine.py#mine"
    [result] = check(case).results
    assert decode(result.path or "").scenario == "mine.py#mine"


def test_a_declared_verdict_is_for_the_models_own_scenarios_only() -> None:
    """`usual` and `writer` are the same roles; only of the first does the model speak."""
    [own] = check(PLAY.case("usual", None)).results
    [mixed] = check(PLAY.case("writer", None)).results
    assert own.verdict == mixed.verdict
    assert own.declared is not None and not own.wrong
    assert mixed.declared is None and mixed.wrong
    assert decode(mixed.path or "").scenario == "writer"


def variants(**changed: object) -> Model:
    """A model of two forms of the code, of which one fails."""

    def build(case: Case) -> System:
        return system(properties=[never("bad", lambda s: case.variant == "before" or s[X])])

    parts: dict[str, object] = {
        "variants": ["before", "after"],
        "expected": [Expect("bad", "it is so", variants=("before",))],
    }
    return Model("forms", "", build, **{**parts, **changed})


def test_a_declared_verdict_is_for_the_variants_it_names() -> None:
    model = variants()
    cases = [model.case("only", None, {"variant": name}) for name in ("before", "after")]
    assert [case.variant for case in cases] == ["before", "after"]
    declared = [model.declared(case, "bad") for case in cases]
    assert [each.verdict.value for each in declared if each] == ["fails", "holds"]


def test_a_case_is_of_the_first_variant_unless_it_says_which() -> None:
    assert variants().case("only", None).variant == "before"
    assert Model("plain", "", lambda _: system()).case("only", None).variant == ""


def test_a_variant_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="--variant"):
        variants().case("only", None, {"variant": "between"})
    with pytest.raises(ModelError, match="expects of bad: unknown variant"):
        variants(expected=[Expect("bad", "", variants=("between",))])
    with pytest.raises(ModelError, match="two variants are called 'a'"):
        variants(variants=["a", "a"], expected=[])
