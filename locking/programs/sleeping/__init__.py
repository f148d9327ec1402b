"""Objects of which a thread waits in more than one step, or in a step on two objects.

Their rules are those of any object; their helpers are written with the constructs of threads.
"""
