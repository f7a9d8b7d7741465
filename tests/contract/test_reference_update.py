"""The diff of the spec's December 2025 state against its October 2026 state says what the reference says, and no more.

What is expected comes from the files of the reference alone (see `test_reference_examples`), what is compared with it
from the report that users get.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async.spec_diff.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator

if "TIKTOK_SHOP_REFERENCE" not in os.environ:
    pytest.skip("TIKTOK_SHOP_REFERENCE names no copy of the API reference", allow_module_level=True)

REFERENCE = Path(os.environ["TIKTOK_SHOP_REFERENCE"])
ROOT = Path(__file__).parents[2]
DECEMBER = ROOT / "spec" / "released.json"
BEFORE = ("2023-09", "2025-06", "2025-12")
ADDED = ("answer-field-added", "request-field-added", "required-request-field-added")
ONE_CLASS = {"GET /order/202507/orders": "POST /order/202309/orders/search"}
"""Endpoints whose rows are read into the class of another one: what December knew of that, users had already."""
KNOWN_TO_THE_RUNTIME = {"shop_cipher", "category_asset_cipher", "access_token"}

Endpoint = str
Field = tuple[Endpoint, str, str]
"""An endpoint, request or answer, and the name of a field in it."""


def snapshot(name: str) -> dict[Endpoint, dict[str, Any]]:
    found = (json.loads(file.read_bytes()) for file in sorted((REFERENCE / name).rglob("*.json")))
    return {f"{each['method']} {each['path']}": each for each in found}


def paths(fields: list[dict[str, Any]], above: str = "") -> Iterator[str]:
    for each in fields:
        path = f"{above}{each['name']}"
        yield path
        yield from paths(each.get("children") or [], f"{path}.")


def documented(operation: dict[str, Any]) -> set[tuple[str, str]]:
    """What requests and answers of an operation hold, by dotted path."""
    request = [path for part in ("path_params", "query", "body") for path in paths(operation.get(part) or [])]
    answer = list(paths(operation.get("data") or []))
    return {("request", path) for path in request} | {("answer", path) for path in answer}


@pytest.fixture(scope="module")
def changes() -> list[dict[str, Any]]:
    """The report, as the command writes it."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        assert main([str(DECEMBER), "installed", "--format", "json", "--fail-on", "none"]) == 0
    report: list[dict[str, Any]] = json.loads(written.getvalue())["changes"]
    return report


@pytest.fixture(scope="module")
def expected() -> set[Field]:
    """The fields that October adds to the endpoints that both know."""
    december, october = snapshot("2025-12"), snapshot("2026-10")
    return {
        (endpoint, side, path.rpartition(".")[2])
        for endpoint in december.keys() & october.keys()
        for side, path in added(endpoint, december, october)
        if path not in KNOWN_TO_THE_RUNTIME
    }


def added(
    endpoint: Endpoint, december: dict[Endpoint, dict[str, Any]], october: dict[Endpoint, dict[str, Any]]
) -> set[tuple[str, str]]:
    known = documented(december[endpoint])
    if endpoint in ONE_CLASS:
        known |= documented(december[ONE_CLASS[endpoint]])
    return documented(october[endpoint]) - known


def told(changes: list[dict[str, Any]]) -> Iterator[Field]:
    for change in changes:
        if change["rule"] in ADDED:
            side = "answer" if change["rule"].startswith("answer") else "request"
            for endpoint in change["endpoints"]:
                for path in change["fields"]:
                    yield endpoint, side, path.rpartition(".")[2]


def test_every_operation_that_october_adds_is_told_and_no_other(changes: list[dict[str, Any]]) -> None:
    known = {endpoint for name in BEFORE for endpoint in snapshot(name)}
    arrived = [change["endpoints"][0] for change in changes if change["rule"] == "operation-added"]
    assert len(arrived) == len(set(arrived))
    assert set(arrived) == snapshot("2026-10").keys() - known


def test_every_field_that_october_adds_is_told(changes: list[dict[str, Any]], expected: set[Field]) -> None:
    assert expected - set(told(changes)) == set()


def test_no_field_is_told_that_october_does_not_add(changes: list[dict[str, Any]], expected: set[Field]) -> None:
    """Superseded revisions are in no snapshot of October: nothing can be said of what they have come to know."""
    both = snapshot("2025-12").keys() & snapshot("2026-10").keys()
    assert {each for each in told(changes) if each[0] in both} - expected == set()


def test_nothing_is_told_to_be_gone(changes: list[dict[str, Any]]) -> None:
    gone = [each for each in changes if "removed" in each["rule"].split("-") or "renamed" in each["rule"].split("-")]
    kept = ("answer-format-removed",)
    assert [each for each in gone if each["rule"] not in kept] == []
