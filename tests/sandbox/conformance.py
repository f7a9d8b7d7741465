"""Holds answers against the bundled spec, more strictly than a client may: every field has to be one that it knows."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import jsonschema

from tiktok_shop_async.sandbox.spec import BUNDLE, Spec

DECIMAL = re.compile(r"-?\d+(\.\d+)?")
SECONDS = range(1_000_000_000, 10_000_000_000)

LIVE_DRIFT = ("recommended_shipping_time",)
"""Fields whose format the live service does not keep, and the sandbox therefore does not either."""


class Conformance:
    """Checks the envelopes of successful answers."""

    def __init__(self) -> None:
        document = json.loads(BUNDLE.read_bytes())
        self._spec = Spec(document)
        strict = copy.deepcopy(document)
        for name, schema in strict["components"]["schemas"].items():
            if name != "Envelope" and "properties" in schema:
                schema["additionalProperties"] = False
                for drifting in schema["properties"].keys() & LIVE_DRIFT:
                    del schema["properties"][drifting]["format"]
        self._components = strict["components"]
        self._formats = jsonschema.FormatChecker(formats=())
        self._formats.checks("decimal")(lambda value: DECIMAL.fullmatch(str(value)) is not None)
        self._formats.checks("unix-seconds")(lambda value: not isinstance(value, int) or value in SECONDS)
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}
        self.checked: set[str] = set()

    def check(self, method: str, path: str, envelope: dict[str, Any]) -> None:
        """Fails with the place of the first difference."""
        operation = self._spec.route(method, path).operation
        if operation.id not in self._validators:
            schema = {**operation.answer, "components": self._components}
            self._validators[operation.id] = jsonschema.Draft202012Validator(schema, format_checker=self._formats)
        self._validators[operation.id].validate(envelope)
        self.checked.add(operation.id)
