"""Placements of the locks of a table and its index."""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    Placement,
    RwSem,
    Scenario,
    System,
    Thread,
    at_end,
    data_race_free,
    deadlock_free,
    no_misuse,
    perform,
    require,
    required,
    sometimes_together,
    step,
)

table = RwSem("table")
rows_lock = Mutex("rows")
index_lock = Mutex("index")
rows = Cell("rows.data", ())
index = Cell("index.data", ())
count = Cell("count", 0)


@step("ADD_ROW", kernel="heap_insert()")
async def ADD_ROW(me):
    await rows.write(await rows.read() + (me,))


@step("ADD_KEY", kernel="index_insert()")
async def ADD_KEY(me):
    await index.write(await index.read() + (me,))


@step("COUNT", kernel="stats_add()")
async def COUNT(_):
    await count.write(await count.read() + 1)


@step("SCAN", kernel="index_scan()")
async def SCAN(_):
    keys = await index.read()
    have = await rows.read()
    require(set(keys) <= set(have), "no-dangling", keys=keys, rows=have)


BIG = Placement(
    "big",
    about="one lock",
    inserter=[table.write(ADD_ROW, ADD_KEY, COUNT)],
    scanner=[table.read(SCAN)],
)
FINE = Placement(
    "fine",
    about="a lock for each",
    inserter=[rows_lock.hold(ADD_ROW), index_lock.hold(ADD_KEY, COUNT)],
    scanner=[index_lock.hold(rows_lock.hold(SCAN))],
)
KEYFIRST = Placement(
    "keyfirst",
    about="the key first",
    inserter=[index_lock.hold(ADD_KEY), rows_lock.hold(ADD_ROW, COUNT)],
    scanner=[index_lock.hold(rows_lock.hold(SCAN))],
)
NESTED = Placement(
    "nested",
    about="rows in which the index",
    inserter=[rows_lock.hold(ADD_ROW, index_lock.hold(ADD_KEY, COUNT))],
    scanner=[index_lock.hold(rows_lock.hold(SCAN))],
)


def build(case: Case) -> System:
    roles = case.placement.roles
    threads = []
    for i, role in enumerate(case.scenario.roles):
        name = f"{role}{i}"

        async def run(name=name, role=role):
            await perform(roles[role], name)

        threads.append(Thread(name, run))
    n = sum(r == "inserter" for r in case.scenario.roles)
    return System(
        objects=[table, rows_lock, index_lock, rows, index, count],
        threads=threads,
        properties=[
            at_end("rows", lambda s: len(s[rows]) == n, "no row is lost"),
            at_end("count", lambda s: s[count] == n, "the count is right"),
            *(
                [required("no-dangling", "a key in the index has its row")]
                if "scanner" in case.scenario.roles
                else []
            ),
            *(
                [sometimes_together("parallel", "ADD_ROW", "ADD_KEY", "a row and a key at once")]
                if n > 1
                else []
            ),
            data_race_free(),
            no_misuse(),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "store",
    "Where do the locks of a table belong?",
    build,
    scenarios=[
        Scenario("two-inserts", "two inserters", roles=("inserter", "inserter")),
        Scenario("insert-scan", "an inserter and a scanner", roles=("inserter", "scanner")),
    ],
    placements=[BIG, FINE, KEYFIRST, NESTED],
    steps={"inserter": [ADD_ROW, ADD_KEY, COUNT], "scanner": [SCAN]},
    cast={"inserter": 3, "scanner": 2},
    expected=[
        Expect("parallel", "everything under one lock", placements=("big", "nested")),
        Expect("no-dangling", "the key is there before its row", placements=("keyfirst",)),
        Expect(
            "deadlock-free",
            "rows then index, index then rows",
            placements=("nested",),
            scenarios=("insert-scan",),
        ),
    ],
)
