"""What a test may do to a sandbox, by the Python object and over HTTP: both are the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from openapi_spec_validator import validate

from tests.sandbox.conftest import NOW
from tests.sandbox.signed_calls import Caller
from tiktok_shop_async.sandbox import ManualClock, NotNowError, Sandbox
from tiktok_shop_async.sandbox.life.accounts import exchange, refresh
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR, MINUTE
from tiktok_shop_async.sandbox.web.control import ENDPOINTS

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance

SEARCH = "/order/202309/orders/search"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def sandbox(clock: ManualClock) -> Sandbox:
    return Sandbox(orders=30, clock=clock)


@pytest.fixture
def caller(sandbox: Sandbox, clock: ManualClock, conformance: Conformance) -> Caller:
    return Caller(
        world=sandbox.world,
        clock=clock,
        conformance=conformance,
        app=sandbox,  # type: ignore[arg-type]
        token=sandbox.access_token,
        cipher=sandbox.shop_cipher,
    )


def control(sandbox: Sandbox, method: str, path: str, body: Any = None, status: int = 200, **query: Any) -> Any:
    """What the control API answers."""

    async def main() -> httpx.Response:
        async with sandbox.http_client() as http:
            content = {} if body is None and method != "GET" else body
            return await http.request(method, f"/sandbox/control{path}", json=content, params=query)

    answer = anyio.run(main)
    assert answer.status_code == status, answer.text
    return answer.json()


class TestOrders:
    def test_orders_come_in_by_the_hundred_and_are_ready_to_ship(self, sandbox: Sandbox, caller: Caller) -> None:
        orders = control(sandbox, "POST", "/orders", {"count": 100})["orders"]
        assert {order["status"] for order in orders} == {"AWAITING_SHIPMENT"}
        found = caller.call("POST", SEARCH, body={"create_time_ge": NOW}, query={"page_size": 100}).data
        assert {order["id"] for order in found["orders"]} == {order["id"] for order in orders}

    @pytest.mark.parametrize(
        "status",
        [
            "UNPAID",
            "ON_HOLD",
            "AWAITING_SHIPMENT",
            "AWAITING_COLLECTION",
            "IN_TRANSIT",
            "DELIVERED",
            "COMPLETED",
        ],
    )
    def test_orders_get_as_far_as_they_are_wanted(self, sandbox: Sandbox, caller: Caller, status: str) -> None:
        (order,) = sandbox.create_orders(status=status)
        (seen,) = caller.get("/order/202309/orders", ids=[order.id]).data["orders"]
        assert seen["status"] == status

    def test_an_order_is_what_it_is_asked_to_be(self, sandbox: Sandbox, caller: Caller) -> None:
        product = next(each for each in sandbox.shop.products if each.status == "ACTIVATE")
        sku = product.skus[0]
        wanted = {
            "items": [{"sku_id": sku.id, "quantity": 3}],
            "buyer": {"first_name": "Ottilie", "city": "Mallow"},
            "shipping_type": "SELLER",
            "message": "Ring twice",
        }
        (made,) = control(sandbox, "POST", "/orders", wanted)["orders"]
        (seen,) = caller.get("/order/202309/orders", ids=[made["id"]]).data["orders"]
        assert [line["sku_id"] for line in seen["line_items"]] == [sku.id] * 3
        assert seen["recipient_address"]["first_name"] == "Ottilie"
        assert (seen["shipping_type"], seen["buyer_message"]) == ("SELLER", "Ring twice")

    def test_a_sample_costs_nothing(self, sandbox: Sandbox) -> None:
        (order,) = control(sandbox, "POST", "/orders", {"sample": True})["orders"]
        assert (order["is_sample"], float(order["total_amount"])) == (True, 0)

    def test_what_is_ordered_is_taken_from_the_stock(self, sandbox: Sandbox) -> None:
        product = next(each for each in sandbox.shop.products if each.status == "ACTIVATE")
        warehouse = sandbox.shop.sales_warehouse.id
        before = product.skus[0].stock[warehouse]
        sandbox.create_orders(2, items=[(product.skus[0].id, 2)])
        assert product.skus[0].stock[warehouse] == before - 4

    def test_another_shop_gets_orders_too(self, sandbox: Sandbox) -> None:
        second = list(sandbox.world.shops)[1]
        (order,) = control(sandbox, "POST", "/orders", {"shop_id": second.id})["orders"]
        assert (order["shop_id"], order["currency"]) == (second.id, second.currency)
        assert control(sandbox, "GET", "/orders", shop_id=second.id, limit=1)["orders"][0]["id"] == order["id"]

    def test_an_order_goes_its_way_step_by_step(self, sandbox: Sandbox) -> None:
        (order,) = control(sandbox, "POST", "/orders", {"status": "UNPAID"})["orders"]
        seen = [
            control(sandbox, "POST", f"/orders/{order['id']}/steps", {"step": step})["status"]
            for step in ("pay", "release", "ship", "collect", "deliver", "complete")
        ]
        assert seen == ["ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"]

    def test_an_order_is_led_to_a_status(self, sandbox: Sandbox) -> None:
        (order,) = sandbox.create_orders(status="UNPAID")
        assert control(sandbox, "POST", f"/orders/{order.id}/steps", {"to": "DELIVERED"})["status"] == "DELIVERED"

    def test_what_happened_early_does_not_happen_again_at_its_time(self, sandbox: Sandbox) -> None:
        """The carrier's own time comes after the one that was brought forward."""
        (order,) = sandbox.create_orders(status="COMPLETED")
        completed = order.completion_time
        sandbox.advance(20 * DAY)
        assert (order.status, order.completion_time) == ("COMPLETED", completed)
        assert len(sandbox.shop.ledger.entries_of(order.id, sandbox.world.now)) == 1

    def test_a_step_out_of_turn_is_refused_with_what_comes_first(self, sandbox: Sandbox) -> None:
        (order,) = sandbox.create_orders(status="UNPAID")
        refusal = control(sandbox, "POST", f"/orders/{order.id}/steps", {"step": "deliver"}, status=409)
        assert refusal["error"] == f"order {order.id} is UNPAID; what comes next is pay"
        with pytest.raises(NotNowError, match="no way leads"):
            sandbox.move_order(sandbox.create_orders(status="DELIVERED")[0].id, "ON_HOLD")

    def test_a_buyer_asks_to_cancel_and_the_seller_has_to_answer(self, sandbox: Sandbox, caller: Caller) -> None:
        (order,) = sandbox.create_orders()
        asked = control(sandbox, "POST", f"/orders/{order.id}/cancellation")
        assert asked["cancellation"]["status"] == "CANCELLATION_REQUEST_PENDING"
        assert caller.post(f"/return_refund/202309/cancellations/{asked['cancellation']['id']}/approve").code == 0
        assert control(sandbox, "GET", f"/orders/{order.id}")["status"] == "CANCELLED"

    def test_a_buyer_who_has_not_paid_just_cancels(self, sandbox: Sandbox) -> None:
        (order,) = sandbox.create_orders(status="UNPAID")
        asked = control(sandbox, "POST", f"/orders/{order.id}/cancellation")
        assert (asked["order"]["status"], asked["cancellation"]) == ("CANCELLED", None)

    def test_what_is_on_its_way_is_not_cancelled(self, sandbox: Sandbox) -> None:
        (order,) = sandbox.create_orders(status="IN_TRANSIT")
        assert (
            "before the goods are shipped"
            in (control(sandbox, "POST", f"/orders/{order.id}/cancellation", status=409)["error"])
        )

    def test_a_buyer_returns_what_was_delivered(self, sandbox: Sandbox, caller: Caller) -> None:
        (order,) = sandbox.create_orders(status="DELIVERED")
        asked = control(sandbox, "POST", f"/orders/{order.id}/returns", {"type": "RETURN_AND_REFUND"})
        path = f"/return_refund/202309/returns/{asked['id']}/approve"
        assert caller.post(path, {"decision": "APPROVE_RETURN"}).code == 0
        sent = control(sandbox, "POST", f"/returns/{asked['id']}/steps", {"step": "send_back"})
        assert sent["status"] == "BUYER_SHIPPED_ITEM"

    def test_a_return_comes_one_at_a_time_and_after_delivery(self, sandbox: Sandbox) -> None:
        delivered, shipped = sandbox.create_orders(status="DELIVERED") + sandbox.create_orders(status="IN_TRANSIT")
        sandbox.request_return(delivered.id, line_ids=[delivered.lines[0].id])
        for order in (delivered, shipped):
            control(sandbox, "POST", f"/orders/{order.id}/returns", status=409)
        with pytest.raises(NotNowError, match="stays DELIVERED"):
            sandbox.move_order(delivered.id, "COMPLETED")

    def test_a_carrier_delivers_one_package(self, sandbox: Sandbox) -> None:
        (order,) = sandbox.create_orders(status="AWAITING_COLLECTION")
        (package_id,) = {line.package_id for line in order.lines}
        path = f"/packages/{package_id}/steps"
        assert "takes FULFILLING" in control(sandbox, "POST", path, {"step": "deliver"}, status=409)["error"]
        control(sandbox, "POST", path, {"step": "collect"})
        delivered = control(sandbox, "POST", path, {"step": "deliver"})
        assert (delivered["status"], order.status) == ("COMPLETED", "DELIVERED")

    @pytest.mark.parametrize(
        ("body", "complaint"),
        [
            ({"count": 0}, "count is one of 1 to 10000"),
            ({"status": "LOST"}, "status is one of UNPAID, ON_HOLD"),
            ({"shipping_type": "DRONE"}, "shipping_type is one of TIKTOK, SELLER"),
            ({"buyer": {"shoe_size": "44"}}, "buyer is one of"),
            ({"cout": 3}, "Object contains unknown field `cout`"),
            ({"count": "3"}, "Expected `int`, got `str` - at `$.count`"),
        ],
    )
    def test_a_wish_that_makes_no_sense_is_refused(self, sandbox: Sandbox, body: Any, complaint: str) -> None:
        assert complaint in control(sandbox, "POST", "/orders", body, status=400)["error"]

    def test_what_is_not_there_is_named(self, sandbox: Sandbox) -> None:
        assert "no shop has 1 among its orders" in control(sandbox, "GET", "/orders/1", status=404)["error"]
        assert "there is no shop 1" in control(sandbox, "POST", "/orders", {"shop_id": "1"}, status=404)["error"]
        wanted = {"items": [{"sku_id": "1"}]}
        assert "has no variant 1" in control(sandbox, "POST", "/orders", wanted, status=404)["error"]

    def test_what_is_not_on_sale_is_not_ordered(self, sandbox: Sandbox) -> None:
        product = next(each for each in sandbox.shop.products if each.status == "ACTIVATE")
        sandbox.audit_product(product.id, passed=False)
        with pytest.raises(NotNowError, match="only what is on sale"):
            sandbox.create_orders(items=[(product.skus[0].id, 1)])


class TestProducts:
    def test_an_audit_turns_a_listing_down_and_lets_it_pass(self, sandbox: Sandbox, caller: Caller) -> None:
        product = next(each for each in sandbox.shop.products if each.status == "ACTIVATE")
        path = f"/products/{product.id}/audit"
        assert control(sandbox, "POST", path, {"passed": False, "reason": "blurred"})["status"] == "FAILED"
        assert caller.get(f"/product/202309/products/{product.id}").data["status"] == "FAILED"
        assert control(sandbox, "POST", path, {"passed": True})["status"] == "ACTIVATE"

    def test_the_shop_is_told_why_a_listing_was_turned_down(self, sandbox: Sandbox) -> None:
        sandbox.world.deliveries.manner.address = "https://app.example/hook"
        product = next(each for each in sandbox.shop.products if each.status == "ACTIVATE")
        sandbox.audit_product(product.id, passed=False, reason="blurred")
        (told,) = control(sandbox, "GET", "/deliveries", event_type="PRODUCT_STATUS_CHANGE")["deliveries"]
        assert '"suspended_reason":"blurred"' in told["body"].replace(": ", ":")


class TestClock:
    def test_the_clock_is_moved_and_what_falls_due_happens_at_once(self, sandbox: Sandbox) -> None:
        (order,) = sandbox.create_orders(status="ON_HOLD")
        moved = control(sandbox, "POST", "/clock", {"advance": 2 * HOUR})
        assert moved == {"now": NOW + 2 * HOUR, "callers_now": NOW + 2 * HOUR, "factor": 0.0}
        assert order.status == "AWAITING_SHIPMENT"

    def test_the_clock_is_set_and_hurried(self, sandbox: Sandbox) -> None:
        assert control(sandbox, "POST", "/clock", {"set": NOW + 100, "factor": 0})["now"] == NOW + 100
        assert control(sandbox, "GET", "/clock")["now"] == NOW + 100

    @pytest.mark.parametrize("moves", [{"factor": 60, "set": 1}, {"set": NOW + 86_400, "advance": -1}])
    def test_a_move_that_is_refused_moves_nothing(self, sandbox: Sandbox, moves: dict[str, float]) -> None:
        before = control(sandbox, "GET", "/clock")
        control(sandbox, "POST", "/clock", moves, status=400)
        assert control(sandbox, "GET", "/clock") == before

    def test_the_clock_never_goes_back(self, sandbox: Sandbox) -> None:
        assert "forward only" in control(sandbox, "POST", "/clock", {"set": NOW - 1}, status=400)["error"]


BEYOND = [
    ("/tokens", {"lifetime": 2**64 - 1}),
    ("/tokens", {"lifetime": -1}),
    ("/tokens", {"kind": "bogus"}),
    ("/clock", {"advance": 1e308}),
    ("/clock", {"set": 1e13}),
    ("/clock", {"factor": 1e300}),
    ("/orders", {"count": -1}),
    ("/deliveries/manner", {"shuffle": 2**63}),
    ("/notifications", {"event_type": 2**70, "address": "https://a.example"}),
]


@pytest.mark.parametrize(("path", "body"), BEYOND, ids=str)
def test_what_is_beyond_all_bounds_is_refused_and_the_sandbox_goes_on(
    sandbox: Sandbox, caller: Caller, path: str, body: dict[str, Any]
) -> None:
    assert control(sandbox, "POST", path, body, status=400)["error"]
    assert control(sandbox, "GET", "/clock")["now"] == NOW
    assert caller.post(SEARCH).code == 0


def test_reading_what_there_is_authorises_no_one(sandbox: Sandbox) -> None:
    refresh_token = sandbox.refresh_token
    sandbox.expire_tokens()
    assert control(sandbox, "GET", "/")["access_token"] is None
    assert sandbox.refresh_token == refresh_token
    sandbox.revoke()
    control(sandbox, "GET", "/")
    assert next(iter(sandbox.world.accounts)).grant is None


class TestFaults:
    def test_a_fault_is_put_in_listed_and_taken_out(self, sandbox: Sandbox, caller: Caller) -> None:
        wanted = {"kind": "too_many_requests", "operation": "get_order_list", "times": 2, "retry_after": 3}
        fault = control(sandbox, "POST", "/faults", wanted)
        assert caller.post(SEARCH).headers["retry-after"] == "3"
        assert control(sandbox, "GET", "/faults")["faults"][0]["hits"] == 1
        control(sandbox, "DELETE", f"/faults/{fault['id']}")
        assert caller.post(SEARCH).code == 0
        assert "no fault 99" in control(sandbox, "DELETE", "/faults/99", status=404)["error"]

    def test_all_faults_are_taken_out(self, sandbox: Sandbox) -> None:
        sandbox.inject("reset", times=None)
        control(sandbox, "DELETE", "/faults")
        assert control(sandbox, "GET", "/faults") == {"faults": []}

    @pytest.mark.parametrize("name", ["getOrderList", "get-order-list", "get_orders_list"])
    def test_an_operation_that_does_not_exist_is_refused_with_the_one_that_was_meant(
        self, sandbox: Sandbox, name: str
    ) -> None:
        refusal = control(sandbox, "POST", "/faults", {"kind": "reset", "operation": name}, status=400)
        assert refusal["error"] == f"there is no operation {name}; did you mean get_order_list?"
        with pytest.raises(ValueError, match="did you mean get_order_list"):
            sandbox.inject("reset", operation=name)
        with pytest.raises(ValueError, match="did you mean get_order_list"):
            sandbox.requests(operation=name)

    def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(self, sandbox: Sandbox) -> None:
        assert "there are error, " in control(sandbox, "POST", "/faults", {"kind": "fire"}, status=400)["error"]

    @pytest.mark.anyio
    async def test_a_reset_is_an_error_of_the_transport(self, sandbox: Sandbox) -> None:
        sandbox.inject("reset")
        async with sandbox.http_client() as http:
            with pytest.raises(httpx.ReadError):
                await http.get("/authorization/202309/shops")

    @pytest.mark.anyio
    async def test_silence_is_a_time_out_of_the_transport(self, sandbox: Sandbox) -> None:
        sandbox.inject("no_answer")
        async with sandbox.http_client(timeout=0.05) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.get("/authorization/202309/shops")


class TestReadingBack:
    def test_requests_are_filtered_and_the_newest_kept(self, sandbox: Sandbox, caller: Caller) -> None:
        caller.post(SEARCH, page_size=10)
        caller.post(SEARCH, page_size=0)
        found = control(sandbox, "GET", "/requests", operation="get_order_list", failed="true", limit=5)
        assert (found["total"], found["requests"][0]["code"]) == (1, 98001004)
        number = found["requests"][0]["id"]
        assert control(sandbox, "GET", f"/requests/{number}")["message"].startswith("Out of range")
        control(sandbox, "DELETE", "/requests")
        assert control(sandbox, "GET", "/requests")["total"] == 0
        assert "too long ago" in control(sandbox, "GET", f"/requests/{number}", status=404)["error"]

    def test_what_the_control_api_is_asked_is_no_request_of_the_api(self, sandbox: Sandbox) -> None:
        control(sandbox, "GET", "/")
        assert sandbox.requests() == []

    def test_a_notification_is_sent_by_hand_and_read_back(self, sandbox: Sandbox) -> None:
        wanted = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://app.example/hook"}
        sent = control(sandbox, "POST", "/notifications", wanted)
        assert [each["id"] for each in control(sandbox, "GET", "/deliveries")["deliveries"]] == [sent["id"]]
        again = control(sandbox, "POST", f"/deliveries/{sent['id']}/resend")
        assert again["notification_id"] == sent["notification_id"]
        assert control(sandbox, "GET", "/deliveries", state="delivered")["deliveries"] == []
        control(sandbox, "POST", "/deliveries/77/resend", status=404)

    def test_an_odd_notification_of_one_shop_is_sent_by_hand(self, sandbox: Sandbox) -> None:
        *_, shop = sandbox.world.shops
        wanted: dict[str, Any] = {"event_type": 5, "address": "https://app.example/hook", "shop_id": shop.id}
        odd = {"without": ["tts_notification_id"], "ids_as_numbers": True, "envelope": {"timestamp": 1}}
        body = json.loads(control(sandbox, "POST", "/notifications", wanted | odd)["body"])
        assert (body["shop_id"], body["timestamp"]) == (int(shop.id), 1)
        assert "tts_notification_id" not in body
        control(sandbox, "POST", "/notifications", wanted | {"shop_id": "77"}, status=404)

    def test_a_notification_by_hand_differs_in_the_fields_that_are_named(self, sandbox: Sandbox) -> None:
        wanted = {"event_type": 1, "address": "https://app.example/hook", "changes": {"order_status": "CANCEL"}}
        data = json.loads(control(sandbox, "POST", "/notifications", wanted)["body"])["data"]
        assert data["order_status"] == "CANCEL"
        assert data["order_id"]

    def test_notifications_come_in_the_manner_that_is_asked_for(self, sandbox: Sandbox) -> None:
        control(sandbox, "POST", "/deliveries/manner", {"address": "https://app.example/hook", "seed": 3})
        manner = control(sandbox, "POST", "/deliveries/manner", {"duplicates": 1, "shuffle": 60})
        assert (manner["address"], manner["seed"]) == ("https://app.example/hook", 3)
        control(sandbox, "POST", "/notifications", {"event_type": "PACKAGE_UPDATE"})
        first, second = control(sandbox, "GET", "/deliveries")["deliveries"]
        assert first["body"] == second["body"]
        assert control(sandbox, "POST", "/deliveries/manner", {"address": None})["address"] is None

    @pytest.mark.parametrize("manner", [{"duplicates": 2}, {"shuffle": -1}, {"timeout": 0}, {"address": "ftp://a"}])
    def test_a_manner_that_makes_no_sense_is_refused(self, sandbox: Sandbox, manner: dict[str, Any]) -> None:
        control(sandbox, "POST", "/deliveries/manner", manner, status=400)


class TestTokens:
    def test_a_token_without_a_scope_is_made(self, sandbox: Sandbox, caller: Caller) -> None:
        made = control(sandbox, "POST", "/tokens", {"scopes": ["seller.finance.info"]})
        assert caller.with_token(made["access_token"]).post(SEARCH).code == 105005

    def test_all_tokens_end_at_once(self, sandbox: Sandbox, caller: Caller) -> None:
        control(sandbox, "POST", "/tokens/expire")
        assert caller.post(SEARCH).code == 105002

    def test_an_account_consents_and_withdraws(self, sandbox: Sandbox) -> None:
        accounts = control(sandbox, "GET", "/accounts")["accounts"]
        assert [(each["kind"], each["is_authorised"]) for each in accounts] == [
            ("seller", True),
            ("creator", False),
            ("partner", False),
        ]
        seller = f"/accounts/{accounts[0]['open_id']}"
        code = control(sandbox, "POST", f"{seller}/consent", {"shop_ids": [sandbox.shop_id], "scopes": []})
        assert code["expires_at"] == NOW + 30 * MINUTE
        assert exchange(sandbox.world, code["code"])[1].shop_ids == {sandbox.shop_id}
        control(sandbox, "POST", f"{seller}/withdrawal")
        assert not control(sandbox, "GET", "/accounts")["accounts"][0]["is_authorised"]
        assert sandbox.refresh_token == ""

    def test_a_consent_that_no_one_can_give_is_refused(self, sandbox: Sandbox) -> None:
        seller = f"/accounts/{sandbox.account.id}/consent"
        assert "4711" in control(sandbox, "POST", seller, {"shop_ids": ["4711"]}, 400)["error"]
        assert "4711" in control(sandbox, "POST", "/accounts/4711/consent", {}, 404)["error"]
        assert "4711" in control(sandbox, "POST", "/accounts/4711/withdrawal", {}, 404)["error"]

    def test_the_facts_hold_what_a_client_needs(self, sandbox: Sandbox) -> None:
        facts = control(sandbox, "GET", "/")
        assert (facts["app_key"], facts["app_secret"]) == (sandbox.app_key, sandbox.app_secret)
        assert facts["access_token"] == sandbox.access_token
        assert facts["shops"][0]["cipher"] == sandbox.shop_cipher


class TestReset:
    def test_a_reset_makes_the_world_anew_and_lets_the_same_credentials_in(
        self, sandbox: Sandbox, clock: ManualClock, conformance: Conformance
    ) -> None:
        before = len(sandbox.shop.orders)
        sandbox.create_orders(5)
        sandbox.inject("reset", times=None)
        shop_id, cipher, token = sandbox.shop_id, sandbox.shop_cipher, sandbox.access_token
        control(sandbox, "POST", "/reset")
        assert (len(sandbox.shop.orders), sandbox.faults.all(), sandbox.requests()) == (before, [], [])
        assert (sandbox.shop_id, sandbox.shop_cipher, sandbox.access_token) == (shop_id, cipher, token)
        after = Caller(
            world=sandbox.world,
            clock=clock,
            conformance=conformance,
            app=sandbox,  # type: ignore[arg-type]
            token=token,
            cipher=cipher,
        )
        assert after.post(SEARCH).code == 0
        assert sandbox.account.kind == "seller"

    def test_the_ready_tokens_are_good_after_a_reset(self, sandbox: Sandbox) -> None:
        before = sandbox.access_token, sandbox.refresh_token
        sandbox.reset()
        assert (sandbox.access_token, sandbox.refresh_token) == before
        refresh(sandbox.world, before[1])


class TestTheApiItself:
    def test_its_document_is_valid_and_lists_every_endpoint(self, sandbox: Sandbox) -> None:
        document = control(sandbox, "GET", "/openapi.json")
        validate(document)
        listed = {
            (method.upper(), path.removeprefix("/sandbox/control"))
            for path, item in document["paths"].items()
            for method in item
        }
        assert {(each.method, each.path) for each in ENDPOINTS} == listed - {("POST", "/reset")}

    def test_a_path_that_it_does_not_have_leads_to_the_document(self, sandbox: Sandbox) -> None:
        assert "openapi.json" in control(sandbox, "GET", "/ordres", status=404)["error"]
        assert "takes GET, POST, not DELETE" in control(sandbox, "DELETE", "/orders", status=404)["error"]

    @pytest.mark.parametrize("body", [b"{", b"[]", b'{"count": ' + b"[" * 100_000, b"\xff"])
    def test_a_body_that_is_not_json_is_refused(self, sandbox: Sandbox, body: bytes) -> None:
        async def main() -> httpx.Response:
            async with sandbox.http_client() as http:
                headers = {"content-type": "application/json"}
                return await http.post("/sandbox/control/orders", content=body, headers=headers)

        answer = anyio.run(main)
        assert answer.status_code == 400
        assert answer.json()["error"]
