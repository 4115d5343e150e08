"""What is loaded for whom: importing costs nothing, and a verification with a key loads no more than it needs."""

import base64
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

import verifier
from tests.support import sigstore_instance
from tests.support.material import private_key, public_pem
from tests.support.sigstore_authorities import WholeInstance
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.formats.intoto.release import Release
from verifier.publish.attest import attest_release, sign_vsa
from verifier.publish.sign import sign_bundle

ROOT = Path(verifier.__file__).parent.parent
HEAVY = {
    "cyclonedx",
    "google.protobuf",
    "httptools",
    "in_toto_attestation",
    "packaging",
    "pip_audit",
    "prometheus_client",
    "psycopg",
    "pydantic",
    "regopy",
    "requests",
    "sigstore",
    "starlette",
    "typer",
    "uvicorn",
    "uvloop",
    "yaml",
}
WITHOUT_A_LEDGER = {"sqlite3", "tomllib", "subprocess", "socket"}
NOT_ASKED_FOR = {
    *(
        "verifier.engine.attestations",
        "verifier.evidence.attested",
        "verifier.signatures.verified",
        "verifier.formats.intoto.dsse",
    ),
    *("verifier.formats.intoto.statement", "verifier.formats.sigstore.bundle", "verifier.formats.intoto.vsa"),
    *(
        "verifier.checks.provenance.dependencies",
        "verifier.checks.provenance.steps",
        "verifier.formats.intoto.provenance",
    ),
    *("verifier.formats.intoto.build_types", "verifier.formats.intoto.parameters"),
    *("verifier.core.signers.keyless", "verifier.signatures.sigstore.keyless"),
    *("verifier.checks.version.ordered", "verifier.checks.version.stated", "verifier.engine.recording"),
    *("verifier.ledger.interface", "verifier.ledger.open", "verifier.ledger.advance", "verifier.versions"),
    *("verifier.checks.organisation", "verifier.evidence.document", "verifier.rego.interface"),
    *("verifier.trust.parse", "verifier.trust.sections.table", "verifier.trust.tables"),
    *("verifier.trust.sections.freshness", "verifier.trust.sections.mode", "verifier.trust.sections.provenance"),
    *("verifier.publish", "verifier.cli.signers", "verifier.reports.json"),
}
"""What serves attestations, provenance, keyless signers, an order of versions, the organisation's own rules, policy
files, and answers other than text."""

VERIFY = """
from pathlib import Path
import verifier
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
policy = policy_from_flags(AdHocFlags(keys=(("key", Path("key.pem").read_bytes()),)))
assert verifier.verify(Path("bundle.tar.gz"), name="authz", policy=policy).verdict.passed
"""


COMMAND = """
from verifier.cli.main import main
assert main(["bundle", "bundle.tar.gz", "--key", "key.pem"]) == 0
"""


PRELOAD = """
from verifier.cli.main import main
arguments = ["bundle.tar.gz", "--verdict", "vsa.json", "--policy", "trust.toml", "--name", "authz", "--out", "out"]
assert main(["preload", *arguments, "--ledger", "sqlite:ledger.db"]) == 0
"""
NOT_FOR_PRELOADING = {
    *(
        "verifier.engine.examine",
        "verifier.engine.evidence",
        "verifier.engine.attestations",
        "verifier.archives.archive",
    ),
    *(
        "verifier.kinds.bundle.artifact",
        "verifier.archives.pack",
        "verifier.signatures.opa_jws",
        "verifier.checks.table",
    ),
    *(
        "verifier.signatures.sigstore.keyless",
        "verifier.rego.interface",
        "verifier.cli.typed.command",
        "verifier.cli.typed.signature",
        "verifier.cli.help",
    ),
    *("argparse", "subprocess", "socket", "secrets"),
    *("dataclasses", "inspect", "platform", "shutil", "textwrap", "unicodedata", "uuid"),
    *("cryptography.hazmat.primitives.serialization.ssh", "cryptography.x509"),
    *("cryptography.hazmat.primitives.ciphers", "cryptography.hazmat.primitives.asymmetric.rsa"),
    *("verifier.core.reasons", "verifier.core.reasons.table"),
}
"""What a verification in full takes, the shell of every other command, and what is in nobody's way but takes long."""


ARTIFACT = """
from verifier.cli.main import main
assert main(["artifact", "key.pem", "--attestation", "app.json", "--key", "key.pem"]) == 0
"""


def loaded_by(code, cwd):
    """The names of all modules that a fresh interpreter has loaded after running `code`, which may print lines."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(cwd)}
    ran = subprocess.run([sys.executable, "-c", script], cwd=cwd, env=environment, capture_output=True, check=True)
    return set(json.loads(ran.stdout.splitlines()[-1]))


@pytest.fixture
def signed(tmp_path):
    """A folder with a signed bundle and its public key."""
    members = [(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/a.rego", b"package authz\n")]
    content = pack_members(members)
    key = private_key("p256")
    moment = datetime.now(UTC)
    (tmp_path / "bundle.tar.gz").write_bytes(
        sign_bundle(content, key=key, algorithm="ES256", keyid=None, scope=None, now=moment)
    )
    (tmp_path / "key.pem").write_bytes(public_pem("p256"))
    return tmp_path


def test_importing_the_package_loads_none_of_its_modules(tmp_path):
    assert {name for name in loaded_by("import verifier", tmp_path) if name.startswith("verifier")} == {"verifier"}


def test_the_names_of_the_facade_load_nothing_heavy(tmp_path):
    code = "import verifier\nfor name in verifier.__all__: getattr(verifier, name)"
    assert HEAVY.isdisjoint(loaded_by(code, tmp_path))


def test_verifying_with_a_key_loads_nothing_heavy(signed):
    assert HEAVY.isdisjoint(loaded_by(VERIFY, signed))


def test_verifying_with_a_key_and_no_ledger_loads_no_database_and_no_policy_parser(signed):
    assert WITHOUT_A_LEDGER.isdisjoint(loaded_by(VERIFY, signed))


@pytest.mark.parametrize("code", [VERIFY, COMMAND], ids=["library", "command"])
def test_verifying_with_a_key_loads_nothing_that_nobody_asked_for(signed, code):
    assert NOT_ASKED_FOR.isdisjoint(loaded_by(code, signed))


def test_an_attestation_in_an_envelope_loads_nothing_heavy(signed):
    (signed / "app.json").write_bytes(_released(signed, as_bundle=False))
    assert (HEAVY - {"typer"}).isdisjoint(loaded_by(ARTIFACT, signed))


def test_one_in_a_sigstore_bundle_that_a_key_has_signed_loads_no_more(signed):
    (signed / "app.json").write_bytes(_released(signed, as_bundle=True))
    assert (HEAVY - {"typer"}).isdisjoint(loaded_by(ARTIFACT, signed))


def _released(folder, *, as_bundle):
    """A release of the folder's key.pem, by that key."""
    release = Release(kind="artifact", name="key.pem", issued_at=datetime.now(UTC))
    digest = Digest.of((folder / "key.pem").read_bytes())
    envelope = attest_release(release, digests=[digest], key=private_key("p256"), keyid="key.pem")
    if not as_bundle:
        return envelope
    content = json.loads(envelope)
    return json.dumps(sigstore_instance.bundle(content, sigstore_instance.key_material("key.pem"))).encode()


KEYLESS = """
from verifier.cli.main import main
whom = ["--cert-identity", {identity!r}, "--cert-oidc-issuer", {issuer!r}, "--trusted-root", "root.json"]
assert main(["artifact", "key.pem", "--attestation", "app.json", *whom]) == 0
"""
LIBRARY = {"sigstore", "sigstore_models", "rekor_types", "pydantic", "tuf", "requests", "betterproto"}


@pytest.mark.parametrize("stamped", [False, True], ids=["a promise", "a timestamp"])
def test_a_keyless_signature_loads_none_of_the_sigstore_library(signed, stamped):
    code = KEYLESS.format(identity=sigstore_instance.IDENTITY, issuer=sigstore_instance.ISSUER)
    _keyless(signed, stamped=stamped)
    loaded = loaded_by(code, signed)
    assert LIBRARY.isdisjoint(loaded)
    assert HEAVY.isdisjoint(loaded)
    assert {"cryptography.x509", "verifier.signatures.sigstore.parts.own"} <= loaded
    assert ("rfc3161_client" in loaded) is stamped


def test_the_library_is_loaded_where_the_environment_asks_for_it(signed):
    code = KEYLESS.format(identity=sigstore_instance.IDENTITY, issuer=sigstore_instance.ISSUER)
    _keyless(signed, stamped=False)
    assert loaded_by(f"import os\nos.environ['VERIFY_SIGSTORE'] = 'library'\n{code}", signed) >= {"sigstore", "tuf"}


def _keyless(folder, *, stamped):
    """A release of the folder's key.pem by an identity, and the root that proves it."""
    instance = WholeInstance()
    digest = Digest.of((folder / "key.pem").read_bytes())
    release = Release(kind="artifact", name="key.pem", issued_at=instance.at)
    payload = json.loads(attest_release(release, digests=[digest], key=private_key("p256"), keyid="k"))["payload"]
    document = sigstore_instance.keyless(
        instance, certificate=instance.certified(), payload=base64.b64decode(payload), promise=not stamped
    )
    if stamped:
        stamp = instance.stamp(base64.b64decode(document["dsseEnvelope"]["signatures"][0]["sig"]))
        listed = {"rfc3161Timestamps": [{"signedTimestamp": sigstore_instance.b64(stamp)}]}
        document["verificationMaterial"]["timestampVerificationData"] = listed
    (folder / "app.json").write_text(json.dumps(document))
    (folder / "root.json").write_text(json.dumps(instance.root_document()))


def test_what_is_not_loaded_is_looked_for_in_the_right_place(tmp_path):
    assert "yaml" in loaded_by("import yaml", tmp_path)
    assert [name for name in NOT_ASKED_FOR if find_spec(name) is None] == []


@pytest.fixture
def judged(signed):
    """The folder with a policy, a ledger and CI's verdict as well."""
    policy = """
        version = 1
        id = "https://example.org/policy"
        [signers.release]
        key = "key.pem"
        [artifacts."bundle:authz"]
        signatures = { from = ["release"] }
        version = { from = "manifest.revision", scheme = "semver" }
        resource_uri = "https://example.org/authz"
        [verifiers.ci]
        signer = "release"
        id = "https://example.org/verifier"
    """
    (signed / "trust.toml").write_text(policy)
    verifier.create_ledger(f"sqlite://{signed}/ledger.db")
    trust = verifier.load_policy(signed / "trust.toml")
    bundle = signed / "bundle.tar.gz"
    verdict = verifier.verify(bundle, name="authz", policy=trust, verifier_id="https://example.org/verifier").verdict
    expires = datetime.now(UTC) + timedelta(days=1)
    (signed / "vsa.json").write_bytes(sign_vsa(verdict, key=private_key("p256"), keyid="release", expires=expires))
    return signed


@pytest.fixture
def used(judged):
    """The same after its first use, which is told of in words that are loaded for it."""
    trust = verifier.load_policy(judged / "trust.toml")
    with verifier.open_ledger(f"sqlite://{judged}/ledger.db") as ledger:
        verifier.require(judged / "bundle.tar.gz", name="authz", policy=trust, ledger=ledger, record=True)
    return judged


def test_preloading_loads_nothing_heavy_and_no_other_way_to_verify(used):
    loaded = loaded_by(PRELOAD, used)
    assert (HEAVY | NOT_FOR_PRELOADING) & loaded == set()
    assert (used / "out").read_bytes() == (used / "bundle.tar.gz").read_bytes()
    assert [name for name in NOT_FOR_PRELOADING if find_spec(name) is None] == []


LOADER = """
import verifier
from datetime import UTC, datetime
from pathlib import Path
policy = verifier.load_policy(Path("trust.toml"))
with verifier.open_ledger("sqlite:ledger.db") as ledger:
    loader = verifier.Loader(policy, ledger, cache=verifier.Cache(Path("cache")))
    asked = {"name": "authz", "now": datetime.now(UTC), "correlation_id": "c"}
    assert loader.load(Path("bundle.tar.gz"), Path("vsa.json").read_bytes(), **asked).verified
    assert loader.standing(**asked).verified
"""


def test_a_loader_with_a_cache_loads_nothing_heavy_and_no_other_way_to_verify(used):
    assert (HEAVY | NOT_FOR_PRELOADING).isdisjoint(loaded_by(LOADER, used))
    assert (used / "cache").is_dir()


CACHE = {
    "verifier.loading.cache.store",
    "verifier.loading.loader",
    "verifier.loading.grace",
    "verifier.loading.last_good",
}


def test_the_hook_without_a_cache_does_not_load_it(judged):
    assert CACHE.isdisjoint(loaded_by(PRELOAD, judged))
    assert [name for name in CACHE if find_spec(name) is None] == []


@pytest.mark.parametrize("words", [["--help"], ["help"], ["--version"], ["nonsense"], ["--complete", "rule", ""]])
def test_what_verify_itself_answers_loads_no_typer_and_no_command(tmp_path, words):
    loaded = loaded_by(f"from verifier.cli.main import main\nmain({words})", tmp_path)
    assert HEAVY.isdisjoint(loaded)
    assert {"verifier.cli.spread", "verifier.cli.commands"}.isdisjoint(loaded)
    assert WITHOUT_A_LEDGER.isdisjoint(loaded) or words[0] == "--complete"


def test_one_command_does_not_load_the_others(tmp_path):
    loaded = loaded_by("from verifier.cli.app import command_line\ncommand_line('bundle')", tmp_path)
    assert "verifier.cli.commands.bundle" in loaded
    assert {
        "verifier.cli.commands.demo",
        "verifier.cli.commands.sign",
        "verifier.cli.commands.verdict",
        "sqlite3",
    }.isdisjoint(loaded)
