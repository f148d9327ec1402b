"""Bugs of Linux that no interleaving shows: a processor brings stores to memory later."""
