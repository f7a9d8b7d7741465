"""Runs every benchmark and prints its figures."""

from benchmarks import decode_page, limiter, start

start.main()
print()
decode_page.main()
print()
limiter.main()
