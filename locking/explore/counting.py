"""Whether states of unbounded objects are alike as they say: compared with the objects that count.

For every step that was tabled on such an object, the object that counts takes the same step in
several states for which the tabled one stands. It must wait where the other waits, return the same,
and come to a state for which the other's new one stands. So a wrong claim is found where it would
matter: in a step that some run takes. The proof is in docs/soundness.md.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from locking.errors import ModelError
from locking.explore.product import Product, ask
from locking.objects.operation import (
    OF_EVERY_OBJECT,
    WAIT,
    Misuse,
    Operation,
    Outcome,
    Queue,
)
from locking.objects.unbounded import Number, Unbounded
from locking.programs.keys import typed


def compare_counting(product: Product) -> None:
    """Compare every step that was tabled on an unbounded object. Errors: `ModelError`."""
    if not any(isinstance(each, Unbounded) and each.unbounded for each in product.objects):
        return
    for step, state, me in tabled_steps(product):
        target = step.target
        if isinstance(target, Unbounded) and target.unbounded:
            compare(target, step, state, me)


def tabled_steps(product: Product) -> Iterator[tuple[Operation, Any, str]]:
    """Every operation that was asked for: with the state of its object, and the thread's name.

    To look at a state, as `wait_until` does, is left out: it is to see what the object keeps.
    """
    for thread, effects in enumerate(product.effects):
        for place, number in effects:
            step = product.automata[thread].position(place).next
            if isinstance(step, Operation) and step.name not in OF_EVERY_OBJECT:
                values = product.values[product.slot_of[step.target] - len(product.threads)]
                yield step, values[number], product.threads[thread].name


def compare(target: Unbounded, step: Operation, state: Any, me: str) -> None:
    """Compare one step with those of the object that counts. Errors: `ModelError`."""
    here, counting = ask(step, state, me), target.counted()
    for counted, newest in target.examples(state, me):
        if typed(target.alike(counted, newest)) != typed(state):
            refuse_counting(
                target, step, state, counted, f"that stands for {target.alike(counted, newest)}"
            )
        if me not in newest and any(type(each) is Number for each in step.args):
            continue  # it has been given none, so it can't hand one back
        args = tuple(newest[me] if type(each) is Number else each for each in step.args)
        there = counting.step(step.name, counted, me, args)
        if not agree(target, here, there, newest, me):
            refuse_counting(target, step, state, counted, f"it does {there} there, and {here} here")


def agree(
    target: Unbounded, here: Outcome, there: Outcome, newest: Mapping[str, int], me: str
) -> bool:
    """Whether two outcomes are one: `here` of the unbounded object, `there` of its counted one."""
    if here is WAIT or there is WAIT:
        return here is there
    if isinstance(here, Misuse) or isinstance(there, Misuse):
        return type(here) is type(there)
    if isinstance(here, Queue) or isinstance(there, Queue):
        return (
            isinstance(here, Queue)
            and isinstance(there, Queue)
            and typed(here.state) == typed(target.alike(there.state, newest))
        )
    state, result = here
    counted, number = there
    if type(result) is Number:
        same, newest = type(number) is int, {**newest, me: number}
    else:
        same = typed(result) == typed(number)
    return same and typed(state) == typed(target.alike(counted, newest))


def refuse_counting(target: Unbounded, step: Operation, state: Any, counted: Any, why: str) -> None:
    """Raise the error for a state that does not stand for what it says."""
    raise ModelError(
        f"{target!r} takes states for alike that are not: {state} stands for {counted}, but of "
        f"{step.name} {why}"
    )
