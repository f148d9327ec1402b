"""A folder with a model of its own, and the command in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from locking.cli.main import main

TOY = '''
"""Workers that count; placements say what they do under the lock."""

from locking import (
    Cell, Expect, Model, Parameter, Placement, RwSem, Scenario, System, Thread,
    at_end, data_race_free, perform, section, sometimes_together, step,
)

lock = RwSem("lock")
count = Cell("count", 0)

@step("COUNT")
async def COUNT(_):
    seen = await count.read()
    await count.write(seen + 1)

@step("WORK")
async def WORK(_):
    async with section("work"):
        await count.read()

LOCKED = Placement("locked", worker=[lock.write(COUNT), lock.read(WORK)])
BARE = Placement("bare", about="no lock", worker=[COUNT])
WHOLE = Placement("whole", worker=[lock.write(COUNT, WORK)])

def build(case):
    workers = int(case.scope["workers"]) if case.scenario.name == "many" else 1
    trees = case.placement.roles["worker"]
    properties = [
        at_end("sum", lambda s: s[count] == workers, "every worker counts"), data_race_free()
    ]
    if case.scenario.name == "many" and WORK in case.placement.steps("worker"):
        properties.append(sometimes_together("parallel", "work", "work", "they work at once"))
    threads = [Thread(f"w{n}", perform, (trees, None)) for n in range(workers)]
    return System([lock, count], threads, properties)

MODEL = Model(
    "toy", "Who counts?", build,
    scenarios=(Scenario("many", "all at once"), Scenario("alone", "one worker")),
    placements=(LOCKED, BARE, WHOLE),
    parameters=(
        Parameter("workers", 2, "how many", least=1, most=4),
        Parameter("speed", "fast", "how fast", words=("fast", "slow")),
    ),
    expected=(
        Expect("sum", "both load first", scenarios=("many",), placements=("bare",)),
        Expect("data-race", "no lock", scenarios=("many",), placements=("bare",)),
        Expect("parallel", "all under the write lock", placements=("whole",)),
    ),
    steps={"worker": (COUNT, WORK)},
)
'''

OWN = """
from locking import Placement
from toy import COUNT, WORK, lock
MINE = Placement("mine", worker=[lock.write(COUNT), lock.read(WORK)])
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the toy, where we stand, 80 columns wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "toy.py").write_text(TOY)
    (tmp_path / "mine.py").write_text(OWN)
    return tmp_path


Outcome = tuple[int, str, str]


@pytest.fixture
def locking(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command, in this process: status, stdout, stderr."""

    def command(*words: str) -> Outcome:
        status = main(words)
        out, err = capsys.readouterr()
        return status, out, err

    return command
