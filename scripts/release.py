"""Holds the spec against that of the last release, spec/released.json: `python -m scripts.release`.

Fails where the version of the package is too low for what has changed since. With --record the present spec becomes
that of the release.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tiktok_shop_async.spec_diff import Document, DocumentError, compare
from tiktok_shop_async.spec_diff.release import bump_of, next_version, suffices
from tiktok_shop_async.spec_diff.reports import REPORTS, count

if TYPE_CHECKING:
    from collections.abc import Sequence

RELEASE = "x-release"
"""The version of the package, in the spec of a release."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the process's exit code: 1 where the version has to be raised, 2 for files of no use."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release", description=__doc__)
    parser.add_argument("--released", type=Path, default=Path("spec/released.json"), help="the spec of the release")
    parser.add_argument(
        "--document", type=Path, default=Path("tiktok_shop_async/sandbox/openapi.json"), help="the present spec"
    )
    parser.add_argument(
        "--package", type=Path, default=Path("tiktok_shop_async/__init__.py"), help="the file with the version"
    )
    parser.add_argument("--record", action="store_true", help="make the present spec that of the release")
    options = parser.parse_args(arguments)
    present = json.loads(options.document.read_text(encoding="utf-8"))
    version = re.findall(r'^__version__ = "(.+)"$', options.package.read_text(encoding="utf-8"), re.MULTILINE)[0]
    if options.record:
        text = json.dumps({RELEASE: version} | present, ensure_ascii=False, separators=(",", ":"))
        options.released.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        print(f"{options.released}: the spec of {version}")
        return 0
    if not options.released.is_file():
        print(f"{options.released} is not there: nothing has been released yet")
        return 0
    released = json.loads(options.released.read_text(encoding="utf-8"))
    if RELEASE not in released:
        print(f"{options.released} does not say in `{RELEASE}` which version it is of", file=sys.stderr)
        return 2
    try:
        changes = compare(Document(released, str(options.released)), Document(present, str(options.document)))
        needed = next_version(released[RELEASE], bump_of(changes))
        enough = suffices(released[RELEASE], version, bump_of(changes))
    except (DocumentError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if not enough:
        print(REPORTS["text"](changes), end="")
        told = f"these changes since {released[RELEASE]} ask for {needed}"
        print(f"{options.package}: {version} is too low: {told}", file=sys.stderr)
        return 1
    print(f"Since {released[RELEASE]}: {count(changes)}. {version} is high enough")
    return 0


if __name__ == "__main__":
    sys.exit(main())
