"""No secret gets out, whatever test runs: a sweep through all log records and errors of the whole suite.

What is a secret is known from the package itself, which wraps each of them, and from the tokens it is given. Records
are swept at DEBUG, the ones nobody asked for too. Errors are swept with their text, their pickle and the variables of
the package's frames in their traceback. Processes that a test starts are out of reach.
"""

from __future__ import annotations

import logging
import pickle
import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tiktok_shop_async
from tiktok_shop_async.errors import TikTokShopError
from tiktok_shop_async.secret import Secret
from tiktok_shop_async.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Generator

OTHER_CLIENTS = {Path(__file__).parent / "sandbox", Path(__file__).parent / "foreign"}
"""These tests call the sandbox with clients of their own, whose log is nobody's to mask."""

PACKAGE = str(Path(tiktok_shop_async.__file__).parent)
WATCHED = ("tiktok_shop_async", "aiohttp", "httpx", "httpcore", "asyncio", "redis")

# A secret is found as a word of a text, so that thousands of them cost no more than one.
_WORD = re.compile(r"[\w.-]+")
_SIGNATURE = re.compile(r"\b[0-9a-f]{64}\b")
_SHORTEST = 9


class Sweep:
    """What is secret, and where it was found."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.found: list[str] = []
        self.errors: list[TikTokShopError] = []

    def add(self, text: object) -> None:
        """Something secret. Words too short to be any, and addresses, whose parts are known by themselves, are not."""
        if isinstance(text, str) and len(text) >= _SHORTEST and _WORD.fullmatch(text):
            self.secrets.add(str.__str__(text))

    def leaks(self, text: str) -> list[str]:
        """The secrets in a text."""
        return [*({word.strip(".") for word in _WORD.findall(text)} & self.secrets), *_SIGNATURE.findall(text)]

    def look(self, place: str, text: str) -> None:
        """Note what a text gives away."""
        if leaks := self.leaks(text):
            self.found.append(f"{place} shows {leaks}: {text[:2000]}")

    def look_at_record(self, record: logging.LogRecord) -> None:
        fields = {name: value for name, value in record.__dict__.items() if name not in {"msg", "args"}}
        self.look(f"a record of {record.name}", f"{record.getMessage()} {fields}")

    def look_at_errors(self) -> None:
        """All errors that the test met, as an error tracker or a task queue would write them down."""
        errors, self.errors = self.errors, []
        for error in errors:
            trace = error.__traceback__
            if trace is None or trace.tb_frame.f_code.co_filename.startswith(PACKAGE):
                continue  # the package caught it itself
            name = type(error).__name__
            self.look(name, f"{error} {error!r} {error.__dict__}")
            self.look(f"the pickle of {name}", pickle.dumps(error).decode("latin-1"))
            self.look(f"the traceback of {name}", with_variables(error))


def with_variables(error: BaseException) -> str:
    """A traceback with the variables of the package's frames: what others put into theirs is not its to hide."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    one: traceback.TracebackException | None = shown
    while one is not None:
        one.stack = traceback.StackSummary.from_list([each for each in one.stack if each.filename.startswith(PACKAGE)])
        one = one.__cause__ or one.__context__
    return "".join(shown.format())


SWEEP = Sweep()


def pytest_configure() -> None:
    """Listen in: to the secrets as they are made, to loggers below their levels, and to errors."""
    _listen_to_secrets()
    _listen_to_loggers()
    _listen_to_errors()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail the test that let something out."""
    try:
        return (yield)
    finally:
        SWEEP.look_at_errors()
        found, SWEEP.found = SWEEP.found, []
        assert not found or OTHER_CLIENTS.intersection(item.path.parents), "\n".join(found)


def _listen_to_secrets() -> None:
    def make(cls: type[Secret], text: str = "") -> Secret:
        SWEEP.add(text)
        return str.__new__(cls, text)

    Secret.__new__ = make  # type: ignore[method-assign,assignment]
    initialise = Tokens.__init__

    def init(self: Tokens, *args: Any, **more: Any) -> None:
        initialise(self, *args, **more)
        SWEEP.add(self.access_token)
        SWEEP.add(self.refresh_token)

    Tokens.__init__ = init  # type: ignore[method-assign]


def _listen_to_loggers() -> None:
    is_enabled, call = logging.Logger.isEnabledFor, logging.Logger.callHandlers

    def is_enabled_for(self: logging.Logger, level: int) -> bool:
        return self.name.startswith(WATCHED) or is_enabled(self, level)

    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        if self.name.startswith(WATCHED):
            SWEEP.look_at_record(record)
            if not is_enabled(self, record.levelno):
                return
        call(self, record)

    logging.Logger.isEnabledFor = is_enabled_for  # type: ignore[method-assign]
    logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign]


def _listen_to_errors() -> None:
    def init(self: TikTokShopError, *args: Any) -> None:
        super(TikTokShopError, self).__init__(*args)
        SWEEP.errors.append(self)

    TikTokShopError.__init__ = init  # type: ignore[method-assign,assignment]
