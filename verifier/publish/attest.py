"""Producing attestations: a statement, checked, serialised once, signed as a DSSE envelope.

* what is signed is the bytes that are kept; nothing is serialised twice
* a statement that in-toto's own types or our reader would refuse is never signed
* ECDSA signatures are DER, as cosign and slsa-verifier expect in DSSE
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from verifier.core import uris
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.verdict import Verdict
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae
from verifier.formats.intoto.release import Release, build_release, parse_release
from verifier.formats.intoto.statement import ResourceDescriptor, parse_statement
from verifier.formats.intoto.vsa import build_vsa, parse_vsa
from verifier.formats.json.write import compact
from verifier.signatures import keys


def attest_release(
    release: Release,
    *,
    digests: Sequence[Digest],
    key: keys.PrivateKey,
    algorithm: str | None = None,
    keyid: str | None = None,
) -> bytes:
    """A detached signature: `release`, said of the artifact with these digests."""
    return attest(build_release(release, digests=digests), key=key, algorithm=algorithm, keyid=keyid)


def sign_vsa(
    verdict: Verdict,
    *,
    key: keys.PrivateKey,
    algorithm: str | None = None,
    keyid: str | None = None,
    expires: datetime | None = None,
    input_attestations: Sequence[ResourceDescriptor] | None = None,
) -> bytes:
    """`verdict` as a signed SLSA verification summary."""
    statement = build_vsa(verdict, expires=expires, input_attestations=input_attestations)
    return attest(statement, key=key, algorithm=algorithm, keyid=keyid)


def attest(
    statement: Mapping[str, Any], *, key: keys.PrivateKey, algorithm: str | None = None, keyid: str | None = None
) -> bytes:
    """`statement` in a DSSE envelope signed by `key`, as one line of JSON.

    `algorithm` defaults to the one that the key's type defaults to: DSSE does not state it.
    """
    payload = serialise_statement(statement)
    chosen = algorithm or keys.algorithms_of(key.public_key())[0]
    sig = keys.sign(key, chosen, pae(uris.IN_TOTO_PAYLOAD, payload), raw_ecdsa=False)
    return build_envelope(uris.IN_TOTO_PAYLOAD, payload, [EnvelopeSignature(keyid=keyid or "", sig=sig)])


def serialise_statement(statement: Mapping[str, Any]) -> bytes:
    """The bytes to sign, whoever signs them; raises `ConfigurationError` for a statement that nobody could read."""
    try:
        payload = compact(statement, ascii_only=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"the statement is not JSON: {error}") from error
    _require_readable(payload)
    return payload


def _require_readable(payload: bytes) -> None:
    """Refuse to sign what nobody could read: our own readers first, then in-toto's Protocol Buffers.

    Summaries are judged by our reader alone: in in-toto-attestation 0.9.3 `verifiedLevels` is one string, which
    contradicts SLSA.
    """
    from google.protobuf import json_format  # noqa: PLC0415
    from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]  # noqa: PLC0415
    from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        parsed = parse_statement(payload, subject="statement")
        match parsed.predicate_type:
            case uris.VERIFICATION_SUMMARY:
                parse_vsa(parsed)
            case uris.RELEASE:
                parse_release(parsed, subject="statement")
            case uris.VULNERABILITY_SCAN:
                from verifier.audit.attested.reading import read_scan  # noqa: PLC0415 - few statements are scans

                read_scan(parsed.predicate, subject="statement")
            case uris.COSIGN_SIGN:
                return  # its predicate is empty, which in-toto's library does not take
        Statement.copy_from_pb(json_format.Parse(payload, statement_pb2.Statement())).validate()
    except (Refused, json_format.ParseError, ValueError) as error:
        raise ConfigurationError(f"this statement would not be readable: {error}") from error
