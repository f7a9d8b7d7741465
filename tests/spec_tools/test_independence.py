"""The scripts make the package, so none of them needs it: a mistake in generated code must not outlast its cause."""

from __future__ import annotations

import subprocess
import sys

IMPORT_ALL = """
import pkgutil, sys, scripts
for module in pkgutil.walk_packages(scripts.__path__, "scripts."):
    __import__(module.name)
print(*sorted(name for name in sys.modules if name.startswith(("scripts.", "tiktok_shop_async."))), sep="\\n")
"""


def test_of_the_package_the_scripts_import_the_spec_diff_alone_and_nothing_generated() -> None:
    command = [sys.executable, "-c", IMPORT_ALL]
    modules = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())  # noqa: S603
    assert {"scripts.generate", "scripts.release", "scripts.revisions"} < modules
    ours = {name for name in modules if name.startswith("tiktok_shop_async.")}
    # The base of all errors is what the spec diff itself imports.
    assert {name for name in ours if not name.startswith("tiktok_shop_async.spec_diff")} == {"tiktok_shop_async.errors"}
