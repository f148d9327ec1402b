"""The classic problems of concurrency, each with its known mistake as a variant that fails."""
