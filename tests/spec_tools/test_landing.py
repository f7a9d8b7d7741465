"""The whole way of an announcement: an overlay, code that is a preview, fields of the spec, a line of the diff."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.bundle import main
from scripts.generate import generate
from scripts.generator.document import Document
from scripts.lint import lint
from tiktok_shop_async.spec_diff import compare, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec_tools.conftest import Workshop

REPAIRS = "workshop/paths/repairs.yaml"
REPAIR = "workshop/schemas/repair.yaml"
PACKAGE = "tiktok_shop_async"
OPERATION = """
/workshop/202612/parcels/{parcel_id}:
  get:
    operationId: get_parcel
    tags: [repairs]
    summary: Follow a parcel.
    x-version: "202612"
    x-status: stable
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
                - $ref: ../../common/schemas.yaml#/Envelope
                - properties: {data: {$ref: ../schemas/repair.yaml#/Parcel}}
"""
PARCEL = "Parcel: {type: object, properties: {id: {type: string}, stamps: {type: integer}}}\n"
SEARCH = "$.paths['/workshop/202309/repairs/search'].post"
ORDER = "$.paths['/workshop/202309/bicycles/{bicycle_id}/repairs'].post"


def announced() -> str:
    """The actions of an overlay that announces all of it."""
    operation = OPERATION.replace("    x-status: stable\n", "")
    operation = operation.replace("../../common/schemas.yaml#/Envelope", '"#/components/schemas/Envelope"')
    operation = operation.replace("../schemas/repair.yaml#/Parcel", '"#/components/schemas/Parcel"')
    return f"""\
- target: $.paths
  update:{operation.replace(chr(10), chr(10) + "    ").rstrip()}
- target: $.components.schemas
  update: {{{PARCEL.strip().replace("{", "{x-module: repair, ", 1)}}}
- target: $.components.schemas.Repair.properties
  update: {{parcel: {{$ref: "#/components/schemas/Parcel"}}}}
- target: $.components.schemas.WorkInput.properties
  update: {{is_gentle: {{type: boolean}}}}
- target: "{SEARCH}.parameters"
  update: {{name: city, in: query, schema: {{type: string}}}}
- target: "{ORDER}.requestBody.content['application/json'].schema.properties"
  update: {{by_post: {{type: boolean}}}}
"""


def land(workshop: Workshop) -> None:
    """Put it all into the files of the spec, with descriptions, as the reference has it now."""
    workshop.append(REPAIRS, OPERATION.lstrip())
    workshop.append(REPAIR, PARCEL)
    workshop.replace(REPAIR, "    price:", '    parcel: {$ref: "#/Parcel", description: How it came.}\n    price:')
    workshop.replace(REPAIR, "    tools:", "    is_gentle: {type: boolean}\n    tools:", after="WorkInput:")
    token = "      - $ref: ../../common/parameters.yaml#/PageToken\n"
    workshop.replace(REPAIRS, token, token + "      - {name: city, in: query, schema: {type: string}}\n")
    workshop.replace(REPAIRS, "              limit:", "              by_post: {type: boolean}\n              limit:")


def bundled(workshop: Workshop, file: Path, *options: str) -> dict[str, str]:
    """The code that the spec gives. What a wheel carries of the document goes into the file."""
    output = file.with_name(f"bundled-{file.name}")
    assert main(["--spec", str(workshop.root), "--output", str(output), *options]) == 0
    code = generate(Document.load(output))
    file.write_text(code[f"{PACKAGE}/sandbox/openapi.json"], encoding="utf-8")
    return code


def changes(base: Path, revision: Path) -> set[tuple[str, str]]:
    """What the diff says: rule and subject."""
    return {(change.rule, change.subject) for change in compare(read(base), read(revision))}


def test_without_its_name_nothing_of_an_announcement_is_generated(workshop: Workshop, tmp_path: Path) -> None:
    before = bundled(workshop, tmp_path / "base.json")
    workshop.announce(announced())

    assert bundled(workshop, tmp_path / "base.json") == before


def test_with_its_name_it_is_generated_as_a_preview(workshop: Workshop, tmp_path: Path) -> None:
    workshop.announce(announced())
    code = bundled(workshop, tmp_path / "preview.json", "--preview", "parcels")

    repairs, repair = code[f"{PACKAGE}/api/repairs.py"], code[f"{PACKAGE}/models/repair.py"]
    assert '"city": Parameter(TEXT, preview=True)' in repairs
    assert '"by_post": Parameter(BOOLEAN, preview=True)' in repairs
    assert repairs.count("    preview=True,\n") == 1
    assert '__preview__ = ("parcel",)' in repair
    assert '__preview__ = ("is_gentle",)' in repair
    assert "class Parcel(Model):" in repair
    assert "| preview |" in next(line for line in code["docs/operations.md"].splitlines() if "get_parcel" in line)
    assert '"x-status":"preview"' in code[f"{PACKAGE}/sandbox/openapi.json"]


def test_when_it_lands_the_linter_says_which_actions_to_delete(workshop: Workshop) -> None:
    overlay = workshop.announce(announced())
    assert lint(workshop.root) == []
    land(workshop)

    assert [(each.rule, each.place.pointer) for each in lint(workshop.root)] == [
        ("overlay-landed", ("actions", str(position))) for position in range(6)
    ]
    overlay.unlink()
    assert lint(workshop.root) == []


def test_when_it_lands_the_diff_says_that_it_is_no_longer_a_preview(workshop: Workshop, tmp_path: Path) -> None:
    base, revision = tmp_path / "base.json", tmp_path / "revision.json"
    bundled(workshop, base)
    overlay = workshop.announce(announced())
    then = overlay.rename(tmp_path / "then.overlay.yaml")
    land(workshop)
    bundled(workshop, revision)

    expected = tmp_path / "expected.json"
    assert main(["--onto", str(base), "--overlay", str(then), "--output", str(expected)]) == 0
    assert changes(expected, revision) == {
        ("operation-left-preview", "repairs.get_parcel()"),
        ("answer-field-left-preview", "Repair.parcel"),
        ("request-field-left-preview", "WorkInput.is_gentle"),
        ("request-field-left-preview", "repairs.list_repairs(city=…)"),
        ("request-field-left-preview", "repairs.order_repair(by_post=…)"),
    }
    assert {rule for rule, _ in changes(base, revision)} >= {"operation-added", "answer-field-added"}


@pytest.mark.parametrize(
    ("landed", "told"),
    [
        ("is_gentle: {type: boolean}", "request-field-left-preview"),
        ("is_gentle: {type: string}", "request-type-changed"),
        ("is_careful: {type: boolean}", "preview-request-field-removed"),
    ],
)
def test_what_lands_otherwise_than_announced_is_told_as_a_change(
    workshop: Workshop, tmp_path: Path, landed: str, told: str
) -> None:
    base, revision = tmp_path / "base.json", tmp_path / "revision.json"
    bundled(workshop, base)
    then = workshop.announce(
        "- {target: $.components.schemas.WorkInput.properties, update: {is_gentle: {type: boolean}}}"
    ).rename(tmp_path / "then.overlay.yaml")
    workshop.replace(
        REPAIR,
        "    name: {type: string, maxLength: 40}\n",
        f"    name: {{type: string, maxLength: 40}}\n    {landed}\n",
    )
    bundled(workshop, revision)

    assert main(["--onto", str(base), "--overlay", str(then), "--output", str(base)]) == 0
    assert told in {rule for rule, _ in changes(base, revision)}
    assert json.loads(base.read_text())["components"]["schemas"]["WorkInput"]["properties"]["is_gentle"]
