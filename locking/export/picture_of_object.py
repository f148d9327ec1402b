"""An object's automaton, as a picture: its states, and what the threads' operations do in them.

They are the operations that some run asks for, also those inside atomic blocks, whose effect no
other thread sees before the block has ended.
"""

from collections.abc import Iterator

from locking.explore.product import Effect, Product
from locking.export.picture import edge, node, picture
from locking.export.state_labels import labels_of_states
from locking.objects.operation import Object, Operation
from locking.programs.position import Fault

MISUSE = -1
"""Where a misuse leads, which is no state of the object."""

Arrow = tuple[int, int, str]
"""The state in which an operation is asked for, the one it leads to, and what else is to say."""

ARROW_STYLES = {"waits": {"style": "dashed"}, "queues": {"style": "dashed"}}
"""How an arrow looks whose operation is not done yet."""


def object_picture(title: str, product: Product, object_: Object) -> str:
    """The picture of an object, from a search that came to its end."""
    values = product.values[product.slot_of[object_] - len(product.threads)]
    arrows: dict[Arrow, dict[str, list[str]]] = {}
    for arrow, operation, thread in sorted(labelled_arrows(product, object_)):
        arrows.setdefault(arrow, {}).setdefault(operation, []).append(thread)
    reached = sorted({0, *(at for arrow in arrows for at in arrow[:2] if at != MISUSE)})
    labels = labels_of_states(object_, {at: values[at] for at in reached})
    statements = [
        node(name(at), *lines, *([] if at else ["(start)"])) for at, lines in labels.items()
    ]
    if any(new == MISUSE for _, new, _ in arrows):
        statements.append(node(name(MISUSE), "misuse", shape="octagon", style="bold"))
    for (old, new, remark), takers in arrows.items():
        lines = [f"{', '.join(threads)}: {operation}" for operation, threads in takers.items()]
        says = [*lines, f"({remark})"] if remark else lines
        statements.append(edge(name(old), name(new), *says, **ARROW_STYLES.get(remark, {})))
    return picture(f"{object_.name}, in {title}", statements)


def labelled_arrows(product: Product, object_: Object) -> set[tuple[Arrow, str, str]]:
    """Every arrow, with each operation that leads along it and each thread that asks for that."""
    return {
        (arrow, f"{step.name}({', '.join(map(repr, step.args))})", product.threads[thread].name)
        for thread, effects in enumerate(product.effects)
        for (place, value), found in effects.items()
        if isinstance(step := product.automata[thread].position(place).next, Operation)
        and step.target is object_
        for arrow in arrows_of_step(product, thread, place, value, found)
    }


def arrows_of_step(
    product: Product, thread: int, place: int, value: int, found: list[Effect]
) -> Iterator[Arrow]:
    """Where the operation of a thread at a place leads from a state of its object."""
    if not found:
        yield value, value, "waits"
    for effect in found:
        failure = product.automata[thread].position(effect.place).failure
        if failure and failure.kind is Fault.MISUSE:
            yield value, MISUSE, ""
        else:
            queues = effect.place == place and effect.value != value
            yield value, effect.value, "queues" if queues else ""


def name(at: int) -> str:
    """What the file calls a state."""
    return "misuse" if at == MISUSE else f"o{at}"
