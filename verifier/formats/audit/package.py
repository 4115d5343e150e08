"""What is audited: packages, as a target has them, each with where it stands and where it comes from.

* one value a (ecosystem, name, version, source): two spellings of one name are one package, with both places
* markers, groups and extras are kept and never evaluated: a lock is for all platforms
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from verifier.core.value import Value, field
from verifier.formats.bom.component import Distribution

SourceKind = Literal["index", "git", "url", "path"]
_JOINTS: Final = {"npm": "/", "golang": "/", "composer": "/", "maven": ":"}
"""What stands between namespace and name; of others, as distributions, the name alone is what people write."""


class Place(NamedTuple):
    """Where a package stands: `file` below the root, or as it was typed; `line` from 1, 0 where nobody knows.

    `groups` and `extras` are those of this place, where other places of the same package have others.
    """

    file: str
    line: int = 0
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


class Package(Value):
    """One package.

    `ecosystem` is the purl type ("pypi", "npm", "golang", "deb", "apk", "rpm", …), `name` normalised as its ecosystem
    compares names, `namespace` purl's, `release` that of a distribution ("12", "v3.18") or "". `version` is None where
    nothing pins it, and `asked` is then what is asked for (">=2", ""). Of a package of Debian, Ubuntu or Alpine, name
    and version are those of the source package that it was built from, which is what records are about; its purl names
    the package itself. `purl` is canonical (`pkg:pypi/NAME@VERSION`, version percent-encoded), with no qualifiers but
    those that tell distributions apart.

    `source` is where it comes from; `index` the URL of the index for "index" ("" where the target names none: the
    ecosystem's public one), `indexes` further ones that may answer for it, `location` the URL or path of the others.
    `local` marks a folder within the project, `own` the project itself or a member of its workspace, `editable` an
    installation that points to a folder. `distributions` are its files with their digests; `uploaded` when the newest
    of those was uploaded, None where the target does not say. `yanked` is the reason where the target, or its index,
    says so; `project_status` what its index says of the project (PEP 792: "active", "archived", "quarantined",
    "deprecated"), "" where nobody said.
    `direct` is whether the project asks for it itself (None where nobody knows), `paths` some ways that it is reached
    by: purls from what is direct to this one, the shortest first. `resolved` is whether its version is what a resolver
    chose here and now, as nothing pins it: another machine, or tomorrow, may get another.
    """

    ecosystem: str
    name: str
    version: str | None
    purl: str
    namespace: str = ""
    release: str = ""
    asked: str = ""
    source: SourceKind = "index"
    index: str = ""
    indexes: tuple[str, ...] = ()
    location: str = ""
    local: bool = False
    own: bool = False
    editable: bool = False
    places: tuple[Place, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    distributions: tuple[Distribution, ...] = field(default=(), repr=False)
    uploaded: datetime | None = None
    yanked: str | None = None
    project_status: str = ""
    direct: bool | None = None
    paths: tuple[tuple[str, ...], ...] = ()
    resolved: bool = False

    @property
    def shown_name(self) -> str:
        """The name as people of its ecosystem write it: "golang.org/x/text", "@babel/core", "org.acme:lib"."""
        joint = _JOINTS.get(self.ecosystem)
        return f"{self.namespace}{joint}{self.name}" if joint and self.namespace else self.name
