"""Rules on spec/legacy.yaml, which says what takes the place of the API before 202309."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scripts.spec_files import Node, Place
from scripts.spec_rules.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_rules.spec import Spec

FILE = "legacy.yaml"


@rule("legacy-entry")
def legacy_entry(spec: Spec) -> Iterator[Problem]:
    """`legacy.yaml` holds what legacy.schema.json defines, and no name or endpoint twice."""
    content = _content(spec)
    if content is None:
        return
    file = spec.folder / FILE
    refusals = list(spec.refusals(content, "legacy.schema.json"))
    for refusal in refusals:
        yield Problem(Place(file, refusal.path), str(refusal))
    if refusals:
        return
    for key in ("name", "endpoint"):
        counts = Counter(api.get(key) for api, _ in _apis(spec))
        for api, place in _apis(spec):
            if key in api and counts[api[key]] > 1:
                yield Problem(place.below(key), f"several APIs have the {key} {api[key]}")


@rule("legacy-successor")
def legacy_successor(spec: Spec) -> Iterator[Problem]:
    """What `legacy.yaml` leads to exists: operations, webhooks and values of enumerations."""
    content = _content(spec)
    if content is None or any(legacy_entry(spec)):
        return
    operations = {str(name) for each in spec.operations for name in (each.name, each.node.get("x-alias")) if name}
    for api, place in _apis(spec):
        yield from _missing(api.get("successors", []), operations, place.below("successors"), "operation")
        yield from _missing(api.get("events", []), set(spec.webhooks), place.below("events"), "webhook")
    root = Place(spec.folder / FILE)
    for position, area in enumerate(content["areas"]):
        yield from _missing(area.get("new", []), operations, root.below("areas", position, "new"), "operation")
    for name, codes in content["codes"].items():
        values = spec.schemas.get(name, {}).get("enum", [])
        for code, value in codes.items():
            if value not in values:
                yield Problem(root.below("codes", name, code), f"{name} has no value {value}")


def _content(spec: Spec) -> Node | None:
    """What the file holds; None where a spec has no such file."""
    file = spec.folder / FILE
    return spec.file(file) if file.is_file() else None


def _apis(spec: Spec) -> Iterator[tuple[Node, Place]]:
    for number, area in enumerate((_content(spec) or {"areas": []})["areas"]):
        for position, api in enumerate(area["apis"]):
            yield api, Place(spec.folder / FILE).below("areas", number, "apis", position)


def _missing(names: list[str], known: set[str], place: Place, kind: str) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name not in known:
            yield Problem(place.below(position), f"the spec has no {kind} {name}")
