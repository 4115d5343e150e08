"""A file of attestations or signatures: who claims to have signed what, of which type, about what."""

from __future__ import annotations

from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.uris import RELEASE, VERIFICATION_SUMMARY
from verifier.formats.intoto.release import SIGNATURE_PREDICATES
from verifier.inspecting import checks
from verifier.inspecting.claims.documents import claims_of
from verifier.inspecting.inspected import Check, Claim, Described, Given, facts
from verifier.trust.kinds import KINDS
from verifier.versions.advice import fitting

_MANIFESTS: Final = ("sha256",)


def describe(given: Given) -> Described:
    """What the file says; never raises for what it reads."""
    try:
        claims = claims_of(given.content, where=given.name, limits=given.limits)
    except Refused as refusal:
        return Described(what="a file of attestations", check=_check(given, ()), faults=refusal.reasons)
    return Described(
        what=_what(claims),
        check=_check(given, claims),
        facts=facts(documents=len(claims) if len(claims) > 1 else None),
        claims=claims,
        kind="verdict" if _is_verdict(claims) else "",
    )


def _what(claims: tuple[Claim, ...]) -> str:
    if len(claims) != 1:
        return f"{len(claims)} attestations"
    form = claims[0].form[:1].lower() + claims[0].form[1:] if claims[0].form.startswith("Signature") else claims[0].form
    around = f" with a statement of type {claims[0].stated.predicate_type}" if claims[0].stated is not None else ""
    if _is_verdict(claims):
        return f"a verdict (SLSA VSA) in a {form}"
    return f"a {form}{around}"


def _is_verdict(claims: tuple[Claim, ...]) -> bool:
    types = [each.stated.predicate_type for each in claims if each.stated is not None]
    return bool(types) and all(each == VERIFICATION_SUMMARY for each in types)


def _check(given: Given, claims: tuple[Claim, ...]) -> Check:
    words, unknown = checks.believing(claims)
    reference = checks.reference_word(given.reference)
    if _is_verdict(claims):
        return _of_verdict(reference, claims[0], words, unknown)
    kind, named = _released(claims)
    digest = _only_digest(claims) if kind == "artifact" else None
    artifact = checks.ARTIFACT[0] if digest is None else str(digest)
    types = {each.stated.predicate_type for each in claims if each.stated is not None} - SIGNATURE_PREDICATES
    counted = [word for each in sorted(types) for word in checks.option("--attestation-type", each)]
    more = (checks.ARTIFACT,) if digest is None else ()
    return checks.check(
        *(kind, artifact, "--attestation", reference, *words, *named),
        *(counted if kind != "bundle" else ()),
        unknown=(*more, *unknown),
    )


def _released(claims: tuple[Claim, ...]) -> tuple[str, tuple[str, ...]]:
    """Of a release the kind that it states, and options for its name and version."""
    said: dict[str, str] = {}
    for each in claims:
        if each.stated is not None and each.stated.predicate_type == RELEASE:
            said |= {fact.name: str(fact.value) for fact in each.stated.facts}
    kind, _, name = said.get("artifact", "artifact:").partition(":")
    version = said.get("version", "")
    words = checks.option("--name", name)
    if version and (found := fitting(version)) is not None:
        words += ("--version-from", "attestation.version", "--version-scheme", found[0].value)
        words += checks.option("--version-prefix", found[1])
    return kind if kind in KINDS else "artifact", words


def _of_verdict(reference: str, claim: Claim, words: tuple[str, ...], unknown: tuple[tuple[str, str], ...]) -> Check:
    said = {each.name: each.value for each in claim.stated.facts} if claim.stated is not None else {}
    kind, _, name = str(said.get("artifact", "")).partition(":")
    digest = _only_digest((claim,))
    about = ("--subject", checks.ARTIFACT[0]) if digest is None else ("--subject-digest", str(digest))
    resource = checks.told(str(said.get("resource", "")))
    verifier = ("VERIFIER", "the id of the verifier whose verdicts count for you; compare with what is claimed")
    more = [] if digest is not None else [checks.ARTIFACT]
    more += [("RESOURCE", "where you fetch the artifact from")] if resource is None else []
    return checks.check(
        "verdict", reference, "--resource-uri", resource or "RESOURCE", *about,
        *checks.option("--kind", kind), *checks.option("--name", name), *words, "--verifier-id", verifier[0],
        unknown=(*more, *unknown, verifier),
    )  # fmt: skip


def _only_digest(claims: tuple[Claim, ...]) -> Digest | None:
    """The one artifact that all of it is about, by a digest that names bytes."""
    found = {str(each): each for claim in claims for each in _digests(claim)}
    return next(iter(found.values())) if len(found) == 1 else None


def _digests(claim: Claim) -> tuple[Digest, ...]:
    if claim.digest is not None:
        return (claim.digest,)
    subjects = claim.stated.subjects if claim.stated is not None else ()
    return tuple(each for _, digests in subjects for each in digests if each.algorithm in _MANIFESTS)
