"""The command line: what is said on it, what is printed, and one file for each command."""
