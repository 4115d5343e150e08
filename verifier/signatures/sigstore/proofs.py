"""Proofs against any one of several trusted roots, each believed as a whole.

* what one root alone proves is proven: never a certificate by one, and its log entry or time by another
* a certificate is judged by the roots that have an authority of its issuer's name; where none has, that is said
* of a signature by a key, the root counts that proves the most times, so that no order of roots hides one
* where no root proves it, every reason is given; a refusal that was not judged to its end, as of a time in the future,
  outweighs what any other root proves
* the parts of a proof are verified here, or by the `sigstore` library where that was asked for: by one of the two alone
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property

from cryptography import x509

from verifier.core.errors import Refused, Rejected, reject
from verifier.formats.sigstore.bundle import SigstoreBundle
from verifier.signatures.sigstore.parts.own import OwnParts
from verifier.signatures.sigstore.proof import SigstoreProof
from verifier.signatures.sigstore.root import TrustRoot
from verifier.signatures.sigstore.times import Times


class SigstoreProofs:
    """For any number of bundles; each root is prepared once, when it is first asked."""

    def __init__(self, roots: Sequence[TrustRoot], *, by_library: bool = False) -> None:
        self._each = tuple(_Prepared(root, by_library=by_library) for root in roots)

    def by_key(self, bundle: SigstoreBundle, *, now: datetime, subject: str) -> Times:
        """What the roots prove of a signature by a key; raises `Refused`."""
        return self._most(self._each, lambda proof: proof.by_key(bundle, now=now, subject=subject))

    def by_certificate(
        self, bundle: SigstoreBundle, certificate: x509.Certificate, *, now: datetime, subject: str
    ) -> Times:
        """What they prove of a signature by a certificate, and of that; raises `Refused`."""
        asked = self._each
        if len(asked) > 1:
            asked = tuple(each for each in asked if each.may_have_issued(certificate))
        if not asked:
            roots = ", ".join(each.root.name for each in self._each)
            issuer = certificate.issuer.rfc4514_string()
            message = f"none of the trusted roots ({roots}) has an authority called {issuer!r}"
            raise reject("certificate.invalid", subject, message[:500])
        return self._most(asked, lambda proof: proof.by_certificate(bundle, certificate, now=now, subject=subject))

    def _most(self, asked: Sequence[_Prepared], prove: Callable[[SigstoreProof], Times]) -> Times:
        proven: list[Times] = []
        refusals: list[Refused] = []
        for each in asked:
            try:
                proven.append(prove(each.proof))
            except Refused as refusal:
                refusals.append(refusal.kept())
        unfinished = [each for each in refusals if not isinstance(each, Rejected)]
        if proven and not unfinished:
            return max(proven, key=lambda times: (len(times.all), -len(times.findings)))
        reasons = dict.fromkeys(reason for each in unfinished or refusals for reason in each.reasons)
        raise (Refused if unfinished else Rejected)(*reasons)


class _Prepared:
    """One root, its proof, and what its authorities are called."""

    def __init__(self, root: TrustRoot, *, by_library: bool) -> None:
        self.root = root
        self._by_library = by_library

    @cached_property
    def proof(self) -> SigstoreProof:
        if self._by_library:
            from verifier.signatures.sigstore.parts.library import LibraryParts  # noqa: PLC0415 - takes ten times as long

            return SigstoreProof(self.root, LibraryParts(self.root))
        return SigstoreProof(self.root, OwnParts(self.root))

    @cached_property
    def _names(self) -> frozenset[x509.Name] | None:
        """None where a certificate of the root cannot be read: the proof says what is wrong with it."""
        try:
            return frozenset(
                x509.load_der_x509_certificate(der).subject
                for authority in self.root.certificate_authorities
                for der in authority.certificates
            )
        except ValueError:
            return None

    def may_have_issued(self, certificate: x509.Certificate) -> bool:
        """Whether a certificate of the root has the name that `certificate` gives as its issuer's."""
        return self._names is None or certificate.issuer in self._names
