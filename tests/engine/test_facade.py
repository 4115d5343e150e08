"""The public face: few names, light to import, one call that does the whole job."""

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import verifier
from tests.support.material import NOW, public_pem
from tests.support.places import ROOT
from tests.support.stories import NAME, VERIFIER, StubbornEngine, archive, detached, policy, signed
from verifier.core.digest import Digest
from verifier.ledger.history import history
from verifier.trust.sections.capabilities import CapabilityRule

HEAVY = (
    "typer",
    "requests",
    "yaml",
    "regopy",
    "pydantic",
    "in_toto_attestation",
    "packaging",
    "google",
    "cryptography",
)


def fresh(revision):
    """A bundle that was signed just now: the clock is the real one here."""
    return signed(archive(revision), now=datetime.now(UTC))


@pytest.fixture
def place(tmp_path):
    """A trust policy, a ledger and a signed bundle on disk."""
    (tmp_path / "release.pub").write_bytes(public_pem("p256"))
    (tmp_path / "trust.toml").write_text(
        'version = 1\nid = "https://example.org/p"\n[signers.p256]\nkey = "release.pub"\n'
        '[artifacts."bundle:authz"]\nsignatures = { threshold = 1, from = ["p256"] }\n'
        'version = { from = "manifest.revision", scheme = "semver" }\n'
    )
    (tmp_path / "authz.tar.gz").write_bytes(fresh("1.0.0"))
    verifier.create_ledger(f"sqlite://{tmp_path}/ledger.db")
    return tmp_path


def test_the_example_of_the_documentation_works(place):
    content = (place / "authz.tar.gz").read_bytes()
    trust = verifier.load_policy(place / "trust.toml")
    with verifier.open_ledger(f"sqlite://{place}/ledger.db") as ledger:
        result = verifier.verify(content, name="authz", policy=trust, ledger=ledger, record=True)
    assert isinstance(result, verifier.Verification)
    assert isinstance(result.verdict, verifier.Verdict)
    assert (result.verdict.passed, result.content) == (True, content)


def test_the_example_uses_only_public_names():
    example = "\n".join(
        line.strip()[4:] for line in verifier.__doc__.splitlines() if line.strip().startswith((">>>", "..."))
    )
    used = {
        node.attr
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "verifier"
    }
    assert used == {"load_policy", "open_ledger", "require"}
    assert used <= set(verifier.__all__)


def test_the_readmes_snippet_runs_twice(place, monkeypatch):
    monkeypatch.chdir(place)
    snippet = re.search(
        r"^## From Python$.*?^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE
    )[1]
    verifier.create_ledger("sqlite:loader.db")
    for _ in range(2):
        exec(compile(snippet, "README.md", "exec"), found := {})  # noqa: S102 - our own page
        assert found["bundle"] == (place / "authz.tar.gz").read_bytes()
    with verifier.open_ledger("sqlite:loader.db") as ledger:
        assert {event.kind.value for event in history(ledger) if event.scope} == {"accepted"}


def test_what_was_accepted_is_remembered_between_calls(place):
    trust = verifier.load_policy(place / "trust.toml")
    for revision, passed in (("1.1.0", True), ("1.0.0", False)):
        with verifier.open_ledger(f"sqlite://{place}/ledger.db") as ledger:
            result = verifier.verify(fresh(revision), name=NAME, policy=trust, ledger=ledger, record=True)
        assert result.verdict.passed is passed
    assert [reason.code for reason in result.verdict.reasons] == ["version.rollback"]


def test_a_path_is_verified_as_its_bytes_are(place):
    trust = verifier.load_policy(place / "trust.toml")
    path = place / "authz.tar.gz"
    assert verifier.verify(path, name=NAME, policy=trust).content == path.read_bytes()


def test_the_clock_is_read_where_no_time_is_given(place):
    before = datetime.now(UTC)
    verdict = verifier.verify(b"", name=NAME, policy=policy()).verdict
    assert before <= verdict.time_verified <= datetime.now(UTC)


def test_every_verification_gets_a_correlation_id_of_its_own():
    first, second = (verifier.verify(b"", name=NAME, policy=policy()).verdict for _ in range(2))
    assert first.correlation_id != second.correlation_id
    assert verifier.verify(b"", name=NAME, policy=policy(), correlation_id="mine").verdict.correlation_id == "mine"


def test_what_is_given_is_passed_on():
    content = archive()
    result = verifier.verify(
        content,
        name=NAME,
        policy=policy("ed25519", capabilities=CapabilityRule(deny=("http.send",))),
        attestations=[detached(content)],
        resource_uri="https://example.org/x",
        rego=StubbornEngine(builtins=["http.send"]),
        now=NOW,
        verifier_id=VERIFIER,
    )
    verdict = result.verdict
    assert [reason.code for reason in verdict.reasons if reason.is_error] == ["capability.denied"]
    assert (verdict.subject.digest, verdict.subject.resource_uri) == (Digest.of(content), "https://example.org/x")
    assert (verdict.verifier_id, verdict.time_verified) == (VERIFIER, NOW)
    assert verdict.evidence[0].signer == "ed25519"


@pytest.mark.rego
def test_the_built_in_compiler_is_asked_where_the_policy_asks_and_none_is_given():
    content = signed(archive(module=b'package authz\n\nallow if http.send({"method": "get", "url": input.url})\n'))
    rule = policy(capabilities=CapabilityRule(deny=("http.send",)))
    verdict = verifier.verify(content, name=NAME, policy=rule, now=NOW).verdict
    assert [reason.code for reason in verdict.reasons if reason.is_error] == ["capability.denied"]


def test_recording_without_a_ledger_is_a_mistake():
    with pytest.raises(verifier.ConfigurationError):
        verifier.verify(b"", name=NAME, policy=policy(), record=True)


def test_every_public_name_can_be_had_and_is_listed():
    for name in verifier.__all__:
        assert getattr(verifier, name) is not None
    assert sorted(verifier.__all__) == list(verifier.__all__)
    assert set(verifier.__all__) <= set(dir(verifier))


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'verify_everything'"):
        _ = verifier.verify_everything


def loaded_by(statement):
    """The top-level modules that a fresh interpreter has after `statement`."""
    code = f"{statement}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    root = str(Path(verifier.__file__).parents[1])
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": root}
    )
    return set(finished.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import verifier") & {*HEAVY, "sqlite3"}


def test_the_names_for_verifying_load_nothing_heavy():
    assert not loaded_by("from verifier import verify, open_ledger") & set(HEAVY)
