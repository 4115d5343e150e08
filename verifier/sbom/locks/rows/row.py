"""What every lock reader makes of one row: a package as the lock pins it, and what it needs."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from verifier.formats.bom.component import Distribution, Origin

DEFAULT_INDEX: Final = "https://pypi.org/simple"
"""Where Poetry takes a package from whose row names no source."""


class Need(NamedTuple):
    """One edge: the name that a row needs, the version where the lock says which, and under which marker."""

    name: str
    version: str | None = None
    marker: str = ""


class Row(NamedTuple):
    """One package row.

    `name` is as written, `line` from 1 and 0 where nobody knows, `path` the file that it stands in. `version` is None
    where the row pins none; `constraint` is then what it asks for instead. `groups` are those of the project that
    bring it, `extras` the project's extras, `features` the extras of the package itself that are asked for; `markers`
    are the row's own, `conditions` those under which alone other rows need it. `indexes` are further ones that may
    answer for the name, without what opens them. `root` marks the project itself, `member` what the lock
    calls a part of its workspace. A row that is not `named` is a path
    or a URL whose package nobody says, which then stands in `name`. `uploaded` is when the newest of its files was
    uploaded, None unless the lock says it of each.
    """

    name: str
    version: str | None
    origin: Origin
    path: str
    line: int = 0
    distributions: tuple[Distribution, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    constraint: str = ""
    indexes: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    root: bool = False
    named: bool = True
    member: bool = False
    uploaded: datetime | None = None
