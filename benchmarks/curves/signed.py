"""One file, signed by more and more keys in one envelope, or with more and more attestations by one key.

Beside cosign, which is asked once for each, and beside the curve operations alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.cold_start import cosign_verify
from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, Series, series
from benchmarks.curves.sizes import upto
from benchmarks.harness import Process, Side, peer, process, python
from verifier.core.digest import Digest
from verifier.core.limits import MAX_ATTESTATIONS, MAX_SIGNATURES
from verifier.core.uris import IN_TOTO_PAYLOAD, STATEMENT_V1
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae
from verifier.formats.intoto.provenance import PROVENANCE_V1
from verifier.formats.intoto.release import Release, build_release
from verifier.publish.attest import attest, serialise_statement
from verifier.publish.keygen import generate_key_pair
from verifier.signatures import keys
from verifier.signatures.keys import PrivateKey, load_private_key

_CONTENT = b"artifact\n" * 1_000
_MOST_DEMANDED = 64
"""What a policy may ask for; every signature is verified all the same."""
_COSIGN = upto(100, first=1)
"""A process each: a hundred take seconds."""


def signatures(room: Path) -> Curve:
    """An envelope that so many keys have signed, of which the policy demands as many as it can."""
    sizes = upto(MAX_SIGNATURES, first=1)
    made = [_key(room, f"k{number}") for number in range(sizes[-1])]
    (room / "artifact").write_bytes(_CONTENT)

    def ours(size: int) -> Side:
        names = [f"k{number}" for number in range(size)]
        release = Release(kind="artifact", name="artifact", issued_at=datetime.now(UTC))
        payload = serialise_statement(build_release(release, digests=[Digest.of(_CONTENT)]))
        message = pae(IN_TOTO_PAYLOAD, payload)
        signed = [keys.sign(each, "ES256", message, raw_ecdsa=False) for each in made[:size]]
        parts = [EnvelopeSignature(keyid=name, sig=each) for name, each in zip(names, signed, strict=True)]
        (room / "envelope.json").write_bytes(build_envelope(IN_TOTO_PAYLOAD, payload, parts))
        return _command(room, _policy(names, f"threshold = {min(size, _MOST_DEMANDED)}"), "envelope.json")

    lines = [series("verify artifact", OURS, sizes, ours), *_others(room, made[0], sizes)]
    title = "A file by the keys that have signed it, whole process"
    return Curve(title=title, counted="signatures of one envelope", series=tuple(lines))


def attestations(room: Path) -> Curve:
    """So many attestations of one file, each of them another statement by the same key."""
    sizes = upto(MAX_ATTESTATIONS, first=1)
    key = _key(room, "k0")
    (room / "artifact").write_bytes(_CONTENT)

    def ours(size: int) -> Side:
        release = Release(kind="artifact", name="artifact", issued_at=datetime.now(UTC))
        lines = [attest(build_release(release, digests=[Digest.of(_CONTENT)]), key=key, algorithm="ES256", keyid="k0")]
        lines += [attest(_provenance(number), key=key, algorithm="ES256", keyid="k0") for number in range(size - 1)]
        (room / "every.jsonl").write_bytes(b"".join(line.strip() + b"\n" for line in lines))
        return _command(room, _policy(["k0"], "threshold = 1"), "every.jsonl")

    lines = [series("verify artifact", OURS, sizes, ours), *_others(room, key, sizes)]
    title = "A file by its attestations, whole process"
    return Curve(title=title, counted="attestations by one key", series=tuple(lines))


def _others(room: Path, key: PrivateKey, sizes: Sequence[int]) -> Iterable[Series]:
    if cosign := peer("cosign"):
        one = cosign_verify(cosign, room / "artifact", room)
        assert isinstance(one, Process)
        yield series("cosign verify-blob, a process each", PEER, _COSIGN, lambda size: _again(one, size))
    yield series("ECDSA P-256 alone", LIMIT, sizes, lambda size: _curve_operations(key, size))


def _again(one: Process, count: int) -> Side:
    script = 'count=$1; shift; while [ "$count" -gt 0 ]; do "$@" || exit; count=$((count - 1)); done'
    return Process(("sh", "-c", script, "sh", str(count), *one.command), one.environment)


def _curve_operations(key: PrivateKey, count: int) -> Side:
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    message, algorithm, public = b"x" * 1_000, ec.ECDSA(hashes.SHA256()), key.public_key()
    signature = key.sign(message, algorithm)

    def run() -> None:
        for _ in range(count):
            public.verify(signature, message, algorithm)

    return run


def _command(room: Path, policy: str, attestations: str) -> Process:
    (room / "trust.toml").write_text(policy)
    words = ["artifact", "artifact", "--policy", "trust.toml", "--attestation", attestations]
    placed = [str(room / word) if (room / word).exists() and at else word for at, word in enumerate(words)]
    return process(python("-m", "verifier", *placed, "--no-record"), room)


def _policy(names: Sequence[str], threshold: str) -> str:
    signers = "".join(f'[signers.{name}]\nkey = "{name}.pem"\n' for name in names)
    return (
        f'version = 1\nid = "https://example.org/policy"\n{signers}[artifacts."artifact:artifact"]\n'
        f'signatures = {{ from = {json.dumps(list(names))}, {threshold} }}\nversion = "none"\npin_kid = true\n'
    )


def _provenance(number: int) -> dict[str, object]:
    return {
        "_type": STATEMENT_V1,
        "subject": [{"name": "artifact", "digest": {"sha256": Digest.of(_CONTENT).value}}],
        "predicateType": PROVENANCE_V1,
        "predicate": {
            "buildDefinition": {"buildType": "https://example.org/build", "externalParameters": {"run": number}},
            "runDetails": {"builder": {"id": "https://example.org/builder"}},
        },
    }


def _key(room: Path, name: str) -> PrivateKey:
    pair = generate_key_pair(passphrase=None)
    (room / f"{name}.pem").write_bytes(pair.public_pem)
    return load_private_key(pair.private_pem, passphrase=None, where="benchmark")
