"""Checks as tests: what a test framework's plugin needs and is not the framework's.

A *body* is an `async def` with one `await together(...)` in it. What stands before it is setup,
what stands after it is judged whenever all threads have ended.
"""
