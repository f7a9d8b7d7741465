"""Compares notifications: which types there are, and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.findings import Subject
from tiktok_shop_async.spec_diff.names import media_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.spec_diff.document import Document, Node
    from tiktok_shop_async.spec_diff.findings import Findings
    from tiktok_shop_async.spec_diff.schemas import Schemas

__all__ = ["Webhooks", "event_of"]


class Webhooks:
    """Compares the notifications of an older document with those of a newer one."""

    def __init__(self, base: Document, revision: Document, schemas: Schemas, findings: Findings) -> None:
        self._base = base
        self._revision = revision
        self._schemas = schemas
        self._findings = findings

    def compare(self) -> None:
        """Tell how they differ."""
        old, new = _posted(self._base), _posted(self._revision)
        numbers = {node.data.get("x-webhook-type"): name for name, node in new.items() if "x-webhook-type" in node.data}
        renamed: dict[str, str] = {}
        for name, node in old.items():
            number = node.data.get("x-webhook-type")
            now = name if name in new else numbers.get(number) if numbers.get(number) not in old else None
            self._findings.begin()
            if now is None:
                preview = "preview-" if node.data.get("x-status") == "preview" else ""
                self._say(
                    f"{preview}webhook-removed",
                    node,
                    name,
                    f"the notification `{name}` is gone",
                    f"`{event_of(name)}` is no longer there",
                )
            else:
                if now != name:
                    renamed[now] = name
                    text = f"`{name}` is called `{now}`"
                    self._say("webhook-renamed", new[now], now, text, f"`{event_of(name)}` is now `{event_of(now)}`")
                self._pair(node, new[now], now)
            last = now or name
            self._findings.end(event_of(last), last, {event_of(name), event_of(last)})
        for name, node in new.items():
            if name not in old and name not in renamed:
                self._findings.begin()
                self._say(
                    "webhook-added", node, name, f"the notification `{name}` is new", f"`{event_of(name)}` is new"
                )
                self._findings.end(event_of(name), name, [event_of(name)])

    def _pair(self, base: Node, revision: Node, name: str) -> None:
        event = event_of(name)
        was, is_now = (each.data.get("x-status") == "preview" for each in (base, revision))
        if was != is_now:
            text = f"`{event}` is {'a preview, and may still change' if is_now else 'no longer a preview'}"
            self._say(f"webhook-{'became' if is_now else 'left'}-preview", revision, name, text, text)
        before, after = base.data.get("x-webhook-type"), revision.data.get("x-webhook-type")
        if before != after:
            text = f"the number of `{event}` is {after}, and was {before}"
            self._say("webhook-type-changed", revision, name, text, text)
        before, after = base.data.get("x-webhook-object"), revision.data.get("x-webhook-object")
        if before != after:
            text = f"`{event}` is about {_about(after)}, and was about {_about(before)}"
            self._say("webhook-object-changed", revision, name, text, text)
        old = media_of(self._base, base.at("requestBody")).get("application/json")
        new = media_of(self._revision, revision.at("requestBody")).get("application/json")
        seen = Subject(event, notification=True)
        if old is not None and new is not None:
            self._schemas.compare(self._base.schema(old), self._revision.schema(new), "answer", seen)

    def _say(self, rule: str, node: Node, name: str, wire: str, python: str) -> None:
        self._findings.report(rule, node.pointer, Subject(event_of(name)), wire=wire, python=python)


def event_of(name: str) -> str:
    """The class of the notifications of a type."""
    return "".join(word.capitalize() for word in name.split("_"))


def _posted(document: Document) -> Mapping[str, Node]:
    webhooks = document.node("webhooks")
    found: dict[str, Node] = {}
    for name in webhooks.data:
        item = document.follow(webhooks.at(name))
        found[name] = item.at("post")
    return found


def _about(given: Mapping[str, Any] | None) -> str:
    """The object that a notification is about, in a message."""
    if not given:
        return "no single object"
    part = "a part of " if given.get("partial") else ""
    at = f" at `{given['time']}`" if "time" in given else ""
    return f"{part}the {given['kind']} of `{given['id']}`{at}"
