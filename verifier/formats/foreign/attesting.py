"""JSON that signs or attests, in other wrappings than DSSE's and Sigstore's; and statements that nobody signed.

A new format is a row.
"""

from __future__ import annotations

from typing import Final

from verifier.core.uris import IN_TOTO_PAYLOAD
from verifier.formats.foreign.foreign import SIGNED, UNSIGNED
from verifier.formats.foreign.json_row import JsonRow, Object, first_of, json_row, object_at, text_at

_ATTESTS = ("attestation", "verdict")
_SIGN = "Sign it: `verify attest`, or `cosign attest-blob`; what nobody signed proves nothing."
_TUF: Final = frozenset({"root", "targets", "snapshot", "timestamp", "mirrors"})


def _in_toto(value: Object) -> bool:
    return text_at(object_at(value, "signed"), "_type").lower() in ("link", "layout")


def _tuf(value: Object) -> bool:
    return text_at(object_at(value, "signed"), "_type").lower() in _TUF


def _statement(value: Object) -> bool:
    return text_at(value, "_type").startswith("https://in-toto.io/Statement")


def _certified(value: Object) -> bool:
    return bool(text_at(first_of(value, "signatures"), "cert"))


def _of_another_type(value: Object) -> bool:
    return text_at(value, "payloadType") != IN_TOTO_PAYLOAD


def _tokens(value: Object) -> bool:
    found = value["signatures"]
    return isinstance(found, list) and bool(found) and all(isinstance(each, str) for each in found)


ATTESTING: Final[tuple[JsonRow, ...]] = (
    json_row(
        "cosign-bundle",
        "cosign's older bundle (`sign-blob --bundle` before version 3)",
        ("base64Signature",),
        "Make a Sigstore bundle of it: `cosign bundle create --bundle OLD --artifact FILE --key PUB --out NEW`.",
        code=SIGNED,
        read_at=("attestation",),
    ),
    json_row(
        "cosign-rekor-bundle",
        "the log entry of an image's signature as cosign keeps it (`rekorBundle`)",
        ("SignedEntryTimestamp", "Payload"),
        "It has no signature by a signer: pass the Sigstore bundle (`cosign sign --new-bundle-format`).",
    ),
    json_row(
        "pypi-attestation",
        "an attestation in PyPI's own wrapping (PEP 740)",
        ("envelope", "verification_material"),
        "`pypi-attestations` turns it into a Sigstore bundle; pass that.",
        read_at=("attestation",),
    ),
    json_row(
        "pypi-provenance",
        "what PyPI's integrity API answers (PEP 740, provenance)",
        ("attestation_bundles",),
        "Pass the attestations that are in it, as Sigstore bundles (`pypi-attestations`).",
        read_at=("attestation",),
    ),
    json_row(
        "npm-attestations",
        "what npm's registry answers for a package's attestations",
        ("attestations",),
        "Pass the bundles that are in it.",
        like=lambda value: bool(first_of(value, "attestations")),
        read_at=("attestation",),
    ),
    json_row(
        "gcloud",
        "gcloud's description of an image (`describe --show-provenance`), with Cloud Build's provenance inside",
        ("provenance_summary",),
        "Pass the envelope in it that is an attestation: `jq '.provenance_summary.provenance[0].envelope'`.",
    ),
    json_row(
        "gcloud-image",
        "gcloud's description of an image, without provenance",
        ("image_summary",),
        "Ask with --show-provenance, and pass `jq '.provenance_summary.provenance[0].envelope'` of the answer.",
    ),
    json_row(
        "grafeas",
        "an occurrence of Google's Container Analysis",
        ("noteName", "resourceUri"),
        "Pass its envelope, which is the attestation: `jq .envelope`.",
    ),
    json_row(
        "gh-verified",
        "what `gh attestation verify --format json` prints",
        ("attestation", "verificationResult"),
        "Pass the bundle itself: `gh attestation download`, or `jq '.[].attestation.bundle'` of this.",
        read_at=("attestation",),
    ),
    json_row(
        "in-toto-link",
        "an in-toto layout or link in its older envelope (`signed`, `signatures`)",
        ("signed", "signatures"),
        "Have the statement attested anew in a DSSE envelope: `verify attest`, or in-toto's current attestations.",
        like=_in_toto,
        code=SIGNED,
    ),
    json_row(
        "in-toto-unsigned",
        "an in-toto layout or link that nobody signed",
        ("_type",),
        "Pass a signed attestation in a DSSE envelope (`verify attest`).",
        like=lambda value: text_at(value, "_type").lower() in ("link", "layout"),
        code=UNSIGNED,
    ),
    json_row(
        "tuf",
        "metadata of a TUF repository (root.json and its kin)",
        ("signed", "signatures"),
        "TUF's metadata attests nothing about an artifact; a trusted root is `trusted_root.json` among its targets.",
        like=_tuf,
    ),
    json_row("statement", "an in-toto statement that nobody signed", ("_type",), _SIGN, like=_statement, code=UNSIGNED),
    json_row(
        "provenance-predicate",
        "the predicate of SLSA provenance alone, which nobody signed",
        ("buildDefinition", "runDetails"),
        f"A predicate belongs into a statement. {_SIGN}",
        code=UNSIGNED,
    ),
    json_row(
        "provenance-predicate",
        "the predicate of SLSA provenance (v0.2) alone, which nobody signed",
        ("builder", "buildType"),
        f"A predicate belongs into a statement. {_SIGN}",
        code=UNSIGNED,
    ),
    json_row(
        "vsa-predicate",
        "the predicate of a verification summary alone, which nobody signed",
        ("verifier", "verificationResult"),
        f"A predicate belongs into a statement. {_SIGN}",
        code=UNSIGNED,
    ),
    json_row(
        "cosign-payload",
        "the payload of cosign's signature of an image, or what `cosign verify` prints: without its signature",
        ("critical",),
        "Pass the signature itself, as a Sigstore bundle.",
        like=lambda value: bool(object_at(value, "critical")),
        code=UNSIGNED,
    ),
    json_row(
        "envelope-with-certificate",
        "a DSSE envelope with a certificate beside its signature and no log entry: nothing proves when it signed",
        ("payloadType", "payload", "signatures"),
        "Have it signed as a Sigstore bundle, with its transparency log entry (slsa-github-generator from v2.1 on).",
        like=_certified,
    ),
    json_row(
        "other-envelope",
        "a DSSE envelope whose payload is no in-toto statement",
        ("payloadType", "payload", "signatures"),
        f"Only statements are read: have it signed with payloadType {IN_TOTO_PAYLOAD}.",
        like=_of_another_type,
        code=SIGNED,
    ),
    json_row(
        "opa-signatures",
        "OPA's .signatures.json, taken out of its bundle",
        ("signatures",),
        "Pass the whole bundle to `verify bundle`.",
        like=_tokens,
        read_at=("bundle",),
    ),
    json_row(
        "json-jws",
        "a JWS in JSON, as Notation and other tools write it",
        ("payload", "protected", "signature"),
        "Pass a DSSE envelope or a Sigstore bundle (`cosign sign`, `verify sign artifact`).",
        code=SIGNED,
    ),
    json_row(
        "json-jws",
        "a JWS in JSON with several signatures",
        ("payload", "signatures"),
        "Pass a DSSE envelope or a Sigstore bundle (`cosign sign`, `verify sign artifact`).",
        like=lambda value: "protected" in first_of(value, "signatures"),
        code=SIGNED,
    ),
    json_row(
        "sigstore-bundle",
        "a Sigstore bundle",
        ("verificationMaterial",),
        "It is given with --attestation or --bundle, beside the artifact.",
        read_at=_ATTESTS,
    ),
    json_row(
        "envelope",
        "a DSSE envelope",
        ("payloadType", "payload", "signatures"),
        "It is given with --attestation, beside the artifact.",
        read_at=_ATTESTS,
    ),
)
"""Asked in this order."""
