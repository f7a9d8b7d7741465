"""Rules on webhooks: what the API tells a receiver."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.spec_rules.rule import Problem, rule
from scripts.spec_rules.spec import extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_rules.spec import Spec

ENVELOPE = ("type", "timestamp", "data")


@rule("webhook-extensions")
def webhook_extensions(spec: Spec) -> Iterator[Problem]:
    """A webhook is a POST with a name in capitals, a summary and its number in `x-webhook-type`, which no other has."""
    first: dict[int, str] = {}
    for name, webhook in spec.webhooks.items():
        pointer = ("webhooks", name, "post")
        for refusal in spec.refusals(extensions(webhook), "extensions.schema.json#/$defs/Webhook"):
            yield Problem(pointer + refusal.path, f"{name}: {refusal}")
        if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name):
            yield Problem(pointer, f"{name}: name it in capitals, as Update Shop Webhook names a type of event")
        if not str(webhook.get("summary", "")).strip():
            yield Problem(pointer, f"{name}: add a summary of one sentence")
        number = webhook.get("x-webhook-type")
        if isinstance(number, int) and (other := first.setdefault(number, name)) != name:
            yield Problem((*pointer, "x-webhook-type"), f"{name} and {other} are both type {number}")


@rule("webhook-envelope")
def webhook_envelope(spec: Spec) -> Iterator[Problem]:
    """What a webhook brings is an object with `type`, `timestamp` and `data`, beside what says whose it is."""
    for name, webhook in spec.webhooks.items():
        content = webhook.get("requestBody", {}).get("content", {})
        fields = content.get("application/json", {}).get("schema", {}).get("properties", {})
        if missing := [field for field in ENVELOPE if field not in fields]:
            yield Problem(("webhooks", name, "post"), f"{name}: its body lacks {', '.join(missing)}")
