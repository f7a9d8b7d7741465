"""Write the generated code from the bundled spec: `python -m scripts.generate`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.generator.document import Document, SpecError
from scripts.generator.files import differences, formatted, write
from scripts.generator.project import ClientProject
from scripts.generator.types import PACKAGE


def generate(document: Document) -> dict[str, str]:
    """The files that a document gives, formatted, by their paths from the root of the project.

    Raises:
        SpecError: The document says something that no code can be generated for.
    """
    project = ClientProject(document)
    project.build()
    return formatted(project.files)


def main(arguments: list[str] | None = None) -> int:
    """Run the command. 1 says that the spec is wrong, or that the generated code is not what it gives."""
    parser = argparse.ArgumentParser(prog="python -m scripts.generate", description=__doc__)
    parser.add_argument("--document", type=Path, default=Path("build/openapi.json"), help="the bundled spec")
    parser.add_argument("--output", type=Path, default=Path(PACKAGE), help="the package; docs/ is written beside it")
    parser.add_argument("--check", action="store_true", help="change nothing, fail if anything would change")
    options = parser.parse_args(arguments)
    if options.output.absolute().name != PACKAGE:
        parser.error(f"--output: has to be a folder of the name {PACKAGE}")
    try:
        files = generate(Document.load(options.document))
    except SpecError as error:
        print(f"The spec cannot be generated from:\n{error}", file=sys.stderr)
        return 1
    if not options.check:
        changed = write(files, options.output)
        print("\n".join([*changed, f"{len(files)} generated files, {len(changed)} changed"]))
        return 0
    found = differences(files, options.output)
    if found:
        print(
            "\n".join([*found, "Not what the spec gives. Run `make generate` and commit the result."]), file=sys.stderr
        )
        return 1
    print(f"{len(files)} generated files, all as the spec gives them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
