"""Every example of a notification in the public reference stands in its typed event.

TIKTOK_SHOP_REFERENCE names a folder that holds the reference, with the notifications as `webhooks/<number>-*.json`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.decoding.agreement import disagreements, without_place
from tiktok_shop_async.event import UnknownEvent
from tiktok_shop_async.events import event_class
from tiktok_shop_async.webhooks import parse

if "TIKTOK_SHOP_REFERENCE" not in os.environ:
    pytest.skip("TIKTOK_SHOP_REFERENCE names no copy of the API reference", allow_module_level=True)

DESCRIBED: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_bytes())
    for file in sorted((Path(os.environ["TIKTOK_SHOP_REFERENCE"]) / "webhooks").glob("*.json"))
}
EXAMPLES = [name for name, described in DESCRIBED.items() if "example" in described]

# Names that examples have, and the lists of fields beside them have not.
MISSPELT = {
    "37-product-audit-status-change": ["data.data.audit.pre_approved_reason"],
    "46-image-translation-completed": ["data.data.translation_task.target_lang"],
}


def test_the_reference_describes_notifications() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_documented_type_has_an_event(name: str) -> None:
    assert event_class(DESCRIBED[name]["type"]) is not None


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_documented_notification_stands_in_its_event(name: str) -> None:
    example = DESCRIBED[name]["example"]
    event = parse(json.dumps(example).encode())
    assert not isinstance(event, UnknownEvent)
    assert disagreements(example, event) == []
    assert without_place(example, type(event)) == MISSPELT.get(name, [])
