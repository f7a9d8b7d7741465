"""What the rules on operations find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

REPAIRS = "workshop/paths/repairs.yaml"
BICYCLES = "workshop/paths/bicycles.yaml"


def test_a_root_without_files_of_paths(workshop: Workshop) -> None:
    workshop.replace("openapi.yaml", "[workshop/paths/repairs.yaml, workshop/paths/bicycles.yaml]", "[]")
    (complaint,) = workshop.complaints("root-extensions")
    assert complaint == "x-path-files: [] should be non-empty"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    x-token: seller\n", "", "list_repairs: 'x-token' is a required property"),
        ('x-version: "202309"', "x-version: 202309", "list_repairs: x-version: 202309 is not of type 'string'"),
        ("x-safety: read", "x-safety: safe", "list_repairs: x-safety: 'safe' is not one of"),
        ("x-safety: read", "x-safty: read\n    x-safety: read", "list_repairs: Additional properties are not allowed"),
        ("      next-token: next_page_token\n", "", "list_repairs: x-pagination: 'next-token' is a required property"),
        ("style: token", "style: none", "list_repairs: x-pagination.token: is not allowed here"),
        ("style: token", "style: page-number", "list_repairs: x-pagination: 'page-number' is a required property"),
        (
            "x-markets: all",
            "x-markets: [{sellers: [local], markets: [UK]}]",
            "list_repairs: x-markets.0.markets.0: 'UK'",
        ),
    ],
)
def test_an_operation_whose_x_keys_are_missing_or_not_as_defined(
    workshop: Workshop, old: str, new: str, complaint: str
) -> None:
    workshop.replace(REPAIRS, old, new)
    assert any(each.startswith(complaint) for each in workshop.complaints("operation-extensions"))


def test_a_refused_x_key_is_reported_on_its_line(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-safety: read", "x-safety: safe")
    (finding,) = workshop.findings("operation-extensions")
    assert finding.place.pointer == ("/workshop/202309/repairs/search", "post", "x-safety")


@pytest.mark.parametrize("name", ["listRepairs", "list-repairs", "List_repairs", "1st"])
def test_an_operation_id_that_is_not_in_snake_case(workshop: Workshop, name: str) -> None:
    workshop.replace(REPAIRS, "list_repairs", name)
    assert workshop.complaints("operation-id") == [f"{name}: give it an operationId, in snake_case"]


def test_an_operation_without_an_id(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "    operationId: list_repairs\n", "")
    (complaint,) = workshop.complaints("operation-id")
    assert complaint == "POST /workshop/202309/repairs/search: give it an operationId, in snake_case"


@pytest.mark.parametrize("name", ["order_repair", "get_bicycles"])
def test_a_name_that_another_operation_or_alias_has(workshop: Workshop, name: str) -> None:
    workshop.replace(REPAIRS, "list_repairs", name)
    assert f"{name} is the name of several operations or aliases" in workshop.complaints("operation-id")


def test_an_operation_without_a_summary(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "    summary: List repairs.\n", "")
    assert workshop.complaints("missing-summary") == ["list_repairs: add a summary of one sentence"]


@pytest.mark.parametrize("tags", ["", "[]", "repairs", "[repairs, bicycles]", "[tricycles]"])
def test_an_operation_that_does_not_have_exactly_one_known_tag(workshop: Workshop, tags: str) -> None:
    workshop.replace(REPAIRS, "tags: [repairs]", f"tags: {tags}")
    assert workshop.complaints("operation-tag") == ["list_repairs: give it exactly one tag out of bicycles, repairs"]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ("x-accounts: [buyer]", "repairs: x-accounts.0: 'buyer' is not one of"),
        ("x-accounts: []", "repairs: x-accounts: [] should be non-empty"),
        ("x-account: [seller]", "repairs: Additional properties are not allowed"),
    ],
)
def test_a_tag_whose_x_keys_are_not_as_defined(workshop: Workshop, keys: str, complaint: str) -> None:
    workshop.replace("openapi.yaml", "being mended.", f"being mended., {keys}")
    (told,) = workshop.complaints("tag-extensions")
    assert told.startswith(complaint)


def test_a_token_of_an_account_that_the_tag_is_not_for(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-token: seller", "x-token: partner")
    (complaint,) = workshop.complaints("operation-token")
    assert complaint == "list_repairs: takes the token of a partner, so name partner in x-accounts of repairs"


def test_a_token_of_an_account_that_the_tag_is_for(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-token: seller", "x-token: partner")
    workshop.replace("openapi.yaml", "being mended.", "being mended., x-accounts: [seller, partner]")
    assert workshop.complaints("operation-token") == []


def test_a_tag_without_a_description_is_not_known(workshop: Workshop) -> None:
    workshop.replace("openapi.yaml", ", description: What is being mended.", "")
    assert "list_repairs: give it exactly one tag out of bicycles" in workshop.complaints("operation-tag")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("/{bicycle_id}/repairs", "/{id}/repairs", "order_repair: list the path parameter id"),
        ("/{bicycle_id}/repairs", "/all/repairs", "order_repair: the path has no placeholder {bicycle_id}"),
        ("in: path, required: true", "in: path", "order_repair: a path parameter is always `required: true`"),
    ],
)
def test_a_path_whose_placeholders_are_not_its_parameters(
    workshop: Workshop, old: str, new: str, complaint: str
) -> None:
    workshop.replace(REPAIRS, old, new)
    assert complaint in workshop.complaints("path-parameters")


@pytest.mark.parametrize(
    ("parameter", "complaint"),
    [
        ("{name: shop_cipher, in: query}", "take shop_cipher out of the parameters: name it in x-identifiers"),
        ("{name: sign, in: query}", "take sign out of the parameters: the runtime sends it with every call"),
        ("{name: x-trace, in: header}", "take x-trace out of the parameters: only path and query have some"),
    ],
)
def test_a_parameter_that_the_runtime_sends(workshop: Workshop, parameter: str, complaint: str) -> None:
    workshop.replace(REPAIRS, "- {name: page_size", f"- {parameter}\n      - {{name: page_size")
    assert workshop.complaints("runtime-parameter") == [complaint]


def test_a_shared_parameter_that_the_runtime_sends(workshop: Workshop) -> None:
    workshop.replace("common/parameters.yaml", "name: page_token", "name: category_asset_cipher")
    (complaint,) = workshop.complaints("runtime-parameter")
    assert complaint == "take category_asset_cipher out of the parameters: name it in x-identifiers"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("multipart/form-data:", "text/plain:", "has one media type, out of"),
        ("multipart/form-data:", "application/json:", "`format: binary` go together"),
        ("format: binary", "maxLength: 9", "`format: binary` go together"),
        ("properties:\n              photo: {type: string, format: binary}", "properties: {}", "is an object with"),
    ],
)
def test_a_body_that_is_no_json_object_and_no_upload(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(BICYCLES, old, new)
    (told,) = workshop.complaints("request-body")
    assert told.startswith("upload_photo: ")
    assert complaint in told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"200"', '"201"'),
        ("- $ref: ../../common/schemas.yaml#/Envelope", "- $ref: ../../common/schemas/price.yaml#/Price"),
        ("{$ref: ../schemas/repair.yaml#/RepairPage}", "{type: object}"),
        ("../schemas/repair.yaml#/RepairPage", "../schemas/repair.yaml#/RepairStatus"),
        ("application/json:\n            schema:", "text/html:\n            schema:"),
    ],
)
def test_an_answer_that_is_not_the_envelope_with_a_named_object(workshop: Workshop, old: str, new: str) -> None:
    workshop.replace(REPAIRS, old, new)
    (complaint,) = workshop.complaints("answer-envelope")
    assert complaint.startswith("list_repairs: the answer 200 is `allOf` of the Envelope")


def test_error_codes_that_do_not_ascend(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "[1001, 1002]", "[1002, 1001]")
    assert workshop.complaints("error-code-order") == ["list_repairs: sort the error codes"]
