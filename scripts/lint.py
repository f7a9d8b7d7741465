"""Holds the spec against its rules: `python -m scripts.lint`.

Joins the files first; what stands in the way of that is reported alone, as the rules need the whole document. A finding
is let pass where spec/lint-exceptions.yaml lists its rule and subject, with the reason.

The overlays of what is announced are held against the rules as well: each has to apply to the spec as it is, all of
them together, too, and what comes out has to be in order.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.bundle import bundle
from scripts.findings import Finding, report
from scripts.spec_files import Place, UnreadableFileError, overlays, read_yaml
from scripts.spec_rules import RULES, Spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.bundle import Bundle

EXCEPTIONS = "lint-exceptions.yaml"


def lint(root: Path) -> list[Finding]:
    """Everything that is wrong with the spec whose root file is `root`."""
    bundled = bundle(root)
    if bundled.findings:
        return list(bundled.findings)
    previews = list(overlays(root.parent).values())
    choices = [[], *([each] for each in previews), *([previews] if len(previews) > 1 else [])]
    try:
        # what the spec itself does wrong comes out of each of them, and is told once
        findings = dict.fromkeys(finding for choice in choices for finding in _findings(bundled.with_previews(choice)))
        return _without_exceptions(list(findings), root.parent / EXCEPTIONS)
    except UnreadableFileError as error:
        return [Finding("unreadable-file", Place(error.file), str(error))]


def _findings(bundled: Bundle) -> list[Finding]:
    if bundled.findings:
        return list(bundled.findings)
    spec = Spec(bundled)
    return [finding for rule in RULES.values() for finding in rule.findings(spec)]


def _without_exceptions(findings: list[Finding], file: Path) -> list[Finding]:
    """The findings that no exception lets pass, and the exceptions that let nothing pass."""
    if not file.is_file():
        return findings
    entries = read_yaml(file) or []
    left: list[Finding] = []
    allowed: dict[tuple[str, str], Place] = {}
    for position, entry in enumerate(entries):
        place = Place(file).below(position)
        if not isinstance(entry, dict) or set(entry) != {"rule", "subject", "reason"} or not all(entry.values()):
            left.append(Finding("exception-entry", place, "an exception has a rule, a subject and a reason"))
        else:
            allowed[str(entry["rule"]), str(entry["subject"])] = place
    met = {(finding.rule, finding.subject) for finding in findings}
    left += [finding for finding in findings if (finding.rule, finding.subject) not in allowed]
    left += [
        Finding("exception-entry", place, f"nothing breaks {rule} about {subject} any more: remove the exception")
        for (rule, subject), place in allowed.items()
        if (rule, subject) not in met
    ]
    return left


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the process's exit code: 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m scripts.lint", description="Hold the spec against its rules.")
    parser.add_argument("--spec", type=Path, default=Path("spec/openapi.yaml"), help="the spec's root file")
    parser.add_argument("--rules", action="store_true", help="list the rules and stop")
    options = parser.parse_args(arguments)
    if options.rules:
        width = max(map(len, RULES))
        for rule in RULES.values():
            print(f"{rule.id:{width}}  {rule.demand}")
        return 0
    if findings := lint(options.spec):
        print(report(findings), file=sys.stderr)
        print("1 finding" if len(findings) == 1 else f"{len(findings)} findings", file=sys.stderr)
        return 1
    print(f"{options.spec}: in order, by {len(RULES)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
