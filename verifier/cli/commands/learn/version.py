"""`verify version`: which release this is."""

from __future__ import annotations

from functools import partial
from typing import Literal

from verifier.cli import output
from verifier.cli.options.option import option
from verifier.cli.spread import spread
from verifier.cli.typed.released import told
from verifier.core.version import VERSION


@partial(spread, ends=False)
def version(*, style: Literal["text", "json"] = option("--format", "How it is shown.", default="text")) -> int:
    """Print the version, and what unpacks gzip where that is not zlib. As JSON also the Python and the system."""
    if style == "text":
        return told()
    import platform  # noqa: PLC0415 - only for programs
    import zlib  # noqa: PLC0415 - as above

    from verifier.archives.inflating import VERSIONS  # noqa: PLC0415 - for who asks
    from verifier.formats.json.write import page  # noqa: PLC0415 - as above

    system = f"{platform.system()} {platform.machine()}"
    said = {"name": "verify", "version": VERSION, "python": platform.python_version(), "system": system}
    output.document(page({**said, "inflate": VERSIONS or {"zlib": zlib.ZLIB_RUNTIME_VERSION}}))
    return output.EXIT_ACCEPTED
