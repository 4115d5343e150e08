"""`verify publish` of a signed bundle of 10 MB, with its signature and its provenance, against the three commands that
do the same."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Row, Side, child_environment, compare, peer, python
from tests.support.peers.registries import OCIMEM, small_registry
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.uris import STATEMENT_V1
from verifier.formats.oci.manifest import BUNDLE_LAYER, parse_reference
from verifier.net.access import Access
from verifier.publish.attest import attest
from verifier.publish.keygen import generate_key_pair
from verifier.publish.leaks.look import Admission, examine
from verifier.publish.push.bundle import bundle_part
from verifier.publish.push.execute import execute
from verifier.publish.push.planning import Wanted, plan_of
from verifier.publish.push.registry import RegistryTarget
from verifier.publish.push.signature import ReleaseSigner, key_hint
from verifier.publish.sign import sign_bundle
from verifier.signatures import keys

_ROUNDS = 7
_NEEDED = ("cosign", "oras", "crane", OCIMEM)
_OFFLINE = ("--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "-y")
_TABLES, _ROWS = 100, 1_700
_PROVENANCE = {
    "buildDefinition": {"buildType": "https://acme.example/build/v1", "externalParameters": {}},
    "runDetails": {"builder": {"id": "https://acme.example/builder"}},
}
_TITLE = "publishing a signed bundle of 10 MB, with signature and provenance"
_AGAINST = "`oras push`, `cosign sign` and `cosign attest`, one after the other"


def rows(room: Path) -> Iterator[Row]:
    """Warm through the library, and the whole process: each round into a repository of its own."""
    if lacking := [name for name in _NEEDED if peer(name) is None]:
        yield Row(title=_TITLE, against=_AGAINST, note=f"not on PATH: {', '.join(lacking)}")
        return
    bundle = _bundle(room)
    subprocess.run(["cosign", "generate-key-pair"], cwd=room, env=_quiet(), check=True, capture_output=True)
    with small_registry(OCIMEM, room) as registry:
        theirs = _theirs(room, bundle, registry.host)
        yield compare(
            _ours(room, bundle, registry.host, looking=False), theirs, title=f"{_TITLE}, warm", against=_AGAINST,
            rounds=_ROUNDS, target=0.5,
        )  # fmt: skip
        yield compare(
            _ours(room, bundle, registry.host, looking=True), theirs,
            title=f"{_TITLE}, warm, and looked through for what must not be published", against=_AGAINST,
            rounds=_ROUNDS,
        )  # fmt: skip
        yield compare(
            _process(room, bundle, registry.host), theirs, title=f"{_TITLE}: `verify publish`, whole process",
            against=_AGAINST, rounds=_ROUNDS,
        )  # fmt: skip


def _bundle(room: Path) -> Path:
    chance = random.Random(1)  # noqa: S311 - the same bundle every time
    members = [(".manifest", json.dumps({"revision": "1.4.0", "roots": ["tables"]}).encode())]
    for number in range(_TABLES):
        table = [{"id": row, "user": f"user-{chance.randrange(10**9)}", "weight": row / 4} for row in range(_ROWS)]
        members.append((f"tables/t{number}/data.json", json.dumps({"rows": table}).encode()))
    pair = generate_key_pair(passphrase=None)
    key = keys.load_private_key(pair.private_pem, passphrase=None, where="benchmark")
    (room / "release.key").write_bytes(pair.private_pem)
    (room / "release.key").chmod(0o600)
    path = room / "authz.tar.gz"
    # OPA's own signature inside, and what is packed is packed again without compression: 10 MB are sent.
    signed = sign_bundle(
        pack_members(members), key=key, algorithm="ES256", keyid=None, scope=None, now=datetime.now(UTC)
    )
    path.write_bytes(gzip.compress(gzip.decompress(signed), 0, mtime=0))
    (room / "predicate.json").write_text(json.dumps(_PROVENANCE))
    statement = {
        "_type": STATEMENT_V1,
        "subject": [{"name": "authz", "digest": {"sha256": Digest.of(path.read_bytes()).value}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": _PROVENANCE,
    }
    (room / "provenance.json").write_bytes(attest(statement, key=key))
    return path


def _ours(room: Path, bundle: Path, host: str, *, looking: bool) -> Side:
    """From the archive's bytes to the tag; where it is `looking`, with the search for keys and credentials before."""
    numbers = itertools.count()
    key = keys.load_private_key((room / "release.key").read_bytes(), passphrase=None, where="benchmark")
    signer = ReleaseSigner(
        statement=lambda statement: attest(statement, key=key), hint=key_hint(key.public_key())
    )  # fmt: skip

    def run() -> None:
        content = bundle.read_bytes()
        if looking:
            examine(bundle, limits=DEFAULT_LIMITS, admission=Admission()).require_fit()
        name = f"warm-{'looking' if looking else 'only'}/{next(numbers)}"
        target = RegistryTarget(parse_reference(f"{host}/{name}:1"), access=Access())
        document = Document(name="provenance.json", content=(room / "provenance.json").read_bytes())
        wanted = Wanted(documents=(document,), signer=signer, repository=target.repository)
        published = execute(plan_of([bundle_part(content)], wanted, tag="1"), target, before=None)
        target.close()
        assert all(row.written for row in published.rows)

    return run


def _process(room: Path, bundle: Path, host: str) -> Side:
    numbers, environment = itertools.count(), child_environment(os.environ, room)

    def run() -> None:
        where = f"oci://{host}/cold/{next(numbers)}:1"
        options = ("--key", str(room / "release.key"), "--attach", str(room / "provenance.json"))
        command = python("-m", "verifier", "publish", str(bundle), where, *options)
        subprocess.run(command, env=environment, check=True, capture_output=True)

    return run


def _theirs(room: Path, bundle: Path, host: str) -> Side:
    numbers = itertools.count()

    def run() -> None:
        where = f"{host}/theirs/{next(numbers)}:1"
        _peer(room, "oras", "push", "--plain-http", where, f"{bundle.name}:{BUNDLE_LAYER}")
        digest = _peer(room, "oras", "resolve", "--plain-http", where).strip()
        pinned = f"{where.removesuffix(':1')}@{digest}"
        _peer(room, "cosign", "sign", "--key", "cosign.key", *_OFFLINE, pinned)
        _peer(
            room, "cosign", "attest", "--key", "cosign.key", "--predicate", "predicate.json", "--type",
            "slsaprovenance1", *_OFFLINE, pinned,
        )  # fmt: skip

    return run


def _peer(room: Path, *command: str) -> str:
    ran = subprocess.run(command, cwd=room, env=_quiet(), check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def _quiet() -> dict[str, str]:
    return os.environ | {"COSIGN_PASSWORD": ""}
