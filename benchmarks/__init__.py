"""Measurements against the alternatives: `python -m benchmarks`, or `make bench`."""
