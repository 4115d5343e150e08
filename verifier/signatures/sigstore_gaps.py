"""Where our verification meets the `sigstore` library: everything that reaches behind its public API is here.

* pinned to `sigstore` 4.5: what is reached for is looked up when this is imported, so that an upgrade that moves it
  fails at once, and a test verifies real bundles through every part
* an ordinary bundle (a certificate, one log entry with promise and proof) goes through the library's own `Verifier`
* the library's parts, put together here, verify what its `Verifier` refuses or takes differently: `intoto` entries,
  entries with a promise only, timestamps at the inclusive end of their authority's window, instances without
  transparency log or certificate log, keys without certificate
* Merkle proofs, promises, certificate timestamps and RFC 3161 are verified by the library alone
* the library is shown values that were read here, never the document, and only keys whose window is right

Nothing here decides: `keyless` says what a failure means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import sigstore
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from rfc3161_client import decode_timestamp_response
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.sct import verify_sct
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import CTKeyring, Keyring, RekorKeyring
from sigstore.errors import Error as SigstoreError
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TransparencyLogEntry, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.bundle import v1 as bundle_v1
from sigstore_models.common import v1 as common_v1
from sigstore_models.intoto import Envelope as EnvelopeModel
from sigstore_models.intoto import Signature as SignatureModel
from sigstore_models.rekor import v1 as rekor_v1
from sigstore_models.trustroot import v1 as trustroot_v1

from verifier.formats.dsse import Envelope
from verifier.formats.sigstore_bundle import CertificateChain, LogEntry, SigstoreBundle
from verifier.signatures.sigstore_root import Authority, Log, TrustRoot

PINNED: Final = "4.5."
LIBRARY_ERRORS: Final = (SigstoreError, ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound)
"""What the library raises for a bundle that does not hold; anything else is its defect or ours."""

_REACHED_FOR: Final = (
    (Verifier, ("_verify_chain_at_time", "_verify_signed_timestamp", "verify_artifact", "verify_dsse")),
    (TransparencyLogEntry, ("_validate", "_verify_set")),
    (TrustedRoot, ("get_fulcio_certs", "get_timestamp_authorities", "rekor_keyring", "ct_keyring")),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)
_SHA256: Final = common_v1.HashAlgorithm.SHA2_256

if not sigstore.__version__.startswith(PINNED):
    raise ImportError(f"sigstore {sigstore.__version__} is installed, this was written against {PINNED}*")
for _owner, _names in _REACHED_FOR:
    for _name in _names:
        getattr(_owner, _name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vouchers:
    """Who of a trusted root may vouch for one bundle: all of them were valid when they did."""

    authorities: tuple[Authority, ...]
    logs: tuple[Log, ...]
    certificate_logs: tuple[Log, ...]


class SigstoreParts:
    """The library, for one trusted root. What is made of keys is kept: a run verifies thousands of bundles."""

    def __init__(self, root: TrustRoot) -> None:
        self._root = root
        self._verifiers: dict[Vouchers, _PartsVerifier] = {}
        self._keyrings: dict[Log, Keyring] = {}

    def timestamp(self, response: bytes, signature: bytes) -> datetime | None:
        """When a timestamp authority of the root saw `signature`, or None where none of them says so."""
        try:
            decoded = decode_timestamp_response(response)
            result = self._clock._verify_signed_timestamp(decoded, signature)
        except LIBRARY_ERRORS:
            return None
        return result.time if result else None

    def entry(self, entry: LogEntry, log: Log) -> None:
        """Verify that `log` holds `entry`: the proof where there is a checkpoint, the promise where there is one."""
        keyring = RekorKeyring(self._keyring(log))
        shown = _PlainEntry(_entry_model(entry))
        if entry.proof is not None and entry.proof.checkpoint is not None:
            verify_merkle_inclusion(shown)
            verify_checkpoint(keyring, shown)
        if entry.promise is not None:
            shown._verify_set(keyring)

    def chain(
        self, certificate: x509.Certificate, moments: Sequence[datetime], vouchers: Vouchers
    ) -> list[x509.Certificate]:
        """The issuers of `certificate`, which is valid at each of `moments` and leads to one of the authorities."""
        verifier = self._verifier(vouchers)
        # Which source a time comes from makes no difference to the chain.
        source = TimestampSource.TIMESTAMP_AUTHORITY
        chains = [
            verifier._verify_chain_at_time(certificate, TimestampVerificationResult(source=source, time=moment))
            for moment in moments
        ]
        return chains[-1]

    def certificate_logged(self, certificate: x509.Certificate, chain: list[x509.Certificate], log: Log) -> None:
        """Verify that `log` promised to log `certificate`, or its precertificate."""
        verify_sct(certificate, chain, CTKeyring(self._keyring(log)))

    def ordinary(self, bundle: SigstoreBundle, digest: bytes, vouchers: Vouchers) -> None:
        """Verify a bundle that `is_ordinary` by the library's public `Verifier`."""
        verifier, shown = self._verifier(vouchers), Bundle(_bundle_model(bundle))
        if isinstance(bundle.content, Envelope):
            verifier.verify_dsse(shown, _NoPolicy())
        else:
            verifier.verify_artifact(Hashed(algorithm=_SHA256, digest=digest), shown, _NoPolicy())

    @cached_property
    def _clock(self) -> _PartsVerifier:
        everyone = Vouchers(authorities=self._root.certificate_authorities, logs=(), certificate_logs=())
        return _PartsVerifier(_root_model(everyone, self._root.timestamp_authorities))

    def _verifier(self, vouchers: Vouchers) -> _PartsVerifier:
        if vouchers not in self._verifiers:
            self._verifiers[vouchers] = _PartsVerifier(_root_model(vouchers, ()))
        return self._verifiers[vouchers]

    def _keyring(self, log: Log) -> Keyring:
        if log not in self._keyrings:
            self._keyrings[log] = Keyring([_key_model(log)])
        return self._keyrings[log]


def is_ordinary(bundle: SigstoreBundle, key: object) -> bool:
    """Whether the library's own `Verifier` takes such a bundle as it is meant."""
    p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    match bundle.entries:
        case [LogEntry(version="0.0.1", proof=proof, promise=promise, kind=kind)]:
            expected = "dsse" if isinstance(bundle.content, Envelope) else "hashedrekord"
            proven = promise is not None and proof is not None and proof.checkpoint is not None
            return kind == expected and proven and p256 and not bundle.timestamps
        case _:
            return False


class _PartsVerifier(Verifier):
    """The library's verifier without its demand for a transparency log, to which it would open a client."""

    def __init__(self, trusted_root: TrustedRoot) -> None:
        self._trusted_root = trusted_root
        authorities = trusted_root._inner.certificate_authorities
        self._fulcio_certificate_chain = trusted_root.get_fulcio_certs() if authorities else []


class _PlainEntry(TransparencyLogEntry):
    """A log entry without the library's demand for a proof, which a bundle of version 0.1 need not have."""

    def _validate(self) -> None:
        pass


class _NoPolicy:
    """Who signed is judged by us, once it is proven."""

    def verify(self, cert: x509.Certificate) -> None:
        pass


def _root_model(vouchers: Vouchers, timestamp_authorities: Sequence[Authority]) -> TrustedRoot:
    """The library's trusted root; windows were asked before, but for timestamp authorities'."""
    inner = trustroot_v1.TrustedRoot.model_construct(
        media_type="application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        tlogs=[_log_model(log) for log in vouchers.logs],
        ctlogs=[_log_model(log) for log in vouchers.certificate_logs],
        certificate_authorities=[_authority_model(each, _EPOCH, None) for each in vouchers.authorities],
        timestamp_authorities=[
            # The library takes the end as exclusive; the specification includes it.
            _authority_model(each, each.window.start or _EPOCH, each.window.end + _TICK if each.window.end else None)
            for each in timestamp_authorities
        ],
    )
    return TrustedRoot(inner)


def _authority_model(authority: Authority, start: datetime, end: datetime | None) -> trustroot_v1.CertificateAuthority:
    certificates = [common_v1.X509Certificate.model_construct(raw_bytes=der) for der in authority.certificates]
    return trustroot_v1.CertificateAuthority.model_construct(
        uri=authority.uri,
        cert_chain=common_v1.X509CertificateChain.model_construct(certificates=certificates),
        valid_for=common_v1.TimeRange.model_construct(start=start, end=end),
    )


def _log_model(log: Log) -> trustroot_v1.TransparencyLogInstance:
    return trustroot_v1.TransparencyLogInstance.model_construct(base_url=log.url, public_key=_key_model(log))


def _key_model(log: Log) -> common_v1.PublicKey:
    details = common_v1.PublicKeyDetails(log.key_details)
    return common_v1.PublicKey.model_construct(raw_bytes=log.key, key_details=details)


def _entry_model(entry: LogEntry) -> rekor_v1.TransparencyLogEntry:
    promise, proof = entry.promise, entry.proof
    return rekor_v1.TransparencyLogEntry.model_construct(
        log_index=entry.log_index,
        log_id=common_v1.LogId.model_construct(key_id=entry.log_id),
        kind_version=rekor_v1.KindVersion.model_construct(kind=entry.kind, version=entry.version),
        integrated_time=entry.integrated_time,
        inclusion_promise=rekor_v1.InclusionPromise.model_construct(signed_entry_timestamp=promise)
        if promise
        else None,
        inclusion_proof=rekor_v1.InclusionProof.model_construct(
            log_index=proof.log_index,
            root_hash=proof.root_hash,
            tree_size=proof.tree_size,
            hashes=list(proof.hashes),
            checkpoint=rekor_v1.Checkpoint.model_construct(envelope=proof.checkpoint.note)
            if proof.checkpoint
            else None,
        )
        if proof
        else None,
        canonicalized_body=entry.body,
    )


def _bundle_model(bundle: SigstoreBundle) -> bundle_v1.Bundle:
    assert isinstance(bundle.material, CertificateChain)  # noqa: S101, ordinary bundles have one
    # Only the signer's: the library builds paths from the trusted root alone, and so do we.
    leaf = common_v1.X509Certificate.model_construct(raw_bytes=bundle.material.certificates[0])
    chain = common_v1.X509CertificateChain.model_construct(certificates=[leaf])
    material: dict[str, Any] = {"certificate": leaf} if bundle.version == "0.3" else {"x509_certificate_chain": chain}
    return bundle_v1.Bundle.model_construct(
        media_type=bundle.media_type,
        verification_material=bundle_v1.VerificationMaterial.model_construct(
            tlog_entries=[_entry_model(entry) for entry in bundle.entries], **material
        ),
        **_content_model(bundle),
    )


def _content_model(bundle: SigstoreBundle) -> dict[str, Any]:
    content = bundle.content
    if isinstance(content, Envelope):
        signatures = [SignatureModel.model_construct(sig=each.sig) for each in content.signatures]
        envelope = EnvelopeModel.model_construct(
            payload=content.payload, payload_type=content.payload_type, signatures=signatures
        )
        return {"dsse_envelope": envelope}
    digest = None
    if content.digest is not None:
        digest = common_v1.HashOutput.model_construct(algorithm=_SHA256, digest=bytes.fromhex(content.digest.value))
    message = common_v1.MessageSignature.model_construct(message_digest=digest, signature=content.signature)
    return {"message_signature": message}
