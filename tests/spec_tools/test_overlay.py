"""Overlays add what is announced to the spec, mark it as a preview, and say what stands in their way."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.bundle import Bundle, bundle, main
from scripts.lint import lint
from scripts.overlay import previews_named
from scripts.spec_rules import Spec
from tests.spec_tools.conftest import SPEC, Workshop

if TYPE_CHECKING:
    from pathlib import Path


REPAIR = "workshop/schemas/repair.yaml"
SEARCH = "$.paths['/workshop/202309/repairs/search'].post"
PARCELS = """
- target: $.paths
  update:
    /workshop/202612/parcels/{parcel_id}:
      get:
        operationId: get_parcel
        tags: [repairs]
        summary: Follow a parcel.
        x-version: "202612"
        x-scopes: [workshop.repair.read]
        x-token: seller
        x-identifiers: {}
        x-safety: read
        x-error-codes: []
        x-markets: all
        parameters:
          - {name: parcel_id, in: path, required: true, schema: {type: string}}
        responses:
          "200":
            description: Where it is.
            content:
              application/json:
                schema:
                  allOf:
                    - $ref: "#/components/schemas/Envelope"
                    - properties: {data: {$ref: "#/components/schemas/Parcel"}}
- target: $.components.schemas
  update:
    Parcel: {type: object, properties: {id: {type: string}, price: {$ref: "#/components/schemas/Price"}}}
"""
WEBHOOK = """
- target: $.webhooks
  update:
    PARCEL_LOST:
      post:
        summary: Nobody knows where a parcel is.
        x-webhook-type: 98
        x-webhook-object: {kind: parcel, id: parcel_id}
        requestBody:
          content:
            application/json:
              schema:
                type: object
                properties:
                  type: {type: integer}
                  tts_notification_id: {type: string}
                  shop_id: {type: string}
                  timestamp: {type: integer, format: unix-seconds}
                  data: {type: object, properties: {parcel_id: {type: string}}}
        responses:
          "200": {description: Received.}
"""
FIELD = """
- target: $.components.schemas.Repair.properties
  update: {sent_back_at: {type: integer, format: unix-seconds}}
"""


def announced(workshop: Workshop, *actions: str) -> Bundle:
    """The spec with overlays of these actions, each in a file of its own."""
    files = [workshop.announce(each, f"overlay-{number}") for number, each in enumerate(actions)]
    return bundle(workshop.root).with_previews(files)


def document(workshop: Workshop, *actions: str) -> Any:
    """The document with what the actions add."""
    overlaid = announced(workshop, *actions)
    assert overlaid.findings == []
    return overlaid.document


def obstacles(workshop: Workshop, *actions: str) -> list[tuple[str, str, str]]:
    """What stands in the way of the actions: rule, place and message."""
    return [
        (each.rule, "/".join((each.place.file.name, *each.place.pointer)), each.message)
        for each in announced(workshop, *actions).findings
    ]


def test_a_new_operation_is_a_preview(workshop: Workshop) -> None:
    added = document(workshop, PARCELS)["paths"]["/workshop/202612/parcels/{parcel_id}"]["get"]
    assert added["x-status"] == "preview"
    assert "x-status" not in added["parameters"][0]["schema"]


def test_a_new_method_of_a_path_is_a_preview_and_the_one_beside_it_is_not(workshop: Workshop) -> None:
    action = "{target: \"$.paths['/workshop/202309/repairs/search']\", update: {get: {operationId: find_repairs}}}"
    item = document(workshop, f"- {action}")["paths"]["/workshop/202309/repairs/search"]
    assert [item["post"]["x-status"], item["get"]["x-status"]] == ["stable", "preview"]


def test_a_new_schema_gets_the_module_of_its_name(workshop: Workshop) -> None:
    assert document(workshop, PARCELS)["components"]["schemas"]["Parcel"]["x-module"] == "parcel"


def test_a_new_schema_can_name_the_module_that_it_will_be_in(workshop: Workshop) -> None:
    named = PARCELS.replace("Parcel: {type", "Parcel: {x-module: repair, type")
    assert document(workshop, named)["components"]["schemas"]["Parcel"]["x-module"] == "repair"


def test_a_new_field_is_a_preview_and_its_neighbours_are_not(workshop: Workshop) -> None:
    fields = document(workshop, FIELD)["components"]["schemas"]["Repair"]["properties"]
    assert fields["sent_back_at"] == {"type": "integer", "format": "unix-seconds", "x-status": "preview"}
    assert [name for name, field in fields.items() if "x-status" in field] == ["sent_back_at"]


def test_a_new_field_of_a_body_is_a_preview(workshop: Workshop) -> None:
    schema = f"{SEARCH}.requestBody.content['application/json'].schema"
    action = f'{{target: "{schema}", update: {{properties: {{by_post: {{type: boolean}}}}}}}}'
    path = document(workshop, f"- {action}")["paths"]["/workshop/202309/repairs/search"]
    fields = path["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert fields["by_post"] == {"type": "boolean", "x-status": "preview"}


def test_a_new_parameter_is_a_preview(workshop: Workshop) -> None:
    action = f'{{target: "{SEARCH}.parameters", update: {{name: city, in: query, schema: {{type: string}}}}}}'
    path = document(workshop, f"- {action}")["paths"]["/workshop/202309/repairs/search"]
    assert path["post"]["parameters"][-1]["schema"] == {"type": "string", "x-status": "preview"}


def test_a_shared_parameter_is_a_preview_for_the_operation_that_gains_it_alone(workshop: Workshop) -> None:
    added = document(
        workshop,
        """
        - target: $.paths['/workshop/202309/bicycles/recent'].get
          update: {parameters: [{$ref: "#/components/parameters/PageToken"}]}
        """,
    )
    parameter = {"name": "page_token", "in": "query", "schema": {"type": "string", "x-status": "preview"}}
    assert added["paths"]["/workshop/202309/bicycles/recent"]["get"]["parameters"] == [parameter]
    assert "x-status" not in added["components"]["parameters"]["PageToken"]["schema"]


def test_the_fields_of_a_new_schema_are_no_previews_beside_it(workshop: Workshop) -> None:
    assert document(workshop, PARCELS)["components"]["schemas"]["Parcel"]["properties"]["id"] == {"type": "string"}


def test_an_action_can_change_what_is_there(workshop: Workshop) -> None:
    limit = "$.components.schemas.WorkInput.properties.tools"
    changed = document(workshop, f"- {{target: {limit}, update: {{maxItems: 9}}}}")
    tools = changed["components"]["schemas"]["WorkInput"]["properties"]["tools"]
    assert tools == {"type": "array", "items": {"type": "string"}, "maxItems": 9}


def test_an_action_can_add_a_value_to_an_enumeration(workshop: Workshop) -> None:
    changed = document(workshop, "- {target: $.components.schemas.RepairStatus.enum, update: IN_THE_POST}")
    assert changed["components"]["schemas"]["RepairStatus"]["enum"][-1] == "IN_THE_POST"


def test_lists_in_an_update_add_what_is_not_there_yet(workshop: Workshop) -> None:
    action = "- {target: $.components.schemas.RepairStatus, update: {enum: [DONE, IN_THE_POST]}}"
    changed = document(workshop, action)
    assert changed["components"]["schemas"]["RepairStatus"]["enum"] == ["WAITING", "ON_STAND", "DONE", "IN_THE_POST"]


def test_an_action_acts_wherever_its_target_matches(workshop: Workshop) -> None:
    action = '- {target: "$.components.schemas[?@.properties.width].properties", update: {depth: {type: integer}}}'
    schemas = document(workshop, action)["components"]["schemas"]
    assert {name for name, each in schemas.items() if "depth" in each.get("properties", {})} == {
        "FrameSize",
        "PhotoSize",
    }


def test_an_action_can_remove_what_is_there(workshop: Workshop) -> None:
    action = "- {target: \"$.components.schemas.RepairStatus.enum[?@ == 'WAITING' || @ == 'DONE']\", remove: true}"
    assert document(workshop, action)["components"]["schemas"]["RepairStatus"]["enum"] == ["ON_STAND"]


def test_what_is_removed_is_what_was_matched_however_often_and_in_whatever_order(workshop: Workshop) -> None:
    action = '- {target: "$.components.schemas.RepairStatus.enum[1,0,1]", remove: true}'
    assert document(workshop, action)["components"]["schemas"]["RepairStatus"]["enum"] == ["DONE"]


def test_what_is_referred_to_cannot_be_removed(workshop: Workshop) -> None:
    (rule, place, message), *_ = obstacles(workshop, "- {target: $.components.schemas.Frame, remove: true}")
    assert (rule, place) == ("unresolved-reference", "overlay-0.overlay.yaml/actions/0/target")
    assert message == "Frame is removed, but components/schemas/Bicycle/properties/frame refers to it"


def test_overlays_are_applied_in_the_order_given_each_to_what_the_ones_before_made(workshop: Workshop) -> None:
    later = "- {target: $.components.schemas.Parcel.properties, update: {weight: {type: integer}}}"
    schemas = document(workshop, PARCELS, later)["components"]["schemas"]
    assert list(schemas["Parcel"]["properties"]) == ["id", "price", "weight"]


def test_overlays_come_in_the_order_of_their_names(workshop: Workshop) -> None:
    for name in ("trams", "parcels-2", "parcels"):
        workshop.announce(FIELD, name)
    named = [file.name.removesuffix(".overlay.yaml") for file in previews_named(workshop.folder, ["all"])]
    assert named == ["parcels", "parcels-2", "trams"]


def test_a_new_webhook_is_a_preview_and_keeps_the_rules(workshop: Workshop) -> None:
    workshop.announce(WEBHOOK)
    assert lint(workshop.root) == []
    webhook = document(workshop, WEBHOOK)["webhooks"]["PARCEL_LOST"]["post"]
    data = webhook["requestBody"]["content"]["application/json"]["schema"]["properties"]["data"]
    assert webhook["x-status"] == "preview"
    assert data["properties"] == {"parcel_id": {"type": "string"}}


def test_a_new_field_of_a_webhook_is_a_preview(workshop: Workshop) -> None:
    path = "$.webhooks.PARCEL_LOST.post.requestBody.content['application/json'].schema.properties.data.properties"
    field = f'- {{target: "{path}", update: {{city: {{type: string}}}}}}'
    webhook = document(workshop, WEBHOOK, field)["webhooks"]["PARCEL_LOST"]["post"]
    data = webhook["requestBody"]["content"]["application/json"]["schema"]["properties"]["data"]
    assert data["properties"]["city"] == {"type": "string", "x-status": "preview"}


def test_what_is_added_comes_in_its_place_in_the_document(workshop: Workshop) -> None:
    added = document(workshop, PARCELS)
    for names in (added["paths"], added["components"]["schemas"]):
        assert list(names) == sorted(names)


def test_the_spec_itself_stays_as_it_is(workshop: Workshop) -> None:
    bundled = bundle(workshop.root)
    before = json.dumps(bundled.document)
    bundled.with_previews([workshop.announce(PARCELS + FIELD)])
    assert json.dumps(bundled.document) == before


def test_the_document_with_previews_is_valid_openapi(workshop: Workshop) -> None:
    assert list(OpenAPIV31SpecValidator(document(workshop, PARCELS, FIELD)).iter_errors()) == []


def test_a_target_that_matches_nothing_says_how_far_it_led(workshop: Workshop) -> None:
    action = "- {target: $.components.schemas.Repiar.properties, update: {}}"
    assert obstacles(workshop, action) == [
        (
            "overlay-target",
            "overlay-0.overlay.yaml/actions/0/target",
            "nothing is at $['components']['schemas']['Repiar']['properties']: "
            "$['components']['schemas'] has no ['Repiar']; did you mean Repair?",
        )
    ]


def test_a_target_that_is_no_jsonpath_is_told(workshop: Workshop) -> None:
    ((rule, _, message),) = obstacles(workshop, "- {target: components.schemas, update: {}}")
    assert rule == "overlay-target"
    assert message.startswith("components.schemas is no JSONPath: ")


def test_a_text_is_no_target_of_an_update(workshop: Workshop) -> None:
    ((rule, _, message),) = obstacles(workshop, "- {target: $.info.title, update: {}}")
    assert (rule, message) == ("overlay-target", "$['info']['title'] is text: take what holds it")


def test_one_action_adds_one_entry_to_a_list(workshop: Workshop) -> None:
    ((rule, _, message),) = obstacles(
        workshop, "- {target: $.components.schemas.RepairStatus.enum, update: [LOST, FOUND]}"
    )
    assert rule == "overlay-update"
    assert message == "an entry is expected here, not a list: an action adds one to a list"


@pytest.mark.parametrize(
    ("update", "place", "message"),
    [
        ("Tuesday", "update", "$['components']['schemas']['Work'] is a mapping, and text cannot be merged"),
        (
            "{properties: []}",
            "update/properties",
            "`properties` is a mapping in the document, and cannot become a list",
        ),
        ("{type: 1}", "update/type", "`type` is text in the document, and cannot become a number"),
    ],
)
def test_an_update_of_another_type_is_told(workshop: Workshop, update: str, place: str, message: str) -> None:
    action = f"- {{target: $.components.schemas.Work, update: {update}}}"
    assert obstacles(workshop, action) == [
        ("overlay-update", f"overlay-0.overlay.yaml/actions/0/{place}", message),
    ]


@pytest.mark.parametrize(
    ("overlay", "place", "message"),
    [
        ("[]", "", "[] is not of type 'object'"),
        ("overlay: 1.0.0", "", "'info' is a required property"),
        ("overlay: 2.0.0", "/overlay", "overlay: '1.0.0' was expected"),
        ("actions: [{update: {}}]", "/actions/0", "actions.0: 'target' is a required property"),
        ("actions: [{target: $.paths}]", "/actions/0", "actions.0: 'update' is a required property"),
        (
            "actions: [{target: $.paths, remove: true, update: {}}]",
            "/actions/0/update",
            "actions.0.update: is not allowed here",
        ),
        ("extends: other.yaml", "/extends", "extends: '../openapi.yaml' was expected"),
    ],
)
def test_a_broken_overlay_is_told(workshop: Workshop, overlay: str, place: str, message: str) -> None:
    workshop.write("preview/parcels.overlay.yaml", overlay)
    overlaid = bundle(workshop.root).with_previews([workshop.folder / "preview/parcels.overlay.yaml"])
    told = [("/".join(("", *each.place.pointer)).rstrip("/"), each.message) for each in overlaid.findings]
    assert {each.rule for each in overlaid.findings} == {"overlay-form"}
    assert (place, message) in told


def test_an_overlay_that_is_no_yaml_is_told(workshop: Workshop) -> None:
    workshop.write("preview/parcels.overlay.yaml", "overlay: [")
    overlaid = bundle(workshop.root).with_previews([workshop.folder / "preview/parcels.overlay.yaml"])
    assert [each.rule for each in overlaid.findings] == ["unreadable-file"]


def test_what_is_announced_cannot_be_stable(workshop: Workshop) -> None:
    ((rule, place, message),) = obstacles(workshop, FIELD.replace("{type: integer", "{x-status: stable, type: integer"))
    assert (rule, message) == ("overlay-form", "what is announced is a preview: leave x-status out")
    assert place.endswith("update/sent_back_at/x-status")


@pytest.mark.parametrize(
    "landed",
    [
        "- {target: $.components.schemas.Repair.properties, update: {id: {type: string}}}",
        "- {target: $.components.schemas.RepairStatus.enum, update: DONE}",
        "- {target: $.components.schemas.Work.properties.minutes, update: {minimum: 0}}",
        f'- {{target: "{SEARCH}.parameters", update: {{$ref: "#/components/parameters/PageToken"}}}}',
    ],
    ids=["a field", "a value", "a limit", "a parameter"],
)
def test_an_action_whose_whole_content_is_in_the_spec_has_landed(workshop: Workshop, landed: str) -> None:
    assert obstacles(workshop, landed) == [
        (
            "overlay-landed",
            "overlay-0.overlay.yaml/actions/0",
            "all of this is in the spec already: it landed, delete the action",
        )
    ]


def test_what_landed_in_other_words_has_landed(workshop: Workshop) -> None:
    field = FIELD.replace("format: unix-seconds", "format: unix-seconds, description: When it was sent.")
    workshop.replace(REPAIR, "    price:", "    sent_back_at: {type: integer, format: unix-seconds}\n    price:")
    assert [rule for rule, _, _ in obstacles(workshop, field)] == ["overlay-landed"]


def test_an_operation_that_landed_as_stable_has_landed(workshop: Workshop) -> None:
    landed = document(workshop, PARCELS)
    landed["paths"]["/workshop/202612/parcels/{parcel_id}"]["get"]["x-status"] = "stable"
    file = workshop.folder / "preview/overlay-0.overlay.yaml"
    overlaid = Bundle(workshop.root, landed, {}, {}, []).with_previews([file])
    assert [each.rule for each in overlaid.findings] == ["overlay-landed"] * 2


def test_what_two_overlays_announce_alike_is_there_once_and_has_not_landed(workshop: Workshop) -> None:
    fields = document(workshop, FIELD, FIELD)["components"]["schemas"]["Repair"]["properties"]
    assert list(fields).count("sent_back_at") == 1


@pytest.mark.parametrize(
    ("action", "name"),
    [
        (
            "- {target: $.components.schemas, update: {Work: {type: object, properties: {days: {type: integer}}}}}",
            "Work",
        ),
        ("- {target: $.components.schemas.Work.properties, update: {name: {type: integer}}}", "name"),
        (f'- {{target: "{SEARCH}.parameters", update: {{name: page_size, in: query, schema: {{}}}}}}', "page_size"),
        ("- {target: \"$.paths['/workshop/202309/repairs/search']\", update: {post: {summary: Look.}}}", "post"),
    ],
    ids=["a schema", "a field", "a parameter", "an operation"],
)
def test_a_second_thing_of_one_name_collides(workshop: Workshop, action: str, name: str) -> None:
    ((rule, _, message),) = obstacles(workshop, action)
    assert rule == "name-collision"
    assert message == (
        f"{name} is in the document already, and is not the same: "
        "if it landed, delete it here; to change it, make it the target; or else take another name"
    )


def test_two_overlays_that_announce_different_things_of_one_name_collide(workshop: Workshop) -> None:
    other = FIELD.replace("{type: integer, format: unix-seconds}", "{type: string}")
    ((rule, place, _),) = obstacles(workshop, FIELD, other)
    assert (rule, place.partition("/")[0]) == ("name-collision", "overlay-1.overlay.yaml")


def test_a_path_that_is_there_under_other_placeholders_is_a_duplicate(workshop: Workshop) -> None:
    ((rule, _, message),) = obstacles(
        workshop, "- {target: $.paths, update: {'/workshop/202309/bicycles/{id}/photo': {}}}"
    )
    assert rule == "duplicate-path"
    assert message.endswith("is in the document as /workshop/202309/bicycles/{bicycle_id}/photo: use that")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("{target: $.paths, update: {/a: {psot: {}}}}", "`psot` is none of get, put, post, delete, patch"),
        ("{target: $.paths, update: {/a: Look.}}", "a mapping is expected here, not text"),
        (f'{{target: "{SEARCH}.parameters", update: page_size}}', "a mapping is expected here, not text"),
        (
            "{target: \"$.paths['/workshop/202309/repairs/cancel'].post\", update: {parameters: {}}}",
            "a list is expected",
        ),
        (
            "{target: $.components.schemas.Work.properties, update: {days: 3}}",
            "a mapping is expected here, not a number",
        ),
    ],
)
def test_what_openapi_does_not_allow_there_is_malformed(workshop: Workshop, action: str, message: str) -> None:
    ((rule, _, told),) = obstacles(workshop, f"- {action}")
    assert rule == "malformed"
    assert told.startswith(message)


def test_what_is_malformed_deep_inside_of_something_new_is_found(workshop: Workshop) -> None:
    broken = PARCELS.replace("- {name: parcel_id, in: path, required: true, schema: {type: string}}", "- parcel_id")
    ((rule, place, message),) = obstacles(workshop, broken)[:1]
    assert (rule, message) == ("malformed", "a mapping is expected here, not text")
    assert place.endswith("get/parameters/0")


def test_a_reference_to_nothing_is_told_with_what_it_may_have_meant(workshop: Workshop) -> None:
    ((rule, place, message),) = obstacles(workshop, PARCELS.replace("schemas/Price", "schemas/Prize"))
    assert (rule, message) == (
        "unresolved-reference",
        "#/components/schemas/Prize is not in the document; did you mean Price?",
    )
    assert place.endswith("update/Parcel/properties/price")


def test_a_parameter_has_to_be_defined_before_it_is_referred_to(workshop: Workshop) -> None:
    action = f'- {{target: "{SEARCH}.parameters", update: {{$ref: "#/components/parameters/City"}}}}'
    assert {rule for rule, _, _ in obstacles(workshop, action)} == {"unresolved-reference"}


def test_a_definition_that_nothing_refers_to_is_told(workshop: Workshop) -> None:
    action = "- {target: $.components.schemas, update: {Parcel: {type: object}}}"
    assert obstacles(workshop, action) == [
        (
            "unused-definition",
            "overlay-0.overlay.yaml/actions/0/update/Parcel",
            "nothing uses Parcel: remove it, or refer to it",
        )
    ]


def test_a_module_that_cannot_be_one_is_told(workshop: Workshop) -> None:
    named = PARCELS.replace("Parcel: {type", "Parcel: {x-module: post-office, type")
    assert [rule for rule, _, _ in obstacles(workshop, named)] == ["module-name"]


def test_the_document_itself_cannot_be_removed(workshop: Workshop) -> None:
    assert [message for _, _, message in obstacles(workshop, "- {target: $, remove: true}")] == [
        "the document itself cannot be removed"
    ]


def test_the_example_of_the_guide_applies_and_keeps_the_rules(workshop: Workshop) -> None:
    guide = (SPEC.parent / "docs" / "spec.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(overlay: .*?)^```$", guide, re.MULTILINE | re.DOTALL)
    workshop.write("preview/parcels.overlay.yaml", example)
    assert lint(workshop.root) == []
    overlaid = bundle(workshop.root).with_previews([workshop.folder / "preview/parcels.overlay.yaml"])
    marked = {name for name, field, _ in Spec(overlaid).fields() if field.get("x-status") == "preview"}
    assert marked == {"parcel", "by_post", "city"}


def test_the_linter_passes_overlays_that_apply_and_keep_the_rules(workshop: Workshop) -> None:
    workshop.announce(PARCELS)
    workshop.announce(FIELD, "dates")
    assert lint(workshop.root) == []


def test_the_linter_finds_what_does_not_apply_any_more(workshop: Workshop) -> None:
    workshop.announce(FIELD)
    workshop.replace(REPAIR, "    price:", "    sent_back_at: {type: integer, format: unix-seconds}\n    price:")
    assert [each.rule for each in lint(workshop.root)] == ["overlay-landed"]


def test_the_linter_holds_what_comes_out_against_the_rules(workshop: Workshop) -> None:
    file = workshop.announce(PARCELS.replace("        summary: Follow a parcel.\n", ""))
    ((rule, place),) = [(each.rule, each.place) for each in lint(workshop.root)]
    assert (rule, place.file) == ("missing-summary", file)


def test_the_linter_finds_overlays_that_do_not_go_together(workshop: Workshop) -> None:
    workshop.announce(FIELD)
    workshop.announce(FIELD.replace("{type: integer, format: unix-seconds}", "{type: string}"), "dates")
    assert [each.rule for each in lint(workshop.root)] == ["name-collision"]


def test_the_linter_tells_what_the_spec_does_wrong_once(workshop: Workshop) -> None:
    workshop.announce(FIELD)
    workshop.replace("workshop/paths/repairs.yaml", "summary: List repairs.", 'summary: ""')
    assert [each.rule for each in lint(workshop.root)] == ["missing-summary"]


def test_an_overlay_is_no_ledger(workshop: Workshop) -> None:
    workshop.announce(FIELD)
    assert workshop.complaints("ledger-entry") == []


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "bundled.json"


def test_the_command_leaves_out_what_is_announced(workshop: Workshop, output: Path) -> None:
    workshop.announce(FIELD)
    assert main(["--spec", str(workshop.root), "--output", str(output)]) == 0
    assert json.loads(output.read_text()) == workshop.document()


@pytest.mark.parametrize(
    ("names", "added"),
    [
        (["dates"], {"sent_back_at"}),
        (["dates", "looks"], {"sent_back_at", "colour"}),
        (["all"], {"sent_back_at", "colour"}),
    ],
)
def test_the_command_applies_the_overlays_that_are_named(
    workshop: Workshop, output: Path, names: list[str], added: set[str]
) -> None:
    workshop.announce(FIELD, "dates")
    workshop.announce("- {target: $.components.schemas.Repair.properties, update: {colour: {type: string}}}", "looks")
    previews = [argument for name in names for argument in ("--preview", name)]
    assert main(["--spec", str(workshop.root), "--output", str(output), *previews]) == 0
    fields = json.loads(output.read_text())["components"]["schemas"]["Repair"]["properties"]
    assert {name for name, field in fields.items() if "x-status" in field} == added


def test_the_command_does_not_know_an_overlay_of_another_name(
    workshop: Workshop, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.announce(FIELD, "dates")
    with pytest.raises(SystemExit):
        main(["--spec", str(workshop.root), "--output", str(output), "--preview", "data"])
    assert "preview has no overlay data: there are dates" in capsys.readouterr().err


def test_the_command_tells_file_line_and_rule_and_writes_nothing(
    workshop: Workshop, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workshop.announce(FIELD.replace("Repair", "Repiar"))
    assert main(["--spec", str(workshop.root), "--output", str(output), "--preview", "all"]) == 1
    assert capsys.readouterr().err.startswith(f"{file}:4: [overlay-target] nothing is at ")
    assert not output.exists()


def test_the_command_applies_overlays_to_a_document_that_was_bundled_before(workshop: Workshop, output: Path) -> None:
    overlay = workshop.announce(FIELD)
    main(["--spec", str(workshop.root), "--output", str(output)])
    then = output.with_name("then.json")
    assert main(["--onto", str(output), "--overlay", str(overlay), "--output", str(then)]) == 0
    assert json.loads(then.read_text()) == bundle(workshop.root).with_previews([overlay]).document


def test_the_command_says_what_is_wrong_with_a_document_that_was_bundled_before(
    tmp_path: Path, workshop: Workshop, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = workshop.announce(FIELD)
    assert main(["--onto", str(tmp_path / "none.json"), "--overlay", str(overlay), "--output", str(output)]) == 1
    assert "none.json:1: [unreadable-file]" in capsys.readouterr().err


def test_the_command_applies_overlays_to_bundled_documents_alone(
    tmp_path: Path, workshop: Workshop, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.json").write_text('{"openapi": "3.1.0"}')
    overlay = workshop.announce(FIELD)
    assert main(["--onto", str(tmp_path / "other.json"), "--overlay", str(overlay), "--output", str(output)]) == 1
    assert "[malformed] is no document that `python -m scripts.bundle` has written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "options"),
    [("", []), ("parcels", ["--preview", "parcels"]), ("a b", ["--preview", "a", "--preview", "b"])],
)
def test_make_hands_the_names_of_previews_on(given: str, options: list[str]) -> None:
    command = ["make", "--dry-run", "generate", f"PREVIEW={given}"]
    done = subprocess.run(command, cwd=SPEC.parent, capture_output=True, text=True, check=True)  # noqa: S603
    (bundling,) = (line for line in done.stdout.splitlines() if "scripts.bundle" in line)
    assert bundling.split()[3:] == options


@pytest.mark.parametrize("arguments", [["--onto", "a.json"], ["--overlay", "a.overlay.yaml"]])
def test_a_document_and_its_overlays_are_named_together(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
