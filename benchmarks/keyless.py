"""Verifying Sigstore bundles, warm and offline, against the bare `sigstore` library with the same trusted root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from benchmarks.harness import ROOT, Row, Side, compare
from verifier.core.keyless import KeylessIdentity
from verifier.core.signer import Signer

_BATCH = 20
_ROUNDS = 15
_CORPUS = Path(os.environ.get("VERIFIER_CORPUS", ROOT.parent / "shared" / "corpus")) / "sigstore"
_STAGING = (
    resources.files("sigstore._store") / quote("https://tuf-repo-cdn.sigstage.dev", safe="") / "trusted_root.json"
)
_BUNDLES = (
    ("Rekor v1, a message", "bundle_v3.txt.sigstore", "bundle_v3.txt"),
    ("Rekor v2 and a timestamp, a message", "staging-rekor-v2.txt.sigstore.json", "staging-rekor-v2.txt"),
    ("Rekor v2 and a timestamp, an envelope", "a.dsse.staging-rekor-v2.txt.sigstore.json", None),
)
_SIGNERS = tuple(
    Signer(name=issuer, kid=issuer, keyless=KeylessIdentity(issuer=issuer, identity="*"))
    for issuer in ("https://github.com/login/oauth", "https://token.actions.githubusercontent.com")
)


def rows(room: Path) -> Iterator[Row]:
    """One row a kind of bundle: reading and verifying it, everything else prepared before."""
    for kind, name, artifact in _BUNDLES:
        title = f"{_BATCH} keyless bundles verified ({kind})"
        if not _CORPUS.is_dir():
            yield Row(title=title, against="the sigstore library", note="no corpus of bundles here")
            continue
        document = (_CORPUS / name).read_bytes()
        content = (_CORPUS / artifact).read_bytes() if artifact else None
        root = room / "trusted_root.json"
        root.write_bytes(_STAGING.read_bytes())
        yield compare(
            _ours(document, content, root),
            _library(document, content, root),
            title=title,
            against="the sigstore library's Verifier, without an identity to compare",
            rounds=_ROUNDS,
            target=1.2,
        )


def _ours(document: bytes, content: bytes | None, root: Path) -> Side:
    from verifier.signatures.keyless import SigstoreVerifier  # noqa: PLC0415
    from verifier.signatures.sigstore_root import load_root  # noqa: PLC0415

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
