"""Random systems against an explorer that shares nothing with the one under test.

python -m tests.independent --seed 1 --count 1000
"""
