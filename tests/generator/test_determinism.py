"""The same spec gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scripts.bundle import bundle
from scripts.generate import generate
from scripts.generator.document import Document
from scripts.generator.files import differences
from scripts.spec_files import read_yaml

ROOT = Path(__file__).parents[2]
AUTHORED = ("default", "enum")


def shuffled(value: Any, random: Random) -> Any:
    """The same facts in another order: of keys, and of parameters; other lists say something by their order."""
    if isinstance(value, list):
        return [shuffled(each, random) for each in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    random.shuffle(keys)
    content = {key: value[key] if key in AUTHORED else shuffled(value[key], random) for key in keys}
    for key in ("parameters", "tags", "x-path-files", "x-webhook-files"):
        if isinstance(content.get(key), list):
            random.shuffle(content[key])
    return content


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_paths_schemas_properties_and_parameters_makes_no_difference(
    garden: dict[str, Any], generated: dict[str, str], seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - nothing secret

    assert generate(Document(shuffled(garden, random))) == generated


def test_the_order_of_the_files_of_the_spec_and_of_what_is_in_them_makes_no_difference(tmp_path: Path) -> None:
    """The drift check of this very spec, written down in another order."""
    random = Random(7)  # noqa: S311 - nothing secret
    for file in sorted((ROOT / "spec").rglob("*.yaml")):
        content = shuffled(read_yaml(file), random)
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    bundled = bundle(tmp_path / "spec" / "openapi.yaml")

    assert not bundled.findings
    assert differences(generate(Document(bundled.document)), ROOT / "tiktok_shop_async") == []


def test_generating_does_not_change_the_document(garden: dict[str, Any]) -> None:
    before = repr(garden)

    generate(Document(garden))

    assert repr(garden) == before
