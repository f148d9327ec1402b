"""What tests of the pytest plugin need: pytest itself, run in processes of its own."""

pytest_plugins = ["pytester"]
