"""A trace of a running kernel, held against a model: whether the run is a run of the model."""
