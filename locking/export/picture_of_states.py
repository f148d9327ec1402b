"""A graph of states, as a picture: what differs in each, the states that show a property, a path.

Nothing is said by colour alone: a state that shows the property is an octagon, one in which a run
ends has a second border, and the steps of the path are thick and numbered.
"""

from collections.abc import Iterator, Sequence

from locking.explore.graph import Choice
from locking.export.picture import edge, node, picture
from locking.properties.explored import Explored
from locking.traces.replay import ahead
from locking.verdicts import Result

RED = "#b00020"

THICK = {"penwidth": "3", "color": RED}


def states_picture(title: str, explored: Explored, result: Result | None) -> str:
    """The picture of all states; marked are those that show the property, and its path."""
    graph = explored.graph
    path = path_edges(explored, result.choices or ()) if result else []
    on_path = {at for one, _, other in path for at in (one, other)}
    statements = [box(explored, at, result, at in on_path) for at in range(len(graph.states))]
    steps = {step: number for number, step in enumerate(path, 1)}
    for at in range(len(graph.states)):
        for choice, to in graph.edges(at):
            text = step_in_words(explored, at, choice)
            if number := steps.get((at, choice, to)):
                text = f"step {number}: {text}"
            style = {**THICK, "fontcolor": RED, "weight": "9"} if number else {}
            statements.append(edge(f"s{at}", f"s{to}", text, **style))
    claim = f": {result.claim.name} {result.verdict.value}" if result else ""
    return picture(title + claim, statements)


def box(explored: Explored, at: int, result: Result | None, on_path: bool) -> str:
    """One state."""
    lines, style = [f"{at}", *state_differences(explored, at)], dict[str, str]()
    if on_path:
        style |= THICK
    if not any(True for _ in explored.graph.edges(at)):
        style["peripheries"] = "2"
    if result and result.claim.find(explored.product, explored.graph.states[at]):
        does = "witnessed" if result.claim.wanted else "violated"
        lines.append(f"{result.claim.name} {does}")
        style |= {"shape": "octagon", "color": RED, "fontcolor": RED}
    return node(f"s{at}", *lines, **style)


def path_edges(explored: Explored, choices: Sequence[Choice]) -> list[tuple[int, Choice, int]]:
    """The edges of a path."""
    found, at = list[tuple[int, Choice, int]](), 0
    for choice in choices:
        to = dict(explored.graph.edges(at))[choice]
        found.append((at, choice, to))
        at = to
    return found


def state_differences(explored: Explored, at: int) -> Iterator[str]:
    """The objects that are not as at the start, and the threads that take no more step."""
    product, state = explored.product, explored.graph.states[at]
    for object_ in product.objects:
        value, start = (product.value(object_, each) for each in (state, product.initial))
        if object_.show(value) != object_.show(start):
            yield f"{object_.name}: {object_.show(value)}"
    for thread, each in enumerate(product.threads):
        position = product.position(thread, state)
        if position.failure:
            yield f"{each.name} failed: {position.failure.text}"
        elif position.next is None:
            yield f"{each.name} ended"


def step_in_words(explored: Explored, at: int, choice: Choice) -> str:
    """What a step does: its thread, and its operation or choice."""
    thread, outcome = choice
    position = explored.product.position(thread, explored.graph.states[at])
    return f"{explored.product.threads[thread].name}: {ahead(position, outcome)}"
