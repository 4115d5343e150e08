"""Who claims to have signed a document: certificates, keys, log entries and timestamps, taken apart and not verified.

* each form is read by the reader that verification has for it; what that refuses is a fault of the document here
* a key is known by the SHA-256 of its SubjectPublicKeyInfo, whether a certificate or a log entry holds it
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from verifier.core.errors import ConfigurationError, Refused
from verifier.core.value import replace
from verifier.formats.keys.text import pem_of
from verifier.formats.sigstore.bundle import CertificateChain, KeyHint, LogEntry, SigstoreBundle
from verifier.inspecting.inspected import LogClaim, Signature

if TYPE_CHECKING:
    from verifier.core.signers.keyless import CertificateClaims

_CLAIMS: Final = (
    ("source repository", "source_repository"),
    ("source ref", "source_ref"),
    ("source digest", "source_digest"),
    ("workflow", "build_config_uri"),
    ("trigger", "build_trigger"),
    ("runner", "runner_environment"),
    ("run", "run_invocation"),
)


def of_bundle(bundle: SigstoreBundle, *, form: str, kid: str, subject: str) -> Signature:
    """The signature of a Sigstore bundle; raises `Refused`."""
    said = Signature(
        form=form,
        kid=kid,
        logs=tuple(map(_log, bundle.entries)),
        timestamps=tuple(_stamped(bundle.timestamps)),
    )
    match bundle.material:
        case CertificateChain(certificates=chain):
            return _certified(said, chain, subject)
        case KeyHint(hint=hint):
            return _by_key(replace(said, kid=kid or hint or ""), bundle.entries, subject)


def _certified(said: Signature, chain: tuple[bytes, ...], subject: str) -> Signature:
    from verifier.signatures import keys  # noqa: PLC0415 - few documents have a certificate
    from verifier.signatures.sigstore.certificates import read_chain  # noqa: PLC0415 - as above

    # A root in the chain proves nothing and harms nobody who only looks.
    read = read_chain(chain, tolerated=chain[1:], subject=subject)
    return replace(
        said,
        identity=read.claims.identity,
        issuer=read.claims.issuer,
        algorithm=keys.algorithms_of(read.public_key)[0],
        fingerprint=keys.fingerprint(read.public_key),
        valid_from=read.certificate.not_valid_before_utc,
        valid_until=read.certificate.not_valid_after_utc,
        certificate=tuple(_said(read.claims)),
    )


def _said(claims: CertificateClaims) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, at in _CLAIMS if (value := getattr(claims, at)) is not None)


def _by_key(said: Signature, entries: tuple[LogEntry, ...], subject: str) -> Signature:
    """A signature by a key, which a log entry may hold."""
    from verifier.formats.sigstore.log_record import parse_record  # noqa: PLC0415 - few documents have an entry
    from verifier.signatures import keys  # noqa: PLC0415 - as above

    for entry in entries:
        pem = pem_of(parse_record(entry, subject=subject).verifier)
        try:
            key = keys.load_public_key(pem, where=subject)
        except ConfigurationError:
            continue
        return replace(said, algorithm=keys.algorithms_of(key)[0], fingerprint=keys.fingerprint(key), key=pem)
    return said


def _log(entry: LogEntry) -> LogClaim:
    # The bundle's reader has bounded the number below 2^63; beyond year 9999 it is no time.
    since = entry.integrated_time
    moment = datetime.fromtimestamp(since, UTC) if since is not None and since < _END_OF_TIME else None
    return LogClaim(
        index=entry.log_index, log_id=entry.log_id.hex(), kind=f"{entry.kind} {entry.version}"[:100], time=moment
    )


_END_OF_TIME: Final = 253_402_300_800


def _stamped(timestamps: tuple[bytes, ...]) -> Iterator[datetime]:
    if not timestamps:
        return
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - few documents have a timestamp

    for each in timestamps:
        try:
            moment = decode_timestamp_response(each).tst_info.gen_time
        except (ValueError, Refused):
            continue  # said of the signature by whoever verifies it
        yield moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
