"""Debian's Chromium without a window, driven through its own driver: nothing is downloaded, nothing calls home."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from axe_core_python.selenium import Axe  # type: ignore[import-untyped]
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
MISSING = "Chromium is not installed. On Debian: apt-get install chromium chromium-driver"

DESKTOP = (1280, 900)
PHONE = (390, 844)

_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_FOCUSABLE = "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']"


@contextmanager
def running_browser(profile: Path) -> Iterator[Chrome]:
    """A browser for as long as the block lasts, with its profile in a folder of its own."""
    assert CHROMIUM is not None
    assert DRIVER is not None
    options = Options()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    root = ("--no-sandbox",) if os.getuid() == 0 else ()
    for flag in (*_FLAGS, *root, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = Chrome(options, Service(DRIVER))
    driver.set_page_load_timeout(30)
    try:
        yield driver
    finally:
        driver.quit()


def look(driver: Chrome, size: tuple[int, int], scheme: str = "light") -> None:
    """Makes the browser one of a phone or a desktop, in light or dark."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def objections(driver: Chrome) -> list[str]:
    """What axe has to say against the page that is open: the rules of WCAG 2.1 AA, and its best practices."""
    results = Axe().run(driver)
    assert results["passes"]
    return [
        f"{violation['id']}: {node['html']}: {node['failureSummary']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


def focusable(driver: Chrome) -> list[str]:
    """What a keyboard has to reach on the page that is open, in the order in which it is read."""
    found: list[str] = driver.execute_script(
        f'return [...document.querySelectorAll("{_FOCUSABLE}")].filter(each => each.checkVisibility())'
        ".map(each => each.outerHTML.slice(0, 120))"
    )
    return found


def complaints(driver: Chrome) -> list[str]:
    """What the browser itself has said since it was last asked, such as that a page's policy forbids something."""
    entries: list[dict[str, str]] = driver.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries if "responded with a status of" not in entry["message"]]


def tab_through(driver: Chrome) -> list[str]:
    """What the tab key reaches, from the start of the page to its end. Whatever has the focus has to show it."""
    driver.execute_script(
        "window.reached = []; document.activeElement.blur(); getSelection().removeAllRanges();"
        "document.addEventListener('focusin', event => window.reached.push(["
        "event.target.outerHTML.slice(0, 120), getComputedStyle(event.target).outlineStyle]))"
    )
    driver.switch_to.active_element.send_keys(Keys.TAB * len(focusable(driver)))
    reached: list[tuple[str, str]] = driver.execute_script("return window.reached")
    assert [each for each, outline in reached if outline == "none"] == []
    return [each for each, _ in reached]
