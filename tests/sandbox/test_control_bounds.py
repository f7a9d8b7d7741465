"""Whatever the control API is asked, it answers in JSON, and the world goes on afterwards."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.sandbox.conftest import NOW
from tests.sandbox.test_control import control
from tiktok_shop_async.sandbox import ManualClock, Sandbox, SandboxServer
from tiktok_shop_async.sandbox.faults.rules import Faults
from tiktok_shop_async.sandbox.made_up.seed import open_world
from tiktok_shop_async.sandbox.sending.targets import UnsafeTargetError, check_target
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from pathlib import Path

HOOK = {"address": "http://a.example/"}
NUMBERS = (-1, 0, 1, 60, 2**31, 2**53, 2**63, 2**64 - 1, 2**64, 2**70, 1e13, 1e300, 1.7e308, -1e308)
FIELDS: dict[str, dict[str, Any]] = {
    "/clock": {"advance": 0, "set": 0, "factor": 0},
    "/tokens": {"lifetime": 0},
    "/notifications": {"event_type": 0},
    "/deliveries/manner": {"shuffle": 0, "timeout": 0, "duplicates": 0, "seed": 0},
    "/faults": {"times": 0, "code": 0, "retry_after": 0, "delay": 0, "share": 0},
    "/orders": {"count": 0},
}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(orders=0, clock=ManualClock(NOW))


def status_of(sandbox: Sandbox, path: str, body: Any) -> int:
    """The status of the answer."""

    async def main() -> int:
        async with sandbox.http_client() as http:
            return (await http.post(f"/sandbox/control{path}", json=body)).status_code

    return anyio.run(main)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tokens", {"lifetime": 2**64 - 1}),
        ("/notifications", {"event_type": 2**70, **HOOK}),
        ("/clock", {"factor": 1e300}),
        ("/clock", {"advance": 1e308}),
        ("/deliveries/manner", {"shuffle": 2**63}),
        ("/deliveries/manner", {"seed": 2**70}),
        ("/faults", {"kind": "error", "code": 2**70}),
    ],
)
def test_a_number_beyond_all_bounds_is_refused_and_harms_nothing(sandbox: Sandbox, path: str, body: Any) -> None:
    assert "Expected" in control(sandbox, "POST", path, body, 400)["error"]
    assert control(sandbox, "GET", "/clock")["now"] == NOW
    assert control(sandbox, "GET", "/faults")["faults"] == []
    control(sandbox, "POST", "/orders", {})


def test_numbers_of_any_size_leave_a_sandbox_that_answers() -> None:
    chance = random.Random(5)  # noqa: S311 - the same cases each time
    sandbox = Sandbox(orders=0, clock=ManualClock(NOW))
    for _ in range(200):
        path = chance.choice(list(FIELDS))
        names = chance.sample(list(FIELDS[path]), chance.randint(1, len(FIELDS[path])))
        body: dict[str, Any] = {name: chance.choice(NUMBERS) for name in names}
        if path == "/orders" and body["count"] == 60:
            body["count"] = 2
        if path == "/faults":
            body["kind"] = "error"
        if path == "/notifications":
            body |= HOOK
        assert status_of(sandbox, path, body) < 500, (path, body)
        for read in ("/", "/clock", "/faults", "/deliveries"):
            control(sandbox, "GET", read)
    control(sandbox, "POST", "/tokens", {})


def test_a_failure_of_the_sandbox_is_told_in_json(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Faults) -> None:
        raise ArithmeticError

    monkeypatch.setattr(Faults, "clear", fail)
    assert "log" in control(sandbox, "DELETE", "/faults", status=500)["error"]


@pytest.mark.parametrize("outside", [False, True])
def test_a_row_that_cannot_be_written_is_taken_back_and_the_world_goes_on(sandbox: Sandbox, outside: bool) -> None:
    world = sandbox.world
    before = len(world.tokens)
    if outside:
        world.issue_token(lifetime=2**70)
    with pytest.raises(OverflowError), world.change():
        world.issue_token(lifetime=2**70)
    assert len(world.tokens) == before
    sandbox.create_orders(1)
    assert sandbox.issue_token() in world.tokens


def test_a_request_to_the_clock_that_is_refused_changes_nothing(sandbox: Sandbox) -> None:
    before = control(sandbox, "GET", "/clock")
    for body in (
        {"factor": 60, "set": 1},
        {"set": NOW + DAY, "advance": -1},
        {"set": NOW + DAY, "advance": 1},
        {"advance": DAY, "factor": -1},
        {"factor": 60, "advance": 9_999_999_999},
    ):
        control(sandbox, "POST", "/clock", body, 400)
        assert control(sandbox, "GET", "/clock") == before


def test_a_kind_of_token_that_does_not_exist_is_refused(sandbox: Sandbox) -> None:
    assert "Invalid enum value" in control(sandbox, "POST", "/tokens", {"kind": "bogus"}, 400)["error"]
    with pytest.raises(ValueError, match="seller, creator, partner"):
        sandbox.issue_token("bogus")


def test_reading_the_facts_authorises_nobody(sandbox: Sandbox) -> None:
    refresh_token = sandbox.refresh_token
    control(sandbox, "POST", "/tokens/expire")
    assert control(sandbox, "GET", "/")["access_token"] is None
    assert sandbox.refresh_token == refresh_token
    sandbox.revoke()
    assert control(sandbox, "GET", "/")["access_token"] is None
    assert sandbox.account.grant is None


def test_a_start_on_a_file_leaves_who_is_authorised_as_it_was(tmp_path: Path) -> None:
    def start() -> Sandbox:
        return Sandbox(orders=0, clock=ManualClock(NOW), state=tmp_path / "state")

    sandbox = start()
    refresh_token = sandbox.refresh_token
    sandbox.expire_tokens()
    sandbox.close()
    sandbox = start()
    assert sandbox.refresh_token == refresh_token
    assert sandbox.world.tokens[sandbox.access_token].expires_at > NOW
    sandbox.revoke()
    sandbox.close()
    sandbox = start()
    assert (sandbox.access_token, sandbox.refresh_token, sandbox.account.grant) == ("", "", None)
    sandbox.close()


@pytest.mark.parametrize("body", [{"advance": 600}, {"set": NOW + 600}])
def test_a_move_of_the_clock_is_kept_at_once(tmp_path: Path, body: Any) -> None:
    machine = [float(NOW)]
    sandbox = Sandbox(orders=0, clock=lambda: machine[0], state=tmp_path / "state")
    control(sandbox, "POST", "/clock", body)
    storage = sandbox.world._storage
    assert storage is not None
    storage.close()  # As by a kill: nothing more is written.
    again = open_world(lambda: machine[0], state=tmp_path / "state")
    assert again.now == NOW + 600
    again.close()


def test_a_reset_takes_no_body(sandbox: Sandbox) -> None:
    world = sandbox.world
    control(sandbox, "POST", "/reset", {"type": 1}, 400)
    assert sandbox.world is world


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"])  # noqa: S104 - where to, not where from
@pytest.mark.anyio
async def test_nothing_is_sent_to_the_sandbox_itself(host: str) -> None:
    with SandboxServer(orders=0, clock=ManualClock(NOW)) as sandbox:
        sandbox.reset()
        port = sandbox.world.deliveries.own_port
        assert sandbox.url.endswith(f":{port}")
    with pytest.raises(UnsafeTargetError, match="the sandbox itself"):
        await check_target(f"http://{host}:{port}/sandbox/control/reset", port)
    await check_target(f"http://{host}:{port}/", 1)
