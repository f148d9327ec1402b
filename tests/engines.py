"""The engines that search in this process: what small systems are judged by, all of them.

Up to 200,000 states, `ray` is the compiled engine, and it needs an extra. What it does beyond, with
no system too small, is judged in `tests/explore/cluster`.
"""

from locking.explore import search

ENGINES = tuple(name for name in search.ENGINES if name != search.RAY)
