"""`verify verdict`: relying on what somebody else verified."""

from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.material import corpus
from tests.support.publishing.releases import recorded, release

pytestmark = pytest.mark.usefixtures("place")
URI = "https://example.org/authz"
VERIFIER = "https://policy-verifier.dev/verifier"


@pytest.fixture
def emitted(place):
    recorded(release(), "--resource-uri", URI, "--verdict-out", "vsa.json", "--signing-key", "ci")


def judge(*options, file="vsa.json", uri=URI, subject=("--subject", "authz.tar.gz"), trust=("--policy", "trust.toml")):
    return ask("verdict", file, "--name", "authz", *trust, *subject, "--resource-uri", uri, *options)


@pytest.mark.usefixtures("emitted")
class TestOurs:
    def test_a_verdict_that_holds_is_0(self):
        answer = judge("--level", "POLICY_VERIFIER_SIGNED")
        assert (answer.status, answer.report["verdict"]) == (0, "PASSED")
        assert answer.report["artifact"]["version"] == "1.0.0"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"uri": "https://example.org/other"}, "verdict.resource-mismatch"),
            ({"subject": ("--subject", "src")}, "verdict.subject-mismatch"),
            ({"subject": ("--subject-digest", "sha256:" + "0" * 64)}, "verdict.subject-mismatch"),
            ({"trust": ("--key", "release.pub", "--verifier-id", VERIFIER)}, "signature.invalid"),
            ({"trust": ("--key", "ci.pub", "--verifier-id", VERIFIER + "2")}, "verdict.verifier-untrusted"),
        ],
    )
    def test_each_thing_that_is_otherwise_is_1(self, change, code):
        answer = judge(**change)
        assert (answer.status, answer.codes) == (1, [code])

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            (("--level", "SLSA_BUILD_LEVEL_1"), "verdict.level-missing"),
            (("--policy-digest", "sha256:" + "0" * 64), "verdict.policy-unknown"),
            (("--now", "2100-01-01T00:00:00Z"), "verdict.expired"),
            (("--now", "2020-01-01T00:00:00Z"), "clock.skew"),
        ],
    )
    def test_each_demand_that_is_not_met_is_1(self, options, code):
        answer = judge(*options)
        assert (answer.status, answer.codes) == (1, [code])

    def test_the_rule_in_force_is_the_one_it_must_be_made_under(self):
        policy = Path("trust.toml")
        policy.write_text("# said beside it\n" + policy.read_text())
        assert judge().status == 0
        policy.write_text(policy.read_text().replace("signatures = {", "signatures = { scope = 'authz',"))
        assert judge().codes == ["verdict.policy-unknown"]

    def test_a_key_and_a_verifier_stand_for_a_policy(self):
        assert judge(trust=("--key", "ci.pub", "--verifier-id", VERIFIER)).status == 0

    def test_a_replay_is_seen_by_the_ledger(self, place):
        recorded(release("1.1.0", out="newer.tar.gz"))
        assert judge().status == 0
        assert judge("--ledger", f"sqlite://{place}/ledger.db").codes == ["version.rollback"]

    def test_a_ledger_that_is_named_and_missing_is_3(self, place):
        answer = judge("--ledger", f"sqlite://{place}/other.db")
        assert (answer.status, answer.codes) == (3, ["ledger.unavailable"])

    def test_the_age_that_is_asked_for_binds(self):
        assert judge("--max-age", "1h").status == 0
        assert judge("--max-age", "1h", "--now", "2100-01-01T00:00:00Z").codes == ["verdict.expired"] * 2

    @pytest.mark.parametrize(
        "change",
        [
            {"subject": ()},
            {"subject": ("--subject", "authz.tar.gz", "--subject-digest", "sha256:" + "0" * 64)},
            {"subject": ("--subject-digest", "sha256:short")},
            {"trust": ()},
            {"trust": ("--key", "ci.pub")},
            {"trust": ("--policy", "trust.toml", "--verifier-id", VERIFIER)},
        ],
    )
    def test_wrong_usage_is_2(self, change):
        answer = judge(**change)
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith("verify: error: ")


def test_a_verdict_or_an_artifact_that_cannot_be_read_is_3_with_a_report():
    answer = judge(file="missing.json", subject=("--subject", "missing.tar.gz"))
    assert (answer.status, answer.codes) == (3, ["input.unreadable"] * 2)
    assert answer.report["artifact"]["digest"] is None


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"{}", b"[" * 100_000])
def test_a_file_that_is_no_verdict_is_1(place, content):
    (place / "vsa.json").write_bytes(content)
    answer = judge(subject=("--subject", "src"))
    assert (answer.status, answer.report["verdict"]) == (1, "FAILED")


def test_without_the_resource_it_is_for_no_verdict_is_checked():
    answer = run("verdict", "vsa.json", "--policy", "trust.toml", "--subject", "src")
    assert (answer.status, "--resource-uri" in answer.err) == (2, True)


VALUES = {
    "--subject-digest": "gce_image_id:8970095005306000053",
    "--resource-uri": "gce_image://gke-node-images:gke-12615-gke1418000-cos-101-17162-463-29-c-cgpv1-pre",
    "--verifier-id": "https://bcid.corp.google.com/verifier/bcid_package_enforcer/v0.1",
    "--level": "SLSA_BUILD_LEVEL_2",
}


@pytest.mark.corpus
class TestAnotherVendors:
    def judge(self, **changes):
        folder = corpus("vsa")
        values = VALUES | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        options = [part for pair in values.items() for part in pair]
        key = ("--key", folder / "vsa_signing_public_key.pem")
        return ask("verdict", folder / "gke-gce-pre.bcid-vsa.jsonl", *key, *options)

    def test_it_is_accepted(self):
        assert self.judge().status == 0

    @pytest.mark.parametrize(
        "change",
        [
            {"subject_digest": "gce_image_id:8970095005306000054"},
            {"resource_uri": "gce_image://gke-node-images:other"},
            {"verifier_id": "https://bcid.corp.google.com/verifier/other"},
            {"level": "SLSA_BUILD_LEVEL_3"},
        ],
    )
    def test_it_is_denied_with_any_one_value_changed(self, change):
        assert self.judge(**change).status == 1

    def test_a_digest_that_the_ledger_does_not_hold_cannot_be_compared(self, place):
        run("ledger", "init")
        answer = self.judge(ledger=f"sqlite://{place}/ledger.db")
        assert (answer.status, answer.codes) == (1, ["ledger.scope-unknown"])
