"""Text that does not show."""

from __future__ import annotations

from typing import overload

__all__ = ["Secret", "hide"]


class Secret(str):
    """Text with a repr that does not show it.

    Error trackers and debuggers print the variables of each frame by their repr: those of this package hold secrets in
    this form. Formatted, joined or encoded it is the text itself, as a request needs it, and what comes of that is
    plain text again.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@overload
def hide(text: str) -> Secret: ...
@overload
def hide(text: str | None) -> Secret | None: ...
def hide(text: str | None) -> str | None:
    """The text as a secret. What is no text stays as it is, for whoever checks it."""
    return Secret(text) if isinstance(text, str) else text
