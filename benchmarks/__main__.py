"""Runs every benchmark and prints its figures."""

from benchmarks import decode_page, limiter, sandbox, start

for each in (start, decode_page, limiter, sandbox):
    each.main()
    print()
