"""How the sandbox says no: a code, a message that names the field, and an HTTP status.

The codes are the documented ones. The pairs of code and status that are known from the live service are 106001 with
401, a wrong app key (36009004) with 400 and 36009009 with 404; what a shop's own state forbids is answered with HTTP
200 and a code, the other refusals of a request with 400, 401, 403 or 405 by analogy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD_SIGNATURE = 106001
BAD_REQUEST = 36009004
TOKEN_DOES_NOT_FIT = 101000
TOKEN_EXPIRED = 105002
SCOPE_MISSING = 105005
CIPHER_MISSING = 106013
USED_CODE = 36004004
TOO_MANY_REQUESTS = 36009002
NOT_IN_THIS_MARKET = 21008106
UNKNOWN_PATH = 36009009
UNKNOWN_METHOD = 36009010
UNKNOWN_VERSION = 36009014
FILE_TOO_LARGE = 36009021
NOT_JSON = 36009022
NOT_MULTIPART = 36009023
OUT_OF_RANGE = 98001004
INTERNAL_ERROR = 36009003
SERVER_TIMEOUT = 36009007


class RefusalError(Exception):
    """A request that is answered with a code other than 0.

    Attributes:
        code: the code of the envelope.
        message: what was wrong, naming the field in backquotes.
        status: the HTTP status it is answered with.
        headers: what else the answer says in its headers.
    """

    def __init__(self, code: int, message: str, status: int = 200, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
