"""The rules of a placement as deterministic automata, to be watched in a running kernel."""
