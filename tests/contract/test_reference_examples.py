"""Every example answer of the public reference, as it is and with each of its places changed as live answers change it.

The reference is not part of this project: its examples belong to the owner of the API. The environment variable
TIKTOK_SHOP_REFERENCE names a folder that holds it, as `<snapshot>/<domain>/<operation>.json`.
"""

from __future__ import annotations

import json
import logging
import os
import pkgutil
import re
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.decoding.agreement import disagreements, without_place
from tests.decoding.variants import Variant, variants
from tiktok_shop_async.decoding import answer_type, decode_envelope
from tiktok_shop_async.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

if "TIKTOK_SHOP_REFERENCE" not in os.environ:
    pytest.skip("TIKTOK_SHOP_REFERENCE names no copy of the API reference", allow_module_level=True)

api = import_module("tiktok_shop_async.api")
REFERENCE = Path(os.environ["TIKTOK_SHOP_REFERENCE"])
SNAPSHOTS = ("2023-09", "2025-06", "2025-12", "2026-10")
SPEC = json.loads((Path(api.__path__[0]).parent / "sandbox" / "openapi.json").read_bytes())

MOST_VARIANTS = int(os.environ.get("TIKTOK_SHOP_MOST_VARIANTS", "60"))  # of one kind and example, spread over it evenly


@dataclass(frozen=True)
class Example:
    """A documented answer, and the operation that gives it."""

    source: Path
    operation: Operation[Any]
    schema: dict[str, Any]
    answer: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.source.parts[0]}-{self.operation.name}"


def endpoint(method: str, path: str) -> tuple[str, str]:
    """An endpoint, whatever its placeholders are called."""
    return method.upper(), re.sub(r"\{[^}]*\}", "{}", path)


def operations() -> dict[tuple[str, str], Operation[Any]]:
    """The operations of the generated resources."""
    modules = [import_module(f"{api.__name__}.{each.name}") for each in pkgutil.iter_modules(api.__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Operation)]
    return {endpoint(each.method, each.path): each for each in found}


def schemas() -> dict[tuple[str, str], dict[str, Any]]:
    """What the spec says of the `data` of each endpoint; an empty schema where it says that there is none."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            envelope = operation["responses"]["200"]["content"]["application/json"]["schema"]
            parts = [each for each in envelope.get("allOf", []) if "properties" in each]
            found[endpoint(method, path)] = parts[0]["properties"]["data"] if parts else {}
    return found


def examples() -> Iterator[Example]:
    by_endpoint, data = operations(), schemas()
    for snapshot in SNAPSHOTS:
        for file in sorted((REFERENCE / snapshot).rglob("*.json")):
            described = json.loads(file.read_bytes())
            place = endpoint(described["method"], described["path"])
            answer = described.get("example_response")
            if answer is not None and place in data:
                yield Example(file.relative_to(REFERENCE), by_endpoint[place], data[place], answer)


def known(value: Any, schema: dict[str, Any]) -> Any:
    """What the spec knows of a value: fields that it does not have are left out."""
    if "$ref" in schema:
        schema = SPEC["components"]["schemas"][schema["$ref"].removeprefix("#/components/schemas/")]
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        return {name: known(member, properties[name]) for name, member in value.items() if name in properties}
    if isinstance(value, list) and "items" in schema:
        return [known(element, schema["items"]) for element in value]
    return value


def decoded(answer: Any, operation: Operation[Any]) -> Any:
    envelope = decode_envelope(json.dumps(answer).encode(), answer_type(operation), operation=operation.name)
    assert envelope.code == answer["code"]
    return envelope.data


def spread(every: list[Variant]) -> list[Variant]:
    """All changes, or where an example is large, as many of each kind from its whole length."""
    counts = Counter(each.kind for each in every)
    seen: Counter[str] = Counter()
    chosen: list[Variant] = []
    for each in every:
        step = -(-counts[each.kind] // MOST_VARIANTS)
        if seen[each.kind] % step == 0:
            chosen.append(each)
        seen[each.kind] += 1
    return chosen


EXAMPLES = list(examples())


def test_the_reference_has_examples_of_this_spec() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_documented_answer_stands_in_its_model(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    """Every field that the spec knows has its place there, holds its value, and has the type that the spec says."""
    caplog.set_level(logging.WARNING, "tiktok_shop_async")
    data = decoded(example.answer, example.operation)
    assert disagreements(example.answer["data"], data) == []
    expected = known(example.answer["data"], example.schema) if example.schema else {}
    assert without_place(expected, type(data)) == []
    assert caplog.messages == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_no_odd_place_of_a_documented_answer_fails_the_call_or_loses_a_value(example: Example) -> None:
    for variant in spread(list(variants(example.answer["data"]))):
        data = decoded({**example.answer, "data": variant.value}, example.operation)
        assert disagreements(variant.value, data) == [], str(variant)
