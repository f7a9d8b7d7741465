"""What the guide to the sandbox says is made up is made up, and nothing else is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tiktok_shop_async.sandbox.registry import served
from tiktok_shop_async.sandbox.spec import BUNDLE

GUIDE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def told() -> dict[str, set[str]]:
    """By resource, what the table lists; `all` is nothing by name."""
    table = GUIDE.split("| resource | made up |\n|---|---|\n")[1].split("\n\n")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines()]
    return {name: set(re.findall(r"`(\w+)`", what)) for names, what in lines for name in re.findall(r"`(\w+)`", names)}


def test_the_guide_lists_what_is_made_up() -> None:
    made_up: dict[str, set[str]] = {}
    behaves: set[str] = set()
    for path, item in json.loads(BUNDLE.read_bytes())["paths"].items():
        for method, operation in item.items():
            (resource,) = operation["tags"]
            if (method.upper(), path) in served():
                behaves.add(resource)
            else:
                made_up.setdefault(resource, set()).add(operation["operationId"])
    assert told() == {name: operations if name in behaves else set() for name, operations in made_up.items()}
