"""Comparing: the order of what is told, severities that differ, places, and two operations of one document."""

from __future__ import annotations

import pytest

from tests.spec_diff.bakery import CORPUS, Json, bakery, pair
from tiktok_shop_async.spec_diff import RULES, Document, Severity, compare, compare_operations

SEVERAL = pair(CORPUS / "several-changes-of-one-operation.yaml")


TEXT = {"type": "string"}
TIN = {"properties": {"size": {"type": "integer"}}}


def revisions() -> Document:
    """Two revisions of one operation: the newer one takes another list of sizes, and answers one field more."""

    def operation(name: str, size: Json, *fields: str) -> Json:
        cake = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
        answer = {"description": "The cake.", "content": {"application/json": {"schema": cake}}}
        parameter = {"name": "size", "in": "query", "schema": size}
        return {"operationId": name, "tags": ["cakes"], "parameters": [parameter], "responses": {"200": answer}}

    paths = {
        "/2025/cakes": {"get": operation("get_cake_2025", {"type": "integer"}, "name") | {"x-alias": "get_cake"}},
        "/2026/cakes": {"get": operation("get_cake_2026", {"type": "string"}, "name", "weight")},
    }
    return Document(bakery({"paths": paths}))


def test_the_worst_is_told_first() -> None:
    ranks = [change.severity.rank for change in compare(SEVERAL.base, SEVERAL.revision)]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1


def test_a_severity_can_be_another_one() -> None:
    changes = compare(SEVERAL.base, SEVERAL.revision, levels={"scopes-required": Severity.SAFE})
    assert {change.severity for change in changes if change.rule == "scopes-required"} == {Severity.SAFE}


def test_what_is_new_has_its_place_in_the_newer_document() -> None:
    told = pair(CORPUS / "answer-field-added.yaml")
    (change,) = compare(told.base, told.revision)
    assert change.place == "#/components/schemas/Cake/properties/weight"


def test_what_is_gone_has_its_place_in_the_older_document() -> None:
    told = pair(CORPUS / "request-field-removed.yaml")
    (change,) = compare(told.base, told.revision)
    assert change.place == "#/components/schemas/Recipe/properties/flour"


def test_a_change_holds_the_values_before_and_after() -> None:
    told = pair(CORPUS / "request-maximum-tightened.yaml")
    (change,) = compare(told.base, told.revision)
    assert (change.base, change.revision) == (20, 10)


def test_two_operations_of_a_document_are_compared_whatever_they_are_called() -> None:
    changes = compare_operations(revisions(), "cakes.get_cake_2025", "cakes.get_cake_2026")
    assert [(change.rule, change.subject) for change in changes] == [
        ("request-type-changed", "cakes.get_cake_2026(size=…)"),
        ("answer-field-added", "cakes.get_cake_2026().weight"),
    ]


def test_an_operation_can_be_named_by_its_alias() -> None:
    assert compare_operations(revisions(), "cakes.get_cake", "cakes.get_cake_2025") == []


def test_an_operation_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"cakes\.get_pie"):
        compare_operations(revisions(), "cakes.get_cake", "cakes.get_pie")


def test_every_rule_says_what_it_is_in_a_line() -> None:
    assert [rule.id for rule in RULES.values() if not rule.says or "\n" in rule.says] == []


def test_rules_are_found_by_their_own_ids() -> None:
    assert list(RULES) == [rule.id for rule in RULES.values()]


def test_every_severity_of_a_rule_is_one() -> None:
    assert {rule.severity for rule in RULES.values()} == set(Severity)


def test_a_change_names_what_it_concerns_in_python_and_on_the_wire() -> None:
    told = pair(CORPUS / "one-class-of-several-operations.yaml")
    (change,) = compare(told.base, told.revision)
    assert change.operations == ("ovens.find_oven", "ovens.get_oven", "ovens.list_ovens")
    assert change.endpoints == ("GET /find_oven", "GET /get_oven", "GET /list_ovens")


def test_a_change_of_a_notification_names_its_class_and_its_name_on_the_wire() -> None:
    told = pair(CORPUS / "webhook-field-added.yaml")
    (change,) = compare(told.base, told.revision)
    assert (change.operations, change.endpoints) == (("CakeBaked",), ("CAKE_BAKED",))


def test_a_new_field_names_all_that_it_holds() -> None:
    oven = {"properties": {"door": {"properties": {"colour": TEXT}}, "shelves": {"type": "array", "items": TIN}}}
    before, after = ({"properties": fields} for fields in ({"name": TEXT}, {"name": TEXT, "oven": oven}))
    older, newer = (Document(bakery({"schemas": {"Cake": cake}})) for cake in (before, after))
    (change,) = compare(older, newer)
    assert change.fields == ("oven", "oven.door", "oven.door.colour", "oven.shelves", "oven.shelves.size")
