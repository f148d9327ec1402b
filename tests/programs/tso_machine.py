"""A machine with store buffers, on its own: it shares no code with the library.

Words are numbered, and start with 0. Threads are lists of instructions: ("store", word, value),
("load", word), ("xchg", word, value), ("fence",). What a thread has loaded, in its order, is what
is compared, beside memory at the end.
"""

from random import Random

Instruction = tuple[str | int, ...]
Program = tuple[Instruction, ...]
Outcome = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]
"""What each thread has loaded, and memory, once all is over."""


def outcomes(programs: tuple[Program, ...], words: int) -> set[Outcome]:
    """All outcomes."""
    nothing: tuple[tuple[int, ...], ...] = ((),) * len(programs)
    start = ((0,) * len(programs), nothing, nothing, (0,) * words)
    seen, waiting, found = {start}, [start], set[Outcome]()
    while waiting:
        at, loaded, buffers, memory = waiting.pop()
        if all(at[t] == len(programs[t]) and not buffers[t] for t in range(len(programs))):
            found.add((loaded, memory))
        for t, program in enumerate(programs):
            for one, got, pending, now in step(program, at[t], loaded[t], buffers[t], memory):
                state = (put(at, t, one), put(loaded, t, got), put(buffers, t, pending), now)
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
    return found


def step(program, at, loaded, buffer, memory):  # type: ignore[no-untyped-def]
    """All that one thread can do next, or its buffer."""
    if buffer:
        (word, value), *rest = buffer
        yield at, loaded, tuple(rest), put(memory, word, value)
    if at == len(program):
        return
    match program[at]:
        case ("store", word, value):
            yield at + 1, loaded, (*buffer, (word, value)), memory
        case ("load", word):
            mine = [value for other, value in buffer if other == word]
            yield at + 1, (*loaded, mine[-1] if mine else memory[word]), buffer, memory
        case ("xchg", word, value) if not buffer:
            yield at + 1, (*loaded, memory[word]), buffer, put(memory, word, value)
        case ("fence",) if not buffer:
            yield at + 1, loaded, buffer, memory


def put(values, at, value):  # type: ignore[no-untyped-def]
    """A tuple with one item replaced."""
    return (*values[:at], value, *values[at + 1 :])


def random_programs(chance: Random) -> tuple[Program, ...]:
    """Two or three short programs over two words, which store before they load more often."""
    threads = chance.choice((2, 2, 2, 3))
    most = 4 if threads == 2 else 3
    return tuple(random_program(chance, chance.randint(2, most)) for _ in range(threads))


def random_program(chance: Random, length: int) -> Program:
    """A program of so many instructions."""
    word = chance.randrange(2)
    begins = [("store", word, chance.randint(1, 2)), ("load", 1 - word)]
    rest = [random_instruction(chance) for _ in range(length - 2)]
    at = chance.randint(0, len(rest))
    return (*begins[:1], *rest[:at], *begins[1:], *rest[at:])


def random_instruction(chance: Random) -> Instruction:
    """An instruction; most are loads and stores."""
    word, value = chance.randrange(2), chance.randint(1, 2)
    kind = chance.choice(("store", "store", "store", "load", "load", "load", "xchg", "fence"))
    return {
        "store": ("store", word, value),
        "load": ("load", word),
        "xchg": ("xchg", word, value),
        "fence": ("fence",),
    }[kind]
