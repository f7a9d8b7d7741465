"""Each benchmark in its shortest form runs and prints its table. What the figures are is for `make bench` to say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import (
    backfill,
    call,
    decode_page,
    generate,
    limiter,
    many_shops,
    sandbox,
    start,
    throughput,
    webhooks,
)
from benchmarks.points import Point, measured_by
from benchmarks.points import table as points_table


def table(printed: str, unit: str) -> tuple[str, list[str]]:
    """The heading of a table, and the names of its rows, each of which has a figure in the unit."""
    heading, *rows = printed.splitlines()
    assert all(f" {unit} " in f"{row} " for row in rows), printed
    return heading, [row[2:].split("  ")[0] for row in rows]


def test_the_start_is_measured_for_each_client(capfd: pytest.CaptureFixture[str]) -> None:
    """Without the competitor, which has to be installed from the network."""
    start.compare(Path(sys.executable), start.OURS, rounds=1)
    heading, rows = table(capfd.readouterr().out, "MB")
    assert heading == "process start to first typed page of 100 orders, median of 1 rounds"
    assert rows == list(start.OURS)


def test_a_call_is_measured_beside_one_written_by_hand() -> None:
    """Without the competitor here, too, and so for throughput."""
    small, alone, with_a_client, page = call.measure(rounds=1, competitor=False)
    assert None not in (small.bare, with_a_client.bare, page.bare)
    assert 0 < alone.ours < small.ours < page.ours


def test_throughput_is_measured_for_both_transports() -> None:
    points = throughput.measure(rounds=1, scale=0.1, competitor=False)
    assert [(each.what.rpartition(" ")[2], each.ours > 0) for each in points] == [
        ("httpx", True),
        ("aiohttp", True),
    ] * 2


def test_many_shops_are_measured_by_their_speed_and_their_memory() -> None:
    speed, memory = many_shops.main(shops=20, calls=200, rounds=1)
    assert speed.bare is not None
    assert 0 < memory.ours < 5


def test_calls_leave_no_memory_behind() -> None:
    """The least that each call could leave is one block. In a process of its own: these tests keep what they meet."""
    points = measured_by(Path(sys.executable), "leaks.measure(calls=9_000)", "leaks")
    assert [each.what.rpartition(" calls ")[2] for each in points] == ["in memory", "over httpx", "over aiohttp"]
    assert all(each.ours < 0.5 for each in points)


def test_generating_is_timed() -> None:
    (point,) = generate.main(rounds=1)
    assert 0 < point.ours < 60


def test_the_table_has_a_row_for_each_point_and_leaves_out_what_was_not_measured() -> None:
    rows = points_table(
        [Point("calls", "a second", 1234.0, 100, 2000, "fast"), Point("memory", "kB", 1.234)]
    ).splitlines()
    assert [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]] == [
        ["calls (a second)", "1,234", "100", "2,000", "12.34", "0.62", "fast"],
        ["memory (kB)", "1.23", "", "", "", "", ""],
    ]


def test_a_client_that_fails_ends_the_measurement(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("raise SystemExit(3)")
    with pytest.raises(SystemExit, match=r"broken\.py failed with exit code 3"):
        start.compare(Path(sys.executable), {"broken": script}, rounds=1)


def test_decoding_is_measured_for_each_kind_of_page(capsys: pytest.CaptureFixture[str]) -> None:
    decode_page.main(rounds=1)
    heading, rows = table(capsys.readouterr().out, "ms")
    assert heading.startswith("decoding a page of 100 orders (")
    assert rows[:2] == ["msgspec alone", "tiktok-shop-async"]
    assert len(rows) == 6


def test_the_limiter_is_measured_under_load_and_by_the_turn(capsys: pytest.CaptureFixture[str]) -> None:
    limiter.main(seconds=2, turns=100)
    heading, load, turn = capsys.readouterr().out.splitlines()
    assert heading == "rate limiter at 50 a second, 100 tasks for 2 s"
    assert load.startswith("  let through ")
    assert turn.startswith("  a turn without a wait costs ")


def test_a_scan_is_measured_against_one_page_after_another(capsys: pytest.CaptureFixture[str]) -> None:
    backfill.main(orders=1000, single_pages=2)
    heading, scan, single = capsys.readouterr().out.splitlines()
    assert heading == "1000 orders of one shop, 300 ms to an answer, 50 calls a second allowed"
    assert scan.startswith("  scan ")
    assert single.startswith("  one page after another ")


def test_the_sandbox_is_measured_by_kinds_of_reads(capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.main(orders=30, requests=20)
    heading, *reads, memory = capsys.readouterr().out.splitlines()
    assert heading.startswith("sandbox with 30 orders: ready after ")
    assert len(reads) == 5
    assert all(" a second of its processor" in each for each in reads)
    assert memory.startswith("  afterwards ")


def test_the_answers_to_webhooks_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    webhooks.main(seconds=1)
    heading, answers, rest = capsys.readouterr().out.splitlines()
    assert heading.startswith("webhooks at 500 a second for 1 s on one core")
    assert answers.startswith("  answered in ")
    assert rest.endswith(", 0 given up")
