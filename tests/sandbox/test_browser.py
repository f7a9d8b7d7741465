"""The consent page and the console in Chromium: what people do there, with a mouse, with a keyboard, on a phone."""

from __future__ import annotations

import base64
import os
import re
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.sandbox.chromium import (
    CHROMIUM,
    DESKTOP,
    DRIVER,
    MISSING,
    PHONE,
    complaints,
    focusable,
    look,
    objections,
    running_browser,
    tab_through,
)
from tests.sandbox.signed_calls import sign
from tiktok_shop_async.sandbox import SandboxServer
from tiktok_shop_async.sandbox.life.accounts import AuthorizationRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

    from tiktok_shop_async.sandbox import Sandbox

pytestmark = pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason=MISSING)

SCREENSHOTS = os.environ.get("TIKTOK_SHOP_SCREENSHOTS")
"""A folder to keep pictures of all pages in, to look at."""

SEARCH = "/order/202309/orders/search"


@dataclass
class App:
    """Somebody's app on another origin: it is called back, and shows whatever page a test wants."""

    url: str
    page: str = "<title>The app</title>"
    callbacks: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """An app that runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/callback":
                running.callbacks.append({name: value for name, (value,) in parse_qs(parts.query).items()})
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(running.page.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = App(f"http://localhost:{server.server_address[1]}")
        thread = threading.Thread(target=partial(server.serve_forever, 0.01), daemon=True)
        thread.start()
        yield running
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def sandbox(app: App) -> Iterator[Sandbox]:
    """A sandbox whose app it is."""
    rules = AuthorizationRules(redirect_url=f"{app.url}/callback")
    with SandboxServer(orders=120, rules=rules) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser that the tests share."""
    with running_browser(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def browser(chromium: Chrome, app: App) -> Chrome:
    """The browser on an empty page, of a desktop's size, and an app that has not been called."""
    look(chromium, DESKTOP)
    chromium.get("about:blank")
    complaints(chromium)
    app.callbacks.clear()
    return chromium


def consent_url(sandbox: Sandbox) -> str:
    """The consent page for sellers."""
    return f"{sandbox.url}/open/authorize?{urlencode({'service_id': sandbox.service_id, 'state': 'a b&c'})}"


def find(browser: Chrome, by: str, value: str) -> WebElement:
    """An element, as soon as it is there: a page may be on its way."""
    return WebDriverWait(browser, 10).until(lambda _: browser.find_element(by, value))


def press(browser: Chrome, name: str) -> None:
    """Presses a button."""
    find(browser, By.XPATH, f"//button[normalize-space()='{name}']").click()


def called_back(browser: Chrome, app: App) -> dict[str, str]:
    """What the app was told; waits for that."""
    WebDriverWait(browser, 10).until(lambda _: app.callbacks)
    (callback,) = app.callbacks
    return callback


def search(sandbox: Sandbox, body: bytes, *, signed: bytes | None = None) -> None:
    """Sends a search for orders, signed with its body or with another one."""
    query = {"app_key": sandbox.app_key, "timestamp": str(sandbox.world.wall_now), "shop_cipher": sandbox.shop_cipher}
    query["sign"] = sign(sandbox.app_secret, SEARCH, query, body if signed is None else signed)
    headers = {"content-type": "application/json", "x-tts-access-token": sandbox.issue_token()}
    httpx.post(sandbox.url + SEARCH, params=query, content=body, headers=headers)


def test_who_accepts_comes_back_to_the_app_with_a_code_for_the_chosen_shops(
    browser: Chrome, sandbox: Sandbox, app: App
) -> None:
    browser.get(consent_url(sandbox))
    boxes = browser.find_elements(By.NAME, "shop")
    for box in boxes[1:]:
        box.click()
    press(browser, "Accept")
    callback = called_back(browser, app)
    assert callback["state"] == "a b&c"
    assert browser.current_url.startswith(f"{app.url}/callback?")
    query = {
        "app_key": sandbox.app_key,
        "app_secret": sandbox.app_secret,
        "grant_type": "authorized_code",
        "auth_code": callback["code"],
    }
    data = httpx.get(f"{sandbox.url}/api/v2/token/get", params=query).json()["data"]
    assert sandbox.world.tokens[data["access_token"]].shop_ids == {sandbox.shop_id}


def test_who_refuses_comes_back_to_the_app_without_a_code(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    browser.get(consent_url(sandbox))
    press(browser, "Refuse")
    assert called_back(browser, app) == {"code": "null", "error": "auth_denied", "state": "a b&c"}


def test_an_app_sends_people_to_the_consent_page_by_a_link(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    """Which browsers tell the sandbox, as they tell that a form comes from another origin."""
    app.page = f'<title>The app</title><a href="{consent_url(sandbox).replace("&", "&amp;")}">Connect</a>'
    browser.get(app.url)
    find(browser, By.TAG_NAME, "a").click()
    press(browser, "Accept")
    assert "code" in called_back(browser, app)


def test_the_whole_consent_can_be_given_by_keyboard(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    browser.get(consent_url(sandbox))
    reached = tab_through(browser)
    assert reached == focusable(browser)
    first = browser.find_elements(By.NAME, "shop")[0]
    first.send_keys(Keys.SPACE)
    assert not first.is_selected()
    first.send_keys(Keys.SPACE)
    first.send_keys(Keys.ENTER)
    assert "code" in called_back(browser, app)


def test_who_chooses_no_shop_is_told_so_and_can_go_on(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    browser.get(consent_url(sandbox))
    for box in browser.find_elements(By.NAME, "shop"):
        box.click()
    press(browser, "Accept")
    alert = find(browser, By.CSS_SELECTOR, "[role=alert]")
    assert "Choose a shop" in alert.text
    assert browser.title.startswith("Error: ")
    assert objections(browser) == []
    browser.find_elements(By.NAME, "shop")[0].click()
    press(browser, "Accept")
    assert called_back(browser, app)["state"] == "a b&c"


def test_a_page_of_another_origin_consents_to_nothing(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    codes = len(sandbox.world.codes)
    for path in (consent_url(sandbox), f"{sandbox.url}/sandbox/accounts"):
        app.page = (
            f'<form method="post" action="{path.replace("&", "&amp;")}">'
            '<input name="decision" value="accept"><button>Win a prize</button></form>'
        )
        browser.get(app.url)
        press(browser, "Win a prize")
        find(browser, By.XPATH, "//*[contains(text(), 'pages of other origins may not use this')]")
    assert len(sandbox.world.codes) == codes
    assert sandbox.account.grant is not None


REACH = """
const [url, done] = arguments;
const attempts = ["application/json", "text/plain"].flatMap(type => ["cors", "no-cors"].map(mode =>
    fetch(url, {method: "POST", mode, headers: {"content-type": type}, body: '{"count": 3}'})
        .then(answer => answer.type, () => "refused")));
Promise.all(attempts).then(done);
"""


def test_a_page_of_another_origin_changes_nothing_over_the_control_api(
    browser: Chrome, sandbox: Sandbox, app: App
) -> None:
    """Neither what a browser asks about first, nor what it sends unasked. From the sandbox's own page both arrive."""
    orders = len(sandbox.shop.orders)
    browser.get(app.url)
    seen = browser.execute_async_script(REACH, f"{sandbox.url}/sandbox/control/orders")
    assert set(seen) <= {"refused", "opaque"}
    assert len(sandbox.shop.orders) == orders
    browser.get(f"{sandbox.url}/sandbox/control/clock")
    assert browser.execute_async_script(REACH, f"{sandbox.url}/sandbox/control/orders")[0] == "basic"
    assert len(sandbox.shop.orders) > orders


def test_a_page_of_another_origin_reads_and_frames_nothing(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    framed = (f"{sandbox.url}/sandbox/", consent_url(sandbox).replace("&", "&amp;"))
    app.page = "".join(f'<iframe src="{url}"></iframe>' for url in framed)
    browser.get(app.url)
    for frame in range(2):
        browser.switch_to.frame(frame)
        assert "Overview" not in browser.page_source
        assert "Accept" not in browser.page_source
        browser.switch_to.default_content()
    read = "const done = arguments[1]; fetch(arguments[0]).then(() => done('read'), () => done('refused'))"
    for path in ("/sandbox/", "/sandbox/control/", "/sandbox/requests", "/open/authorize"):
        assert browser.execute_async_script(read, sandbox.url + path) == "refused"


def test_the_console_explains_a_failed_signature(browser: Chrome, sandbox: Sandbox) -> None:
    search(sandbox, b'{"order_status": "UNPAID"}', signed=b'{"order_status":"UNPAID"}')
    browser.get(f"{sandbox.url}/sandbox/")
    find(browser, By.LINK_TEXT, f"POST {SEARCH}").click()
    shown = find(browser, By.CLASS_NAME, "signed").text
    text = find(browser, By.TAG_NAME, "main").text
    assert "Refused with 106001" in text
    assert "the body is serialised again, without spaces" in text
    assert re.fullmatch(rf"<secret>{SEARCH}app_key.*shop_cipher.*timestamp\d{{10}}{{.*}}<secret>", shown)
    assert sandbox.app_secret not in browser.page_source


def test_orders_are_found_by_keyboard(browser: Chrome, sandbox: Sandbox) -> None:
    order = next(order for order in sandbox.shop.orders if order.status == "COMPLETED")
    browser.get(f"{sandbox.url}/sandbox/orders")
    find(browser, By.ID, "search").send_keys(order.id, Keys.ENTER)
    find(browser, By.LINK_TEXT, order.id).send_keys(Keys.ENTER)
    find(browser, By.XPATH, f"//h1[normalize-space()='Order {order.id}']")


def test_an_authorisation_is_withdrawn_in_the_console(browser: Chrome, sandbox: Sandbox, app: App) -> None:
    browser.get(f"{sandbox.url}/sandbox/accounts")
    find(browser, By.XPATH, "//button[starts-with(normalize-space(), 'Withdraw')]").click()
    WebDriverWait(browser, 10).until(lambda _: sandbox.account.grant is None)
    find(browser, By.XPATH, "(//section)[1]//a[not(contains(., 'again'))]").click()
    press(browser, "Accept")
    assert "code" in called_back(browser, app)


@pytest.fixture(scope="module")
def pages(sandbox: Sandbox) -> dict[str, str]:
    """Every kind of page, with something on it."""
    search(sandbox, b"{}")
    search(sandbox, b'{"page_size": 10, "old_name": 1}')
    search(sandbox, b"{}", signed=b"")
    search(sandbox, b"{}", signed=b"something else")
    sandbox.world.deliveries.manner.address = f"{sandbox.url}/nobody"
    data = {"product_id": "1"}
    delivery = sandbox.world.notifications.emit(sandbox.shop, "PRODUCT_STATUS_CHANGE", data, sandbox.world.now)
    assert delivery is not None
    *_, ignored, usual, wrong = [exchange.id for exchange in sandbox.journal.find(path=SEARCH)]
    order = next(order for order in sandbox.shop.orders if order.status == "COMPLETED")
    return {
        "consent": consent_url(sandbox),
        "creator": f"/alliance/creator/auth?app_key={sandbox.app_key}",
        "wrong-link": "/open/authorize?service_id=1",
        "callback": f"/sandbox/callback?code={sandbox.authorize()}&state=s",
        "overview": "/sandbox/",
        "shops": "/sandbox/shops",
        "orders": "/sandbox/orders",
        "order": f"/sandbox/orders/{order.id}",
        "requests": "/sandbox/requests",
        "wrong-signature": f"/sandbox/requests/{wrong}",
        "usual-mistake": f"/sandbox/requests/{usual}",
        "ignored": f"/sandbox/requests/{ignored}",
        "deliveries": "/sandbox/deliveries",
        "delivery": f"/sandbox/deliveries/{delivery.id}",
        "accounts": "/sandbox/accounts",
        "missing": "/sandbox/orders/1",
    }


PAGES = (
    "consent", "creator", "wrong-link", "callback", "overview", "shops", "orders", "order", "requests",
    "wrong-signature", "usual-mistake", "ignored", "deliveries", "delivery", "accounts", "missing",
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_anyone(browser: Chrome, sandbox: Sandbox, pages: dict[str, str], name: str) -> None:
    """On a desktop and on a phone, in light and in dark, by ear and by keyboard."""
    browser.get(pages[name] if pages[name].startswith("http") else sandbox.url + pages[name])
    for size, scheme in ((DESKTOP, "light"), (PHONE, "light"), (DESKTOP, "dark")):
        look(browser, size, scheme)
        assert objections(browser) == [], (size, scheme)
        assert script(browser, "return document.documentElement.scrollWidth") <= size[0], (size, scheme)
        keep_picture(browser, f"{name}-{size[0]}-{scheme}")
    titles = [each.text for each in browser.find_elements(By.TAG_NAME, "h1")]
    assert len(titles) == 1
    assert titles[0]
    assert script(browser, "return document.documentElement.lang") == "en"
    assert len(browser.find_elements(By.TAG_NAME, "main")) == 1
    levels = [int(each.tag_name[1]) for each in browser.find_elements(By.CSS_SELECTOR, "h1, h2, h3, h4")]
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False)), levels
    assert all(table.find_elements(By.TAG_NAME, "caption") for table in browser.find_elements(By.TAG_NAME, "table"))
    assert tab_through(browser) == focusable(browser)
    assert complaints(browser) == []


def test_the_first_thing_that_a_keyboard_reaches_skips_the_navigation(browser: Chrome, sandbox: Sandbox) -> None:
    browser.get(f"{sandbox.url}/sandbox/orders")
    tab(browser)
    assert script(browser, "return document.activeElement.innerText") == "Skip to the content"
    active(browser).send_keys(Keys.ENTER)
    assert script(browser, "return document.activeElement.id") == "main"
    tab(browser)
    assert script(browser, "return document.activeElement.id") == "shop"


def tab(browser: Chrome) -> None:
    """Presses the tab key."""
    active(browser).send_keys(Keys.TAB)


def active(browser: Chrome) -> Any:
    """The element that has the focus."""
    return browser.switch_to.active_element


def script(browser: Chrome, text: str) -> Any:
    """What a script has to say; the page's own policy does not bind it."""
    return browser.execute_script(text)


def keep_picture(browser: Chrome, name: str) -> None:
    """A picture of the whole page, if they are wanted."""
    if SCREENSHOTS is None:
        return
    folder = Path(SCREENSHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]
    (folder / f"{name}.png").write_bytes(base64.b64decode(picture))
