"""One lock file that was read."""

from __future__ import annotations

from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.bom.component import Component
from verifier.sbom.locks.rows.row import Row


class Lock(Value):
    """What one lock file pins.

    `format` is "uv", "poetry", "pdm", "pylock", "pipenv" or "requirements", `version` that of the format, "" where it
    has none. `rows` are all package rows in the order of the file, `components` one a (name, version), sorted by their
    refs; `dependencies` are pairs of a ref and the sorted refs that it needs, empty where the format has no edges.
    `root` is the ref of the project itself, where it is one of the rows. `groups` and `extras` are the project's, all
    of them read. `indexes` are all that the file names, without what opens them. `constraints` are rows that install
    nothing (`-c`). `files` are what was read, `path` first. `findings` are warnings.
    """

    format: str
    path: str
    version: str = ""
    rows: tuple[Row, ...] = field(default=(), repr=False)
    components: tuple[Component, ...] = field(default=(), repr=False)
    dependencies: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    root: str = ""
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    constraints: tuple[Row, ...] = field(default=(), repr=False)
    files: tuple[str, ...] = ()
    findings: tuple[Reason, ...] = ()
