"""The consent page: an account is asked whether the app may act for it, and is sent back with a code or without.

The live page asks people to sign in first. Here the first account of the right kind is signed in, and others are a
link away.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tiktok_shop_async.sandbox.life.accounts import consent
from tiktok_shop_async.sandbox.web.pages import render

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from tiktok_shop_async.sandbox.life.accounts import Account
    from tiktok_shop_async.sandbox.spec import Spec
    from tiktok_shop_async.sandbox.world import World

SELLERS = "/open/authorize"
CREATORS = "/alliance/creator/auth"
CALLBACK = "/sandbox/callback"

_KINDS = {SELLERS: ("seller", "partner"), CREATORS: ("creator",)}


def consent_routes(spec: Spec, world: World) -> list[Route]:
    """The pages for sellers and partners, for creators, and the one that stands in for the app's own."""
    pages = _Consent(spec, world)
    return [
        Route(SELLERS, pages.ask, methods=["GET"]),
        Route(SELLERS, pages.decide, methods=["POST"]),
        Route(CREATORS, pages.ask, methods=["GET"]),
        Route(CREATORS, pages.decide, methods=["POST"]),
        Route(CALLBACK, pages.show_callback, methods=["GET"]),
    ]


def consent_link(world: World, kind: str, account_id: str | None = None) -> str:
    """The page that asks accounts of a kind, or one account in particular."""
    query = {"app_key": world.app_key} if kind == "creator" else {"service_id": world.service_id}
    if account_id is not None:
        query["account"] = account_id
    return f"{CREATORS if kind == 'creator' else SELLERS}?{urlencode(query)}"


class _Consent:
    def __init__(self, spec: Spec, world: World) -> None:
        self._spec = spec
        self._world = world
        self._form_key = secrets.token_urlsafe(32)
        """Shows that a form came from a page of ours, which no page of another origin can read."""

    async def ask(self, request: Request) -> Response:
        """The question."""
        return self._problem(request) or self._page(request, self._account(request, request.query_params))

    async def decide(self, request: Request) -> Response:
        """The answer to it."""
        problem = self._problem(request)
        if problem is not None:
            return problem
        form = await request.form()
        if not hmac.compare_digest(str(form.get("form_key", "")).encode(), self._form_key.encode()):
            return _refuse("This form is not from here", "Open the consent page again, and answer there.", status=403)
        account = self._account(request, {"account": str(form.get("account", ""))})
        if form.get("decision") == "refuse":
            return self._send_back(request, code="null", error="auth_denied")
        if form.get("decision") != "accept":
            return self._page(request, account, _chosen(form), "Accept or refuse.")
        chosen = _chosen(form)
        if account.shop_ids and not chosen:
            return self._page(request, account, chosen, "Choose a shop at least, or refuse.")
        if not chosen <= set(account.shop_ids):
            return self._page(request, account, chosen, f"Choose among the shops of {account.name}.")
        with self._world.change():
            code = consent(self._world, account, shop_ids=chosen)
        return self._send_back(request, code=code.id)

    async def show_callback(self, request: Request) -> Response:
        """What the app would have been sent, if it had a redirect URL."""
        given = {
            name: request.query_params[name] for name in ("code", "error", "state") if name in request.query_params
        }
        code = self._world.codes.get(given.get("code", ""))
        if code is None and given.get("error") != "auth_denied":
            return _refuse("No such code", "Only codes that this sandbox gave out are shown here.", status=404)
        base_url = str(request.base_url).rstrip("/")
        return render("callback.html", given=given, code=code, base_url=base_url, app_key=self._world.app_key)

    def _problem(self, request: Request) -> Response | None:
        """The page that says what is wrong with the link, if anything is."""
        name, expected = ("service_id", self._world.service_id)
        if request.url.path == CREATORS:
            name, expected = ("app_key", self._world.app_key)
        given = request.query_params.get(name, "")
        if given == expected:
            return None
        lines = [f"The link has no {name}." if not given else f"No app has the {name} {given}."]
        if given == self._world.app_key:
            lines.append("That is its app key. Service id and app key are two things.")
        if given == self._world.service_id:
            lines.append("That is its service id. Service id and app key are two things.")
        return _refuse("This link leads to no app", *lines, f"The sandbox's app has the {name} {expected}.", status=400)

    def _account(self, request: Request, given: Mapping[str, str]) -> Account:
        return next(
            (account for account in self._candidates(request) if account.id == given.get("account")),
            self._candidates(request)[0],
        )

    def _candidates(self, request: Request) -> list[Account]:
        kinds = _KINDS[request.url.path]
        accounts = [account for account in self._world.accounts if account.kind in kinds]
        return sorted(accounts, key=lambda account: kinds.index(account.kind))

    def _page(
        self, request: Request, account: Account, chosen: Collection[str] | None = None, problem: str = ""
    ) -> Response:
        others = [
            {"name": each.name, "kind": each.kind, "url": request.url.include_query_params(account=each.id)}
            for each in self._candidates(request)
            if each.id != account.id
        ]
        redirect_url = self._world.rules.redirect_url
        return render(
            "consent.html",
            status=400 if problem else 200,
            form_target=_origin(redirect_url) if redirect_url else "",
            account=account,
            others=others,
            shops=[shop for shop in self._world.shops if shop.id in account.shop_ids],
            chosen=account.shop_ids if chosen is None else chosen,
            scopes=self._spec.scopes(account.kind),
            redirect_url=redirect_url,
            has_state="state" in request.query_params,
            action=f"{request.url.path}?{request.url.query}",
            form_key=self._form_key,
            problem=problem,
        )

    def _send_back(self, request: Request, **values: str) -> Response:
        if "state" in request.query_params:
            values["state"] = request.query_params["state"]
        parts = urlsplit(self._world.rules.redirect_url or CALLBACK)
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *values.items()])
        return RedirectResponse(parts._replace(query=query).geturl(), 303, {"cache-control": "no-store"})


def _refuse(title: str, *lines: str, status: int) -> Response:
    return render("problem.html", status=status, title=title, lines=lines)


def _chosen(form: FormData) -> set[str]:
    return {str(value) for value in form.getlist("shop")}


def _origin(url: str) -> str:
    """What a page's policy calls the place that its form may lead to: an app's own scheme has no host to name."""
    parts = urlsplit(url)
    return (
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        if parts.scheme in {"http", "https"}
        else f"{parts.scheme}:"
    )
