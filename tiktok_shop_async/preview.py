"""Warns of what is announced and not released: it may still change, or never come."""

from __future__ import annotations

import warnings

__all__ = ["PreviewWarning", "warn_of_preview"]


class PreviewWarning(UserWarning):
    """What a call uses is a preview: an operation, an argument or a field that may still change.

    There are such only in code that was generated with previews. Each is told once, if nothing else is set:

        warnings.simplefilter("ignore", PreviewWarning)  # or "error", or "always"
    """


def warn_of_preview(name: str) -> None:
    """Warn of an operation, an argument or a field by its name.

    All warnings come from this one line, so that Python, which by default shows a text once for each line, shows each
    name once, wherever and however often it is used.
    """
    warnings.warn(f"{name} is a preview: announced, and may still change", PreviewWarning, stacklevel=1)
