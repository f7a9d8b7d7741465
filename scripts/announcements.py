"""Writes docs/announcements.md from the ledgers in spec/preview/: `python -m scripts.announcements`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.bundle import bundle
from scripts.findings import report
from scripts.spec_files import ledgers, read_pointer, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scripts.spec_files import Node

STATES = {"landed": "landed", "changed-name": "under another name", "not-released": "not released"}
TITLES = {
    "introducing-202309": "Version 202309, announced in September 2023",
    "preview-2023-12": "The preview of December 2023",
}
COLUMNS = ("Announced", "For", "State", "Where", "Note")
HEAD = """\
<!-- Made by `python -m scripts.announcements` from spec/preview/. Edits are lost: change the ledger there. -->

# What was announced, and where it is

The API's announcements promised the changes below. Each row says which sellers and markets a change was announced for,
what became of it in the API's reference, and where this client has it: an operation (`get_order_list`), an argument
(`create_product(description)`), a model or its field (`Order.status`), an event (`OrderStatusChange`). The markets of
today can differ; the operation's own documentation says so.
"""


def entries(folder: Path) -> list[Node]:
    """The entries of all ledgers in the folder of a spec, in their order."""
    return [entry for file in ledgers(folder) for entry in read_yaml(file)]


def page(ledger: Iterable[Node], document: Node) -> str:
    """The page about a ledger's entries, whose pointers lead into the bundled document."""
    ledger = list(ledger)
    counts = Counter(entry["state"] for entry in ledger)
    total = ", ".join(f"{counts[state]} {words}" for state, words in STATES.items() if counts[state])
    parts = [HEAD, f"{len(ledger)} changes: {total}.\n"]
    for announcement, of_announcement in _groups(ledger, "announcement"):
        parts.append(f"## {TITLES[announcement]}\n")
        for section, of_section in _groups(of_announcement, "section"):
            rows = [_row(entry, document) for entry in of_section]
            parts.append("\n".join([f"### {section}\n", _cells(COLUMNS), _cells(["---"] * len(COLUMNS)), *rows, ""]))
    return "\n".join(parts)


def _row(entry: Node, document: Node) -> str:
    since = f" From {entry['since']}." if "since" in entry else ""
    return _cells(
        [
            f"**{entry['subject']}:** {entry['change']}{since}",
            _markets(entry["markets"]),
            STATES[entry["state"]],
            ", ".join(_where(text, document) for text in entry["where"]),
            entry.get("note", ""),
        ]
    )


def _groups(ledger: Iterable[Node], key: str) -> list[tuple[str, list[Node]]]:
    """The entries by the value of a key, values and entries in the order they come in."""
    groups: dict[str, list[Node]] = {}
    for entry in ledger:
        groups.setdefault(entry[key], []).append(entry)
    return list(groups.items())


def _cells(texts: Iterable[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def _markets(markets: str | list[Node]) -> str:
    if isinstance(markets, str):
        return "everyone"
    return "; ".join(map(_group, markets))


def _group(group: Node) -> str:
    where = "all markets" if group["markets"] == "all" else ", ".join(group["markets"])
    since = f" from {group['since']}" if "since" in group else ""
    note = f" ({group['note'].rstrip('.')})" if "note" in group else ""
    return f"{' and '.join(group['sellers'])} sellers in {where}{since}{note}"


def _where(text: str, document: Node) -> str:
    """What a reader calls the place that an entry points at. That the place exists is for the linter to say."""
    kind, _, target = text.partition(":")
    file, _, part = target.partition("#")
    if kind == "docs":
        return f"[{file}]({target})"
    if kind == "runtime":
        return f"[`{part or file}`](../tiktok_shop_async/{file})"
    match read_pointer(text):
        case ("paths",):
            return "every operation"
        case ("components", _, name):
            return f"`{name}`"
        case ("components", _, name, *_, field):
            return f"`{name}.{field}`"
        case ("paths", path, method):
            return f"`{_operation(document, path, method)}`"
        case ("paths", path, method, *_, "properties", field):
            return f"`{_operation(document, path, method)}({field})`"
        case ("paths", path, method, *_, key):
            return f"`{key}` of `{_operation(document, path, method)}`"
        case ("webhooks", name):
            return f"[`{''.join(word.capitalize() for word in name.split('_'))}`](events.md)"
        case keys:
            return f"`{'/'.join(keys)}`"


def _operation(document: Node, path: str, method: str) -> str:
    operation = document["paths"].get(path, {}).get(method, {})
    return str(operation.get("operationId", f"{method.upper()} {path}"))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the process's exit code: 1 where the spec is broken, or the page is not what it gives."""
    parser = argparse.ArgumentParser(prog="python -m scripts.announcements", description=__doc__)
    parser.add_argument("--spec", type=Path, default=Path("spec/openapi.yaml"), help="the spec's root file")
    parser.add_argument("--output", type=Path, default=Path("docs/announcements.md"), help="the page")
    parser.add_argument("--check", action="store_true", help="change nothing, fail if the page would change")
    options = parser.parse_args(arguments)
    bundled = bundle(options.spec)
    if bundled.findings:
        print(report(bundled.findings), file=sys.stderr)
        return 1
    text = page(entries(options.spec.parent), bundled.document)
    if not options.check:
        options.output.write_text(text, encoding="utf-8")
        print(f"{options.output}: written")
        return 0
    if options.output.is_file() and options.output.read_text(encoding="utf-8") == text:
        print(f"{options.output}: as the ledger gives it")
        return 0
    print(f"{options.output} is not what the ledger gives: run `make generate` and commit the result", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
