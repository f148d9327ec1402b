"""Questions about placements that take many checks."""
