"""Verifying Sigstore bundles offline: warm against the `sigstore` library, cold against cosign and by the library, and
many at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from benchmarks.asked_agent import agent_at, asking
from benchmarks.harness import ROOT, Process, Row, Side, compare, peer, process, python
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.ledger.open import create_ledger_url

_BATCH = 20
_ROUNDS = 15
_COLD_ROUNDS = 9
_MANY = 1_000
_MANY_ROUNDS = 3
_TIMES_FASTER = 50
CORPUS = Path(os.environ.get("VERIFIERCORPUS", ROOT.parent / "shared" / "corpus")) / "sigstore"
_STAGING = (
    resources.files("sigstore._store") / quote("https://tuf-repo-cdn.sigstage.dev", safe="") / "trusted_root.json"
)
_BUNDLES = (
    ("Rekor v1, a message", "bundle_v3.txt.sigstore", "bundle_v3.txt"),
    ("Rekor v2 and a timestamp, a message", "staging-rekor-v2.txt.sigstore.json", "staging-rekor-v2.txt"),
    ("Rekor v2 and a timestamp, an envelope", "a.dsse.staging-rekor-v2.txt.sigstore.json", None),
)
_BUNDLE, _ARTIFACT = "bundle_v3.txt.sigstore", "bundle_v3.txt"
_IDENTITY, _ISSUER = "william@yossarian.net", "https://github.com/login/oauth"
_COLD = (
    ("Rekor v1", _BUNDLE, _ARTIFACT, _IDENTITY),
    ("Rekor v2 and a timestamp", "staging-rekor-v2.txt.sigstore.json", "staging-rekor-v2.txt", "jku@goto.fi"),
)
_COSIGN = "`cosign verify-blob`, whole process, the same bundle"
_POLICY = f"""
version = 1
id = "https://example.org/policy/keyless"
[sigstore]
trusted_root = "trusted_root.json"
[signers.release]
keyless = {{ identity = "{_IDENTITY}", issuer = "{_ISSUER}" }}
[artifacts."artifact:{_ARTIFACT}"]
signatures = {{ from = ["release"] }}
version = "none"
"""
_SIGNERS = tuple(
    Signer(name=issuer, kid=issuer, keyless=KeylessIdentity(issuer=issuer, identity="*"))
    for issuer in ("https://github.com/login/oauth", "https://token.actions.githubusercontent.com")
)


def rows(room: Path) -> Iterator[Row]:
    """Warm, cold, and many; all of them need the corpus."""
    yield from _warm(room)
    if CORPUS.is_dir():
        yield from _cold(room)
        yield _many(room)


def _warm(room: Path) -> Iterator[Row]:
    """One row a kind of bundle: reading and verifying it, everything else prepared before."""
    for kind, name, artifact in _BUNDLES:
        title = f"{_BATCH} keyless bundles verified ({kind})"
        if not CORPUS.is_dir():
            yield Row(title=title, against="the sigstore library", note="no corpus of bundles here")
            continue
        document = (CORPUS / name).read_bytes()
        content = (CORPUS / artifact).read_bytes() if artifact else None
        root = _root(room)
        yield compare(
            _ours(document, content, root),
            _library(document, content, root),
            title=title,
            against="the sigstore library's Verifier, without an identity to compare",
            rounds=_ROUNDS,
            target=1.2,
        )


def _cold(room: Path) -> Iterator[Row]:
    """Whole processes, all offline with the same trusted root."""
    for kind, bundle, artifact, identity in _COLD:
        title = f"`verify artifact --cert-identity`, whole process ({kind})"
        cosign = peer("cosign")
        if cosign is None:
            yield Row(title=title, against=_COSIGN, note="cosign is not on PATH")
            continue
        theirs = _cosign(cosign, room, bundle, artifact, identity)
        ours = cold_command(room, CORPUS / bundle, artifact=artifact, identity=identity)
        yield compare(ours, theirs, title=title, against=_COSIGN, rounds=_COLD_ROUNDS, target=3)
    yield from _by_agent(room)
    ours = cold_command(room, CORPUS / _BUNDLE)
    title = "`verify artifact --cert-identity`, whole process"
    yield compare(
        ours,
        process(["env", "VERIFY_SIGSTORE=library", *ours.command], room),
        title=title,
        against="the same with `VERIFY_SIGSTORE=library`",
        rounds=_COLD_ROUNDS,
        target=0.5,
    )
    yield compare(
        ours,
        process(python("-c", "import cryptography.x509"), room),
        title=title,
        against="Python that only imports `cryptography.x509`",
        rounds=_COLD_ROUNDS,
    )


def _by_agent(room: Path) -> Iterator[Row]:
    """The same, of an agent whose policy names the identity."""
    title = "`verify-ask artifact --agent`, whole process (Rekor v1)"
    cosign = peer("cosign")
    if cosign is None:
        yield Row(title=title, against=_COSIGN, target=1, note="cosign is not on PATH")
        return
    (room / "trust.toml").write_text(_POLICY)
    create_ledger_url(f"sqlite://{room}/ledger.db")
    line = [str(CORPUS / _ARTIFACT), "--bundle", str(CORPUS / _BUNDLE), "--policy", str(room / "trust.toml")]
    with agent_at(room):
        ours, theirs = asking(room, "artifact", *line), _cosign(cosign, room, _BUNDLE, _ARTIFACT, _IDENTITY)
        yield compare(ours, theirs, title=title, against=_COSIGN, rounds=_COLD_ROUNDS, target=1)


def _cosign(cosign: str, room: Path, bundle: str, artifact: str, identity: str) -> Process:
    whom = ["--certificate-identity", identity, "--certificate-oidc-issuer", _ISSUER]
    what = ["--bundle", str(CORPUS / bundle), "--trusted-root", str(_root(room)), str(CORPUS / artifact)]
    return process([cosign, "verify-blob", *whom, *what], room)


def _many(room: Path) -> Row:
    """One process for all, against one for each; of those one is measured, and counted as often as there would be."""
    one = json.dumps(json.loads((CORPUS / _BUNDLE).read_bytes()))
    every = room / "every.jsonl"
    every.write_text(f"{one}\n" * _MANY)
    measured = compare(
        cold_command(room, every),
        cold_command(room, CORPUS / _BUNDLE),
        title=f"{_MANY:,} keyless attestations in one `verify artifact`",
        against=f"{_MANY:,} processes with one each (one measured, times {_MANY:,})",
        rounds=_MANY_ROUNDS,
        target=1 / _TIMES_FASTER,
    )
    assert measured.theirs is not None
    return replace(measured, theirs=measured.theirs * _MANY)


def cold_command(room: Path, attestations: Path, *, artifact: str = _ARTIFACT, identity: str = _IDENTITY) -> Process:
    """`verify artifact` by an identity, offline."""
    whom = ["--cert-identity", identity, "--cert-oidc-issuer", _ISSUER, "--trusted-root", str(_root(room))]
    what = [str(CORPUS / artifact), "--bundle", str(attestations)]
    return process(python("-m", "verifier", "artifact", *what, *whom), room)


def cold_example(room: Path) -> Process:
    """A signature that Rekor v1 has, of the corpus."""
    return cold_command(room, CORPUS / _BUNDLE)


def _root(room: Path) -> Path:
    root = room / "trusted_root.json"
    root.write_bytes(_STAGING.read_bytes())
    return root


def _ours(document: bytes, content: bytes | None, root: Path) -> Side:
    from verifier.signatures.sigstore.keyless import SigstoreVerifier  # noqa: PLC0415
    from verifier.signatures.sigstore.root import load_root  # noqa: PLC0415

    verifier, now = SigstoreVerifier(load_root(root)), datetime.now(UTC)

    def run() -> None:
        for _ in range(_BATCH):
            proven = verifier.verify(
                document, signers=_SIGNERS, digest=None, content=content, now=now, subject="benchmark"
            )
            assert proven.signers

    return run


def _library(document: bytes, content: bytes | None, root: Path) -> Side:
    from sigstore.models import Bundle, TrustedRoot  # noqa: PLC0415
    from sigstore.verify import Verifier  # noqa: PLC0415

    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(root)))

    def run() -> None:
        for _ in range(_BATCH):
            bundle = Bundle.from_json(document)
            if content is None:
                verifier.verify_dsse(bundle, _Anybody())
            else:
                verifier.verify_artifact(content, bundle, _Anybody())

    return run


class _Anybody:
    def verify(self, cert: object) -> None:
        """Everybody may sign."""
