"""Encryption at rest: what a store keeps is sealed with a key of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tiktok_shop_async.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.fernet import MultiFernet

__all__ = ["Encryption"]


class Encryption:
    """Seals what a store keeps, by Fernet of the `cryptography` package (extra `encryption`).

        store = SQLiteTokenStore("tokens.db", encryption=Encryption(os.environ["TOKENS_KEY"]))

    To change the key, put the new one in front: `Encryption(new, old)`. Every key opens, the first one seals. An
    account's tokens are sealed anew each time they are renewed, so the old key can go a week later, when
    `access_token_expire_in` of all accounts has passed once.

    Args:
        *keys: Keys made by `Encryption.generate_key()`, the newest first.

    Raises:
        ArgumentError: There is no key, or one is not of that form.
        ImportError: The package `cryptography` is not installed.
    """

    def __init__(self, *keys: str | bytes) -> None:
        if not keys:
            raise ArgumentError("keys: give at least one; Encryption.generate_key() makes one")
        fernet = _fernet(keys)
        if fernet is None:
            raise ArgumentError("keys: one is no Fernet key (32 bytes in URL-safe base64); generate_key() makes one")
        self._fernet = fernet

    @staticmethod
    def generate_key() -> str:
        """A new key at random. Keep it where the tokens are not."""
        from cryptography.fernet import Fernet

        return Fernet.generate_key().decode()

    def seal(self, content: bytes) -> bytes:
        """Encrypt and sign."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes | None:
        """What was sealed, or None if it is damaged or was sealed with none of the keys."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None


def _fernet(keys: Sequence[str | bytes]) -> MultiFernet | None:
    """None stands for an error that is raised elsewhere: a traceback from here would hold the keys."""
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        return None
