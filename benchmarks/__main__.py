"""Runs every benchmark and prints its figures."""

from benchmarks import decode_page, start

start.main()
print()
decode_page.main()
