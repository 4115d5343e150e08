"""A folder with what people have at hand, the same bytes each time: good files, and files that are none of these."""

from __future__ import annotations

import base64
import gzip
import json
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.support.command import run
from tests.support.workplace import POLICY

NOW = "2026-11-21T12:00:00Z"
_PEM, _DER, _SSH = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.Encoding.OpenSSH
_SPKI, _PKCS8 = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PrivateFormat.PKCS8
_PLAIN = serialization.NoEncryption()
_MODULE = 'package authz\n\ndefault allow := false\n\nallow if input.user == "alice"\n'
_SECRET = base64.b64encode(b"a shared secret of forty bytes and more!").decode()


def key(number: int) -> ec.EllipticCurvePrivateKey:
    """The same P-256 key each time."""
    return ec.derive_private_key(10**20 + number, ec.SECP256R1())


def private_pem(number: int, password: bytes | None = None) -> bytes:
    sealed = _PLAIN if password is None else serialization.BestAvailableEncryption(password)
    return key(number).private_bytes(_PEM, _PKCS8, sealed)


def public_pem(number: int) -> bytes:
    return key(number).public_key().public_bytes(_PEM, _SPKI)


def _edwards() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def _coordinate(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _jwk() -> bytes:
    numbers = key(1).public_key().public_numbers()
    document = {"kty": "EC", "crv": "P-256", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y), "kid": "release"}
    return json.dumps(document).encode()


def _zipped(name: str, content: bytes) -> bytes:
    import io  # noqa: PLC0415 - for one file
    import zipfile  # noqa: PLC0415 - as above

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def _packed(place: Path, names: Callable[[str], str]) -> bytes:
    """What `tar czf` makes of the source, with no time in it."""
    import io  # noqa: PLC0415 - as above

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path in sorted((place / "src").rglob("*")):
            if path.is_file():
                member = tarfile.TarInfo(names(str(path.relative_to(place / "src"))))
                member.size = path.stat().st_size
                archive.addfile(member, io.BytesIO(path.read_bytes()))
    return gzip.compress(stream.getvalue(), mtime=0)


def furnish(place: Path) -> None:
    """The good files: keys, a policy, sources, two signed releases, an attestation, a verdict."""
    for name, number in (("release", 1), ("ci", 2), ("stranger", 3)):
        (place / name).write_bytes(private_pem(number))
        (place / name).chmod(0o600)
        (place / f"{name}.pub").write_bytes(public_pem(number))
    (place / "trust.toml").write_text(POLICY)
    (place / "src" / "authz").mkdir(parents=True)
    (place / "src" / "authz" / "policy.rego").write_text(_MODULE)
    (place / "app.txt").write_text("app\n")
    for revision in ("1.3.0", "1.4.0"):
        (place / "src" / ".manifest").write_text(json.dumps({"revision": revision, "roots": ["authz"]}))
        out = f"authz-{revision}.tar.gz"
        made = run(
            "sign",
            "bundle",
            "src",
            "--name",
            "authz",
            "--key",
            "release",
            "--keyid",
            "release",
            "--out",
            out,
            "--now",
            NOW,
        )
        assert made.status == 0, made.err
    signed = run("sign", "artifact", "app.txt", "--key", "release", "--out", "app.intoto.jsonl", "--now", NOW)
    assert signed.status == 0, signed.err
    whole = ("--policy", "trust.toml", "--name", "authz", "--now", NOW)
    whole = (*whole, "--resource-uri", "https://bundles.acme.example/authz.tar.gz")
    verdict = ("--verdict-out", "authz.vsa.json", "--signing-key", "ci", "--verdict-expires", "3650d")
    judged = run("bundle", "authz-1.4.0.tar.gz", *whole, *verdict)
    assert judged.status == 0, judged.out
    assert run("ledger", "init", "--ledger", "sqlite:made.db").status == 0
    kept = run("bundle", "authz-1.3.0.tar.gz", *whole, "--record", "--ledger", "sqlite:made.db")
    assert kept.status == 0, kept.out


def _hashed():
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - as above

    return ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


_HASHED = _hashed()
_PKCS1 = (
    rsa.RSAPublicNumbers(65537, 2**2047 + 2**1000 + 1).public_key().public_bytes(_PEM, serialization.PublicFormat.PKCS1)
)
_ENCRYPTED = (
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    b"MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBA=\n"
    b"-----END ENCRYPTED PRIVATE KEY-----\n"
)


WRITTEN: Mapping[str, bytes] = {
    "nothing": b"",
    "noise": bytes(range(256)) * 4,
    "a page of a proxy": b"<!DOCTYPE html><html><body>Sign in</body></html>\n",
    "a public key": public_pem(1),
    "a private key": private_pem(1),
    "an encrypted private key": _ENCRYPTED,
    "two public keys": public_pem(1) + public_pem(2),
    "a cut public key": public_pem(1)[:90],
    "a public key in DER": key(1).public_key().public_bytes(_DER, _SPKI),
    "a public key of PKCS #1": _PKCS1,
    "a public key of SSH": _edwards().public_key().public_bytes(_SSH, serialization.PublicFormat.OpenSSH),
    "a public key with CRLF": public_pem(1).replace(b"\n", b"\r\n"),
    "a public key in UTF-16": public_pem(1).decode().encode("utf-16"),
    "a public key with a BOM": b"\xef\xbb\xbf" + public_pem(1),
    "a JWK": _jwk(),
    "a JWKS": b'{"keys": [' + _jwk() + b"]}",
    "a shared secret": _SECRET.encode(),
    "cosign.key": b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n" + _SECRET.encode() + b"\n"
    b"-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
    "a PGP key": b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n-----END PGP PUBLIC KEY BLOCK-----\n",
    "a PGP signature": b"-----BEGIN PGP SIGNATURE-----\n\niQEzBAAB\n-----END PGP SIGNATURE-----\n",
    "an SSH signature": b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
    "a minisign signature": b"untrusted comment: signature from minisign\nRUQf6LRCGA9i5\n",
    "cosign's .sig": base64.b64encode(key(1).sign(b"other\n", _HASHED)) + b"\n",
    "a detached signature": key(1).sign(b"other\n", _HASHED),
    "a policy of Kyverno": b"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec:\n  rules: []\n",
    "a policy in JSON": b'{"version": 1, "signers": {}}',
    "a policy with a tab of another tool": b"[[keys]]\nname = 'release'\nkey = 'release.pub'\n",
    "OPA's configuration": b"services:\n  acme:\n    url: https://a.example\nbundles:\n  authz:\n    service: acme\n",
    "a zip": _zipped("policy.rego", _MODULE.encode()),
    "an SBOM": json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []}).encode(),
    "an SBOM of SPDX": b'{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "packages": []}',
    "a lock": b"requests==2.31.0\n",
    "a Dockerfile": b"FROM debian:12\n",
    "an image manifest": b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}',
    "a Rego file": _MODULE.encode(),
    "a token": b"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUvYXBwIn0.c2lnbmF0dXJl\n",
    "plain text": b"hello\n",
    "CSV": b"name,version\nrequests,2.31.0\n",
}
"""What a file may hold, by what people would call it."""
MADE: Mapping[str, Callable[[Path], bytes]] = {
    "the policy with a BOM": lambda place: b"\xef\xbb\xbf" + (place / "trust.toml").read_bytes(),
    "the policy in UTF-16": lambda place: (place / "trust.toml").read_text().encode("utf-16"),
    "the policy with CRLF": lambda place: (place / "trust.toml").read_bytes().replace(b"\n", b"\r\n"),
    "a policy with keyfile": lambda place: (place / "trust.toml").read_bytes().replace(b"key =", b"keyfile ="),
    "a policy with smart quotes": lambda place: (place / "trust.toml").read_text().replace('"', "\u201c").encode(),
    "an older policy": lambda place: (place / "trust.toml").read_bytes().replace(b"version = 1", b"version = 2"),
    "a policy without a version": lambda place: (place / "trust.toml").read_bytes().replace(b"version = 1\n", b""),
    "a policy whose key is missing": lambda place: (
        (place / "trust.toml").read_bytes().replace(b"release.pub", b"keys/r.pub")
    ),
    "a policy that names the private key": lambda place: (
        (place / "trust.toml").read_bytes().replace(b'"release.pub"', b'"release"')
    ),
    "a plain tar": lambda place: gzip.decompress((place / "authz-1.4.0.tar.gz").read_bytes()),
    "a cut bundle": lambda place: (place / "authz-1.4.0.tar.gz").read_bytes()[:-200],
    "an unsigned bundle": lambda place: _packed(place, lambda name: name),
    "an unsigned bundle of tar": lambda place: _packed(place, lambda name: f"./{name}"),
    "JSON that is cut": lambda place: (place / "app.intoto.jsonl").read_bytes()[:60],
    "an attestation in UTF-16": lambda place: (place / "app.intoto.jsonl").read_text().encode("utf-16"),
}
"""The same, made of what lies in the folder."""


def lay(place: Path, name: str, kind: str) -> None:
    """Put what `kind` says at `name`, in the place of what is there."""
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = MADE[kind](place) if kind in MADE else WRITTEN.get(kind, b"x")
    if path.is_file() or path.is_symlink():
        path.unlink()
    match kind:
        case "a folder":
            path.mkdir()
        case "a folder without a bundle":
            path.mkdir()
            (path / "README").write_text("hello\n")
        case "a link to nowhere":
            path.symlink_to("nowhere")
        case "a policy that everybody may write to":
            path.write_text(POLICY)
            path.chmod(0o666)
        case "a pipe":
            os.mkfifo(path)
        case _:
            path.write_bytes(content)
            path.chmod(0o600 if "private" in kind or kind == "cosign.key" else 0o644)
