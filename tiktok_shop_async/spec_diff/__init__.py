"""What changed between two OpenAPI documents, for the wire and for Python callers.

    from pathlib import Path
    from tiktok_shop_async.spec_diff import compare, read

    for change in compare(read(Path("old.json")), read(Path("new.json"))):
        print(change.severity, change.rule, change.text)

`python -m tiktok_shop_async.spec_diff` does the same from a shell. Nothing of the client imports this package.
"""

from tiktok_shop_async.spec_diff.change import Change, Severity
from tiktok_shop_async.spec_diff.comparison import compare, compare_operations
from tiktok_shop_async.spec_diff.document import Document, DocumentError, parse, read
from tiktok_shop_async.spec_diff.rules import RULES, Rule

__all__ = [
    "RULES",
    "Change",
    "Document",
    "DocumentError",
    "Rule",
    "Severity",
    "compare",
    "compare_operations",
    "parse",
    "read",
]
