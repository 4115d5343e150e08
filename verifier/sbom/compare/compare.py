"""A document held against what an artifact consists of. Pure: two lists of components go in, a `Comparison` comes out.

* a document about another artifact is told first, alone
* components are matched by identity, as multisets, never by purl strings, refs or order
* every component that is hidden, invented, of another version or with another digest is a difference of its own; one
  that claims the digest of the artifact itself is, too
* what a tool cannot see, and what an artifact's records cannot show, is unverified; `strict` makes it a difference
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from verifier.core.limits import MAX_FINDINGS
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import FILE, Component
from verifier.formats.bom.document import BomDocument
from verifier.sbom.compare.comparison import Comparison, Counts, Discrepancy, Outcome
from verifier.sbom.compare.hashes import judge_hashes
from verifier.sbom.compare.identity import key_of, named, purl_is_true
from verifier.sbom.compare.matching import Keyed, Pair, keyed, match
from verifier.sbom.compare.subject import MOVING, as_listed, nothing_in_common, other_artifact
from verifier.sbom.compare.tools import OWN_TOOL, Seen, seen_by, tool_of

_NOTHING: Final = "nothing"
_LONGEST_PURL: Final = 200
_OTHERS: Final = "others"
"""What the ecosystems of a document are together, beyond the first `MAX_FINDINGS`."""
_ITSELF: Final = "a component with the digest of the artifact itself"
_INSTALLED: Final = frozenset({"image", "environment"})
"""Kinds of which whatever is there may be used."""
_PACKAGES: Final = frozenset({"library", "application", "framework"})
_NO_PACKAGES: Final = frozenset({"file", "operating-system", "data", "device", "firmware"})
_ABOUT_ALL: Final = frozenset({"operating-system"})
"""Types that say what the others run on: compared where the artifact's list has one, and otherwise not counted."""


def wants_files(document: BomDocument) -> bool:
    """Whether a document lists files, so that the artifact's are to be listed too."""
    return any(each.ecosystem == FILE for each in document.components)


def compare(document: BomDocument, catalog: Catalog, *, strict: bool = False) -> Comparison:
    """What `document` says, held against `catalog`, which was made of the artifact in hand.

    `strict` takes no excuse: what the document's tool cannot see is missing, and what the artifact's records cannot
    show is surplus.
    """
    about, tool = named(catalog.subject), tool_of(document.tools)
    seen = seen_by(tool, catalog.kind)
    if (other := other_artifact(document.subject, catalog, seen, where=about)) is not None:
        return Comparison(about=about, tool=tool, strict=strict, other=other)
    judging = _Judging(document, catalog, seen, own=tool == OWN_TOOL, strict=strict)
    judging.judge()
    if judging.nothing_shared() and (other := nothing_in_common(document.subject, catalog, where=about)) is not None:
        return Comparison(about=about, tool=tool, strict=strict, other=other)
    return Comparison(
        about=about,
        tool=tool,
        strict=strict,
        counts=judging.counts(),
        discrepancies=tuple(judging.discrepancies),
        unverified=tuple(sorted(judging.unverified.items())),
    )


class _Judging:
    """The tallies of one comparison, while it is made."""

    def __init__(self, document: BomDocument, catalog: Catalog, seen: Seen, *, own: bool, strict: bool) -> None:
        self._document, self._catalog, self._seen = document, catalog, seen
        self._own, self._strict = own, strict
        self._claims = {(each.algorithm, each.value) for each in catalog.digests}
        self._ecosystems: set[str] = set()
        self._tallies: Counter[tuple[str, str]] = Counter()
        self.discrepancies: list[Discrepancy] = []
        self.unverified: Counter[str] = Counter()

    def judge(self) -> None:
        """Go through all components of both."""
        # What a document calls external it says of something else: that lists nothing of the artifact.
        listed = [each for each in self._document.components if each.scope != "external"]
        said, found = keyed(listed), keyed(self._catalog.components)
        matched = match(said, found)
        self._listed = {pair.found.key.ecosystem for pair in (*matched.same, *matched.other_version)}
        for pair in matched.same:
            self._same(pair)
        for pair in matched.other_version:
            self._other_version(pair)
        shared = {pair.found.key for pair in matched.same}
        own, subject = self._catalog.subject, as_listed(self._document.subject, self._catalog, self._seen)
        # Whatever a document calls its subject, only the artifact itself is listed by that.
        subject = subject if _identity(subject) == _identity(own) else None
        for each in matched.missing:
            self._missing(each, copy=each.key in shared, subject=subject)
        for each in matched.surplus:
            self._surplus(each, subject=own)

    def nothing_shared(self) -> bool:
        """Whether both have components, and none in common."""
        outcomes = {outcome for _, outcome in self._tallies}
        return {"missing", "surplus"} <= outcomes and not outcomes & {"same", "altered"}

    def counts(self) -> tuple[Counts, ...]:
        """One row an ecosystem."""
        ecosystems = sorted({ecosystem for ecosystem, _ in self._tallies})
        outcomes = Counts._fields[1:]
        return tuple(Counts(each, *(self._tallies[each, outcome] for outcome in outcomes)) for each in ecosystems)

    def _same(self, pair: Pair) -> None:
        ecosystem, said, found = pair.found.key.ecosystem, pair.said.component, pair.found.component
        if self._claims_the_artifact(said) and not self._claims_the_artifact(found):
            self._differs("altered", pair.found, _ITSELF, _told(found))
            return
        if said.type in _NO_PACKAGES and found.type in _PACKAGES:
            # Whoever judges components leaves these types out.
            self._differs("altered", pair.found, f"the type {said.type}", f"the type {found.type}", rank=1)
            return
        if not purl_is_true(*pair.said):
            self._differs("altered", pair.found, f"the purl {said.purl[:_LONGEST_PURL]}", named(found), rank=1)
            return
        hashes = judge_hashes(said, found)
        if hashes.outcome == "differ":
            seen, expected = f"{hashes.algorithm} {hashes.seen}", f"{hashes.algorithm} {hashes.expected}"
            self._differs("altered", pair.found, seen, expected)
            return
        if hashes.outcome == "partial" and self._strict and found.ecosystem == FILE and found.hashes:
            # A file is its bytes: without a digest to compare, it may be any.
            self._differs("altered", pair.found, "no digest of an algorithm that is known of it", _told(found))
            return
        self._tally(ecosystem, "same")
        if said.scope == "excluded" and self._catalog.kind in _INSTALLED:
            self._undecided(ecosystem, "it says that they are not used (scope `excluded`), and they are installed")
        elif hashes.outcome == "partial":
            self._undecided(ecosystem, "only one side has all digests")

    def _other_version(self, pair: Pair) -> None:
        said, found = pair.said.component, pair.found.component
        if self._claims_the_artifact(said):
            self._surplus(pair.said, subject=None)
            self._missing(pair.found, copy=False, subject=None)
            return
        if found.type in _ABOUT_ALL and _begins_alike(pair.said.key.version, pair.found.key.version):
            self._tally(pair.found.key.ecosystem, "same")
            return
        seen, expected = _version(said), _version(found)
        if seen == expected:
            seen, expected = named(said), named(found)
        self._differs("altered", pair.found, seen, expected, rank=1)

    def _missing(self, each: Keyed, *, copy: bool, subject: Component | None) -> None:
        ecosystem = each.key.ecosystem
        if _are_one(each.component, subject):
            self._tally(ecosystem, "same")
            return
        if each.component.type in _ABOUT_ALL and not self._own:
            return
        why = "" if self._strict else self._excuse(each, copy=copy)
        if why:
            self._undecided(ecosystem, why)
        else:
            self._differs("missing", each, _NOTHING, _told(each.component))

    def _surplus(self, each: Keyed, *, subject: Component | None) -> None:
        ecosystem, component = each.key.ecosystem, each.component
        if self._claims_the_artifact(component):
            self._differs("surplus", each, _ITSELF, _NOTHING)
        elif _are_one(component, subject):
            self._tally(ecosystem, "same")
        elif self._own or self._strict or self._is_whole(component):
            self._differs("surplus", each, _told(component), _NOTHING)
        elif component.type not in _ABOUT_ALL:
            self._undecided(ecosystem, "the artifact's own records do not list all components of their ecosystem")

    def _excuse(self, each: Keyed, *, copy: bool) -> str:
        """Why the document's tool need not list a component; "" where it has to."""
        ecosystem, seen = each.key.ecosystem, self._seen
        if ecosystem in seen.partly:
            return f"its tool {seen.partly[ecosystem]}"
        if ecosystem in seen.blind and ecosystem not in self._listed:
            return f"its tool {seen.blind[ecosystem]}"
        if copy and not seen.copies:
            return "its tool lists what is there twice once"
        if each.component.parent and not seen.vendored:
            return "its tool does not look for code that is packed inside other packages"
        return ""

    def _is_whole(self, component: Component) -> bool:
        """Whether the artifact's list has all components like this one."""
        catalog = self._catalog
        # A bundle is its files, and a list of all of them leaves nothing out.
        by_construction = catalog.kind == "bundle" and catalog.aggregate == "complete"
        return by_construction or component.ecosystem in catalog.ecosystems

    def _claims_the_artifact(self, component: Component) -> bool:
        return any(
            (each.algorithm.lower().replace("sha-", "sha"), each.value) in self._claims for each in component.hashes
        )

    def _tally(self, ecosystem: str, outcome: str) -> None:
        if ecosystem not in self._ecosystems:
            if len(self._ecosystems) >= MAX_FINDINGS:
                ecosystem = _OTHERS
            self._ecosystems.add(ecosystem)
        self._tallies[ecosystem, outcome] += 1

    def _undecided(self, ecosystem: str, why: str) -> None:
        self._tally(ecosystem, "unverified")
        self.unverified[why] += 1

    def _differs(self, outcome: Outcome, each: Keyed, seen: str, expected: str, *, rank: int = 0) -> None:
        ecosystem = each.key.ecosystem
        self._tally(ecosystem, outcome)
        self.discrepancies.append(Discrepancy(outcome, ecosystem, named(each.component), seen, expected, rank))


def _identity(component: Component | None) -> tuple[str, str, str] | None:
    """What the artifact itself is called where it is listed among its components: ecosystem, namespace and name."""
    if component is None or not component.ecosystem or component.ecosystem == FILE:
        return None
    key = key_of(component)
    return key.ecosystem, key.namespace, key.name


def _are_one(component: Component, subject: Component | None) -> bool:
    """Whether a component is the artifact itself, in its version as far as both say one."""
    if subject is None or _identity(subject) is None or _identity(component) != _identity(subject):
        return False
    one, other = key_of(component).version, key_of(subject).version
    return one == other or not MOVING.isdisjoint({one, other})


def _begins_alike(one: str, other: str) -> bool:
    """Whether one version says more of the same: Debian 12 is 12.15, as another of its files has it."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == "" or longer.startswith(f"{shorter}.")


def _version(component: Component) -> str:
    return f"version {component.version}" if component.version else "no version"


def _told(component: Component) -> str:
    """A component that only one side has, with where it was found."""
    if component.ecosystem == FILE:
        digest = next((each for each in component.hashes if each.algorithm == "SHA-256"), None)
        return f"a file with {digest.algorithm} {digest.value}" if digest else "a file"
    at = f", by {component.path}" if component.path else ""
    return f"{component.name} in {_version(component)}{at}" if component.version else f"{component.name}{at}"
