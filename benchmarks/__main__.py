"""Runs every benchmark, prints its figures, and a table of those that have a bound to keep to at the end."""

from datetime import UTC, datetime

from benchmarks import (
    backfill,
    call,
    decode_page,
    generate,
    leaks,
    limiter,
    many_shops,
    points,
    sandbox,
    start,
    throughput,
    webhooks,
)

found: list[points.Point] = []
for each in (call, decode_page, throughput, start, backfill, many_shops, generate, leaks):
    found += each.main()
    print()
for each in (limiter, sandbox, webhooks):
    each.main()
    print()
print(f"{datetime.now(tz=UTC):%d %B %Y}; {points.machine()}\n")
print(points.table(found))
