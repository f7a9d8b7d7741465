"""What the rules on webhooks find, and how webhooks are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.bundle import bundle

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

REPAIRS = "webhooks/repairs.yaml"
ROOT = """\
x-webhook-files: [webhooks/repairs.yaml]
"""
WEBHOOK = """\
REPAIR_DONE:
  post:
    summary: A bicycle is mended.
    x-webhook-type: 1
    x-webhook-object: {kind: repair, id: repair_id, time: done_at}
    requestBody:
      content:
        application/json:
          schema:
            type: object
            properties:
              type: {type: integer}
              shop_id: {type: string}
              timestamp: {type: integer, format: unix-seconds}
              data:
                type: object
                properties:
                  repair_id: {type: string}
                  result: {type: string, x-enum: open, enum: [MENDED, HOPELESS]}
                  parts:
                    type: array
                    items: {title: UsedPart, type: object, properties: {number: {type: string}}}
                  done_at: {type: integer, format: unix-seconds}
    responses:
      "200": {description: Received.}
"""


@pytest.fixture
def told(workshop: Workshop) -> Workshop:
    """The workshop, which tells when a repair is done."""
    workshop.append("openapi.yaml", ROOT)
    workshop.write(REPAIRS, WEBHOOK)
    return workshop


@pytest.mark.parametrize(
    "rule",
    [
        *("webhook-extensions", "webhook-envelope", "webhook-title", "webhook-object"),
        *("unlisted-webhook-file", "inline-object", "inline-enum", "schema-keyword"),
    ],
)
def test_a_webhook_whose_payload_is_written_out_in_place_is_in_order(told: Workshop, rule: str) -> None:
    assert told.complaints(rule) == []


def test_webhooks_are_joined_and_the_list_of_their_files_is_not_kept(told: Workshop) -> None:
    document = told.document()
    assert list(document["webhooks"]) == ["REPAIR_DONE"]
    assert "x-webhook-files" not in document


def test_a_webhook_of_two_files_is_reported(told: Workshop) -> None:
    told.replace("openapi.yaml", "webhooks/repairs.yaml]", "webhooks/repairs.yaml, webhooks/more.yaml]")
    told.write("webhooks/more.yaml", WEBHOOK)
    (finding,) = bundle(told.root).findings
    assert (finding.rule, finding.place.file.name) == ("duplicate-webhook", "more.yaml")


def test_a_file_of_webhooks_that_the_root_does_not_list(workshop: Workshop) -> None:
    workshop.write(REPAIRS, WEBHOOK)
    assert workshop.complaints("unlisted-webhook-file") == [f"add {REPAIRS} to x-webhook-files of openapi.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    x-webhook-type: 1\n", "", "REPAIR_DONE: 'x-webhook-type' is a required property"),
        ("x-webhook-type: 1", "x-webhook-type: one", "REPAIR_DONE: x-webhook-type: 'one' is not of type 'integer'"),
        ("REPAIR_DONE:", "repair_done:", "repair_done: name it in capitals"),
        ("{kind: repair, ", "{", "REPAIR_DONE: x-webhook-object: 'kind' is a required property"),
        ("A bicycle is mended.", '""', "REPAIR_DONE: add a summary of one sentence"),
    ],
)
def test_a_webhook_without_a_number_a_name_or_a_summary(told: Workshop, old: str, new: str, complaint: str) -> None:
    told.replace(REPAIRS, old, new)
    (found,) = told.complaints("webhook-extensions")
    assert found.startswith(complaint)


def test_two_webhooks_of_one_number(told: Workshop) -> None:
    told.append(REPAIRS, WEBHOOK.replace("REPAIR_DONE", "REPAIR_BEGUN"))
    assert told.complaints("webhook-extensions") == ["REPAIR_DONE and REPAIR_BEGUN are both type 1"]


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ("", "REPAIR_DONE: give this object a title"),
        ("title: used_part, ", "used_part: write it in CamelCase"),
        ("title: PartsItemItem, ", "PartsItemItem looks generated: it repeats a path in the JSON"),
        ("title: RepairDoneData, ", "RepairDoneData: something else is called so"),
        ("title: Bicycle, ", "Bicycle: something else is called so"),
    ],
)
def test_an_object_of_a_webhook_without_a_title_of_its_own(told: Workshop, new: str, complaint: str) -> None:
    told.replace(REPAIRS, "title: UsedPart, ", new)
    assert told.complaints("webhook-title") == [complaint]


def test_a_title_of_two_webhooks(told: Workshop) -> None:
    told.append(REPAIRS, WEBHOOK.replace("REPAIR_DONE", "REPAIR_BEGUN").replace("type: 1", "type: 2"))
    assert told.complaints("webhook-title") == [
        "UsedPart: an object of REPAIR_BEGUN is called so, and each webhook has its own"
    ]


@pytest.mark.parametrize(("field", "complaints"), [("number", 0), ("weight", 1)])
def test_a_title_is_of_one_shape(told: Workshop, field: str, complaints: int) -> None:
    part = "{title: UsedPart, type: object, properties: {%s: {type: string}}}"
    told.replace(
        REPAIRS, "                  done_at:", f"                  lost: {part % field}\n                  done_at:"
    )
    assert len(told.complaints("webhook-title")) == complaints


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("id: repair_id", "id: bicycle_id", "REPAIR_DONE: there is no bicycle_id in its data"),
        ("id: repair_id", "id: done_at", "REPAIR_DONE: done_at is no id"),
        ("time: done_at", "time: result", "REPAIR_DONE: result is no time in Unix seconds"),
    ],
)
def test_a_webhook_about_an_object_that_its_data_does_not_name(
    told: Workshop, old: str, new: str, complaint: str
) -> None:
    told.replace(REPAIRS, old, new)
    assert told.complaints("webhook-object") == [complaint]


def test_a_webhook_that_lacks_a_part_of_the_envelope(told: Workshop) -> None:
    told.replace(REPAIRS, "              timestamp: {type: integer, format: unix-seconds}\n", "")
    assert told.complaints("webhook-envelope") == ["REPAIR_DONE: its body lacks timestamp"]


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("known-format", "format: unix-seconds", "format: unix"),
        ("schema-keyword", "repair_id: {type", "repair_id: {typ"),
        ("field-type", "repair_id: {type: string}", "repair_id: {type: text}"),
    ],
)
def test_the_fields_of_webhooks_are_held_against_the_rules_on_fields(
    told: Workshop, rule: str, old: str, new: str
) -> None:
    told.replace(REPAIRS, old, new)
    assert len(told.complaints(rule)) == 1
