"""Timestamps of trusted authorities (RFC 3161), verified by `rfc3161-client`.

* a timestamp counts for one authority of the trusted root: signed by the first certificate of its chain, which is for
  timestamps alone and leads to the chain's last one, valid when it signed
* it is of the message at hand, and lies within the window in which the root believes the authority, ends included
* an authority that is not to be believed yet stamps nothing, whatever time it writes
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from cryptography import x509
from rfc3161_client import TimeStampResponse, VerificationError, Verifier, VerifierBuilder, decode_timestamp_response

from verifier.signatures.sigstore.root import Authority, Window

_SHORTEST_CHAIN = 2
"""Certificates of an authority that can be verified: the one that signs, and a root."""


class Stamps:
    """The timestamp authorities of one trusted root."""

    def __init__(self, authorities: Sequence[Authority]) -> None:
        self._authorities = authorities

    def moment(self, response: bytes, message: bytes, now: datetime) -> datetime | None:
        """When one of them saw `message`, or None where none says so in `response`; raises `X509_ERRORS` for what is
        no timestamp."""
        decoded = decode_timestamp_response(response)
        return next((moment for each in self._each if (moment := _moment(*each, decoded, message, now))), None)

    @cached_property
    def _each(self) -> tuple[tuple[Window, Verifier], ...]:
        """Window and verifier of each; raises `ValueError` where a certificate of any cannot be read."""
        read = [
            (each.window, [x509.load_der_x509_certificate(der) for der in each.certificates])
            for each in self._authorities
        ]
        return tuple((window, _verifier(chain)) for window, chain in read if len(chain) >= _SHORTEST_CHAIN)


def _verifier(chain: Sequence[x509.Certificate]) -> Verifier:
    builder = VerifierBuilder().tsa_certificate(chain[0]).add_root_certificate(chain[-1])
    for certificate in chain[1:-1]:
        builder = builder.add_intermediate_certificate(certificate)
    return builder.build()


def _moment(
    window: Window, verifier: Verifier, response: TimeStampResponse, message: bytes, now: datetime
) -> datetime | None:
    if window.start is not None and now < window.start:
        return None
    try:
        verifier.verify_message(response, message)
    except VerificationError:
        return None
    moment = response.tst_info.gen_time
    return moment if window.contains(moment) else None
