"""Runs every benchmark and prints its figures."""

from benchmarks import decode_page, limiter, start, webhooks

start.main()
print()
decode_page.main()
print()
limiter.main()
print()
webhooks.main()
