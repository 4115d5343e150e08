"""The runtime hook: what a loader pays for a verdict, in its process and as a process of its own."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.asked_agent import hook_by_agent
from benchmarks.cold_start import cosign_verify
from benchmarks.harness import Process, Row, Side, compare, peer, process, python
from benchmarks.samples import ALGORITHM
from verifier.archives.pack import pack_members
from verifier.core.uris import VERIFIER_ID
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.ledger.interface import Ledger
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader
from verifier.loading.preload import preload
from verifier.publish.attest import sign_vsa
from verifier.publish.keygen import generate_key_pair
from verifier.publish.sign import sign_bundle
from verifier.signatures.keys import PrivateKey, load_private_key
from verifier.trust.load import load_policy

_BATCH = 20
ROUNDS = 25
_MIB = 1024 * 1024
_URI = "https://bundles.example.org/authz.tar.gz"
_BY_KEY = "`verify verdict --key`, whole process, the verdict about it"
_POLICY = f"""
version = 1
id = "https://example.org/policy/authz"
[signers.release]
key = "release.pem"
[artifacts."bundle:authz"]
signatures = {{ from = ["release"] }}
version = {{ from = "manifest.revision", scheme = "semver" }}
resource_uri = "{_URI}"
[verifiers.ci]
signer = "release"
id = "{VERIFIER_ID}"
"""


def rows(room: Path) -> Iterator[Row]:
    """Warm and recording, warm and only asking, over and over, and the whole command."""
    content, verdict, key = released(room)
    create_ledger_url(f"sqlite://{room}/ledger.db")
    with open_ledger_url(f"sqlite://{room}/ledger.db") as ledger:
        least = _least(content, key, ledger)
        against = f"{_BATCH} times one SHA-256, one ECDSA verification and one read of the ledger"
        for title, record, target in (("preloaded", True, 2.0), ("only asked about, not recorded", False, None)):
            yield compare(
                _warm(room, content, verdict, ledger, record=record),
                least,
                title=f"a bundle of 1 MiB {title}, {_BATCH} times, by its verdict",
                against=against,
                rounds=ROUNDS,
                target=target,
            )
        yield from _again(room, content, verdict, ledger)
    yield from _cold(room)
    cosign = peer("cosign")
    theirs = cosign_verify(cosign, room / "authz.tar.gz", room) if cosign is not None else None
    yield from hook_by_agent(room, theirs, ROUNDS)


def released(room: Path) -> tuple[bytes, bytes, PrivateKey]:
    """A signed bundle of 1 MiB, and what its verifier says of it, beside the policy that believes them."""
    pair = generate_key_pair(passphrase=None)
    key = load_private_key(pair.private_pem, passphrase=None, where="benchmark")
    noise = random.Random(1).randbytes(_MIB)  # noqa: S311 - the same bundle every time
    members = [(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/table.bin", noise)]
    now = datetime.now(UTC)
    content = sign_bundle(pack_members(members), key=key, algorithm=ALGORITHM, keyid=None, scope=None, now=now)
    (room / "release.pem").write_bytes(pair.public_pem)
    (room / "trust.toml").write_text(_POLICY)
    (room / "authz.tar.gz").write_bytes(content)
    policy = load_policy(room / "trust.toml")
    question = Request(
        source=content, name="authz", policy=policy, now=now, correlation_id="ci", verifier_id=VERIFIER_ID
    )
    judged = verify_artifact(question).verdict
    verdict = sign_vsa(judged, key=key, keyid=None, expires=now + timedelta(days=1))
    (room / "authz.vsa.json").write_bytes(verdict)
    return content, verdict, key


def cold_hook(room: Path) -> Process:
    """`verify preload --out` of what lies in `room`, recorded in the ledger beside it."""
    command = ["preload", "authz.tar.gz", "--verdict", "authz.vsa.json", "--policy", "trust.toml"]
    words = [str(room / word) if (room / word).exists() else word for word in command]
    ledger = ["--ledger", f"sqlite://{room}/ledger.db", "--out", str(room / "loaded.tar.gz")]
    return process(python("-m", "verifier", *words, *ledger), room)


def _warm(room: Path, content: bytes, verdict: bytes, ledger: Ledger, *, record: bool) -> Side:
    policy = load_policy(room / "trust.toml")

    def run() -> None:
        for _ in range(_BATCH):
            now = datetime.now(UTC)
            loaded = preload(
                content, policy, verdict, ledger, name="authz", now=now, correlation_id="benchmark", record=record
            )
            assert loaded.verified is not None

    return run


def _again(room: Path, content: bytes, verdict: bytes, ledger: Ledger) -> Iterator[Row]:
    """What nothing has changed about, by a loader that has a cache."""
    loader = Loader(load_policy(room / "trust.toml"), ledger, cache=Cache(room / "cache"))

    def load() -> None:
        for _ in range(_BATCH):
            assert loader.load(content, verdict, name="authz", now=datetime.now(UTC), correlation_id="b").verified

    def stand() -> None:
        for _ in range(_BATCH):
            preloaded = loader.standing(name="authz", now=datetime.now(UTC), correlation_id="b")
            assert preloaded is not None
            assert preloaded.verified is not None

    def digest() -> None:
        for _ in range(_BATCH):
            hashlib.sha256(content).digest()

    against = f"{_BATCH} times one SHA-256"
    title = f"a bundle of 1 MiB loaded again by a loader, {_BATCH} times, nothing changed"
    yield compare(load, digest, title=title, against=against, rounds=ROUNDS, target=1.3)
    title = f"the last good bundle of 1 MiB judged again by a loader, {_BATCH} times"
    yield compare(stand, digest, title=title, against=against, rounds=ROUNDS)


def _least(content: bytes, key: PrivateKey, ledger: Ledger) -> Side:
    """What nobody can do without: hash the bytes, verify one signature, read what was accepted."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    message, algorithm = b"x" * 1_000, ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(message, algorithm), key.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)

    def run() -> None:
        for _ in range(_BATCH):
            hashlib.sha256(content).digest()
            public.verify(signature, message, algorithm)
            ledger.fetch("bundle:authz")

    return run


def _by_key(room: Path) -> Side:
    """The verdict by its maker's key, without a policy or a ledger."""
    about = ["--resource-uri", _URI, "--subject", str(room / "authz.tar.gz"), "--verifier-id", VERIFIER_ID]
    command = ["verdict", str(room / "authz.vsa.json"), "--key", str(room / "release.pem"), *about]
    return process(python("-m", "verifier", *command), room)


def _cold(room: Path) -> Iterator[Row]:
    ours = cold_hook(room)
    title = "`verify preload --out`, whole process, a bundle of 1 MiB"
    cosign = peer("cosign")
    against = "`cosign verify-blob --key`, whole process, the same file"
    if cosign is None:
        yield Row(title=title, against=against, target=1.6, note="cosign is not on PATH")
    else:
        theirs = cosign_verify(cosign, room / "authz.tar.gz", room)
        yield compare(ours, theirs, title=title, against=against, rounds=ROUNDS, target=1.6)
        yield compare(_by_key(room), theirs, title=_BY_KEY, against=against, rounds=ROUNDS)
    imports = process(python("-c", "import cryptography.hazmat.primitives.asymmetric.ec"), room)
    yield compare(
        ours,
        imports,
        title=title,
        against="Python that only imports `cryptography`'s ECDSA",
        rounds=ROUNDS,
        target=2.5,
    )
