"""What attestations beside an artifact prove: releases, provenance, and verdicts about dependencies, as values.

* a signer stands here only where a signature back end has proven it
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.value import Value, field
from verifier.formats.intoto.provenance import Provenance
from verifier.formats.intoto.release import Release
from verifier.formats.intoto.statement import Statement
from verifier.formats.json.strict_json import JsonValue
from verifier.signatures.interface import ProvenSigner


class ProvenRelease(Value):
    """A detached attestation that verified and whose subject is the artifact.

    `claims` are our release predicate's, None for a signature that claims nothing: cosign's, a Sigstore message
    signature, or an attestation of a type that the policy counts as a signature. `names` are what its statement calls
    the artifact. `signed_claims` are what was signed beside that: annotations of the statement's subject (`cosign sign
    -a NAME=VALUE`), texts in the `optional` part of cosign's old payload; each name once.
    """

    signers: tuple[ProvenSigner, ...]
    digest: Digest
    claims: Release | None
    names: tuple[str, ...] = ()
    signed_claims: tuple[tuple[str, str], ...] = ()

    @property
    def signed_time(self) -> datetime | None:
        """When it was signed: the earliest of what the signers say and what a trusted log or authority proves.

        A log or an authority proves that a signature is not younger. Anybody can have an old one logged and stamped
        anew, so that of a key which has no end it proves no age: only a certificate of minutes says both.
        """
        stated = [self.claims.issued_at] if self.claims else []
        proven = [(signer.kind, signer.signed_time) for signer in self.signers if signer.signed_time]
        if not stated and all(kind != "keyless" for kind, _ in proven):
            return None
        return min([*stated, *(moment for _, moment in proven)])


class ProvenProvenance(Value):
    """Provenance in a statement that `signers` are proven to have signed."""

    provenance: Provenance
    statement: Statement
    signers: tuple[ProvenSigner, ...]


class ProvenSbom(Value):
    """A bill of materials in a statement that `signers`, whose documents count, are proven to have signed.

    `digest` is that of the attestation; `about` are the digests of the statement's subject that is the artifact, or one
    of its parts; `document` is the predicate: the document itself, as JSON values.
    """

    digest: Digest
    about: tuple[Digest, ...]
    document: Mapping[str, JsonValue] = field(repr=False)
    predicate_type: str
    signers: tuple[ProvenSigner, ...]


class ProvenScan(Value):
    """A scan for known vulnerabilities in a statement that `signers`, whose scans count, are proven to have signed.

    `digest` is that of the attestation; `about` are the digests of all that the statement is about, and the
    artifact's own where that is among it; `document` is the predicate, as JSON values.
    """

    digest: Digest
    about: tuple[Digest, ...]
    document: Mapping[str, JsonValue] = field(repr=False)
    predicate_type: str
    signers: tuple[ProvenSigner, ...]


class DependencyVerdict(Value):
    """What an accepted verdict says about the bytes that have these digests."""

    digests: tuple[Digest, ...]
    levels: tuple[str, ...]
    expires: datetime | None = None
