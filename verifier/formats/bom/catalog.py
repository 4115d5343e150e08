"""What an artifact consists of, found in the artifact itself: what documents are made from and checked against."""

from __future__ import annotations

from typing import Literal

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.bom.component import Component

Aggregate = Literal["complete", "incomplete", "unknown"]
"""CycloneDX' words for how complete a list is."""


class Integrity(Value):
    """What the files of packages are, held against what their packages say: paths, sorted.

    `altered` have other bytes than their package says, `missing` are listed and not there, `unowned` belong to no
    package. `unchecked` are listed with no digest to hold them against. `configured` are settings that were changed or
    removed, as whoever runs the system may; `spared` are listed, not there, and nobody needs them to be: documentation,
    and what the package manager was told to leave out.
    """

    altered: tuple[str, ...] = field(default=(), repr=False)
    missing: tuple[str, ...] = field(default=(), repr=False)
    unowned: tuple[str, ...] = field(default=(), repr=False)
    unchecked: tuple[str, ...] = field(default=(), repr=False)
    configured: tuple[str, ...] = field(default=(), repr=False)
    spared: tuple[str, ...] = field(default=(), repr=False)


class Catalog(Value):
    """The components of one artifact.

    `kind` is "bundle", "image", "project" or "environment"; `subject` is the artifact as a component, `digests` are
    what it goes by. `components` are sorted by their refs, which are unique; `dependencies` are pairs of a ref and the
    sorted refs that it depends on, sorted. `ecosystems` are those of which the list is whole, `FILE` among them where
    every file is listed: what another document does not list of these, it leaves out. `aggregate` says how complete the
    whole is. `properties` are about the artifact, `authors` answer for the list. `findings` are warnings.
    """

    kind: str
    subject: Component
    digests: tuple[Digest, ...] = ()
    components: tuple[Component, ...] = field(repr=False)
    dependencies: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    ecosystems: frozenset[str] = frozenset()
    aggregate: Aggregate = "unknown"
    properties: tuple[tuple[str, str], ...] = ()
    authors: tuple[str, ...] = ()
    integrity: Integrity | None = None
    findings: tuple[Reason, ...] = ()
