"""What a lock or a cell does: pure state machines, which know nothing of exploring."""
