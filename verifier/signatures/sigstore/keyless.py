"""Sigstore bundles: signed with a short-lived certificate, or by a key of the trust policy.

* a certificate holds against the trusted root at every proven time of signing (`sigstore_proof`); only then is its
  identity compared with those that the trust policy names, and a refusal says which was seen and which wanted
* a key is the trust policy's; the bundle's hint says which to try first and proves nothing
* a signer's validity holds at the proven time of signing as well as now
* a log entry is about this very signature, by this very key, over this very message
* an identity that is revoked under one name is revoked under every name
* the time of signing is the earliest that is proven
* the payload handed on is the bytes that were verified, and its type is in-toto's

Proofs are imported where a certificate, a log entry or a timestamp is to be judged: a bundle that is nothing but signed
by a key needs no root and nothing of X.509.
Source: https://github.com/sigstore/architecture-docs/blob/main/client-spec.md, section 4.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.errors import Rejected, refuse, reject
from verifier.core.outcome import Reason
from verifier.core.signers.keyless import CertificateClaims
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.value import replace
from verifier.formats.intoto.dsse import Envelope
from verifier.formats.json.write import spaced
from verifier.formats.sigstore.bundle import CertificateChain, KeyHint, SigstoreBundle, parse_bundle
from verifier.formats.sigstore.log_record import LogRecord, parse_record
from verifier.signatures import keys
from verifier.signatures.candidates import Attempt, Candidates
from verifier.signatures.envelope import require_statement
from verifier.signatures.interface import SEAL, ProvenSigner, deprecations
from verifier.signatures.sigstore.message import SignedMessage, message_of
from verifier.signatures.sigstore.root import TrustRoot, roots_of
from verifier.signatures.sigstore.times import NOTHING_PROVEN, Times
from verifier.signatures.verified import VerifiedDigest, VerifiedPayload

if TYPE_CHECKING:
    from verifier.signatures.sigstore.certificates import SigningCertificate
    from verifier.signatures.sigstore.proofs import SigstoreProofs


class SigstoreVerifier:
    """Verifies any number of bundles against one trusted root or any of several, which are prepared once.

    Without a root, only bundles signed by keys of the trust policy verify, and their log entries are not looked at.
    `by_library` has the `sigstore` library verify what this program verifies by itself otherwise.
    """

    def __init__(self, root: TrustRoot | None, *others: TrustRoot, by_library: bool = False) -> None:
        self._by_library = by_library
        self._load: Callable[[], tuple[TrustRoot, ...]] = lambda: (root, *others) if root is not None else ()

    @classmethod
    def of(cls, instance: SigstoreInstance) -> SigstoreVerifier:
        """Against the roots that a policy names, which are read where something is to be proven against them."""
        verifier = cls(None, by_library=instance.by_library)
        verifier._load = lambda: roots_of(instance)
        return verifier

    @cached_property
    def _roots(self) -> tuple[TrustRoot, ...]:
        return self._load()

    @cached_property
    def _proof(self) -> SigstoreProofs | None:
        if not self._roots:
            return None
        from verifier.signatures.sigstore.proofs import SigstoreProofs  # noqa: PLC0415 - see above

        return SigstoreProofs(self._roots, by_library=self._by_library)

    def verify(
        self,
        document: bytes,
        *,
        signers: Sequence[Signer],
        digest: Digest | None,
        content: bytes | None,
        now: datetime,
        subject: str,
    ) -> VerifiedPayload | VerifiedDigest:
        """Verify the bundle `document` against `signers`; raises `Refused` with every reason.

        An envelope gives its payload, whose subject is still to be compared with the artifact; a signature over an
        artifact, given as `content` or as `digest`, gives the artifact's digest.
        """
        bundle = parse_bundle(document, subject=subject)
        message = message_of(bundle.content, digest=digest, artifact=content, subject=subject)
        signer, findings = self.prove(bundle, message, signers=signers, now=now, subject=subject)
        if isinstance(bundle.content, Envelope):
            return verified_envelope(bundle.content, signer, findings, subject=subject)
        return VerifiedDigest(digest=message.digest, signers=(signer,), findings=findings, seal=SEAL)

    def prove(
        self, bundle: SigstoreBundle, message: SignedMessage, *, signers: Sequence[Signer], now: datetime, subject: str
    ) -> tuple[ProvenSigner, tuple[Reason, ...]]:
        """Who of `signers` has signed `message`, and what there is to say of it; raises `Refused` with every reason."""
        match bundle.material:
            case CertificateChain() as chain:
                signer, times = self._by_certificate(bundle, chain, message, signers, now, subject)
            case KeyHint(hint=hint):
                signer, times = self._by_key(bundle, hint, message, signers, now, subject)
        findings = (*times.findings, *deprecations([signer]))
        if bundle.entries and self._proof is None:
            unverified = "the log entries were not verified: there is no trusted root"
            findings = (*findings, Reason(code="log.unverified", subject=subject, message=unverified))
        return signer, findings

    def _by_certificate(
        self,
        bundle: SigstoreBundle,
        chain: CertificateChain,
        message: SignedMessage,
        signers: Sequence[Signer],
        now: datetime,
        subject: str,
    ) -> tuple[ProvenSigner, Times]:
        if self._proof is None:
            raise refuse("certificate.invalid", subject, "there is no trusted root that the certificate could lead to")
        from verifier.signatures.sigstore.certificates import read_chain  # noqa: PLC0415 - loads all of X.509

        signing = read_chain(chain.certificates, tolerated=self._tolerated(bundle), subject=subject)
        algorithm = message.certificate_algorithm(signing.public_key, bundle.signature)
        if algorithm is None:
            _require_verifiable(message, keys.algorithms_of(signing.public_key)[:1], subject)
            if message.content is not None:
                from verifier.signatures.other_making import made_by_certificate  # noqa: PLC0415 - only for what fails

                _require_usual(made_by_certificate(signing.public_key, message.content, bundle.signature, subject))
            raise reject("signature.invalid", subject, "the signature does not verify with the certificate's key")
        _require_records(bundle, message, signing.der, subject)
        times = self._proof.by_certificate(bundle, signing.certificate, now=now, subject=subject)
        signer = _identified(signing.claims, signers, now, times.earliest, subject)
        wide = signer.keyless.width() if signer.keyless is not None else ""
        if wide:
            said = f"signed by {signing.claims.identity!r:.200}, for signer {signer.name!r} is {wide}"
            told = Reason(code="signer.wide-identity", subject=signer.name, message=said)
            times = replace(times, findings=(*times.findings, told))
        opened = signer.keyless.unpinned() if signer.keyless is not None else ""
        if opened:
            ref = signing.claims.source_ref or "a ref that it does not state"
            said = f"signed by {signing.claims.identity!r:.200}, built of {ref!r:.200}, where {opened} is believed"
            told = Reason(code="signer.unpinned", subject=signer.name, message=said)
            times = replace(times, findings=(*times.findings, told))
        return _proven_identity(signer, signing, algorithm, times), times

    def _by_key(
        self,
        bundle: SigstoreBundle,
        hint: str | None,
        message: SignedMessage,
        signers: Sequence[Signer],
        now: datetime,
        subject: str,
    ) -> tuple[ProvenSigner, Times]:
        candidates = Candidates(signers, hmac_allowed=False)
        named, trial = _attempts(candidates, hint)
        if not trial:
            raise reject("signer.untrusted", subject, f"no key of a signer allowed here answers to the hint {hint!r}")
        _require_verifiable(message, [algorithm for _, algorithm in trial], subject)
        makers = [each for each in trial if _is_maker(each, message, bundle.signature)]
        if not makers:
            if message.content is not None:
                from verifier.signatures.other_making import otherwise_made  # noqa: PLC0415 - as above

                _require_usual(otherwise_made(trial, message.content, bundle.signature, subject))
            tried = ", ".join(sorted({candidate.signer.name for candidate, _ in trial}))
            code = "signature.invalid" if named else "signer.untrusted"
            raise reject(code, subject, f"the signature does not verify with the key of {tried}")
        _require_records(bundle, message, _der(makers[0]), subject)
        times = self._times_by_key(bundle, now, subject)
        maker, objections = candidates.believed(makers, now, times.earliest)
        if maker is None:
            raise Rejected(*dict.fromkeys(objections))
        candidate, algorithm = maker
        return candidate.proven(algorithm, times.earliest), times

    def _times_by_key(self, bundle: SigstoreBundle, now: datetime, subject: str) -> Times:
        """What the roots prove of a signature by a key, where there is anything to prove."""
        if not (bundle.entries or bundle.timestamps) or self._proof is None:
            return NOTHING_PROVEN
        return self._proof.by_key(bundle, now=now, subject=subject)

    def _tolerated(self, bundle: SigstoreBundle) -> tuple[bytes, ...]:
        """Root certificates that a bundle may carry: the trusted root's own, where npm's first bundles have them.

        Those are of version 0.1 with a promise alone. Nothing is ever built on a certificate behind the first.
        """
        if bundle.version != "0.1" or any(entry.proof for entry in bundle.entries):
            return ()
        authorities = (authority for root in self._roots for authority in root.certificate_authorities)
        return tuple(der for authority in authorities for der in authority.certificates)


@lru_cache(maxsize=8)
def verifier_for(instance: SigstoreInstance) -> SigstoreVerifier:
    """The verifier for a policy's instance; preparing its roots takes longer than verifying, so it is kept."""
    return SigstoreVerifier.of(instance)


def verified_envelope(
    envelope: Envelope, signer: ProvenSigner, findings: tuple[Reason, ...], *, subject: str
) -> VerifiedPayload:
    """The payload of an envelope that `signer` has signed, which is a statement, or refused."""
    require_statement(envelope.payload_type, subject)
    return VerifiedPayload(
        payload_type=envelope.payload_type, payload=envelope.payload, signers=(signer,), findings=findings, seal=SEAL
    )


def _require_verifiable(message: SignedMessage, algorithms: Sequence[str], subject: str) -> None:
    if not any(message.can_be_verified(algorithm) for algorithm in algorithms):
        text = f"{', '.join(algorithms)} signatures are over the artifact, of which only the sha256 digest was given"
        raise refuse("signature.unsupported", subject, text)


def _require_usual(otherwise: Reason | None) -> None:
    """Refuse what was signed in a way that the signer is not for: known for what it is, and nobody's tampering."""
    if otherwise is not None:
        raise Rejected(otherwise)


def _require_records(bundle: SigstoreBundle, message: SignedMessage, verifier: bytes, subject: str) -> None:
    """Refuse log entries that are about another message, signature or key (CVE-2022-36056)."""
    for entry in bundle.entries:
        record = parse_record(entry, subject=subject)
        differing = [
            name
            for name, logged, own in (
                ("message", record.digest.value, _covered(record, bundle, message)),
                ("signature", record.signature or bundle.signature, bundle.signature),
                ("key", record.verifier, verifier),
                ("envelope", *_envelopes(record, bundle)),
            )
            if logged != own
        ]
        if differing:
            text = f"the log entry ({entry.kind} {entry.version}) is about another {' and '.join(differing)}"
            raise reject("log.entry-invalid", subject, text)


def _envelopes(record: LogRecord, bundle: SigstoreBundle) -> tuple[str | None, str | None]:
    """The hash of the envelope that was logged, and of the one at hand, where there is one with bytes of its own."""
    if bundle.envelope is None or record.envelope is None:
        return None, None
    return record.envelope.value, hashlib.new(record.envelope.algorithm, bundle.envelope).hexdigest()


def _covered(record: LogRecord, bundle: SigstoreBundle, message: SignedMessage) -> str | None:
    """The hash that a record of this bundle's signature would hold, or None where it could not be one."""
    if record.covers == "signed":
        return message.hash(record.digest.algorithm)
    if isinstance(bundle.content, Envelope):
        return hashlib.new(record.digest.algorithm, bundle.content.payload).hexdigest()
    return None


def _attempts(candidates: Candidates, hint: str | None) -> tuple[bool, list[Attempt]]:
    """Whether the hint names somebody (by key id, or as cosign does by the key's SHA-256); those, then the others."""
    named = candidates.named(hint)
    named = named or [each for each in candidates.named(None) if hint == _fingerprint_hint(each)]
    first = {(each[0].signer.name, each[1]) for each in named}
    others = [each for each in candidates.attempts(hint) if (each[0].signer.name, each[1]) not in first]
    return bool(named), [*named, *others]


def _fingerprint_hint(attempt: Attempt) -> str:
    return base64.b64encode(bytes.fromhex(attempt[0].fingerprint)).decode("ascii")


def _is_maker(attempt: Attempt, message: SignedMessage, signature: bytes) -> bool:
    candidate, algorithm = attempt
    return not isinstance(candidate.key, bytes) and message.is_signed(candidate.key, algorithm, signature)


def _der(attempt: Attempt) -> bytes:
    key = attempt[0].key
    return key if isinstance(key, bytes) else keys.subject_public_key_info(key)


def _identified(
    claims: CertificateClaims, signers: Sequence[Signer], now: datetime, proven: datetime | None, subject: str
) -> Signer:
    """The signer of the trust policy whose identity the certificate proves, and who may be believed now."""
    differences = [(each, each.keyless.differences(claims)) for each in signers if each.keyless is not None]
    matching = [signer for signer, differing in differences if not differing]
    if not matching:
        wanted = "; ".join(f"signer {signer.name!r}: {', '.join(differing)}" for signer, differing in differences)
        seen = f"signed by {claims.identity!r} of {claims.issuer!r}"
        raise reject("signer.untrusted", subject, f"{seen}; {wanted or 'no keyless signer is allowed here'}"[:2_000])
    revoked = next((each for each in matching if each.revoked), None)
    objections = [(revoked or each).validity(now, proven) for each in matching]
    for signer, objection in zip(matching, objections, strict=True):
        if objection is None:
            return signer
    raise Rejected(*dict.fromkeys(each for each in objections if each is not None))


def _proven_identity(signer: Signer, signing: SigningCertificate, algorithm: str, times: Times) -> ProvenSigner:
    identity = spaced([signing.claims.issuer, signing.claims.identity]).encode()
    return ProvenSigner(
        name=signer.name,
        kind="keyless",
        fingerprint=hashlib.sha256(identity).hexdigest(),
        algorithm=algorithm,
        signed_time=times.earliest,
        certificate=signing.claims,
        seal=SEAL,
    )
