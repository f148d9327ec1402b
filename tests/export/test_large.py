"""A search that the compiled engine took over is exported like any other."""

import pytest

from locking.explore import automatic
from locking.export import exported, to_promela
from locking.models import memory_hotplug
from locking.models.textbook import hotplug_shape, recursive_read, torn_read
from tests.explore.compare import case_of
from tests.explore.compiled.test_decisions import colliding

CASES = [
    hotplug_shape.MODEL.case("only", None, {"threads": "3", "pages": "2"}),
    recursive_read.MODEL.case("writer-blocks-readers", None),
    torn_read.MODEL.case("only", None),
    case_of(colliding()),
    memory_hotplug.MODEL.case("add-vs-remove", memory_hotplug.MODEL.placements[3]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_file_is_the_same_whichever_engine_searched(case, monkeypatch):
    tables, report = exported(case)
    monkeypatch.setattr(automatic, "OUTGROWN", 10)
    again, compiled = exported(case)
    assert (report.engine, compiled.engine) == ("reference", "compiled")
    assert to_promela.render(again) == to_promela.render(tables)
