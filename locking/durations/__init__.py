"""How long steps take, and so how long a system takes: makespans over all interleavings.

Time is exact: seconds are fractions, and a search counts in the largest unit that divides them all.
"""
