"""A policy bundle: its files, revision, roots and metadata, and who claims to have signed it.

* read strictly; what a strict reading refuses is noted, and shown as OPA reads it where that can be done
* of an archive that is no sound bundle the files are listed all the same, where it is a sound archive
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier.archives.archive import read_archive
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.formats.foreign.named import named
from verifier.formats.json.write import compact
from verifier.formats.opa.manifest import Manifest
from verifier.inspecting import checks
from verifier.inspecting.claims.token import claim_of_token
from verifier.inspecting.inspected import Check, Claim, Described, Fact, Given, Listing, facts, listing
from verifier.kinds.bundle.artifact import SIGNATURES_FILE, Bundle, read_bundle
from verifier.versions.advice import fitting

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue

WHAT: Final = "a policy bundle (OPA)"
_FILES: Final = ("path", "size", "digest")
_MAX_METADATA: Final = 50
_LONGEST: Final = 200


def describe(given: Given) -> Described:
    """What the bundle says; never raises for what it reads."""
    try:
        return _described(_read(given, ReadingMode.STRICT), given, ())
    except Refused as refusal:
        strict = named(refusal, given.content, place="bundle").reasons
    try:
        # What OPA takes all the same is shown as it takes it, and said to be refused.
        return _described(_read(given, ReadingMode.OPA_COMPAT), given, strict)
    except Refused:
        return Described(what=WHAT, check=_check(given, None, ()), faults=strict, listings=_members(given))


def _read(given: Given, mode: ReadingMode) -> Bundle:
    return read_bundle(
        given.content,
        name=given.name,
        resource_uri="",
        limits=given.limits,
        mode=mode,
        budget=Budget(given.limits, packed=len(given.content)),
    )


def _described(bundle: Bundle, given: Given, refused: tuple[Reason, ...]) -> Described:
    claims = claims_of(bundle)
    policy = bundle.manifest is not None or bool(bundle.data or claims or bundle.modules)
    files: list[tuple[JsonValue, ...]] = [
        (each.name, each.stop - each.start, str(Digest.of(each.content))) for each in bundle.files
    ]
    if not policy:
        return _archive(given, bundle, listing("files", _FILES, files))
    return Described(
        what=WHAT,
        check=_check(given, bundle, claims),
        facts=_facts(bundle, bool(claims)),
        listings=(listing("files", _FILES, files),),
        claims=claims,
        notes=(*(each.as_warning() for each in refused), *bundle.findings),
        digest=bundle.digest,
        size=len(given.content),
    )


def _archive(given: Given, bundle: Bundle, files: Listing) -> Described:
    """An archive in which there is nothing that OPA would load."""
    unknown = (("BUNDLE.json", "the signature or attestation of it"), checks.KEY)
    reference = checks.reference_word(given.reference)
    return Described(
        what="an archive (tar, gzip) with no policy in it",
        kind="archive",
        check=checks.check("artifact", reference, "--attestation", "BUNDLE.json", "--key", "KEY.pub", unknown=unknown),
        listings=(files,),
        digest=bundle.digest,
        size=len(given.content),
    )


def claims_of(bundle: Bundle) -> tuple[Claim, ...]:
    """What the bundle carries in the place of a signature."""
    if bundle.signatures is None:
        return ()
    return (claim_of_token(bundle.signatures, mode=bundle.mode, where=SIGNATURES_FILE),)


def _facts(bundle: Bundle, signed: bool) -> tuple[Fact, ...]:
    manifest = bundle.manifest or Manifest()
    return facts(
        revision="(none)" if manifest.revision is None else manifest.revision,
        roots=[root or "(everything)" for root in manifest.roots],
        rego_version=manifest.rego_version,
        modules=len(bundle.modules),
        entrypoints=[each.entrypoint for each in manifest.wasm],
        metadata=[
            f"{name} = {compact(value)[:_LONGEST]}" for name, value in list(manifest.metadata.items())[:_MAX_METADATA]
        ],
        manifest="yes" if bundle.manifest is not None else "(none)",
        signed="claims to be" if signed else "no signature inside",
    )


def _check(given: Given, bundle: Bundle | None, claims: tuple[Claim, ...]) -> Check:
    words, unknown = checks.believing(claims)
    signature = next((each for claim in claims for each in claim.signatures), None)
    more: list[str] = []
    if signature is not None and signature.algorithm[:2] in ("RS", "PS") and signature.algorithm != "RS256":
        more += checks.option("--algorithm", signature.algorithm)
    if signature is not None and signature.algorithm.startswith("HS"):
        more += checks.option("--algorithm", signature.algorithm)
    if signature is not None and signature.scope:
        more += [*checks.option("--name", signature.scope), *checks.option("--scope", signature.scope)]
    revision = None if bundle is None or bundle.manifest is None else bundle.manifest.revision
    found = fitting(revision) if revision else None
    if found is not None:
        scheme, prefix = found
        more += ["--version-from", "manifest.revision", "--version-scheme", scheme.value]
        more += checks.option("--version-prefix", prefix)
    if bundle is not None and bundle.mode is ReadingMode.OPA_COMPAT:
        more += ["--mode", ReadingMode.OPA_COMPAT.value]
    return checks.check("bundle", checks.reference_word(given.reference), *words, *more, unknown=unknown)


def _members(given: Given) -> tuple[Listing, ...]:
    """The files of a sound archive."""
    try:
        archive = read_archive(given.content, limits=given.limits, mode=ReadingMode.STRICT, subject=given.name)
    except Refused:
        return ()
    files: list[tuple[JsonValue, ...]] = [
        (each.path, len(each.content), str(Digest.of(each.content))) for each in archive.members
    ]
    return (listing("files", _FILES, files),)
