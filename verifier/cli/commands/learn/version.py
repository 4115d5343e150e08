"""`verify version`: which release this is."""

from __future__ import annotations

from functools import partial
from typing import Literal

from verifier.cli import output
from verifier.cli.options.option import option
from verifier.cli.spread import spread
from verifier.core.version import VERSION


@partial(spread, ends=False)
def version(*, style: Literal["text", "json"] = option("--format", "How it is shown.", default="text")) -> int:
    """Print the version. As JSON also the Python and the system that it runs on."""
    if style == "text":
        output.line(f"verify {VERSION}")
        return output.EXIT_ACCEPTED
    import platform  # noqa: PLC0415 - only for programs

    from verifier.formats.json.write import page  # noqa: PLC0415 - as above

    system = f"{platform.system()} {platform.machine()}"
    output.document(page({"name": "verify", "version": VERSION, "python": platform.python_version(), "system": system}))
    return output.EXIT_ACCEPTED
