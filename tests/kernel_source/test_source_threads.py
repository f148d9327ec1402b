"""What is read runs as a thread: by its automaton, with the verdicts that its placement has."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_c", reason="the extra `source` is not installed")

import locking.catalogue as catalogue
from locking import Placement, Region
from locking.check import check
from locking.cli.source_roles import SourceRoles, read_role
from locking.cli.source_verdicts import verdicts_of
from locking.kernel_source.path_automaton import PathState, WayOut
from locking.kernel_source.roles import automaton_of_role
from locking.kernel_source.source_thread import step_of_source
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import read_tables
from locking.placements.trees import Step, Tree
from tests.kernel_source.trees import kernel_tree

HOTPLUG = catalogue.model("memory_hotplug")
LOCKS = {
    each.name: each
    for each in vars(catalogue.module_of_model("memory_hotplug")).values()
    if type(each).__name__ in ("RwSem", "Mutex", "Spinlock")
}
CALLS = {
    "write": ("down_write", "up_write"),
    "read": ("down_read", "up_read"),
    "hold": ("mutex_lock", "mutex_unlock"),
}


def in_c(trees: Sequence[Tree], held: tuple[str, ...] = ()) -> Iterator[str]:
    """Statements that do what trees say; each step may fail, and then all locks are let go."""
    for each in trees:
        if isinstance(each, Step):
            leave = "".join(f" {call}" for call in reversed(held))
            yield f"if (do_{each}()) {{{leave} return -1; }}"
            continue
        assert isinstance(each, Region)
        take, let_go = (f"{call}(&{each.lock.name});" for call in CALLS[each.mode])
        yield take
        yield from in_c(each.body, (*held, let_go))
        if each.lowered:
            let_go = f"up_read(&{each.lock.name});"
            yield f"downgrade_write(&{each.lock.name});"
            yield from in_c(each.lowered, (*held, let_go))
        yield let_go


def tree_in_c(tmp_path: Path, roles: Mapping[str, Sequence[Tree]]) -> tuple[Path, Path]:
    """A file with a function for each role, and the table that says what it stands for."""
    steps = {step.name for each in HOTPLUG.steps.values() for step in each}
    table = ["[steps]", *(f'{name} = ["do_{name}"]' for name in sorted(steps))]
    table += ["[locks]", *(f'{name} = "{name}"' for name in LOCKS)]
    table += ["[entries]", *(f'{role} = ["{role}"]' for role in roles)]
    (tmp_path / "table.toml").write_text("\n".join(table))
    text = [
        line
        for role, trees in roles.items()
        for line in [f"int {role}(void)", "{", *in_c(trees), "return 0;", "}"]
    ]
    (tmp_path / "f.c").write_text("\n".join(text))
    return tmp_path / "f.c", tmp_path / "table.toml"


def run_as_automata(source: Path, table_file: Path, change=lambda states: states) -> SourceRoles:
    """The roles of a source, each as the thread that its automaton is; its states are changed."""
    table = read_tables([table_file])
    sources = SourceTree(source, table.folders)
    made = SourceRoles()
    for role in table.entries:
        states = change(automaton_of_role(read_role(sources, table, HOTPLUG, role)))
        steps = {each.name: each for each in HOTPLUG.steps[role]}
        made.threads[role] = (step_of_source(role, states, steps, LOCKS, sources.base),)
    return made


def verdicts_differ(tmp_path: Path, placement: Placement, scenarios, **more) -> list[str]:
    """The verdicts of a placement that its own source, run by its automata, has otherwise."""
    found = run_as_automata(*tree_in_c(tmp_path, placement.roles), **more)
    differ = []
    for scenario in scenarios:
        report = check(HOTPLUG.case(scenario, placement))
        right = {each.claim.name: each.verdict.value for each in report.results}
        read = verdicts_of(HOTPLUG, found, HOTPLUG.scenario(scenario))
        differ += [
            f"{scenario}: {name}" for name in right | read if right.get(name) != read.get(name)
        ]
    return differ


def test_a_source_has_the_verdicts_of_its_placement(tmp_path: Path) -> None:
    placement = HOTPLUG.placement("williams-rwsem-downgrade")
    assert verdicts_differ(tmp_path, placement, ["add-vs-remove"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("placement", HOTPLUG.placements, ids=lambda each: each.name)
def test_every_source_has_the_verdicts_of_its_placement_in_every_scenario(
    tmp_path: Path, placement: Placement
) -> None:
    names = [each.name for each in HOTPLUG.scenarios]
    assert verdicts_differ(tmp_path, placement, names) == []


@pytest.mark.slow
@pytest.mark.parametrize("version", ["6.1", "6.12"])
def test_the_kernel_has_the_verdicts_of_its_placement_by_its_automata(
    version, pytestconfig
) -> None:
    table = Path(catalogue.module_of_model("memory_hotplug").__file__).with_name("functions.toml")
    found = run_as_automata(kernel_tree(version, pytestconfig), table)
    placement = HOTPLUG.placement("duyck-noshrink")
    found.threads["sysfs_onliner"] = placement.roles["sysfs_onliner"]  # it has no entry function
    for scenario in HOTPLUG.scenarios:
        report = check(HOTPLUG.case(scenario, placement))
        right = {each.claim.name: each.verdict.value for each in report.results}
        assert verdicts_of(HOTPLUG, found, scenario) == right, scenario.name


def with_way(states: Sequence[PathState], at: int, way: WayOut | None) -> list[PathState]:
    """States, with another only way out of one; with none where that one does nothing."""
    made = list(states)
    made[at] = PathState((way,), ()) if way else made[states[at].ways[0].to]
    return made


def without_release(states: Sequence[PathState]) -> list[PathState]:
    """An automaton that lacks its first release."""
    at = next(at for at, each in enumerate(states) if each.ways[0].label[0] == "let_go")
    return with_way(states, at, None)


def reading(states: Sequence[PathState]) -> list[PathState]:
    """An automaton that reads where it wrote."""
    return [
        PathState(
            tuple(
                way._replace(label=(*way.label[:2], way.label[2].replace("write", "read")))
                for way in each.ways
            ),
            each.ends,
        )
        for each in states
    ]


def without_a_step(states: Sequence[PathState]) -> list[PathState]:
    """An automaton that lacks its second step."""
    steps = [at for at, each in enumerate(states) if each.ways and each.ways[0].label[0] == "step"]
    return with_way(states, steps[1], None)


@pytest.mark.slow
@pytest.mark.parametrize("planted", [without_release, reading, without_a_step])
def test_an_error_of_the_automaton_changes_verdicts(tmp_path: Path, planted) -> None:
    placement = HOTPLUG.placement("baseline")
    scenario = "add-vs-add" if planted is reading else "add-vs-remove"
    assert verdicts_differ(tmp_path, placement, [scenario], change=planted)
