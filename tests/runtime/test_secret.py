"""Text that does not show."""

from __future__ import annotations

import copy
import json
import pickle
import traceback

from tiktok_shop_async import CallOptions
from tiktok_shop_async.secret import Secret, hide


def test_a_secret_does_not_show_where_variables_are_printed() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret!r} { {'token': secret} } {[secret]} {(secret,)}"
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        printed = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "secret = '***'" in printed


def test_everything_else_of_it_is_text() -> None:
    secret = Secret("hunter2")
    assert secret == "hunter2"
    assert hash(secret) == hash("hunter2")
    assert f"{secret} " + "".join([secret]) == "hunter2 hunter2"
    assert json.dumps(secret) == '"hunter2"'
    assert copy.deepcopy(secret) == pickle.loads(pickle.dumps(secret)) == secret  # noqa: S301


def test_what_is_no_text_is_not_hidden() -> None:
    assert hide(None) is None
    assert isinstance(hide("a"), Secret)


def test_headers_of_a_call_do_not_show() -> None:
    assert "hunter2" not in repr(CallOptions(headers={"authorization": "hunter2"}).headers)
