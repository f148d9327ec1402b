"""What a check found, as a person or a program reads it."""
