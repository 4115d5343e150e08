"""Whether a document is about this artifact at all: told first, before every component differs.

* digests decide: one that the artifact has makes it this one, else one that it would have to have makes it another
* a digest is looked for where tools write it: the subject's hashes, the qualifier `checksum` and the version of its
  purl, its version, its name behind an `@`, and trivy's property for an image's config
* without any, purls of one type decide by name and version; a folder's name decides nothing, nor an image's, which is
  that of wherever it lies
* a document that does not say what it is about is not about another artifact
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import Component
from verifier.formats.purl import parse_purl
from verifier.sbom.compare.identity import key_of, named
from verifier.sbom.compare.tools import Seen

_DIGEST = re.compile(r"(sha256|sha384|sha512):([0-9A-Fa-f]{64,128})\Z")
_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_PROPERTIES: Final = frozenset({"aquasecurity:trivy:ImageID", "aquasecurity:trivy:RepoDigest"})
_PLACED: Final = frozenset({"", "oci"})
"""Ecosystems of what is called after the place that it lies in."""
MOVING: Final = frozenset({"", "latest"})
"""Versions that say nothing of what is meant."""


def other_artifact(subject: Component | None, catalog: Catalog, seen: Seen, *, where: str) -> Reason | None:
    """Why a document whose subject this is, is about another artifact; None where it is not, or nobody can say.

    `where` is what the document is called.
    """
    if subject is None:
        return None
    known = set(catalog.digests)
    other = other_by_digest(subject, known, where=where)
    if other is not None or not known.isdisjoint(_claimed(subject)):
        return other
    return _by_name(subject, catalog, seen, where)


def other_by_digest(subject: Component | None, known: set[Digest], *, where: str) -> Reason | None:
    """Why a document is about another artifact than the one that is `known` by these digests; None where its subject
    has one of them, or none that could be compared."""
    claimed = [] if subject is None else list(_claimed(subject))
    if subject is None or not known.isdisjoint(claimed):
        return None if subject is None else _of_two(subject, known, where)
    comparable = [each for each in claimed if any(each.algorithm == one.algorithm for one in known)]
    if not comparable:
        return None
    expected = " or ".join(sorted(str(each) for each in known if each.algorithm == comparable[0].algorithm))
    return _other(where, f"the digest {comparable[0]}", expected)


def as_listed(subject: Component | None, catalog: Catalog, seen: Seen) -> Component | None:
    """A document's subject as it would stand in a list of components; None where its name says nothing of it."""
    if subject is None or subject.ecosystem:
        return subject
    return subject._replace(ecosystem=catalog.subject.ecosystem) if seen.names_subject else None


def nothing_in_common(subject: Component | None, catalog: Catalog, *, where: str) -> Reason | None:
    """Why a document that shares no component with the artifact is about another: it calls its subject otherwise, and
    no digest says that it is this one."""
    mine = catalog.subject
    if (
        subject is None
        or _last(subject.name) == _last(mine.name)
        or not set(catalog.digests).isdisjoint(_claimed(subject))
    ):
        return None
    return _other(where, f"{named(subject)} and has no component of this one", named(mine))


def _of_two(subject: Component, known: set[Digest], where: str) -> Reason | None:
    """Why a subject with a digest of this artifact is that of another too: a thing has one digest of each kind."""
    own = list(_digests(f"{each.algorithm.lower().replace('sha-', 'sha')}:{each.value}" for each in subject.hashes))
    algorithms = {each.algorithm for each in own if each in known}
    other = next((each for each in own if each.algorithm in algorithms and each not in known), None)
    return None if other is None else _other(where, f"the digest {other} as well", "that of none but its own")


def _by_name(subject: Component, catalog: Catalog, seen: Seen, where: str) -> Reason | None:
    mine, said = catalog.subject, as_listed(subject, catalog, seen)
    if said is None or not seen.names_subject or mine.ecosystem in _PLACED or said.ecosystem != mine.ecosystem:
        return None
    key, expected = key_of(said), key_of(mine)
    if (key.namespace, key.name) != (expected.namespace, expected.name):
        return _other(where, named(subject), named(mine))
    if key.version != expected.version and not {key.version, expected.version} & MOVING:
        return _other(where, named(subject), named(mine))
    return None


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _claimed(subject: Component) -> Iterator[Digest]:
    """What a subject says are its digests, wherever it says so."""
    texts = [f"{each.algorithm.lower().replace('sha-', 'sha')}:{each.value}" for each in subject.hashes]
    texts += [subject.version or "", subject.name]
    texts += [value for name, value in subject.properties if name in _PROPERTIES]
    if subject.purl and subject.ecosystem == "oci":
        texts.append(parse_purl(subject.purl).version or "")
    for name, value in subject.qualifiers:
        if name == "checksum":
            texts += value.split(",")
    yield from _digests(texts)


def _digests(texts: Iterable[str]) -> Iterator[Digest]:
    for text in texts:
        found = _DIGEST.match(text.rpartition("@")[2])
        if found and len(found[2]) == _LENGTHS[found[1]]:
            yield Digest(algorithm=found[1], value=found[2].lower())


def _other(where: str, seen: str, expected: str) -> Reason:
    message = f"it is about {seen}, and this artifact is {expected}"
    return Reason(code="sbom.other-artifact", subject=where, message=message)
