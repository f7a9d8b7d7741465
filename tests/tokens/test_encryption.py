"""What a store keeps can be sealed, and keys can be changed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.tokens.accounts import ACCOUNT, make_tokens
from tiktok_shop_async import ArgumentError
from tiktok_shop_async.tokens import Encryption, SQLiteTokenStore

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_sealed_opens_with_the_key_and_not_with_another() -> None:
    key = Encryption.generate_key()
    sealed = Encryption(key).seal(b"content")
    assert b"content" not in sealed
    assert Encryption(key).open(sealed) == b"content"
    assert Encryption(Encryption.generate_key()).open(sealed) is None


def test_what_was_changed_does_not_open() -> None:
    encryption = Encryption(Encryption.generate_key())
    sealed = bytearray(encryption.seal(b"content"))
    sealed[20] ^= 1
    assert encryption.open(bytes(sealed)) is None


@pytest.mark.anyio
async def test_a_key_is_changed_by_putting_the_new_one_in_front(tmp_path: Path) -> None:
    old, new = Encryption.generate_key(), Encryption.generate_key()
    path = tmp_path / "tokens.db"
    await SQLiteTokenStore(path, encryption=Encryption(old)).put(ACCOUNT, make_tokens(1))
    both = SQLiteTokenStore(path, encryption=Encryption(new, old))
    stored = await both.get(ACCOUNT)
    assert stored is not None
    assert stored.tokens == make_tokens(1)
    await both.put(ACCOUNT, make_tokens(2))
    stored = await SQLiteTokenStore(path, encryption=Encryption(new)).get(ACCOUNT)
    assert stored is not None
    assert stored.tokens == make_tokens(2)


@pytest.mark.parametrize("keys", [(), ("not-a-key-at-all",), (b"\xff",)])
def test_what_is_no_key_is_refused_and_not_shown(keys: tuple[str | bytes, ...]) -> None:
    with pytest.raises(ArgumentError, match="keys:") as caught:
        Encryption(*keys)
    assert "not-a-key-at-all" not in str(caught.value)
    assert caught.value.__context__ is None


def test_without_encryption_cryptography_is_not_needed() -> None:
    code = "import sys; sys.modules['cryptography'] = None; from tiktok_shop_async.tokens import SQLiteTokenStore"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
