"""Verifications as stories: what goes in, what is decided, what the ledger holds afterwards."""

import threading
from datetime import timedelta

import pytest

from tests.support.material import NOW
from tests.support.stories import (
    NAME,
    RULES,
    SCOPE,
    URI,
    StubbornEngine,
    archive,
    codes,
    detached,
    policy,
    request,
    signed,
    verify,
    warnings,
)
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.severity import Severity
from verifier.core.value import replace
from verifier.core.verdict import Decision
from verifier.engine.levels import SIGNED_LEVEL
from verifier.engine.request import Request
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import check, history
from verifier.ledger.interface import EventKind
from verifier.ledger.operate import withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.sqlite.url import ledger_path
from verifier.loading.preload import preload
from verifier.trust.evaluate import rule_for
from verifier.trust.sections.version import VersionUnchecked

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


def record(ledger, source=None, trust=None, **changes):
    return verify(source, trust, ledger=ledger, record=True, **changes)


def mark(ledger, scope=SCOPE):
    state = ledger.fetch(scope).state
    return str(state.mark) if state and state.mark else None


class TestGenuineReleases:
    def test_a_genuine_release_is_accepted_and_recorded(self, ledger):
        content = signed()
        result = record(ledger, content, resource_uri=URI)
        verdict = result.verdict
        assert verdict.passed
        assert warnings(verdict) == ["version.first-use"]
        assert result.content == content
        assert verdict.subject.digest == Digest.of(content)
        assert (verdict.subject.resource_uri, verdict.subject.version, verdict.subject.epoch) == (URI, "1.0.0", 0)
        assert (verdict.ledger.before, verdict.ledger.after, verdict.ledger.recorded) == (None, "0:1.0.0", True)
        assert verdict.levels == (SIGNED_LEVEL,)
        assert mark(ledger) == "0:1.0.0"

    def test_the_evidence_names_who_signed_and_when(self):
        (item,) = verify().verdict.evidence
        assert (item.kind, item.signer, item.verified, item.time) == ("opa-signature", "p256", True, NOW)

    def test_a_later_release_moves_the_mark(self, ledger):
        assert record(ledger).verdict.passed
        assert record(ledger, signed(archive("1.1.0")), now=LATER).verdict.passed
        assert mark(ledger) == "0:1.1.0"

    def test_accepting_the_same_bytes_again_moves_nothing(self, ledger):
        content = signed()
        record(ledger, content)
        again = record(ledger, content, now=LATER).verdict
        assert (again.passed, again.ledger.before, again.ledger.after) == (True, "0:1.0.0", "0:1.0.0")

    def test_without_record_the_ledger_stays_as_it_is_and_the_report_says_so(self, ledger):
        verdict = verify(ledger=ledger).verdict
        assert (verdict.passed, codes(verdict, Severity.NOTE)) == (True, ["ledger.not-recorded"])
        assert (verdict.ledger.after, verdict.ledger.recorded, verdict.levels) == (None, False, (SIGNED_LEVEL,))
        assert (mark(ledger), list(history(ledger))) == (None, [])

    def test_without_a_ledger_the_report_says_that_nothing_was_compared(self):
        verdict = verify().verdict
        assert (verdict.passed, warnings(verdict), verdict.ledger) == (True, ["version.unchecked"], None)
        assert verdict.levels == (SIGNED_LEVEL,)

    def test_a_directory_is_verified_as_its_canonical_archive(self, tmp_path):
        (tmp_path / "bundle" / "authz").mkdir(parents=True)
        (tmp_path / "bundle" / ".manifest").write_text('{"revision": "1.0.0", "roots": ["authz"]}')
        (tmp_path / "bundle" / "authz" / "policy.rego").write_text("package authz\n")
        packed = pack_members(
            [(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/policy.rego", b"package authz\n")]
        )
        result = verify(tmp_path / "bundle", policy("ed25519"), attestations=(detached(packed),))
        assert (result.verdict.passed, result.content) == (True, packed)

    def test_the_resource_is_the_callers_else_the_policys_else_the_file_itself(self, tmp_path):
        (tmp_path / "a.tar.gz").write_bytes(signed())
        ruled = policy(resource_uri="https://example.org/ruled")
        assert verify(trust=ruled, resource_uri=URI).verdict.subject.resource_uri == URI
        assert verify(trust=ruled).verdict.subject.resource_uri == "https://example.org/ruled"
        assert verify(tmp_path / "a.tar.gz").verdict.subject.resource_uri == (tmp_path / "a.tar.gz").as_uri()
        assert verify().verdict.subject.resource_uri == "bundle:authz"


class TestReplays:
    def test_replayed_older_bundle_is_denied(self, ledger):
        record(ledger, signed(archive("1.1.0")))
        result = record(ledger, signed(archive("1.0.0")))
        assert (codes(result.verdict), result.content) == (["version.rollback"], None)
        assert mark(ledger) == "0:1.1.0"

    def test_one_version_with_other_content_is_denied(self, ledger):
        first, second = signed(), signed(archive(module=b"package authz\n\nallow := true\n"))
        record(ledger, first)
        verdict = record(ledger, second).verdict
        assert codes(verdict) == ["version.equivocation"]
        assert all(str(Digest.of(content)) in verdict.reasons[0].message for content in (first, second))

    def test_a_bundle_without_a_version_is_denied_where_one_is_wanted(self, ledger):
        assert codes(record(ledger, signed(archive(None))).verdict) == ["version.missing"]

    def test_a_quarantined_digest_is_denied_even_where_nothing_is_ordered(self, ledger):
        content, trust = signed(), policy(version=VersionUnchecked())
        withdraw_digest(ledger, SCOPE, Digest.of(content), Circumstances(now=NOW, comment="bad"))
        verdict = record(ledger, content, trust).verdict
        assert (codes(verdict), warnings(verdict)) == (["version.quarantined"], ["version.unchecked"])

    def test_a_clock_behind_the_ledger_is_denied_even_where_nothing_is_ordered(self, ledger):
        content, trust = signed(), policy(version=VersionUnchecked())
        record(ledger, content, trust, now=LATER)
        assert codes(record(ledger, content, trust, now=NOW).verdict) == ["clock.backwards"]

    def test_channels_of_one_bundle_are_ordered_apart(self, ledger):
        record(ledger, signed(archive("2.0.0")), policy(channel="edge"))
        assert record(ledger, signed(archive("1.0.0"))).verdict.passed
        assert (mark(ledger, f"{SCOPE}@edge"), mark(ledger)) == ("0:2.0.0", "0:1.0.0")


class TestDenialsInTheLedger:
    def test_a_denial_is_recorded_without_moving_the_mark(self, ledger):
        record(ledger)
        tampered = signed(archive("1.1.0"), "p384")
        verdict = record(ledger, tampered).verdict
        assert codes(verdict) == ["signer.untrusted"]
        *_, last = history(ledger, SCOPE)
        assert (last.kind, last.reasons, last.version) == (EventKind.DENIED, ("signer.untrusted",), "1.1.0")
        assert (mark(ledger), verdict.ledger.after, verdict.ledger.recorded) == ("0:1.0.0", "0:1.0.0", True)

    def test_what_is_accepted_without_a_version_is_recorded_with_its_digest(self, ledger):
        content = signed()
        assert record(ledger, content, policy(version=VersionUnchecked())).verdict.passed
        (event,) = history(ledger, SCOPE)
        assert (event.kind, event.digest, event.version) == (EventKind.ACCEPTED, Digest.of(content), None)
        assert (mark(ledger), check(ledger).head.sequence) == (None, 1)

    def test_what_cannot_be_read_is_written_down_too(self, ledger):
        assert codes(record(ledger, b"not an archive").verdict) == ["archive.not-gzip"]
        (event,) = history(ledger)
        assert (event.kind, event.scope, event.reasons) == (EventKind.DENIED, SCOPE, ("archive.not-gzip",))
        assert (event.digest, event.version) == (Digest.of(b"not an archive"), None)
        assert mark(ledger) is None

    def test_a_name_without_a_rule_is_written_down_too(self, ledger):
        assert codes(record(ledger, name="other").verdict) == ["trust.no-policy"]
        (event,) = history(ledger)
        assert (event.kind, event.scope, event.digest) == (EventKind.DENIED, "bundle:other", None)

    @pytest.mark.parametrize(
        "name",
        ["n" * 3_000_000, "é" * 600, "a\udcffb", "\x00", "a\nb", "\x1b[31m", "authz@edge", "*", " ", "\u202egpj"],
    )
    def test_a_hostile_name_without_a_rule_leaves_a_history_that_can_be_read(self, ledger, name):
        everybody = policy()
        rule = replace(everybody.artifacts[0], pattern="bundle:*")
        everybody = replace(everybody, artifacts=(rule,))
        assert codes(record(ledger, signed(), everybody, name=name).verdict) == ["trust.no-policy"]
        asked = {"name": name, "now": NOW, "correlation_id": "story"}
        assert preload(signed(), everybody, None, ledger, **asked).verdict.ledger.recorded
        assert check(ledger).head.sequence == 2
        for event in history(ledger):
            assert (event.kind, event.scope.isprintable(), len(event.scope) < 100) == (EventKind.DENIED, True, True)
            assert rule_for(everybody, *event.scope.split(":", 1)) is None

    def test_a_denial_that_cannot_be_written_down_stands_and_says_so(self, ledger):
        with open_ledger(ledger_path(ledger.url), read_only=True) as frozen:
            verdict = record(frozen, b"not an archive").verdict
        assert (codes(verdict), warnings(verdict)) == (["archive.not-gzip"], ["ledger.unavailable"])
        assert (verdict.undecided, verdict.ledger.recorded) == (False, False)

    def test_an_acceptance_that_cannot_be_recorded_is_none(self, ledger):
        with open_ledger(ledger_path(ledger.url), read_only=True) as frozen:
            result = record(frozen)
        assert (result.verdict.undecided, result.content) == (True, None)
        assert codes(result.verdict) == ["ledger.unavailable"]
        assert result.verdict.levels == ("FAILED",)

    def test_a_ledger_that_could_not_be_opened_denies(self):
        missing = refuse("ledger.unavailable", "ledger.db", "there is none")
        result = verify(ledger=missing, record=True)
        assert (codes(result.verdict), result.verdict.undecided) == (["ledger.unavailable"], True)
        assert result.content is None

    def test_recording_without_a_ledger_is_the_callers_mistake(self):
        with pytest.raises(ConfigurationError, match="no ledger to record in"):
            request(record=True)

    def test_a_time_without_an_offset_is_the_callers_mistake(self):
        with pytest.raises(ConfigurationError, match="offset"):
            request(now=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("instead", [None, refuse("ledger.unavailable", "ledger.db", "gone"), "sqlite:ledger.db"])
def test_what_is_no_ledger_is_the_callers_mistake(instead):
    with pytest.raises(ConfigurationError, match="is no ledger"):
        Request(source=b"", name="authz", policy=policy(), now=NOW, correlation_id="story", ledger=instead)


class Overtaken:
    """A ledger that somebody else writes into just before its first change is made."""

    def __init__(self, ledger, meanwhile):
        self._ledger, self._meanwhile = ledger, meanwhile

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def swap(self, changes, **named):
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        meanwhile()
        return self._ledger.swap(changes, **named)


class TestRaces:
    def test_whoever_loses_a_race_is_judged_against_what_the_winner_left(self, ledger):
        def overtake():
            if ledger.fetch(SCOPE).state is not None:
                return
            with open_ledger(ledger_path(ledger.url)) as other:
                assert record(other, signed(archive("2.0.0"))).verdict.passed

        engine = StubbornEngine(meanwhile=overtake)
        late = record(ledger, signed(archive("1.0.0")), policy(organisation=(RULES.path,)), rego=engine)
        assert (codes(late.verdict), late.content) == (["version.rollback"], None)
        assert (late.verdict.levels, late.verdict.ledger.before) == (("FAILED",), "0:2.0.0")
        assert mark(ledger) == "0:2.0.0"
        # The organisation's rules, too, have seen what the winner left.
        assert [document["ledger"]["before"] for document in engine.documents] == [None, "0:2.0.0"]

    def test_content_that_is_withdrawn_while_it_is_accepted_without_a_version_is_not_handed_on(self, ledger):
        content, unordered = signed(), policy(version=VersionUnchecked())

        def withdraw(*_):
            with open_ledger(ledger_path(ledger.url)) as other:
                withdraw_digest(other, SCOPE, Digest.of(content), Circumstances(now=NOW))

        late = record(Overtaken(ledger, withdraw), content, unordered)
        assert (codes(late.verdict), late.content) == (["version.quarantined"], None)
        assert [event.kind for event in history(ledger)][-1] is EventKind.DENIED

    def test_of_many_contents_of_one_version_exactly_one_is_accepted(self, ledger):
        contents = [signed(archive(module=b"package authz\n\nn := %d\n" % number)) for number in range(6)]
        start, verdicts = threading.Barrier(len(contents)), []

        def load(content):
            with open_ledger(ledger_path(ledger.url)) as own:
                start.wait()
                verdicts.append(record(own, content).verdict)

        threads = [threading.Thread(target=load, args=(content,)) for content in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winners = [verdict.subject.digest for verdict in verdicts if verdict.passed]
        losers = [codes(verdict) for verdict in verdicts if not verdict.passed]
        assert winners == [ledger.fetch(SCOPE).state.mark.digest]
        assert losers == [["version.equivocation"]] * (len(contents) - 1)


class TestHandingOn:
    def test_the_bytes_handed_on_are_those_that_were_hashed_though_the_file_changes_meanwhile(self, tmp_path):
        path, genuine = tmp_path / "authz.tar.gz", signed()
        path.write_bytes(genuine)
        engine = StubbornEngine(meanwhile=lambda: path.write_bytes(b"something else"))
        result = verify(path, policy(organisation=(RULES.path,)), rego=engine)
        assert path.read_bytes() == b"something else"
        assert (result.verdict.passed, result.content) == (True, genuine)
        assert Digest.of(result.content) == result.verdict.subject.digest

    def test_a_denied_bundle_is_not_handed_on(self):
        assert verify(archive()).content is None

    def test_the_source_that_cannot_be_read_is_undecided(self, tmp_path):
        for path in (tmp_path / "missing", tmp_path / ("a" * 5000), tmp_path / "nul\0"):
            verdict = verify(path).verdict
            assert (codes(verdict), verdict.undecided) == (["input.unreadable"], True)

    def test_what_is_malformed_keeps_its_digest_in_the_verdict(self):
        verdict = verify(b"not an archive").verdict
        assert (verdict.subject.digest, verdict.undecided) == (Digest.of(b"not an archive"), False)


class TestConsistency:
    @pytest.mark.parametrize(
        ("source", "changes"),
        [
            (signed(), {}),
            (archive(), {}),
            (b"", {}),
            (signed(), {"name": "other"}),
            (signed(), {"ledger": Refused(*refuse("ledger.corrupt", "l", "m").reasons)}),
        ],
    )
    def test_decision_reasons_levels_and_content_agree(self, source, changes):
        result = verify(source, **changes)
        verdict = result.verdict
        assert verdict.passed == (verdict.decision is Decision.PASSED) == (not codes(verdict))
        assert (verdict.levels == ("FAILED",)) == (not verdict.passed)
        assert (result.content is not None) == verdict.passed
        assert (verdict.time_verified, verdict.correlation_id) == (NOW, "story")
        assert verdict.subject.name == changes.get("name", NAME)

    def test_errors_come_before_warnings(self):
        severities = [reason.severity for reason in verify(archive()).verdict.reasons]
        assert severities == [Severity.ERROR, Severity.WARNING]
