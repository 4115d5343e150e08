"""cosign's old payload ("simple signing"): what a signature under a `.sig` tag is over.

* one reading: every critical field is there and known, nothing stands beside `critical` and `optional`
* `critical.type` is exactly cosign's; the type of the GPG signatures of podman and skopeo is another format, and named
* the digest is the one of the manifest; the identity is whatever the signer called the image, with or without tag
* claims are the texts in `optional`; what else stands there (podman's time) claims nothing

Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md; containers-signature(5).
"""

from __future__ import annotations

from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.manifest import parse_digest

COSIGN_TYPE: Final = "cosign container image signature"
ATOMIC_TYPE: Final = "atomic container signature"
MAX_PAYLOAD_BYTES: Final = 256 * 1024
MAX_CLAIMS: Final = 256


class SimpleSigning(Value):
    """What the signer says: of which manifest, by which name ("" where by none), and with which claims."""

    digest: Digest
    docker_reference: str
    claims: tuple[tuple[str, str], ...] = ()


def parse_simple_signing(payload: bytes, *, subject: str) -> SimpleSigning:
    """Read a payload; raises `Refused` (`attestation.invalid`, `json.*`)."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        message = f"the payload takes {len(payload)} bytes, expected at most {MAX_PAYLOAD_BYTES}"
        raise refuse("input.too-large", subject, message)
    value = strict_json.loads(payload, subject=subject, max_depth=MAX_ENVELOPE_DEPTH)
    fields = Fields.of(value, code="attestation.invalid", subject=subject)
    fields.known("critical", "optional", closed=True)
    critical = fields.object("critical").exactly("identity", "image", "type")
    _require_type(critical)
    identity = critical.object("identity").exactly("docker-reference")
    image = critical.object("image").exactly("docker-manifest-digest")
    try:
        digest = parse_digest(image.text("docker-manifest-digest"))
    except ValueError as error:
        raise image.refusal("docker-manifest-digest", str(error)) from error
    return SimpleSigning(digest=digest, docker_reference=identity.string("docker-reference"), claims=_claims(fields))


def _require_type(critical: Fields) -> None:
    kind = critical.string("type")
    if kind == ATOMIC_TYPE:
        message = f"is {kind!r}, which is that of GPG signatures (podman, skopeo), expected {COSIGN_TYPE!r}"
        raise critical.refusal("type", message)
    if kind != COSIGN_TYPE:
        raise critical.refusal("type", f"is {kind!r:.100}, expected {COSIGN_TYPE!r}")


def _claims(fields: Fields) -> tuple[tuple[str, str], ...]:
    optional = fields.optional_object("optional")
    if optional is None:
        return ()
    if len(optional.value) > MAX_CLAIMS:
        raise optional.refusal("", f"has {len(optional.value)} members, expected at most {MAX_CLAIMS}")
    return tuple(sorted((name, said) for name, said in optional.value.items() if isinstance(said, str)))
