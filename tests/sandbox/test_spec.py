"""Routes as the bundled document has them."""

from __future__ import annotations

from typing import Any

import pytest

from tiktok_shop_async.sandbox import behaviour
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import served
from tiktok_shop_async.sandbox.spec import Spec, bundled_spec


def operation(operation_id: str, **keys: Any) -> dict[str, Any]:
    """A minimal operation."""
    return {
        "operationId": operation_id,
        "x-version": "202309",
        "x-status": "stable",
        "x-token": "seller",
        "x-scopes": [],
        "x-identifiers": {},
        "x-markets": "all",
        "responses": {"200": {"content": {"application/json": {"schema": {}}}}},
        **keys,
    }


@pytest.fixture
def spec() -> Spec:
    """A document with a literal beside a placeholder, two versions and a retired one."""
    limits = {"Limit": {"type": "integer", "maximum": 9}}
    shared = {"Count": {"name": "count", "in": "query", "schema": {"$ref": "#/components/schemas/Limit", "default": 3}}}
    parameters = [{"$ref": "#/components/parameters/Count"}]
    return Spec(
        {
            "paths": {
                "/shelf/202309/books/{book_id}": {"get": operation("get_book")},
                "/shelf/202309/books/newest": {"get": operation("get_newest", parameters=parameters)},
                "/shelf/202311/books/{book_id}/pages": {"get": operation("get_pages", **{"x-version": "202311"})},
                "/shelf/202306/books": {"get": operation("old", **{"x-version": "202306", "x-status": "retired"})},
            },
            "components": {"schemas": limits, "parameters": shared},
        }
    )


def test_a_literal_segment_wins_over_a_placeholder(spec: Spec) -> None:
    assert spec.route("GET", "/shelf/202309/books/newest").operation.id == "get_newest"


def test_a_placeholder_takes_the_decoded_segment(spec: Spec) -> None:
    assert spec.route("GET", "/shelf/202309/books/a%2Fb").path_values == {"book_id": "a/b"}


def test_a_version_that_the_path_does_not_have_is_told_from_an_unknown_path(spec: Spec) -> None:
    with pytest.raises(RefusalError) as refused:
        spec.route("GET", "/shelf/202309/books/1/pages")
    assert refused.value.code == 36009014


def test_a_retired_revision_is_answered_like_an_unknown_version(spec: Spec) -> None:
    with pytest.raises(RefusalError) as refused:
        spec.route("GET", "/shelf/202306/books")
    assert refused.value.code == 36009014


def test_what_stands_beside_a_reference_is_kept(spec: Spec) -> None:
    count = spec.route("GET", "/shelf/202309/books/newest").operation.query["count"]
    assert spec.resolve(count.schema) == {"type": "integer", "maximum": 9, "default": 3}


def test_everything_that_is_served_is_in_the_spec() -> None:
    behaviour.load()
    known = {(each.method, each.path) for each in bundled_spec().operations}
    assert served() <= known
