"""The parts of bundles verified by the `sigstore` library: everything that reaches behind its public API is here.

This is asked where `SigstoreInstance.by_library` says so; what `own` verifies instead is held against it.

* the library's `Verifier` refuses or takes differently: `intoto` entries, entries with a promise only, timestamps at
  the inclusive end of their authority's window, windows of other keys, instances without transparency log or
  certificate log, keys without certificate. Its parts verify them all, each asked by itself
* Merkle proofs, checkpoints, promises, certificate chains and timestamps, and RFC 3161 are verified by it alone
* it is shown values that were read here, never the document, and only keys whose window is right
* pinned to `sigstore` 4.5: what is reached for is looked up when this is imported, so that an upgrade that moves it
  fails at once, and a test compares the outcome with that of the library's own `Verifier`

Nothing here decides: `sigstore_proof` says what a failure means.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

import sigstore
from cryptography import x509
from rfc3161_client import decode_timestamp_response
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.sct import verify_sct
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import CTKeyring, Keyring, RekorKeyring
from sigstore.errors import Error as SigstoreError
from sigstore.models import TransparencyLogEntry, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.common import v1 as common_v1
from sigstore_models.rekor import v1 as rekor_v1
from sigstore_models.trustroot import v1 as trustroot_v1

from verifier.core.clock import EPOCH
from verifier.formats.sigstore.bundle import LogEntry
from verifier.signatures.sigstore.certificates import X509_ERRORS
from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.root import Authority, TransparencyLog, TrustRoot

PINNED: Final = "4.5."
LIBRARY_ERRORS: Final = (SigstoreError, *X509_ERRORS)
"""What the library raises for a bundle that does not hold; anything else is its defect or ours."""

_REACHED_FOR: Final = (
    (Verifier, ("_verify_chain_at_time", "_verify_signed_timestamp")),
    (TransparencyLogEntry, ("_validate", "_verify_set")),
    (TrustedRoot, ("get_fulcio_certs", "get_timestamp_authorities")),
)
_TICK: Final = timedelta(microseconds=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)

if not sigstore.__version__.startswith(PINNED):
    raise ImportError(f"sigstore {sigstore.__version__} is installed, this was written against {PINNED}*")
for _owner, _names in _REACHED_FOR:
    for _name in _names:
        getattr(_owner, _name)


class LibraryParts:
    """The library, for one trusted root."""

    def __init__(self, root: TrustRoot) -> None:
        self._root = root
        self._verifiers: dict[tuple[Authority, ...], _PartsVerifier] = {}
        self._keyrings: dict[TransparencyLog, Keyring] = {}

    def timestamp(self, response: bytes, signature: bytes, now: datetime) -> datetime | None:  # noqa: ARG002 - see below
        """See `Parts`. The library asks the clock itself whether an authority has begun."""
        with _unproven():
            decoded = decode_timestamp_response(response)
            result = self._clock._verify_signed_timestamp(decoded, signature)
            return result.time if result else None

    def entry(self, entry: LogEntry, log: TransparencyLog) -> None:
        """See `Parts`."""
        with _unproven():
            keyring = RekorKeyring(self._keyring(log))
            shown = _PlainEntry(_entry_model(entry))
            if entry.proof is not None and entry.proof.checkpoint is not None:
                verify_merkle_inclusion(shown)
                verify_checkpoint(keyring, shown)
            if entry.promise is not None:
                shown._verify_set(keyring)

    def chain(
        self, certificate: x509.Certificate, moments: Sequence[datetime], authorities: tuple[Authority, ...]
    ) -> Sequence[x509.Certificate]:
        """See `Parts`."""
        with _unproven():
            if authorities not in self._verifiers:
                self._verifiers[authorities] = _PartsVerifier(_root_model(authorities, ()))
            verifier = self._verifiers[authorities]
            return [verifier._verify_chain_at_time(certificate, _result(moment)) for moment in moments][-1]

    def certificate_logged(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], log: TransparencyLog
    ) -> None:
        """See `Parts`."""
        with _unproven():
            verify_sct(certificate, list(chain), CTKeyring(self._keyring(log)))

    @cached_property
    def _clock(self) -> _PartsVerifier:
        return _PartsVerifier(_root_model(self._root.certificate_authorities, self._root.timestamp_authorities))

    def _keyring(self, log: TransparencyLog) -> Keyring:
        if log not in self._keyrings:
            self._keyrings[log] = Keyring([_key_model(log)])
        return self._keyrings[log]


@contextlib.contextmanager
def _unproven() -> Iterator[None]:
    try:
        yield
    except LIBRARY_ERRORS as error:
        raise UnprovenError(str(error) or type(error).__name__) from error


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


def _result(moment: datetime) -> TimestampVerificationResult:
    # To a chain it makes no difference who said so.
    return TimestampVerificationResult(source=TimestampSource.TIMESTAMP_AUTHORITY, time=moment)


def _root_model(authorities: Sequence[Authority], timestamp_authorities: Sequence[Authority]) -> TrustedRoot:
    """The library's trusted root; windows were asked before, but for timestamp authorities'."""
    inner = trustroot_v1.TrustedRoot.model_construct(
        media_type="application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        tlogs=[],
        ctlogs=[],
        certificate_authorities=[_authority_model(each, EPOCH, None) for each in authorities],
        timestamp_authorities=[
            _authority_model(each, each.window.start or EPOCH, _just_after(each.window.end))
            for each in timestamp_authorities
        ],
    )
    return TrustedRoot(inner)


def _just_after(end: datetime | None) -> datetime | None:
    """The library takes the end of a timestamp authority's window as exclusive; the specification includes it."""
    return None if end is None or end >= _LATEST else end + _TICK


def _authority_model(authority: Authority, start: datetime, end: datetime | None) -> trustroot_v1.CertificateAuthority:
    certificates = [common_v1.X509Certificate.model_construct(raw_bytes=der) for der in authority.certificates]
    return trustroot_v1.CertificateAuthority.model_construct(
        uri=authority.uri,
        cert_chain=common_v1.X509CertificateChain.model_construct(certificates=certificates),
        valid_for=common_v1.TimeRange.model_construct(start=start, end=end),
    )


def _key_model(log: TransparencyLog) -> common_v1.PublicKey:
    details = common_v1.PublicKeyDetails(log.key_details)
    return common_v1.PublicKey.model_construct(raw_bytes=log.key, key_details=details)


def _entry_model(entry: LogEntry) -> rekor_v1.TransparencyLogEntry:
    """What proofs and promises are about, which is not the entry's kind: that is read from the body."""
    promise, proof = entry.promise, entry.proof
    return rekor_v1.TransparencyLogEntry.model_construct(
        log_index=entry.log_index,
        log_id=common_v1.LogId.model_construct(key_id=entry.log_id),
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
