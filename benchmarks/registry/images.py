"""`verify image` against a local registry: a signature by a key and a keyless one, warm and cold, against cosign."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Row, Side, compare, peer, process, python
from tests.support.peers.local_sigstore import LocalSigstore, identity_token, local_sigstore
from tests.support.peers.registries import OCIMEM, small_registry
from verifier.core.limits import DEFAULT_LIMITS
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.net.access import Access
from verifier.sources.content import Remote
from verifier.sources.places import open_place
from verifier.trust.load import load_policy
from verifier.trust.model import TrustPolicy

_ROUNDS = 15
_COLD_ROUNDS = 9
_NEEDED = ("cosign", "crane", OCIMEM)
_OFFLINE = ("--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "-y")
_KEY = """
[signers.release]
key = "cosign.pub"
"""
_IDENTITY = "https://github.com/acme/policies/.github/workflows/release.yml@refs/tags/v1.2.3"
_ISSUER = "https://issuer.example"
_KEYLESS = f"""
[signers.release]
keyless = {{ issuer = "{_ISSUER}", identity = "{_IDENTITY}" }}

[sigstore]
trusted_root = "trusted_root.json"
"""
_RULE = """
[artifacts."image:app"]
signatures = { from = ["release"], formats = ["bundle"] }
version = "none"
"""


def rows(room: Path) -> Iterator[Row]:
    """By a key, warm and cold; keyless, warm. Four requests each."""
    title, against = "`verify image` by digest", "`cosign verify`, whole process, there is no warm one"
    if lacking := [name for name in _NEEDED if peer(name) is None]:
        yield Row(title=title, against=against, note=f"not on PATH: {', '.join(lacking)}")
        return
    with small_registry(OCIMEM, room) as registry:
        image = _pushed(room, registry.host)
        yield from _by_key(room, image)
        if os.environ.get("SIGSTORE_MOCK") is None:
            yield Row(title="the same, keyless", against=against, note="no Sigstore for tests: SIGSTORE_MOCK")
            return
        (room / "sigstore").mkdir()
        with local_sigstore(room / "sigstore") as sigstore:
            yield _keyless(room, _pushed(room, registry.host, name="keyless"), sigstore)


def _by_key(room: Path, image: str) -> Iterator[Row]:
    subprocess.run(["cosign", "generate-key-pair"], cwd=room, env=_quiet(), check=True, capture_output=True)
    _cosign(room, "sign", "--key", "cosign.key", *_OFFLINE, image)
    options = ("--key", "cosign.pub", "--insecure-ignore-tlog", "--allow-http-registry")
    theirs = process(["cosign", "verify", *[_here(room, each) for each in options], image], room)
    against = "`cosign verify --key`, whole process"
    policy = _policy(room, _KEY)
    warm = compare(
        _ours(image, policy), theirs, title="`verify image` by digest and key, warm", against=against,
        rounds=_ROUNDS, target=0.15,
    )  # fmt: skip
    yield warm
    command = python("-m", "verifier", "image", image, "--key", str(room / "cosign.pub"), "--name", "app")
    title = "`verify image` by digest and key, whole process"
    yield compare(process(command, room), theirs, title=title, against=against, rounds=_COLD_ROUNDS, target=3)


def _keyless(room: Path, image: str, sigstore: LocalSigstore) -> Row:
    (room / "trusted_root.json").write_bytes(sigstore.trusted_root.read_bytes())
    (room / "token").write_text(identity_token())
    _cosign(
        room, "sign", "--identity-token", "token", "--signing-config", str(sigstore.signing_config("rekor1")),
        "--trusted-root", str(sigstore.trusted_root), "--allow-http-registry", "-y", image,
    )  # fmt: skip
    whom = ("--certificate-identity", _IDENTITY, "--certificate-oidc-issuer", _ISSUER)
    options = ("--trusted-root", str(sigstore.trusted_root), "--allow-http-registry", *whom)
    theirs = process(["cosign", "verify", *options, image], room)
    return compare(
        _ours(image, _policy(room, _KEYLESS)), theirs, title="`verify image` by digest, keyless, warm",
        against="`cosign verify`, keyless, whole process", rounds=_ROUNDS, target=0.3,
    )  # fmt: skip


def _ours(image: str, policy: TrustPolicy) -> Side:
    """One verification, all but the policy anew: the connection, the requests, the signature."""

    def run() -> None:
        with closing(open_place(image, access=Access(), limits=DEFAULT_LIMITS)) as place:
            source = Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place)
            asked = Request(
                kind="image",
                source=source,
                name="app",
                policy=policy,
                now=datetime.now(UTC),
                correlation_id="benchmark",
            )
            assert verify_artifact(asked).verdict.passed

    return run


def _policy(room: Path, signers: str) -> TrustPolicy:
    path = room / "trust.toml"
    path.write_text(f'version = 1\nid = "https://example.org/policy/images"\n{signers}{_RULE}')
    return load_policy(path)


def _pushed(room: Path, host: str, name: str = "app") -> str:
    """An image by its digest."""
    (room / "hello").write_text(f"hello {name}\n")
    subprocess.run(["tar", "-cf", "layer.tar", "hello"], cwd=room, check=True)
    pushed = subprocess.run(
        ["crane", "append", "-f", "layer.tar", "-t", f"{host}/acme/{name}:1.4.0"],
        cwd=room, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return pushed.stdout.strip()


def _cosign(room: Path, *arguments: str) -> None:
    ran = subprocess.run(["cosign", *arguments], cwd=room, env=_quiet(), check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def _here(room: Path, option: str) -> str:
    return str(room / option) if option.endswith(".pub") else option


def _quiet() -> dict[str, str]:
    return os.environ | {"COSIGN_PASSWORD": ""}
