"""Where tokens are kept, and who may renew them: the protocol of a store, and the store in memory.

A store holds a row an account. Renewing needs the row's lease: `lease` gives it to one owner at a time, for seconds at
most, so that an owner that died holds up nobody for long. Every lease has a number greater than all before it, the
fence. A write under a lease counts only if no write with a greater number came before it: an owner that slept through
the end of its lease cannot overwrite what its successor stored, while tokens that it did obtain are not lost if the
successor stored none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from tiktok_shop_async.errors import TokenStoreError
from tiktok_shop_async.retry import Clock
from tiktok_shop_async.tokens.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.tokens.encryption import Encryption

__all__ = [
    "LONGEST_LEASE",
    "Lease",
    "MemoryTokenStore",
    "Packed",
    "Refusal",
    "StoredTokens",
    "TokenStore",
    "pack",
    "pack_refusal",
    "unpack",
    "unpack_refusal",
]

LONGEST_LEASE = 10.0
"""Seconds that a lease lasts at most."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the API refused a refresh token: remembered, so that it is not asked again and again.

    Attributes:
        message: The API's.
        code: The API's error code.
        request_id: The API's name for the request.
        until: Unix seconds from which on it is worth asking again; 0 for never. For a refusal that does not say what
            was refused: it may have been the app, and not the account.
    """

    message: str
    code: int | None = None
    request_id: str = ""
    until: int = 0


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """What a store holds of an account.

    Attributes:
        tokens: The newest.
        version: Grows with each write of tokens.
        refusal: Set if the refresh token among them was refused; gone as soon as new tokens are put.
    """

    tokens: Tokens
    version: int
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to renew the tokens of an account, for a while."""

    account: str
    owner: str
    fence: int


class TokenStore(Protocol):
    """Keeps the tokens of accounts, for any number of tasks, processes or machines.

    Every method is atomic, does not hold anything while its caller goes on, and raises `TokenStoreError` if the store
    cannot be reached, read or written; what it holds is then as it was.
    """

    async def get(self, account: str) -> StoredTokens | None:
        """The tokens of an account, or None if there are none."""
        ...

    async def accounts(self) -> list[str]:
        """The accounts that there are tokens of, sorted."""
        ...

    async def put(self, account: str, tokens: Tokens, lease: Lease | None = None) -> int | None:
        """Store the tokens of an account as a whole, in place of those before, and forget a refusal.

        Args:
            account: Its open id.
            tokens: Access and refresh token together.
            lease: Under which they were obtained. Left out, they were obtained from a seller's new consent: they count
                whatever else is under way, and end all leases.

        Returns:
            The version, or None if tokens were stored that are newer than the lease.
        """
        ...

    async def refuse(self, account: str, refusal: Refusal, version: int) -> None:
        """Remember that the refresh token is refused.

        Args:
            account: Its open id.
            refusal: What the API said.
            version: Of the tokens that were refused. Nothing happens if others were stored since, by whomever.
        """
        ...

    async def delete(self, account: str) -> None:
        """Forget the tokens of an account; nothing happens if there are none."""
        ...

    async def lease(self, account: str, owner: str, seconds: float) -> Lease | None:
        """Take the right to renew the tokens of an account, or keep it for longer.

        Args:
            account: Its open id.
            owner: A name that no one else uses.
            seconds: How long it lasts at most; no more than `LONGEST_LEASE`.

        Returns:
            The lease, or None if another owner has it, or if there are no tokens. An owner that has it gets it for as
            long again, from now on.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give a lease back before its end; nothing happens if it has passed on."""
        ...


class Packed(bytes):
    """The bytes that a store keeps of tokens. Not shown: a traceback may hold them."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


def pack(tokens: Tokens, encryption: Encryption | None) -> Packed:
    """The bytes that a store keeps of tokens."""
    content = tokens.to_json()
    return Packed(content if encryption is None else encryption.seal(content))


def unpack(account: str, content: Packed, encryption: Encryption | None) -> Tokens:
    """The tokens in the bytes that a store kept.

    Raises:
        TokenStoreError: The bytes are damaged, or encrypted with another key.
    """
    tokens = _opened(content, encryption)
    if tokens is None:
        keys = "no encryption key was given" if encryption is None else "none of the encryption keys opens them"
        raise TokenStoreError(f"the stored tokens of account {account} cannot be read: they are damaged, or {keys}")
    return tokens


def _opened(content: Packed, encryption: Encryption | None) -> Tokens | None:
    opened = content if encryption is None else encryption.open(content)
    try:
        return None if opened is None else Tokens.from_json(opened)
    except ValueError:
        return None


def pack_refusal(refusal: Refusal) -> bytes:
    """The bytes that a store keeps of a refusal."""
    return msgspec.json.encode(refusal)


def unpack_refusal(account: str, content: bytes) -> Refusal:
    """The refusal in the bytes that a store kept.

    Raises:
        TokenStoreError: The bytes are damaged.
    """
    try:
        return msgspec.json.decode(content, type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    raise TokenStoreError(f"the stored state of account {account} cannot be read: it is damaged")


class _Row(msgspec.Struct):
    stored: StoredTokens | None = None
    fence: int = 0
    owner: str | None = None
    leased_until: float = 0.0


class MemoryTokenStore:
    """Keeps tokens for as long as the process runs: for programs that get them at their start, and for tests.

    Args:
        tokens: To begin with, by account.
        clock: Time, for tests.
    """

    def __init__(self, tokens: Mapping[str, Tokens] | None = None, *, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._rows = {account: _Row(StoredTokens(each, version=1), fence=1) for account, each in (tokens or {}).items()}

    async def get(self, account: str) -> StoredTokens | None:
        """The tokens of an account, or None if there are none."""
        row = self._rows.get(account)
        return row.stored if row else None

    async def accounts(self) -> list[str]:
        """The accounts that there are tokens of, sorted."""
        return sorted(account for account, row in self._rows.items() if row.stored is not None)

    async def put(self, account: str, tokens: Tokens, lease: Lease | None = None) -> int | None:
        """Store the tokens of an account; see `TokenStore.put`."""
        row = self._rows.setdefault(account, _Row())
        if lease is None:
            row.fence += 1
            row.owner = None
            version = row.fence
        elif row.stored is not None and lease.fence > row.stored.version:
            version = lease.fence
        else:
            return None
        row.stored = StoredTokens(tokens, version)
        return version

    async def refuse(self, account: str, refusal: Refusal, version: int) -> None:
        """Remember that the refresh token is refused; see `TokenStore.refuse`."""
        row = self._rows.get(account)
        if row is not None and row.stored is not None and row.stored.version == version:
            row.stored = replace(row.stored, refusal=refusal)

    async def delete(self, account: str) -> None:
        """Forget the tokens of an account."""
        row = self._rows.get(account)
        if row is not None:
            # The row stays for its fence: an older lease must not bring the tokens back.
            row.stored, row.owner = None, None

    async def lease(self, account: str, owner: str, seconds: float) -> Lease | None:
        """Take the right to renew the tokens of an account; see `TokenStore.lease`."""
        row = self._rows.get(account)
        now = self._clock.monotonic()
        if row is None or row.stored is None or (row.owner not in {None, owner} and now < row.leased_until):
            return None
        row.fence += 1
        row.owner, row.leased_until = owner, now + min(seconds, LONGEST_LEASE)
        return Lease(account, owner, row.fence)

    async def release(self, lease: Lease) -> None:
        """Give a lease back before its end."""
        row = self._rows.get(lease.account)
        if row is not None and row.owner == lease.owner:
            row.owner = None
