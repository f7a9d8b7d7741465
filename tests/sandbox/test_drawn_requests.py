"""Every operation of the spec, called with whatever its schemas allow, and with everything that they do not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.sandbox.conftest import make_caller
from tests.sandbox.drawn_requests import PLACEHOLDER, SPEC, Drawer, Sender
from tiktok_shop_async.sandbox.registry import served
from tiktok_shop_async.sandbox.spec import BUNDLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.spec import Operation

CODES = {
    36009003, 36009004, 36009021, 36009022, 36009023, 98001004,
    *(code for item in json.loads(BUNDLE.read_bytes())["paths"].values() for each in item.values()
      for code in each["x-error-codes"]),
}  # fmt: skip
"""What is documented: for all endpoints, or for some."""

ODD_IDS = ("%ff", "%00", "..%2F..", "%F0%9F%8E%89", "0", "-1", "null", "9" * 400, "%D9%A1", "a%20b", "%25", "%7B%7D")
OPERATIONS = {operation.id: operation for operation in SPEC.operations if not operation.retired}
WITH_IDS = {name: operation for name, operation in OPERATIONS.items() if "{" in operation.path}


def rounds(each: int) -> int:
    """How often a test repeats itself: a few times in the short form, and for minutes in the long one."""
    return max(settings().max_examples // each, 1)


@pytest.fixture
def small(conformance: Conformance) -> Caller:
    """A caller whose world is small, because each operation gets one of its own; a field too many would be refused."""
    return make_caller(conformance, orders=20, strict=True)


@pytest.fixture
def sender(small: Caller) -> Iterator[Sender]:
    """Sends to that world."""
    sender = Sender(small)
    yield sender
    sender.close()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_valid_request_is_answered_in_the_shape_of_the_spec(
    small: Caller, sender: Sender, operation: Operation
) -> None:
    """What has no behaviour of its own always succeeds; the rest may say no, with a documented code."""
    drawer = Drawer(small, operation.id)
    has_behaviour = (operation.method, operation.path) in served()
    for _ in range(rounds(each=12)):
        drawn = drawer.draw(operation)
        answer = sender.send(drawn)
        assert answer.code == 0 or (has_behaviour and answer.code in CODES), (answer, drawn)
        assert answer.status == 200 or (answer.code and answer.status == 400), (answer, drawn)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_request_that_is_wrong_in_one_place_is_refused_for_it(
    small: Caller, sender: Sender, operation: Operation
) -> None:
    """From the app key to the last field of the body: with the code of that very mistake."""
    drawer = Drawer(small, operation.id)
    for _ in range(rounds(each=400)):
        for what, drawn, code, status in drawer.spoil(drawer.draw(operation, whole=True)):
            answer = sender.send(drawn)
            assert (answer.code, answer.status) == (code, status), (what, answer.message, drawn)
            assert answer.message
            assert answer.envelope["request_id"]


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS.values() if "{" in each.path], ids=lambda each: each.id
)
def test_an_odd_id_in_the_path_breaks_nothing(small: Caller, sender: Sender, operation: Operation) -> None:
    drawer = Drawer(small, operation.id)
    for odd in ODD_IDS:
        drawn = drawer.draw(operation)
        answer = sender.send(replace(drawn, path=PLACEHOLDER.sub(odd, operation.path)))
        assert answer.code == 0 or answer.code in CODES, (odd, answer)
        assert answer.status in {200, 400}, (odd, answer)
