"""Pairs of documents that differ in one thing, and what is to be told of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML

from tiktok_shop_async.spec_diff import Document

CORPUS = Path(__file__).parent / "corpus"

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """A file of the corpus.

    The rule of the first change is the one that the file is about.
    """

    name: str
    about: str
    before: Json
    after: Json
    changes: list[Json]

    @property
    def rule(self) -> str:
        """The rule that the file is about; empty where there is nothing to tell."""
        return str(self.changes[0]["rule"]) if self.changes else ""

    @property
    def base(self) -> Document:
        """The older document."""
        return Document(self.before)

    @property
    def revision(self) -> Document:
        """The newer document."""
        return Document(self.after)


def pair(path: Path) -> Pair:
    """Read a file of the corpus."""
    told = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return Pair(path.stem, told["about"], bakery(told["before"]), bakery(told["after"]), told["changes"])


def bakery(part: Json) -> Json:
    """Make a whole document of a part of one.

    `schemas` are those of the components. Where there are no `paths`, there is a bakery with two operations, whose own
    keys can be given under their names: `get_cake` answers the schema `Cake` in an envelope, and `bake_cake` takes the
    schema `Recipe` for its body.
    """
    document: Json = {"openapi": "3.1.0", "info": {"title": "Bakery", "version": "1"}}
    document |= {key: value for key, value in part.items() if key not in ("schemas", "get_cake", "bake_cake")}
    schemas = part.get("schemas", {})
    if schemas:
        document["components"] = {**document.get("components", {}), "schemas": schemas}
    if "paths" not in document:
        document["paths"] = {
            "/cakes": {"post": _bake_cake(schemas) | part.get("bake_cake", {})},
            "/cakes/{cake_id}": {
                "parameters": [{"name": "cake_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": _get_cake(schemas) | part.get("get_cake", {}),
            },
        }
    for item in document["paths"].values():
        for method in ("get", "put", "post", "delete"):
            if method in item:
                item[method] = {"responses": {"200": {"description": "It went well."}}, **item[method]}
    return document


def _get_cake(schemas: Json) -> Json:
    operation: Json = {"operationId": "get_cake", "tags": ["cakes"]}
    if "Cake" in schemas:
        fields = {
            "code": {"type": "integer"},
            "message": {"type": "string"},
            "data": {"$ref": "#/components/schemas/Cake"},
        }
        content = {"application/json": {"schema": {"type": "object", "properties": fields}}}
        operation["responses"] = {"200": {"description": "The cake.", "content": content}}
    return operation


def _bake_cake(schemas: Json) -> Json:
    operation: Json = {"operationId": "bake_cake", "tags": ["cakes"]}
    if "Recipe" in schemas:
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Recipe"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation
