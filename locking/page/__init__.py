"""The report page: a check as one HTML file that needs nothing else."""
