"""The receiver on a real socket: what is taken, and that all that is forged is refused before anything is parsed."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.webhooks.served import BODY, KEY, SECRET, served, signed, status_of
from tiktok_shop_async import InboxError
from tiktok_shop_async.webhooks import Arrival, Receiver, parse, sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.webhooks import Inbox

MOST = 10_000


@dataclass
class Taken:
    """An inbox that only takes, and what came of each notification until there."""

    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    parsed: int = 0
    is_broken: bool = False
    seconds: float = 0.0

    async def add(self, arrival: Arrival) -> bool:
        await anyio.sleep(self.seconds)
        if self.is_broken:
            raise InboxError("the disk is full")
        is_new = arrival.key not in [each.key for each in self.arrivals]
        self.arrivals.append(arrival)
        return is_new


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    taken = Taken()

    def counting(body: bytes) -> Any:
        taken.parsed += 1
        return parse(body)

    monkeypatch.setattr("tiktok_shop_async.webhooks.receiver.parse", counting)
    return taken


def make(taken: Any, **more: Any) -> Receiver:
    inbox: Inbox = taken
    return Receiver({KEY: SECRET, "second": ["new-secret", "old-secret"]}, inbox, most_bytes=MOST, **more)


@pytest.fixture
def port(taken: Taken) -> Iterator[int]:
    with served(make(taken, seconds=0.3, patience=0.5)) as port:
        yield port


def test_a_signed_notification_is_stored_as_it_came_and_then_answered(port: int, taken: Taken) -> None:
    assert status_of(port) == 200
    [arrival] = taken.arrivals
    assert arrival.body == BODY
    assert (arrival.key, arrival.type, arrival.shop_id) == ("1-7501", 1, "7")
    assert (arrival.object, arrival.update_time) == ("7:order:5", 9)


def test_the_answer_has_no_body(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = (
            f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n{signed(BODY)}\r\n\r\n"
        )
        connection.sendall(head.encode() + BODY)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")
    assert b"content-length: 0\r\n" in answer


def test_a_notification_that_comes_again_is_answered_the_same(port: int, taken: Taken) -> None:
    assert [status_of(port), status_of(port)] == [200, 200]
    assert len(taken.arrivals) == 2


@pytest.mark.parametrize("secret", ["new-secret", "old-secret"])
def test_any_secret_of_any_app_will_do(port: int, secret: str) -> None:
    assert status_of(port, BODY, [signed(BODY, "second", secret)]) == 200


REENCODED = json.dumps(json.loads(BODY)).encode()
UTF_16 = BODY.decode().encode("utf-16")
GOOD = sign(BODY, KEY, SECRET)
FORGED = {
    "wrong secret": (BODY, [signed(BODY, KEY, "guessed")]),
    "key of another app": (BODY, [signed(BODY, "second", SECRET)]),
    "changed byte": (BODY.replace(b'"7501"', b'"7502"'), [signed(BODY)]),
    "one byte more": (BODY + b" ", [signed(BODY)]),
    "one byte less": (BODY[:-1], [signed(BODY)]),
    "changed header": (BODY, [f"Authorization: {GOOD[:-1]}{'0' if GOOD[-1] != '0' else '1'}"]),
    "header cut short": (BODY, [f"Authorization: {GOOD[:-1]}"]),
    "uppercase": (BODY, [f"Authorization: {GOOD.upper()}"]),
    "with a scheme": (BODY, [f"Authorization: Bearer {GOOD}"]),
    "empty header": (BODY, ["Authorization:"]),
    "no header": (BODY, []),
    "header of another name": (BODY, [f"X-Authorization: {GOOD}"]),
    "two headers, the first good": (BODY, [signed(BODY), "Authorization: " + "0" * 64]),
    "two headers, the last good": (BODY, ["Authorization: " + "0" * 64, signed(BODY)]),
    "two headers, both good": (BODY, [signed(BODY), signed(BODY)]),
    "two headers, one empty": (BODY, ["Authorization:", signed(BODY)]),
    "joined headers": (BODY, [f"Authorization: {GOOD}, {GOOD}"]),
    "bytes that are no text": (BODY, ["Authorization: \xff\xfe"]),
    "re-encoded JSON": (REENCODED, [signed(BODY)]),
    "wrong charset": (UTF_16, [signed(BODY), "Content-Type: application/json; charset=utf-16"]),
    "empty body": (b"", [signed(BODY)]),
}


@pytest.mark.parametrize("case", FORGED)
def test_what_is_forged_is_refused_and_not_parsed(port: int, taken: Taken, case: str) -> None:
    body, headers = FORGED[case]
    assert status_of(port, body, headers) == 401
    assert (taken.arrivals, taken.parsed) == ([], 0)


def test_without_a_signature_the_body_is_not_even_read(port: int) -> None:
    """The answer comes while most of what was announced has not been sent."""
    assert status_of(port, b"{", ["Authorization: guessed"], length=5000) == 401


def test_the_charset_that_a_header_claims_does_not_matter(port: int, taken: Taken) -> None:
    assert status_of(port, BODY, [signed(BODY), "Content-Type: text/plain; charset=utf-16"]) == 200
    assert taken.arrivals[0].key == "1-7501"


def test_a_body_that_says_it_is_huge_is_refused_unread(port: int, taken: Taken) -> None:
    assert status_of(port, b"{", [signed(b"{")], length=MOST + 1) == 413
    assert status_of(port, b"{", [signed(b"{")], length=10**12) == 413
    assert taken.parsed == 0


def test_a_body_that_turns_out_huge_is_refused_before_its_end(port: int, taken: Taken) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{signed(BODY)}\r\n\r\n"
        connection.sendall(head.encode())
        connection.sendall(b"%x\r\n%b\r\n" % (MOST + 1, b" " * (MOST + 1)))
        assert connection.makefile("rb").readline().split()[1] == b"413"
    assert taken.parsed == 0


def test_a_body_of_the_most_bytes_is_taken(port: int, taken: Taken) -> None:
    body = BODY + b" " * (MOST - len(BODY))
    assert status_of(port, body) == 200
    assert len(taken.arrivals[0].body) == MOST


def test_a_body_in_parts_is_put_together(port: int, taken: Taken) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{signed(BODY)}\r\n\r\n".encode()
        )
        for start in range(0, len(BODY), 40):
            part = BODY[start : start + 40]
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        connection.sendall(b"0\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] == b"200"
    assert taken.arrivals[0].body == BODY


def test_a_body_that_comes_too_slowly_is_given_up(port: int, taken: Taken) -> None:
    began = time.monotonic()
    assert status_of(port, BODY[:20], [signed(BODY)], length=len(BODY)) == 408
    assert time.monotonic() - began < 5
    assert taken.parsed == 0


def test_a_body_that_trickles_is_given_up_all_the_same(port: int, taken: Taken) -> None:
    """Each byte comes in time, all of them do not."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n{signed(BODY)}\r\n\r\n".encode())
        connection.settimeout(0.05)
        answer = b""
        for _ in range(100):
            try:
                connection.sendall(b" ")
                answer = connection.recv(100)
                break
            except TimeoutError:
                continue
    assert answer.split()[1] == b"408"
    assert taken.parsed == 0


def test_who_goes_before_the_end_leaves_nothing(port: int, taken: Taken) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n{signed(BODY)}\r\n\r\n".encode()
        )
        connection.sendall(BODY[:20])
    assert status_of(port) == 200
    assert len(taken.arrivals) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_any_other_method_is_refused(port: int, taken: Taken, method: str) -> None:
    assert status_of(port, method=method) == 405
    assert taken.parsed == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"1", b'"x"'])
def test_what_is_signed_and_no_json_object_is_stored_all_the_same(port: int, taken: Taken, body: bytes) -> None:
    """Refused, it would come four times more and then be lost."""
    assert status_of(port, body) == 200
    assert (taken.arrivals[0].body, taken.arrivals[0].type) == (body, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"type":999,"data":{"a":1}}',
        b'{"type":1,"data":null}',
        b'{"type":"1","tts_notification_id":7501,"data":{"order_id":5,"order_status":"CANCEL"}}',
        b'{"type":1,"data":{"order_id":"5","update_time":1e99}}',
        b'{"type":1,"data":{"order_id":"5","update_time":99999999999999999999}}',
    ],
)
def test_whatever_is_signed_and_an_object_is_stored(port: int, taken: Taken, body: bytes) -> None:
    assert status_of(port, body) == 200
    assert taken.arrivals[0].body == body


@pytest.mark.parametrize("time", [b"1700000000", b"1700000000123", b"1700000000123456", b"1700000000123456789"])
def test_a_time_in_smaller_units_is_one_in_seconds(port: int, taken: Taken, time: bytes) -> None:
    assert status_of(port, b'{"type":1,"data":{"order_id":"5","update_time":%b}}' % time) == 200
    assert taken.arrivals[0].update_time == 1_700_000_000


def test_an_inbox_that_cannot_be_written_has_it_sent_again(
    port: int, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    taken.is_broken = True
    assert status_of(port) == 503
    assert "the disk is full" in caplog.text


def test_an_inbox_that_hangs_has_it_sent_again(port: int, taken: Taken) -> None:
    taken.seconds = 30
    assert status_of(port) == 503


def test_a_slow_body_and_an_inbox_that_hangs_share_the_time_for_an_answer(taken: Taken) -> None:
    taken.seconds = 30
    with (
        served(make(taken, seconds=0.9, patience=1.0)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n{signed(BODY)}\r\n\r\n"
        began = time.monotonic()
        connection.sendall(head.encode() + BODY[:-1])
        time.sleep(0.6)
        connection.sendall(BODY[-1:])
        assert connection.makefile("rb").readline().split()[1] == b"503"
        assert time.monotonic() - began < 1.4


def test_a_body_that_is_compressed_is_taken_for_the_bytes_it_is(port: int, taken: Taken) -> None:
    """What is signed are the bytes on the wire: nothing is unpacked, so nothing small becomes large."""
    packed = gzip.compress(BODY)
    assert status_of(port, packed, [signed(BODY), "Content-Encoding: gzip"]) == 401
    assert status_of(port, packed, [signed(packed), "Content-Encoding: gzip"]) == 200
    assert taken.arrivals[0].body == packed


def test_a_signature_is_asked_for_before_anything_is_said_of_the_size(port: int) -> None:
    assert status_of(port, b"{", ["Authorization: guessed"], length=10**12) == 401


def test_log_records_show_neither_body_nor_signature(port: int, taken: Taken, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tiktok_shop_async")
    body = BODY.replace(b'"5"', b'"Jane Doe"')
    status_of(port, body)
    status_of(port, body)
    status_of(port, body, [signed(body, KEY, "guessed")])
    status_of(port, body[:-1], [signed(body)])
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("tiktok_shop_async")]
    assert len(ours) == 3
    assert not any("Jane" in each or sign(body, KEY, SECRET) in each for each in ours)


def test_it_is_told_of_new_events_alone(taken: Taken) -> None:
    told: list[int] = []
    with served(make(taken, added=lambda: told.append(1))) as port:
        status_of(port)
        status_of(port)
        status_of(port, BODY, [])
    assert len(told) == 1
