"""The rules that the spec is held against: one rule, one function, one id."""

from scripts.spec_rules import (
    file_rules,
    ledger_rules,
    legacy_rules,
    list_rules,
    name_rules,
    operation_rules,
    revision_rules,
    schema_rules,
    webhook_rules,
)
from scripts.spec_rules.rule import RULES, Rule
from scripts.spec_rules.spec import Spec

__all__ = [
    "RULES",
    "Rule",
    "Spec",
    "file_rules",
    "ledger_rules",
    "legacy_rules",
    "list_rules",
    "name_rules",
    "operation_rules",
    "revision_rules",
    "schema_rules",
    "webhook_rules",
]
