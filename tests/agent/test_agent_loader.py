"""`verifier.AgentLoader`: an agent's decision, and the bytes that were read here; without one, as it was told."""

import inspect
import os
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import verifier
from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from tests.support.attack_scene import document, opened, stage, state_of
from tests.support.loading.agents import SETTLED, agent, prepare, publish, url
from tests.support.loading.strangers import NOBODY, answering, listening, listening_as_somebody_else
from tests.support.patience import PATIENCE_S
from tests.support.stories import NAME, URI
from verifier.agent import wire
from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.formats.verdict.dossier import Dossier
from verifier.ledger.history import history
from verifier.ledger.open import open_ledger_url
from verifier.reports.table import renderer

ATTACKS = [attack for attack in catalogue() if not attack.max_age]


@pytest.fixture
def loading(place):
    """An `AgentLoader` for the place, made as it is told."""
    with ExitStack() as held:

        def made(**said):
            ledger = held.enter_context(verifier.open_ledger(url(place)))
            loader = verifier.Loader(verifier.load_policy(place / "trust.toml"), ledger)
            said = {"policy": place / "trust.toml", "deadline_s": PATIENCE_S} | said
            return verifier.AgentLoader(loader, place / "agent.sock", **said)

        yield made


def load(loader, place, revision="1.0.0", *, artifact=None, now=None, **said):
    verdict = (place / f"{revision}.json").read_bytes()
    artifact = place / f"{revision}.tar.gz" if artifact is None else artifact
    now = now or datetime.now(UTC) + SETTLED
    return loader.load(artifact, verdict, name=NAME, now=now, correlation_id="asked", **said)


def errors(verification):
    return {reason.code for reason in verification.verdict.reasons if reason.is_error}


def warnings(verification):
    return {reason.code for reason in verification.verdict.reasons if not reason.is_error}


def actors(place):
    with open_ledger_url(url(place)) as ledger:
        return [event.actor for event in history(ledger)]


@pytest.mark.parametrize("as_bytes", [True, False], ids=["bytes", "path"])
def test_what_the_agent_accepts_is_handed_on_from_what_was_read_here(place, loading, as_bytes):
    content = (place / "1.0.0.tar.gz").read_bytes()
    with agent(place):
        loaded = load(loading(required=True), place, artifact=content if as_bytes else None)
    assert loaded.verified.content == content
    assert (loaded.verdict.correlation_id, loaded.verdict.subject.resource_uri) == ("asked", URI)
    assert actors(place) == ["agent"]


def test_bytes_without_a_stated_place_are_judged_as_the_loader_would(place, loading):
    policy = (place / "trust.toml").read_text().replace(f'resource_uri = "{URI}"\n', "")
    (place / "trust.toml").write_text(policy)
    publish(place, "1.0.0")
    content = (place / "1.0.0.tar.gz").read_bytes()
    cold = load(loading(), place, artifact=content, record=False)
    with agent(place):
        warm = load(loading(required=True), place, artifact=content, record=False)
    assert warnings(cold) - warnings(warm) == {"agent.unreachable"}
    assert (errors(warm), warm.verdict.subject) == (errors(cold), cold.verdict.subject)


def test_a_replayed_older_bundle_is_denied(place, loading):
    publish(place, "1.1.0")
    with agent(place):
        loader = loading(required=True)
        assert load(loader, place, "1.1.0").verified is not None
        replayed = load(loader, place, "1.0.0")
        assert errors(replayed) == {"version.rollback"}
        with pytest.raises(verifier.Denied):
            loader.require(
                place / "1.0.0.tar.gz",
                (place / "1.0.0.json").read_bytes(),
                name=NAME,
                now=datetime.now(UTC) + SETTLED,
                correlation_id="asked",
            )


def test_without_an_agent_the_loader_decides_and_the_verdict_says_why(place, loading):
    loaded = load(loading(), place)
    assert loaded.verified.content == (place / "1.0.0.tar.gz").read_bytes()
    assert "agent.unreachable" in warnings(loaded)
    assert actors(place) == ["preload"]


def test_where_an_agent_is_required_its_absence_is_a_denial_and_nothing_is_recorded(place, loading):
    loaded = load(loading(required=True), place)
    assert (errors(loaded), loaded.verified, loaded.verdict.undecided) == ({"agent.unreachable"}, None, True)
    assert actors(place) == []


def test_one_that_says_nothing_is_not_waited_for(place, loading):
    with listening(place / "agent.sock"):
        loaded = load(loading(required=True, deadline_s=0.05), place)
    assert errors(loaded) == {"agent.unreachable"}


def test_nothing_is_said_to_another_user(place, loading, monkeypatch):
    loader = loading(required=True)
    with listening_as_somebody_else(place / "agent.sock") as fake:
        if os.geteuid() != 0:  # it is our own socket then: we are somebody else
            monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert errors(load(loader, place)) == {"agent.untrusted"}
        connection, _ = fake.accept()
        with connection:
            assert connection.recv(1) == b""


def test_one_that_was_named_is_asked(place, loading):
    with listening_as_somebody_else(place / "agent.sock"):  # which says nothing
        loaded = load(loading(required=True, users=frozenset({NOBODY, os.getuid()}), deadline_s=0.05), place)
    assert errors(loaded) == {"agent.unreachable"}


def saying(*answer):
    def answer_(connection):
        connection.recv(wire.MOST_ASKED)
        connection.send(wire.decided(*answer))

    return answer_


class TestAnAnswerThatIsNone:
    """From whoever may answer: it is held against what was asked all the same."""

    def report(self, place, **other):
        with verifier.open_ledger(url(place)) as ledger:
            said = {
                "name": NAME,
                "now": datetime.now(UTC) + SETTLED,
                "correlation_id": "asked",
                "record": False,
            } | other
            artifact = said.pop("artifact", place / "1.0.0.tar.gz")
            policy = verifier.load_policy(said.pop("policy", place / "trust.toml"))
            verdict = verifier.preload(artifact, policy, (place / "1.0.0.json").read_bytes(), ledger, **said).verdict
        return renderer("json")(Dossier(verdicts=(verdict,), references=("x",)))

    def asked(self, place, loading, *answer):
        with answering(place / "agent.sock", saying(*answer)):
            loaded = load(loading(required=True), place)
        assert loaded.verified is None
        return errors(loaded)

    def test_a_report_of_the_same_is_an_answer(self, place, loading):
        with answering(place / "agent.sock", saying(0, self.report(place))):
            assert load(loading(required=True), place).verified is not None

    @pytest.mark.parametrize("said", ["", "PASSED", "{}", "[]", '{"verdict": "PASSED"}'])
    def test_what_is_no_report(self, place, loading, said):
        assert self.asked(place, loading, 0, said) == {"agent.protocol"}

    def test_one_about_other_bytes(self, place, loading):
        publish(place, "1.1.0")
        report = self.report(place)
        with answering(place / "agent.sock", saying(0, report)):
            assert errors(load(loading(required=True), place, "1.1.0")) == {"agent.protocol"}

    def test_one_for_another_question(self, place, loading):
        assert self.asked(place, loading, 0, self.report(place, correlation_id="another")) == {"agent.protocol"}

    def test_a_denial_that_is_called_an_acceptance(self, place, loading):
        assert self.asked(place, loading, 0, self.report(place, artifact=b"another")) == {"agent.protocol"}

    def test_an_acceptance_that_denies(self, place, loading):
        assert self.asked(place, loading, 1, self.report(place)) == {"agent.protocol"}

    def test_one_by_another_policy(self, place, loading):
        (place / "other.toml").write_text(f"{(place / 'trust.toml').read_text()}# another\n")
        report = self.report(place, policy=place / "other.toml")
        assert self.asked(place, loading, 0, report) == {"agent.elsewhere"}


def test_a_policy_that_has_changed_since_it_was_read_is_not_the_loaders(place, loading):
    loader = loading(required=True)
    (place / "trust.toml").write_text((place / "trust.toml").read_text() + "\n# another\n")
    with agent(place):
        assert errors(load(loader, place)) == {"agent.elsewhere"}


def test_another_time_than_the_agents_is_not_answered(place, loading):
    with agent(place):
        loaded = load(loading(required=True), place, now=datetime.now(UTC) + timedelta(hours=1))
    assert errors(loaded) == {"agent.elsewhere"}


def test_another_policy_file_is_elsewhere(place, loading, path):
    prepare(path.parent)
    with agent(place):
        assert errors(load(loading(required=True, policy=path.parent / "trust.toml"), place)) == {"agent.elsewhere"}
        assert errors(load(loading(required=True, policy=path.parent / "none.toml"), place)) == {"agent.elsewhere"}


def test_who_has_the_library_verify_asks_no_agent_that_may_not(place):
    policy = verifier.load_policy(place / "trust.toml")
    policy = replace(policy, sigstore=replace(policy.sigstore, by_library=True))
    with agent(place), verifier.open_ledger(url(place)) as ledger:
        for required, passed in ((True, False), (False, True)):
            socket, file = place / "agent.sock", place / "trust.toml"
            loader = verifier.AgentLoader(verifier.Loader(policy, ledger), socket, policy=file, required=required)
            loaded = load(loader, place)
            assert loaded.verdict.passed == passed
            assert "agent.elsewhere" in (warnings(loaded) if passed else errors(loaded))
    assert "agent" not in actors(place)


def test_what_could_not_be_read_is_denied_and_nobody_is_asked(place, loading):
    loader = loading(required=True)
    assert errors(load(loader, place, artifact=place / "none.tar.gz")) == {"input.unreadable"}
    assert errors(load(loader, place, artifact=refuse("input.too-large", "x", "y"))) == {"input.too-large"}


@pytest.mark.parametrize("verdict", [None, "vsa.json", Path("vsa.json"), {}])
def test_without_a_verdict_it_is_a_mistake_that_says_what_to_do(place, loading, verdict):
    asking = loading()
    with pytest.raises(verifier.ConfigurationError, match="expected a verdict") as why:
        asking.load(b"", verdict, name=NAME, now=datetime.now(UTC), correlation_id="asked")
    assert "CI" in why.value.hint


def test_it_takes_what_a_loader_takes_and_less():
    ours = inspect.signature(verifier.AgentLoader.load).parameters
    theirs = inspect.signature(verifier.Loader.load).parameters
    assert set(theirs) - set(ours) == {"kind", "fallback", "attestations", "whereabouts"}
    assert set(ours) <= set(theirs)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_nothing_that_a_loader_denies_is_accepted_with_an_agent(attack, path):
    folder = Path(path.parent)
    scene = stage(attack, folder)
    verdict = document(scene.folder / VERDICT) if attack.is_verdict else refuse("input.unreadable", "authz", "none")
    try:
        policy = verifier.load_policy(scene.policy)
    except verifier.ConfigurationError:
        return
    with opened(scene) as ledger:
        before = state_of(ledger)
        with agent(folder, policy=scene.policy, ledger=scene.url, clock=lambda: attack.now) as running:
            loader = verifier.AgentLoader(
                verifier.Loader(policy, ledger), running.socket, policy=scene.policy, deadline_s=PATIENCE_S
            )
            for _ in range(2):
                loaded = loader.load(
                    scene.bundle,
                    verdict,
                    name=attack.name,
                    resource_uri=RESOURCE if attack.is_verdict else "",
                    now=attack.now,
                    correlation_id="warm",
                    levels=(attack.level,) if attack.level else (),
                    record=False,
                )
                assert loaded.verified is None
                assert not loaded.verdict.passed
        assert state_of(ledger) == before
