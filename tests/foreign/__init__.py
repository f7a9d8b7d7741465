"""Clients that were not written here, unchanged, against the sandbox.

Each runs in a process of its own, from an environment of its own, and reports as JSON what it got.
"""
