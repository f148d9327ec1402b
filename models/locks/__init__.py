"""Lock algorithms from papers, over atomic words, each with known or planted errors that fail.

Each is checked against its specification, by `Specification` and `refine`. The ticket lock, MCS and
CLH are among the classics.
"""
