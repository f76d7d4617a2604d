"""The values of a report, each part from what the run has stored."""
