"""Names that are not read where they stand: passed over and told of, or refused in strict mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import make_caller
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.gate.ignored import Ignored
from tiktok_shop_async.sandbox.journal import Journal
from tiktok_shop_async.sandbox.made_up.picture import plain_png
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Answer, Caller

SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202507/orders"
IMAGES = "/product/202309/images/upload"


def edit(body: dict[str, Any]) -> Callable[[Caller], Answer]:
    """A partial edit with this body."""
    return lambda c: c.post(f"/product/202309/products/{next(iter(c.shop.products)).id}/partial_edit", body)


def upload(texts: dict[str, str]) -> Callable[[Caller], Answer]:
    """An upload with these parts beside the picture."""
    picture = {"data": ("a.png", plain_png(300, 300, (1, 2, 3)))}
    return lambda c: c.without_cipher().upload(IMAGES, texts, picture)


IGNORED: dict[str, tuple[Callable[[Caller], Answer], Ignored]] = {
    "an unknown parameter": (lambda c: c.post(SEARCH, pagesize=5), Ignored("pagesize", "query")),
    "an unknown field": (lambda c: c.post(SEARCH, {"status": 100}), Ignored("status", "body")),
    "a parameter in the body": (lambda c: c.post(SEARCH, {"page_size": 5}), Ignored("page_size", "body", "the query")),
    "a field in the query": (
        lambda c: c.post(SEARCH, order_status="UNPAID"), Ignored("order_status", "query", "the body"),
    ),
    "a cipher in the body": (
        lambda c: c.post(SEARCH, {"shop_cipher": "x"}), Ignored("shop_cipher", "body", "the query"),
    ),
    "a credential in the body": (lambda c: c.post(SEARCH, {"app_key": "x"}), Ignored("app_key", "body", "the query")),
    "a token in the body": (
        lambda c: c.post(SEARCH, {"access_token": "x"}),
        Ignored("access_token", "body", "the header `x-tts-access-token`"),
    ),
    "an id in the body that the path has": (edit({"product_id": "1"}), Ignored("product_id", "body", "the path")),
    "a field of an object beside it": (
        edit({"amount": "1.00"}), Ignored("amount", "body", "the body as `skus[].price.amount`"),
    ),
    "an unknown field deep in a list": (
        edit({"skus": [{"id": "1"}, {"id": "2", "stock": 3}]}), Ignored("skus[1].stock", "body"),
    ),
    "an unknown part of a form": (upload({"usecase": "MAIN_IMAGE"}), Ignored("usecase", "form")),
}  # fmt: skip


@pytest.mark.parametrize("what", IGNORED)
def test_what_is_not_read_is_passed_over_and_told_of(
    caller: Caller, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """In the journal with where it belongs, and in the log."""
    journal = Journal()
    call, expected = IGNORED[what]
    call(replace(caller, app=create_app(bundled_spec(), caller.world, journal=journal)))
    assert expected in journal.all()[-1].ignored
    assert f"does not read {expected}" in caplog.text


@pytest.mark.parametrize("what", IGNORED)
def test_strict_mode_refuses_it_by_name(conformance: Conformance, what: str) -> None:
    call, expected = IGNORED[what]
    answer = call(make_caller(conformance, orders=10, strict=True))
    assert (answer.code, answer.status) == (36009004, 400)
    assert str(expected) in answer.message


def test_strict_mode_lets_a_sound_request_pass(conformance: Conformance) -> None:
    caller = make_caller(conformance, orders=10, strict=True)
    assert caller.post(SEARCH, {"order_status": "UNPAID"}, page_size=5).code == 0
    assert upload({"use_case": "MAIN_IMAGE"})(caller).code == 0


def test_what_is_missing_because_it_stands_elsewhere_is_told_with_the_refusal(caller: Caller) -> None:
    """The live service says that it is missing and no more; the journal says where it is."""
    journal = Journal()
    answer = replace(caller, app=create_app(bundled_spec(), caller.world, journal=journal)).call(
        "GET", DETAIL, body={"ids": ["1"]}
    )
    assert answer.code == 36009004
    assert journal.all()[-1].ignored == [Ignored("ids", "body", "the query")]


def repeated(caller: Caller) -> Answer:
    """A detail call whose list is sent name by name."""
    query = caller.signed(DETAIL, {"ids": next(iter(caller.shop.orders)).id})
    return caller.send_pairs(DETAIL, [*query.items(), ("ids", "2")])


def test_a_repeated_name_counts_once_and_strict_mode_refuses_it(conformance: Conformance, caller: Caller) -> None:
    journal = Journal()
    assert repeated(replace(caller, app=create_app(bundled_spec(), caller.world, journal=journal))).code == 0
    assert "`ids` is repeated" in journal.all()[-1].remarks[0]
    assert "`ids` is repeated" in repeated(make_caller(conformance, orders=10, strict=True)).message


@pytest.mark.parametrize("strict", [False, True])
def test_a_value_that_is_not_listed_passes_and_is_remarked(conformance: Conformance, strict: bool) -> None:
    """Nothing shows that the live service refuses one, and the lists are known to have gaps."""
    caller, journal = make_caller(conformance, orders=10), Journal()
    app = create_app(bundled_spec(), caller.world, journal=journal, strict=strict)
    assert replace(caller, app=app).post(SEARCH, {"order_status": "LOST"}, sort_order="asc").code == 0
    assert journal.all()[-1].remarks == [
        "`sort_order` has a value that is not listed for it: 'asc'",
        "`order_status` has a value that is not listed for it: 'LOST'",
    ]
