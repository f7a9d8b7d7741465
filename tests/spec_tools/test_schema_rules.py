"""What the rules on schemas, fields and their names find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

REPAIRS = "workshop/paths/repairs.yaml"
BICYCLES = "workshop/paths/bicycles.yaml"
REPAIR = "workshop/schemas/repair.yaml"
BICYCLE = "workshop/schemas/bicycle.yaml"
PRICE = "common/schemas/price.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (REPAIR, 'x-announced: "2023-12"', 'x-announced: "2023-11"', "x-announced: '2023-11' is not one of"),
        (REPAIR, "x-enum: open", "x-enum: closed", "x-enum: 'open' was expected"),
        (REPAIR, "since: 2024-02-01", "since: February", "x-markets.0.since: 'February' does not match"),
        (REPAIR, "{type: integer, minimum: 0}", "{type: integer, x-unit: minutes}", "Additional properties are not"),
        (REPAIRS, "{name: page_size,", "{name: page_size, x-market: all,", "Additional properties are not"),
    ],
)
def test_an_x_key_of_a_field_that_is_not_as_defined(
    workshop: Workshop, file: str, old: str, new: str, complaint: str
) -> None:
    workshop.replace(file, old, new)
    (told,) = workshop.complaints("schema-extensions")
    assert told.startswith(complaint)


def test_a_keyword_that_nobody_knows(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "maxItems: 5", "maxitems: 5")
    assert workshop.complaints("schema-keyword") == ["`maxitems` is no keyword that schemas here use"]


def test_a_description_that_an_unquoted_comma_cuts_in_two(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "maxLength: 40}", "description: Short, if you can}")
    assert workshop.complaints("schema-keyword") == ["`if you can` is no keyword that schemas here use"]


def test_an_inheritance_outside_the_envelope(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "Repair:\n", 'Repair:\n  allOf: [{$ref: "#/Work"}]\n')
    assert workshop.complaints("schema-keyword") == [
        "`allOf` is for the envelope of answers alone: write the fields out"
    ]


@pytest.mark.parametrize("schema", ["{}", "{type: text}", "{description: Who knows.}"])
def test_a_field_without_a_type(workshop: Workshop, schema: str) -> None:
    workshop.replace(REPAIR, "name: {type: string}", f"name: {schema}")
    (complaint,) = workshop.complaints("field-type")
    assert complaint.startswith("`type` is one of string, integer")


def test_a_parameter_without_a_type(workshop: Workshop) -> None:
    workshop.replace("common/parameters.yaml", "  schema: {type: string}\n", "")
    assert len(workshop.complaints("field-type")) == 1


def test_a_list_that_does_not_say_what_it_holds(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "tools: {type: array, items: {type: string}}", "tools: {type: array}")
    assert workshop.complaints("field-type") == ["say what the list holds, in `items`"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "unix-seconds",
            "unix-second",
            "unix-second is no format of integer (int32, int64, unix-milliseconds, unix-seconds)",
        ),
        (
            "type: integer, format",
            "type: string, format",
            "unix-seconds is no format of string (binary, date, decimal)",
        ),
        ("type: integer, format", "type: number, format", "unix-seconds is no format of number (none)"),
    ],
)
def test_a_format_that_is_unknown_or_of_another_type(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(REPAIR, old, new)
    assert workshop.complaints("known-format") == [complaint]


@pytest.mark.parametrize(
    ("file", "old", "name"),
    [
        (REPAIR, 'items: {$ref: "#/Work"}', "items"),
        (REPAIR, 'detail: {$ref: "#/RepairErrorDetail"}', "detail"),
        (REPAIRS, "limit: {$ref: ../../common/schemas/price.yaml#/Price}", "limit"),
        (REPAIRS, "data: {$ref: ../schemas/repair.yaml#/RepairPage}", "data"),
        (REPAIRS, "schema: {type: integer, minimum: 1, maximum: 100, default: 20}", "schema"),
    ],
)
def test_an_object_without_a_name_inside_another_one(workshop: Workshop, file: str, old: str, name: str) -> None:
    workshop.replace(file, old, f"{name}: {{type: object, properties: {{width: {{type: integer}}}}}}")
    assert workshop.complaints("inline-object") == ["give this object a name and refer to it"]


@pytest.mark.parametrize(
    ("file", "old"),
    [
        (REPAIR, "minutes: {type: integer, minimum: 0}"),
        (REPAIRS, "schema: {type: string}"),
        (REPAIRS, "repair_ids: {type: array, items: {type: string}}"),
    ],
)
def test_an_enumeration_without_a_name(workshop: Workshop, file: str, old: str) -> None:
    workshop.replace(file, old, f"{old.partition(':')[0]}: {{type: string, enum: [A, B]}}")
    assert workshop.complaints("inline-enum") == ["give this enumeration a name and refer to it"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  x-enum: open\n", "", "RepairStatus: add `x-enum: open`"),
        ("ON_STAND, DONE", "ON_STAND, DONE, DONE", "RepairStatus: a value stands there twice"),
        ("{ON_STAND:", "{ON_BENCH:", "RepairStatus: ON_BENCH is none of its values"),
    ],
)
def test_an_enumeration_that_is_not_open_or_contradicts_itself(
    workshop: Workshop, old: str, new: str, complaint: str
) -> None:
    workshop.replace(REPAIR, old, new)
    assert workshop.complaints("open-enum") == [complaint]


def test_a_required_field_that_does_not_exist(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "required: [name]", "required: [title]")
    assert workshop.complaints("required-field") == ["title is required, but no property"]


def test_a_required_field_of_an_answer(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "OrderRepairResult:\n", "OrderRepairResult:\n  required: [repair_id]\n")
    (complaint,) = workshop.complaints("required-field")
    assert complaint == "OrderRepairResult is in answers, and only requests can be sure of a field: drop `required`"


def test_a_required_field_of_a_shape_that_goes_both_ways(workshop: Workshop) -> None:
    workshop.replace(PRICE, "Price:\n", "Price:\n  required: [amount]\n")
    (complaint,) = workshop.complaints("required-field")
    assert complaint == "Price is in answers, and only requests can be sure of a field: make PriceInput for them"


@pytest.mark.parametrize("field", ["tools: {type: array, items: {type: string}}", 'parent: {$ref: "#/Work"}'])
def test_a_shape_with_more_than_scalars_that_goes_both_ways(workshop: Workshop, field: str) -> None:
    workshop.replace(REPAIR, "tools: {type: array, items: {type: string}}", field)
    workshop.replace(REPAIRS, "#/WorkInput", "#/Work")
    (complaint,) = workshop.complaints("both-directions")
    assert complaint.startswith("Work goes both ways, and ")
    assert complaint.endswith(" is no scalar: make WorkInput for requests")


def test_two_schemas_of_one_shape_under_one_name(workshop: Workshop) -> None:
    (finding,) = workshop.findings("same-shape")
    assert finding.subject == "FrameSize, PhotoSize"
    assert finding.message == "FrameSize, PhotoSize have one shape, and size is each of them: make them one"


def test_schemas_of_one_shape_under_different_names_are_no_copies(workshop: Workshop) -> None:
    workshop.replace(BICYCLE, 'size: {$ref: "#/FrameSize"}', 'dimensions: {$ref: "#/FrameSize"}')
    assert workshop.complaints("same-shape") == []


@pytest.mark.parametrize("size", ["{type: string}", '{$ref: "#/Photo"}', "{type: array, items: {type: integer}}"])
def test_schemas_that_differ_in_one_type_are_no_copies(workshop: Workshop, size: str) -> None:
    workshop.replace(BICYCLE, "width: {type: integer}", f"width: {size}")
    assert workshop.complaints("same-shape") == []


def test_two_enumerations_of_the_same_values_under_one_name(workshop: Workshop) -> None:
    workshop.append(BICYCLE, "BicycleStatus: {type: string, x-enum: open, enum: [DONE, ON_STAND, WAITING]}\n")
    workshop.replace(BICYCLE, "    brand: {type: string}\n", '    status: {$ref: "#/BicycleStatus"}\n')
    assert "BicycleStatus, RepairStatus" in [finding.subject for finding in workshop.findings("same-shape")]


@pytest.mark.parametrize(
    ("fields", "required"),
    [("{tools: {type: array, items: {type: string}}}", "[]"), ("{name: {type: string}}", "[name]")],
)
def test_a_request_may_have_a_shape_of_its_own_where_one_cannot_serve_both(
    workshop: Workshop, fields: str, required: str
) -> None:
    workshop.append(REPAIR, f"Stand: {{type: object, properties: {fields}}}\n")
    workshop.append(REPAIR, f"StandInput: {{type: object, required: {required}, properties: {fields}}}\n")
    workshop.replace(REPAIR, "    works:", '    stand: {$ref: "#/Stand"}\n    works:')
    workshop.replace(REPAIRS, "limit:", "stand: {$ref: ../schemas/repair.yaml#/StandInput}\n              limit:")
    assert [finding.subject for finding in workshop.findings("same-shape")] == ["FrameSize, PhotoSize"]


def test_requests_that_demand_different_fields_of_one_entity_have_shapes_of_their_own(workshop: Workshop) -> None:
    fields = "properties: {place: {type: string}, slot: {type: integer}}"
    workshop.append(REPAIR, f"StandInput: {{type: object, required: [place], {fields}}}\n")
    workshop.append(REPAIR, f"StandEdit: {{type: object, required: [place, slot], {fields}}}\n")
    workshop.replace(REPAIR, "maxLength: 40}", 'maxLength: 40}\n    stand: {$ref: "#/StandEdit"}')
    workshop.replace(REPAIRS, "limit:", "stand: {$ref: ../schemas/repair.yaml#/StandInput}\n              limit:")
    assert [finding.subject for finding in workshop.findings("same-shape")] == ["FrameSize, PhotoSize"]


def test_a_request_needs_no_shape_of_its_own_where_one_can_serve_both(workshop: Workshop) -> None:
    price = "{type: object, properties: {amount: {type: string}, currency: {$ref: '#/Currency'}}}"
    workshop.append(PRICE, f"PriceInput: {price}\n")
    workshop.replace(
        REPAIRS,
        "limit: {$ref: ../../common/schemas/price.yaml#/Price}",
        "price: {$ref: ../../common/schemas/price.yaml#/PriceInput}",
    )
    assert "Price, PriceInput" in [finding.subject for finding in workshop.findings("same-shape")]


@pytest.mark.parametrize(
    "name",
    [
        "GetRepairsResponseData",
        "GetRepairsResponse",
        "ListDataRepairsItem",
        "DataRepairsItemWork",
        "RepairItemsItem",
        "Work2",
        "WorkInner",
        "WorkSchema",
        "repair_work",
        "WorkThatIsDoneOnTheStandOrBesideItByAnybody",
    ],
)
def test_a_name_that_no_engineer_would_give(workshop: Workshop, name: str) -> None:
    workshop.replace(REPAIR, 'items: {$ref: "#/Work"}', f'items: {{$ref: "#/{name}"}}')
    workshop.replace(REPAIR, "Work:\n", f"{name}:\n", after="is_urgent")
    (finding,) = workshop.findings("schema-name")
    assert finding.subject == name


@pytest.mark.parametrize("name", ["WorkV2", "Work202403", "WorkRequest", "WorkItem", "DataSheet", "MetadataItem"])
def test_a_name_that_an_engineer_may_well_give(workshop: Workshop, name: str) -> None:
    workshop.replace(REPAIR, 'items: {$ref: "#/Work"}', f'items: {{$ref: "#/{name}"}}')
    workshop.replace(REPAIR, "Work:\n", f"{name}:\n", after="is_urgent")
    assert workshop.complaints("schema-name") == []
