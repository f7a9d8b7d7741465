"""A workshop for bicycles: a small spec without a fault, on disk, for tests to break."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.bundle import bundle
from scripts.spec_rules import RULES, Spec

if TYPE_CHECKING:
    from scripts.findings import Finding
    from scripts.spec_files import Node

HERE = Path(__file__).parent
SPEC = HERE.parent.parent / "spec"


@dataclass(frozen=True)
class Workshop:
    """A copy of the workshop's spec."""

    folder: Path

    @property
    def root(self) -> Path:
        """The spec's root file."""
        return self.folder / "openapi.yaml"

    def write(self, file: str, text: str) -> None:
        """Puts a file into the spec."""
        (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / file).write_text(text, encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        """Adds lines at the end of a file."""
        self.write(file, (self.folder / file).read_text(encoding="utf-8") + text)

    def replace(self, file: str, old: str, new: str, *, after: str = "") -> None:
        """Changes the first `old` in a file; the first one behind `after`, where that is given."""
        text = (self.folder / file).read_text(encoding="utf-8")
        start = text.index(old, text.index(after))
        self.write(file, text[:start] + new + text[start + len(old) :])

    def announce(self, actions: str, name: str = "parcels") -> Path:
        """Puts an overlay with these actions beside the ledgers."""
        head = f"overlay: 1.0.0\ninfo: {{title: Repairs by post, version: {name}}}\nactions:\n"
        self.write(f"preview/{name}.overlay.yaml", head + textwrap.indent(textwrap.dedent(actions).strip("\n"), "  "))
        return self.folder / f"preview/{name}.overlay.yaml"

    def document(self) -> Node:
        """The bundled document."""
        bundled = bundle(self.root)
        assert bundled.findings == []
        return bundled.document

    def findings(self, rule: str) -> list[Finding]:
        """The places that break one rule."""
        bundled = bundle(self.root)
        assert bundled.findings == []
        return list(RULES[rule].findings(Spec(bundled)))

    def complaints(self, rule: str) -> list[str]:
        """What one rule says about the spec."""
        return [finding.message for finding in self.findings(rule)]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A spec of its own for a test, with the definitions of the x- keys that the real spec has."""
    workshop = Workshop(tmp_path / "spec")
    shutil.copytree(HERE / "workshop", workshop.folder)
    for name in ("extensions.schema.json", "ledger.schema.json"):
        shutil.copy(SPEC / name, workshop.folder / name)
    workshop.write("../docs/repairs.md", "# Repairs\n\n## How pages follow each other\n")
    workshop.write("../tiktok_shop_async/turning.py", "async def turn(page: int) -> int:\n    return page + 1\n")
    return workshop
