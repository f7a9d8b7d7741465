"""What the rules on lists, time filters, failed items and repeated calls find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

REPAIRS = "workshop/paths/repairs.yaml"
BICYCLES = "workshop/paths/bicycles.yaml"
REPAIR = "workshop/schemas/repair.yaml"


@pytest.mark.parametrize(
    ("operation", "sign"),
    [("get_recent_bicycles", "next_page_token"), ("browse_bicycles", "page_no")],
)
def test_a_list_without_pagination(workshop: Workshop, operation: str, sign: str) -> None:
    workshop.replace(BICYCLES, "    x-pagination:", "    x-scopes-of-old:", after=operation)
    assert workshop.complaints("list-without-pagination") == [f"{operation} has {sign}: add x-pagination"]


def test_a_list_without_pagination_whose_position_is_deep_in_the_body(workshop: Workshop) -> None:
    workshop.append(REPAIR, "Paging: {type: object, properties: {page_token: {type: string}}}\n")
    page = (
        "repair_ids: {type: array, items: {type: string}}\n              page: {$ref: ../schemas/repair.yaml#/Paging}"
    )
    workshop.replace(REPAIRS, "repair_ids: {type: array, items: {type: string}}", page)
    assert workshop.complaints("list-without-pagination") == ["cancel_repairs has page_token: add x-pagination"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("items: repairs", "items: jobs", "the answer's data has no list jobs"),
        ("items: repairs", "items: total_count", "the answer's data has no list total_count"),
        ("key: id", "key: number", "a row of repairs has no number"),
        ("next-token: next_page_token", "next-token: next", "the answer's data has no next"),
        ("total: total_count", "total: sum", "the answer's data has no sum"),
        ("name: page_token}", "name: position}", "the query of the request has no position"),
        ("{in: query, name: page_token}", "{in: body, name: page_token}", "the body of the request has no page_token"),
        ("{in: query, name: page_size,", "{in: query, name: size,", "the query of the request has no size"),
    ],
)
def test_pagination_that_names_something_that_is_not_there(
    workshop: Workshop, old: str, new: str, complaint: str
) -> None:
    workshop.replace(REPAIRS, old, new)
    assert workshop.complaints("pagination-target") == [f"list_repairs: {complaint}"]


def test_a_page_number_that_is_not_there(workshop: Workshop) -> None:
    workshop.replace(BICYCLES, "{in: body, name: page_no,", "{in: body, name: page,")
    assert workshop.complaints("pagination-target") == ["browse_bicycles: the body of the request has no page"]


def test_a_token_deep_in_the_body_is_found_by_its_path(workshop: Workshop) -> None:
    workshop.append(REPAIR, "Paging: {type: object, properties: {page_token: {type: string}}}\n")
    status = "status: {$ref: ../schemas/repair.yaml#/RepairStatus}"
    workshop.replace(REPAIRS, status, f"{status}\n              page: {{$ref: ../schemas/repair.yaml#/Paging}}")
    workshop.replace(REPAIRS, "{in: query, name: page_token}", "{in: body, name: page.page_token}")
    assert workshop.complaints("pagination-target") == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("maximum: 100}", "maximum: 50}", "the maximum of page_size is 50 in x-pagination and 100 in its schema"),
        ("default: 20, ", "", "the default of page_size is none in x-pagination and 20 in its schema"),
        ("minimum: 1, ", "minimum: 10, ", "the minimum of page_size is 10 in x-pagination and 1 in its schema"),
    ],
)
def test_a_page_size_with_two_opinions_of_its_limits(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(REPAIRS, old, new)
    assert workshop.complaints("page-size-limits") == [f"list_repairs: {complaint}"]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("from: create_time_ge", "from: start", "start"),
        ("until: create_time_lt", "until: status", "status"),
    ],
)
def test_a_window_whose_end_is_no_time_of_the_request(workshop: Workshop, old: str, new: str, name: str) -> None:
    workshop.replace(REPAIRS, old, new)
    (complaint,) = workshop.complaints("window-target")
    assert complaint == f"list_repairs: the request has no {name} that is a time (`format: unix-…`)"


@pytest.mark.parametrize(
    ("name", "told", "meant"), [("create_time_lt", "true", "false"), ("create_time_le", "false", "true")]
)
def test_a_window_that_contradicts_the_name_of_its_end(workshop: Workshop, name: str, told: str, meant: str) -> None:
    workshop.replace(REPAIRS, "create_time_lt, inclusive: false", f"{name}, inclusive: {told}")
    assert workshop.complaints("window-end") == [f"list_repairs: {name} means `inclusive: {meant}`"]


def test_a_window_with_a_sort_that_the_list_has_not(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "inclusive: false}", "inclusive: false, sort: create_time}")
    assert workshop.complaints("window-sort") == [
        "list_repairs: the query of the request has no sort_field",
        "list_repairs: the query of the request has no sort_order",
    ]


def test_a_window_with_a_sort_whose_rows_cannot_be_told_apart(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "inclusive: false}", "inclusive: false, sort: create_time}")
    workshop.replace(REPAIRS, "      key: id\n", "")
    assert "list_repairs: a row of the list has no create_time, or x-pagination no key" in workshop.complaints(
        "window-sort"
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("errors: errors", "errors: failures", "the answer's data has no list failures"),
        ("item: detail.repair_id", "item: detail.id", "an entry of errors has no detail.id"),
    ],
)
def test_partial_errors_that_are_not_there(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(REPAIRS, old, new)
    assert workshop.complaints("partial-errors-target") == [f"cancel_repairs: {complaint}"]


def test_a_write_that_answers_errors_and_does_not_say_so(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "    x-partial-errors: {errors: errors, item: detail.repair_id}\n", "")
    (complaint,) = workshop.complaints("undeclared-partial-errors")
    assert complaint == "cancel_repairs answers a list of errors: add x-partial-errors"


def test_a_read_may_answer_errors(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "    x-partial-errors: {errors: errors, item: detail.repair_id}\n", "")
    workshop.replace(REPAIRS, "x-safety: idempotent", "x-safety: read")
    assert workshop.complaints("undeclared-partial-errors") == []


def test_an_idempotency_key_that_the_request_does_not_have(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-idempotency-key: idempotency_key", "x-idempotency-key: once")
    assert workshop.complaints("idempotency-key-target") == ["order_repair: the request has no once"]


def test_an_idempotency_key_may_be_a_field_of_the_body(workshop: Workshop) -> None:
    workshop.replace(
        REPAIRS, "    x-safety: idempotent\n", "    x-safety: idempotent\n    x-idempotency-key: repair_ids\n"
    )
    assert workshop.complaints("idempotency-key-target") == []


def test_a_request_with_an_idempotency_key_that_does_not_say_so(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "    x-idempotency-key: idempotency_key\n", "")
    (complaint,) = workshop.complaints("undeclared-idempotency-key")
    assert complaint == "order_repair takes idempotency_key: name it in x-idempotency-key"
