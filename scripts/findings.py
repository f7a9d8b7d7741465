"""What is wrong with the spec, told so that a person finds the line and knows what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scripts.spec_files import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the rule it breaks, where, what it is and what to do about it.

    `subject` names what the finding is about, independent of lines; an exception to a rule repeats it.
    """

    rule: str
    place: Place
    message: str
    subject: str = ""


def report(findings: Iterable[Finding]) -> str:
    """The findings as lines of `file:line: [rule] message`, in the order of the files."""
    lines = _Lines()
    located = sorted((str(each.place.file), lines.of(each.place), each.rule, each.message) for each in findings)
    return "\n".join(f"{file}:{line}: [{rule}] {message}" for file, line, rule, message in located)


class _Lines:
    """Line numbers of places. Reads a file a second time, as only a file with findings is worth it."""

    def __init__(self) -> None:
        self._trees: dict[Path, Node | None] = {}

    def of(self, place: Place) -> int:
        if place.file not in self._trees:
            self._trees[place.file] = _tree(place.file)
        node, line = self._trees[place.file], 1
        for key in place.pointer:
            if isinstance(node, MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == key), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, SequenceNode) and key.isdigit() and int(key) < len(node.value):
                node = node.value[int(key)]
                line = node.start_mark.line + 1
            else:
                break
        return line


def _tree(file: Path) -> Node | None:
    try:
        tree: Node | None = YAML().compose(file)
    except (OSError, YAMLError):
        return None
    return tree
