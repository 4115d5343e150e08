"""Large pages opened in Chromium: until they are shown, beside a bare table of the same rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from benchmarks.harness import Row
from tools.pages import looking, samples
from verifier.reports.html import audits, verdicts

SIZE = 10_000
ROUNDS = 3
_TITLES = {
    "components": f"a page of {SIZE:,} components, opened in Chromium until it is shown",
    "findings": f"a page of {SIZE:,} findings and {SIZE:,} packages, opened in Chromium until it is shown",
}
_AGAINST = "a bare table of the same rows, without style, script or search"


def rows(room: Path) -> Iterator[Row]:
    """The rows of the table; without figures where there is no browser."""
    if problem := looking.missing():
        yield from (Row(title=title, against=_AGAINST, note=problem) for title in _TITLES.values())
        return
    made = {
        "components": (verdicts.render(samples.accepted(SIZE)), _components()),
        "findings": (audits.render(samples.audit(SIZE, SIZE)), _findings()),
    }
    for name, (page, bare) in made.items():
        ours, theirs = room / f"{name}.html", room / f"{name}-bare.html"
        ours.write_text(page)
        theirs.write_text(bare)
        seen = looking.look([{"page": each} for _ in range(ROUNDS + 1) for each in (ours, theirs)])[2:]
        shown = [each["times"]["shown"] / 1000 for each in seen]
        megabytes = f"{len(page) / 1e6:.1f} MB"
        yield Row(
            title=f"{_TITLES[name]} ({megabytes})",
            against=_AGAINST,
            ours=statistics.median(shown[::2]),
            theirs=statistics.median(shown[1::2]),
            target=1.0,
        )


def _components() -> str:
    found = samples.components(SIZE)
    return _table((each.name, each.version or "", each.ecosystem, each.purl) for each in found)


def _findings() -> str:
    result = samples.audit(SIZE, SIZE)
    lines = [(each.ids[0], each.package.name, each.rating.severity, each.summary) for each in result.findings]
    return _table([*lines, *((each.package.name, each.package.version or "", each.status) for each in result.packages)])


def _table(lines: Iterable[tuple[str, ...]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}' for cell in line)}" for line in lines)
    return f"<!doctype html><meta charset=utf-8><title>bare</title><table>{body}</table>"
