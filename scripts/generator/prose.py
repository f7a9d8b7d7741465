"""Lays out text within docstrings: escaped, wrapped, paragraphs kept."""

from __future__ import annotations

import re
import textwrap

_WIDTH = 120


def prose(text: str, indent: int, hang: int = 0, before: int = 0) -> str:
    """The text as lines of a docstring.

    Args:
        text: What to say. An empty line parts paragraphs; lines that begin with `- ` stay lines.
        indent: Columns in front of each line but the first, which stands where the template is.
        hang: More columns for the lines that continue a paragraph.
        before: What the template has written on the first line beyond `indent`.
    """
    lines: list[str] = []
    for number, paragraph in enumerate(_paragraphs(_escaped(text))):
        if number and not paragraph.startswith("- "):
            lines.append("")
        lines += textwrap.wrap(
            paragraph,
            _WIDTH,
            initial_indent=" " * (indent + (0 if lines else before)),
            subsequent_indent=" " * (indent + (2 if paragraph.startswith("- ") else hang)),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines).lstrip()


def docstring(text: str, indent: int) -> str:
    """The text as a whole docstring: on one line where it fits, else with the closing quotes on their own."""
    body = prose(text, indent, before=3)
    if "\n" not in body and indent + len(body) + 6 <= _WIDTH:
        return f'"""{body}"""'
    return f'"""{body}\n{" " * indent}"""'


def _paragraphs(text: str) -> list[str]:
    parts = re.split(r"\n\s*\n|\n(?=\s*- )", text.strip())
    return [" ".join(part.split()) for part in parts]


def _escaped(text: str) -> str:
    """The text with nothing in it that ends a docstring before its time."""
    return re.sub(r'"(?="|\Z)', r'\\"', text.strip().replace("\\", "\\\\"))
