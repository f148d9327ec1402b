"""The estimate of a cluster: twice the machines halve all but what one process does."""

from tests.bench.cluster import Rates, estimate

RATES = Rates(edges=1e6, sorted=1e7, network=1e9)


def test_more_machines_leave_the_first_process_as_it_is() -> None:
    one, two = (estimate(1e9, 5, machines, 4, RATES) for machines in (1, 2))
    assert (one.expanding, one.sorting) == (1250, 125)
    assert (two.expanding, two.sorting, two.sending) == (625, 62.5, 30)
    assert one.sending == 0
    assert one.numbering == two.numbering == 100
    assert estimate(1e9, 5, 1_000, 4, RATES).binds == "numbering"
