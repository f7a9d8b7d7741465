"""Answers of endpoints without a behaviour: made up from the schema, and yet of one piece."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import NOW, make_caller
from tiktok_shop_async.sandbox.call import Call
from tiktok_shop_async.sandbox.made_up.invention import ROWS, invent
from tiktok_shop_async.sandbox.made_up.plausible import FORMATS
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.spec import BUNDLE, Spec
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Caller

UNDERSTOOD = {
    "$ref", "type", "format", "enum", "items", "properties", "required", "default", "description", "deprecated",
    "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
}  # fmt: skip


def schemas_of(document: Any) -> list[dict[str, Any]]:
    """Every schema that the document names, and those within them."""
    found: list[dict[str, Any]] = []
    waiting = list(document["components"]["schemas"].values())
    while waiting:
        schema = waiting.pop()
        found.append(schema)
        waiting += schema.get("properties", {}).values()
        waiting += [schema["items"]] if "items" in schema else []
    return found


def test_the_spec_says_nothing_that_answers_are_not_made_up_from() -> None:
    """A keyword or format that the sandbox does not understand fails here, before an answer is wrong by it."""
    document = json.loads(BUNDLE.read_bytes())
    for schema in schemas_of(document):
        assert {name for name in schema if not name.startswith("x-")} <= UNDERSTOOD
        assert schema.get("format", "decimal") in FORMATS


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TIME = {"type": "integer", "format": "unix-seconds"}
DECIMAL = {"type": "string", "format": "decimal"}
PAGED = {"items": "things", "key": "id", "style": "token", "next-token": "next", "total": "total"}
IN_QUERY = {"token": {"in": "query", "name": "page_token"}, "page-size": {"in": "query", "name": "page_size"}}
IN_BODY = {"token": {"in": "body", "name": "page.token"}, "page-size": {"in": "body", "name": "page.size"}}


def shape(**properties: Any) -> dict[str, Any]:
    """The schema of an object."""
    return {"type": "object", "properties": properties}


def rows(**properties: Any) -> dict[str, Any]:
    """The schema of a list of objects."""
    return {"type": "array", "items": shape(**properties)}


ALL_ON_ONE_PAGE: dict[str, Any] = {
    "query": {"page_size": 50},
    "x-pagination": {"items": "ranges", "style": "token", **IN_QUERY},
}
PAGE = shape(things=rows(id=TEXT, status={"type": "string", "enum": ["A", "B"]}), next=TEXT, total=NUMBER)


@pytest.fixture(scope="module")
def asks(reader: Caller) -> Asks:
    """Asks endpoints that no one has written a behaviour for."""
    return Asks(reader)


class Asks:
    """Makes up the answer of an endpoint with this shape."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def __call__(
        self,
        data: dict[str, Any],
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        **keys: Any,
    ) -> dict[str, Any]:
        operation = {
            "operationId": "get_thing",
            "x-version": "202309",
            "x-status": "stable",
            "x-token": "seller",
            "x-scopes": list[str](),
            "x-identifiers": {},
            "x-markets": "all",
            "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"data": data}}}}}},
            **keys,
        }
        spec = Spec({"paths": {"/shelf/202309/things/{thing_id}": {"get": operation}}})
        world = self.caller.world
        call = Call(
            spec=spec,
            operation=spec.operations[0],
            world=world,
            token=world.tokens[self.caller.token],
            now=world.now,
            base_url="http://sandbox.test",
            path={"thing_id": "T-1"},
            query=query or {},
            body=body or {},
            admitted_shop=self.caller.shop,
        )
        return invent(call)


EVERYTHING = shape(
    id=TEXT, thing_id=TEXT, name=TEXT, price=DECIMAL, tax_rate=DECIMAL, create_time=TIME, update_time=TIME,
    end_time={"type": "integer", "format": "unix-milliseconds"}, day={"type": "string", "format": "date"},
    currency=TEXT, region=TEXT, locale=TEXT, email=TEXT, url=TEXT, is_failed={"type": "boolean"},
    short={"type": "string", "maxLength": 3}, long={"type": "string", "minLength": 40},
    few={"type": "integer", "minimum": 2, "maximum": 3}, status={"type": "string", "enum": ["FAILED", "SUCCESS"]},
    grid={"type": "array", "items": {"type": "array", "items": NUMBER}}, fail_reasons=rows(message=TEXT),
)  # fmt: skip


def test_a_value_has_its_type_format_and_limits_and_the_sense_of_its_name(asks: Asks) -> None:
    data = asks(EVERYTHING)
    shop, now = asks.caller.shop, asks.caller.world.now
    assert (data["currency"], data["region"], data["locale"]) == (shop.currency, shop.region, "en-US")
    assert data["email"].endswith("@example.com")
    assert re.fullmatch(r"\d+\.\d\d", data["price"])
    assert 0 < float(data["tax_rate"]) < 1
    assert now - 60 * DAY < data["create_time"] < data["update_time"] < now
    assert data["create_time"] < data["end_time"] // 1_000 < now + 10 * DAY
    assert re.fullmatch(r"2026-\d\d-\d\d", data["day"])
    assert len(data["short"]) <= 3
    assert len(data["long"]) >= 40
    assert data["few"] in {2, 3}
    assert all(isinstance(number, int) for row in data["grid"] for number in row)
    assert (data["status"], data["is_failed"], data["fail_reasons"]) == ("SUCCESS", False, [])


@pytest.mark.parametrize(
    ("name", "schema", "pattern"),
    [
        ("video_post_time", TEXT, r"17\d{8}"),
        ("expiration_timestamp", TEXT, r"17\d{8}"),
        ("end_time", NUMBER, r"17\d{8}"),
        ("min_watch_time", NUMBER, r"\d\d?"),
        ("published_date", TEXT, r"2026-\d\d-\d\d"),
        ("paid_order_num", TEXT, r"\d+"),
        ("available_quantity", TEXT, r"\d+"),
        ("shop_tab_ctr", TEXT, r"0\.\d{4}"),
        ("unique_click_order_rate", TEXT, r"0\.\d{4}"),
        ("partner_commission", TEXT, r"\d+\.\d\d"),
        ("url_list", {"type": "array", "items": TEXT}, r"\['http.*'\]"),
        ("avatar", TEXT, r"http.*"),
        ("md5", TEXT, r"[0-9a-f]{32}"),
        ("category_id_level_1", TEXT, r"\d{19}"),
        ("creator_country", TEXT, r"US"),
    ],
)
def test_a_name_says_what_its_text_is_where_the_spec_does_not(
    asks: Asks, name: str, schema: dict[str, Any], pattern: str
) -> None:
    """So that a program which reads numbers and times out of text can be tried."""
    assert re.fullmatch(pattern, str(asks(shape(**{name: schema}))[name]))


@pytest.mark.parametrize(
    ("low", "high"),
    [("minimum_amount", "maximum_amount"), ("min_price", "max_price"), ("lowest_price", "highest_price")],
)
def test_a_range_has_its_ends_the_right_way_round(asks: Asks, low: str, high: str) -> None:
    data = asks(shape(ranges=rows(**{low: DECIMAL, high: DECIMAL})), **ALL_ON_ONE_PAGE)
    assert all(float(each[low]) <= float(each[high]) for each in data["ranges"])


def test_what_the_request_says_of_a_range_comes_back_as_it_is(asks: Asks) -> None:
    said = {"min_count": 9, "max_count": 3}
    assert asks(shape(min_count=NUMBER, max_count=NUMBER), body=said) == said


def test_rows_within_different_rows_are_different_ones(asks: Asks) -> None:
    parts = rows(id=TEXT, part_id=TEXT, weight=DECIMAL)
    data = asks(shape(ranges=rows(id=TEXT, parts=parts)), **ALL_ON_ONE_PAGE)
    for name in ("id", "part_id"):
        ids = [part[name] for each in data["ranges"] for part in each["parts"]]
        assert len(ids) == len(set(ids)) > ROWS


def test_each_row_of_a_list_of_products_is_one_of_the_shop(asks: Asks) -> None:
    keys = {"x-pagination": {"items": "products", "key": "id", "style": "token", **IN_QUERY}}
    data = asks(shape(products=rows(id=TEXT)), {"page_size": 50}, **keys)
    assert {row["id"] for row in data["products"]} == {product.id for product in asks.caller.shop.products}
    assert len(data["products"]) == ROWS


def test_an_id_is_one_of_the_shop_also_where_it_is_a_number(asks: Asks) -> None:
    data = asks(shape(orders=rows(id=NUMBER, product_id=NUMBER)))
    shop = asks.caller.shop
    for row in data["orders"]:
        assert shop.orders.get(str(row["id"]))
        assert shop.products.get(str(row["product_id"]))


def test_a_list_of_shops_holds_the_one_that_is_asked_about(asks: Asks) -> None:
    data = asks(shape(shops=rows(shop_id=TEXT, shop_name=TEXT)))
    assert data["shops"] == [{"shop_id": asks.caller.shop.id, "shop_name": asks.caller.shop.name}]


def test_a_link_can_be_fetched_from_the_sandbox(asks: Asks) -> None:
    answer = asks.caller.fetch(asks(EVERYTHING)["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


def test_the_same_request_has_the_same_answer_and_another_one_another(asks: Asks) -> None:
    assert asks(EVERYTHING, {"page": 1}) == asks(EVERYTHING, {"page": 1})
    assert asks(EVERYTHING, {"page": 1}) != asks(EVERYTHING, {"page": 2})


def test_another_seed_makes_other_answers(asks: Asks, conformance: Conformance) -> None:
    assert asks(EVERYTHING) == Asks(make_caller(conformance))(EVERYTHING)
    assert asks(EVERYTHING) != Asks(make_caller(conformance, seed=8, orders=10))(EVERYTHING)


def test_what_the_request_names_comes_back(asks: Asks) -> None:
    """In the path or the body, at the same place; an id also further down."""
    schema = shape(id=TEXT, size=shape(width=DECIMAL), parts=rows(thing_id=TEXT, width=DECIMAL), thing=shape(id=TEXT))
    schema["properties"]["useful_thing"] = shape(id=TEXT)
    data = asks(schema, body={"size": {"width": "7.5"}})
    assert data["useful_thing"] == {"id": "T-1"}
    assert (data["id"], data["size"], data["thing"]) == ("T-1", {"width": "7.5"}, {"id": "T-1"})
    assert {part["thing_id"] for part in data["parts"]} == {"T-1"}
    assert "7.5" not in {part["width"] for part in data["parts"]}


def test_what_does_not_fit_the_answer_is_not_handed_back(asks: Asks) -> None:
    schema = shape(level=NUMBER, mode={"type": "string", "enum": ["X"]}, amount=DECIMAL)
    data = asks(schema, body={"level": "high", "mode": "Y", "amount": "much"})
    assert isinstance(data["level"], int)
    assert data["mode"] == "X"
    assert data["amount"] != "much"


@pytest.mark.parametrize(
    ("request_fields", "row"),
    [
        ({"ids": ["7", "8", "7"]}, rows(id=TEXT)),
        ({"product_ids": ["7", "8"]}, rows(id=TEXT)),
        ({"product_ids": ["7", "8"]}, rows(product_id=TEXT)),
        ({"products": [{"id": "7"}, {"id": "8"}]}, rows(id=TEXT)),
    ],
)
def test_a_list_of_ids_gives_a_row_for_each(asks: Asks, request_fields: dict[str, Any], row: dict[str, Any]) -> None:
    data = asks(shape(products=row), request_fields)
    assert [next(iter(each.values())) for each in data["products"]] == ["7", "8"]


def test_answers_are_about_what_the_shop_has(asks: Asks) -> None:
    """So that the next call can be made of them; and a variant is one of its product."""
    shop = asks.caller.shop
    skus = rows(id=TEXT, seller_sku=TEXT)
    products = {"type": "array", "maxItems": 2, "items": shape(id=TEXT, title=TEXT, skus=skus)}
    data = asks(shape(order_id=TEXT, warehouse_id=TEXT, products=products))
    assert data["order_id"] in {order.id for order in shop.orders}
    assert data["warehouse_id"] in {warehouse.id for warehouse in shop.warehouses}
    assert 1 <= len(data["products"]) <= 2
    for each in data["products"]:
        product = shop.products[each["id"]]
        assert each["title"] == product.title
        assert {sku["id"]: sku["seller_sku"] for sku in each["skus"]}.items() <= {
            sku.id: sku.seller_sku for sku in product.skus
        }.items()


@pytest.mark.parametrize("place", ["query", "body"])
def test_a_paged_list_ends_and_no_row_comes_twice(asks: Asks, place: str) -> None:
    """Wherever the endpoint takes its token and size."""
    keys = {"x-pagination": {**PAGED, **(IN_QUERY if place == "query" else IN_BODY)}}
    seen: list[str] = []
    token, pages = "", 0
    while pages == 0 or token:
        position = (
            {"page_token": token, "page_size": 10} if place == "query" else {"page": {"token": token, "size": 10}}
        )
        data = asks(PAGE, **{place: position}, **keys)
        assert data["total"] == ROWS
        seen += [row["id"] for row in data["things"]]
        token, pages = data["next"], pages + 1
    assert (len(seen), len(set(seen)), pages) == (ROWS, ROWS, 3)


def test_a_search_may_begin_without_the_object_that_its_token_goes_into(asks: Asks) -> None:
    """And without a size, with an empty object, or with a size that changes on the way."""
    keys = {"x-pagination": {**PAGED, **IN_BODY}}
    beginnings: tuple[dict[str, Any], ...] = ({}, {"page": {}}, {"page": {"size": 20}})
    for beginning in beginnings:
        first = asks(PAGE, body=beginning, **keys)
        second = asks(PAGE, body={"page": {"token": first["next"]}}, **keys)
        assert [len(first["things"]), len(second["things"])] == [20, 2]


def test_a_filter_holds_for_every_row_and_its_token_for_no_other(asks: Asks) -> None:
    keys = {"x-pagination": {**PAGED, **IN_QUERY}}
    data = asks(PAGE, {"page_size": 20, "status": "B"}, **keys)
    assert {row["status"] for row in data["things"]} == {"B"}
    with pytest.raises(RefusalError, match="other filters"):
        asks(PAGE, {"page_size": 20, "status": "A", "page_token": data["next"]}, **keys)


def test_numbered_pages_are_cut_from_the_same_rows(asks: Asks) -> None:
    number = {"in": "query", "name": "page_no", "first": 1}
    paging = {"items": "things", "key": "id", "style": "page-number", "page-number": number, "total": "total"}
    keys = {"x-pagination": {**paging, "page-size": IN_QUERY["page-size"]}}
    pages = [asks(PAGE, {"page_no": page, "page_size": 9}, **keys)["things"] for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [9, 9, 4, 0]
    assert len({row["id"] for page in pages for row in page}) == ROWS


def test_times_lie_within_the_range_that_is_asked_for(asks: Asks) -> None:
    start = NOW - 300 * DAY
    keys = {"x-pagination": {**PAGED, **IN_QUERY}}
    schema = shape(things=rows(id=TEXT, create_time=TIME), next=TEXT, total=NUMBER)
    data = asks(schema, body={"create_time_ge": start, "create_time_lt": start + DAY}, **keys)
    assert all(start <= row["create_time"] < start + DAY for row in data["things"])


def test_nothing_has_failed(asks: Asks) -> None:
    errors = rows(code=NUMBER, message=TEXT)
    assert asks(shape(done=shape(errors=errors)), **{"x-partial-errors": {"errors": "done.errors"}}) == {
        "done": {"errors": []}
    }


def test_what_says_whether_all_went_well_says_yes(asks: Asks) -> None:
    flag = {"type": "boolean"}
    done = shape(is_success=flag, eligible=flag, ineligible_code=NUMBER, ineligible_reason=TEXT, fail_reason=TEXT)
    data = asks(shape(done=done, code=NUMBER, message=TEXT))
    assert data["done"] == {
        "is_success": True, "eligible": True, "ineligible_code": 0, "ineligible_reason": "", "fail_reason": "",
    }  # fmt: skip
    assert (data["code"], data["message"]) == (0, "Success")


def test_a_shape_that_holds_itself_comes_to_an_end(asks: Asks) -> None:
    node = shape(id=TEXT)
    node["properties"] |= {"child": node}
    assert len(json.dumps(asks(node))) < 2_000


def test_an_answer_without_data_has_none(asks: Asks) -> None:
    content = {"application/json": {"schema": {"properties": {"code": NUMBER}}}}
    assert asks({}, responses={"200": {"content": content}}) == {}
