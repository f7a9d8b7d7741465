"""Runs every benchmark and prints its figures."""

from benchmarks import backfill, decode_page, limiter, sandbox, start, webhooks

for each in (start, decode_page, limiter, backfill, sandbox, webhooks):
    each.main()
    print()
