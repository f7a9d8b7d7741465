"""Rules on webhooks: what the API tells a receiver."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.spec_rules.name_rules import flaw
from scripts.spec_rules.rule import Problem, rule
from scripts.spec_rules.spec import below, extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_files import Node, Pointer
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
        fields = _payload(webhook).get("properties", {})
        if missing := [field for field in ENVELOPE if field not in fields]:
            yield Problem(("webhooks", name, "post"), f"{name}: its body lacks {', '.join(missing)}")


@rule("webhook-title")
def webhook_title(spec: Spec) -> Iterator[Problem]:
    """Each object within the `data` of a webhook has a `title`, which names its class.

    Objects of one title have one shape and belong to one webhook; a schema, or a type of event, is not called so.
    """
    of_events = {_camel_case(name) + ending for name in spec.webhooks for ending in ("", "Data")}
    homes: dict[str, tuple[str, Node]] = {}
    for name, webhook in spec.webhooks.items():
        for node, pointer in _within_data(webhook, name):
            title = str(node.get("title", ""))
            home, shape = homes.setdefault(title, (name, node["properties"]))
            if not title:
                problem: str | None = f"{name}: give this object a title"
            elif title in spec.schemas or title in of_events:
                problem = f"{title}: something else is called so"
            elif home != name:
                problem = f"{title}: an object of {home} is called so, and each webhook has its own"
            elif shape != node["properties"]:
                problem = f"{title}: another object of {name} is called so, and has another shape"
            else:
                problem = flaw(title)
            if problem:
                yield Problem(pointer, problem)


@rule("webhook-object")
def webhook_object(spec: Spec) -> Iterator[Problem]:
    """`x-webhook-object` names fields of `data`: an id as text or a number of 64 bits, and a time in Unix seconds."""
    for name, webhook in spec.webhooks.items():
        about = webhook.get("x-webhook-object", {})
        data = _payload(webhook).get("properties", {}).get("data", {})
        for key in ("id", "time") if isinstance(about, dict) else ():
            if key not in about:
                continue
            field = spec.field(data, path := str(about[key]))
            pointer = ("webhooks", name, "post", "x-webhook-object", key)
            if field is None:
                yield Problem(pointer, f"{name}: there is no {path} in its data")
            elif key == "id" and field.get("type") != "string" and field.get("format") != "int64":
                yield Problem(pointer, f"{name}: {path} is no id")
            elif key == "time" and field.get("format") != "unix-seconds":
                yield Problem(pointer, f"{name}: {path} is no time in Unix seconds")


def _payload(webhook: Node) -> Node:
    schema: Node = webhook.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _within_data(webhook: Node, name: str) -> Iterator[tuple[Node, Pointer]]:
    """The objects inside the `data` of a webhook, with their places."""
    start = ("webhooks", name, "post", "requestBody", "content", "application/json", "schema", "properties", "data")
    data = _payload(webhook).get("properties", {}).get("data", {})
    return ((node, pointer) for node, pointer in below(data, start) if node is not data and "properties" in node)


def _camel_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
