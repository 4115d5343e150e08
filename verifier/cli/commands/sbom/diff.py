"""`verify sbom diff`: compare two SBOMs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.cli.options.option import argument, option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError
from verifier.reports.escape import printable

if TYPE_CHECKING:
    from verifier.formats.bom.document import BomDocument
    from verifier.sbom.difference.changes import Difference

_FORMATS = ("text", "json", "markdown")


@spread
def diff(
    *,
    old: Path = argument("OLD", "The older SBOM: CycloneDX or SPDX, by whatever tool."),
    new: Path = argument("NEW", "The newer one."),
    fail_on: tuple[str, ...] = option(
        "--fail-on",
        "Exit with 1 where there is such a change: added, removed, upgraded, downgraded, license, source, hash, "
        "capability, confusion; several with commas.",
        default=(),
        metavar="KINDS",
    ),
    style: str = option("--format", "How it is shown.", default="text", words=_FORMATS),
) -> int:
    """Compare two SBOMs. What was added, removed, upgraded and downgraded, by each ecosystem's own order of versions;
    licences, sources, digests and what a bundle can do that changed."""
    from verifier.sbom.difference.difference import difference  # noqa: PLC0415 - once the command line is right

    categories = _categories(fail_on)
    found = difference(_document(old), _document(new))
    output.document(_renderer(style)(found))
    failing = found.failing(categories)
    for category in failing:
        output.hint(f"verify: --fail-on {category}: there is such a change, or nobody can say that there is none")
    return output.EXIT_DENIED if failing else output.EXIT_ACCEPTED


def _categories(given: tuple[str, ...]) -> set[str]:
    from verifier.sbom.difference.changes import FAILING  # noqa: PLC0415 - where there are documents to compare

    named = {word for each in given for word in each.split(",")}
    for word in sorted(named - set(FAILING)):
        raise ConfigurationError(
            f"{printable(word)!r} is no kind of change", where="--fail-on", hint=f"There are: {', '.join(FAILING)}."
        )
    return named


def _document(path: Path) -> BomDocument:
    from verifier.core.limits import MAX_DOCUMENT_BYTES  # noqa: PLC0415
    from verifier.files.read import read_regular_file  # noqa: PLC0415
    from verifier.sbom.reading import read_bom  # noqa: PLC0415 - loads the readers of the formats

    return read_bom(read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES), subject=str(path))


def _renderer(style: str) -> Callable[[Difference], str]:
    if style == "json":
        from verifier.formats.json.write import page  # noqa: PLC0415

        return lambda found: page(found.document())
    if style == "markdown":
        from verifier.sbom.difference.shown import markdown  # noqa: PLC0415

        return markdown.render
    from verifier.sbom.difference.shown import text  # noqa: PLC0415

    return text.render
