"""Derives the modules of events: one for each webhook, with the class of its notifications and of what they hold.

A webhook's payload is written out in place in the spec. Its nested objects are named by their `title`, so that they are
taken out of it here and read as named schemas are.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from scripts.generator.classes import Class, own_name
from scripts.generator.document import Document, SpecError
from scripts.generator.facts import PREVIEW, sentence
from scripts.generator.imports import ClassImports, Imports
from scripts.generator.models import Attribute, Model, answered_attribute
from scripts.generator.types import PACKAGE

if TYPE_CHECKING:
    from scripts.generator.document import Field, Json

_EVENT = f"{PACKAGE}.event"
_MODEL = f"{PACKAGE}.model"
_OF_THE_BASE = ("type", "tts_notification_id", "shop_id", "timestamp", "data")
_OWNERS = {"shop_id": "shop", "seller_open_id": "seller", "creator_open_id": "creator"}


@dataclass(frozen=True)
class Webhook:
    """A webhook of the document: its name in the spec, its number, and the schema of what it brings."""

    name: str
    number: int
    data: Json
    payload: Json

    @property
    def class_name(self) -> str:
        """The class of its events: the name of the type in CamelCase."""
        return "".join(word.capitalize() for word in self.name.split("_"))


@dataclass
class EventModule:
    """The module of a webhook."""

    webhook: Webhook
    imports: Imports = field(default_factory=Imports)
    models: list[Model] = field(default_factory=list[Model])
    attributes: list[Attribute] = field(default_factory=list[Attribute])
    """Of the event itself, but for those that the base has."""

    @property
    def name(self) -> str:
        """What the module is called."""
        return self.webhook.name.lower()

    @property
    def event(self) -> str:
        """The class of the events."""
        return self.webhook.class_name

    @property
    def classes(self) -> list[str]:
        """The names of its classes."""
        return sorted([self.event, *(model.name for model in self.models)])

    @property
    def doc(self) -> str:
        """What is said of the event: what it tells, and how it is called elsewhere."""
        paragraphs = [sentence(self.webhook.data["summary"])]
        if description := self.webhook.data.get("description"):
            paragraphs.append(sentence(description))
        if self.webhook.data.get("x-status") == "preview":
            paragraphs.append(PREVIEW)
        also = self.webhook.data.get("x-webhook-names", [])
        called = f"Type {self.webhook.number}, `{self.webhook.name}`"
        paragraphs.append(sentence(f"{called}; also called {', '.join(also)}" if also else called))
        return "\n\n".join(paragraphs)

    @property
    def object_fields(self) -> str:
        """The arguments of the event's `ObjectFields(...)`; empty where it is about no single object."""
        about = self.webhook.data.get("x-webhook-object", {})
        arguments = [f'"{about[key]}"' for key in ("kind", "id", "time") if key in about]
        if about.get("partial"):
            arguments.append("partial=True")
        return ", ".join(arguments)


class EventRow(NamedTuple):
    """A row of the table of events."""

    type: str
    event: str
    summary: str
    of: str
    about: str
    names: str


def event_row(module: EventModule) -> EventRow:
    """What the table says of an event."""
    data = module.webhook.data
    about = data.get("x-webhook-object", {})
    fields = module.webhook.payload["properties"]
    preview = f" {PREVIEW}" if data.get("x-status") == "preview" else ""
    return EventRow(
        type=str(module.webhook.number),
        event=f"`{module.event}`",
        summary=sentence(data["summary"]).replace("|", "\\|") + preview,
        of=", ".join(owner for name, owner in _OWNERS.items() if name in fields),
        about=f"{about['kind'].replace('-', ' ')} (`{about['id']}`)" if about else "",
        names=", ".join([f"`{module.webhook.name}`", *data.get("x-webhook-names", [])]),
    )


def event_modules(document: Document) -> list[EventModule]:
    """Every module of events that the document needs, by name."""
    modules = [_module(webhook) for webhook in _webhooks(document)]
    classes = Counter(name for module in modules for name in module.classes)
    if twice := sorted(name for name, count in classes.items() if count > 1):
        raise SpecError(f"several webhooks have a class of the name {', '.join(twice)}")
    numbers = Counter(module.webhook.number for module in modules)
    if shared := sorted(str(number) for number, count in numbers.items() if count > 1):
        raise SpecError(f"several webhooks are of type {', '.join(shared)}")
    return modules


def _webhooks(document: Document) -> list[Webhook]:
    found: list[Webhook] = []
    for name, item in sorted(document.data.get("webhooks", {}).items()):
        if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name):
            raise SpecError(f"{name}: is no name for a type of event")
        data = item["post"]
        payload = data["requestBody"]["content"]["application/json"]["schema"]
        if not payload.get("properties", {}).get("data", {}).get("properties"):
            raise SpecError(f"{name}: has no data")
        found.append(Webhook(name, data["x-webhook-type"], data, payload))
    return found


def _module(webhook: Webhook) -> EventModule:
    schemas: dict[str, Json] = {}
    event = webhook.class_name
    payload = dict(webhook.payload["properties"])
    payload["data"] = {**payload["data"], "title": f"{event}Data"}
    _take_out({**webhook.payload, "title": event, "properties": payload}, schemas, webhook.name)
    document = Document({"components": {"schemas": schemas}})
    _check_object(document, webhook)

    home = _Home(webhook.name.lower())
    module = EventModule(webhook)
    for name in schemas:  # parts stand before the whole: they are taken out first
        fields = [each for each in document.fields(name) if name != event or each.name not in _OF_THE_BASE[:-1]]
        own = {each.value.leaf.name for each in fields if each.value.leaf.kind == "object"}
        if hidden := sorted({each.name for each in fields} & own):
            raise SpecError(f"{webhook.name}: {', '.join(hidden)} is both an attribute and the class of one")
        names = ClassImports(module.imports, {each.name for each in fields})
        module.imports.use("attrs", "define")
        attributes = [
            answered_attribute(each, home, names, home.module, own_id=_is_id(each))
            for each in sorted(fields, key=lambda each: name == event and each.name == "data")
        ]
        if name == event:
            module.attributes = attributes
        else:
            doc = sentence(document.schema(name, webhook.name).get("description", ""))
            module.models.append(Model(name, module.imports.use(_MODEL, "Model"), doc, attributes, []))
    module.imports.use(_EVENT, "Event")
    if module.object_fields:
        module.imports.use(_EVENT, "ObjectFields")
    return module


@dataclass(frozen=True)
class _Home:
    """Where the classes of one webhook stand: all in its module."""

    module: str

    def answer(self, name: str) -> Class:
        return Class(self.module, name)


def _take_out(schema: Json, schemas: dict[str, Json], where: str) -> Json:
    """The schema with a reference to each object in it, which goes into `schemas` under its title.

    A number of 64 bits is an id that travels as one: ids are text to those who work with them.
    """
    if "items" in schema:
        return {**schema, "items": _take_out(schema["items"], schemas, where)}
    if schema.get("properties"):
        name = own_name(schema.get("title", ""), where)
        fields = {key: _take_out(each, schemas, f"{where}.{key}") for key, each in schema["properties"].items()}
        taken = {key: each for key, each in schema.items() if key != "title"} | {"properties": fields}
        if schemas.setdefault(name, taken) != taken:
            raise SpecError(f"{where}: {name} has another shape elsewhere")
        return {"$ref": f"#/components/schemas/{name}"}
    if schema.get("format") == "int64":
        return {**{key: each for key, each in schema.items() if key != "format"}, "type": "string"}
    return schema


def _check_object(document: Document, webhook: Webhook) -> None:
    about = webhook.data.get("x-webhook-object", {})
    for key, kind in (("id", "text"), ("time", "integer")):
        if key in about:
            where = f"{webhook.name}: x-webhook-object.{key}"
            if document.at(f"{webhook.class_name}Data", about[key], where).kind != kind:
                raise SpecError(f"{where}: {about[key]} is no {kind}")


def _is_id(each: Field) -> bool:
    return each.name == "id" or each.name.endswith("_id")
