"""A sandbox that is kept in a file goes on where it was, whatever ended it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.conftest import NOW, make_caller
from tests.sandbox.signed_calls import Caller, sign
from tests.sandbox.snapshot import as_after_a_kill, snapshot
from tests.sandbox.test_listing import listing, picture
from tiktok_shop_async.sandbox import ManualClock, SandboxServer
from tiktok_shop_async.sandbox.__main__ import main
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.made_up.seed import open_world
from tiktok_shop_async.sandbox.spec import bundled_spec
from tiktok_shop_async.sandbox.state.clock import DAY
from tiktok_shop_async.sandbox.state.storage import FORMAT, StateFileError, Storage
from tiktok_shop_async.sandbox.world import Fact, World

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conformance import Conformance
    from tiktok_shop_async.sandbox import Sandbox

KILLS = int(os.environ.get("TIKTOK_SHOP_SOAK_KILLS", "3"))
PRODUCTS = "/product/202309/products"
WEBHOOKS = "/event/202309/webhooks"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the sandbox keeps its state; nothing is there yet."""
    return tmp_path / "state.sqlite"


@pytest.fixture
def kept(conformance: Conformance, state: Path) -> Caller:
    """A caller of a world that is kept in the file."""
    caller = make_caller(conformance, orders=30)
    caller.world.keep_in(Storage(state))
    return caller


def caller_of(sandbox: Sandbox, clock: ManualClock, conformance: Conformance) -> Caller:
    """A caller that goes over the network."""
    return Caller(
        world=sandbox.world,
        clock=clock,
        conformance=conformance,
        app=None,
        token=sandbox.access_token,
        cipher=sandbox.shop_cipher,
        base_url=sandbox.url,
    )


def test_a_restart_on_the_same_file_goes_on_where_it_was(conformance: Conformance, state: Path) -> None:
    """Credentials, listings, pictures, addresses and what lies ahead; the seed says nothing any more."""
    clock = ManualClock(NOW)
    with SandboxServer(orders=20, clock=clock, state=state) as sandbox:
        caller = caller_of(sandbox, clock, conformance)
        uri = picture(caller)
        created = caller.post(PRODUCTS, listing(caller, main_images=[{"uri": uri}])).data["product_id"]
        body = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://a.example/hook"}
        assert caller.call("PUT", WEBHOOKS, body=body).code == 0
        before, environment = snapshot(sandbox.world), sandbox.environment
    with SandboxServer(orders=5, seed=99, clock=clock, state=state) as sandbox:
        assert snapshot(sandbox.world) == before
        clock.advance(3 * DAY)  # not before: the server lets happen by itself what falls due
        assert sandbox.environment | {"TIKTOK_SHOP_BASE_URL": "", "TIKTOK_SHOP_AUTH_URL": ""} == environment | {
            "TIKTOK_SHOP_BASE_URL": "",
            "TIKTOK_SHOP_AUTH_URL": "",
        }
        caller = caller_of(sandbox, clock, conformance)
        (image,) = caller.get(f"{PRODUCTS}/{created}").data["main_images"]
        assert caller.fetch(image["urls"][0]).status_code == 200
        assert caller.get(WEBHOOKS).data["total_count"] == 1
        assert snapshot(sandbox.world) != before  # Three days have passed.


def test_what_follows_is_what_would_have_followed_without_a_restart(kept: Caller, state: Path, tmp_path: Path) -> None:
    """Ids, chance and events go on alike: the world after a restart lives the same next month."""
    kept.post(PRODUCTS, listing(kept))
    again = as_after_a_kill(state, kept.clock, tmp_path / "copy")
    kept.clock.advance(30 * DAY)
    for world in (kept.world, again):
        world.catch_up()
        with world.change():
            world.issue_token()
    assert snapshot(again) == snapshot(kept.world)


def test_an_answer_is_given_again_after_a_restart(kept: Caller, state: Path, tmp_path: Path) -> None:
    body = listing(kept, idempotency_key="once")
    created = kept.post(PRODUCTS, body).data
    again = as_after_a_kill(state, kept.clock, tmp_path / "copy")
    later = replace(kept, world=again, app=create_app(bundled_spec(), again))
    assert later.post(PRODUCTS, body).data == created
    assert snapshot(again) == snapshot(kept.world)


def test_a_clock_that_was_moved_stays_ahead(state: Path) -> None:
    machine = [float(NOW)]
    world = open_world(lambda: machine[0], state=state, orders=5)
    with world.change():
        world.clock.advance(40 * DAY)  # and nothing else
    world.close()
    machine[0] += 60
    again = open_world(lambda: machine[0], state=state)
    assert (again.now, again.wall_now) == (NOW + 40 * DAY + 60, NOW + 60)
    again.close()


@pytest.mark.parametrize("end", ["expiry", "withdrawal"])
def test_a_restart_consents_to_nothing(state: Path, end: str) -> None:
    """What a service has stored goes on to work, and what a seller took back stays so."""
    clock = ManualClock(NOW)
    with SandboxServer(orders=0, clock=clock, state=state) as sandbox:
        kept = sandbox.refresh_token
        sandbox.expire_tokens() if end == "expiry" else sandbox.revoke()
    with SandboxServer(clock=clock, state=state) as sandbox:
        assert bool(sandbox.access_token) is (end == "expiry")
        grant = next(iter(sandbox.world.accounts)).grant
        assert (grant.refresh_token if grant else None) == (kept if end == "expiry" else None)


def test_what_cannot_be_written_down_is_taken_back_and_the_world_goes_on(kept: Caller) -> None:
    before = snapshot(kept.world)
    with pytest.raises(OverflowError), kept.world.change():
        kept.world.issue_token(lifetime=2**70)
    assert snapshot(kept.world) == before
    assert kept.get("/logistics/202309/warehouses").code == 0


def test_facts_are_kept_under_their_names(state: Path) -> None:
    world = open_world(ManualClock(NOW), state=state, orders=0)
    with world.change():
        world.facts.put(Fact(id="test", value={"of": ["any", 1, None, b"kind"]}))
    world.close()
    again = open_world(ManualClock(NOW), state=state)
    assert again.facts["test"].value == {"of": ["any", 1, None, b"kind"]}
    again.close()


def test_a_refused_request_writes_nothing(kept: Caller, state: Path, tmp_path: Path) -> None:
    before = snapshot(kept.world)
    body = listing(kept, title="")
    after_the_picture = snapshot(kept.world)
    assert after_the_picture != before
    assert kept.post(PRODUCTS, body).code != 0
    assert snapshot(kept.world) == after_the_picture
    assert snapshot(as_after_a_kill(state, kept.clock, tmp_path / "copy")) == after_the_picture


def test_an_internal_error_writes_nothing_and_takes_back_what_was_done(
    kept: Caller, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    body = listing(kept)
    before = snapshot(kept.world)
    monkeypatch.setattr("tiktok_shop_async.sandbox.behaviour.listing._result", broken)
    assert kept.post(PRODUCTS, body).status == 500
    assert snapshot(kept.world) == before
    assert snapshot(as_after_a_kill(state, kept.clock, tmp_path / "copy")) == before


def test_a_request_that_cannot_be_saved_fails_and_is_taken_back(kept: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    body = listing(kept)
    before = snapshot(kept.world)
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "write", full)
        assert kept.post(PRODUCTS, body).status == 500
    assert snapshot(kept.world) == before
    assert kept.post(PRODUCTS, body).code == 0


def test_a_file_of_another_format_says_what_to_do(state: Path) -> None:
    open_world(ManualClock(NOW), state=state, orders=0).close()
    with closing(sqlite3.connect(state)) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(StateFileError, match=f"has format {FORMAT + 1}.*start with another file"):
        open_world(ManualClock(NOW), state=state)


@pytest.mark.parametrize("table", ["orders of 1", "oracles", "sources"])
def test_a_row_that_this_version_does_not_have_says_what_to_do(state: Path, table: str) -> None:
    open_world(ManualClock(NOW), state=state, orders=0).close()
    with closing(Storage(state)) as storage:
        storage.write([(table, "1", b"\xa1x")])
    with pytest.raises(StateFileError, match=r"does not understand.*start with another file"):
        open_world(ManualClock(NOW), state=state)


def test_a_row_of_another_shape_says_what_to_do(state: Path) -> None:
    world = open_world(ManualClock(NOW), state=state, orders=5)
    shop = next(iter(world.shops))
    order_id = next(iter(shop.orders)).id
    world.close()
    with closing(Storage(state)) as storage:
        storage.write([(shop.orders.name, order_id, b"\x80")])
    with pytest.raises(StateFileError, match="does not understand"):
        open_world(ManualClock(NOW), state=state)


def test_a_file_that_is_something_else_is_left_alone(state: Path) -> None:
    state.write_text("a shopping list, and not a database at all: bread, milk, eggs" * 20)
    with pytest.raises(StateFileError, match="is no state file"):
        Storage(state)
    assert state.read_text().startswith("a shopping list")
    state.unlink()
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("CREATE TABLE recipes (id)")
    with pytest.raises(StateFileError, match="database of something else"):
        Storage(state)


def test_a_file_in_use_is_not_opened_twice(state: Path) -> None:
    with SandboxServer(orders=0, state=state), pytest.raises(StateFileError, match="in use by another sandbox"):
        SandboxServer(orders=0, state=state).start()
    SandboxServer(orders=0, state=state).start()


def test_the_command_says_why_a_file_cannot_be_used(
    state: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--state", str(tmp_path / "nowhere" / "state")]) == 1
    state.write_text("not a database, whatever else it may be" * 30)
    assert main(["--state", str(state)]) == 1
    errors = capsys.readouterr().err
    assert "Cannot open" in errors
    assert "is no state file" in errors


class Program:
    """The command, running on the state file, and a client of it that knows no more than what it printed."""

    def __init__(self, state: Path, *, orders: int = 12) -> None:
        command = [sys.executable, "-m", "tiktok_shop_async.sandbox", "--orders", str(orders), "--rate", "0"]
        self.process = subprocess.Popen(  # noqa: S603
            [*command, "--state", str(state)], stdout=subprocess.PIPE, text=True
        )
        self.facts: dict[str, str] = {}
        assert self.process.stdout is not None
        while "SHOP_CIPHER" not in self.facts:
            line = self.process.stdout.readline()
            assert line, "the sandbox ended"
            if line.startswith("export TIKTOK_SHOP_"):
                name, _, value = line.removeprefix("export TIKTOK_SHOP_").strip().partition("=")
                self.facts[name] = value

    def kill(self) -> None:
        """As hard as it goes."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def call(
        self, client: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None, **asked: str
    ) -> dict[str, Any]:
        """A signed request to the first shop."""
        query = {
            **asked,
            "app_key": self.facts["APP_KEY"],
            "timestamp": str(int(time.time())),
            "shop_cipher": self.facts["SHOP_CIPHER"],
        }
        content = b"" if body is None else httpx.Request("POST", "http://a", json=body).content
        answer = client.request(
            method,
            self.facts["BASE_URL"] + path,
            params={**query, "sign": sign(self.facts["APP_SECRET"], path, query, content)},
            content=content,
            headers={"content-type": "application/json", "x-tts-access-token": self.facts["ACCESS_TOKEN"]},
        )
        envelope: dict[str, Any] = answer.json()
        assert envelope["code"] == 0, envelope
        data: dict[str, Any] = envelope["data"]
        return data


class Writer(threading.Thread):
    """Renames one listing again and again, and remembers what was acknowledged and what was under way."""

    def __init__(self, program: Program, product_id: str, first: int) -> None:
        super().__init__(daemon=True)
        self._program = program
        self.product_id = product_id
        self.tried = self.acknowledged = first

    def run(self) -> None:
        """Until there is no one to answer."""
        with httpx.Client(timeout=5) as client:
            while True:
                self.tried += 1
                body = {"title": f"number {self.tried}"}
                try:
                    self._program.call(client, "POST", f"{PRODUCTS}/{self.product_id}/partial_edit", body)
                except httpx.HTTPError:
                    return
                self.acknowledged = self.tried


def test_every_acknowledged_write_survives_kills(state: Path) -> None:
    """The process is killed in the midst of writes, at another moment each time, and started again on its file."""
    program = Program(state)
    facts = {name: value for name, value in program.facts.items() if not name.endswith("URL")}
    with httpx.Client() as client:
        found = program.call(client, "POST", f"{PRODUCTS}/search", {})["products"]
    numbers = {product["id"]: 0 for product in found[:4]}
    acknowledged = 0
    for turn in range(KILLS):
        writers = [Writer(program, product_id, number) for product_id, number in numbers.items()]
        for writer in writers:
            writer.start()
        while not all(writer.acknowledged > numbers[writer.product_id] for writer in writers):
            assert all(writer.is_alive() for writer in writers)
            time.sleep(0.01)
        time.sleep(0.037 * (turn % 10))
        program.kill()
        for writer in writers:
            writer.join()
        program = Program(state)
        assert {name: value for name, value in program.facts.items() if not name.endswith("URL")} == facts
        with httpx.Client() as client:
            for writer in writers:
                path = f"{PRODUCTS}/{writer.product_id}"
                title: str = program.call(client, "GET", path, return_under_review_version="true")["title"]
                number = int(title.removeprefix("number "))
                assert number in {writer.acknowledged, writer.tried}, (turn, number)
                acknowledged += writer.acknowledged - numbers[writer.product_id]
                numbers[writer.product_id] = number
    program.kill()
    assert acknowledged >= 4 * KILLS
    world = World.load(Storage(state), time.time)
    world.close()
