"""`verify bundle`: its exit statuses, its report, its ledger, its verdict for others."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.command import Terminal, ask, run
from tests.support.material import corpus
from tests.support.publishing.releases import VERIFY, recorded, release
from verifier.publish.sign import sign_bundle

pytestmark = pytest.mark.usefixtures("place")


class TestExitStatus:
    def test_an_accepted_bundle_is_0(self):
        answer = run("bundle", release(), *VERIFY)
        assert (answer.status, answer.out.splitlines()[0]) == (0, "PASSED  bundle:authz 1.0.0")

    def test_a_denied_bundle_is_1(self):
        answer = ask("bundle", release(key="stranger"), *VERIFY)
        assert (answer.status, answer.codes) == (1, ["signer.untrusted"])

    @pytest.mark.parametrize(
        "options",
        [
            (),
            ("--policy", "missing.toml"),
            ("--policy", "trust.toml", "--key", "release.pub"),
            ("--policy", "trust.toml", "--now", "yesterday"),
            ("--policy", "trust.toml", "--verdict-out", "x.json"),
            ("--policy", "trust.toml", "--ledger", "mysql://host"),
            ("--policy", "trust.toml", "--correlation-id", "a\nb"),
            ("--policy", "trust.toml", "--format", "xml"),
            ("--key", "release.pub", "--threshold", "2"),
            ("--key", "release.pub", "--threshold", "0"),
            ("--key", "release.pub", "--version-scheme", "semver"),
            ("--key", "trust.toml"),
            ("--nonsense",),
        ],
    )
    def test_wrong_usage_is_2_and_says_what_is_wrong_on_standard_error(self, options):
        answer = run("bundle", release(), *options)
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith("verify: error: ")
        assert "Traceback" not in answer.err

    def test_what_could_not_be_decided_is_3(self):
        answer = ask("bundle", "missing.tar.gz", *VERIFY)
        assert (answer.status, answer.codes) == (3, ["input.unreadable"])

    def test_something_wrong_beside_something_undecided_is_1(self):
        release(key="stranger")
        answer = ask("bundle", "authz.tar.gz", *VERIFY, "--record")
        assert (answer.status, sorted(answer.codes)) == (1, ["ledger.unavailable", "signer.untrusted"])


class TestReport:
    def test_nothing_but_the_report_is_on_standard_output(self):
        answer = ask("bundle", release(), *VERIFY, "--record", "--ledger-init")
        assert answer.report["verdict"] == "PASSED"
        assert "created the ledger" in answer.err

    def test_the_correlation_id_is_the_callers_or_a_new_one(self):
        release()
        given = ask("bundle", "authz.tar.gz", *VERIFY, "--correlation-id", "deploy-7").report
        one, other = (ask("bundle", "authz.tar.gz", *VERIFY).report["correlationId"] for _ in range(2))
        assert given["correlationId"] == "deploy-7"
        assert one != other

    def test_colours_are_for_terminals(self):
        release()
        assert "\x1b[" not in run("bundle", "authz.tar.gz", *VERIFY).out
        assert "\x1b[32mPASSED\x1b[0m" in run("bundle", "authz.tar.gz", *VERIFY, out=Terminal()).out

    @pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
    def test_and_not_for_those_who_refuse_them(self, monkeypatch, name, value):
        monkeypatch.setenv(name, value)
        release()
        assert "\x1b[" not in run("bundle", "authz.tar.gz", *VERIFY, out=Terminal()).out

    def test_a_hostile_file_name_is_shown_harmless(self):
        hostile = "a\x1b[2J\u202e.tar.gz"
        Path(hostile).write_bytes(release().read_bytes())
        answer = run("bundle", hostile, "--policy", "trust.toml")
        assert answer.status == 1
        assert "\x1b" not in answer.out + answer.err
        assert "\u202e" not in answer.out + answer.err

    def test_the_name_is_the_files_where_none_is_given(self):
        release()
        assert ask("bundle", "authz.tar.gz", "--policy", "trust.toml").report["artifact"]["name"] == "authz"
        assert ask("bundle", "src", "--policy", "trust.toml").codes == ["trust.no-policy"]

    def test_a_mistyped_path_is_said_beside_the_name_that_no_rule_has(self):
        answer = run("bundle", "autz.tar.gz", "--policy", "trust.toml")
        assert answer.status == 1
        assert "matches bundle:autz; it has bundle:authz" in " ".join(answer.out.split())
        assert "there is no such file" in answer.out

    def test_the_resource_is_the_file_where_none_is_given(self):
        release()
        assert ask("bundle", "authz.tar.gz", *VERIFY).report["artifact"]["resourceUri"].startswith("file:///")
        given = ask("bundle", "authz.tar.gz", *VERIFY, "--resource-uri", "https://example.org/a")
        assert given.report["artifact"]["resourceUri"] == "https://example.org/a"


class TestFlags:
    def test_a_key_alone_verifies_and_says_that_nothing_is_ordered(self):
        answer = ask("bundle", release(), "--key", "release.pub")
        assert answer.status == 0
        assert [reason["code"] for reason in answer.report["reasons"]] == ["version.unchecked"]

    def test_a_version_source_orders(self):
        flags = ("--key", "release.pub", "--version-from", "manifest.revision", "--version-scheme", "semver")
        newer, older = release("1.1.0", out="b.tar.gz"), release("1.0.0", out="a.tar.gz")
        common = (*flags, "--name", "authz", "--record", "--ledger-init")
        assert ask("bundle", newer, *common).status == 0
        assert ask("bundle", older, *common).codes == ["version.rollback"]

    def test_a_shared_secret_verifies_where_its_algorithm_is_named(self, place):
        secret = b"0123456789abcdef0123456789abcdef"
        (place / "secret.bin").write_bytes(secret)
        release()
        unsigned = Path("authz.tar.gz").read_bytes()
        options = {"keyid": None, "scope": None, "now": datetime.now(UTC)}
        content = sign_bundle(unsigned, key=secret, algorithm="HS256", **options)
        Path("hmac.tar.gz").write_bytes(content)
        assert ask("bundle", "hmac.tar.gz", "--key", "secret.bin", "--algorithm", "HS256").status == 0
        assert ask("bundle", "authz.tar.gz", "--key", "secret.bin", "--algorithm", "HS256").status == 1
        assert run("bundle", "hmac.tar.gz", "--key", "secret.bin").status == 2
        (place / "short.bin").write_bytes(secret[:8])
        assert run("bundle", "hmac.tar.gz", "--key", "short.bin", "--algorithm", "HS256").status == 2

    def test_a_public_key_is_never_taken_for_a_shared_secret(self):
        pem = Path("release.pub").read_bytes()
        options = {"keyid": None, "scope": None, "now": datetime.now(UTC)}
        forged = sign_bundle(release().read_bytes(), key=pem, algorithm="HS256", **options)
        Path("forged.tar.gz").write_bytes(forged)
        assert ask("bundle", "forged.tar.gz", "--key", "release.pub").codes == ["signature.algorithm-mismatch"]

    def test_embedded_and_detached_signatures_meet_a_threshold(self):
        release()
        name = ("--name", "authz")
        run("sign", "bundle", "authz.tar.gz", "--key", "stranger", "--detached", "second.json", *name)
        keys = ("--key", "release.pub", "--key", "stranger.pub", "--threshold", "2", *name)
        assert ask("bundle", "authz.tar.gz", *keys).codes == ["signature.threshold-not-met"]
        assert ask("bundle", "authz.tar.gz", *keys, "--attestation", "second.json").status == 0
        assert ask("bundle", "authz.tar.gz", *keys, "--signature", "second.json").status == 0

    def test_an_attestation_that_cannot_be_read_is_in_the_report(self):
        release()
        answer = ask("bundle", "src", "--key", "release.pub", "--attestation", "missing.json")
        assert (answer.status, answer.codes) == (3, ["input.unreadable", "attestation.undecided"])
        beside = ask("bundle", "authz.tar.gz", "--key", "release.pub", "--attestation", "missing.json")
        assert (beside.status, beside.codes) == (3, ["attestation.undecided"])
        assert beside.report["reasons"][1]["code"] == "input.unreadable"

    def test_a_scope_is_demanded_of_the_signature(self):
        release("1.0.0", "--scope", "prod")
        assert ask("bundle", "authz.tar.gz", "--key", "release.pub", "--scope", "prod").status == 0
        assert ask("bundle", "authz.tar.gz", "--key", "release.pub", "--scope", "dev").codes == [
            "signature.scope-mismatch"
        ]

    def test_reading_as_opa_does_is_reported(self):
        answer = ask("bundle", release(), "--key", "release.pub", "--mode", "opa-compat")
        assert "policy.opa-compat" in [reason["code"] for reason in answer.report["reasons"]]

    def test_the_engine_that_is_asked_for_must_be_there(self, monkeypatch):
        monkeypatch.setenv("PATH", "")
        answer = run("bundle", release(), *VERIFY, "--rego-engine", "opa")
        assert (answer.status, answer.out) == (2, "")
        assert "no `opa` on PATH" in answer.err

    def test_time_can_be_given_for_audits(self):
        release("1.0.0", "--expires", "1d")
        assert ask("bundle", "authz.tar.gz", *VERIFY).status == 0
        assert ask("bundle", "authz.tar.gz", *VERIFY, "--now", "2100-01-01T00:00:00Z").codes == ["freshness.expired"]

    @pytest.mark.corpus
    def test_a_bundle_of_another_vendor_verifies_and_has_no_version_to_order(self):
        folder = corpus("opa-bundles")
        answer = ask("bundle", folder / "eopa-bundle.tar.gz", "--key", folder / "eopa-bundle.pub.pem")
        assert answer.status == 0
        (unchecked,) = [reason for reason in answer.report["reasons"] if reason["code"] == "version.unchecked"]
        assert "bundle:eopa-bundle has no version to order" in unchecked["message"]


class TestLedger:
    def test_recording_without_a_ledger_is_undecided_and_makes_none(self, place):
        answer = ask("bundle", release(), *VERIFY, "--record")
        assert (answer.status, answer.codes) == (3, ["ledger.unavailable"])
        assert not (place / "ledger.db").exists()

    def test_a_ledger_that_is_named_and_missing_is_undecided_even_without_record(self, place):
        answer = ask("bundle", release(), *VERIFY, "--ledger", f"sqlite://{place}/other.db")
        assert (answer.status, answer.codes) == (3, ["ledger.unavailable"])

    def test_without_a_ledger_nothing_is_compared_and_the_report_says_so(self):
        answer = ask("bundle", release(), *VERIFY)
        assert (answer.status, answer.report["ledger"]) == (0, None)
        assert [reason["code"] for reason in answer.report["reasons"]] == ["version.unchecked"]

    def test_a_replayed_older_release_is_denied(self):
        older, newer = release("1.0.0", out="a.tar.gz"), release("1.1.0", out="b.tar.gz")
        assert [recorded(bundle).status for bundle in (older, newer)] == [0, 0]
        answer = ask("bundle", older, *VERIFY, "--record")
        assert (answer.status, answer.codes) == (1, ["version.rollback"])
        assert answer.report["ledger"]["after"] == "0:1.1.0"

    def test_without_record_the_mark_stays_and_a_replay_is_seen_all_the_same(self):
        recorded(release("1.0.0"))
        ahead = ask("bundle", release("2.0.0"), *VERIFY)
        assert (ahead.status, ahead.report["ledger"]["after"], ahead.report["ledger"]["recorded"]) == (
            0,
            "0:1.0.0",
            False,
        )
        assert ask("bundle", release("0.9.0"), *VERIFY).codes == ["version.rollback"]

    def test_a_damaged_ledger_is_undecided(self, place):
        recorded(release())
        (place / "ledger.db").write_bytes(b"not a ledger at all" * 100)
        answer = ask("bundle", "authz.tar.gz", *VERIFY)
        assert (answer.status, answer.codes) == (3, ["ledger.corrupt"])


class TestVerdictOut:
    EMIT = ("--resource-uri", "https://example.org/authz", "--verdict-out", "vsa.json", "--signing-key", "ci")

    def judge(self, *options):
        uri = ("--resource-uri", "https://example.org/authz")
        return ask("verdict", "vsa.json", "--policy", "trust.toml", "--subject", "authz.tar.gz", *uri, *options)

    def test_an_acceptance_is_written_for_others_to_rely_on(self):
        bundle = release()
        for expected in (["verdict.level-missing"], []):  # a first use was compared with nothing
            assert recorded(bundle, *self.EMIT).status == 0
            assert self.judge("--level", "POLICY_VERIFIER_MONOTONIC").codes == expected

    def test_a_denial_is_written_too(self):
        assert run("bundle", release(key="stranger"), *VERIFY, *self.EMIT).status == 1
        assert self.judge().codes == ["verdict.failed"]

    def test_it_replaces_the_old_one_in_one_step_and_leaves_nothing_beside_it(self, place):
        recorded(release(), *self.EMIT)
        before = set(place.iterdir())
        run("bundle", release(key="stranger"), *VERIFY, *self.EMIT)
        assert set(place.iterdir()) == before
        assert self.judge().codes == ["verdict.failed"]

    def test_nothing_is_written_about_what_could_not_be_read(self, place):
        answer = run("bundle", "missing.tar.gz", *VERIFY, *self.EMIT)
        assert answer.status == 3
        assert "no verdict was written" in answer.err
        assert not (place / "vsa.json").exists()

    def test_it_holds_as_long_as_asked(self):
        recorded(release(), *self.EMIT, "--verdict-expires", "1h")
        assert self.judge("--now", "2100-01-01T00:00:00Z").codes == ["verdict.expired"]

    def test_a_key_that_cannot_sign_stops_before_anything_is_decided(self, place):
        (place / "broken").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        (place / "broken").chmod(0o600)
        answer = recorded(release(), "--verdict-out", "vsa.json", "--signing-key", "broken")
        assert (answer.status, answer.out) == (2, "")
        assert not (place / "ledger.db").exists()

    def test_it_is_an_envelope_around_a_summary(self):
        recorded(release(), *self.EMIT)
        envelope = json.loads(Path("vsa.json").read_text())
        assert envelope["payloadType"] == "application/vnd.in-toto+json"
        assert len(envelope["signatures"]) == 1


def test_a_directory_is_a_bundle_too():
    assert ask("bundle", "src", "--key", "release.pub").codes == ["signature.missing"]
