"""Rules on the ledgers of announcements in spec/preview/."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from scripts.spec_files import Place, ledgers, read_pointer
from scripts.spec_rules.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_files import Node
    from scripts.spec_rules.spec import Spec


@rule("ledger-entry")
def ledger_entry(spec: Spec) -> Iterator[Problem]:
    """A ledger holds what ledger.schema.json defines, and no id twice."""
    for file in ledgers(spec.folder):
        entries = spec.file(file)
        for refusal in spec.refusals(entries, "ledger.schema.json"):
            yield Problem(Place(file, refusal.path), str(refusal))
        ids = Counter(str(entry.get("id")) for _, entry in _entries(entries))
        for position, entry in _entries(entries):
            if ids[str(entry.get("id"))] > 1:
                yield Problem(Place(file).below(position), f"several entries have the id {entry.get('id')}")


@rule("ledger-pointer")
def ledger_pointer(spec: Spec) -> Iterator[Problem]:
    """What an entry of a ledger points at exists: a node of the bundled document, or a file and what it names there."""
    for file in ledgers(spec.folder):
        for position, entry in _entries(spec.file(file)):
            pointers = entry.get("where")
            for index, text in enumerate(pointers if isinstance(pointers, list) else []):
                if reason := _missing(spec, str(text)):
                    place = Place(file).below(position, "where", index)
                    yield Problem(place, f"{entry.get('id')}: {text}: {reason}")


def _entries(content: Any) -> list[tuple[int, Node]]:
    entries = content if isinstance(content, list) else []
    return [(position, entry) for position, entry in enumerate(entries) if isinstance(entry, dict)]


def _missing(spec: Spec, text: str) -> str | None:
    """Why a pointer leads nowhere; None where it leads somewhere."""
    if text.startswith("#"):
        return _missing_node(spec.document, text)
    kind, _, target = text.partition(":")
    folders = {"docs": "docs", "runtime": "tiktok_shop_async"}
    if kind not in folders:
        return "begin with #/, docs: or runtime:"
    name, _, part = target.partition("#")
    file = spec.folder.resolve().parent / folders[kind] / name
    if not file.is_file():
        return f"there is no file {folders[kind]}/{name}"
    content = file.read_text(encoding="utf-8")
    if kind == "docs":
        headings = {_anchor(heading) for heading in re.findall(r"^#+ (.*)$", content, re.MULTILINE)}
        return None if not part or part in headings else f"{folders[kind]}/{name} has no heading #{part}"
    definition = rf"^\s*(?:async def|def|class) {re.escape(part)}\b|^{re.escape(part)}\b *[:=]"
    defined = re.search(definition, content, re.MULTILINE)
    return None if not part or defined else f"{folders[kind]}/{name} defines no {part}"


def _missing_node(document: Node, text: str) -> str | None:
    node: Any = document
    for key in read_pointer(unquote(text)):
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            beyond = " (a pointer does not follow references)" if isinstance(node, dict) and "$ref" in node else ""
            return f"the bundled document has no {key} there{beyond}"
    return None


def _anchor(heading: str) -> str:
    """The anchor that a Markdown heading gets: lower case, hyphens for spaces, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
