"""Reads the form of a page as a browser does, and answers it, without a browser."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


class Page(HTMLParser):
    """The form of a page: where it goes, and what a browser would send along if nothing was touched."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.url = str(response.url)
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = urljoin(self.url, given["action"])
        elif tag == "a":
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "input" and (given["type"] == "hidden" or "checked" in given):
            self.fields.append((given["name"], given["value"]))

    def answer(self, decision: str, **changes: list[str]) -> httpx.Request:
        """The request that a button sends, with other values for the fields named."""
        kept = [(name, value) for name, value in self.fields if name not in changes]
        changed = [(name, value) for name, values in changes.items() for value in values]
        return httpx.Request("POST", self.action, data=_grouped([*kept, *changed, ("decision", decision)]))


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped
