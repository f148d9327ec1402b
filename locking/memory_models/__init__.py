"""Memory models: which executions of marked and plain accesses hardware and compiler may show."""
