"""The clients stay apart from the package: in environments of their own, from lock files that name no host."""

from __future__ import annotations

import re
from importlib.metadata import distributions

import pytest

from tests.foreign.install import HERE

LOCKS = ("requirements.txt", "package-lock.json")


def test_no_client_of_another_maker_is_in_this_environment() -> None:
    assert not {found.name for found in distributions()} & {"tiktok-shop-api", "tiktok_shop_api"}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_says_what_is_installed_and_not_from_where(name: str) -> None:
    text = (HERE / name).read_text()
    assert '"resolved"' not in text
    assert not re.search(r"(registry|index|pypi|npmjs|files)\.[a-z]+", text)


def test_every_package_is_held_to_a_hash() -> None:
    requirements = (HERE / "requirements.txt").read_text()
    assert requirements.count("==") <= requirements.count("--hash=sha256:")
    packages = (HERE / "package-lock.json").read_text()
    assert packages.count('"version"') == packages.count('"integrity": "sha512-')
