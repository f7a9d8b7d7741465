"""Rules on what each operation has to say about itself."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from scripts.spec_rules.rule import Problem, rule
from scripts.spec_rules.spec import extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_rules.spec import Spec

_SENT_BY_THE_RUNTIME = {
    "shop_cipher": "name it in x-identifiers",
    "category_asset_cipher": "name it in x-identifiers",
    "app_key": "the runtime sends it with every call",
    "sign": "the runtime sends it with every call",
    "timestamp": "the runtime sends it with every call",
    "access_token": "the runtime sends it with every call, in a header",
}
_MEDIA_TYPES = ("application/json", "multipart/form-data")


@rule("root-extensions")
def root_extensions(spec: Spec) -> Iterator[Problem]:
    """The root file names the files of the paths, in `x-path-files`."""
    for refusal in spec.refusals(extensions(spec.root), "extensions.schema.json#/$defs/Root"):
        yield Problem(refusal.path, str(refusal))


@rule("tag-extensions")
def tag_extensions(spec: Spec) -> Iterator[Problem]:
    """A tag has no x- keys but `x-accounts`, which names the kinds of accounts that its operations are for."""
    for position, tag in enumerate(spec.document.get("tags", [])):
        for refusal in spec.refusals(extensions(tag), "extensions.schema.json#/$defs/Tag"):
            yield Problem(("tags", str(position), *refusal.path), f"{tag.get('name')}: {refusal}")


@rule("operation-extensions")
def operation_extensions(spec: Spec) -> Iterator[Problem]:
    """An operation has the x- keys that extensions.schema.json demands, and each holds what is defined there."""
    for operation in spec.operations:
        for refusal in operation.refusals:
            yield Problem(operation.pointer + refusal.path, f"{operation.name}: {refusal}")


@rule("operation-id")
def operation_id(spec: Spec) -> Iterator[Problem]:
    """An operationId is in snake_case, and no other operation or alias has it."""
    names = Counter(operation.name for operation in spec.operations)
    names.update(alias for operation in spec.operations if (alias := operation.extension("x-alias")))
    for operation in spec.operations:
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", operation.name):
            yield Problem(operation.pointer, f"{operation.name}: give it an operationId, in snake_case")
        elif names[operation.name] > 1:
            yield Problem(operation.pointer, f"{operation.name} is the name of several operations or aliases")


@rule("missing-summary")
def missing_summary(spec: Spec) -> Iterator[Problem]:
    """An operation has a summary: one sentence that says what it does."""
    for operation in spec.operations:
        if not str(operation.node.get("summary", "")).strip():
            yield Problem(operation.pointer, f"{operation.name}: add a summary of one sentence")


@rule("operation-tag")
def operation_tag(spec: Spec) -> Iterator[Problem]:
    """An operation has exactly one tag, and the root describes it."""
    known = {str(tag.get("name")) for tag in spec.document.get("tags", []) if tag.get("description")}
    for operation in spec.operations:
        tags = operation.node.get("tags")
        if not isinstance(tags, list) or len(tags) != 1 or tags[0] not in known:
            choice = ", ".join(sorted(known))
            yield Problem((*operation.pointer, "tags"), f"{operation.name}: give it exactly one tag out of {choice}")


@rule("operation-token")
def operation_token(spec: Spec) -> Iterator[Problem]:
    """An operation takes the token of an account that its tag is for, so that whoever has one can call it."""
    accounts = {tag.get("name"): tag.get("x-accounts", ["seller"]) for tag in spec.document.get("tags", [])}
    for operation in spec.operations:
        token = operation.extension("x-token")
        for name in operation.node.get("tags") or []:
            if token is not None and token not in accounts.get(name, [token]):
                message = f"{operation.name}: takes the token of a {token}, so name {token} in x-accounts of {name}"
                yield Problem((*operation.pointer, "x-token"), message)


@rule("path-parameters")
def path_parameters(spec: Spec) -> Iterator[Problem]:
    """The placeholders of a path and its path parameters are the same, and all are required."""
    for operation in spec.operations:
        placeholders = set(re.findall(r"\{([^}]*)\}", operation.path))
        listed = [each for each in operation.parameters if each.get("in") == "path"]
        names = {str(each.get("name")) for each in listed}
        for name in sorted(placeholders - names):
            yield Problem(operation.pointer, f"{operation.name}: list the path parameter {name}")
        for name in sorted(names - placeholders):
            yield Problem(operation.pointer, f"{operation.name}: the path has no placeholder {{{name}}}")
        if any(each.get("required") is not True for each in listed):
            yield Problem(operation.pointer, f"{operation.name}: a path parameter is always `required: true`")


@rule("runtime-parameter")
def runtime_parameter(spec: Spec) -> Iterator[Problem]:
    """Identifiers, credentials and headers are no parameters: the runtime sends them."""
    for parameter, pointer in spec.parameters():
        name, place = str(parameter.get("name")), parameter.get("in")
        if name in _SENT_BY_THE_RUNTIME:
            yield Problem(pointer, f"take {name} out of the parameters: {_SENT_BY_THE_RUNTIME[name]}")
        elif place not in ("path", "query"):
            yield Problem(pointer, f"take {name} out of the parameters: only path and query have some")


@rule("request-body")
def request_body(spec: Spec) -> Iterator[Problem]:
    """A body has one media type and is an object; only an upload is multipart."""
    for operation in spec.operations:
        if "requestBody" not in operation.node:
            continue
        pointer = (*operation.pointer, "requestBody")
        content = operation.node["requestBody"].get("content", {})
        if len(content) != 1 or not set(content) <= set(_MEDIA_TYPES):
            yield Problem(
                pointer, f"{operation.name}: the body has one media type, out of {' and '.join(_MEDIA_TYPES)}"
            )
            continue
        body = spec.resolve(operation.body)
        if not body.get("properties"):
            yield Problem(
                pointer, f"{operation.name}: the body is an object with properties; without any, leave it out"
            )
            continue
        has_file = any(spec.innermost(each).get("format") == "binary" for each in body["properties"].values())
        if has_file != ("multipart/form-data" in content):
            yield Problem(pointer, f"{operation.name}: multipart/form-data and `format: binary` go together")


@rule("answer-envelope")
def answer_envelope(spec: Spec) -> Iterator[Problem]:
    """The answer 200 is the Envelope, alone or joined with a `data` that refers to a named object."""
    for operation in spec.operations:
        pointer = (*operation.pointer, "responses")
        content = operation.node.get("responses", {}).get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        envelope = {"$ref": "#/components/schemas/Envelope"}
        if schema == envelope:
            continue
        first, *others = schema.get("allOf") or [None]
        data = others[0].get("properties", {}).get("data", {}) if len(others) == 1 else {}
        if first != envelope or "$ref" not in data or not spec.resolve(data).get("properties"):
            message = "the answer 200 is `allOf` of the Envelope and of `properties: {data: {$ref: …}}` to an object"
            yield Problem(pointer, f"{operation.name}: {message}; without data, the Envelope alone")


@rule("error-code-order")
def error_code_order(spec: Spec) -> Iterator[Problem]:
    """`x-error-codes` ascend, so that two lists can be compared."""
    for operation in spec.operations:
        codes = operation.extension("x-error-codes") or []
        if codes != sorted(codes):
            yield Problem((*operation.pointer, "x-error-codes"), f"{operation.name}: sort the error codes")
