"""What an agent answers is what the hook would have come to by itself, as policy, keys and ledger are now."""

import json
import os
from datetime import UTC, datetime

import pytest

import verifier
from tests.support.loading.agents import SETTLED, agent, ask_about, codes, fields, prepare, publish, url
from tests.support.material import public_pem
from tests.support.stories import NAME
from verifier.agent.client import Unanswered
from verifier.agent.identity import identity_of
from verifier.agent.judge import ledger_identity
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.operate import set_floor
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor


def cold(place, revision):
    """What a hook comes to that asks nobody."""
    with verifier.open_ledger(url(place)) as ledger:
        loaded = verifier.preload(
            place / f"{revision}.tar.gz",
            verifier.load_policy(place / "trust.toml"),
            (place / f"{revision}.json").read_bytes(),
            ledger,
            name=NAME,
            now=datetime.now(UTC) + SETTLED,
            correlation_id="cold",
        )
    return loaded.verdict


def marked(place):
    with open_ledger_url(url(place)) as ledger:
        return ledger.fetch(f"bundle:{NAME}").state.mark.version


def test_an_acceptance_is_recorded_before_it_is_answered(place):
    with agent(place) as running:
        status, report = running.ask()
        assert (status, json.loads(report)["verdict"]) == (0, "PASSED")
        assert marked(place) == "1.0.0"
    with open_ledger_url(url(place)) as ledger:
        accepted = [event for event in history(ledger) if event.kind is EventKind.ACCEPTED]
    assert [(event.actor, event.correlation_id) for event in accepted] == [("agent", "test")]


def test_a_hook_that_only_asks_moves_nothing(place):
    with agent(place) as running:
        assert running.ask(record="0")[0] == 0
    with open_ledger_url(url(place)) as ledger:
        assert list(history(ledger)) == []


def test_a_replayed_older_bundle_is_denied_warm_as_it_is_cold(place):
    publish(place, "1.1.0")
    with agent(place) as running:
        assert [running.ask(each)[0] for each in ("1.0.0", "1.1.0", "1.0.0")] == [0, 0, 1]
        status, report = running.ask("1.0.0")
        assert (status, codes(report)) == (1, {"version.rollback"})
        assert marked(place) == "1.1.0"
        assert {reason.code for reason in cold(place, "1.0.0").reasons if reason.is_error} == {"version.rollback"}


def test_what_is_asked_again_is_judged_again(place):
    with agent(place) as running:
        running.ask()
        with open_ledger_url(url(place)) as ledger:
            raise_floor(ledger)
        status, report = running.ask()
        assert (status, codes(report)) == (1, {"version.below-floor"})


def raise_floor(ledger):
    set_floor(
        ledger,
        f"bundle:{NAME}",
        Floor(version="2.0.0", scheme=Scheme.SEMVER),
        Circumstances(now=datetime.now(UTC) + SETTLED, actor="operator", comment="CVE"),
    )


def test_bytes_that_no_verdict_is_about_are_denied(place):
    content = (place / "1.0.0.tar.gz").read_bytes()
    with agent(place) as running:
        verdict = (place / "1.0.0.json").read_bytes()
        status, report = ask_about(running.socket, fields(place), content + b"\0", verdict)
        assert (status, codes(report)) == (1, {"verdict.subject-mismatch"})
        assert ask_about(running.socket, fields(place), content, b"")[0] != 0
        assert ask_about(running.socket, fields(place), b"", verdict)[0] != 0


def test_a_name_without_a_rule_is_denied(place):
    with agent(place) as running:
        status, report = running.ask(name="other")
        assert (status, codes(report)) == (1, {"trust.no-policy"})


def test_a_verdict_for_another_place_or_level_does_not_count(place):
    with agent(place) as running:
        elsewhere = {"resource-uri": "https://elsewhere.example.org/"}
        assert codes(running.ask(**elsewhere)[1]) == {"verdict.resource-mismatch"}
        content, verdict = ((place / f"1.0.0.{end}").read_bytes() for end in ("tar.gz", "json"))
        asked = [*fields(place), ("level", "SLSA_BUILD_LEVEL_3")]
        assert codes(ask_about(running.socket, asked, content, verdict)[1]) == {"verdict.level-missing"}


def test_an_artifact_that_is_larger_than_the_policy_allows_is_denied(place):
    policy = (place / "trust.toml").read_text()
    (place / "trust.toml").write_text(policy + "[limits]\narchive-bytes = 100\n")
    with agent(place) as running:
        status, report = running.ask()
        assert (status, codes(report)) == (1, {"input.too-large"})


class TestWhatChanges:
    """Policy, keys and ledger are those that are there now."""

    def test_a_key_that_was_taken_away_binds_at_the_next_question(self, place):
        with agent(place) as running:
            assert running.ask()[0] == 0
            (place / "p384.pub").write_bytes(public_pem("ed25519"))
            assert running.ask()[0] != 0

    def test_a_key_that_cannot_be_read_any_more_answers_nobody(self, place):
        with agent(place) as running:
            assert running.ask()[0] == 0
            (place / "p384.pub").rename(place / "gone.pub")
            with pytest.raises(Unanswered) as why:
                running.ask()
            assert why.value.code == "agent.unusable"
            (place / "gone.pub").rename(place / "p384.pub")
            assert running.ask()[0] == 0

    def test_a_policy_that_was_edited_in_place_binds_at_the_next_question(self, place):
        policy = (place / "trust.toml").read_text()
        with agent(place) as running:
            assert running.ask()[0] == 0
            (place / "trust.toml").write_text(policy.replace('signer = "p384"', 'signer = "p256"'))
            assert "signer.untrusted" in codes(running.ask()[1])
        assert "agent.policy-changed" in running.names()

    def test_a_policy_that_everybody_may_exchange_answers_nobody(self, place):
        with agent(place) as running:
            assert running.ask()[0] == 0
            (place / "trust.toml").chmod(0o666)
            with pytest.raises(Unanswered) as why:
                running.ask()
            assert why.value.code == "agent.unusable"

    def test_another_ledger_in_the_place_of_the_first_is_opened(self, place):
        with agent(place) as running:
            assert running.ask()[0] == 0
            for each in place.glob("ledger.db*"):
                each.unlink()
            create_ledger_url(url(place))
            assert running.ask()[0] == 0
            assert marked(place) == "1.0.0"

    def test_a_lost_ledger_is_no_fresh_one(self, place):
        with agent(place) as running:
            assert running.ask()[0] == 0
            known = ledger_identity(url(place))
            for each in place.glob("ledger.db*"):
                each.unlink()
            with pytest.raises(Unanswered) as why:
                running.ask(ledger=known)
            assert why.value.code == "agent.elsewhere"

    def test_a_reload_by_hand_is_told_of(self, place):
        with agent(place) as running:
            running.ask()
            running.server.reload_soon()
            running.wait_for("agent.reloaded")
            assert running.ask()[0] == 0

    def test_a_reload_of_what_cannot_be_used_changes_nothing(self, place):
        with agent(place) as running:
            (place / "trust.toml").rename(place / "elsewhere.toml")
            running.server.reload_soon()
            running.wait_for("agent.reload-refused")
            (place / "elsewhere.toml").rename(place / "trust.toml")
            assert running.ask()[0] == 0


class TestWhatIsNotItsOwn:
    """A hook that was told of another policy or ledger is not answered."""

    @pytest.mark.parametrize("key", ["policy", "ledger"])
    def test_another_file_is_not_answered_for(self, place, tmp_path_factory, key):
        other = prepare(tmp_path_factory.mktemp("other"))
        theirs = dict(fields(other))[key]
        with agent(place) as running:
            with pytest.raises(Unanswered) as why:
                running.ask(**{key: theirs})
            assert why.value.code == "agent.elsewhere"

    def test_the_same_policy_in_another_folder_is_another(self, place, tmp_path_factory):
        """It would name other keys."""
        other = tmp_path_factory.mktemp("other")
        os.link(place / "trust.toml", other / "trust.toml")
        (other / "p256.pub").write_bytes(public_pem("ed25519"))
        (other / "p384.pub").write_bytes(public_pem("ed25519"))
        with agent(place) as running, pytest.raises(Unanswered) as why:
            running.ask(policy=identity_of(f"{other}/trust.toml"))
        assert why.value.code == "agent.elsewhere"

    def test_a_database_by_another_address_is_not_answered_for(self, place):
        with agent(place) as running, pytest.raises(Unanswered) as why:
            running.ask(ledger="url:postgresql://ledger.example.org/verifier")
        assert why.value.code == "agent.elsewhere"

    def test_a_format_that_it_does_not_make_is_said_before_anything_is_recorded(self, place):
        with agent(place) as running, pytest.raises(Unanswered) as why:
            running.ask(format="html")
        assert why.value.code == "agent.elsewhere"
        with open_ledger_url(url(place)) as ledger:
            assert list(history(ledger)) == []


def test_what_was_asked_when_it_is_stopped_is_answered(place):
    with agent(place) as running:
        assert running.ask()[0] == 0
    assert running.names()[-2:] == ["agent.stopping", "agent.stopped"]
    assert not running.socket.exists()
