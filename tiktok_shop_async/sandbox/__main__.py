"""`python -m tiktok_shop_async.sandbox`: runs a sandbox and prints what a client needs to use it."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import sys
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.gate.rate import DEFAULT_RATE
from tiktok_shop_async.sandbox.life.accounts import AuthorizationRules
from tiktok_shop_async.sandbox.server import SandboxServer
from tiktok_shop_async.sandbox.state.clock import DAY, FASTEST, MovableClock
from tiktok_shop_async.sandbox.state.storage import StateFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.sandbox.handle import Sandbox

PACE = (
    "The time of its shops runs {factor:g} times as fast, a day in {day:g} s. "
    "Timestamps of requests and the life of tokens go by your clock."
)
REACHABLE = (
    "Warning: it listens on {host}, so whoever reaches this machine can use it, its console and its control API, "
    "and nothing there asks for a password."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until it is interrupted.

    Args:
        arguments: the command line without the program's name; the process's own when left out.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO if options.verbose else logging.WARNING
    )
    clock = MovableClock(factor=options.fast)
    server = SandboxServer(
        host=options.host,
        hosts=options.allow_host,
        clock=clock,
        port=options.port,
        seed=options.seed,
        orders=options.orders,
        state=options.state,
        strict=options.strict,
        rate=options.rate,
        rules=AuthorizationRules(
            redirect_url=options.redirect_url,
            rotate_refresh_tokens=not options.keep_refresh_tokens,
            renew_ciphers=options.renew_ciphers,
        ),
    )
    try:
        sandbox = server.start()
        if not _is_loopback(options.host):
            print(REACHABLE.format(host=options.host), file=sys.stderr, flush=True)  # noqa: T201
        print(describe(sandbox, seed=options.seed, state=options.state), flush=True)  # noqa: T201
        server.wait()
    except StateFileError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except OSError as error:
        print(f"Cannot listen on {options.host}:{options.port}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        server.stop()
    return 0


def describe(sandbox: Sandbox, *, seed: int, state: str | None = None) -> str:
    """What to know about a running sandbox: as text, and as lines to paste into a shell."""
    if state is None:
        manner = f"seed {seed}. Stop it with Ctrl-C; it forgets everything then."
    else:
        manner = f"kept in {state}. Stop it with Ctrl-C; with this file it goes on where it was."
    shop = sandbox.shop
    facts = {
        "API": sandbox.url,
        "consent page": f"{sandbox.url}/open/authorize?service_id={sandbox.service_id}",
        "console": f"{sandbox.url}/sandbox/",
        "control API": f"{sandbox.url}/sandbox/control/",
        "app key": sandbox.app_key,
        "app secret": sandbox.app_secret,
        "service id": sandbox.service_id,
        "access token": sandbox.access_token,
        "shop": f"{shop.name} ({shop.region}), {len(shop.orders):,} orders, {len(shop.products)} products",
        "shop id": shop.id,
        "shop cipher": shop.cipher,
    }
    text = [f"TikTok Shop sandbox, {manner}", ""]
    if sandbox.clock.factor != 1:
        text[1:1] = [PACE.format(factor=sandbox.clock.factor, day=DAY / sandbox.clock.factor)]
    text += [f"  {name:<13} {value}" for name, value in facts.items()]
    text += ["", *(f"export {name}={value}" for name, value in sandbox.environment.items())]
    return "\n".join(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tiktok_shop_async.sandbox", description="A sandbox of the TikTok Shop Open API."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="the port to listen on (default: a free one)")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that the console and the control API may be asked for by, besides localhost and IP addresses",
    )
    parser.add_argument(
        "--fast",
        type=_factor,
        nargs="?",
        const=1440.0,
        default=1.0,
        metavar="FACTOR",
        help="let the shops' time run this many times as fast; a day a minute when no number follows",
    )
    parser.add_argument("--seed", type=int, default=1, help="what the made-up data follows from (default: %(default)s)")
    parser.add_argument("--orders", type=_count, default=1200, help="orders in the first shop (default: %(default)s)")
    parser.add_argument("--state", metavar="FILE", help="keep everything in this file, and go on with what is in it")
    parser.add_argument(
        "--redirect-url",
        type=_redirect_url,
        help="where the consent page sends people back to (default: a page of its own)",
    )
    parser.add_argument(
        "--keep-refresh-tokens", action="store_true", help="a refresh answers the refresh token that it was asked with"
    )
    parser.add_argument("--renew-ciphers", action="store_true", help="a new authorisation gives its shops new ciphers")
    parser.add_argument("--strict", action="store_true", help="refuse unknown and misplaced fields")
    parser.add_argument(
        "--rate",
        type=_count,
        default=DEFAULT_RATE,
        help="calls a second that an endpoint takes for a shop, 0 for any number (default: %(default)s)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log every request, not only what went wrong")
    return parser


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is no factor above 0 and up to {FASTEST:g}")
    return factor


def _redirect_url(text: str) -> str:
    try:
        AuthorizationRules(redirect_url=text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _port(text: str) -> int:
    return _number(text, 65_535)


def _count(text: str) -> int:
    return _number(text, sys.maxsize)


def _number(text: str, largest: int) -> int:
    if not text.isdecimal() or int(text) > largest:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 0 to {largest}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
