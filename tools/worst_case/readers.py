"""Who reads what a stranger sends: each takes bytes and answers with the reason codes that it was refused with.

* the way is the product's own: the facade for what stands in or beside an artifact, else the reader's own function
* nothing here is signed by anybody whom the policy knows: what costs, costs a stranger nothing
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPMessage
from io import BytesIO
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tools.worst_case import archives, documents
from tools.worst_case.genome import Genome
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.engine.by_verdict import VerdictRequest, verify_verdict
from verifier.engine.facade import verify
from verifier.formats.intoto.provenance import parse_provenance
from verifier.formats.intoto.release import parse_release
from verifier.formats.intoto.statement import parse_statement
from verifier.formats.intoto.vsa import parse_vsa
from verifier.formats.json import strict_json
from verifier.formats.oci import challenge, manifest
from verifier.formats.verdict import document as verdict_document
from verifier.ledger.document import read_document
from verifier.loading.cache import record
from verifier.net.answers import Answer
from verifier.net.token_service import read_token
from verifier.signatures.sigstore.root import parse_root
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
from verifier.trust.parse import parse_policy

Family = Callable[[Genome], bytes]
Reader = Callable[[bytes], tuple[str, ...]]

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_KEY: Final = ec.generate_private_key(ec.SECP256R1())
_PEM: Final = _KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
POLICY: Final = policy_from_flags(AdHocFlags(keys=(("release.pem", _PEM),), algorithm="ES256"))
TINY: Final = pack_members(
    [(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/a.rego", b"package authz\n")]
)
_COMPAT: Final = policy_from_flags(
    AdHocFlags(keys=(("release.pem", _PEM),), algorithm="ES256", mode=ReadingMode.OPA_COMPAT)
)
_VERIFIER: Final = "https://example.org/verifier"
_VERDICTS: Final = policy_from_flags(
    AdHocFlags(keys=(("release.pem", _PEM),), algorithm="ES256", verifier_ids=(_VERIFIER,))
)


def archive(content: bytes) -> tuple[str, ...]:
    """A bundle."""
    return _said(verify(content, name="authz", policy=POLICY, now=NOW).verdict.reasons)


def compatible_archive(content: bytes) -> tuple[str, ...]:
    """A bundle, under a policy that reads it as OPA does."""
    return _said(verify(content, name="authz", policy=_COMPAT, now=NOW).verdict.reasons)


def attestation(content: bytes) -> tuple[str, ...]:
    """A file of attestations beside a small bundle."""
    document = Document(name="a.jsonl", content=content)
    return _said(verify(TINY, name="authz", policy=POLICY, now=NOW, attestations=[document]).verdict.reasons)


def verdict(content: bytes) -> tuple[str, ...]:
    """Somebody's verdict, instead of verifying."""
    request = VerdictRequest(
        document=Document(name="vsa.json", content=content),
        digest=Digest.of(b""),
        resource_uri="https://example.org/authz",
        policy=_VERDICTS,
        now=NOW,
        correlation_id="c",
    )
    return _said(verify_verdict(request).reasons)


def statement(content: bytes) -> tuple[str, ...]:
    """A statement, as each kind of predicate, as if somebody had signed it."""
    kinds: Sequence[Callable[..., object]] = (parse_vsa, parse_provenance, parse_release)
    codes = (_refused(partial(_predicate, content, parse)) for parse in kinds)
    return tuple(dict.fromkeys(code for each in codes for code in each))


def _predicate(content: bytes, parse: Callable[..., object]) -> object:
    return parse(parse_statement(content, subject="s"), subject="s")


def report(content: bytes) -> tuple[str, ...]:
    """A report of ours, read again."""
    return _refused(lambda: verdict_document.read(strict_json.loads(content, subject="r")))


def policy(content: bytes) -> tuple[str, ...]:
    """A trust policy."""
    return _refused(lambda: parse_policy(content, where="p", read_file=lambda _: b""))


def ledger_import(content: bytes) -> tuple[str, ...]:
    """An exported ledger, before anything of it is imported."""
    return _refused(lambda: read_document(BytesIO(content)))


def registry_manifest(content: bytes) -> tuple[str, ...]:
    """A manifest from a registry."""
    return _refused(lambda: manifest.parse_manifest(content, content_type=manifest.OCI_MANIFEST, subject="m"))


def registry_token(content: bytes) -> tuple[str, ...]:
    """A token service's answer."""
    answer = Answer(status=200, fields=HTTPMessage(), body=content, from_named=True)
    return _refused(lambda: read_token(answer, subject="t"))


def registry_challenge(content: bytes) -> tuple[str, ...]:
    """A registry's wish for credentials."""
    return _refused(lambda: challenge.parse_challenges(content.decode("latin-1")))


def cache_record(content: bytes) -> tuple[str, ...]:
    """A record in a cache that somebody else wrote, its seal right."""
    sealed = f"{Digest.of(content)}\n".encode() + content
    return _refused(lambda: record.read_finding(sealed, "k", subject="c")) + _refused(
        lambda: record.read_good(sealed, "bundle:a", lambda _: b"", subject="c")
    )


def trusted_root(content: bytes) -> tuple[str, ...]:
    """A root of trust, from a file that a policy names."""
    return _refused(lambda: parse_root(content, name="r"))


def _said(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason.code for reason in reasons if reason.is_error))


def _refused(read: Callable[[], object]) -> tuple[str, ...]:
    try:
        read()
    except Refused as refusal:
        return _said(refusal.reasons)
    except (ConfigurationError, ValueError) as error:
        return (type(error).__name__,)
    return ()


CLASSES: Final[Mapping[str, tuple[Reader, Sequence[Family]]]] = {
    "archive": (archive, archives.FAMILIES),
    "archive, as OPA reads": (compatible_archive, archives.FAMILIES),
    "attestations": (attestation, (documents.attestations, documents.plain)),
    "statement": (statement, (documents.statements, documents.plain)),
    "verdict": (verdict, (documents.attestations, documents.plain)),
    "report": (report, (documents.reports, documents.plain)),
    "policy": (policy, (documents.policies,)),
    "ledger import": (ledger_import, (documents.imports, documents.plain)),
    "registry manifest": (registry_manifest, (documents.manifests, documents.plain)),
    "registry token": (registry_token, (documents.tokens,)),
    "registry challenge": (registry_challenge, (documents.challenges,)),
    "cache record": (cache_record, (documents.plain,)),
    "root of trust": (trusted_root, (documents.plain,)),
}
"""Each class of input, who reads it, and the families that are tried on it."""
