"""Reads the files of the spec, and names places in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Node: TypeAlias = dict[str, Any]
Pointer: TypeAlias = tuple[str, ...]

METHODS = ("get", "put", "post", "delete", "patch")
OVERLAY = ".overlay.yaml"


class UnreadableFileError(Exception):
    """A file of the spec is missing, is not YAML, or has keys that JSON cannot hold."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file


@dataclass(frozen=True, slots=True)
class Place:
    """A node in a file: the keys that lead to it, positions in lists as text."""

    file: Path
    pointer: Pointer = ()

    def below(self, *keys: str | int) -> Place:
        """The place that `keys` lead to from here."""
        return Place(self.file, (*self.pointer, *map(str, keys)))


class _Constructor(SafeConstructor):
    """Leaves dates as the text they are written in, which is what JSON holds."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_yaml(file: Path) -> Any:
    """The content of a YAML file as JSON would hold it. Raises `UnreadableFileError`."""
    yaml = YAML(typ="safe")
    yaml.Constructor = _Constructor
    try:
        content = yaml.load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableFileError(file, "there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(file, str(error)) from error
    except MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise UnreadableFileError(file, f"{error.problem}{line}") from error
    except YAMLError as error:
        raise UnreadableFileError(file, str(error)) from error
    for key in _keys(content):
        if not isinstance(key, str):
            raise UnreadableFileError(file, f"the key {json.dumps(key)} is not text: put it in quotes")
    return content


def _keys(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _keys(value)


def read_pointer(text: str) -> Pointer:
    """The keys of a JSON pointer: `/paths/~1orders` leads over `paths` to `/orders`."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in text.split("/")[1:])


def ledgers(folder: Path) -> list[Path]:
    """The ledgers of announcements in the folder of a spec. Overlays stand beside them."""
    return sorted(file for file in folder.glob("preview/*.yaml") if not file.name.endswith(OVERLAY))


def overlays(folder: Path) -> dict[str, Path]:
    """The overlays in the folder of a spec by their names, in order."""
    return dict(sorted((file.name.removesuffix(OVERLAY), file) for file in folder.glob(f"preview/*{OVERLAY}")))
