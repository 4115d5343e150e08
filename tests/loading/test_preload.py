"""The runtime hook: what is handed on, what is recorded, and everything for which nothing is."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.attestations.summaries import PREDICATE
from tests.support.loading.emitted import CONTENT, DIGEST, RULE, RUNTIME, denied, emit, mark, trusting
from tests.support.material import NOW, signer, statement
from tests.support.material import envelope as signed_envelope
from tests.support.stories import NAME, SCOPE, URI, VERIFIER, archive, codes, detached, signed, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, refuse
from verifier.core.uris import VERDICT_EXTENSION, VERIFICATION_SUMMARY
from verifier.core.verdict import MONOTONIC_LEVEL
from verifier.engine.levels import SIGNED_LEVEL
from verifier.engine.verification import VerifiedBytes
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.preload import preload
from verifier.trust.sections.version import VersionUnchecked
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor


def claiming(artifact=None, **changes) -> bytes:
    """A verdict by CI with this predicate, and this artifact in our extension."""
    said = {"artifact": artifact, "ruleDigest": {"sha256": RULE.value}}
    extension = {VERDICT_EXTENSION: said} if artifact else {}
    verifier = {"verifier": {"id": VERIFIER}, "policy": {"uri": "x", "digest": {"sha256": RUNTIME.digest.value}}}
    predicate = PREDICATE | verifier | {"resourceUri": URI} | extension | changes
    predicate = {key: value for key, value in predicate.items() if value is not None}
    if artifact is None:
        predicate.pop(VERDICT_EXTENSION, None)
    return signed_envelope(statement(DIGEST.value, VERIFICATION_SUMMARY, **predicate), "p384")


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


@pytest.fixture
def load(ledger):
    """Asks for CONTENT with CI's verdict about it, or with changes."""

    def ask(verdict=None, artifact=CONTENT, trust=RUNTIME, *, ledger=ledger, **changes):
        chosen = {"name": NAME, "resource_uri": URI, "now": NOW, "correlation_id": "story"}
        return preload(artifact, trust, emit() if verdict is None else verdict, ledger, **(chosen | changes))

    return ask


class TestWhatIsHandedOn:
    def test_the_bytes_that_were_hashed(self, load):
        preloaded = load()
        assert (preloaded.verified.content, preloaded.verified.digest) == (CONTENT, DIGEST)
        assert preloaded.verdict.passed
        assert warnings(preloaded.verdict) == ["version.first-use"]
        assert load().verdict.reasons == ()

    def test_the_bytes_of_a_file_as_they_were_read(self, load, tmp_path):
        path = tmp_path / "authz.tar.gz"
        path.write_bytes(CONTENT)
        preloaded = load(artifact=path)
        path.write_bytes(b"changed since")
        assert preloaded.verified.content == CONTENT

    def test_nothing_else_can_make_verified_bytes(self):
        with pytest.raises(TypeError):
            VerifiedBytes(digest=DIGEST, content=CONTENT, seal=object())

    def test_what_the_verdict_said_is_in_the_report(self, load):
        subject = load().verdict.subject
        assert (subject.kind, subject.name, subject.version, subject.resource_uri) == ("bundle", NAME, "1.0.0", URI)

    def test_the_policys_resource_is_the_one_that_is_expected(self, load):
        trust = trusting(resource_uri=URI)
        assert load(emit(trust=trust), trust=trust, resource_uri="").verified is not None

    def test_a_time_without_an_offset_is_the_callers_mistake(self, load):
        with pytest.raises(ConfigurationError):
            load(now=NOW.replace(tzinfo=None))


class TestWhatIsRecorded:
    def test_an_acceptance_advances_the_ledger_and_names_the_verdict(self, load, ledger):
        verdict = emit()
        preloaded = load(verdict)
        (event,) = history(ledger)
        assert (event.kind, event.version, event.digest) == (EventKind.ACCEPTED, "1.0.0", DIGEST)
        assert (event.verdict, event.policy, event.actor) == (Digest.of(verdict), RUNTIME.digest, "preload")
        trace = preloaded.verdict.ledger
        assert (trace.before, trace.after, trace.recorded, mark(ledger)) == (None, "0:1.0.0", True, "0:1.0.0")

    def test_a_verdict_about_other_bytes_states_no_version_of_these(self, load, ledger):
        load()
        later = signed(archive("1.1.0"))
        assert denied(load(artifact=later)) == ["verdict.subject-mismatch"]
        last = list(history(ledger))[-1]
        assert (last.kind, last.version, last.reasons) == (EventKind.DENIED, None, ("verdict.subject-mismatch",))

    def test_accepting_again_what_stands_changes_no_state(self, load, ledger):
        load()
        before = ledger.fetch(SCOPE).state
        assert load().verified is not None
        assert ledger.fetch(SCOPE).state == before

    def test_without_recording_the_ledger_is_only_asked(self, load, ledger):
        preloaded = load(record=False)
        assert preloaded.verified is not None
        assert codes(preloaded.verdict, None) == ["version.first-use", "ledger.not-recorded"]
        assert list(history(ledger)) == []

    def test_a_denial_is_written_down_and_changes_nothing_else(self, load, ledger):
        assert denied(load(now=NOW + timedelta(days=30))) == ["verdict.expired"]
        (event,) = history(ledger)
        assert (event.kind, event.reasons, mark(ledger)) == (EventKind.DENIED, ("verdict.expired",), None)

    def test_a_ledger_that_cannot_be_opened_denies(self, load):
        preloaded = load(ledger=refuse("ledger.unavailable", "ledger.db", "there is none"))
        assert denied(preloaded) == ["ledger.unavailable"]
        assert preloaded.verdict.undecided

    def test_a_ledger_that_fails_while_recording_denies(self, load, tmp_path):
        create_ledger(tmp_path / "other.db")
        with open_ledger(tmp_path / "other.db", read_only=True) as sealed:
            assert denied(load(ledger=sealed)) == ["ledger.unavailable"]


class TestWhatIsDenied:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"artifact": signed(archive("1.0.1"))}, "verdict.subject-mismatch"),
            ({"resource_uri": URI + "x"}, "verdict.resource-mismatch"),
            ({"now": NOW + timedelta(days=30)}, "verdict.expired"),
            ({"now": NOW - timedelta(hours=1)}, "clock.skew"),
            ({"levels": ("SLSA_BUILD_LEVEL_1",)}, "verdict.level-missing"),
            ({"trust": trusting(freshness=timedelta(days=7))}, "verdict.policy-unknown"),
            ({"trust": replace(RUNTIME, verifiers=())}, "verdict.verifier-untrusted"),
            ({"trust": replace(RUNTIME, artifacts=())}, "trust.no-policy"),
            ({"name": "other"}, "trust.no-policy"),
            ({"kind": "artifact"}, "trust.no-policy"),
        ],
    )
    def test_each_thing_that_is_otherwise(self, load, changes, code):
        assert set(denied(load(**changes))) == {code}

    def test_a_verifier_whose_signer_was_revoked(self, load):
        trust = replace(RUNTIME, signers=RUNTIME.signers | {"p384": signer("p384", revoked=True)})
        assert denied(load(trust=trust)) == ["signer.revoked"]

    def test_a_verdict_by_the_signer_of_the_bundle(self, load):
        assert denied(load(emit(key="p256"))) == ["signer.untrusted"]

    def test_a_verdict_of_another_verifier(self, load):
        assert denied(load(emit(verifier_id=VERIFIER + "2"))) == ["verdict.verifier-untrusted"]

    def test_a_verdict_that_says_failed(self, load):
        content = archive()
        assert denied(load(emit(content), content)) == ["verdict.failed"]

    @pytest.mark.parametrize("verdict", [b"", b"{}", b"\xff", b"[" * 100_000, emit()[:-9]])
    def test_a_file_that_is_no_verdict(self, load, verdict):
        assert denied(load(verdict))

    def test_a_verdict_or_an_artifact_that_cannot_be_read(self, load, tmp_path):
        missing = refuse("input.unreadable", "vsa.json", "there is none")
        preloaded = load(missing, tmp_path / "nowhere.tar.gz", fallback="full")
        assert denied(preloaded) == ["input.unreadable", "input.unreadable"]
        assert preloaded.verdict.undecided

    def test_a_verdict_about_the_same_bytes_under_another_name(self, load):
        other = {"kind": "bundle", "name": "other", "version": "1.0.0", "epoch": 0}
        assert denied(load(claiming(other))) == ["verdict.subject-mismatch", "verdict.scope-mismatch"]

    def test_a_verdict_compared_in_another_scope(self, load):
        artifact = {"kind": "bundle", "name": NAME, "version": "1.0.0"}
        extension = {"artifact": artifact, "ledger": {"scope": SCOPE + "@canary"}, "ruleDigest": {"sha256": RULE.value}}
        verdict = claiming(artifact, **{VERDICT_EXTENSION: extension})
        assert denied(load(verdict)) == ["verdict.scope-mismatch"]

    def test_a_verdict_under_the_same_policy_that_names_no_rule(self, load):
        assert denied(load(claiming())) == ["verdict.policy-unknown", "version.missing"]


class TestVersions:
    def test_a_replayed_older_bundle_is_denied_however_good_its_verdict(self, load, ledger):
        older, newer = emit(), signed(archive("1.1.0"))
        assert load(emit(newer), newer).verified is not None
        assert denied(load(older)) == ["version.rollback"]
        assert mark(ledger) == "0:1.1.0"

    def test_one_version_with_two_contents_is_denied(self, load):
        load()
        other = signed(archive(module=b"package authz\n\nallow := true\n"))
        assert denied(load(emit(other), other)) == ["version.equivocation"]

    def test_a_floor_binds_at_the_next_load(self, load, ledger):
        assert load().verified is not None
        set_floor(ledger, SCOPE, Floor(epoch=0, version="2.0.0", scheme=Scheme.SEMVER), Circumstances(now=NOW))
        assert denied(load()) == ["version.below-floor"]

    @pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["ordered", "unordered"])
    def test_a_quarantine_binds_at_the_next_load(self, load, ledger, rule):
        trust = trusting(**rule)
        verdict = emit(trust=trust)
        assert load(verdict, trust=trust).verified is not None
        withdraw_digest(ledger, SCOPE, DIGEST, Circumstances(now=NOW))
        assert denied(load(verdict, trust=trust)) == ["version.quarantined"]

    def test_a_verdict_without_a_version_is_denied(self, load):
        assert denied(load(claiming({"kind": "bundle", "name": NAME}))) == ["version.missing"]

    def test_a_version_that_the_policys_scheme_cannot_order_is_denied(self, load):
        verdict = claiming({"kind": "bundle", "name": NAME, "version": "one"})
        assert denied(load(verdict)) == ["version.unorderable"]

    def test_an_epoch_that_no_ledger_holds_is_denied(self, load):
        verdict = claiming({"kind": "bundle", "name": NAME, "version": "1.0.0", "epoch": 2**70})
        assert denied(load(verdict))

    def test_a_verdict_cannot_raise_the_epoch(self, load):
        verdict = claiming({"kind": "bundle", "name": NAME, "version": "1.0.0", "epoch": 1})
        assert denied(load(verdict)) == ["version.fast-forward"]

    def test_where_nothing_is_ordered_no_version_is_needed_and_it_is_said(self, load, ledger):
        trust = trusting(version=VersionUnchecked())
        theirs = replace(trust.verifiers[0], policy_digests=(RUNTIME.digest,))
        preloaded = load(claiming(), trust=replace(trust, verifiers=(theirs,)))
        assert preloaded.verified is not None
        assert warnings(preloaded.verdict) == ["version.unchecked"]
        assert [event.kind for event in history(ledger)] == [EventKind.ACCEPTED]

    @pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["ordered", "unordered"])
    def test_freshness_is_counted_from_the_verdict(self, load, rule):
        trust = trusting(freshness=timedelta(days=7), **rule)
        verdict = emit(trust=trust)
        assert load(verdict, trust=trust, now=NOW + timedelta(days=7)).verified is not None
        code = "verdict.expired" if rule else "freshness.expired"
        assert denied(load(verdict, trust=trust, now=NOW + timedelta(days=7, seconds=1))) == [code]


class TestVerifyingInFull:
    def test_an_expired_verdict_is_replaced_and_named(self, load, ledger):
        preloaded = load(emit(holds=timedelta(seconds=-1)), fallback="full")
        assert preloaded.verified.content == CONTENT
        assert warnings(preloaded.verdict) == ["verdict.expired", "version.first-use"]
        kinds = [(item.kind, item.verified) for item in preloaded.verdict.evidence]
        assert kinds == [("opa-signature", True), ("verification-summary", True)]
        assert mark(ledger) == "0:1.0.0"

    def test_a_missing_verdict_is_replaced(self, load):
        preloaded = load(refuse("input.unreadable", "vsa.json", "there is none"), fallback="full")
        assert (preloaded.verdict.passed, warnings(preloaded.verdict)) == (
            True,
            ["input.unreadable", "version.first-use"],
        )

    def test_a_verdict_that_cannot_be_read_to_its_end_is_not_replaced(self, load):
        failed = claiming({"kind": "bundle", "name": NAME}, verificationResult="FAILED", verifiedLevels=["FAILED"])
        for damaged in (failed[:-9], b"junk" + failed, failed.replace(b"payloadType", b"payloadtype")):
            assert denied(load(damaged, fallback="full"))

    def test_a_verdict_that_calls_the_bytes_otherwise_than_they_do_is_denied(self, load, ledger):
        claimed = {"kind": "bundle", "name": NAME, "version": "9.9.9"}
        assert denied(load(claiming(claimed))) == ["version.disputed"]
        assert mark(ledger) is None

    def test_a_verdict_with_digests_of_two_contents_is_denied(self, load):
        made = json.loads(base64.b64decode(json.loads(emit())["payload"]))
        made["subject"][0]["digest"]["sha512"] = "ab" * 64
        assert denied(load(signed_envelope(json.dumps(made).encode(), "p384"))) == ["verdict.subject-mismatch"]

    def test_a_verdict_without_a_version_is_replaced(self, load):
        assert load(claiming(), fallback="full").verdict.subject.version == "1.0.0"

    def test_a_bundle_that_nobody_signed_stays_denied(self, load, ledger):
        preloaded = load(emit(), archive(), fallback="full")
        assert denied(preloaded) == ["signature.missing"]
        assert mark(ledger) is None

    def test_a_verifiers_no_is_final(self, load):
        verdict = claiming(
            {"kind": "bundle", "name": NAME, "version": "1.0.0"}, verificationResult="FAILED", verifiedLevels=["FAILED"]
        )
        assert denied(load(verdict, fallback="full")) == ["verdict.failed"]

    def test_the_ledgers_no_is_final(self, load):
        older, newer = emit(), signed(archive("1.1.0"))
        load(emit(newer), newer)
        preloaded = load(older, fallback="full")
        assert denied(preloaded) == ["version.rollback"]
        assert [item.kind for item in preloaded.verdict.evidence] == ["verification-summary"]

    def test_attestations_count_there(self, load):
        content = archive()
        trust = replace(RUNTIME, signers=RUNTIME.signers | {"p256": signer("p256", "ed25519")})
        release = detached(content, "ed25519")
        absent = refuse("input.unreadable", "vsa.json", "there is none")
        assert denied(load(absent, content, trust, fallback="full")) == ["signature.missing"]
        again = Document(name=release.name, content=release.content.replace(b'"ed25519"', b'"p256"'))
        assert load(absent, content, trust, fallback="full", attestations=(again,)).verified is not None

    def test_what_lacks_a_level_is_denied_and_not_recorded(self, load, ledger):
        absent = refuse("input.unreadable", "vsa.json", "there is none")
        preloaded = load(absent, fallback="full", levels=(SIGNED_LEVEL, "SLSA_BUILD_LEVEL_1"))
        assert denied(preloaded) == ["verdict.level-missing"]
        assert mark(ledger) is None
        monotonic = (SIGNED_LEVEL, MONOTONIC_LEVEL)
        assert denied(load(absent, fallback="full", levels=monotonic)) == ["verdict.level-missing"]  # a first use
        assert load(absent, fallback="full").verified is not None
        assert load(absent, fallback="full", levels=monotonic).verified is not None
