"""What each way in may load, with the reason of everything that is not ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import verifier
from tests.support.material import private_key, public_pem
from verifier.archives.pack import pack_members
from verifier.publish.attest import sign_vsa
from verifier.publish.sign import sign_bundle

URI = "https://example.org/authz"
VERIFIER = "https://example.org/verifier"
_POLICY = f"""
version = 1
id = "https://example.org/policy"
[signers.release]
key = "key.pem"
[artifacts."bundle:authz"]
signatures = {{ from = ["release"] }}
version = {{ from = "manifest.revision", scheme = "semver" }}
resource_uri = "{URI}"
[verifiers.ci]
signer = "release"
id = "{VERIFIER}"
"""


@dataclass(frozen=True)
class Reason:
    """Modules, and what they are loaded for."""

    why: str
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Budget:
    """What a run of `code` may load besides `EVERY_RUN`: of ours so many, and others for these reasons."""

    code: str
    ours: int
    others: tuple[Reason, ...] = ()


def _named(why: str, names: str) -> Reason:
    return Reason(why, tuple(names.split()))


EVERY_RUN = (
    _named("annotations, and `cryptography` imports it anyway", "typing"),
    _named("its decorators and caches, and what they are made of", "collections contextlib copyreg enum functools"),
    _named("the same", "keyword operator reprlib types warnings"),
    _named("what is typed and said is matched with patterns", "re"),
    _named("a module by its name", "importlib"),
)
_PATHS = _named("paths, and what `pathlib` imports", "pathlib fnmatch ntpath urllib ipaddress")
_SAID = (
    _named("a verdict says when, and of which bytes", "datetime math hashlib"),
    _named("a signal ends a run cleanly", "signal"),
)
_READ = (_PATHS, *_SAID, _named("documents", "json binascii"), _named("files that have a lock", "fcntl"))
_SIGNED = _named(
    "keys of elliptic curves: nothing of RSA, ciphers, certificates or other formats",
    "cffi_backend cryptography cryptography.__about__ cryptography.exceptions cryptography.hazmat"
    " cryptography.hazmat._oid cryptography.hazmat.bindings cryptography.hazmat.bindings._rust"
    " cryptography.hazmat.primitives cryptography.hazmat.primitives._serialization"
    " cryptography.hazmat.primitives.asymmetric cryptography.hazmat.primitives.asymmetric.ec"
    " cryptography.hazmat.primitives.asymmetric.ed25519 cryptography.hazmat.primitives.asymmetric.utils"
    " cryptography.hazmat.primitives.hashes cryptography.utils",
)
_UNPACKED = _named("who unpacks: zlib-ng, where the extra is installed", "gzip struct zlib zlib_ng")
_MAIN = "from verifier.cli.main import main\n"
_JUDGED = (
    f'["authz.tar.gz", "--verdict", "vsa.json", "--policy", "trust.toml", "--name", "authz", "--resource-uri", "{URI}"]'
)

COMMANDS = {
    "preload": Budget(
        f'{_MAIN}assert main(["preload", *{_JUDGED}, "--out", "out", "--ledger", "sqlite:ledger.db"]) == 0',
        ours=185,
        others=(
            *_READ,
            _SIGNED,
            _named("the policy, which is TOML", "tomllib string bisect"),
            _named("the ledger", "sqlite3"),
            _named("one writer at a time, whom others wait for", "threading queue heapq"),
            _named("the manifest inside", "zlib"),
        ),
    ),
    "bundle": Budget(
        f'{_MAIN}assert main(["bundle", "authz.tar.gz", "--key", "key.pem"]) == 0',
        ours=206,
        others=(
            *_READ,
            _SIGNED,
            _named("an archive in memory", "mmap"),
            _UNPACKED,
            _named("one compiler", "threading"),
        ),
    ),
    "verdict": Budget(
        f'{_MAIN}assert main(["verdict", "vsa.json", "--resource-uri", "{URI}", "--subject", "authz.tar.gz",'
        f' "--key", "key.pem", "--verifier-id", "{VERIFIER}"]) == 0',
        ours=137,
        others=(*_READ, _SIGNED),
    ),
    "help": Budget(f'{_MAIN}assert main(["--help"]) == 0', ours=48, others=_READ),
    "version": Budget(f'{_MAIN}assert main(["version"]) == 0', ours=63, others=(*_READ, _UNPACKED)),
    "import": Budget("import verifier", ours=1),
}
"""Each way in by its name."""


def judged_scene(folder):
    """Lay out in `folder` a bundle, its key, CI's verdict, a policy, and a ledger that knows the bundle."""
    key, now = private_key("p256"), datetime.now(UTC)
    members = [(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/data.json", b"{}")]
    content = sign_bundle(pack_members(members), key=key, algorithm="ES256", keyid=None, scope="authz", now=now)
    (folder / "authz.tar.gz").write_bytes(content)
    (folder / "key.pem").write_bytes(public_pem("p256"))
    (folder / "trust.toml").write_text(_POLICY)
    url = f"sqlite://{folder}/ledger.db"
    verifier.create_ledger(url)
    policy = verifier.load_policy(folder / "trust.toml")
    with verifier.open_ledger(url) as ledger:
        asked = {"name": "authz", "policy": policy, "verifier_id": VERIFIER, "ledger": ledger, "record": True}
        verdict = verifier.verify(folder / "authz.tar.gz", **asked).verdict
    signed = sign_vsa(verdict, key=key, keyid="release", expires=now + timedelta(days=1))
    (folder / "vsa.json").write_bytes(signed)
