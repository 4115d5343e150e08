"""`python -m tools.screenshots DIRECTORY`: the pages, as PNGs at 1280 and 400 pixels, light and dark, and as PDFs.

They are of made-up reports (`tools.pages.samples`); `tools.pages.looking` says what has to be installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.pages import gateway, samples
from tools.pages.looking import look, missing
from verifier.gateway.pages import status_page
from verifier.reports.html import audits, verdicts

WIDTHS = {1280: 1, 400: 2}
"""Of the window, and the pixels of the screen to each of its own."""


def pages() -> dict[str, str]:
    """Every page that is looked at, by its name."""
    return {
        "accepted": verdicts.render(samples.accepted()),
        "denied": verdicts.render(samples.denied()),
        "several": verdicts.render(samples.several()),
        "audit": audits.render(samples.audit()),
        "status": status_page.render(gateway.status()),
    }


def written(folder: Path) -> dict[str, Path]:
    """The pages as files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.html" for name in pages()}
    for name, document in pages().items():
        files[name].write_text(document)
    return files


def _wishes(files: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    for name, path in files.items():
        for width, sharp in WIDTHS.items():
            for scheme in ("light", "dark"):
                picture = path.with_name(f"{name}-{width}-{scheme}.png")
                yield {"page": path, "width": width, "sharp": sharp, "scheme": scheme, "picture": picture}
        yield {"page": path, "paper": path.with_suffix(".pdf")}


def main(arguments: list[str]) -> int:
    """Make them all; the exit status."""
    if len(arguments) != 1 or missing():
        print(missing() or __doc__, file=sys.stderr)
        return 2
    wishes = list(_wishes(written(Path(arguments[0]).absolute())))
    for wish, seen in zip(wishes, look(wishes), strict=True):
        print(wish.get("picture") or wish["paper"], *seen["failures"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
