"""Random models with a space of placements, for Hypothesis."""

from hypothesis import strategies as st

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Placement,
    RwSem,
    Scenario,
    Space,
    Step,
    System,
    Thread,
    at_end,
    data_race_free,
    deadlock_free,
    never,
    never_together,
    no_misuse,
    perform,
    require,
    required,
    section,
    sometimes_together,
    step,
)

ACTIONS = ("add", "set", "read", "mark", "check", "inside", "take")


def made(name: str, actions: list[tuple[str, int]], cells: list[Cell], inner: Mutex) -> Step:
    """A step that does `actions`, each on one of the cells."""

    async def run(_: object) -> None:
        require(True, "small")
        for action, at in actions:
            cell = cells[at]
            match action:
                case "add":
                    seen = await cell.read()
                    await cell.write(min(seen + 1, 4))
                case "set":
                    await cell.write(0)
                case "read":
                    await cell.read()
                case "mark":
                    await cell.WRITE_ONCE(1)
                case "check":
                    require(await cell.READ_ONCE() < 2, "small")
                case "inside":
                    async with section("inside"):
                        await cell.READ_ONCE()
                case "take":
                    async with inner.hold():
                        await cell.READ_ONCE()

    return step(name)(run)


@st.composite
def spaces(draw: st.DrawFn) -> Model:
    """A model of two roles; the first has a space, the second stands under locks of its own."""
    lock, inner = RwSem("lock"), Mutex("inner")
    cells = [Cell("x", 0), Cell("y", 0)]
    action = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 1))
    bodies = st.lists(action, min_size=1, max_size=2)
    drawn = [draw(bodies) for _ in range(draw(st.integers(1, 2)))]
    others = draw(bodies)
    worked = [made(f"W{number}", body, cells, inner) for number, body in enumerate(drawn)]
    other = made("OTHER", others, cells, inner)
    around = draw(
        st.sampled_from(
            [
                [other],
                [lock.read(other)],
                [lock.write(other)],
                [inner.hold(lock.write(other))],
                [lock.read(inner.hold(other))],
            ]
        )
    )
    base = Placement("base", worker=worked, other=around)
    limit = draw(st.integers(0, 3))
    properties = [
        no_misuse(),
        deadlock_free(),
        required("small"),
        data_race_free(),
        at_end("end", lambda s: s[cells[0]] <= limit, "x is small in the end"),
        never("seen", lambda s: s[cells[0]] > s[cells[1]] + limit, "x is not far above y"),
    ]
    asked = draw(st.lists(st.sampled_from(properties), min_size=1, unique_by=id))
    entered = "inside" in [action for body in drawn for action, _ in body]
    if entered and draw(st.booleans()):
        asked.append(never_together("apart", "inside", "inside", "one at a time"))

    def build(case: Case) -> System:
        assert case.placement
        roles = case.placement.roles
        playing = {"a": "worker", "b": "worker" if case.scenario.name == "two" else "other"}
        threads = [Thread(name, perform, (roles[role], None)) for name, role in playing.items()]
        able = [*asked]
        if entered and case.scenario.name == "two":
            able.append(sometimes_together("together", "inside", "inside"))
        return System([lock, inner, *cells], threads, able)

    return Model(
        "random",
        "",
        build,
        scenarios=(Scenario("two"), Scenario("other")),
        placements=(base,),
        steps={"worker": tuple(worked), "other": (other,)},
        space=Space("worker", tuple(worked), (lock, inner), base),
    )
