"""One signature or attestation of cosign's old scheme, as one document: a layer of its manifest, with its annotations.

* it is what containers/image keeps as `signature-N` beside a `dir:` image: NUL, "sigstore-json", a line break, JSON
* the layer's own bytes are kept as they are: they, or the envelope in them, are what was signed
* what a layer is, its media type says; only two are signatures, whatever their annotations hold

Source: https://github.com/containers/image/blob/main/internal/signature/sigstore.go; cosign `pkg/types/media.go`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused, reject
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value, field
from verifier.formats.base64_text import decode_field
from verifier.formats.intoto.attestation_kind import LAYER_PREFIX
from verifier.formats.intoto.statement import MAX_ANNOTATIONS
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import compact

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

SIMPLE_SIGNING: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE: Final = "application/vnd.dsse.envelope.v1+json"
SIGNATURE: Final = "dev.cosignproject.cosign/signature"
CERTIFICATE: Final = "dev.sigstore.cosign/certificate"
CHAIN: Final = "dev.sigstore.cosign/chain"
BUNDLE: Final = "dev.sigstore.cosign/bundle"
TIMESTAMP: Final = "dev.sigstore.cosign/rfc3161timestamp"


class LegacyLayer(Value):
    """A layer of a `.sig` or `.att` manifest, nothing verified; empty annotations are not there."""

    media_type: str
    payload: bytes = field(repr=False)
    annotations: tuple[tuple[str, str], ...] = field(repr=False)

    def annotation(self, name: str) -> str | None:
        """What stands under `name`, None where that is nothing."""
        return dict(self.annotations).get(name) or None


def write_layer(media_type: str, payload: bytes, annotations: Mapping[str, str]) -> bytes:
    """The document of a layer: the same for the same layer, in whichever order its annotations stand."""
    value = {
        "mimeType": media_type,
        "payload": base64.b64encode(payload).decode("ascii"),
        "annotations": dict(sorted(annotations.items())),
    }
    return LAYER_PREFIX + compact(value).encode()


def parse_layer(document: bytes, *, subject: str, budget: Budget | None = None) -> LegacyLayer:
    """Take a document apart; raises `Refused`, `Rejected` where it is a layer that is no signature."""
    value = strict_json.loads(
        document.removeprefix(LAYER_PREFIX), subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget
    )
    fields = Fields.of(value, code="attestation.invalid", subject=subject)
    fields.known("mimeType", "payload", "annotations", closed=True)
    media_type = fields.text("mimeType")
    if media_type not in (SIMPLE_SIGNING, DSSE):
        raise no_signature(media_type, subject)
    noted = fields.object("annotations").known(SIGNATURE, CERTIFICATE, CHAIN, BUNDLE, TIMESTAMP)
    if len(noted.value) > MAX_ANNOTATIONS:
        raise noted.refusal("", f"has {len(noted.value)} members, expected at most {MAX_ANNOTATIONS}")
    annotations = tuple((name, noted.string(name)) for name in noted.value)
    return LegacyLayer(media_type=media_type, payload=decode_field(fields, "payload"), annotations=annotations)


def no_signature(media_type: str, subject: str) -> Refused:
    """The refusal of a layer that is no signature, whatever its annotations say."""
    message = f"a layer of type {media_type!r:.100} is no signature, expected {SIMPLE_SIGNING} or {DSSE}"
    return reject("signature.unsupported", subject, message)
