"""Where a case is at home: the line to look at where no run shows one."""

from locking.model import Case
from locking.objects.operation import Site


def home(case: Case) -> Site | None:
    """The line of the case's placement, else of the model's `build`; None where that has none."""
    if case.placement:
        return case.placement.site
    code = getattr(case.model.build, "__code__", None)
    return Site(code.co_filename, code.co_firstlineno) if code else None
