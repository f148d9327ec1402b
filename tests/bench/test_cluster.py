"""The estimate of a cluster: twice the machines halve all but what one process does."""

from tests.bench.cluster import Rates, estimate

RATES = Rates(edges=1e6, sorted=1e7, network=1e9)


def test_more_machines_leave_the_first_process_as_it_is() -> None:
    one, two = (estimate(1e9, 5, machines, 4, RATES) for machines in (1, 2))
    assert (one.shards, two.shards) == (1250, 625)
    assert (one.network, two.network) == (0, 30)
    assert one.first == two.first == 120
    assert one.judging == two.judging == 5000
