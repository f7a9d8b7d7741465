"""`python -m tiktok_shop_async.spec_diff OLD NEW`: what changed between two OpenAPI documents.

A document is a file (JSON, or YAML with the extra `diff`); or, within a git repository, `REVISION:PATH`; or
`installed`, the spec that the installed version of this package was made from.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from tiktok_shop_async.spec_diff.callers import uses_in_code, uses_listed
from tiktok_shop_async.spec_diff.change import Severity
from tiktok_shop_async.spec_diff.comparison import compare
from tiktok_shop_async.spec_diff.document import Document, DocumentError, parse, read
from tiktok_shop_async.spec_diff.release import bump_of, changelog, next_version, suffices
from tiktok_shop_async.spec_diff.reports import REPORTS
from tiktok_shop_async.spec_diff.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.spec_diff.callers import Uses
    from tiktok_shop_async.spec_diff.release import Bump

__all__ = ["argument_parser", "main"]

INSTALLED = "installed"

_FAILED = 1
_UNUSABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 where nothing is as bad as `--fail-on` says, and the version is high enough; 1 otherwise; 2 for arguments or
        documents that are of no use.
    """
    parser = argument_parser()
    options = parser.parse_args(arguments)
    if options.rules:
        print(_rules(options.format))
        return 0
    if options.base is None or options.revision is None:
        parser.error("give two documents, the older one first")
    try:
        levels = dict(_level(each) for each in options.level)
        base, revision = _document(options.base), _document(options.revision)
        changes = compare(base, revision, levels)
        uses = _uses(options, [base, revision])
        if uses is not None:
            changes = [change for change in changes if uses.concerns(change)]
        enough = _is_enough(options, bump_of(changes))
        title = _title(options, bump_of(changes))
    except (DocumentError, ValueError) as error:
        print(error, file=sys.stderr)
        return _UNUSABLE
    if options.format == "changelog":
        print(changelog(changes, title), end="")
    else:
        print(REPORTS[options.format](changes), end="")
    if uses is not None and uses.unknown:
        for entry in uses.unknown:
            print(f"{entry}: is in neither document", file=sys.stderr)
        return _UNUSABLE
    if options.to_version:
        if not enough:
            wanted = next_version(options.from_version, bump_of(changes))
            told = f"{options.to_version} is not enough after {options.from_version}"
            print(f"{told}: these changes ask for {wanted}", file=sys.stderr)
        return 0 if enough else _FAILED
    if options.fail_on == "none":
        return 0
    worst = Severity(options.fail_on).rank
    return _FAILED if any(change.severity.rank <= worst for change in changes) else 0


def argument_parser() -> argparse.ArgumentParser:
    """What the command can be told."""
    parser = argparse.ArgumentParser(
        prog="python -m tiktok_shop_async.spec_diff",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("base", nargs="?", help="the older document")
    parser.add_argument("revision", nargs="?", help="the newer document")
    parser.add_argument("--format", choices=[*REPORTS, "changelog"], default="text", help="how to write it (text)")
    parser.add_argument(
        "--fail-on",
        choices=[*Severity, "none"],
        default=Severity.BREAKING.value,
        help="the least severity that ends with 1 (breaking)",
    )
    used = parser.add_mutually_exclusive_group()
    used.add_argument(
        "--calls", type=Path, nargs="+", metavar="PATH", help="tell only what concerns this Python code: files, folders"
    )
    used.add_argument(
        "--operations", type=Path, metavar="FILE", help="tell only what concerns what this file lists, one a line"
    )
    parser.add_argument(
        "--level",
        action="append",
        default=[],
        metavar="RULE=LEVEL",
        help="another severity for a rule, or `off`; can be given several times",
    )
    parser.add_argument("--from-version", metavar="VERSION", help="the version that has the older document")
    parser.add_argument(
        "--to-version", metavar="VERSION", help="the version to be released: fail only if it is not high enough"
    )
    parser.add_argument(
        "--rules", action="store_true", help="list the rules and end; as a table with --format markdown"
    )
    return parser


def _rules(form: str) -> str:
    """The rules, a line each; as a table in Markdown."""
    if form == "markdown":
        rows = [f"| `{rule.id}` | {rule.severity} | {rule.says} |" for rule in RULES.values()]
        return "\n".join(["| Rule | Severity | What it tells |", "|---|---|---|", *rows])
    return "\n".join(f"{rule.id:45} {rule.severity:9} {rule.says}" for rule in RULES.values())


def _document(given: str) -> Document:
    """The document that an argument names."""
    if given == INSTALLED:
        resource = files("tiktok_shop_async").joinpath("sandbox", "openapi.json")
        return parse(resource.read_text(encoding="utf-8"), "the installed spec")
    path = Path(given)
    revision, separator, inner = given.partition(":")
    if path.exists() or not separator or not inner:
        return read(path)
    try:
        shown = subprocess.run(  # noqa: S603
            ["git", "show", f"{revision}:{inner}"],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise DocumentError(f"{given}: git cannot be run: {error}") from error
    if shown.returncode:
        raise DocumentError(f"{given}: {shown.stderr.decode(errors='replace').strip()}")
    return parse(shown.stdout.decode(), given)


def _level(given: str) -> tuple[str, Severity | None]:
    rule, _, level = given.partition("=")
    if rule not in RULES:
        raise DocumentError(f"--level {given}: there is no rule {rule}; --rules lists them")
    if level != "off" and level not in list(Severity):
        raise DocumentError(f"--level {given}: give one of {', '.join([*Severity, 'off'])}")
    return rule, None if level == "off" else Severity(level)


def _uses(options: argparse.Namespace, documents: list[Document]) -> Uses | None:
    if options.calls:
        return uses_in_code(options.calls, documents)
    if options.operations:
        try:
            lines = options.operations.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DocumentError(f"{options.operations}: cannot be read: {error}") from error
        return uses_listed(lines, documents)
    return None


def _title(options: argparse.Namespace, bump: Bump) -> str:
    """What the entry of the changelog is called."""
    if options.to_version:
        return str(options.to_version)
    return next_version(options.from_version, bump) if options.from_version else "Unreleased"


def _is_enough(options: argparse.Namespace, bump: Bump) -> bool:
    if not options.to_version:
        return True
    if not options.from_version:
        raise DocumentError("--to-version needs --from-version, the version that has the older document")
    return suffices(options.from_version, options.to_version, bump)


if __name__ == "__main__":
    sys.exit(main())
