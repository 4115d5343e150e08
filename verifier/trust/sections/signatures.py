"""`signatures`: who must have signed.

* a rule without it is an error: what nobody signed is never a default
* a threshold that the named signers could never meet is an error
* one key under two names counts once
* what lies beside an artifact and is no attestation is undecided, unless the rule says that it may lie there
* a signer counts by its key; what a signature's kid says is a hint, unless the rule pins kids
* claims that a signature must have been made with are texts or patterns; what is embedded in a bundle has none, so that
  no rule for bundles may ask for them
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

from verifier.core.signers.signer import distinct_keys, key_of
from verifier.trust import vocabulary
from verifier.trust.kinds import kind_in
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

MAX_THRESHOLD = 64
"""Signatures that a rule may ask for: no more than an envelope may carry (`core.limits.MAX_SIGNATURES`)."""


_FEWER = "Name more signers in `from`, each with a key of its own, or ask for fewer."
Stray = Literal["deny", "ignore"]
STRAY: tuple[Stray, ...] = ("deny", "ignore")
FORMATS = ("bundle", "legacy")
"""In which order they are looked for: statements in bundles and envelopes; cosign's old payloads and layers."""


class SignatureRule(RuleSection):
    """How many distinct signers of `from_` must have signed; `scope` is the OPA claim of that name, exactly.

    `attestations` are predicate types that count as a signature of their subject beside a release: whoever signs
    another kind of statement says something about an artifact, and not that it may be used. `stray_attestations` says
    what becomes of evidence that could not be judged to its end. With `pin_kid` a signature counts only under its
    signer's kid.

    `formats` are those that count beside the artifact, None for all: "bundle" is every statement and signature in a
    bundle or envelope of its own, "legacy" a layer of cosign's old scheme. `repository` is what a signature that names
    one must name, None for the one that the artifact was fetched from. `claims` are names and globs.
    """

    name: ClassVar[str] = "signatures"
    keys: ClassVar[tuple[str, ...]] = (
        *("signatures.threshold", "signatures.from", "signatures.scope", "signatures.attestations"),
        *("signatures.formats", "signatures.repository", "signatures.claims"),
        *("stray_attestations", "pin_kid"),
    )
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("attestations", "formats", "claims")

    threshold: int
    from_: tuple[str, ...]
    scope: str | None = None
    attestations: tuple[str, ...] = ()
    stray_attestations: Stray = "deny"
    pin_kid: bool = False
    formats: tuple[str, ...] | None = None
    repository: str | None = None
    claims: tuple[tuple[str, str], ...] | None = None

    @property
    def accepted(self) -> tuple[str, ...]:
        """The formats that count, in the order in which they are looked for."""
        return self.formats or FORMATS

    @classmethod
    def parse(cls, rule: Table, names: Names) -> SignatureRule:
        table = cls.table_in(rule, "signatures")
        from_ = table.texts("from")
        for index, name in enumerate(from_):
            table.reference("from", name, names.signers, what="the signer", index=index)
        threshold = table.integer("threshold", low=1, high=MAX_THRESHOLD, default=1)
        keys = distinct_keys(names.signers[name] for name in from_)
        if threshold > keys:
            raise table.error(
                "threshold", f"is {threshold} and can never be met: `from` names {keys} distinct keys", _FEWER
            )
        return cls(
            threshold=threshold,
            from_=from_,
            scope=table.optional_text("scope"),
            attestations=table.optional_texts("attestations", vocabulary.check_uri),
            stray_attestations=cast("Stray", rule.choice("stray_attestations", STRAY)),
            pin_kid=rule.flag("pin_kid", default=False),
            formats=_formats(table),
            repository=table.checked_text("repository", _check_repository),
            claims=_claims(table, rule),
        )

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        scope = f", for the scope {self.scope}" if self.scope is not None else ""
        yield f"{rule.pattern} must be signed by at least {self.threshold} of {', '.join(self.from_)}{scope}."
        if self.attestations:
            types = " or ".join(self.attestations)
            yield f"{rule.pattern}: a statement of the type {types} counts as a signature, as a release does."
        if self.formats is not None:
            yield f"{rule.pattern}: of what lies beside it, what is in the format {' or '.join(self.formats)} counts."
        if self.repository is not None:
            yield f"{rule.pattern}: a signature that names a repository must name {self.repository}."
        for name, pattern in self.claims or ():
            yield f"{rule.pattern}: a signature counts only with the signed claim {name} = {pattern}."
        if self.stray_attestations == "ignore":
            yield f"{rule.pattern}: what lies beside it and cannot be judged is passed over, and named."
        if self.pin_kid:
            yield f"{rule.pattern}: a signature counts only with the kid of its signer."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.of(rule)
        signers, wanted = policy.with_revoked(given.from_), given.threshold
        counting = sum(not each.revoked for each in signers)
        if wanted == 1 and counting > 1:
            yield f"any one of {counting} signers suffices: one stolen key is enough"
        if given.stray_attestations == "ignore":
            yield 'stray_attestations = "ignore": a denial that cannot be read to its end is passed over'
        if given.formats == ("legacy",):
            yield 'signatures.formats = ["legacy"]: a denial in a bundle beside it is not looked for'
        for text in given.attestations:
            if meant := vocabulary.nearly_a_predicate_type(text):
                yield f"signatures.attestations names {text}, which no statement has: did you mean {meant}?"
        usable = {key_of(each) for each in signers if each.validity(now) is None}
        if len(usable) < wanted:
            yield f"needs {wanted} signers and only {len(usable)} can count now: everything is denied"

    @classmethod
    def starter(cls, kind: str) -> str:
        return 'signatures = { threshold = 1, from = ["release"] }\n'


def _formats(table: Table) -> tuple[str, ...] | None:
    if "formats" not in table.values:
        return None
    given = table.checked_texts("formats", _check_format)
    return tuple(each for each in FORMATS if each in given)


def _check_format(text: str) -> str:
    if text not in FORMATS:
        raise ValueError(f"must be among {', '.join(FORMATS)}, not {text!r}")
    return text


def _check_repository(text: str) -> str:
    """A repository, which is kept in its one spelling."""
    from verifier.formats.oci.repository import names_registry, repository_of  # noqa: PLC0415 - few rules have any

    if "@" in text or ":" in text.rpartition("/")[2] or not names_registry(text):
        raise ValueError(f"must be registry/repository without tag and digest, not {text!r}")
    return repository_of(text)


def _claims(table: Table, rule: Table) -> tuple[tuple[str, str], ...] | None:
    if "claims" not in table.values:
        return None
    if kind_in(str(rule.path[-1])) == "bundle":
        # What is embedded in a bundle has no claims, and would count without them.
        raise table.error("claims", "are for what lies beside images and files; a bundle's embedded signature has none")
    values = table.values["claims"]
    names = frozenset(values) if isinstance(values, dict) else frozenset()
    claims = table.required_table("claims", names)
    if not names:
        raise table.error("claims", "must not be empty")
    return tuple((name, claims.required_text(name, _check_claim)) for name in sorted(claims.values))


def _check_claim(text: str) -> str:
    """A glob, which may be `*`: that the claim is there at all."""
    return text if text == "*" else vocabulary.check_glob(text)
