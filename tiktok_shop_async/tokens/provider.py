"""Which access token to call with: renewed in time, by one of all tasks, processes and machines.

In a process one job in the background renews an account's tokens, and calls wait for it if they must. Among processes
the holder of the store's lease renews, and the others look into the store until it holds what the winner stored.
"""

from __future__ import annotations

import logging
import uuid
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import anyio

from tiktok_shop_async.background import Background
from tiktok_shop_async.errors import (
    CallTimeoutError,
    ClientClosedError,
    CredentialsError,
    ReauthorizationRequiredError,
    TikTokShopError,
    TokenStoreError,
)
from tiktok_shop_async.secret import hide
from tiktok_shop_async.tokens.account import Account, Unsaved
from tiktok_shop_async.tokens.oauth import is_about_the_authorization
from tiktok_shop_async.tokens.store import LONGEST_LEASE, Refusal, StoredTokens

if TYPE_CHECKING:
    from tiktok_shop_async.retry import Clock
    from tiktok_shop_async.tokens.oauth import Callback, OAuth
    from tiktok_shop_async.tokens.store import Lease, TokenStore
    from tiktok_shop_async.tokens.tokens import AccountKind, Tokens

__all__ = ["DEFAULT_MARGIN", "AccountTokens", "TokenProvider"]

_log = logging.getLogger("tiktok_shop_async.tokens")

DEFAULT_MARGIN = 3600.0
"""Seconds before its end from which on an access token is renewed."""

_ANSWER_TIME = 30.0
"""Seconds that the authorization host has to answer. The transport gives up earlier, if it has limits of its own."""
_HOLD_EVERY = LONGEST_LEASE / 3
"""Seconds after which the lease is taken anew, while the host has not answered."""
_REFUSED_FOR = 3600
"""Seconds to believe a refusal that does not say what was refused."""
_COOL_DOWN = 5.0
"""Seconds to leave alone what has just failed, while calls go on or fail for the same reason."""


@dataclass(frozen=True, slots=True, repr=False)
class AccountTokens:
    """The tokens of one account, as calls in its name see them."""

    open_id: str
    provider: TokenProvider

    async def token(self) -> str:
        """The access token; see `TokenProvider.token`."""
        return await self.provider.token(self.open_id)

    def rest(self) -> float:
        """Seconds for which a renewal that has failed is left alone."""
        return self.provider.rest(self.open_id)

    def expired(self, access_token: str) -> None:
        """The API says that it has expired; see `TokenProvider.expired`."""
        self.provider.expired(self.open_id, access_token)

    def doubt(self, access_token: str) -> None:
        """The API says that it may not do something; see `TokenProvider.doubt`."""
        self.provider.doubt(self.open_id, access_token)


class TokenProvider:
    """Gives out access tokens that are valid, and renews them.

    Args:
        oauth: Exchanges and renews.
        store: Keeps.
        clock: Time and chance.
        margin: Seconds before its end from which on an access token is renewed; up to twice that, at random, so that
            many processes do not begin together.
    """

    def __init__(self, oauth: OAuth, store: TokenStore, clock: Clock, *, margin: float = DEFAULT_MARGIN) -> None:
        self.store = store
        self._oauth = oauth
        self._clock = clock
        self._margin = margin
        self._accounts: dict[str, Account] = {}
        self._background = Background()
        self._closed = False

    async def token(self, open_id: str) -> str:
        """The access token of an account, renewed if it is over. One that will be soon is renewed in the background.

        Raises:
            CredentialsError: The store holds no tokens of the account.
            ReauthorizationRequiredError: The refresh token is refused.
            TokenStoreError: The store cannot be used, and no valid token is at hand.
            CallError: The renewal failed, and no valid token is at hand.
        """
        account = self._accounts.get(open_id)
        if account is None:
            account = self._accounts[open_id] = Account(open_id)
        while True:
            if account.tokens is not None and self._may_go_on(account):
                return hide(account.tokens.access_token)
            renewal = account.renewal
            if renewal is not None and renewal.is_under_way:
                await renewal.wait()
                continue
            if account.failure is not None and self.rest(open_id):
                raise copy(account.failure)
            renewal = self._background.begin(partial(self._renew_for_all, account))
            account.renewal = renewal if renewal.is_under_way else None  # an eager task may have come to its end

    async def kind(self, open_id: str) -> AccountKind | None:
        """Whose account it is; None where its tokens do not say, or there are none. Nothing is renewed.

        Raises:
            TokenStoreError: The tokens are not at hand, and the store cannot be used.
        """
        account = self._accounts.get(open_id)
        if account is not None and account.tokens is not None:
            return account.tokens.kind
        stored = await self.store.get(open_id)
        return None if stored is None else stored.tokens.kind

    def rest(self, open_id: str) -> float:
        """Seconds for which a renewal that has failed is left alone."""
        account = self._accounts.get(open_id)
        return 0.0 if account is None else max(0.0, account.rest_until - self._clock.monotonic())

    def expired(self, open_id: str, access_token: str) -> None:
        """The API says that an access token has expired: the next call renews it, unless that was done already."""
        account = self._at_hand(open_id, access_token)
        if account is not None:
            account.refused_by_api = True

    def doubt(self, open_id: str, access_token: str) -> None:
        """The API says that a token may not do something: the next call looks for newer ones in the store.

        The seller may have granted more, and another process exchanged the code.
        """
        account = self._at_hand(open_id, access_token)
        if account is not None:
            account.unread = True

    def _at_hand(self, open_id: str, access_token: str) -> Account | None:
        account = self._accounts.get(open_id)
        is_newest = account is not None and account.tokens is not None and account.tokens.access_token == access_token
        return account if is_newest else None

    async def authorize(self, callback: Callback) -> Tokens:
        """Exchange a code for tokens, and store them.

        Raises:
            AuthorizationCodeError: The code was used before or is too old.
            TokenStoreError: The tokens could not be stored. They are kept in memory, are used, and are stored with the
                next call of the account that finds the store in order.
            ClientClosedError: The client was closed.
            CallError: The exchange failed for another reason.
        """
        if self._closed:
            raise ClientClosedError("the code was not exchanged: the client is closed")
        return await self._background.begin(partial(self._authorize, callback)).wait()

    async def aclose(self) -> None:
        """Wait for the tokens that are on their way, and store what is not stored yet. Nothing is renewed after that.

        It takes as long as the authorization host and the store do, mostly no time at all: half a minute at most for
        what was sent already.
        """
        self._closed = True
        await self._background.settle()
        for account in list(self._accounts.values()):
            try:
                await self._save(account)
            except TokenStoreError as error:
                _log.error("the new tokens of account %s are lost: %s", account.name, error)

    async def _authorize(self, callback: Callback) -> Tokens:
        tokens: Tokens | None = None
        with anyio.move_on_after(_ANSWER_TIME):
            tokens = await self._oauth.exchange(callback)
        if tokens is None:
            raise CallTimeoutError(f"not done within {_ANSWER_TIME:g} s", operation="token exchange")
        account = self._accounts.setdefault(tokens.open_id, Account(tokens.open_id))
        account.refusal = None
        await self._keep(account, tokens, None)
        if account.unsaved is not None:
            raise TokenStoreError(
                f"the new tokens of account {tokens.open_id} could not be stored. "
                "They are kept in memory until the store takes them: do not end this process before"
            )
        return tokens

    def _may_go_on(self, account: Account) -> bool:
        """Whether the tokens at hand do for the moment."""
        now = self._clock.server_time()
        if not account.usable(now):
            return False
        in_time = now < account.renew_from and account.unsaved is None and not account.unread
        # While they are renewed ahead of need, or after that failed, there is nothing to wait for.
        under_way = account.renewal is not None and account.renewal.is_under_way
        return in_time or (under_way and not account.unread) or self._clock.monotonic() < account.rest_until

    async def _renew_for_all(self, account: Account) -> None:
        """Renew, for all tasks of the process that wait for it."""
        try:
            await self._renew(account)
        except TikTokShopError as error:
            self._rest(account, error)
            if not account.usable(self._clock.server_time()):
                raise
            _log.warning("the tokens of account %s could not be renewed ahead of time: %s", account.name, error)
        finally:
            account.renewal = None

    def _rest(self, account: Account, error: TikTokShopError) -> None:
        """Leave alone what has just failed, unless all that would be done is to look whether there are new tokens."""
        now = self._clock.monotonic()
        only_looks = isinstance(error, ReauthorizationRequiredError | CredentialsError)
        if now >= account.rest_until and (account.usable(self._clock.server_time()) or not only_looks):
            account.failure = copy(error)
            account.rest_until = now + _COOL_DOWN * (0.5 + self._clock.random())

    async def _renew(self, account: Account) -> None:
        nothing_at_hand = not account.usable(self._clock.server_time())
        while True:
            await self._save(account)
            puts, account.unread = account.puts, False
            stored = await self.store.get(account.name)
            if account.puts != puts:
                continue  # newer tokens came while the store was read
            if stored is None:
                self._accounts.pop(account.name, None)  # of any name that is asked for, nothing is kept
                raise CredentialsError(
                    f"no tokens of account {account.name} are stored: have it authorise the app, then call authorize()"
                )
            self._take(account, stored)
            now = self._clock.server_time()
            if account.usable(now) and (now < account.renew_from or nothing_at_hand):
                return  # to those who wait; whoever calls next renews ahead of need
            refusal = self._refusal(account, stored)
            if refusal is not None:
                raise ReauthorizationRequiredError(
                    refusal.message,
                    open_id=account.name,
                    code=refusal.code,
                    request_id=refusal.request_id,
                    operation="token refresh",
                )
            if self._closed:
                raise ClientClosedError(f"the tokens of account {account.name} are not renewed: the client is closed")
            if await self._refresh(account):
                if account.unsaved is not None:
                    return  # these are the newest, whatever the store has
                continue
            if account.usable(self._clock.server_time()):
                # Another process is renewing ahead of need.
                account.rest_until = self._clock.monotonic() + 1.0
                return
            await self._clock.sleep(0.05 + 0.1 * self._clock.random())

    async def _refresh(self, account: Account) -> bool:
        """Renew under the store's lease, and not if another one holds it: then the answer is False."""
        lease = await self.store.lease(account.name, uuid.uuid4().hex, LONGEST_LEASE)
        if lease is None:
            return False
        answered = anyio.Event()
        try:
            stored = await self.store.get(account.name)
            if stored is None or stored.version != account.version or self._refusal(account, stored) is not None:
                return True  # the last holder of the lease was faster
            self._background.begin(partial(self._hold, lease, answered))
            tokens: Tokens | None = None
            try:
                # Not given up after what a lease lasts: an answer that comes late is the only copy of new tokens.
                with anyio.move_on_after(_ANSWER_TIME):
                    tokens = await self._oauth.refresh(stored.tokens)
            except ReauthorizationRequiredError as error:
                await self._remember(account, stored, error)
                return True
            if tokens is None:
                raise CallTimeoutError(f"not done within {_ANSWER_TIME:g} s", operation="token refresh")
            await self._keep(account, tokens, lease)
            _log.info("renewed the tokens of account %s", account.name)
            return True
        finally:
            answered.set()
            if account.unsaved is None:
                await self._release(lease)

    async def _hold(self, lease: Lease, answered: anyio.Event) -> None:
        """Take the lease anew until the host has answered, so that whoever is killed holds it no longer than one."""
        while not answered.is_set():
            with anyio.move_on_after(_HOLD_EVERY):
                await answered.wait()
                return
            try:
                await self.store.lease(lease.account, lease.owner, LONGEST_LEASE)
            except TokenStoreError as error:
                _log.debug("the lease of account %s may run out: %s", lease.account, error)

    async def _keep(self, account: Account, tokens: Tokens, lease: Lease | None) -> None:
        """Store new tokens at once: between their arrival and this write they exist nowhere else."""
        try:
            version = await self._put(account, tokens, lease)
        except TokenStoreError as error:
            _log.error("the new tokens of account %s are kept in memory only: %s", account.name, error)
            if lease is not None and account.unsaved is not None and account.unsaved.lease is None:
                return  # a consent that waits to be stored counts for more than what was renewed before it
            account.unsaved = Unsaved(tokens, lease, give_up=self._clock.monotonic() + LONGEST_LEASE)
            self._take(account, StoredTokens(tokens, lease.fence if lease is not None else account.version + 1))
            account.rest_until = self._clock.monotonic() + 1.0
            self._background.begin(partial(self._save_soon, account))
            return
        if lease is None:
            account.unsaved = None
        if version is not None and account.unsaved is None:
            self._take(account, StoredTokens(tokens, version))

    async def _put(self, account: Account, tokens: Tokens, lease: Lease | None) -> int | None:
        account.puts += 1
        try:
            return await self.store.put(account.name, tokens, lease)
        except TokenStoreError:
            raise
        except Exception as error:  # whatever it is, the tokens must not be lost for it
            reason = type(error).__name__
        raise TokenStoreError(f"the token store failed with a {reason}")

    async def _save_soon(self, account: Account) -> None:
        """Try again to store what the store did not take, until the lease ends; calls go on meanwhile."""
        while (unsaved := account.unsaved) is not None and not self._closed:
            wait = 0.2 + 0.3 * self._clock.random()
            if self._clock.monotonic() + wait >= unsaved.give_up:
                return
            await self._clock.sleep(wait)
            try:
                await self._save(account)
            except TokenStoreError:
                _log.debug("the new tokens of account %s are still not stored", account.name)

    async def _save(self, account: Account) -> None:
        """Try once more to store what the store did not take, unless there are newer tokens by now."""
        unsaved = account.unsaved
        if unsaved is None:
            return
        # Under a lease the store itself declines what is older than what it has; a consent counts against everything.
        newer = await self.store.get(account.name) if unsaved.lease is None else None
        version: int | None = None
        if newer is None or newer.tokens.obtained_at <= unsaved.tokens.obtained_at:
            version = await self._put(account, unsaved.tokens, unsaved.lease)
            newer = await self.store.get(account.name) if version is None else None
        if account.unsaved is unsaved:  # and not other ones by now
            account.unsaved = None
            if newer is not None:
                self._take(account, newer)
            elif version is not None:
                account.version = version
        if unsaved.lease is not None:
            await self._release(unsaved.lease)

    async def _remember(self, account: Account, stored: StoredTokens, error: ReauthorizationRequiredError) -> None:
        """A refused refresh token is not sent again, by no process, until there is another one."""
        # What names neither token nor authorisation may be about the app, and pass: it is not believed for ever.
        until = 0 if is_about_the_authorization(error.message) else int(self._clock.server_time()) + _REFUSED_FOR
        refusal = Refusal(error.message, error.code, error.request_id, until)
        account.refusal = (stored.tokens, refusal)
        try:
            await self.store.refuse(account.name, refusal, stored.version)
        except TokenStoreError as problem:
            _log.warning("the refusal for account %s is remembered in memory only: %s", account.name, problem)

    def _refusal(self, account: Account, stored: StoredTokens) -> Refusal | None:
        """How these tokens were refused, if that still counts."""
        refusal = stored.refusal
        if refusal is None and account.refusal is not None and account.refusal[0] == stored.tokens:
            refusal = account.refusal[1]
        is_over = refusal is not None and 0 < refusal.until <= self._clock.server_time()
        return None if is_over else refusal

    def _take(self, account: Account, stored: StoredTokens) -> None:
        account.take(stored.tokens, stored.version, margin=self._margin, chance=self._clock.random())

    async def _release(self, lease: Lease) -> None:
        try:
            await self.store.release(lease)
        except TokenStoreError:
            _log.debug("the lease of account %s was not given back and runs out by itself", lease.account)
