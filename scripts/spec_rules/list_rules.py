"""Rules on what an operation says of its lists: paging, time filters, failed items, and repeating it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.spec_rules.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_files import Node
    from scripts.spec_rules.spec import Operation, Spec

_POSITIONS = ("page_token", "page_number", "page_no", "cursor")
_NEXT_TOKENS = ("next_page_token", "next_cursor", "next_token")
_LIMITS = ("default", "minimum", "maximum")


@rule("list-without-pagination")
def list_without_pagination(spec: Spec) -> Iterator[Problem]:
    """An operation that takes a page's position, or answers the next one, has `x-pagination`."""
    for operation in spec.operations:
        if "x-pagination" in operation.node:
            continue
        position = next((name for name in _POSITIONS if _takes(operation, name)), None)
        following = next((name for name in _NEXT_TOKENS if _holds(spec, operation.data or {}, name)), None)
        if sign := position or following:
            yield Problem(operation.pointer, f"{operation.name} has {sign}: add x-pagination")


def _takes(operation: Operation, name: str) -> bool:
    return operation.parameter(name) is not None or _holds(operation.spec, operation.body, name)


def _holds(spec: Spec, schema: Node, name: str, depth: int = 3) -> bool:
    """Whether an object has a field of this name, itself or in an object inside it; lists are not entered."""
    fields = spec.resolve(schema).get("properties", {})
    return name in fields or (depth > 0 and any(_holds(spec, each, name, depth - 1) for each in fields.values()))


@rule("pagination-target")
def pagination_target(spec: Spec) -> Iterator[Problem]:
    """What `x-pagination` names exists: the rows as a list, their key, the tokens, page number, page size and total."""
    for operation in spec.operations:
        paging = operation.extension("x-pagination")
        if paging is None:
            continue
        pointer = (*operation.pointer, "x-pagination")
        data = operation.data or {}
        rows = spec.field(data, paging["items"])
        if rows is None or rows.get("type") != "array":
            yield Problem((*pointer, "items"), f"{operation.name}: the answer's data has no list {paging['items']}")
        elif "key" in paging and spec.field(rows.get("items", {}), paging["key"]) is None:
            yield Problem((*pointer, "key"), f"{operation.name}: a row of {paging['items']} has no {paging['key']}")
        for key in ("next-token", "total"):
            if key in paging and spec.field(data, paging[key]) is None:
                yield Problem((*pointer, key), f"{operation.name}: the answer's data has no {paging[key]}")
        for key in ("token", "page-number", "page-size"):
            if key in paging and operation.request_field(paging[key]["name"], paging[key]["in"]) is None:
                name, place = paging[key]["name"], paging[key]["in"]
                yield Problem((*pointer, key), f"{operation.name}: the {place} of the request has no {name}")


@rule("page-size-limits")
def page_size_limits(spec: Spec) -> Iterator[Problem]:
    """`x-pagination` and the page size's own schema state the same default, minimum and maximum."""
    for operation in spec.operations:
        paging = operation.extension("x-pagination") or {}
        if "page-size" not in paging:
            continue
        size = paging["page-size"]
        schema = operation.request_field(size["name"], size["in"])
        if schema is None:
            continue
        for limit in _LIMITS:
            if size.get(limit) != schema.get(limit):
                told, stated = size.get(limit, "none"), schema.get(limit, "none")
                message = f"the {limit} of {size['name']} is {told} in x-pagination and {stated} in its schema"
                yield Problem((*operation.pointer, "x-pagination", "page-size"), f"{operation.name}: {message}")


@rule("window-target")
def window_target(spec: Spec) -> Iterator[Problem]:
    """The filters that `x-window` names exist in the query or the body, as times."""
    for operation in spec.operations:
        for window, ends in (operation.extension("x-window") or {}).items():
            for end in ("from", "until"):
                schema = operation.request_field(ends[end])
                if schema is None or not str(schema.get("format")).startswith("unix-"):
                    message = f"{operation.name}: the request has no {ends[end]} that is a time (`format: unix-…`)"
                    yield Problem((*operation.pointer, "x-window", window, end), message)


@rule("window-end")
def window_end(spec: Spec) -> Iterator[Problem]:
    """`inclusive` agrees with the filter's name: `_le` takes the end in, `_lt` does not."""
    endings = {"_le": True, "_lt": False}
    for operation in spec.operations:
        for window, ends in (operation.extension("x-window") or {}).items():
            meant = endings.get(ends["until"][-3:])
            if meant not in (None, ends["inclusive"]):
                message = f"{operation.name}: {ends['until']} means `inclusive: {str(meant).lower()}`"
                yield Problem((*operation.pointer, "x-window", window), message)


@rule("window-sort")
def window_sort(spec: Spec) -> Iterator[Problem]:
    """A window with a `sort`: the query has `sort_field` and `sort_order`, and a row has the time and an id."""
    for operation in spec.operations:
        paging = operation.extension("x-pagination") or {}
        rows = spec.field(operation.data or {}, paging.get("items", "")) or {}
        for window, ends in (operation.extension("x-window") or {}).items():
            if "sort" not in ends:
                continue
            pointer = (*operation.pointer, "x-window", window, "sort")
            for name in ("sort_field", "sort_order"):
                if operation.request_field(name, "query") is None:
                    yield Problem(pointer, f"{operation.name}: the query of the request has no {name}")
            if "key" not in paging or spec.field(rows.get("items", {}), window) is None:
                message = f"{operation.name}: a row of the list has no {window}, or x-pagination no key"
                yield Problem(pointer, message)


@rule("partial-errors-target")
def partial_errors_target(spec: Spec) -> Iterator[Problem]:
    """What `x-partial-errors` names exists: the list of failures, and an entry's item."""
    for operation in spec.operations:
        partial = operation.extension("x-partial-errors")
        if partial is None:
            continue
        pointer = (*operation.pointer, "x-partial-errors")
        failures = spec.field(operation.data or {}, partial["errors"])
        if failures is None or failures.get("type") != "array":
            yield Problem(pointer, f"{operation.name}: the answer's data has no list {partial['errors']}")
        elif "item" in partial and spec.field(failures.get("items", {}), partial["item"]) is None:
            yield Problem(pointer, f"{operation.name}: an entry of {partial['errors']} has no {partial['item']}")


@rule("undeclared-partial-errors")
def undeclared_partial_errors(spec: Spec) -> Iterator[Problem]:
    """A write whose data has a list `errors` has `x-partial-errors`: such an answer is no success."""
    for operation in spec.operations:
        errors = spec.field(operation.data or {}, "errors")
        if errors and operation.extension("x-safety") != "read" and "x-partial-errors" not in operation.node:
            yield Problem(operation.pointer, f"{operation.name} answers a list of errors: add x-partial-errors")


@rule("idempotency-key-target")
def idempotency_key_target(spec: Spec) -> Iterator[Problem]:
    """`x-idempotency-key` names a query parameter, or a top-level field of the body."""
    for operation in spec.operations:
        key = operation.extension("x-idempotency-key")
        if key is not None and operation.request_field(key) is None:
            yield Problem((*operation.pointer, "x-idempotency-key"), f"{operation.name}: the request has no {key}")


@rule("undeclared-idempotency-key")
def undeclared_idempotency_key(spec: Spec) -> Iterator[Problem]:
    """A request that takes an idempotency key has `x-idempotency-key`."""
    for operation in spec.operations:
        for name in ("idempotency_key", "idempotent_key"):
            if "x-idempotency-key" not in operation.node and operation.request_field(name) is not None:
                yield Problem(operation.pointer, f"{operation.name} takes {name}: name it in x-idempotency-key")
