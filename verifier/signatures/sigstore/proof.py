"""What a Sigstore bundle's log entries, timestamps and certificate prove, against one trusted root.

* each refusal says which part does not hold: the log entry, the time, or the certificate
* a log, an authority or a certificate log counts only at the times when the trusted root says so, ends included
* where the root names transparency logs or certificate logs, a certificate needs an entry in one of each
* every proven time lies within the validity of the certificate and of every authority's above it, up to the root
* a certificate log has promised a certificate when that was made, and before it was used
* what is proven here is not yet about anybody: who the signer is, is compared afterwards
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509

from verifier.core.clock import CLOCK_SKEW, format_rfc3339
from verifier.core.errors import Rejected, refuse, reject
from verifier.core.outcome import Reason
from verifier.formats.sigstore.bundle import CertificateChain, LogEntry, SigstoreBundle
from verifier.signatures.sigstore.parts.interface import Parts, UnprovenError
from verifier.signatures.sigstore.root import Authority, TransparencyLog, TrustRoot, Window
from verifier.signatures.sigstore.times import Times

_Windowed = TypeVar("_Windowed", TransparencyLog, Authority)


class SigstoreProof:
    """Proofs against one trusted root, for any number of bundles."""

    def __init__(self, root: TrustRoot, parts: Parts) -> None:
        self._root = root
        self._parts = parts

    def by_key(self, bundle: SigstoreBundle, *, now: datetime, subject: str) -> Times:
        """What log entries and timestamps prove of a signature by a key, which may have neither."""
        times = self._times(bundle, now, subject)
        self._prove_entries(bundle, self._logs(bundle, times, now, subject), subject)
        return times

    def by_certificate(
        self, bundle: SigstoreBundle, certificate: x509.Certificate, *, now: datetime, subject: str
    ) -> Times:
        """The same of a signature by a certificate, which is worth nothing without them; and the certificate itself."""
        if self._root.logs and not bundle.entries:
            message = f"the bundle has no log entry, and the trusted root ({self._root.name}) names logs"
            raise reject("log.missing", subject, message)
        times = self._times(bundle, now, subject)
        _require_validity(certificate, times, subject)
        self._prove_entries(bundle, self._logs(bundle, times, now, subject), subject)
        authorities = self._authorities(times, subject)
        certificate_logs = self._certificate_logs(certificate, times, subject)
        try:
            chain = self._parts.chain(certificate, times.all, authorities)
            _require_valid_issuers(chain, times)
            for log in certificate_logs:
                self._parts.certificate_logged(certificate, chain, log)
        except UnprovenError as error:
            message = f"the certificate does not hold against the trusted root ({self._root.name})"
            raise reject("certificate.invalid", subject, _words(message, error)) from error
        return times

    def _prove_entries(self, bundle: SigstoreBundle, logs: Sequence[TransparencyLog], subject: str) -> None:
        for entry, log in zip(bundle.entries, logs, strict=True):
            try:
                self._parts.entry(entry, log)
            except UnprovenError as error:
                message = _words(f"the entry does not hold against the log {log.url}", error)
                raise reject("log.entry-invalid", subject, message) from error

    def _times(self, bundle: SigstoreBundle, now: datetime, subject: str) -> Times:
        """The times that are claimed by promises, to be proven with their entries, and those that are stamped."""
        readings = list(self._readings(bundle, now, subject))
        stamped = tuple(each for each in readings if each is not None)
        unknown = len(readings) - len(stamped)
        message = f"{unknown} of {len(readings)} timestamps are not by an authority trusted at that time"
        findings = (Reason(code="time.untrusted", subject=subject, message=message).as_warning(),) if unknown else ()
        promised = tuple(each for each in (_promised(entry, subject) for entry in bundle.entries) if each is not None)
        times = Times(promised=promised, stamped=stamped, findings=findings)
        if any(each - now > CLOCK_SKEW for each in times.all):
            message = f"now is {format_rfc3339(now)}, the signature was made at {format_rfc3339(max(times.all))}"
            raise refuse("clock.skew", subject, message)
        return times

    def _readings(self, bundle: SigstoreBundle, now: datetime, subject: str) -> Iterator[datetime | None]:
        """What each timestamp says, None where nobody trusted says it."""
        for each in bundle.timestamps:
            try:
                yield self._parts.timestamp(each, bundle.stamped, now)
            except UnprovenError as error:
                if isinstance(bundle.material, CertificateChain):
                    raise reject("time.untrusted", subject, _words("a timestamp cannot be judged", error)) from error
                yield None  # a key's signature needs no time

    def _logs(self, bundle: SigstoreBundle, times: Times, now: datetime, subject: str) -> tuple[TransparencyLog, ...]:
        """The log of each entry, valid when it took it: as it promised, else as stamped, else now."""
        logs = []
        for entry in bundle.entries:
            promised = _promised(entry, subject)
            moments = (promised,) if promised is not None else times.stamped or (now,)
            known = [log for log in self._root.logs if log.log_id == entry.log_id]
            found = _within(known, moments)
            if not found:
                seen = _unusable("log", known, moments, entry.log_id.hex(), self._root.name)
                raise reject("log.entry-invalid", subject, seen)
            logs.append(found[0])
        return tuple(logs)

    def _authorities(self, times: Times, subject: str) -> tuple[Authority, ...]:
        found = _within(self._root.certificate_authorities, times.all)
        if not found:
            moments = ", ".join(format_rfc3339(each) for each in times.all)
            message = f"no certificate authority of the trusted root ({self._root.name}) was valid at {moments}"
            raise reject("certificate.invalid", subject, message)
        return found

    def _certificate_logs(
        self, certificate: x509.Certificate, times: Times, subject: str
    ) -> tuple[TransparencyLog, ...]:
        if not self._root.certificate_logs:
            return ()
        log_id, moment = _certificate_promise(certificate, subject)
        _require_promised_in_time(moment, certificate, times, subject)
        known = [log for log in self._root.certificate_logs if log.log_id == log_id]
        found = _within(known, (moment,))
        if not found:
            seen = _unusable("certificate log", known, (moment,), log_id.hex(), self._root.name)
            raise reject("certificate.invalid", subject, seen)
        return found[:1]


def _certificate_promise(certificate: x509.Certificate, subject: str) -> tuple[bytes, datetime]:
    """Which log promised to log `certificate`, and when."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps)
        promises = [(each.log_id, each.timestamp.replace(tzinfo=UTC)) for each in extension.value]
    except x509.ExtensionNotFound:
        promises = []
    except ValueError as error:  # a year that no calendar has
        raise reject("certificate.invalid", subject, f"the promise of its certificate log: {error}"[:500]) from error
    if len(promises) != 1:
        message = f"the certificate has promises of {len(promises)} certificate logs, expected one"
        raise reject("certificate.invalid", subject, message)
    return promises[0]


def _promised(entry: LogEntry, subject: str) -> datetime | None:
    if entry.promise is None or entry.integrated_time is None:
        return None
    try:
        return datetime.fromtimestamp(entry.integrated_time, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        message = f"the entry's time {entry.integrated_time} is not a time"
        raise reject("log.entry-invalid", subject, message) from error


def _require_validity(certificate: x509.Certificate, times: Times, subject: str) -> None:
    if not times.all:
        missing = "no log promised a time and no trusted authority stamped one"
        raise Rejected(
            Reason(code="time.untrusted", subject=subject, message=missing),
            *times.findings,
        )
    window = Window(start=certificate.not_valid_before_utc, end=certificate.not_valid_after_utc)
    for moment in times.all:
        if not window.contains(moment):
            message = f"signed at {format_rfc3339(moment)}, with a certificate that is valid {window}"
            raise reject("time.untrusted", subject, message)


def _require_promised_in_time(moment: datetime, certificate: x509.Certificate, times: Times, subject: str) -> None:
    """A certificate is promised to be logged when it is made, which is before anything is signed with it."""
    window = Window(start=certificate.not_valid_before_utc - CLOCK_SKEW, end=certificate.not_valid_after_utc)
    latest = min((*times.all, certificate.not_valid_after_utc)) + CLOCK_SKEW
    if not window.contains(moment) or moment > latest:
        message = f"its certificate log promised it at {format_rfc3339(moment)}, and it was made {window}"
        raise reject("certificate.invalid", subject, message)


def _require_valid_issuers(chain: Sequence[x509.Certificate], times: Times) -> None:
    """Raise `UnprovenError` where an authority's certificate, the root's too, had ended or not begun when it was used.

    That it has ended since is of no account: what was signed in its time stays signed.
    """
    for issuer in chain:
        window = Window(start=issuer.not_valid_before_utc, end=issuer.not_valid_after_utc)
        if not all(window.contains(moment) for moment in times.all):
            raise UnprovenError(f"a certificate of its authority is valid {window}")


def _within(those: Iterable[_Windowed], moments: Sequence[datetime]) -> tuple[_Windowed, ...]:
    return tuple(each for each in those if all(each.window.contains(moment) for moment in moments))


def _unusable(kind: str, known: Sequence[TransparencyLog], moments: Sequence[datetime], log_id: str, root: str) -> str:
    if not known:
        return f"the {kind} {log_id[:64]} is not one of the trusted root ({root})"
    when = ", ".join(format_rfc3339(each) for each in moments)
    return f"the {kind} {known[0].url} is trusted {known[0].window}, and was used at {when}"


def _words(message: str, error: UnprovenError) -> str:
    return f"{message}: {error}"[:500]
