"""`sbom`: what is asked of a bill of materials.

* a signer whom the rule listens to has signed the document for this artifact, or it counts for nothing
* what is asked for is judged; what is not asked for is not said to be right
* what has to be read of the artifact to answer is known from the rule alone
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from verifier.core.value import field
from verifier.trust import vocabulary
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names
    from verifier.trust.sections.image import Depth

QUALITIES: Final = ("ntia", "cisa-2025-draft", "bsi-tr-03183-2", "openchain-telco")
"""Profiles of what a document has to say (`sbom.quality`)."""
MAX_PRIVATE: Final = 256
WHOLE: Final = 10_000
"""Ten-thousandths of everything."""


class SbomRule(RuleSection):
    """What is asked of a bill of materials.

    `min_completeness` is the share, in ten-thousandths, of what the artifact contains that a document has to list as it
    is; `quality` are profiles. `licenses` is the file of what licenses are allowed, with what is in it; `private`
    are pairs of a pattern of package names and the index that they must come from. `from_` are the signers whose
    documents count: by default those whose signatures do.
    """

    name: ClassVar[str] = "sbom"
    keys: ClassVar[tuple[str, ...]] = (
        *("sbom.required", "sbom.must_match_contents", "sbom.min_completeness", "sbom.quality", "sbom.licenses"),
        *("sbom.private", "sbom.from"),
    )
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("quality", "private", "from_")

    required: bool = True
    must_match_contents: bool = False
    min_completeness: int | None = None
    quality: tuple[str, ...] = ()
    licenses: str | None = None
    allowed: bytes | None = field(default=None, repr=False)
    private: tuple[tuple[str, str], ...] = ()
    from_: tuple[str, ...] = ()

    @classmethod
    def parse(cls, rule: Table, names: Names) -> SbomRule:
        table = cls.table_in(rule, "sbom")
        licenses = table.checked_text("licenses", vocabulary.check_path)
        return cls(
            required=table.flag("required", default=True),
            must_match_contents=table.flag("must_match_contents", default=False),
            min_completeness=_share(table),
            quality=_qualities(table),
            licenses=licenses,
            allowed=None if licenses is None else names.files.read(table, "licenses", licenses),
            private=_private(table),
            from_=named_signers(table, names),
        )

    @property
    def compares(self) -> bool:
        """Whether documents are held against what the artifact contains."""
        return self.must_match_contents or self.min_completeness is not None

    @property
    def needs(self) -> Depth:
        """What of an image has to be read before any of it can be answered."""
        return "inspect" if self.compares else "manifest"

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        asked = ["it must have an SBOM" if self.required else "it may have an SBOM"]
        asked.append(f"signed by {' or '.join(self.from_)}" if self.from_ else "signed by one of those signers")
        if self.must_match_contents:
            asked.append("which must match its contents")
        if self.min_completeness is not None:
            asked.append(f"which must list at least {share_said(self.min_completeness)} of its contents")
        if self.quality:
            asked.append(f"of the quality {' and '.join(self.quality)}")
        if self.licenses is not None:
            asked.append(f"with no license but those that {self.licenses} allows")
        for pattern, index in self.private:
            asked.append(f"with every {pattern} from {index}")
        yield f"{rule.pattern}: {', '.join(asked)}."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.given(rule)
        if given is None:
            return
        if not given.required:
            yield "sbom.required is false: an artifact without an SBOM is accepted"
        if not given.compares:
            yield "the SBOM is not held against the contents: whatever a signer's tool wrote is believed"


def _share(table: Table) -> int | None:
    """A share of 1, in ten-thousandths."""
    if "min_completeness" not in table.values:
        return None
    share = Decimal(str(table.number("min_completeness", low=0, high=1))) * WHOLE
    if share <= 0 or share != share.to_integral_value():
        raise table.error("min_completeness", "must be above 0, with at most four decimals")
    return int(share)


def share_said(share: int) -> str:
    """A share in ten-thousandths, as people write it."""
    return f"{share / (WHOLE // 100):g} %"


def _qualities(table: Table) -> tuple[str, ...]:
    """One profile, or several."""
    if isinstance(table.values.get("quality"), str):
        return (table.choice("quality", QUALITIES),)
    return table.optional_texts("quality", _check_quality)


def _check_quality(text: str) -> str:
    if text not in QUALITIES:
        raise ValueError(f"must be out of {', '.join(QUALITIES)}, not {text!r}")
    return text


def _private(table: Table) -> tuple[tuple[str, str], ...]:
    """The index of each pattern of names, which are the author's own."""
    values = table.values.get("private")
    if values is None:
        return ()
    listed = table.required_table("private", frozenset(values if isinstance(values, dict) else ()))
    if not 0 < len(listed.values) <= MAX_PRIVATE:
        raise table.error("private", f"must name from 1 to {MAX_PRIVATE} patterns, not {len(listed.values)}")
    return tuple(
        (listed.checked(pattern, partial(check_private, pattern)), listed.required_text(pattern, check_index))
        for pattern in listed.values
    )


def check_private(pattern: str) -> str:
    """A name of packages, or what names begin with and then a `*`; raises `ValueError`."""
    bare = pattern.removesuffix("*")
    if not bare or not bare.isascii() or "*" in bare or not bare.replace("@", "").replace("/", "").strip("-_."):
        raise ValueError(f"{pattern!r} must be a package's name, or what names begin with and a * ('acme-*')")
    return pattern


def check_index(text: str) -> str:
    """The URL of an index; raises `ValueError` for what is none, or holds a login."""
    vocabulary.check_resource(text)
    if not text.startswith(("https://", "http://")):
        raise ValueError(f"must be the URL of an index, as https://pypi.acme.example/simple, not {text!r}")
    return text


def named_signers(table: Table, names: Names) -> tuple[str, ...]:
    """The signers under `from`, which the policy has; none where the key is absent."""
    if "from" not in table.values:
        return ()
    return tuple(
        table.reference("from", each, names.signers, what="the signer", index=index)
        for index, each in enumerate(table.texts("from"))
    )
