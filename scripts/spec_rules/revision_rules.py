"""Rules on the revisions of an endpoint: how they are named, and which of them follows which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.spec_rules.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_rules.spec import Operation, Spec

_VERSION = re.compile(r"20\d{4}")


@rule("version-in-path")
def version_in_path(spec: Spec) -> Iterator[Problem]:
    """The version in the path, its second segment, equals `x-version`."""
    for operation in spec.operations:
        version = operation.extension("x-version")
        segment = [*operation.path.split("/"), "", "", ""][2]
        if version is not None and segment != version:
            message = f"{operation.name}: x-version is {version}, the path says {segment or 'nothing'}"
            yield Problem((*operation.pointer, "x-version"), message)


@rule("revision-suffix")
def revision_suffix(spec: Spec) -> Iterator[Problem]:
    """Each of several revisions is named after the endpoint and its version; a single revision carries no version."""
    for revisions in _endpoints(spec):
        for operation in revisions:
            suffix = operation.name.removeprefix(_plain(operation.name))
            expected = f"_{operation.extension('x-version')}" if len(revisions) > 1 else ""
            if suffix != expected:
                name = _plain(operation.name) + expected
                count = "several revisions" if expected else "one revision"
                yield Problem(operation.pointer, f"{operation.name}: its endpoint has {count}, so call it {name}")
        if len(names := {_plain(operation.name) for operation in revisions}) > 1:
            message = f"revisions of one endpoint share a name, but here are {', '.join(sorted(names))}"
            yield Problem(revisions[-1].pointer, message)


@rule("revision-alias")
def revision_alias(spec: Spec) -> Iterator[Problem]:
    """Exactly one of several revisions has the plain name as `x-alias`; a single revision has none.

    Which one: the newest of the last major release, so that no update in between changes what callers call.
    """
    for revisions in _endpoints(spec):
        plain = _plain(revisions[-1].name)
        aliased = [operation for operation in revisions if "x-alias" in operation.node]
        if len(revisions) == 1:
            for operation in aliased:
                yield Problem(operation.pointer, f"{operation.name}: its endpoint has one revision: drop the x-alias")
        elif [operation.node["x-alias"] for operation in aliased] != [plain]:
            names = ", ".join(operation.name for operation in revisions)
            message = f"{names}: give exactly one of them `x-alias: {plain}`, as a rule the newest"
            yield Problem(revisions[-1].pointer, message)


@rule("revision-successor")
def revision_successor(spec: Spec) -> Iterator[Problem]:
    """A superseded revision is deprecated or retired, and names a newer revision as `x-successor`.

    A preview supersedes nothing yet.
    """
    known = {operation.name: operation for operation in spec.operations}
    for revisions in _endpoints(spec):
        for operation in revisions:
            successor = operation.extension("x-successor")
            newer = [each for each in revisions if _version(each) > _version(operation)]
            later = {each.name for each in newer if each.extension("x-status") != "preview"}
            if later and (successor not in later or operation.extension("x-status") not in ("deprecated", "retired")):
                message = f"superseded: make it deprecated, with one of {', '.join(sorted(later))} as x-successor"
                yield Problem(operation.pointer, f"{operation.name}: {message}")
            elif not later and successor is not None and successor not in known:
                yield Problem(operation.pointer, f"{operation.name}: no operation is called {successor}")


def _endpoints(spec: Spec) -> list[list[Operation]]:
    """The operations by endpoint, oldest revision first.

    Two operations are revisions of one endpoint where they differ in the version alone: in the path, or in the name.
    """
    endpoints: list[list[Operation]] = []
    by_key: dict[tuple[str, ...], list[Operation]] = {}
    for operation in spec.operations:
        path = re.sub(r"\{[^}]*\}", "{}", operation.path)
        keys = ((operation.method, _VERSION.sub("", path, count=1)), (_plain(operation.name),))
        known = [by_key[key] for key in keys if key in by_key]
        revisions = known[0] if known else []
        if not known:
            endpoints.append(revisions)
        revisions.append(operation)
        if len(known) == 2 and known[1] is not known[0]:
            endpoints.remove(known[1])
            revisions.extend(known[1])
            by_key |= {key: revisions for key, each in by_key.items() if each is known[1]}
        by_key |= dict.fromkeys(keys, revisions)
    return [sorted(revisions, key=_version) for revisions in endpoints]


def _plain(name: str) -> str:
    return re.sub(r"_20\d{4}$", "", name)


def _version(operation: Operation) -> str:
    return str(operation.extension("x-version"))
