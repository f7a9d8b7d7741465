"""Who authorises the app: sellers, creators and partners, what they granted, and the codes and tokens that come of it.

A consent gives a code, a code gives a pair of tokens once, and a refresh token gives the next pair. An account has one
refresh token at a time; access tokens are good until they end, also when there is a newer one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tiktok_shop_async.sandbox.life.occasions import authorisation_ends_soon, authorisation_withdrawn
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, USED_CODE, RefusalError
from tiktok_shop_async.sandbox.state.agenda import event
from tiktok_shop_async.sandbox.state.clock import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Collection

    from tiktok_shop_async.sandbox.world import World

KINDS = ("seller", "creator", "partner")
CODE_LIFETIME = 30 * MINUTE
ACCESS_TOKEN_LIFETIME = 7 * DAY
NOTICE = 30 * DAY
REFRESH_TOKEN_LIFETIME = 365 * DAY
"""One of the lives that were seen; a client has to read it from the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRules:
    """How this sandbox authorises, where the live service leaves it open or the app's registration says it.

    Attributes:
        redirect_url: where the consent page sends people back to; a page of the sandbox when None.
        rotate_refresh_tokens: whether a refresh gives a new refresh token and ends the one before.
        renew_ciphers: whether a new authorisation gives the shops in it new ciphers.

    Raises:
        ValueError: the redirect URL is none that a browser can be sent to.
    """

    redirect_url: str | None = None
    rotate_refresh_tokens: bool = True
    renew_ciphers: bool = False

    def __post_init__(self) -> None:
        if self.redirect_url is None:
            return
        parts = urlsplit(self.redirect_url)
        if not parts.scheme or not parts.netloc or parts.fragment or not self.redirect_url.isprintable():
            raise ValueError(f"{self.redirect_url!r} is no redirect URL: give an absolute one without a fragment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an account lets the app do, since when, and the refresh token that stands for it. No scopes means all."""

    shop_ids: frozenset[str]
    scopes: frozenset[str] | None
    since: int
    refresh_token: str
    refresh_expires_at: int


@dataclass(slots=True, kw_only=True)
class Account:
    """Someone who can authorise the app. `id` is the `open_id`, `kind` one of `seller`, `creator`, `partner`."""

    id: str
    kind: str
    name: str
    region: str
    shop_ids: list[str] = field(default_factory=list[str])
    grant: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a consent gives, to be exchanged once. `id` is the code itself."""

    id: str
    account_id: str
    shop_ids: frozenset[str]
    scopes: frozenset[str] | None
    expires_at: int
    is_used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token: whose it is, which shops it opens, which scopes were granted, and until when.

    `id` is the token itself. `account_id` is empty for one that was handed out without an authorisation.
    """

    id: str
    kind: str
    shop_ids: frozenset[str]
    scopes: frozenset[str] | None
    expires_at: int
    account_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAccount:
    """What a client needs to call in the name of an account. Both tokens are empty where it has withdrawn."""

    open_id: str
    access_token: str
    refresh_token: str


def consent(
    world: World,
    account: Account,
    *,
    shop_ids: Collection[str] | None = None,
    scopes: Collection[str] | None = None,
) -> Code:
    """The account says yes: for these of its shops, with these scopes; for all of them where left out.

    Raises:
        ValueError: a shop is not the account's.
    """
    chosen = frozenset(account.shop_ids if shop_ids is None else shop_ids)
    if not chosen <= set(account.shop_ids):
        raise ValueError(f"{', '.join(sorted(chosen - set(account.shop_ids)))}: not a shop of {account.name}")
    return world.codes.put(
        Code(
            id=world.ids.token("ROW_", 48),
            account_id=account.id,
            shop_ids=chosen,
            scopes=None if scopes is None else frozenset(scopes),
            expires_at=world.wall_now + CODE_LIFETIME,
        )
    )


def exchange(world: World, code_id: str) -> tuple[Account, Grant, Token]:
    """A pair of tokens for a code.

    Raises:
        RefusalError: the code is unknown, was used, or is over.
    """
    code = world.codes.get(code_id)
    if code is None or code.is_used or code.expires_at <= world.wall_now:
        reason = "is unknown" if code is None else "was used before" if code.is_used else "is older than 30 minutes"
        raise RefusalError(USED_CODE, f"Invalid credentials: the `auth_code` {reason}.", 400)
    world.codes.put(replace(code, is_used=True))
    if world.rules.renew_ciphers:
        for shop in (world.shops[each.id] for each in world.shops):
            if shop.id in code.shop_ids:
                shop.cipher = world.ids.token(shop.cipher.partition("_")[0] + "_", 32)
    account = world.accounts[code.account_id]
    account.grant = Grant(
        shop_ids=code.shop_ids,
        scopes=code.scopes,
        since=world.wall_now,
        refresh_token=_draw_refresh_token(world),
        refresh_expires_at=world.wall_now + REFRESH_TOKEN_LIFETIME,
    )
    _look_at_the_end(world, world.now, account.id, str(account.grant.since))
    return account, account.grant, _issue(world, account, account.grant)


def refresh(world: World, refresh_token: str) -> tuple[Account, Grant, Token]:
    """The next pair of tokens.

    Raises:
        RefusalError: it is not the refresh token that the account has now, or it is over.
    """
    found = next((each for each in world.accounts if each.grant and each.grant.refresh_token == refresh_token), None)
    if found is None:
        message = "the `refresh_token` is unknown, was replaced by a newer one, or was withdrawn by the account"
        raise RefusalError(BAD_REQUEST, f"Invalid credentials: {message}.", 401)
    account = world.accounts[found.id]
    grant = account.grant
    if grant is None or grant.refresh_expires_at <= world.wall_now:
        raise RefusalError(BAD_REQUEST, "Expired credentials: the `refresh_token` is over.", 401)
    if world.rules.rotate_refresh_tokens:
        grant = replace(
            grant, refresh_token=_draw_refresh_token(world), refresh_expires_at=world.wall_now + REFRESH_TOKEN_LIFETIME
        )
        account.grant = grant
    return account, grant, _issue(world, account, grant)


def revoke(world: World, account: Account) -> None:
    """The account withdraws what it granted: its access tokens end now, its refresh token is refused."""
    withdrawn, account.grant = account.grant, None
    expire_tokens(world, account)
    if withdrawn is not None:
        authorisation_withdrawn(world, account, withdrawn.shop_ids, world.now)


def expire_tokens(world: World, account: Account | None = None, *, refresh_tokens: bool = False) -> None:
    """Ends access tokens ahead of their time, and refresh tokens too if told so.

    Args:
        world: where the tokens are.
        account: whose; everyone's when left out.
        refresh_tokens: whether the refresh tokens end as well.
    """
    for token in world.tokens:
        if account is None or token.account_id == account.id:
            world.tokens.put(replace(token, expires_at=min(token.expires_at, world.wall_now)))
    for row in world.accounts:
        if refresh_tokens and row.grant is not None and (account is None or row.id == account.id):
            world.accounts[row.id].grant = replace(row.grant, refresh_expires_at=world.wall_now)


def ready_account(world: World, kind: str) -> ReadyAccount:
    """The first account of a kind with tokens that are good now. It consents to everything if it was never asked."""
    account = world.accounts[next(each.id for each in world.accounts if each.kind == kind)]
    if not any(code.is_used for code in world.codes if code.account_id == account.id):
        exchange(world, consent(world, account).id)
    ready = renew_ready_token(world, account)
    return ReadyAccount(
        open_id=account.id,
        access_token="" if ready is None else ready.id,
        refresh_token="" if account.grant is None else account.grant.refresh_token,
    )


def ready_token(world: World, account: Account | None = None) -> Token | None:
    """The access token of an account that is good now and opens most of its shops, or None. Changes nothing.

    The account is the first one if left out.
    """
    account = account or next(iter(world.accounts))
    good = [each for each in world.tokens if each.account_id == account.id and each.expires_at > world.wall_now]
    return max(good, key=lambda token: len(token.shop_ids), default=None)


def renew_ready_token(world: World, account: Account | None = None) -> Token | None:
    """The ready token, or another one for what the account allows now; None if that is nothing.

    The refresh token stays as it is, and nobody consents to anything by this.
    """
    account = account or next(iter(world.accounts))
    ready, grant = ready_token(world, account), account.grant
    if ready is not None or grant is None or grant.refresh_expires_at <= world.wall_now:
        return ready
    return _issue(world, account, grant)


@event("look at the end of an authorisation")
def _look_at_the_end(world: World, at: int, account_id: str, since: str) -> None:
    """Tells each day at midnight that an authorisation ends within a month, until it is renewed or over."""
    account = world.accounts[account_id]
    if account.grant is None or str(account.grant.since) != since:
        return
    ends_at = account.grant.refresh_expires_at + world.now - world.wall_now  # In the time of the shop.
    if at >= ends_at:
        return
    if at >= ends_at - NOTICE:
        days = -(-(ends_at - at) // DAY)
        shop_ids = account.grant.shop_ids
        authorisation_ends_soon(world, account, shop_ids, ends_at=account.grant.refresh_expires_at, days=days, at=at)
    following = max(at + DAY, ends_at - NOTICE + DAY)
    world.agenda.add(following - following % DAY, "look at the end of an authorisation", account_id, since)


def _draw_refresh_token(world: World) -> str:
    return world.ids.token("TTP_", 58)


def _issue(world: World, account: Account, grant: Grant) -> Token:
    return world.tokens.put(
        Token(
            id=world.ids.token("TTP_", 60),
            kind=account.kind,
            shop_ids=grant.shop_ids,
            scopes=grant.scopes,
            expires_at=world.wall_now + ACCESS_TOKEN_LIFETIME,
            account_id=account.id,
        )
    )
